"""What a trial of the learner is told by: each protocol's figures, with their intervals."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from comments.spam import Verdict
from comments.spam.learner import protocols
from comments.spam.learner.labelled import Corpus, Labelled
from comments.spam.learner.measures import (
    Measure,
    Outcome,
    accuracy,
    area_lost,
    errors,
    ham_blocked,
    interval,
    matthews,
    share_called_spam,
)

# In the stream with wrong labels: their share, and how often it is run, each time with others.
WRONG, RUNS = 0.05, 10


class NotEnough(ValueError):
    """The files do not suffice for a protocol. Its words are for whoever named them."""


@dataclass(frozen=True)
class Told:
    """One figure. Shape: `low` and `high` are None for what has no interval."""

    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Material:
    """Shape: `local` is ham of another place, in its order."""

    corpora: Sequence[Corpus]
    local: Sequence[Labelled] = ()


def of_split(material: Material) -> list[Told]:
    _require_files(material, 1)
    by_date = protocols.split(material.corpora)
    as_filed = protocols.split(material.corpora, in_file_order=True)
    return [
        _told("accuracy, the first 70 % by date learnt", accuracy, by_date, "%"),
        _told("Matthews correlation", matthews, by_date, ""),
        _told("accuracy, the first 70 % of the file learnt", accuracy, as_filed, "%"),
        _told("Matthews correlation, so", matthews, as_filed, ""),
    ]


def of_leave_one_out(material: Material) -> list[Told]:
    _require_files(material, 2)
    outcomes = protocols.leave_one_out(material.corpora)
    each = zip(material.corpora, outcomes, strict=True)
    return [
        _told("accuracy", accuracy, outcomes, "%"),
        _told("1 - AUC", area_lost, outcomes, "%"),
        _told("ham blocked where 95 % of spam is caught", ham_blocked, outcomes, "%"),
        *(_told(f"accuracy on {corpus.name}", accuracy, [each], "%") for corpus, each in each),
    ]


def of_stream(material: Material) -> list[Told]:
    _require_files(material, 1)
    clean = protocols.stream(material.corpora)
    total = len(clean.outcome.scores)
    noisy = [protocols.stream(material.corpora, WRONG, seed) for seed in range(RUNS)]
    with_wrong = statistics.mean(run.errors_after(total) for run in noisy)
    ways = clean.three_ways
    return [
        *(Told(f"errors after {n}", clean.errors_after(n), "") for n in (100, 500) if n < total),
        _told(f"errors after all {total}", errors, [clean.outcome], ""),
        Told("errors, 5 % of what is learnt labelled wrong", with_wrong, ""),
        Told("rise of errors by that", _rise(with_wrong, clean.errors_after(total)), "%"),
        Told("ham queued, once ready", 100 * ways.ham_queued, "%"),
        Told("ham called spam", 100 * ways.ham_called_spam, "%"),
        Told("spam published", 100 * ways.spam_published, "%"),
        Told("share of all queued", 100 * ways.queued, "%"),
    ]


def of_shift(material: Material) -> list[Told]:
    _require_files(material, 1)
    if len(material.local) <= protocols.LOCAL:
        raise NotEnough(
            f"shift wants ham of another place, more than {protocols.LOCAL} of it: "
            "name a file of ham with --ham."
        )
    shifted = protocols.shift(material.corpora, material.local)
    called = float(np.mean([verdict == Verdict.SPAM for verdict in shifted.verdicts]))
    return [
        _told(
            "local ham scored as spam before any was learnt",
            share_called_spam,
            [shifted.before],
            "%",
        ),
        _told("local ham scored as spam after 50", share_called_spam, [shifted.rest], "%"),
        Told("local ham called spam by the cut-offs", 100 * called, "%"),
    ]


PROTOCOLS: dict[str, Callable[[Material], list[Told]]] = {
    "split": of_split,
    "leave-one-out": of_leave_one_out,
    "stream": of_stream,
    "shift": of_shift,
}


def _told(what: str, measure: Measure, outcomes: Sequence[Outcome], unit: str) -> Told:
    found, scale = interval(measure, outcomes), 100 if unit == "%" else 1
    return Told(what, found.value * scale, unit, found.low * scale, found.high * scale)


def _rise(noisy: float, clean: float) -> float:
    return 100 * (noisy / clean - 1) if clean else 0.0


def _require_files(material: Material, least: int) -> None:
    if len(material.corpora) < least:
        raise NotEnough(f"That wants at least {least} labelled files.")
