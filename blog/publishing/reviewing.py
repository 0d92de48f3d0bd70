"""From an author who may not publish, or wants another look, to whom it waits for, and back.

What waits can be written in all the same; so an approval is of the very text that was read.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Act, Post, PostStatus
from blog.publishing.copies import take_over
from blog.publishing.log import note_act
from blog.publishing.moving import locked, nothing_to_read, publish
from blog.publishing.revisions import record_before
from blog.publishing.texts import StalePost, needs_a_title, races_told
from blog.states import MOVES
from blog.words import words_of


class Elsewhere(ValidationError):
    """The post is not where this act starts from: somebody has moved it. The message says so."""

    def __init__(self, post: Post) -> None:
        state = {"state": post.get_status_display()}
        super().__init__(_("Nothing was changed: the post is %(state)s now.") % state)


def submit(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Lay a draft before the editors, with what was written beside it. Twice is once.

    Raises: Elsewhere; ValidationError by field while there is nothing to judge.
    """
    with races_told(), transaction.atomic():
        current = locked(post)
        if current.status == PostStatus.REVIEW:
            return current
        _from_there(current, Act.SUBMIT)
        take_over(current, actor=actor)
        # What is judged is kept, to tell later what was changed after it was read.
        record_before(current, words_of(current))
        _fit_to_be_judged(current)
        _move(current, Act.SUBMIT, actor=actor, reason=reason)
    return current


def withdraw(post: Post, *, actor: Any) -> Post:
    """Take a post back before anybody has decided. Raises: Elsewhere."""
    with transaction.atomic():
        current = locked(post)
        _from_there(current, Act.WITHDRAW)
        _move(current, Act.WITHDRAW, actor=actor)
    return current


def ask_for_changes(post: Post, *, actor: Any, reason: str) -> Post:
    """Give a post back to its author with what is to be changed. Raises: Elsewhere."""
    with transaction.atomic():
        current = locked(post)
        _from_there(current, Act.RETURN)
        _move(current, Act.RETURN, actor=actor, reason=reason)
    return current


def approve(post: Post, *, actor: Any, seen_version: int, at: datetime | None = None) -> Post:
    """Publish what waits, now or at an instant to come, if it is still the text that was read.

    Raises: StalePost; Elsewhere; ValidationError by field.
    """
    with transaction.atomic():
        current = locked(post)
        if current.status != PostStatus.REVIEW:
            raise Elsewhere(current)
        if current.text_version != seen_version:
            raise StalePost(current, seen_version)
        return publish(current, actor=actor, at=at)


def _from_there(post: Post, act: Act) -> None:
    if post.status not in MOVES[act][0]:
        raise Elsewhere(post)


def _fit_to_be_judged(post: Post) -> None:
    if not post.title.strip():
        raise ValidationError({"title": needs_a_title()})
    if not post.body.strip():
        raise ValidationError({"body": nothing_to_read()})


def _move(post: Post, act: Act, *, actor: Any, reason: str = "") -> None:
    """Write where the act leads. Readers see none of these states: no page of theirs changes."""
    old, post.status = post.status, MOVES[act][1]
    post.updated_at = timezone.now()
    post.save(update_fields=["status", "updated_at"])
    note_act(act, post, actor=actor, old_status=old, reason=reason)
