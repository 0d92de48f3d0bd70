"""What editors did is taken back: the exact inverse as new rows, of one act or of a bulk act.

What others did since is kept: an act is undone only while none stands after it on the comment.
A reply that was posted in the act goes with it, unless somebody answered it or acted on it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from comments.learning.examples import follow
from comments.models import Comment, CommentRevision, ModerationLogEntry, OutgoingLetter, Sanction
from comments.moderation.answering import is_answered, new_act, replies_with
from comments.moderation.many import (
    BulkResult,
    Change,
    become,
    in_parts,
    read_locked,
    store,
    write_down,
)
from comments.moderation.moving import move_back, was_moved
from comments.moderation.revising import give_back, words_before
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.standing import not_overtaken, not_undone
from comments.outgoing import withdraw_letters
from comments.reports import reopen_many, settle_many
from comments.sanctions import lift_batch
from comments.spam.akismet.feedback import count_reports, queue_reports
from comments.status import MODERATOR_ACTIONS, Action, IllegalTransition, Status, allowed
from comments.turns import turn

UNDOABLE = (*MODERATOR_ACTIONS, Action.UNDO, Action.REVISE, Action.DISMISS, Action.MOVE)


def undo(entry: ModerationLogEntry, *, actor: Any, batch: UUID | None = None) -> ModerationLogEntry:
    """Write the inverse of a moderator's act as a new row, and of a reply that was part of it.

    Raises: StaleComment when somebody acted on the comment since, IllegalTransition for an act
    that has no inverse or is undone already, CannotMove.
    """
    if not can_be_undone(entry):
        raise IllegalTransition(f"This cannot be undone: {entry.action}.")
    if was_moved(entry):
        return move_back(entry, actor=actor)
    result = BulkResult()
    _undo([entry], result, actor=actor, batch=batch)
    if result.stale:
        raise result.stale[0]
    return result.done[0]


def undo_many(batch: UUID, *, actor: Any) -> BulkResult:
    """Undo a bulk act, but for the comments that somebody did something to since.

    The inverses are a bulk act of their own. Measures that were taken in it end.
    """
    result = BulkResult()
    for part in in_parts(_undoable_of(batch).select_related("comment").iterator()):
        result.illegal += [entry.comment for entry in part if not can_be_undone(entry)]
        undoable = [entry for entry in part if can_be_undone(entry)]
        _undo(undoable, result, actor=actor, batch=result.batch)
    if actor is not None:
        result.lifted += lift_batch(batch, actor=actor)
    return result


def can_be_undone(entry: ModerationLogEntry) -> bool:
    """Tell whether an act has an inverse. Whether others acted since is asked later. Pure."""
    if entry.action not in UNDOABLE or not entry.old_status:
        return False
    if entry.action == Action.MOVE and not was_moved(entry):
        # It came with a whole site from elsewhere: where it stood is known by no id of ours.
        return False
    return Status(entry.old_status) in allowed(Status(entry.new_status), Action.UNDO)


def _undoable_of(batch: UUID) -> Any:
    return not_undone(ModerationLogEntry.objects.filter(batch=batch)).order_by("pk")


def _to_be_undone(entries: Iterable[ModerationLogEntry]) -> set[int]:
    """Return which of these acts can be undone now, none standing after them. Queries: 1."""
    acts = ModerationLogEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    return set(not_overtaken(acts).values_list("pk", flat=True))


def _undo(
    entries: Sequence[ModerationLogEntry], result: BulkResult, *, actor: Any, batch: UUID | None
) -> None:
    """Undo some acts in one transaction, and add to `result` what became of each."""
    with turn():
        replies = _replies_with(entries)
        rows = [*entries, *replies.values()]
        threads, comments = read_locked([row.comment for row in rows])
        standing = _to_be_undone([row for row in rows if row.comment_id in comments])
        undone = [entry for entry in entries if entry.pk in standing]
        overtaken = [entry for entry in entries if entry.pk not in standing]
        result.stale += [_overtaken(entry, comments.get(entry.comment_id)) for entry in overtaken]
        acts: dict[int, dict[str, Any]] = {}
        for entry in list(undone):
            row = replies.get(entry.pk)
            if row and _goes_along(row, comments.get(row.comment_id), standing):
                undone.append(row)
                acts[entry.pk] = acts[row.pk] = new_act()
        olds = [(row, comments[row.comment_id]) for row in undone]
        inverses = list(_taken_back(olds, threads, acts, actor=actor, batch=batch))
        ModerationLogEntry.objects.bulk_create(inverses)
        withdraw_letters(undone)
        queue_reports(inverses)
        _give_reports_back(inverses, of_replies={row.pk for row in replies.values()})
        follow(row.comment_id for row in inverses)
    result.done += inverses


def _replies_with(entries: Sequence[ModerationLogEntry]) -> dict[int, ModerationLogEntry]:
    """Return the rows of replies that go with these acts and are not among them."""
    own = {entry.pk for entry in entries}
    return {pk: row for pk, row in replies_with(entries).items() if row.pk not in own}


def _goes_along(row: ModerationLogEntry, reply: Comment | None, standing: set[int]) -> bool:
    """Tell whether a reply is taken back, or given back, with the act that its row belongs to."""
    if reply is None or row.pk not in standing:
        return False
    return not (reply.is_public() and is_answered(reply))


def _before(entry: ModerationLogEntry) -> Status:
    """Return what undoing an act leads to. What a reply was before it was there is out of sight,
    with its words kept.
    """
    return Status(entry.old_status or Status.REJECTED)


def _give_reports_back(inverses: Sequence[ModerationLogEntry], of_replies: set[int]) -> None:
    """Open again what the undone acts had settled; what an undone undoing had opened is settled.

    Of a reply it is the other way round: what is reported of it is answered by taking it away.
    """
    replies = [row for row in inverses if row.undoes_id in of_replies]
    settle_many([row for row in replies if row.new_status == Status.REJECTED])
    reopen_many([row.undoes for row in replies if row.undoes and row.new_status != Status.REJECTED])
    others = [row for row in inverses if row.undoes_id not in of_replies]
    undone = [row.undoes for row in others if row.undoes and row.undoes.action != Action.UNDO]
    redone = [row for row in others if row.undoes and row.undoes.action == Action.UNDO]
    reopen_many(undone)
    if redone:
        # What was reported after the undoing is nobody's answer yet.
        settle_many(redone, until=min(row.undoes.created_at for row in redone if row.undoes))


def _taken_back(
    undone: Sequence[tuple[ModerationLogEntry, Comment]],
    threads: dict[int, Any],
    acts: dict[int, dict[str, Any]],
    **of: Any,
) -> Iterator[ModerationLogEntry]:
    """Give the comments back what they were, and yield the rows that say so.

    `acts`: what the rows say of an act on a comment and its reply, by the keys of those undone.
    """
    shown = _shown_before(entry for entry, _old in undone)
    plain: list[tuple[ModerationLogEntry, Change]] = []
    for entry, old in undone:
        if words := words_before(entry):
            change, told = give_back(old, words)
            (row,) = write_down([change], action=Action.UNDO, undoes=entry, detail=told, **of)
            yield row
        else:
            plain.append((entry, become(old, _before(entry), shown.get(entry.pk))))
    store([change for _entry, change in plain], threads)
    rows = write_down([change for _entry, change in plain], action=Action.UNDO, **of)
    for (entry, _change), row in zip(plain, rows, strict=True):
        row.undoes, row.detail = entry, acts.get(entry.pk)
        yield row


def _overtaken(entry: ModerationLogEntry, comment: Comment | None) -> StaleComment:
    done = Seen(Status(entry.new_status), entry.revision)
    return StaleComment(comment or entry.comment, done, known=entry)


# --- what readers saw -------------------------------------------------------------------------


def seen_before(entry: ModerationLogEntry) -> dict[str, Any]:
    """Return the columns by which readers see again what they saw before an act."""
    return _shown_before([entry]).get(entry.pk, {})


def _shown_before(entries: Iterable[ModerationLogEntry]) -> dict[int, dict[str, Any]]:
    """Return them for each entry where they do not follow from the status and the words.

    An approved text that stood while an edit of it waited is kept among the earlier ones.
    Queries: 1, or none.
    """
    stood = {
        (entry.comment_id, entry.public_before): entry.pk
        for entry in entries
        if entry.old_status == Status.PENDING and entry.public_before is not None
    }
    if not stood:
        return {}
    wanted = {comment_id for comment_id, _revision in stood}
    texts = CommentRevision.objects.filter(comment__in=wanted)
    return {
        stood[key]: {"approved_revision": key[1], "standing_html": html}
        for *of, html in texts.values_list("comment_id", "revision", "body_html")
        if (key := (of[0], of[1])) in stood
    }


# --- what it would do -------------------------------------------------------------------------


class Move(NamedTuple):
    comment: Comment
    before: str
    after: str


@dataclass(frozen=True)
class UndoPlan:
    """What undoing would do. Shape: `moves` the first of them, `counts` (from, to) -> how many of
    all; `kept` those that somebody acted on since; `letters` and `reports` not sent yet, and those
    `reported` already, of which the opposite is; `sanctions` in force;
    `replies` go with what they answer, `replies_kept` were answered or acted on and stay.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    kept: list[Comment] = field(default_factory=list)
    kept_count: int = 0
    letters: int = 0
    reports: int = 0
    reported: int = 0
    sanctions: list[Sanction] = field(default_factory=list)
    replies: list[Move] = field(default_factory=list)
    replies_kept: list[Comment] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts.total()


MOST_SHOWN = 50


def plan_undo(entry: ModerationLogEntry) -> UndoPlan:
    """Return what undoing one act would do, if it were done now.

    Queries: 2, and 3 more where a reply was posted in the act.
    """
    return _plan([entry] if can_be_undone(entry) else [])


def plan_undo_many(batch: UUID) -> UndoPlan:
    """Return what undoing a bulk act would do, if it were done now. Queries: 2 for some hundred."""
    entries = _undoable_of(batch).select_related("comment__thread").defer("findings")
    plan = _plan(entry for entry in entries.iterator() if can_be_undone(entry))
    plan.sanctions.extend(Sanction.objects.in_force().filter(batch=batch))
    return plan


def _plan(entries: Iterable[ModerationLogEntry]) -> UndoPlan:
    counts: Counter[tuple[str, str]] = Counter()
    moves: list[Move] = []
    kept: list[Comment] = []
    replies: list[Move] = []
    replies_kept: list[Comment] = []
    kept_count = letters = reports = reported = 0
    for part in in_parts(entries):
        standing = _to_be_undone(part)
        for entry in part:
            if entry.pk in standing:
                counts[entry.new_status, entry.old_status] += 1
                moves.append(Move(entry.comment, entry.new_status, entry.old_status))
            else:
                kept.append(entry.comment)
                kept_count += 1
        waiting = OutgoingLetter.objects.filter(entry__in=standing, sent_at=None, withdrawn_at=None)
        letters += waiting.count()
        waiting_reports, sent_reports = count_reports(standing)
        reports, reported = reports + waiting_reports, reported + sent_reports
        for row, is_going in _plan_replies([entry for entry in part if entry.pk in standing]):
            if is_going:
                counts[row.new_status, _before(row)] += 1
                replies.append(Move(row.comment, row.new_status, _before(row)))
            else:
                replies_kept.append(row.comment)
        del moves[MOST_SHOWN:], kept[MOST_SHOWN:], replies[MOST_SHOWN:], replies_kept[MOST_SHOWN:]
    return UndoPlan(
        counts,
        moves,
        kept,
        kept_count,
        letters,
        reports,
        reported,
        replies=replies,
        replies_kept=replies_kept,
    )


def _plan_replies(
    undone: Sequence[ModerationLogEntry],
) -> Iterator[tuple[ModerationLogEntry, bool]]:
    """Yield the rows of the replies that were posted in these acts, and whether each goes along."""
    replies = _replies_with(undone)
    standing = _to_be_undone(replies.values()) if replies else set()
    for row in replies.values():
        yield row, _goes_along(row, row.comment, standing)
