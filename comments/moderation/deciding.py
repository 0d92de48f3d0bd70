"""The editors' decisions, on one comment or on many: each bound to what was seen of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from comments.learning.examples import follow
from comments.models import Comment, ModerationLogEntry, Report
from comments.moderation.many import (
    MOST_AT_ONCE,
    BulkResult,
    Change,
    TooMany,
    become,
    in_parts,
    read_locked,
    store,
    write_down,
)
from comments.moderation.seen import Seen, StaleComment
from comments.outgoing import queue_letters
from comments.reports import settle_many
from comments.spam.akismet.feedback import queue_reports
from comments.status import Action, IllegalTransition, target
from comments.turns import turn

Chosen = tuple[Comment, Seen]


@dataclass(frozen=True)
class Words:
    """What an editor says of a decision. Shape: `reason` is a code, `message` is for the author."""

    reason: str = ""
    note: str = ""
    message: str = ""


def moderate(
    comment: Comment,
    action: Action,
    *,
    actor: Any,
    seen: Seen,
    reason: str = "",
    note: str = "",
    message: str = "",
    batch: UUID | None = None,
    at: datetime | None = None,
    detail: dict[str, Any] | None = None,
    findings: list[dict[str, Any]] | None = None,
) -> ModerationLogEntry:
    """Do `action` to a comment as it was `seen`, or not at all. `at`: when, if not now.

    `detail`: what undoing needs, for the log. `findings`: what the checks said, where the site
    itself acts on it.
    Raises: StaleComment when it changed meanwhile; IllegalTransition.
    """
    target(seen.status, action)
    result = BulkResult()
    words = Words(reason, note, message)
    of = {"batch": batch, "created_at": at, "detail": detail, "findings": findings or []}
    _decide([(comment, seen)], action, result, actor=actor, words=words, **of)
    if result.stale:
        raise result.stale[0]
    return result.done[0]


def moderate_many(
    chosen: Iterable[Chosen],
    action: Action,
    *,
    actor: Any,
    reason: str = "",
    note: str = "",
    message: str = "",
    batch: UUID | None = None,
) -> BulkResult:
    """Do one action to many comments: stale and illegal ones are reported, the rest goes through.

    Some hundred are a transaction of their own, so nobody waits for the whole.
    Raises: TooMany, before anything is done.
    """
    rows = list(chosen)
    _refuse_too_many(len(rows))
    result = BulkResult(batch) if batch else BulkResult()
    words = Words(reason, note, message)
    for part in in_parts(rows):
        _decide(part, action, result, actor=actor, words=words, batch=result.batch)
    return result


def moderate_all(
    comments: QuerySet[Comment],
    action: Action,
    *,
    actor: Any,
    as_of: int,
    reports_as_of: int | None = None,
    reason: str = "",
    note: str = "",
    message: str = "",
    batch: UUID | None = None,
) -> BulkResult:
    """Do one action to all of a queue as it was shown.

    `as_of`: what newest_entry() was when the page was made, `reports_as_of` the same of reports.
    What was acted on, moved or reported since is stale, and so is what answers such a comment.
    Raises: TooMany, before anything is done.
    """
    rows = comments.order_by().only("pk", *SHOWN_OF_ALL)
    found = list(rows[: MOST_AT_ONCE + 1])
    _refuse_too_many(len(found))
    touched = _touched_since(as_of, reports_as_of)
    stale = [row for row in found if row.pk in touched or row.parent_id in touched]
    left_alone = {row.pk for row in stale}
    chosen = [(row, Seen.of(row)) for row in found if row.pk not in left_alone]
    words = {"reason": reason, "note": note, "message": message}
    result = moderate_many(chosen, action, actor=actor, batch=batch, **words)
    result.stale += [StaleComment(row, Seen.of(row)) for row in stale]
    return result


SHOWN_OF_ALL = ("thread_id", "parent_id", "status", "revision", "author_name")


def _touched_since(as_of: int, reports_as_of: int | None) -> set[int]:
    """Return the comments that are not as a page showed them. Queries: 2 or 3."""
    later = ModerationLogEntry.objects.filter(pk__gt=as_of).exclude(action=Action.NOTE).order_by()
    touched = set(later.values_list("comment_id", flat=True))
    details: Iterable[Any] = later.filter(detail__has_key="from").values_list("detail", flat=True)
    for detail in details:
        # A branch that was moved has one row, that of its first comment.
        touched.update(map(int, detail["from"].get("numbers", {})))
    if reports_as_of is not None:
        reported = Report.objects.filter(pk__gt=reports_as_of)
        touched.update(reported.values_list("comment_id", flat=True))
    return touched


# Where several write at once, a row with a lower key may be committed after one with a higher. A
# transaction takes no longer than this.
UNSETTLED = timedelta(seconds=10)
MOST_UNSETTLED = 1_000


def newest_entry() -> int:
    """Return what a page is made as of: all of the log up to this row is seen by it.

    A key that is missing among the latest may be that of a row which is about to be committed, so
    the page is made as of the row before. Queries: 1, and 2 more where something was done just now.
    """
    entries = ModerationLogEntry.objects.order_by("-pk").values_list("pk", flat=True)
    newest = entries.first() or 0
    if connection.vendor != "postgresql":
        return newest
    latest = entries.filter(created_at__gte=timezone.now() - UNSETTLED)[:MOST_UNSETTLED]
    keys = sorted(latest)
    before = entries.filter(pk__lt=keys[0]).first() if keys else None
    known = [*([before] if before else []), *keys]
    gaps = (key for key, following in pairwise(known) if following > key + 1)
    return next(gaps, newest)


def newest_report() -> int:
    """Return the same of reports by readers. Queries: 1."""
    return Report.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _refuse_too_many(count: int) -> None:
    if count > MOST_AT_ONCE:
        raise TooMany(f"One act changes at most {MOST_AT_ONCE:,} comments.")


def _decide(
    chosen: Sequence[Chosen],
    action: Action,
    result: BulkResult,
    *,
    actor: Any,
    words: Words,
    **of: Any,
) -> None:
    """Decide on some in one transaction, and add to `result` what became of each.

    `of`: what else the rows of the log say.
    """
    with turn():
        threads, comments = read_locked([comment for comment, _seen in chosen])
        changes = list(_judged(chosen, comments, action, result))
        store(changes, threads)
        entries = write_down(changes, actor, action=action, **vars(words), **of)
        ModerationLogEntry.objects.bulk_create(entries)
        queue_letters(entries)
        queue_reports(entries)
        _settle_reports(changes, entries, action)
        if action != Action.NOTE:
            follow(entry.comment_id for entry in entries)
    result.done += entries


def _settle_reports(
    changes: Sequence[Change], entries: list[ModerationLogEntry], action: Action
) -> None:
    """Let a decision answer what readers reported. Queries: 2, or none."""
    reported = [change.old.pk for change in changes if change.old.reported_at is not None]
    answered = [
        entry for entry in entries if entry.comment_id in reported and not _judges_own(entry)
    ]
    if answered and action != Action.NOTE:
        settle_many(answered)


def _judges_own(entry: ModerationLogEntry) -> bool:
    """Tell whether a page's author acts on their own comment, which is an editor's to look at."""
    actor: Any = entry.actor
    is_own = actor is not None and entry.comment.author_id == actor.pk
    return is_own and not actor.has_perm("comments.moderate_comment")


def _judged(
    chosen: Iterable[Chosen], comments: dict[int, Comment], action: Action, result: BulkResult
) -> Iterable[Change]:
    for comment, seen in {comment.pk: (comment, seen) for comment, seen in chosen}.values():
        old = comments.get(comment.pk)
        try:
            goal = target(seen.status, action)
        except IllegalTransition:
            result.illegal.append(comment)
            continue
        if old is not None and seen.is_still(old):
            yield become(old, goal)
        else:
            result.stale.append(StaleComment(old or Comment.objects.get(pk=comment.pk), seen))
