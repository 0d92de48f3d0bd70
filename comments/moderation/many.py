"""What acts on comments, one or thousands, have in common: read under lock, store, write down.

The number of queries does not grow with the number of comments. deciding.py and undoing.py say
what is to become of each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db.models import Case, F, Value, When
from django.utils import timezone

from comments.models import Comment, ModerationLogEntry, Sanction, Thread
from comments.moderation.seen import StaleComment
from comments.publicity import publicity_of
from comments.status import Status
from comments.tally import Tally

# So many in one transaction: others who write wait for no more than that.
AT_ONCE = 500
MOST_AT_ONCE = 10_000
# What only readers of a page need.
UNREAD = ("body", "body_html", "user_agent", "referrer", "facets")


class TooMany(ValueError):
    """More comments than one act may change."""


@dataclass
class BulkResult:
    """Shape: `batch` names the bulk act in the log; `stale` and `illegal` were left alone."""

    batch: UUID = field(default_factory=uuid4)
    done: list[ModerationLogEntry] = field(default_factory=list)
    stale: list[StaleComment] = field(default_factory=list)
    illegal: list[Comment] = field(default_factory=list)
    # Measures against people that ended with it.
    lifted: list[Sanction] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """One comment as it was and as it is to be."""

    old: Comment
    new: Comment

    @property
    def is_any(self) -> bool:
        return self.new is not self.old

    @property
    def shows(self) -> bool:
        """Whether readers see it before or after."""
        return self.is_any and (self.old.is_public() or self.new.is_public())


Some = TypeVar("Some")


def in_parts(all_of: Iterable[Some]) -> Iterator[list[Some]]:
    rest = iter(all_of)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def read_locked(comments: Sequence[Comment]) -> tuple[dict[int, Thread], dict[int, Comment]]:
    """Lock the threads of these comments, then read the comments. Queries: 2.

    A comment that was moved to another thread at this very moment is not among those returned.
    """
    wanted = {comment.thread_id for comment in comments}
    locked = Thread.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    threads = {thread.pk: thread for thread in locked}
    rows = Comment.objects.defer(*UNREAD).annotate(parent_revision=F("parent__revision"))
    read: dict[int, Any] = {
        row.pk: row for row in rows.filter(pk__in=[comment.pk for comment in comments])
    }
    found = {pk: row for pk, row in read.items() if row.thread_id in threads}
    for row in found.values():
        row.thread = threads[row.thread_id]
    return threads, found


def become(old: Comment, status: Status, public: dict[str, Any] | None = None) -> Change:
    """Return the change of a comment to another status, with what readers see by it.

    `public`: what they see where that does not follow from the status and the words.
    """
    if status == old.status and not public:
        return Change(old, old)
    new = copy(old)
    new.status, new.standing_html = status, ""
    values = publicity_of(new) | (public or {})
    for name, value in values.items():
        setattr(new, name, value)
    if public:
        new.meta_html = publicity_of(new)["meta_html"]
    if new.is_public() and not new.shown_version:
        new.shown_version = old.thread.version + 1
    return Change(old, new)


def store(changes: Sequence[Change], threads: dict[int, Thread]) -> None:
    """Write the comments, each compared with what it was, then counters and versions.

    Queries: 1 for each status and revision among them, and a handful.
    """
    changed = [change for change in changes if change.is_any]
    groups: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for change in changed:
        groups[_written(change)].append(change.old.pk)
    for (status, revision, *values), pks in groups.items():
        rows = Comment.objects.filter(pk__in=pks, status=status, revision=revision)
        if rows.update(**dict(zip(WRITTEN, values, strict=True))) != len(pks):
            # Nobody can have been here: the threads are locked.
            raise RuntimeError("Comments changed although their threads are locked.")
    _store_shown(change.new for change in changed if change.new.is_public())
    _store_meta(changed)
    tally = Tally(threads)
    for change in changed:
        if change.shows:
            tally.add(change.new, was_public=change.old.is_public())
    tally.write()


WRITTEN = ("status", "approved_revision", "standing_html")


def _written(change: Change) -> tuple[Any, ...]:
    values = (getattr(change.new, name) for name in WRITTEN)
    return (change.old.status, change.old.revision, *values)


def _store_shown(public: Iterable[Comment]) -> None:
    """Write since which version of its thread each is public. Queries: 1, or none."""
    by_version: defaultdict[int, list[int]] = defaultdict(list)
    for comment in public:
        by_version[comment.shown_version].append(comment.pk)
    if by_version:
        version = Case(*(When(pk__in=pks, then=Value(v)) for v, pks in by_version.items()))
        pks = [pk for same in by_version.values() for pk in same]
        Comment.objects.filter(pk__in=pks).update(shown_version=version)


def _store_meta(changed: Iterable[Change]) -> None:
    """Write the lines above the words that are others now: of edits that waited, seldom more."""
    others = [
        change.new
        for change in changed
        if (change.new.meta_html, change.new.meta_stamp)
        != (change.old.meta_html, change.old.meta_stamp)
    ]
    if others:
        Comment.objects.bulk_update(others, ["meta_html", "meta_stamp"], batch_size=100)


def write_down(changes: Sequence[Change], actor: Any, **fields: Any) -> list[ModerationLogEntry]:
    """Return a row of the log for each change, not yet stored."""
    name = actor.get_short_name() if actor else ""
    fields["created_at"] = fields.get("created_at") or timezone.now()
    return [
        ModerationLogEntry(
            comment=change.new,
            actor=actor,
            actor_name=name,
            old_status=change.old.status,
            new_status=change.new.status,
            revision=change.new.revision,
            public_before=change.old.approved_revision,
            **fields,
        )
        for change in changes
    ]
