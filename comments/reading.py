"""A page of a thread, whatever the place: the one way in to what readers read.

What is read here is the same for every reader and depends on nothing but the thread's version, so
views may cache it; readers.py says what one reader sees beside it. Other orders are in sorts.py, a
branch alone in branches.py.
"""

from collections.abc import Iterable
from functools import partial
from itertools import groupby
from operator import attrgetter

from django.db.models import Q

from comments.branches import branch_page
from comments.meta import meta_html, meta_stamp
from comments.models import Comment, Thread, path_segment
from comments.pages import ThreadPage, branch_size, fold, page_size, root_number
from comments.paging import FIRST, Place, Sort
from comments.rows import END, SHOWN, WAITING, Comments, Row, range_of, rows_of
from comments.sorts import sorted_page


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
    # Made when it is asked for: what everybody sees is asked in queries that are written already.
    comments = partial(thread.comments.filter, visible)
    if place.branch:
        page = branch_page(thread, place, comments, is_shared=own is None)
    elif thread.approved_count <= page_size():
        rows = range_of(thread) if own is None else rows_of(comments().order_by("path"))
        page = _whole(thread, place, rows)
    elif place.sort == Sort.OLDEST:
        page = _oldest(thread, place, comments, is_shared=own is None)
    else:
        # Not of the thread once more: SQLite would look through all of it, and at no range.
        scattered = partial(Comment.objects.filter, visible)
        page = sorted_page(thread, place, scattered, is_shared=own is None)
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
    following = None if is_last else FIRST.at("after", root_number(rows[-1]))
    renew_lines(rows)
    return ThreadPage(thread, FIRST, arrange(rows), None, following)


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
    thread: Thread, place: Place, comments: Comments, *, is_shared: bool = False
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
        rows = rows_of(comments().filter(path__gte=first).order_by("path")[:limit])
    rows, is_last = _whole_branches(rows)
    if not is_last and rows[-1].more:
        is_last = _ends_the_thread(thread, rows) if first else _is_all_of_it(thread, rows)
    following = None if is_last else place.at("after", root_number(rows[-1]))
    previous = place.at("before", root_number(rows[0])) if first and rows else None
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
        fold(page, last)
    return page, False


def _ends_the_thread(thread: Thread, rows: list[Row]) -> bool:
    """Tell whether nothing follows a branch whose tail is folded. Queries: 1."""
    return not thread.comments.shown().filter(depth=0, path__gt=rows[-1].root + END).exists()


def _is_all_of_it(thread: Thread, rows: list[Row]) -> bool:
    """Tell whether a first page and the tail that it folds are the whole thread."""
    return sum(row.is_public for row in rows) + rows[-1].more >= thread.approved_count


def _before(thread: Thread, place: Place, comments: Comments) -> ThreadPage:
    """Return the page that ends where another begins."""
    end = path_segment(place.number)
    above = comments().filter(path__lt=end).order_by("-path")
    rows = rows_of(above[: page_size() + 1])[::-1]
    if len(rows) <= page_size():
        # The beginning is reached: that is the first page.
        return _oldest(thread, Place(), comments)
    first = rows[0].root
    whole = [row for row in rows if row.root != first]
    if len(whole) < branch_size():
        # The end of a branch too long for one page: it is read from its beginning.
        return _oldest(thread, place.at("from", root_number(rows[0])), comments)
    previous = place.at("before", root_number(whole[0]))
    return ThreadPage(thread, place, whole, previous, place.at("from", place.number))


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


def _pinned(page: ThreadPage, comments: Comments) -> Row | None:
    number = page.thread.pinned_number
    if number is None or not page.place.is_first:
        return None
    on_page = page.pinned or next((row for row in page.rows if row.number == number), None)
    if on_page is None:
        on_page = next(iter(rows_of(comments().filter(number=number))), None)
    return on_page if on_page is not None and on_page.is_public else None


def renew_lines(rows: Iterable[Row]) -> None:
    """Make anew the lines that another release or language has rendered, for this page alone."""
    stamp = meta_stamp()
    stale = {row.pk: row for row in rows if row.meta_stamp != stamp}
    if stale:
        for comment in Comment.objects.defer("body", "body_html").filter(pk__in=stale):
            stale[comment.pk].meta_html = meta_html(comment)
