"""The spam hook: a check is a function `Submission -> Finding | None`, named in a setting.

`COMMENTS_CHECKS` lists dotted paths in order (loading.py), running.py runs them. All findings are
kept, and policy.py makes one decision of them. A check that fails holds the comment: it fails to
the queue, never to the page and never to the bin. docs/spam-check.md shows how to write one.
"""

from comments.spam.findings import Check, CheckFailed, Finding, Owed, Verdict
from comments.spam.loading import load_checks, local_paths, remote_checks_in_force
from comments.spam.remote import Remote, remote

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
]
