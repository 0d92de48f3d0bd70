"""The spam hook: a check is a function `Submission -> Finding | None`, named in a setting.

`COMMENTS_CHECKS` lists dotted paths in order. Every check runs, all findings are kept, and
policy.py makes one decision of them. A check that raises holds the comment: it fails to the
queue, never to the page and never to the bin. docs/spam-check.md shows how to write one.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from comments.submission import Submission

logger = logging.getLogger("parley.spam")


class Verdict(StrEnum):
    HAM = "ham"
    UNSURE = "unsure"
    SPAM = "spam"

    @property
    def weight(self) -> int:
        return (Verdict.HAM, Verdict.UNSURE, Verdict.SPAM).index(self)


@dataclass(frozen=True)
class Finding:
    """What one check saw. Shape: `span` is (start, end) in characters of the comment's body;
    `entries` are the rows of the editors' lists that were found, to be counted and not kept.
    """

    check: str
    verdict: Verdict
    message: str
    value: float | str | None = None
    threshold: float | str | None = None
    span: tuple[int, int] | None = None
    entries: tuple[int, ...] = ()
    # Kept and shown to editors, and no part of the decision.
    is_advice: bool = False

    def as_json(self) -> dict[str, Any]:
        span = list(self.span) if self.span else None
        kept = {name: value for name, value in vars(self).items() if name not in UNKEPT}
        advice = {"is_advice": True} if self.is_advice else {}
        return {**kept, "verdict": str(self.verdict), "span": span, **advice}


UNKEPT = ("entries", "is_advice")


class CheckFailed(Exception):
    """A check cannot judge now. Shape: the text says why, for editors; `retry_after` when to ask
    again, where the one who was asked said so.
    """

    def __init__(self, why: str, retry_after: timedelta | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


Check = Callable[[Submission], Finding | None]


@lru_cache(maxsize=8)
def load_checks(paths: tuple[str, ...]) -> tuple[tuple[str, Check], ...]:
    """Return (name, check) for each dotted path; the name is the path's last part.

    Raises: ImportError for a path that leads nowhere (a system check reports it at start).
    """
    return tuple((path.rpartition(".")[2], import_string(path)) for path in paths)


def run_checks(submission: Submission, paths: Iterable[str] | None = None) -> list[Finding]:
    """Run every check in order and return what they found.

    A check that raises, or answers with something else than a Finding, leaves an unsure finding.
    """
    chosen = tuple(settings.COMMENTS_CHECKS if paths is None else paths)
    findings = (_run(name, check, submission) for name, check in load_checks(chosen))
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
