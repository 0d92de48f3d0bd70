"""A thread as ordered rows: sorts, pages of whole branches, a branch alone.

What is read here is the same for every reader and depends on nothing but the thread's version, so
views may cache it; readers.py says what one reader sees beside it, drawing.py makes HTML of both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from django.conf import settings
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils.html import strip_tags
from django.utils.text import Truncator

from comments.meta import meta_html, meta_stamp
from comments.models import PATH_LEVELS, PATH_SEGMENT, Comment, Thread, path_segment
from comments.paging import FIRST, Place, Sort
from comments.prepared import Prepared
from comments.status import Status

INDENT_LEVELS = 6
# Beyond every path that begins with one: the digits end with "z".
END = "~"
# As many branches a page of a long thread shows at the most, where they lie scattered in it.
MOST_SCATTERED = 50
EXCERPT_CHARACTERS = 140
# Of HTML that so much text is cut from.
EXCERPT_FROM = 2_000
# Above a branch stand its root and the nearest comments that it answers.
MOST_QUOTED = 4
# No thread has that id, and no comment that number, id or path.
NO_ID, NO_PATH, NO_BRANCH, NO_NUMBER = 918273645546372819, "~~", 2_147_483_646, 2_147_483_645
SHOWN = Q(approved_revision__isnull=False) | Q(living_replies__gt=0)


@dataclass(slots=True)
class Row:
    """One comment on the page, and where it stands in the nested list.

    Shape: after the row come a list of replies (`opens`) or the ends of `closes` lists; then the
    line that says how many of its branch stand elsewhere (`more`).
    """

    pk: int
    parent_id: int | None
    number: int
    path: str
    kind: str
    status: str
    approved_revision: int | None
    living_replies: int
    author_id: int | None
    author_name: str
    shown_version: int
    helpful_count: int
    score: float
    meta_html: str
    meta_stamp: str
    standing_html: str
    body_html: str
    level: int = 0
    parent: "Row | None" = None
    next_number: int = 0
    opens: bool = False
    closes: int = 0
    more: int = 0

    @property
    def is_public(self) -> bool:
        return self.approved_revision is not None

    @property
    def is_waiting(self) -> bool:
        """Its author's eyes only, for others it is gone. Spam is not told that it is."""
        return not self.is_public and self.status in WAITING

    @property
    def is_tombstone(self) -> bool:
        return not self.is_public and not self.is_waiting

    @property
    def root(self) -> str:
        return self.path[:PATH_SEGMENT]


WAITING = frozenset([Status.PENDING, Status.SPAM])
COLUMNS = tuple(Row.__dataclass_fields__)[: list(Row.__dataclass_fields__).index("level")]


@dataclass(frozen=True)
class Quoted:
    """A comment above a branch's own page, quoted short."""

    number: int
    name: str
    excerpt: str


@dataclass(frozen=True)
class ThreadPage:
    """Shape: `previous` and `next` are places or None."""

    thread: Thread
    place: Place
    rows: list[Row]
    previous: Place | None = None
    next: Place | None = None
    ancestors: list[Quoted] = field(default_factory=list)
    pinned: Row | None = None

    @property
    def pinned_html(self) -> tuple[int, str, str] | None:
        """What the page says of its pinned comment, wherever else that stands."""
        if (row := self.pinned) is None:
            return None
        return row.number, row.meta_html, row.standing_html or row.body_html

    @property
    def numbers(self) -> set[int]:
        return {row.number for row in self.rows}


def page_size() -> int:
    return settings.COMMENTS_PAGE_SIZE


def branch_size() -> int:
    """Return how many comments of one branch a page of several shows; the others are folded."""
    return max(page_size() // 2, 1)


def read_page(thread: Thread, place: Place = FIRST, own: Q | None = None) -> ThreadPage:
    """Return a page of a thread. A place that is not there gives the first page.

    `own`: the comments of a reader who sees them before an editor has let them through.
    Queries: 1 for the oldest first and for a thread that fits one page; 2 for any other sort, a
    branch alone, or a page that ends within a very long branch; 1 more for a pinned comment that
    stands elsewhere, and for lines that another release has rendered.
    """
    if own is None and place.is_first and place.sort == Sort.OLDEST and not thread.pinned_number:
        return _shared_beginning(thread)
    visible = SHOWN if own is None else SHOWN | own & Q(status__in=WAITING)
    comments = thread.comments.filter(visible)
    if place.branch:
        page = _branch(thread, place, comments, is_shared=own is None)
    elif thread.approved_count <= page_size():
        rows = range_of(thread) if own is None else rows_of(comments.order_by("path"))
        page = _whole(thread, place, rows)
    elif place.sort == Sort.OLDEST:
        page = _oldest(thread, place, comments, is_shared=own is None)
    else:
        # Not of the thread once more: SQLite would look through all of it, and at no range.
        scattered = Comment.objects.filter(visible)
        page = _sorted(thread, place, scattered, is_shared=own is None)
    if not page.rows and not place.is_first:
        return read_page(thread, Place(sort=place.sort), own)
    pinned = _pinned(page, comments)
    renew_lines(page.rows if pinned is None else [*page.rows, pinned])
    return ThreadPage(
        thread, page.place, arrange(page.rows), page.previous, page.next, page.ancestors, pinned
    )


def _shared_beginning(thread: Thread) -> ThreadPage:
    """Return the page that most readers ask for, without a query that is written for it."""
    if thread.approved_count <= page_size():
        rows, is_last = range_of(thread), True
    else:
        rows, is_last = _whole_branches(range_of(thread, "", page_size() + 1))
        is_last = is_last or _is_all_of_it(thread, rows)
    following = None if is_last else FIRST.at("after", _root_number(rows[-1]))
    renew_lines(rows)
    return ThreadPage(thread, FIRST, arrange(rows), None, following)


def rows_of(comments: QuerySet[Comment]) -> list[Row]:
    return [Row(*values) for values in comments.values_list(*COLUMNS)]


def range_of(thread: Thread, first: str = "", limit: int | None = None) -> list[Row]:
    """Return what stands on the page from a path on, in talk order, for readers of nothing else."""
    asked = (thread.pk,) if limit is None else (thread.pk, first)
    return [Row(*values) for values in _range(limit).rows(*asked)]


@lru_cache(maxsize=8)
def _range(limit: int | None) -> Prepared:
    """Return the query of all of a thread, or of the next `limit` from a path on."""
    if limit is None:
        return Prepared(lambda thread_id: _shown().filter(thread=thread_id), NO_ID)
    return Prepared(
        lambda thread_id, first: _shown().filter(thread=thread_id, path__gte=first)[:limit],
        NO_ID,
        NO_PATH,
    )


def ranges_of(thread: Thread, ranges: Sequence[tuple[str, str]]) -> list[Row]:
    """Return what stands on the page in these [first, end) ranges of paths, in no order."""
    bounds = [bound for each in ranges for bound in each]
    return [Row(*values) for values in _ranges_query(len(ranges)).rows(thread.pk, *bounds)]


@lru_cache(maxsize=MOST_SCATTERED + 1)
def _ranges_query(count: int) -> Prepared:
    def build(thread_id: int, *bounds: str) -> QuerySet[Any, Any]:
        wanted = Q()
        for first, end in batched(bounds):
            wanted |= Q(thread=thread_id, path__gte=first, path__lt=end)
        return _shown().filter(wanted).order_by()

    return Prepared(build, NO_ID, *(f"{NO_PATH}{bound}" for bound in range(2 * count)))


def batched(bounds: Sequence[str]) -> Iterable[tuple[str, str]]:
    return zip(bounds[::2], bounds[1::2], strict=True)


def _shown() -> QuerySet[Any, Any]:
    return Comment.objects.filter(SHOWN).order_by("path").values_list(*COLUMNS)


def row_of(comment: Comment) -> Row:
    return Row(*(getattr(comment, name) for name in COLUMNS))


# --- a thread that fits one page ----------------------------------------------------------------


def _whole(thread: Thread, place: Place, rows: list[Row]) -> ThreadPage:
    if place.sort == Sort.OLDEST:
        return ThreadPage(thread, Place(), rows)
    branches = [list(branch) for _root, branch in groupby(rows, attrgetter("root"))]
    if place.sort == Sort.NEWEST:
        branches.reverse()
    elif place.sort == Sort.REPLIES:
        branches.sort(key=lambda branch: -branch[0].living_replies)
    elif place.sort == Sort.BEST:
        branches.sort(key=lambda branch: -branch[0].score)
    return ThreadPage(thread, Place(sort=place.sort), [row for each in branches for row in each])


# --- the oldest first: one range of paths ---------------------------------------------------------


def _oldest(
    thread: Thread, place: Place, comments: QuerySet[Comment], *, is_shared: bool = False
) -> ThreadPage:
    """`is_shared`: the comments are those that everybody sees."""
    if place.cursor == "before":
        return _before(thread, place, comments)
    first = ""
    if place.cursor:
        first = path_segment(place.number) + (END if place.cursor == "after" else "")
    limit = page_size() + 1
    if is_shared:
        rows = range_of(thread, first, limit)
    else:
        rows = rows_of(comments.filter(path__gte=first).order_by("path")[:limit])
    rows, is_last = _whole_branches(rows)
    if not is_last and rows[-1].more:
        is_last = _ends_the_thread(thread, rows) if first else _is_all_of_it(thread, rows)
    following = None if is_last else place.at("after", _root_number(rows[-1]))
    previous = place.at("before", _root_number(rows[0])) if first and rows else None
    return ThreadPage(thread, place, rows, previous, following)


def _whole_branches(rows: list[Row]) -> tuple[list[Row], bool]:
    """Cut one page from what was read: at the end of a branch, or within a very long one.

    Returns the page and whether nothing comes after it.
    """
    if len(rows) <= page_size():
        return rows, True
    last = rows[-1].root
    whole = [row for row in rows if row.root != last]
    if len(whole) >= branch_size():
        return whole, False
    page = rows[: page_size()]
    if page[-1].root == last:
        _fold(page, last)
    return page, False


def _ends_the_thread(thread: Thread, rows: list[Row]) -> bool:
    """Tell whether nothing follows a branch whose tail is folded. Queries: 1."""
    return not thread.comments.shown().filter(depth=0, path__gt=rows[-1].root + END).exists()


def _is_all_of_it(thread: Thread, rows: list[Row]) -> bool:
    """Tell whether a first page and the tail that it folds are the whole thread."""
    return sum(row.is_public for row in rows) + rows[-1].more >= thread.approved_count


def _fold(rows: list[Row], root: str) -> None:
    """Say at a branch's last row how many more there are."""
    branch = [row for row in rows if row.root == root]
    replies = sum(row.is_public for row in branch[1:])
    branch[-1].more = max(branch[0].living_replies - replies, 0)


def _before(thread: Thread, place: Place, comments: QuerySet[Comment]) -> ThreadPage:
    """Return the page that ends where another begins."""
    end = path_segment(place.number)
    above = comments.filter(path__lt=end).order_by("-path")
    rows = rows_of(above[: page_size() + 1])[::-1]
    if len(rows) <= page_size():
        # The beginning is reached: that is the first page.
        return _oldest(thread, Place(), comments)
    first = rows[0].root
    whole = [row for row in rows if row.root != first]
    if len(whole) < branch_size():
        # The end of a branch too long for one page: it is read from its beginning.
        return _oldest(thread, place.at("from", _root_number(rows[0])), comments)
    previous = place.at("before", _root_number(whole[0]))
    return ThreadPage(thread, place, whole, previous, place.at("from", place.number))


def _root_number(row: Row) -> int:
    return int(row.root, 36)


# --- the other sorts: first the roots, then their branches ----------------------------------------

FIGURES = {Sort.REPLIES: "living_replies", Sort.BEST: "score"}


def _sorted(
    thread: Thread, place: Place, comments: QuerySet[Comment], *, is_shared: bool
) -> ThreadPage:
    is_back = place.cursor == "before"
    if place.is_first:
        roots = _first_roots(place.sort, branch_size()).rows(thread.pk)
    else:
        roots = list(_roots(thread.pk, place)[: MOST_SCATTERED + 1])
    picked: list[tuple[int, str, str]] = []
    held = 0
    for number, path, living, cut in roots[:MOST_SCATTERED]:
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


@lru_cache(maxsize=16)
def _first_roots(sort: Sort, size: int) -> Prepared:
    """`size`: of the branches that are not folded; the query depends on it."""
    place = Place(sort=sort)
    return Prepared(lambda thread_id: _roots(thread_id, place)[: MOST_SCATTERED + 1], NO_ID)


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
    comments: QuerySet[Comment],
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
    wanted = Q(thread=thread, number=pinned_number) if pinned_number is not None else Q()
    for first, end in ranges:
        wanted |= Q(thread=thread, path__gte=first, path__lt=end)
    place_of = {path: place for place, (_number, path, _cut) in enumerate(picked)}
    if is_shared and pinned_number is None:
        found = ranges_of(thread, ranges)
    else:
        found = rows_of(comments.filter(wanted))
    pinned = next((row for row in found if row.number == pinned_number), None)
    cuts = {path: cut for _number, path, cut in picked}
    rows = [row for row in found if row.root in cuts and row.path < (cuts[row.root] or END)]
    rows.sort(key=lambda row: (place_of[row.root], row.path))
    for _number, path, cut in picked:
        if cut:
            _fold(rows, path)
    return rows, pinned


# --- a branch on its own page ---------------------------------------------------------------------


def _branch(
    thread: Thread, place: Place, comments: QuerySet[Comment], *, is_shared: bool
) -> ThreadPage:
    """Return a comment and what stands below it, or what of that comes after another."""
    limit = page_size() + 1
    after = place.number if place.cursor == "after" else 0
    if is_shared:
        asked = (thread.pk, place.branch, *([after] if after else []))
        found = [Row(*values) for values in _branch_query(limit, bool(after)).rows(*asked)]
    else:
        found = rows_of(_below(comments, thread.pk, place.branch, after)[:limit])
    page = found[: page_size()]
    if not page:
        return ThreadPage(thread, place, page)
    following = place.at("after", page[-1].number) if len(found) > len(page) else None
    return ThreadPage(thread, place, page, None, following, _above(thread, page[0]))


def _below(
    comments: QuerySet[Any, Any], thread_id: int, branch: int, after: int
) -> QuerySet[Any, Any]:
    top = _path_of(thread_id, branch)
    rows = comments.filter(path__gte=top, path__lt=Concat(top, Value(END)))
    if after:
        rows = rows.filter(path__gt=_path_of(thread_id, after))
    return rows.order_by("path")


@lru_cache(maxsize=8)
def _branch_query(limit: int, is_onward: bool) -> Prepared:
    def build(thread_id: int, branch: int, after: int = 0) -> QuerySet[Any, Any]:
        return _below(_shown().filter(thread=thread_id), thread_id, branch, after)[:limit]

    return Prepared(build, NO_ID, NO_BRANCH, *([NO_NUMBER] if is_onward else []))


def _path_of(thread_id: int, number: int) -> Subquery:
    return Subquery(Comment.objects.filter(thread=thread_id, number=number).values("path")[:1])


def _above(thread: Thread, row: Row) -> list[Quoted]:
    """Return what a row answers, and what that answers, quoted short, from the root down."""
    paths = [row.path[:end] for end in range(PATH_SEGMENT, len(row.path), PATH_SEGMENT)]
    wanted = {*paths[:1], *paths[1:][-MOST_QUOTED:]}
    # A path that is nowhere, where there are fewer.
    padded = [*wanted, *[NO_PATH] * (MOST_QUOTED + 1 - len(wanted))]
    rows = ABOVE.rows(thread.pk, *padded, row.parent_id or 0)
    return [
        Quoted(number, name, excerpt_of(standing or body)) if revision else Quoted(number, "", "")
        for number, name, revision, standing, body in rows
    ]


def _above_query(thread_id: int, *wanted: Any) -> QuerySet[Any, Any]:
    *paths, parent_id = wanted
    # Not `thread=` for both: SQLite would look through all of it.
    above = Comment.objects.filter(Q(thread=thread_id, path__in=paths) | Q(pk=parent_id))
    columns = ("number", "author_name", "approved_revision", "standing_html", "body_html")
    return above.order_by("path").values_list(*columns)


ABOVE = Prepared(
    _above_query, NO_ID, *(f"{NO_PATH}{at}" for at in range(MOST_QUOTED + 1)), NO_BRANCH
)


def excerpt_of(html: str) -> str:
    if len(html) > EXCERPT_FROM:
        html = html[:EXCERPT_FROM].rpartition("<")[0]
    text = " ".join(strip_tags(html.replace("<", " <")).split())
    return Truncator(text).chars(EXCERPT_CHARACTERS)


# --- what every page needs ------------------------------------------------------------------------


def arrange(rows: list[Row]) -> list[Row]:
    """Say of rows in talk order where each stands in a nested list, in one pass.

    A row's level is how many of its ancestors stand on this page, whatever is missing between.
    """
    above: list[Row] = []
    by_id: dict[int | None, Row] = {}
    before: Row | None = None
    for row in rows:
        sibling = None
        while above and not row.path.startswith(above[-1].path):
            sibling = above.pop()
        row.level = level = len(above)
        row.parent = by_id.get(row.parent_id)
        if sibling is not None and sibling.level == level:
            sibling.next_number = row.number
        if before is not None:
            before.opens = level > before.level
            before.closes = max(before.level - level, 0)
        above.append(row)
        by_id[row.pk] = before = row
    if before is not None:
        before.opens, before.closes = False, before.level
    return rows


def parent_number(row: Row) -> int:
    """Return the number of what a row answers where it is not on the page, or 0.

    Beyond the last level that a path holds, it does not say so.
    """
    if row.parent_id is None or len(row.path) >= PATH_SEGMENT * PATH_LEVELS:
        return 0
    return int(row.path[-2 * PATH_SEGMENT : -PATH_SEGMENT] or "0", 36)


def _pinned(page: ThreadPage, comments: QuerySet[Comment]) -> Row | None:
    number = page.thread.pinned_number
    if number is None or not page.place.is_first:
        return None
    on_page = page.pinned or next((row for row in page.rows if row.number == number), None)
    if on_page is None:
        on_page = next(iter(rows_of(comments.filter(number=number))), None)
    return on_page if on_page is not None and on_page.is_public else None


def renew_lines(rows: Iterable[Row]) -> None:
    """Make anew the lines that another release or language has rendered, for this page alone."""
    stamp = meta_stamp()
    stale = {row.pk: row for row in rows if row.meta_stamp != stamp}
    if stale:
        for comment in Comment.objects.defer("body", "body_html").filter(pk__in=stale):
            stale[comment.pk].meta_html = meta_html(comment)
