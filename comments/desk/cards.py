"""A page of cards: for each comment of a queue all that a decision needs, in a constant number of
queries.

Reads and never writes; views.py shows the cards, deciding.py acts. The single comment's page with
everything there is stands in dossier.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from comments import reports, sanctions
from comments.desk.acts import Button, buttons_for
from comments.desk.addresses import Addresses, Desk
from comments.desk.dossier import Judged, LogRow, Version
from comments.desk.owing import read_owed
from comments.desk.records import Past, read_past
from comments.marking import Change, Piece, difference, mark
from comments.markup import is_safe_url, links_in
from comments.models import Comment, CommentRevision, ModerationLogEntry, Report, Sanction
from comments.moderation import Seen
from comments.outgoing import address_of
from comments.reasons import with_labels

LAST_ROWS = 4
LAST_VERSIONS = 3
MOST_LINKS = 20
MOST_REPORTS = 20
# What is longer is folded: the rest is one press away.
FOLD_LINES = 14
FOLD_CHARACTERS = 1_200


@dataclass(frozen=True)
class Text:
    """A text with its marks. Shape: `rest` is what is folded, `lines` and `marks` are of that."""

    head: list[Piece]
    rest: list[Piece] = field(default_factory=list)
    lines: int = 0
    marks: int = 0


@dataclass(frozen=True)
class Card:
    """Shape: `log` newest first; `past` may be None for a comment that is gone by now."""

    comment: Comment
    seen: Seen
    buttons: list[Button]
    text: Text
    parent_text: Text | None
    judged: Judged
    links: list[str]
    more_links: int
    past: Past | None
    reports: list[Report]
    measures: list[Sanction]
    owed: list[str]
    log: list[LogRow]
    versions: list[Version]
    thread_address: str
    at: Addresses
    letter_to: str

    @property
    def key(self) -> str:
        """What the card goes by in its page: text, which Django writes as it is."""
        return str(self.comment.pk)

    @property
    def open_address(self) -> str:
        """Where readers see it, or at least what it is about."""
        if self.comment.is_public() and self.comment.thread.is_public:
            return self.comment.get_absolute_url()
        return self.thread_address

    @property
    def is_pinned(self) -> bool:
        return self.comment.thread.pinned_number == self.comment.number


def read_cards(comments: Sequence[Comment]) -> list[Card]:
    """Gather the cards of some comments, in their order.

    Queries: at most 11, and none for no comments. Each is bounded by an index, however many
    comments there are.
    """
    if not comments:
        return []
    prefetch_related_objects(list(comments), "thread", "author", "parent")
    log, judged = _read_log(comments), _read_judged(comments)
    versions = _read_versions(comments)
    past, measures = read_past(comments), sanctions.on(comments)
    reported = [comment for comment in comments if comment.open_reports]
    told = reports.of(reported) if reported else {}
    owed = read_owed(comments, {pk: findings for pk, (_revision, findings) in judged.items()})
    desk = Desk.here()
    return [
        _card(
            comment,
            at=desk.about(comment.pk, comment.thread_id),
            judged=_judged(comment, judged.get(comment.pk), versions[comment.pk]),
            log=log[comment.pk],
            versions=_with_changes(comment, versions[comment.pk]),
            past=past.get(comment.pk),
            reports=told.get(comment.pk, [])[:MOST_REPORTS],
            measures=measures.get(comment.pk, []),
            owed=owed.get(comment.pk, []),
        )
        for comment in comments
    ]


def read_card(comment: Comment) -> Card:
    return read_cards([comment])[0]


def _card(comment: Comment, *, judged: Judged, **gathered: Any) -> Card:
    links = links_in(comment.body)
    parent, thread = comment.parent, comment.thread
    return Card(
        comment=comment,
        seen=Seen.with_parent(comment),
        buttons=buttons_for(comment),
        text=fold(mark(comment.body, judged.pointing)),
        parent_text=fold(mark(parent.body, [])) if parent and parent.body else None,
        judged=judged,
        links=list(links[:MOST_LINKS]),
        more_links=max(len(links) - MOST_LINKS, 0),
        thread_address=thread.url if is_safe_url(thread.url, relative=True) else "",
        letter_to=address_of(comment),
        **gathered,
    )


# --- long texts ---------------------------------------------------------------------------------


def fold(pieces: list[Piece]) -> Text:
    """Keep the beginning of a long text open and fold the rest. Pure."""
    whole = "".join(piece.text for piece in pieces)
    at = _fold_at(whole)
    if at >= len(whole):
        return Text(pieces)
    head, rest, read = [], [], 0
    for piece in pieces:
        cut = min(max(at - read, 0), len(piece.text))
        read += len(piece.text)
        if cut == len(piece.text):
            head.append(piece)
        elif cut == 0:
            rest.append(piece)
        else:
            head.append(Piece(piece.text[:cut], piece.pointed))
            rest.append(Piece(piece.text[cut:], piece.pointed, piece.ending))
    lines = whole[at:].strip("\n").count("\n") + 1
    marks = sum(len(piece.ending) for piece in rest)
    return Text(head, rest, lines, marks)


def _fold_at(whole: str) -> int:
    """Return where a text is folded: after so many lines or characters, at the end of a line or
    word; its length where it is hardly longer.
    """
    at = -1
    for _line in range(FOLD_LINES):
        at = whole.find("\n", at + 1)
        if at < 0:
            break
    at = len(whole) if at < 0 else at + 1
    if at > FOLD_CHARACTERS:
        space = whole.rfind(" ", FOLD_CHARACTERS - 200, FOLD_CHARACTERS)
        at = space + 1 if space > 0 else FOLD_CHARACTERS
    return at if len(whole) - at > FOLD_CHARACTERS // 8 or "\n" in whole[at:-1] else len(whole)


# --- what was done, what was written before -----------------------------------------------------


def _read_log(comments: Sequence[Comment]) -> dict[int, list[LogRow]]:
    """Return the last acts on each, newest first. Queries: 1."""
    nth = Window(RowNumber(), partition_by=F("comment"), order_by=F("pk").desc())
    entries = with_labels(ModerationLogEntry.objects.filter(comment__in=comments))
    entries = entries.defer("findings", "detail")
    rows: dict[int, list[LogRow]] = defaultdict(list)
    for entry in entries.annotate(nth=nth).filter(nth__lte=LAST_ROWS).order_by("-pk"):
        rows[entry.comment_id].append(LogRow(entry))
    return rows


def _read_judged(comments: Sequence[Comment]) -> dict[int, tuple[int, list[dict]]]:
    """Return which revision of each the checks saw last, and what they said. Queries: 1."""
    nth = Window(RowNumber(), partition_by=F("comment"), order_by=F("pk").desc())
    judged = ModerationLogEntry.objects.judging().filter(comment__in=comments)
    newest = judged.annotate(nth=nth).filter(nth=1).order_by()
    return {of: (*said,) for of, *said in newest.values_list("comment", "revision", "findings")}


def _judged(
    comment: Comment, said: tuple[int, list[dict]] | None, olds: Iterable[CommentRevision]
) -> Judged:
    return Judged.of(comment, olds, *said) if said else Judged()


def _read_versions(comments: Sequence[Comment]) -> dict[int, list[CommentRevision]]:
    """Return the last texts that each had before. Queries: 1, or none."""
    edited = [comment for comment in comments if comment.revision > 1]
    found: dict[int, list[CommentRevision]] = defaultdict(list)
    if edited:
        nth = Window(RowNumber(), partition_by=F("comment"), order_by=F("revision").desc())
        old = CommentRevision.objects.filter(comment__in=edited).defer("body_html")
        for text in old.annotate(nth=nth).filter(nth__lte=LAST_VERSIONS).order_by("-revision"):
            found[text.comment_id].append(text)
    return found


def _with_changes(comment: Comment, olds: Iterable[CommentRevision]) -> list[Version]:
    versions, newer = [], comment.body
    for old in olds:
        changes: list[Change] = list(difference(old.body, newer))
        versions.append(Version(old.revision, old.replaced_at, mark(old.body, []), changes))
        newer = old.body
    return versions
