"""Asks again for the verdicts that checks owe, and carries out what follows from them.

recheck_due() is called by whoever comes along: the thread beside the requests, or `manage.py
recheck_comments`. The site acts through the one door and is bound to what it saw: an editor or the
author who acted meanwhile wins. Nothing is published that any finding, of then or of now, holds.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from comments import unchecked
from comments.barring import Banned, refuse_banned_meanwhile
from comments.facts import COUNTS, FACTS
from comments.finding import locked_thread
from comments.held import current_number
from comments.models import RECHECKED, Comment, ModerationLogEntry, UncheckedComment
from comments.moderation import Seen, StaleComment, moderate
from comments.moderation.editing import status_after_edit
from comments.policy import STATUS_OF_VERDICT
from comments.sifting import sifted_anew
from comments.spam import Finding, Owed, Verdict, breaker, local_paths
from comments.spam.akismet.sent import keep_sent
from comments.spam.loading import checks_in_force
from comments.spam.running import judge, worst_of
from comments.status import Action, Status
from comments.submission import Submission, gather
from comments.turns import turn

logger = logging.getLogger("parley.spam")

AT_ONCE = 50
SECONDS = 10.0
# What a service is told of why it is asked again.
REASON = "recheck"
ACTS = {
    Status.APPROVED: Action.APPROVE,
    Status.SPAM: Action.MARK_SPAM,
    Status.PENDING: Action.NOTE,
}
# The code of a finding: what a reply answers was taken away while it waited.
ORPHANED = "orphaned"
# What a discussion has of its own that checks judge by.
OF_THREAD = ("is_premoderated", "held_people", "max_links")
# What an editor may do to a comment without having judged it.
NO_JUDGEMENT = (Action.NOTE, Action.MOVE, Action.DISMISS)


def recheck_due(at_once: int = AT_ONCE, seconds: float = SECONDS) -> int:
    """Ask for the verdicts that are due, the oldest first; return how many were asked for.

    Each is taken before it is asked for, so that of two processes one does it. After some seconds
    the rest is left for the next time.
    """
    stop = time.monotonic() + seconds
    due = UncheckedComment.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    asked, paused = 0, set()
    for row in due[:at_once]:
        if time.monotonic() >= stop:
            break
        if row.check_path in paused or _pause(row.check_path):
            paused.add(row.check_path)
        elif _take(row):
            _recheck_safely(row)
            asked += 1
    return asked


def _pause(path: str) -> bool:
    """Let all that a check owes wait while its circuit breaker is open. Queries: 1, or none."""
    until = breaker.open_until(path)
    if until is not None:
        rows = UncheckedComment.objects.filter(check_path=path, due_at__lt=until)
        rows.update(due_at=until)
    return until is not None


def _recheck_safely(row: UncheckedComment) -> None:
    try:
        _recheck(row)
    except Exception:
        # One that cannot be done must not keep those behind it from being done.
        logger.exception("Comment %s could not be checked again.", row.comment_id)


def _take(row: UncheckedComment) -> bool:
    """Take a row, or find that somebody else did. If all ends here, it is due again later."""
    row.attempts += 1
    again = unchecked.next_at(row.attempts, Owed(row.check_path, "")) or _at_last()
    same = UncheckedComment.objects.filter(pk=row.pk, attempts=row.attempts - 1, due_at=row.due_at)
    return bool(same.update(attempts=row.attempts, due_at=again))


def _at_last() -> datetime:
    """Return when one is looked at again that was asked for to no end: where it breaks each time,
    it must not take the place of others at every look.
    """
    return timezone.now() + unchecked.WAITS[-1]


def _recheck(row: UncheckedComment) -> None:
    comment = Comment.objects.select_related("thread", "author", "parent").get(pk=row.comment_id)
    stands = Standing.of(comment)
    if stands is None or stands.is_overtaken(row):
        row.delete()
    elif row.check_path not in {each.path for each in checks_in_force()}:
        _give_up(row, _("The check is not in use any more."))
    else:
        _settle(row, stands, judge_anew(stands, row.check_path))


# --- what is known of the comment ---------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A comment as it is, with how its words came in, and the log's newest row on what the checks
    found in them.
    """

    comment: Comment
    beginning: ModerationLogEntry
    newest: ModerationLogEntry

    @classmethod
    def of(cls, comment: Comment) -> "Standing | None":
        """Queries: 1."""
        judging = ModerationLogEntry.objects.judging().filter(comment=comment)
        rows = list(judging.filter(revision=comment.revision).order_by("pk"))
        return cls(comment, rows[0], rows[-1]) if rows else None

    def is_overtaken(self, row: UncheckedComment) -> bool:
        """Tell whether somebody judged the comment since, or its words are others. Queries: 1."""
        comment = self.comment
        if comment.status != Status.PENDING or comment.revision != row.revision:
            return True
        later = ModerationLogEntry.objects.filter(comment=comment, pk__gt=self.newest.pk)
        return later.exclude(action__in=NO_JUDGEMENT).exists()

    def goal(self, verdict: Verdict) -> Status:
        """Return the status that the words would have had, had the checks said this at once.

        Queries: 1 for words that replaced others, which waited.
        """
        decided = STATUS_OF_VERDICT[verdict]
        if self.beginning.action != Action.EDIT:
            return decided
        before = Status(self.beginning.old_status)
        if before == Status.PENDING and self._waited_for_checks_alone():
            before = Status.APPROVED
        return status_after_edit(before, decided, self.comment.is_public())

    def _waited_for_checks_alone(self) -> bool:
        """Tell whether nothing and nobody held the words before, but that checks failed."""
        before = ModerationLogEntry.objects.filter(comment=self.comment, pk__lt=self.beginning.pk)
        rows = [row for row in before if row.is_judging or row.action not in NO_JUDGEMENT]
        return all(row.is_judging and _held_by_nothing(row) for row in rows)


def _held_by_nothing(row: ModerationLogEntry) -> bool:
    """Tell whether the checks found nothing against the words, or failed."""
    deciding = [each for each in row.findings if not each.get("is_advice")]
    held = [each for each in deciding if each["verdict"] != Verdict.HAM]
    is_known = row.new_status != Status.PENDING or bool(held)
    return is_known and all(each.get("is_unchecked") for each in held)


# --- what the checks say now --------------------------------------------------------------------


@dataclass(frozen=True)
class Anew:
    """Shape: `findings` of then and now, as the log keeps them, and those of `now`; `owed` by
    path; `number` of the changes of rules and lists that were known.
    """

    verdict: Verdict
    findings: list[dict[str, Any]]
    now: list[Finding]
    owed: dict[str, Owed]
    number: int | None


def judge_anew(stands: Standing, path: str) -> Anew:
    """Judge a comment by the rules of now and by what the one check says that owed a verdict.

    What other remote checks found stands: nothing is sent to them again.
    Queries: 1, and those of the checks.
    """
    offered = _with_counts_of_then(gather(_as_offered(stands)), stands.beginning)
    judged = judge(offered, [*local_paths(), *_unless_local(path)])
    now = [*judged.findings, *_kept_out(offered, stands.comment)]
    then = list(_standing_findings(stands.newest.findings, now, path))
    said = [Verdict(each["verdict"]) for each in then if not each.get("is_advice")]
    verdict = max([worst_of(now), *said], key=lambda each: each.weight)
    owed = {finding.owed.path: finding.owed for finding in now if finding.owed}
    findings = [*then, *(finding.as_json() for finding in now)]
    return Anew(verdict, findings, now, owed, offered.lists_version)


def _as_offered(stands: Standing) -> Submission:
    comment, facts = stands.comment, (stands.beginning.detail or {}).get(FACTS, {})
    offered = Submission.from_comment(comment)
    return replace(
        offered,
        submitted_at=comment.edited_at or comment.created_at,
        # On the device that it came from, the address may have been proved by another comment.
        is_address_proved=offered.is_address_proved or facts.get("is_address_proved", False),
        recheck_reason=REASON,
    )


def _with_counts_of_then(offered: Submission, beginning: ModerationLogEntry) -> Submission:
    """Return it with what was counted of its author when it came; rules and lists are of now."""
    kept = (beginning.detail or {}).get(FACTS, {})
    return replace(offered, **{name: kept[name] for name in COUNTS if name in kept})


def _unless_local(path: str) -> list[str]:
    return [] if path in local_paths() else [path]


def _kept_out(offered: Submission, comment: Comment) -> Iterator[Finding]:
    """Yield what would refuse it by now, were it sent again: that its author was banned since, or
    that what it answers is gone.
    """
    try:
        refuse_banned_meanwhile(offered)
    except Banned:
        message = _("The editors keep this person from writing by now.")
        yield Finding("premoderated_person", Verdict.UNSURE, message)
    parent = comment.parent
    if parent is not None and not (parent.is_public() or comment.is_public()):
        message = _("What it answers is not on the page any more.")
        yield Finding(ORPHANED, Verdict.UNSURE, message)


def _standing_findings(
    then: Iterable[dict[str, Any]], now: Sequence[Finding], path: str
) -> Iterator[dict[str, Any]]:
    """Yield what was found then and holds: all but that this check failed, and what is found
    again now, as bad or worse.
    """
    # What is only advice now does not answer what decided then.
    weights = {each.check: each.verdict.weight for each in now if not each.is_advice}
    name, found = path.rpartition(".")[2], {each.check for each in now}
    for each in then:
        is_answered = each.get("is_unchecked") and each["check"] == name
        is_advice = each.get("is_advice") and each["check"] in found
        is_found_again = weights.get(each["check"], -1) >= Verdict(each["verdict"]).weight
        if not (is_answered or is_advice or is_found_again):
            yield each


# --- what follows -------------------------------------------------------------------------------


def _settle(row: UncheckedComment, stands: Standing, anew: Anew) -> None:
    owed = anew.owed.get(row.check_path)
    if owed:
        _ask_later(row, owed)
    try:
        with turn():
            _refuse_overtaken(row, stands, anew)
            keep_sent(stands.comment, anew.now)
            if not owed:
                _carry_out(row, stands, anew)
    except StaleComment:
        # Whoever was quicker may have judged it, or have moved it: the next look tells.
        UncheckedComment.objects.filter(pk=row.pk).update(due_at=timezone.now())


def _refuse_overtaken(row: UncheckedComment, stands: Standing, anew: Anew) -> None:
    """Lock the thread, and see that nobody was quicker, nor changed what it was judged by: whole
    seconds may have passed. Raises: StaleComment.
    """
    comment = stands.comment
    thread, as_it_is = locked_thread(comment.thread_id), Standing.of(comment)
    is_same = as_it_is is not None and as_it_is.newest == stands.newest
    is_judged = current_number() == anew.number and all(
        getattr(thread, name) == getattr(comment.thread, name) for name in OF_THREAD
    )
    if as_it_is is None or not (is_same and is_judged) or as_it_is.is_overtaken(row):
        raise StaleComment(comment, Seen(Status.PENDING, row.revision))


def _carry_out(row: UncheckedComment, stands: Standing, anew: Anew) -> None:
    """Do what follows, in one transaction with the row's end. Raises: StaleComment."""
    comment, seen = stands.comment, Seen(Status.PENDING, row.revision)
    act, detail = ACTS[stands.goal(anew.verdict)], {RECHECKED: row.check_path}
    moderate(comment, act, actor=None, seen=seen, findings=anew.findings, detail=detail)
    sifted = sifted_anew(comment, comment.body, anew.findings)
    Comment.objects.filter(pk=comment.pk).update(**sifted)
    unchecked.write_down(comment, anew.owed.values())
    row.delete()


def _ask_later(row: UncheckedComment, owed: Owed) -> None:
    attempts = row.attempts if owed.was_asked else row.attempts - 1
    UncheckedComment.objects.filter(pk=row.pk).update(
        attempts=attempts,
        last_error=owed.why[: unchecked.MOST_SAID],
        due_at=unchecked.next_at(attempts, owed),
    )


def _give_up(row: UncheckedComment, why: str) -> None:
    UncheckedComment.objects.filter(pk=row.pk).update(last_error=why, due_at=None)
