"""What an act is bound to: what somebody had before their eyes, and what it is by now."""

from dataclasses import dataclass

from comments.models import Comment, ModerationLogEntry
from comments.status import Status


@dataclass(frozen=True)
class Seen:
    """What somebody had before their eyes when they decided."""

    status: Status
    revision: int

    @classmethod
    def of(cls, comment: Comment) -> "Seen":
        return cls(Status(comment.status), comment.revision)

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """Read `status:revision`, as a form carries it. Raises: ValueError."""
        status, _colon, revision = text.partition(":")
        return cls(Status(status), int(revision))

    def __str__(self) -> str:
        return f"{self.status}:{self.revision}"


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
        entries = self.comment.log.order_by("-pk")
        if self.known is not None:
            return list(entries.filter(pk__gt=self.known.pk)[:20])
        newest = list(entries[:20])
        as_seen = (
            at
            for at, entry in enumerate(newest)
            if (entry.new_status, entry.revision) == (self.seen.status, self.seen.revision)
        )
        return newest[: next(as_seen, len(newest))]
