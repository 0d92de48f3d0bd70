"""What a post's page shows and that can change, asked in one query, for the readers that share it.

Two pages of equal facts are the same page. kept.py keeps pages by them, views.py makes pages of
them. A reader with a cookie of ours is not among these; for them views.py asks in the usual way.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from blog.caching import key_of
from blog.models import Post, PostKind
from comments.models import Thread
from comments.prepared import Prepared

THREAD = tuple(field.attname for field in Thread._meta.concrete_fields)
# Of the post and what stands around it; its text changes with its version.
BESIDE = (
    "pk", "version", "password", "author__display_name", "author__slug",
    "previous_slug", "previous_title", "next_slug", "next_title", "files_count",
)  # fmt: skip
# The thread's own facts change what stands below the post, and nothing else of its page.
OF_THE_SHELL = ("title", "url", "owner_id", "public_at")
# What changes without anything changing on the page: a comment that waits takes a number, too.
UNSEEN = frozenset(["last_number", "marker_count", "last_comment_at"])
SHOWN = tuple(name for name in THREAD if name not in UNSEEN)
# No slug has a space, and nothing was published at that instant.
SLUG, INSTANT = "a slug to come", datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Facts:
    """Shape: `key` is another one for every other page, `shell_key` for every other page with
    another discussion below it.
    """

    thread: Thread
    key: str
    shell_key: str
    is_locked: bool


def facts_of(slug: str) -> Facts | None:
    """Return the facts of a public post. Queries: 1."""
    rows = ASKED.rows(slug, timezone.now())
    if not rows:
        return None
    of_thread, flags, beside = _split(rows[0])
    thread = Thread.from_db(connection.alias, THREAD, of_thread)
    shown = tuple(getattr(thread, name) for name in SHOWN)
    shell = tuple(getattr(thread, name) for name in OF_THE_SHELL)
    return Facts(
        thread,
        key=key_of(shown, flags, beside),
        shell_key=key_of(shell, flags, beside),
        is_locked=bool(beside[BESIDE.index("password")]),
    )


def _split(row: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]:
    end = len(THREAD)
    return row[:end], row[end : end + 2], row[end + 2 :]


def _asked(slug: str, now: datetime) -> QuerySet[Any, Any]:
    posts = Post.objects.published(now).for_reading(now).with_files()
    posts = posts.filter(kind=PostKind.POST, slug=slug).order_by()
    return posts.values_list(
        *(f"thread__{name}" for name in THREAD),
        # What the clock changes.
        _flag(thread__public_at__lte=now),
        _flag(thread__closes_at__lte=now),
        *BESIDE,
    )


def _flag(**condition: Any) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**condition), output_field=BooleanField(null=True))


ASKED = Prepared(_asked, SLUG, INSTANT)
