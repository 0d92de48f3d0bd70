"""Marks of readers who found a comment helpful, and the order of the best that follows from them.

The score is the lower bound of Wilson's interval: of all readers who marked anything in the thread
since the comment came, which share marked this one, and how sure is that? So a late comment is not
behind an early one for being late, and one mark out of one does not beat forty out of fifty.
Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
"""

from typing import Any

from django.db import transaction
from django.db.models import (
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, Sqrt

from comments.models import Comment, HelpfulMark, Thread

# Of a standard normal distribution: 95 % on both sides.
Z = 1.96


class OwnComment(Exception):
    """Nobody marks their own comment."""


def toggle(comment: Comment, user: Any) -> bool:
    """Set a reader's mark on a comment, or take it back; return whether it is set now.

    Raises: OwnComment. Queries: 7 or 8, whatever the thread's size; the scores of all comments
    marked in it are written anew, since one more reader changes the share of each.
    """
    if comment.author_id == user.pk:
        raise OwnComment
    with transaction.atomic():
        thread = Thread.objects.select_for_update().get(pk=comment.thread_id)
        marks = HelpfulMark.objects.filter(user=user)
        others = marks.filter(comment__thread=thread).exclude(comment=comment)
        taken_back, _rows = marks.filter(comment=comment).delete()
        if not taken_back:
            HelpfulMark.objects.create(comment=comment, user=user)
        if not others.exists():
            # The first mark of this reader here, or the last one taken back.
            thread.marker_count += -1 if taken_back else 1
        step = -1 if taken_back else 1
        Comment.objects.filter(pk=comment.pk).update(helpful_count=F("helpful_count") + step)
        thread.version += 1
        thread.save(update_fields=["marker_count", "version"])
        _score(thread)
    return not taken_back


def _score(thread: Thread) -> None:
    marked = Comment.objects.filter(Q(helpful_count__gt=0) | Q(score__gt=0), thread=thread)
    marked.update(score=lower_bound(F("helpful_count"), thread.marker_count - F("markers_before")))


def score_as_marked(comments: QuerySet[Comment]) -> None:
    """Write the scores of comments that came with their marks, of whatever threads. Queries: 1."""
    thread = Thread.objects.filter(pk=OuterRef("thread"))
    readers = Subquery(thread.values("marker_count")) - F("markers_before")
    comments.update(score=lower_bound(F("helpful_count"), readers))


def lower_bound(marks: Combinable, readers: Combinable) -> ExpressionWrapper:
    """Return Wilson's lower bound of marks / readers as an expression; 0 for no mark."""
    n = Cast(Greatest(readers, marks, Value(1)), FloatField())
    share = ExpressionWrapper(Cast(marks, FloatField()) / n, FloatField())
    z2 = Z * Z
    spread = Z * Sqrt((share * (1 - share) + z2 / (4 * n)) / n)
    return ExpressionWrapper((share + z2 / (2 * n) - spread) / (1 + z2 / n), FloatField())
