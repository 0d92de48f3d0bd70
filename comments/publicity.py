"""What of a comment readers see: the columns that follow from its status and words. Pure.

moderation/ and transfer/ write them in the transaction that changes the status.
"""

from typing import Any

from comments.meta import meta_html, meta_stamp
from comments.models import Comment
from comments.status import Status


def publicity_of(comment: Comment) -> dict[str, Any]:
    """Return the columns of a comment whose newest words are as public as its status says."""
    return {
        "approved_revision": comment.revision if comment.status == Status.APPROVED else None,
        "standing_html": "",
        "meta_html": meta_html(comment),
        "meta_stamp": meta_stamp(),
    }


def make_true(comment: Comment, standing: tuple[int, str] | None = None) -> None:
    """Give a comment that is about to be stored the columns that follow from its status.

    Shape: `standing` is the revision that readers keep seeing while the newest waits, and its HTML.
    """
    # The line above the words is made of these, too.
    comment.approved_revision, comment.standing_html = standing or (None, "")
    stays = ("approved_revision", "standing_html") if standing else ()
    for name, value in publicity_of(comment).items():
        if name not in stays:
            setattr(comment, name, value)
