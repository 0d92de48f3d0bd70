"""What the checks would have found in made-up comments, and what readers would have reported.

The findings follow from the comment's number, so that copies of a thread have the same.
"""

from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments.models import Comment, Report, ReportReason
from comments.status import Status

Found = dict[str, Any]

GUEST: Found = {
    "check": "first_time_commenter",
    "verdict": "unsure",
    "message": "Written by a guest.",
}
LINKS: Found = {
    "check": "too_many_links",
    "verdict": "unsure",
    "message": "Holds 4 links.",
    "value": 4,
}
HIDDEN: Found = {
    "check": "honeypot",
    "verdict": "spam",
    "message": "The hidden field was filled in.",
}
AT_ONCE = 1_000


def findings_for(comment: Comment) -> list[Found]:
    """Return findings that fit the status; nothing for what was let in."""
    if comment.status == Status.APPROVED:
        return []
    found = [GUEST, *([LINKS] if comment.number % 5 == 0 else [])]
    return [*found, HIDDEN] if comment.status == Status.SPAM else found


def report_some(rng: Random, count: int) -> int:
    """Let readers report the newest public comments, up to three each; return how many there are.

    Comments that are reported already are left out.
    """
    public = Comment.objects.approved().filter(reported_at=None).order_by("-created_at", "-pk")
    keys = list(public.values_list("pk", flat=True)[:count])
    for start in range(0, len(keys), AT_ONCE):
        with transaction.atomic():
            _report(rng, keys[start : start + AT_ONCE])
    return len(keys)


def _report(rng: Random, keys: list[int]) -> None:
    now = timezone.now()
    reasons, reports = ReportReason.values, []
    by_count: dict[int, list[int]] = {1: [], 2: [], 3: []}
    for key in keys:
        times = rng.choice((1, 1, 1, 2, 3))
        by_count[times].append(key)
        for number in range(times):
            made = {"reporter_key": f"seed-{key}-{number}", "reason": rng.choice(reasons)}
            reports.append(Report(comment_id=key, created_at=now, **made))
    Report.objects.bulk_create(reports)
    for times, of_them in by_count.items():
        Comment.objects.filter(pk__in=of_them).update(open_reports=times, reported_at=now)
