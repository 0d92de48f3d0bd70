"""What an author lays before the editors, and the approval of the very text that was read.

What waits can be written in all the same. The moves themselves are moving.py's.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from blog.models import Act, Post, PostStatus
from blog.publishing.around import locked
from blog.publishing.moving import move, nothing_to_read, publish
from blog.publishing.revisions import record_before
from blog.publishing.texts import StalePost, needs_a_title, races_told
from blog.states import IllegalMove, refusal
from blog.words import words_of


def submit(
    post: Post, *, actor: Any, reason: str = "", tell: Callable[[Post], None] = lambda _post: None
) -> Post:
    """Lay a draft before the editors, with what was written beside it. Twice is once.

    `tell`: called in the same transaction, and only where it did not wait already.

    Raises: IllegalMove; ValidationError by field while there is nothing to judge.
    """
    with transaction.atomic():
        was_waiting = locked(post).status == PostStatus.REVIEW
        moved = move(post, Act.SUBMIT, actor=actor, reason=reason)
        _fit_to_be_judged(moved)
        # What is judged is kept, to tell later what was changed after it was read.
        record_before(moved, words_of(moved))
        if not was_waiting:
            tell(moved)
    return moved


def _fit_to_be_judged(post: Post) -> None:
    if not post.title.strip():
        raise ValidationError({"title": needs_a_title()})
    if not post.body.strip():
        raise ValidationError({"body": nothing_to_read()})


def approve(post: Post, *, actor: Any, seen_version: int, at: datetime | None = None) -> Post:
    """Publish what waits, now or at an instant to come, if it is still the text that was read.

    Raises: StalePost; IllegalMove; ValidationError by field.
    """
    with races_told(), transaction.atomic():
        current = locked(post)
        if current.status != PostStatus.REVIEW:
            raise IllegalMove(refusal(Act.RETURN, PostStatus(current.status)))
        if current.text_version != seen_version:
            raise StalePost(current, seen_version)
        return publish(current, actor=actor, at=at)
