"""The built-in rules: each looks at the Submission alone and says what it saw.

A rule that lacks its input says so as `unsure`; it never guesses.
"""

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import HeldPeople
from comments.spam import Finding, Verdict
from comments.submission import Submission

# Shorter texts ("+1", "Thank you!") are rightly written by many.
REPEATED_TEXT_MIN_LENGTH = 25
REPEATED_TEXT_SPAM = 3
# However few links are let through, so many are still left for an editor to judge: a lower limit
# asks for more reading, not for more that nobody reads.
MANY_LINKS = 9
BARE_DOMAIN = re.compile(
    r"\b(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|biz|ru|cn|top|xyz)\b", re.I
)


def premoderated_thread(submission: Submission) -> Finding | None:
    """Unsure for everybody while every comment of this discussion waits for an editor."""
    if not submission.thread.is_premoderated:
        return None
    message = _("Every comment in this discussion waits for an editor.")
    return Finding("premoderated_thread", Verdict.UNSURE, message)


def honeypot(submission: Submission) -> Finding | None:
    """Spam when the field that people cannot see was filled in.

    With what, the comment says while that is kept (retention.py); the log would for good.
    """
    if not submission.honeypot:
        return None
    return Finding("honeypot", Verdict.SPAM, _("The hidden field was filled in."))


def too_fast(submission: Submission) -> Finding | None:
    """Unsure when the form came back sooner than a person types, or its age is not known."""
    if submission.author is not None:
        return None
    seconds, least = submission.seconds_taken, submission.rules.min_seconds
    if seconds is None:
        return Finding("too_fast", Verdict.UNSURE, _("It is not known how long writing took."))
    if seconds >= least:
        return None
    message = _("Written in %(seconds).1f seconds.") % {"seconds": seconds}
    return Finding("too_fast", Verdict.UNSURE, message, round(seconds, 1), least)


def too_many_links(submission: Submission) -> Finding | None:
    """Unsure above so many links as the rules allow, spam above three times as many, and nine."""
    most = submission.rules.max_links
    matches = list(BARE_DOMAIN.finditer(submission.body))
    count = max(len(submission.links), len(matches))
    if count <= most:
        return None
    return Finding(
        "too_many_links",
        Verdict.SPAM if count > max(3 * most, MANY_LINKS) else Verdict.UNSURE,
        ngettext("Holds %(count)s link.", "Holds %(count)s links.", count) % {"count": count},
        count,
        most,
        (matches[0].start(), matches[-1].end()) if matches else None,
    )


def repeated_text(submission: Submission) -> Finding | None:
    """Unsure when these words were posted before this month, spam from the third time on."""
    if len(submission.body) < REPEATED_TEXT_MIN_LENGTH or submission.same_text_before == 0:
        return None
    times = submission.same_text_before
    if times is None:
        return Finding("repeated_text", Verdict.UNSURE, _("Earlier comments were not looked at."))
    return Finding(
        "repeated_text",
        Verdict.SPAM if times >= REPEATED_TEXT_SPAM else Verdict.UNSURE,
        ngettext(
            "The same words were posted %(times)s time before.",
            "The same words were posted %(times)s times before.",
            times,
        )
        % {"times": times},
        times,
        REPEATED_TEXT_SPAM,
    )


def flood(submission: Submission) -> Finding | None:
    """Unsure when one source sends more than the rules allow within their window."""
    count, most = submission.recent_from_source, submission.rules.flood_limit
    if count is None:
        return Finding("flood", Verdict.UNSURE, _("The source is not known."))
    if count < most or submission.edited is not None:
        return None
    message = ngettext(
        "Comment number %(count)s from this source within %(seconds)s seconds.",
        "Comment number %(count)s from this source within %(seconds)s seconds.",
        count + 1,
    ) % {"count": count + 1, "seconds": submission.rules.flood_window_seconds}
    return Finding("flood", Verdict.UNSURE, message, count + 1, most)


def old_page(submission: Submission) -> Finding | None:
    """Unsure on a page that was published longer ago than the rules say."""
    most, public_at = submission.rules.hold_after_days, submission.thread.public_at
    if not most or public_at is None:
        return None
    days = (submission.submitted_at - public_at).days
    if days < most:
        return None
    message = ngettext("The page is %(days)s day old.", "The page is %(days)s days old.", days) % {
        "days": days
    }
    return Finding("old_page", Verdict.UNSURE, message, days, most)


def first_time_commenter(submission: Submission) -> Finding | None:
    """Unsure of those whose comments wait by the rules: nobody, guests, newcomers or everyone."""
    held = submission.rules.held_people
    if held == HeldPeople.NOBODY:
        return None
    if held == HeldPeople.EVERYONE:
        return _held(_("Every comment waits for an editor."))
    if submission.author is None:
        return _guest(submission, held)
    return None if held == HeldPeople.UNPROVED else _newcomer(submission)


def _guest(submission: Submission, held: HeldPeople) -> Finding | None:
    """A guest's name and address are only typed: they prove nothing, a link that came by mail and
    was opened on this device does.
    """
    if held == HeldPeople.UNPROVED and submission.is_address_proved:
        return None
    return _held(_("Written by a guest."))


def _newcomer(submission: Submission) -> Finding | None:
    count, least = submission.approved_before or 0, submission.rules.newcomer_approvals
    if count >= least:
        return None
    if count == 0:
        return _held(_("The first comment of this account."), count, least)
    message = ngettext(
        "%(count)s comment of this account was approved so far.",
        "%(count)s comments of this account were approved so far.",
        count,
    ) % {"count": count}
    return _held(message, count, least)


def _held(message: str, value: int | None = None, threshold: int | None = None) -> Finding:
    return Finding("first_time_commenter", Verdict.UNSURE, message, value, threshold)
