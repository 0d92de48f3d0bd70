"""A password on top of whatever state a post is in: given, changed, taken away.

It is kept as an account's is. A new one closes the post to whoever had opened it with the one
before: see unlocking.py.
"""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Act, Post, PostStatus
from blog.publishing.around import keep_thread_true, locked
from blog.publishing.log import note_act
from blog.states import IllegalMove, refusal

LEAST_CHARACTERS = 4
# As much as unlocking.py reads.
MOST_CHARACTERS = 1000


def set_password(post: Post, password: str, *, actor: Any, reason: str = "") -> Post:
    """Ask readers of a post for a password from now on.

    Raises: ValidationError on `password`; IllegalMove for what is in the trash.
    """
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS or not password.isprintable():
        raise ValidationError({"password": _("Choose a password of at least 4 characters.")})
    # Made before anybody waits for the row: it takes a third of a second.
    return _write(post, make_password(password), Act.LOCK, actor=actor, reason=reason)


def remove_password(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Ask for none any more. Twice is once. Raises: IllegalMove for what is in the trash."""
    return _write(post, "", Act.UNLOCK, actor=actor, reason=reason)


def _write(post: Post, password: str, act: Act, *, actor: Any, reason: str) -> Post:
    with transaction.atomic():
        current = locked(post)
        if current.status == PostStatus.TRASH:
            raise IllegalMove(refusal(act, PostStatus.TRASH))
        if current.password == password:
            return current
        current.password = password
        current.version += 1
        current.updated_at = timezone.now()
        current.save(update_fields=["password", "version", "updated_at"])
        keep_thread_true(current)
        note_act(act, current, actor=actor, reason=reason)
    return current
