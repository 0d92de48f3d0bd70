"""Pages of a long thread in another order than that of the paths: the roots, then their branches.

Two queries whatever the length: branches lie scattered in the thread, and so many ranges of paths
are fetched at once.
"""

from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat

from comments.models import Comment, Thread, path_segment
from comments.pages import ThreadPage, branch_size, fold, page_size
from comments.paging import Place, Sort
from comments.prepared import Prepared
from comments.rows import END, MOST_RANGES, NO_ID, Comments, Row, ranges_of, rows_of

# As many branches a page shows at the most, where they lie scattered in the thread.
MOST_SCATTERED = MOST_RANGES
FIGURES = {Sort.REPLIES: "living_replies", Sort.BEST: "score"}


def sorted_page(thread: Thread, place: Place, comments: Comments, *, is_shared: bool) -> ThreadPage:
    is_back = place.cursor == "before"
    if place.is_first:
        roots = _first_roots(place.sort, branch_size(), most_roots(place.sort)).rows(thread.pk)
    else:
        roots = list(_roots(thread.pk, place)[: most_roots(place.sort) + 1])
    picked: list[tuple[int, str, str]] = []
    held = 0
    for number, path, living, cut in roots[: most_roots(place.sort)]:
        size = min(1 + living, branch_size())
        if picked and held + size > page_size():
            break
        picked.append((number, path, cut))
        held += size
    is_last = len(picked) == len(roots)
    if is_back:
        picked.reverse()
    pinned_number = thread.pinned_number if place.is_first else None
    rows, pinned = _branches(
        thread,
        comments,
        picked,
        pinned_number,
        is_by_path=place.sort not in FIGURES,
        is_shared=is_shared,
    )
    first, last = (picked[0][0], picked[-1][0]) if picked else (0, 0)
    previous = following = None
    if picked and (is_back or place.cursor):
        previous = None if is_back and is_last else place.at("before", first)
    if picked and (is_back or not is_last):
        following = place.at("after", last)
    return ThreadPage(thread, place, rows, previous, following, pinned=pinned)


def most_roots(sort: Sort) -> int:
    """Return how many branches a page may have: those that stand side by side are one range."""
    return MOST_SCATTERED if sort in FIGURES else page_size()


@lru_cache(maxsize=16)
def _first_roots(sort: Sort, size: int, most: int) -> Prepared:
    """`size`: of the branches that are not folded; the query depends on it."""
    place = Place(sort=sort)
    return Prepared(lambda thread_id: _roots(thread_id, place)[: most + 1], NO_ID)


def _roots(thread_id: int, place: Place) -> QuerySet[Any, Any]:
    """Return (number, path, living replies, path of the first comment that is folded)."""
    roots = Comment.objects.shown().filter(thread=thread_id, depth=0)
    if place.cursor:
        roots = roots.filter(_beyond(thread_id, place))
    figure = FIGURES.get(place.sort)
    order = [f"-{figure}", "path"] if figure else ["-path"]
    if place.cursor == "before":
        order = [name.removeprefix("-") if name[0] == "-" else f"-{name}" for name in order]
    roots = roots.annotate(cut=_cut()).order_by(*order)
    return roots.values_list("number", "path", "living_replies", "cut")


def _beyond(thread_id: int, place: Place) -> Q:
    """Return which roots come after (or before) the one that the place names."""
    path = path_segment(place.number)
    is_back, equal = place.cursor == "before", "e" if place.cursor == "from" else ""
    figure = FIGURES.get(place.sort)
    if figure is None:
        return Q(**{"path__gt" if is_back else f"path__lt{equal}": path})
    of_it = Comment.objects.filter(thread=thread_id, number=place.number)
    named = Subquery(of_it.values(figure)[:1])
    return Q(**{f"{figure}__gt" if is_back else f"{figure}__lt": named}) | Q(
        **{figure: named, "path__lt" if is_back else f"path__gt{equal}": path}
    )


def _cut() -> Case:
    """Return the path of the first comment of a branch that its page does not show, or null."""
    size = branch_size()
    within = Comment.objects.shown().filter(
        thread=OuterRef("thread"),
        path__gte=OuterRef("path"),
        path__lt=Concat(OuterRef("path"), Value(END)),
    )
    beyond = within.order_by("path").values("path")[size : size + 1]
    return Case(When(living_replies__gte=size, then=Subquery(beyond)))


def _ranges(picked: Sequence[tuple[int, str, str]], is_by_path: bool) -> list[tuple[str, str]]:
    """Return the ranges of paths that these branches take up.

    Where the order is that of the paths, branches stand side by side and are one range together.
    """
    ranges: list[tuple[str, str]] = []
    for _number, path, cut in sorted(picked, key=itemgetter(1)):
        if is_by_path and ranges and ranges[-1][1].endswith(END):
            ranges[-1] = (ranges[-1][0], cut or path + END)
        else:
            ranges.append((path, cut or path + END))
    return ranges


def _branches(
    thread: Thread,
    comments: Comments,
    picked: Sequence[tuple[int, str, str]],
    pinned_number: int | None,
    *,
    is_by_path: bool,
    is_shared: bool,
) -> tuple[list[Row], Row | None]:
    """Return the rows of these branches, in the order of the branches, and the pinned one."""
    if not picked:
        return [], None
    ranges = _ranges(picked, is_by_path)
    place_of = {path: place for place, (_number, path, _cut) in enumerate(picked)}
    if is_shared and pinned_number is None:
        found = ranges_of(thread, ranges)
    else:
        wanted = Q(thread=thread, number=pinned_number) if pinned_number is not None else Q()
        for first, end in ranges:
            wanted |= Q(thread=thread, path__gte=first, path__lt=end)
        found = rows_of(comments().filter(wanted))
    pinned = next((row for row in found if row.number == pinned_number), None)
    cuts = {path: cut for _number, path, cut in picked}
    rows = [row for row in found if row.root in cuts and row.path < (cuts[row.root] or END)]
    rows.sort(key=lambda row: (place_of[row.root], row.path))
    for _number, path, cut in picked:
        if cut:
            fold(rows, path)
    return rows, pinned
