"""What an act is bound to: what somebody had before their eyes, and what it is by now."""

from dataclasses import dataclass
from typing import Any

from comments.models import Comment, ModerationLogEntry
from comments.status import Action, Status

MOST_SINCE = 20


@dataclass(frozen=True)
class Seen:
    """What somebody had before their eyes when they decided.

    Shape: `parent` is what the comment answers, as (id, revision), (0, 0) if nothing; None where it
    was not shown.
    """

    status: Status
    revision: int
    parent: tuple[int, int] | None = None

    @classmethod
    def of(cls, comment: Comment) -> "Seen":
        """Return what a page shows of a comment that does not show what it answers."""
        return cls(Status(comment.status), comment.revision)

    @classmethod
    def with_parent(cls, comment: Comment) -> "Seen":
        """Return what a page shows of a comment beside what it answers.

        Queries: 1 where the parent has not been read.
        """
        return cls(Status(comment.status), comment.revision, parent_of(comment))

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """Read `status:revision[:parent.revision]`, as a form carries it. Raises: ValueError."""
        status, _colon, rest = text.partition(":")
        revision, colon, parent = rest.partition(":")
        return cls(Status(status), _number(revision), _pair(parent) if colon else None)

    def __str__(self) -> str:
        parent = f":{self.parent[0]}.{self.parent[1]}" if self.parent else ""
        return f"{self.status}:{self.revision}{parent}"

    def is_still(self, comment: Comment) -> bool:
        """Tell whether a comment is as it was seen. Queries: as with_parent(), where it counts."""
        as_it_is = Seen.of(comment) if self.parent is None else Seen.with_parent(comment)
        return self == as_it_is


def parent_of(comment: Any) -> tuple[int, int]:
    """Return what a comment answers. A comment that was read with `parent_revision` knows it."""
    if comment.parent_id is None:
        return 0, 0
    if hasattr(comment, "parent_revision"):
        return comment.parent_id, comment.parent_revision
    return comment.parent_id, comment.parent.revision


def _pair(text: str) -> tuple[int, int]:
    pk, _dot, revision = text.partition(".")
    return _number(pk), _number(revision)


def _number(text: str) -> int:
    """Read a number that a database can hold. Raises: ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValueError(f"This is no number: {text[:20]!r}")
    return int(text)


class StaleComment(Exception):
    """The comment is no longer what was seen; nothing was written.

    Shape: `comment` as it stands now, `since` the log entries that the decision did not know of,
    newest first. `known` is the last entry it did know of, where that is more than a status.
    """

    def __init__(
        self, comment: Comment, seen: Seen, known: ModerationLogEntry | None = None
    ) -> None:
        super().__init__(f"Comment {comment.pk} is {Seen.of(comment)}, not {seen}.")
        self.comment = comment
        self.seen = seen
        self.known = known

    @property
    def since(self) -> list[ModerationLogEntry]:
        """Queries: 1. Notes change nothing that was seen, so they are left out."""
        entries = self.comment.log.exclude(action=Action.NOTE).order_by("-pk")
        if self.known is not None:
            return list(entries.filter(pk__gt=self.known.pk)[:MOST_SINCE])
        newest = list(entries[:MOST_SINCE])
        as_seen = (
            at
            for at, entry in enumerate(newest)
            if (entry.new_status, entry.revision) == (self.seen.status, self.seen.revision)
        )
        return newest[: next(as_seen, len(newest))]

    @property
    def parent_changed(self) -> bool:
        """Whether what it answers has other words by now, or is another comment."""
        return self.seen.parent not in (None, parent_of(self.comment))
