"""A comment as it was elsewhere, with its history: what intake.py stores.

Pure facts; whoever reads another system's file makes these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from comments.models import CommentKind, Markup, ReportReason, Thread
from comments.status import Action, Status


@dataclass(frozen=True)
class Act:
    """One row of a comment's history. Shape: `undoes` is the index of an earlier row of it."""

    action: Action
    new_status: Status
    at: datetime
    old_status: str = ""
    actor_id: int | None = None
    actor_name: str = ""
    revision: int = 1
    reason: str = ""
    note: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    batch: UUID | None = None
    undoes: int | None = None
    public_before: int | None = field(default=None, repr=False)
    # What the author was told; and what undoing an editor's change of words needs.
    message: str = field(default="", repr=False)
    detail: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Earlier:
    """A text that a comment had before an edit."""

    revision: int
    body: str
    markup: Markup
    replaced_at: datetime
    was_public: bool = field(default=False, repr=False)


@dataclass(frozen=True)
class Mark:
    """That a reader with an account here found the comment helpful."""

    user_id: int
    at: datetime


@dataclass(frozen=True)
class Reported:
    """What a reader told the editors of the comment.

    Shape: `key` is "" for a reader with an account here. `settled_by` is the index of the act in
    the comment's history that answered it.
    """

    reason: ReportReason
    at: datetime
    reporter_id: int | None = None
    key: str = ""
    note: str = ""
    settled_by: int | None = None


@dataclass
class Arrival:
    """A comment as it was elsewhere. Shape: ids are the source's own; `parent_id` is "" for a root.

    `position` is its place in the file, in which places only grow. `number` is wanted, and given
    where it is free. An empty `history` becomes one row that says it was imported.
    """

    external_id: str
    parent_id: str
    thread: Thread
    position: int
    status: Status
    body: str
    markup: Markup
    created_at: datetime
    author_name: str
    author_email: str = ""
    author_website: str = ""
    author: Any = None
    author_mark: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    referrer: str = ""
    seconds_taken: float | None = None
    honeypot: str = ""
    submission_key: str = ""
    kind: CommentKind = CommentKind.COMMENT
    number: int | None = None
    revision: int = 1
    edited_at: datetime | None = None
    # Where readers keep seeing one of `earlier` while the newest words wait for an editor.
    approved_revision: int | None = None
    email_proved_at: datetime | None = None
    earlier: Sequence[Earlier] = ()
    history: Sequence[Act] = ()
    marks: Sequence[Mark] = ()
    markers_before: int = 0
    is_edited_by_editor: bool = False
    reports: Sequence[Reported] = ()
    # Places by thread and number that it left when it was moved.
    places_left: Sequence[tuple[int, int]] = ()
    line: int | None = None
    is_stone: bool = False
    # Stored by an earlier run: what is left of it here is its place in the order of the file.
    is_here: bool = False

    @property
    def standing(self) -> Earlier | None:
        """The approved words that readers see while the newest wait for an editor."""
        if self.status != Status.PENDING or self.approved_revision is None:
            return None
        before = (each for each in self.earlier if each.revision < self.revision)
        return next((each for each in before if each.revision == self.approved_revision), None)

    @cached_property
    def digest(self) -> str:
        """Of all that the source says of it and that may change; its place in a thread may not.

        A tombstone has none: nothing is said of it.
        """
        if self.is_stone:
            return ""
        told: tuple[Any, ...] = (
            self.status, self.body, self.markup, self.created_at, self.author_name,
            self.author_email, self.author_website, self.kind, self.edited_at,
            tuple(replace(act, actor_id=None) for act in self.history), tuple(self.earlier),
        )  # fmt: skip
        # What came to be told later counts where it is told, so that older digests still hold.
        newer = (
            self.email_proved_at,
            self.standing,
            [each.revision for each in self.earlier if each.was_public],
            [(at, act.public_before) for at, act in enumerate(self.history) if act.public_before],
        )
        if any(newer):
            told += newer
        newest = (
            self.is_edited_by_editor,
            [(at, act.message) for at, act in enumerate(self.history) if act.message],
            [(at, act.detail) for at, act in enumerate(self.history) if act.detail],
        )
        if any(newest):
            told += newest
        return sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()

    def without_words(self) -> "Arrival":
        return replace(self, body="", earlier=(), history=(), is_here=True)


def tombstone(reply: Arrival) -> Arrival:
    """Return what stands where a reply's parent is missing: a place without words."""
    external_id = reply.parent_id
    return Arrival(
        external_id=external_id,
        parent_id="",
        thread=reply.thread,
        position=reply.position,
        status=Status.DELETED,
        body="",
        markup=Markup.HTML,
        created_at=reply.created_at,
        author_name="",
        # Where comments keep the numbers they had, a missing one keeps its own as well.
        number=int(external_id) if reply.number and external_id.isdecimal() else None,
        line=reply.line,
        is_stone=True,
    )
