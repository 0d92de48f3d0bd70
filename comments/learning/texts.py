"""What an example says: the words as they were decided on, in the order of the fold."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from comments.models import Comment, CommentRevision, Label, LearnerExample
from comments.spam.learner.features import Written

# So many texts are read at once.
PART = 200


class Told(NamedTuple):
    """An example with its words."""

    order: int
    is_spam: bool
    written: Written


def read_after(order: int, until: int, most: int) -> list[Told]:
    """Return the next examples, at most so many. Queries: 1."""
    before = CommentRevision.objects.filter(
        comment=OuterRef("comment"), revision=OuterRef("revision")
    )
    rows = LearnerExample.objects.filter(order__gt=order, order__lte=until).order_by("order")
    asked = rows.annotate(before=Subquery(before.values("body")[:1])).values_list(
        *("order", "label", "revision", "before"),
        *("comment__revision", "comment__body", "comment__author_name", "comment__author_website"),
    )
    return [
        Told(order, label == Label.SPAM, Written(body if is_newest else before or "", name, site))
        for order, label, revision, before, newest, body, name, site in asked[:most]
        for is_newest in [revision == newest]
    ]


def all_after(order: int, until: int) -> Iterator[Told]:
    """Yield all of them. Queries: 1 for each PART."""
    while part := read_after(order, until, PART):
        yield from part
        order = part[-1].order


def written_in(comment: Comment) -> Written:
    """Return what a comment says by now."""
    return Written(comment.body, comment.author_name, comment.author_website)
