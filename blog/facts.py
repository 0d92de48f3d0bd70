"""What a post's page shows and that can change, asked in one query, for the readers that share it.

Two pages of equal facts are the same page. kept.py keeps pages by them, views.py makes pages of
them. A reader with a cookie of ours is not among these; for them views.py asks in the usual way.
"""

from datetime import UTC, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from blog.caching import key_of
from blog.models import Post, PostKind, PostStatus
from comments.models import Thread
from comments.models.threads import CLOSES_SOON
from comments.prepared import Prepared

THREAD = tuple(field.attname for field in Thread._meta.concrete_fields)
# Of the post and what stands around it; its text changes with its version.
BESIDE = (
    "pk", "version", "status", "password", "author__display_name", "author__slug",
    "previous_slug", "previous_title", "next_slug", "next_title", "files_count",
    "parts_before", "parts", "part_before", "part_after", "coauthor_rows",
)  # fmt: skip
# What changes without anything changing on the page: a comment that waits takes a number, too.
UNSEEN = frozenset(["last_number", "marker_count", "last_comment_at"])
# What is said of the comments and their number; all else is the shell's.
COUNTED = UNSEEN | {"approved_count", "version"}
OF_THE_SHELL = tuple(at for at, name in enumerate(THREAD) if name not in COUNTED)
# Three things that the clock changes stand before what is beside.
FLAGS = 3
SHOWN = itemgetter(
    *(at for at, name in enumerate(THREAD) if name not in UNSEEN),
    *range(len(THREAD), len(THREAD) + FLAGS + len(BESIDE)),
)
# No slug has a space, and nothing was published at that instant.
SLUG, INSTANT = "a slug to come", datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)
SOON = INSTANT + CLOSES_SOON


class Facts:
    """One row of facts. What only a page that is not kept asks for is worked out when asked."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.row = row
        self.beside = row[len(THREAD) :]

    @property
    def shown(self) -> tuple[Any, ...]:
        """Others for every other page. Shape: what a database gives, to be compared."""
        shown: tuple[Any, ...] = SHOWN(self.row)
        return shown

    @property
    def key(self) -> str:
        """Another one for every other page."""
        return key_of(self.shown)

    @property
    def shell_key(self) -> str:
        """Another one for every page that differs in more than its comments and their number."""
        is_empty, is_one = self.thread.approved_count == 0, self.thread.approved_count == 1
        return key_of([self.row[at] for at in OF_THE_SHELL], is_empty, is_one, self.beside)

    @property
    def thread_id(self) -> int:
        return self.row[THREAD.index("id")]

    @property
    def is_locked(self) -> bool:
        return bool(self.beside[FLAGS + BESIDE.index("password")])

    @property
    def is_unlisted(self) -> bool:
        return self.beside[FLAGS + BESIDE.index("status")] == PostStatus.UNLISTED

    @cached_property
    def thread(self) -> Thread:
        values = ASKED.converted([self.row])[0][: len(THREAD)]
        return Thread.from_db(connection.alias, THREAD, values)


def facts_of(slug: str) -> Facts | None:
    """Return the facts of a public post. Queries: 1."""
    now = timezone.now()
    rows = ASKED.raw_rows(slug, now, now + CLOSES_SOON)
    return Facts(rows[0]) if rows else None


def _asked(slug: str, now: datetime, soon: datetime) -> QuerySet[Any, Any]:
    posts = Post.objects.readable(now).for_reading(now).with_files()
    posts = posts.filter(kind=PostKind.POST, slug=slug).order_by()
    return posts.values_list(
        *(f"thread__{name}" for name in THREAD),
        # What the clock changes.
        _flag(thread__public_at__lte=now),
        _flag(thread__closes_at__lte=now),
        _flag(thread__closes_at__lte=soon),
        *BESIDE,
    )


def _flag(**condition: Any) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**condition), output_field=BooleanField(null=True))


ASKED = Prepared(_asked, SLUG, INSTANT, SOON)
