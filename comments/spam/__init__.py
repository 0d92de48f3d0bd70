"""The spam hook: a check is a function `Submission -> Finding | None`, named in a setting.

`COMMENTS_CHECKS` lists dotted paths in order (loading.py). All findings are kept, and policy.py
makes one decision of them. A check that fails holds the comment: it fails to the queue, never to
the page and never to the bin. docs/spam-check.md shows how to write one.
"""

import logging
from collections.abc import Iterable

from comments.spam.findings import Check, CheckFailed, Finding, Owed, Verdict
from comments.spam.loading import (
    checks_in_force,
    load_checks,
    local_paths,
    remote_checks_in_force,
)
from comments.spam.remote import Remote, remote
from comments.submission import Submission

__all__ = [
    "Check",
    "CheckFailed",
    "Finding",
    "Owed",
    "Remote",
    "Verdict",
    "load_checks",
    "local_paths",
    "remote",
    "remote_checks_in_force",
    "run_checks",
]

logger = logging.getLogger("parley.spam")


def run_checks(submission: Submission, paths: Iterable[str] | None = None) -> list[Finding]:
    """Run every check in order and return what they found.

    A check that raises, or answers with something else than a Finding, leaves an unsure finding.
    """
    findings = (_run(each.name, each.check, submission) for each in checks_in_force(paths))
    return [finding for finding in findings if finding is not None]


def _run(name: str, check: Check, submission: Submission) -> Finding | None:
    try:
        finding = check(submission)
        if finding is None or isinstance(finding, Finding):
            return finding
        raise TypeError(f"{name} returned {type(finding).__name__}, not a Finding or None")
    except Exception as error:
        logger.exception("The check %s failed; the comment is held.", name)
        return Finding(
            check=name,
            verdict=Verdict.UNSURE,
            message=f"The check could not be made ({type(error).__name__}).",
        )
