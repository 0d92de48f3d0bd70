"""Runs the checks on one submission: the local ones, and the remote ones if those leave it open.

Parley's own local checks run in the caller's thread. A site's own and every remote one have a
deadline (threads.py), and a remote one a circuit breaker. Whatever fails holds the comment and owes
it a verdict, which rechecking.py gets later.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.egress import Purpose, begin, finish
from comments.models import Outcome
from comments.spam import breaker, health
from comments.spam.findings import (
    MOST_OF_MESSAGE,
    CheckFailed,
    Finding,
    Owed,
    Told,
    Verdict,
    plain,
    sound,
)
from comments.spam.loading import OUR_OWN, Loaded, checks_in_force
from comments.spam.remote import Call, calling
from comments.spam.threads import AllStuck, Overdue, call_within
from comments.submission import Submission

logger = logging.getLogger("parley.spam")


@dataclass(frozen=True)
class Judgement:
    """Shape: `has_sent` tells whether anything may have left the site for it."""

    findings: tuple[Finding, ...] = ()
    has_sent: bool = False

    @property
    def worst(self) -> Verdict:
        return worst_of(self.findings)


def worst_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict that decides; of nothing but advice, ham."""
    deciding = (finding.verdict for finding in findings if not finding.is_advice)
    return max(deciding, key=lambda verdict: verdict.weight, default=Verdict.HAM)


def judge(submission: Submission, paths: Iterable[str] | None = None) -> Judgement:
    """Run the checks of the setting, or those of `paths`, and return all that they found.

    To be called outside any transaction. What one service calls spam is sent to no other.
    Queries: those of the checks; 2 more for each that fails.
    """
    checks = checks_in_force(paths)
    judged = Judgement(_found(_run(each, submission) for each in checks if each.remote is None))
    for each in checks:
        if each.remote is not None and judged.worst != Verdict.SPAM:
            found = _found([_run(each, submission)])
            judged = Judgement(judged.findings + found, has_sent=True)
    return judged


def _found(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding is not None)


# --- one check ----------------------------------------------------------------------------------


def _run(each: Loaded, submission: Submission) -> Finding | None:
    """Return what a check found, or that it failed. Its health is counted."""
    started = time.perf_counter()
    try:
        finding = _ask(each, submission)
    except breaker.Open as pause:
        return _unchecked(each, _not_asked(each, pause.until))
    except Exception as error:
        owed = _owed(each, error)
        if owed.retry_after is None:
            health.note_failure(each.path, time.perf_counter() - started, owed.why)
        else:
            # Who says when to ask again has answered.
            health.note_answer(each.path, time.perf_counter() - started)
        told = error.told if isinstance(error, CheckFailed) else None
        return _unchecked(each, owed, told)
    health.note_answer(each.path, time.perf_counter() - started)
    return finding


def _ask(each: Loaded, submission: Submission) -> Finding | None:
    if each.remote is not None:
        return _ask_remote(each, submission)
    if each.is_inline:
        return _answer(each, submission)
    seconds = settings.COMMENTS_CHECK_SECONDS
    return call_within(seconds, each.path, partial(_answer, each, submission))


def _answer(each: Loaded, submission: Submission) -> Finding | None:
    finding = each.check(submission)
    if finding is not None and not isinstance(finding, Finding):
        raise TypeError(f"{each.name} returned {type(finding).__name__}, not a Finding or None")
    return finding if finding is None or each.path.startswith(OUR_OWN) else sound(finding)


def _unchecked(each: Loaded, owed: Owed, told: Told | None = None) -> Finding:
    return Finding(each.name, Verdict.UNSURE, owed.why, owed=owed, told=told)


def _owed(each: Loaded, error: Exception) -> Owed:
    """Say why a check failed: to editors in a sentence, to the server's log in full."""
    if isinstance(error, CheckFailed):
        why = plain(error, MOST_OF_MESSAGE)
        logger.warning("The check %s failed; the comment is held: %s", each.name, why)
        after = error.retry_after
        return Owed(each.path, why, after if isinstance(after, timedelta) else None)
    if isinstance(error, Overdue | AllStuck):
        logger.warning("The check %s is overdue; the comment is held.", each.name)
        stuck = _("It is not asked: earlier calls of it have not come back.")
        overdue = _("It did not answer in time.")
        return Owed(each.path, stuck if isinstance(error, AllStuck) else overdue)
    logger.error("The check %s failed; the comment is held.", each.name, exc_info=error)
    message = _("The check could not be made (%(error)s).")
    return Owed(each.path, message % {"error": type(error).__name__})


def _not_asked(each: Loaded, until: datetime) -> Owed:
    at = f"{timezone.localtime(until):%H:%M}"
    message = _("It is not asked until %(time)s: it failed too often.") % {"time": at}
    return Owed(each.path, message, until - timezone.now(), was_asked=False)


# --- a remote one -------------------------------------------------------------------------------


def _ask_remote(each: Loaded, submission: Submission) -> Finding | None:
    says = each.remote
    if says is None:
        raise TypeError(f"{each.name} is a local check")
    if not says.is_on():
        return None
    leave, call = breaker.ask_leave(each.path), Call(says)
    try:
        with calling(call):
            finding = call_within(says.seconds, each.path, partial(_answer, each, submission))
    except Exception as error:
        if not isinstance(error, CheckFailed) or error.retry_after is None:
            breaker.failed(leave)
        else:
            breaker.answered(leave)
        _write_down_silent(each, call, submission, Outcome.FAILED)
        raise
    finally:
        call.is_over = True
    breaker.answered(leave)
    if finding is not None:
        _write_down_silent(each, call, submission, Outcome.ANSWERED)
    return finding


def _write_down_silent(each: Loaded, call: Call, submission: Submission, outcome: Outcome) -> None:
    """Write down that a check may have sent all that it declares, where it wrote down nothing."""
    if call.sent or each.path.startswith(OUR_OWN):
        return
    logger.warning("The remote check %s does not write down what it sends.", each.path)
    purpose = Purpose.RECHECK if submission.recheck_reason else Purpose.CHECK
    finish(begin(submission, call.remote, purpose, call.remote.sends), outcome)
