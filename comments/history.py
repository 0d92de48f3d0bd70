"""What a comment said before it was edited: the texts that readers saw, and what changed in each.

What an editor never let through is shown to its author and to editors alone, and no difference is
drawn against it for others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from comments.guests import viewer_of
from comments.marking import Change, difference
from comments.models import Comment, Markup
from comments.quoting import plain_text
from comments.status import Status
from comments.views import public_thread

MOST_TEXTS = 20


@dataclass(frozen=True)
class Text:
    """One text of a comment. Shape: `changes` lead to it from the one shown before it; the first
    has one change, the whole of it, kept."""

    revision: int
    source: str
    written_at: datetime
    is_public: bool
    changes: tuple[Change, ...] = ()


@require_safe
def history(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Show the texts of a comment, newest first. Queries: 3, and the session's own."""
    comments = public_thread(thread_id).comments.select_related("thread")
    comment = get_object_or_404(comments, number=number)
    sees_all = sees_everything(request, comment)
    if comment.status == Status.DELETED or not (comment.is_public() or sees_all):
        raise Http404
    texts = read_texts(comment, only_public=not sees_all)
    context = {"comment": comment, "thread": comment.thread, "texts": texts}
    response = render(request, "comments/history.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response


def sees_everything(request: HttpRequest, comment: Comment) -> bool:
    """Tell whether the reader wrote the comment or judges it. What was removed is the judges'."""
    if request.user.has_perm("comments.moderate_comment"):
        return True
    return viewer_of(request).wrote(comment) and comment.status != Status.REJECTED


def read_texts(comment: Comment, *, only_public: bool) -> list[Text]:
    """Return at most MOST_TEXTS texts of a comment, newest first. Queries: 1."""
    shown = [each for each in all_texts(comment) if each.is_public or not only_public]
    shown = shown[:MOST_TEXTS]
    compared = [
        replace(newer, changes=tuple(difference(older.source, newer.source)))
        for newer, older in pairwise(shown)
    ]
    first = [replace(each, changes=(Change("kept", each.source),)) for each in shown[-1:]]
    return compared + first


def all_texts(comment: Comment) -> Iterator[Text]:
    """Yield every text that is kept, newest first."""
    earlier = list(comment.revisions.order_by("-revision"))
    # A text was written when the one before it was replaced.
    since = [each.replaced_at for each in earlier] + [comment.created_at]
    yield Text(
        comment.revision,
        source(comment.body, comment.body_html, comment.markup),
        since[0],
        comment.approved_revision == comment.revision,
    )
    for each, written_at in zip(earlier, since[1:], strict=True):
        text = source(each.body, each.body_html, each.markup)
        yield Text(each.revision, text, written_at, each.was_public)


def source(body: str, html: str, markup: str) -> str:
    """Return a text as it was typed. Of HTML only what readers saw: the rest may be anything."""
    return plain_text(html) if markup == Markup.HTML else body
