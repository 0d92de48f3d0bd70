"""Why a text has its score: the strongest parts each way, in characters of the text as it was
sent.

Each character carries a share of what it is part of. Whole words are told, neighbours that speak
the same way as one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comments.spam.learner.features import Seen, Written, features_of, seen_in
from comments.spam.learner.folding import fold
from comments.spam.learner.model import UNIT, Model

MOST = 5
# What moves a score by less is no reason. Units: log-odds.
LEAST = 0.05
WORD = re.compile(r"\S+")
# How much weaker a neighbour may be that is told along with a span.
WEAKER = 0.25


@dataclass(frozen=True)
class Span:
    """A part of the text. Units: `weight` in log-odds, above 0 for spam."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Reasons:
    """Shape: the strongest first. `others` are (kind, weight) of what stands in no place of the
    text: "author", "website", "shape", "disguised"."""

    for_spam: tuple[Span, ...]
    for_ham: tuple[Span, ...]
    others: tuple[tuple[str, float], ...]


def reasons_of(model: Model, written: Written, most: int = MOST) -> Reasons:
    """Return at most so many spans each way."""
    folded = fold(written.text)
    scale = 1 / (UNIT * max(1, len(features_of(written))) ** 0.5)
    weights = np.zeros(len(folded.text))
    others: dict[str, float] = {}
    # Each slot counts once in a score, however often it was met.
    met: set[int] = set()
    for seen in seen_in(written, folded):
        shares = _shares(model, seen, met) * scale
        if seen.starts is None:
            others[seen.kind] = others.get(seen.kind, 0.0) + float(shares.sum())
        else:
            _spread(weights, seen, shares)
    spans = list(_spans(written.text, _of_original(weights, folded.places, len(written.text))))
    return Reasons(
        tuple(sorted((s for s in spans if s.weight >= LEAST), key=lambda s: -s.weight)[:most]),
        tuple(sorted((s for s in spans if s.weight <= -LEAST), key=lambda s: s.weight)[:most]),
        tuple(
            sorted(
                ((kind, weight) for kind, weight in others.items() if abs(weight) >= LEAST),
                key=lambda row: -abs(row[1]),
            )
        ),
    )


def _shares(model: Model, seen: Seen, met: set[int]) -> NDArray[np.float64]:
    """Return what each feature adds: its weight, divided among the places where it stands."""
    slots = seen.slots
    unique, which, counts = np.unique(slots, return_inverse=True, return_counts=True)
    is_new = np.array([slot not in met for slot in unique.tolist()], bool)
    met.update(unique.tolist())
    each = np.where(is_new, model.evidence(unique), 0) / np.maximum(1, counts)
    return np.asarray(each[which], np.float64)


def _spread(weights: NDArray[np.float64], seen: Seen, shares: NDArray[np.float64]) -> None:
    """Divide the share of each feature among the characters that it stands on."""
    if seen.starts is None or seen.ends is None:
        return
    for start, end, share in zip(
        seen.starts.tolist(), seen.ends.tolist(), shares.tolist(), strict=True
    ):
        weights[start:end] += share / (end - start)


def _of_original(
    weights: NDArray[np.float64], places: NDArray[np.int64], length: int
) -> NDArray[np.float64]:
    of_original = np.zeros(length + 1)
    np.add.at(of_original, np.minimum(places[: len(weights)], length), weights)
    return of_original


def _spans(text: str, weights: NDArray[np.float64]) -> Iterator[Span]:
    """Yield whole words, neighbours that speak the same way in one."""
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    last: Span | None = None
    for match in WORD.finditer(text):
        span = Span(*match.span(), float(sums[match.end()] - sums[match.start()]))
        if last is not None and _belong_together(last, span):
            last = Span(last.start, span.end, last.weight + span.weight)
        else:
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last


def _belong_together(one: Span, other: Span) -> bool:
    if one.weight * other.weight <= 0:
        return False
    weaker, stronger = sorted((abs(one.weight), abs(other.weight)))
    return weaker >= WEAKER * stronger
