"""What an editor needs to know of one comment: its log and what the checks saw, its earlier texts,
its author's record, the next one in the queue.

Reads and never writes; case.py shows it, moderation/ acts on the decision.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import bleach
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.desk.owing import read_owed, when
from comments.ledger import Transmission, sent_of
from comments.marking import Change, Piece, difference, mark
from comments.markup import COMMENT_TAGS, links_in
from comments.models import Comment, CommentRevision, ModerationLogEntry
from comments.reasons import label_of, with_labels
from comments.status import MODERATOR_ACTIONS, Action, Status

UNDOABLE = (*MODERATOR_ACTIONS, Action.UNDO, Action.REVISE, Action.DISMISS, Action.MOVE)
MOST_VERSIONS = 20
COUNTED = (Status.APPROVED, Status.PENDING, Status.REJECTED, Status.SPAM)


SENTENCES = {
    Action.SUBMIT: _("%(who)s wrote it at %(time)s"),
    Action.APPROVE: _("%(who)s approved it at %(time)s"),
    Action.HOLD: _("%(who)s held it at %(time)s"),
    Action.REJECT: _("%(who)s rejected it at %(time)s"),
    Action.MARK_SPAM: _("%(who)s marked it as spam at %(time)s"),
    Action.DELETE: _("%(who)s deleted it at %(time)s"),
    Action.EDIT: _("%(who)s edited it at %(time)s"),
    Action.UNDO: _("%(who)s undid the act before at %(time)s"),
    Action.REVISE: _("%(who)s changed its words at %(time)s"),
    Action.DISMISS: _("%(who)s looked at the reports and kept it at %(time)s"),
    Action.NOTE: _("%(who)s left a note at %(time)s"),
    Action.MOVE: _("%(who)s moved it at %(time)s"),
    Action.IMPORT: _("It was written elsewhere at %(time)s and imported"),
}
CHECKED_AGAIN = _("It was checked again at %(time)s, and waits")


def describe(entry: ModerationLogEntry) -> str:
    """Say in a sentence who did what and when: the time alone when it was today."""
    action, who = Action(entry.action), entry.actor_name or _("the site")
    # The site itself notes nothing but that a check has answered.
    is_recheck = action == Action.NOTE and entry.actor_id is None
    sentence = CHECKED_AGAIN if is_recheck else SENTENCES[action]
    return sentence % {"who": who, "time": when(entry.created_at)}


# --- the whole ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dossier:
    """Shape: `log` and `versions` newest first."""

    log: list["LogRow"]
    versions: list["Version"]
    records: list["Record"]
    judged: "Judged"
    owed: list[str]
    text: list[Piece]
    links: tuple[str, ...]
    preview: str
    sent: list[Transmission]


def read_dossier(comment: Comment) -> Dossier:
    """Gather all that a decision on `comment` needs. Queries: 3, and 1 a record (at most 3), and
    1 where a check failed.
    """
    log, olds = read_log(comment), newest_texts(comment)
    newest = next((row.entry for row in log if row.entry.is_judging), None)
    judged = Judged.of(comment, olds, newest.revision, newest.findings) if newest else Judged()
    return Dossier(
        log=log,
        versions=versions_of(comment, olds, log),
        records=list(read_records(comment)),
        judged=judged,
        owed=read_owed([comment], {comment.pk: judged.findings}).get(comment.pk, []),
        text=mark(comment.body, judged.pointing),
        links=links_in(comment.body),
        preview=comment.body_html if comment.is_approved() else without_links(comment.body_html),
        sent=sent_of([comment]).get(comment.pk, []),
    )


def without_links(html: str) -> str:
    """Return sanitised HTML once more sanitised, and without its links: their words stay."""
    return bleach.clean(html, tags=COMMENT_TAGS - {"a"}, attributes={"ol": ["start"]}, strip=True)


def next_pending(comment: Comment) -> Comment | None:
    """Return what follows `comment` in the queue, the oldest first, and after the last the first.

    Queries: 1 or 2, each one step in the queue's index.
    """
    queue = Comment.objects.filter(status=Status.PENDING).exclude(pk=comment.pk)
    queue = queue.order_by("created_at", "pk").only("pk")
    later = queue.filter(created_at__gte=comment.created_at)
    later = later.exclude(created_at=comment.created_at, pk__lt=comment.pk)
    return later.first() or queue.first()


# --- the log --------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogRow:
    entry: ModerationLogEntry
    can_undo: bool = False

    @property
    def sentence(self) -> str:
        return describe(self.entry)

    @property
    def reason(self) -> str:
        return label_of(self.entry)


def read_log(comment: Comment) -> list[LogRow]:
    """Return the acts on a comment, newest first; only the newest may be undone."""
    entries = with_labels(comment.log.order_by("-pk"))
    return [
        LogRow(entry, can_undo=at == 0 and _can_undo(entry)) for at, entry in enumerate(entries)
    ]


def _can_undo(entry: ModerationLogEntry) -> bool:
    # What an author took back is theirs to delete again.
    return entry.action in UNDOABLE and entry.old_status != Status.DELETED


def findings_on(revision: int, log: Iterable[LogRow]) -> list[dict]:
    """Return what the checks said when the text had this revision."""
    for row in log:
        if row.entry.is_judging and row.entry.revision == revision:
            return row.entry.findings
    return []


@dataclass(frozen=True)
class Judged:
    """What the checks said when they were asked last. Nobody asks them of an editor's words.

    Shape: `is_of_earlier_text` where an editor wrote other words since.
    """

    findings: list[dict] = field(default_factory=list)
    is_of_earlier_text: bool = False

    @classmethod
    def of(
        cls,
        comment: Comment,
        olds: Iterable[CommentRevision],
        revision: int,
        findings: list[dict],
    ) -> "Judged":
        """Tell by its earlier texts whether a comment says what was judged as `revision`."""
        # What an undone edit gave back is the judged text again, as a later revision.
        is_same = revision == comment.revision or any(
            old.revision == revision and old.body == comment.body for old in olds
        )
        return cls(findings, not is_same)

    @property
    def pointing(self) -> list[dict]:
        """The findings whose spans are of the text as it stands."""
        return [] if self.is_of_earlier_text else self.findings


# --- texts ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """An earlier text. Shape: `changes` lead from it to the text that replaced it."""

    revision: int
    replaced_at: datetime
    text: list[Piece]
    changes: list[Change]


def newest_texts(comment: Comment) -> list[CommentRevision]:
    """Return the texts that a comment had before, newest first, MOST_VERSIONS of them."""
    return list(comment.revisions.order_by("-revision")[:MOST_VERSIONS])


def versions_of(
    comment: Comment, olds: Iterable[CommentRevision], log: list[LogRow]
) -> list[Version]:
    """Return earlier texts as they are shown, in their order: newest first."""
    versions, newer = [], comment.body
    for old in olds:
        text = mark(old.body, findings_on(old.revision, log))
        versions.append(
            Version(old.revision, old.replaced_at, text, list(difference(old.body, newer)))
        )
        newer = old.body
    return versions


def text_of(comment: Comment, revision: int) -> str | None:
    """Return the text that a comment had at `revision`, or None when it is not kept (any more)."""
    if revision == comment.revision:
        return comment.body
    old = CommentRevision.objects.filter(comment=comment, revision=revision).first()
    return old.body if old else None


# --- the author's record --------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What is known of one source. Shape: `lookups` select its comments, here and in the list."""

    label: str
    value: str
    remark: str
    lookups: dict[str, Any]
    counts: list[tuple[str, int]]
    first_seen_at: datetime

    @property
    def address(self) -> str:
        """Where the list shows all of them."""
        query = urlencode({**self.lookups, "status": "all"})
        return f"{reverse('admin:comments_comment_changelist')}?{query}"


def read_records(comment: Comment) -> Iterator[Record]:
    """Yield what came before from this account, e-mail address and network address."""
    if comment.author_id is not None:
        yield record(
            gettext("Account"),
            str(comment.author),
            gettext("signed in"),
            author__id__exact=comment.author_id,
        )
    if comment.author_email:
        address = comment.author_email
        yield record(gettext("E-mail"), address, remark_on_address(comment), author_email=address)
    if comment.ip_address:
        remark = gettext("may be shared by many")
        if comment.is_address_shortened:
            remark = gettext("its comments whose addresses were shortened")
        yield record(
            gettext("Network"), comment.shown_address, remark, ip_address=comment.ip_address
        )


def remark_on_address(comment: Comment) -> str:
    """Say what is known of whose the e-mail address is; it is about this comment alone."""
    if comment.author_id is not None:
        return gettext("the account's own")
    if comment.email_proved_at is not None:
        return gettext("confirmed by the link in our letter")
    return gettext("typed, not proved")


def record(label: str, value: str, remark: str, **lookups: Any) -> Record:
    per_status = {f"count_{status}": Count("pk", filter=Q(status=status)) for status in COUNTED}
    found = Comment.objects.filter(**lookups).aggregate(first=Min("created_at"), **per_status)
    counts = [(str(status.label), found[f"count_{status}"]) for status in COUNTED]
    return Record(label, value, remark, lookups, counts, found["first"])
