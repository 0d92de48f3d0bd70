"""What a check says: a Finding, nothing, or that it cannot judge now.

Knows no check and no setting; loading.py knows which there are, running.py runs them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import isfinite
from typing import Any

from comments.submission import Submission


class Verdict(StrEnum):
    HAM = "ham"
    UNSURE = "unsure"
    SPAM = "spam"

    @property
    def weight(self) -> int:
        return (Verdict.HAM, Verdict.UNSURE, Verdict.SPAM).index(self)


@dataclass(frozen=True)
class Owed:
    """A verdict that a check still owes. Shape: `path` is the check's dotted path, `why` is for
    editors, `retry_after` is set where the one who was asked said when to ask again; `was_asked`
    is not so where its circuit breaker was open.
    """

    path: str
    why: str
    retry_after: timedelta | None = None
    was_asked: bool = True


@dataclass(frozen=True)
class Told:
    """What a service was told of a comment, and said of it: kept for a while, so that an editor's
    decision can be reported to it. Shape: as SentFields.
    """

    service: str
    fields: Mapping[str, Any]
    verdict: str
    answer_id: str = ""


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
    # Set by the hook where the check failed; no check sets it.
    owed: Owed | None = None
    # What it was made of, where nothing else keeps that: from it the same is said again (facts.py).
    made_of: Mapping[str, Any] | None = None
    # Of a remote check whose service takes reports; kept once the comment is stored.
    told: Told | None = None

    def as_json(self) -> dict[str, Any]:
        span = list(self.span) if self.span else None
        kept = {name: value for name, value in vars(self).items() if name not in UNKEPT}
        flags = {"is_advice": self.is_advice, "is_unchecked": self.owed is not None}
        said = {name: True for name, is_so in flags.items() if is_so}
        message = str(self.message)
        return {**kept, "verdict": str(self.verdict), "message": message, "span": span, **said}


UNKEPT = ("entries", "is_advice", "owed", "made_of", "told")


# --- what strangers' checks say -----------------------------------------------------------------

MOST_OF_NAME, MOST_OF_FIGURE, MOST_OF_MESSAGE = 80, 200, 500


def sound(finding: Finding) -> Finding:
    """Return a finding of a check that is not ours as the log can keep it.

    Raises: TypeError, ValueError, where it is none after all.
    """
    return Finding(
        check=plain(finding.check, MOST_OF_NAME),
        verdict=Verdict(finding.verdict),
        message=plain(finding.message, MOST_OF_MESSAGE),
        value=_figure(finding.value),
        threshold=_figure(finding.threshold),
        span=_span(finding.span),
        entries=tuple(map(int, finding.entries)),
        is_advice=bool(finding.is_advice),
    )


def plain(text: object, most: int) -> str:
    """Return a text in one line and as every database takes it, cut."""
    return "".join(char if char.isprintable() else " " for char in str(text)[:most])


def _figure(value: Any) -> float | str | None:
    if value is None or isinstance(value, int | float):
        # What is no number is none in JSON either.
        return value if value is None or isfinite(value) else str(value)
    return plain(value, MOST_OF_FIGURE)


def _span(span: Any) -> tuple[int, int] | None:
    if span is None:
        return None
    start, end = map(int, span)
    if not 0 <= start <= end:
        raise ValueError(f"A span from {start} to {end} is none.")
    return start, end


class CheckFailed(Exception):
    """A check cannot judge now. Shape: the text says why, for editors; `retry_after` when to ask
    again, where the one who was asked said so; `told` as in a Finding, where it did answer.
    """

    def __init__(
        self, why: str, retry_after: timedelta | None = None, told: Told | None = None
    ) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.told = told


Check = Callable[[Submission], Finding | None]
