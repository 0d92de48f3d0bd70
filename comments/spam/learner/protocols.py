"""How the learner is tried: the real one, on labelled comments, never on one it has learnt from.

split           of each file, learn the first part and judge the rest
leave one out   learn all files but one and judge that
stream          all in the order of their dates: judge each, then learn it, from an empty model
shift           learn the files, then some ham of another place, and judge the rest of that
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from comments.spam import Verdict
from comments.spam.learner.features import Features, Written, features_of
from comments.spam.learner.labelled import Corpus, Labelled
from comments.spam.learner.measures import Outcome, outcome
from comments.spam.learner.model import Model

LEARNT_OF_EACH = 0.7
LOCAL = 50


@dataclass(frozen=True, eq=False)
class Streamed:
    """Shape: `advice` has a verdict for each, unsure before the model was ready from `ready` on."""

    outcome: Outcome
    advice: tuple[Verdict, ...]
    ready: int

    def errors_after(self, count: int) -> int:
        wrong = (self.outcome.scores > 0) != self.outcome.is_spam
        return int(wrong[:count].sum())

    @property
    def three_ways(self) -> "ThreeWays":
        rows = zip(self.advice, self.outcome.is_spam.tolist(), strict=True)
        return ThreeWays.of(list(rows)[self.ready :])


@dataclass(frozen=True)
class ThreeWays:
    """What the two cut-offs did once the model was ready. Units: shares of ham, spam and all."""

    ham_queued: float
    ham_called_spam: float
    spam_published: float
    queued: float

    @classmethod
    def of(cls, rows: Sequence[tuple[Verdict, bool]]) -> "ThreeWays":
        ham = [verdict for verdict, is_spam in rows if not is_spam]
        spam = [verdict for verdict, is_spam in rows if is_spam]
        return cls(
            ham_queued=_share(ham, Verdict.UNSURE),
            ham_called_spam=_share(ham, Verdict.SPAM),
            spam_published=_share(spam, Verdict.HAM),
            queued=_share(ham + spam, Verdict.UNSURE),
        )


@dataclass(frozen=True, eq=False)
class Shifted:
    """Shape: `before` is what became of the ham that was learnt, each judged before; `rest` of all
    that came after; `verdicts` are of both."""

    before: Outcome
    rest: Outcome
    verdicts: tuple[Verdict, ...]


def split(corpora: Iterable[Corpus], *, in_file_order: bool = False) -> list[Outcome]:
    outcomes = []
    for corpus in corpora:
        comments = corpus.in_file_order if in_file_order else corpus.comments
        cut = int(LEARNT_OF_EACH * len(comments))
        outcomes.append(judge(_taught(comments[:cut]), comments[cut:]))
    return outcomes


def leave_one_out(corpora: Sequence[Corpus]) -> list[Outcome]:
    return [
        judge(_taught(in_order(other for other in corpora if other is not corpus)), corpus.comments)
        for corpus in corpora
    ]


def stream(corpora: Iterable[Corpus], wrong: float = 0.0, seed: int = 0) -> Streamed:
    """With `wrong`, so many of what is learnt have the other label; errors are of the true ones."""
    rng, model = random.Random(seed), Model()  # noqa: S311  labels, not keys
    scores, truth, advice, ready = [], [], [], None
    for number, comment in enumerate(in_order(corpora)):
        if ready is None and model.is_ready:
            ready = number
        features = _features(comment.written)
        advice.append(model.verdict(model.score(features)))
        is_spam = comment.is_spam != (rng.random() < wrong)
        scores.append(model.learn(features, is_spam))
        truth.append(comment.is_spam)
    return Streamed(outcome(scores, truth), tuple(advice), len(scores) if ready is None else ready)


def shift(corpora: Iterable[Corpus], local: Sequence[Labelled]) -> Shifted:
    """Learn the files, then the first LOCAL of another place, and judge the rest of that."""
    model = _taught(in_order(corpora))
    verdicts, before = [], []
    for comment in local[:LOCAL]:
        features = _features(comment.written)
        verdicts.append(model.verdict(model.score(features)))
        before.append(model.learn(features, comment.is_spam))
    rest = judge(model, local[LOCAL:])
    cutoffs = model.cutoffs()
    if cutoffs is not None:
        verdicts += map(cutoffs.verdict, rest.scores.tolist())
    learnt = outcome(before, [comment.is_spam for comment in local[:LOCAL]])
    return Shifted(learnt, rest, tuple(verdicts))


def judge(model: Model, comments: Iterable[Labelled]) -> Outcome:
    rows = [(model.score(_features(each.written)), each.is_spam) for each in comments]
    return outcome([score for score, _ in rows], [is_spam for _, is_spam in rows])


def in_order(corpora: Iterable[Corpus]) -> Iterator[Labelled]:
    """Yield the comments of several files in the order of their dates."""
    dated = [row for corpus in corpora for row in corpus.dated]
    return (comment for _date, comment in sorted(dated, key=lambda row: row[0]))


def _taught(comments: Iterable[Labelled]) -> Model:
    model = Model()
    for comment in comments:
        model.learn(_features(comment.written), comment.is_spam)
    return model


@lru_cache(maxsize=20_000)
def _features(written: Written) -> Features:
    return features_of(written)


def _share(verdicts: Sequence[Verdict], wanted: Verdict) -> float:
    return float(np.mean([verdict == wanted for verdict in verdicts])) if verdicts else 0.0
