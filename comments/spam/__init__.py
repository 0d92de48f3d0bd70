"""The spam hook: a check is a function `Submission -> Finding | None`, named in a setting.

`COMMENTS_CHECKS` lists dotted paths in order. Every check runs, all findings are kept, and
policy.py makes one decision of them. A check that raises holds the comment: it fails to the
queue, never to the page and never to the bin. docs/spam-check.md shows how to write one.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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

    def as_json(self) -> dict[str, Any]:
        span = list(self.span) if self.span else None
        kept = {name: value for name, value in vars(self).items() if name != "entries"}
        return {**kept, "verdict": str(self.verdict), "span": span}


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
