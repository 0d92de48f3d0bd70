"""A branch on a page of its own: a comment and what stands below it, with what it answers above."""

from functools import lru_cache
from html import unescape
from typing import Any

from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Greatest
from django.utils.html import strip_tags

from comments.models import PATH_SEGMENT, Comment, Thread
from comments.pages import Quoted, ThreadPage, page_size
from comments.paging import Place
from comments.prepared import Prepared
from comments.quoting import cut
from comments.rows import (
    END,
    NO_BRANCH,
    NO_ID,
    NO_NUMBER,
    NO_PATH,
    Comments,
    Row,
    rows_of,
    shown_values,
)

EXCERPT_CHARACTERS = 140
# Of HTML that so much text is cut from.
EXCERPT_FROM = 2_000
# Above a branch stand its root and the nearest comments that it answers.
MOST_QUOTED = 4


def branch_page(thread: Thread, place: Place, comments: Comments, *, is_shared: bool) -> ThreadPage:
    """Return a comment and what stands below it, or what of that comes after another."""
    limit = page_size() + 1
    after = place.number if place.cursor == "after" else 0
    if is_shared:
        asked = (thread.pk, place.branch, *([after] if after else []))
        found = [Row(*values) for values in _branch_query(limit, bool(after)).rows(*asked)]
    else:
        found = rows_of(_below(comments(), thread.pk, place.branch, after)[:limit])
    page = found[: page_size()]
    if not page:
        return ThreadPage(thread, place, page)
    following = place.at("after", page[-1].number) if len(found) > len(page) else None
    return ThreadPage(thread, place, page, None, following, _above(thread, page[0]))


def _below(
    comments: QuerySet[Any, Any], thread_id: int, branch: int, after: int
) -> QuerySet[Any, Any]:
    top = _path_of(thread_id, branch)
    rows = comments.filter(path__lt=Concat(top, Value(END)))
    if after:
        # One lower bound: with two, the database may begin at the wrong one. PostgreSQL takes the
        # greatest of those that are there, so one that is not is beyond every path.
        known = [Coalesce(each, Value(END)) for each in (top, _path_of(thread_id, after))]
        return rows.filter(path__gt=Greatest(*known)).order_by("path")
    return rows.filter(path__gte=top).order_by("path")


@lru_cache(maxsize=8)
def _branch_query(limit: int, is_onward: bool) -> Prepared:
    def build(thread_id: int, branch: int, after: int = 0) -> QuerySet[Any, Any]:
        return _below(shown_values().filter(thread=thread_id), thread_id, branch, after)[:limit]

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
    # Each term says all that its index begins with.
    above = Comment.objects.filter(Q(thread=thread_id, path__in=paths) | Q(pk=parent_id))
    columns = ("number", "author_name", "approved_revision", "standing_html", "body_html")
    return above.order_by("path").values_list(*columns)


ABOVE = Prepared(
    _above_query, NO_ID, *(f"{NO_PATH}{at}" for at in range(MOST_QUOTED + 1)), NO_BRANCH
)


def excerpt_of(html: str) -> str:
    if len(html) > EXCERPT_FROM:
        html = html[:EXCERPT_FROM]
        if html.rfind("<") > html.rfind(">"):
            html = html[: html.rfind("<")]
    text = " ".join(unescape(strip_tags(html.replace("<", " <"))).split())
    return text if len(text) <= EXCERPT_CHARACTERS else cut(text, EXCERPT_CHARACTERS)
