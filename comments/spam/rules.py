"""The built-in rules: each looks at the Submission alone and says what it saw.

A rule that lacks its input says so as `unsure`; it never guesses.
"""

import re

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.spam import Finding, Verdict
from comments.submission import Submission

# Shorter texts ("+1", "Thank you!") are rightly written by many.
REPEATED_TEXT_MIN_LENGTH = 25
REPEATED_TEXT_SPAM = 3
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
    """Spam when the field that people cannot see was filled in."""
    if not submission.honeypot:
        return None
    return Finding(
        "honeypot", Verdict.SPAM, _("The hidden field was filled in."), submission.honeypot[:80]
    )


def too_fast(submission: Submission) -> Finding | None:
    """Unsure when the form came back sooner than a person types, or its age is not known."""
    if submission.author is not None:
        return None
    seconds, least = submission.seconds_taken, settings.COMMENTS_MIN_SECONDS
    if seconds is None:
        return Finding("too_fast", Verdict.UNSURE, _("It is not known how long writing took."))
    if seconds >= least:
        return None
    message = _("Written in %(seconds).1f seconds.") % {"seconds": seconds}
    return Finding("too_fast", Verdict.UNSURE, message, round(seconds, 1), least)


def too_many_links(submission: Submission) -> Finding | None:
    """Unsure above COMMENTS_MAX_LINKS links, spam above three times as many."""
    most = settings.COMMENTS_MAX_LINKS
    matches = list(BARE_DOMAIN.finditer(submission.body))
    count = max(len(submission.links), len(matches))
    if count <= most:
        return None
    return Finding(
        "too_many_links",
        Verdict.SPAM if count > 3 * most else Verdict.UNSURE,
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
    """Unsure when one source sends more than COMMENTS_FLOOD_LIMIT within the window."""
    count, most = submission.recent_from_source, settings.COMMENTS_FLOOD_LIMIT
    if count is None:
        return Finding("flood", Verdict.UNSURE, _("The source is not known."))
    if count < most or submission.edited is not None:
        return None
    message = ngettext(
        "Comment number %(count)s from this source within %(seconds)s seconds.",
        "Comment number %(count)s from this source within %(seconds)s seconds.",
        count + 1,
    ) % {"count": count + 1, "seconds": settings.COMMENTS_FLOOD_WINDOW_SECONDS}
    return Finding("flood", Verdict.UNSURE, message, count + 1, most)


def first_time_commenter(submission: Submission) -> Finding | None:
    """Unsure unless a signed-in author has an approved comment already.

    A guest's name and address are only typed: they prove nothing, so a guest is always held.
    """
    if submission.author is None:
        return Finding("first_time_commenter", Verdict.UNSURE, _("Written by a guest."))
    if submission.approved_before:
        return None
    return Finding(
        "first_time_commenter", Verdict.UNSURE, _("The first comment of this account."), 0, 1
    )
