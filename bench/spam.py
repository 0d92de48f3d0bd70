"""How good the learner is on the comments of other sites, and how quick.

They are not ours to give away: they are looked for where the tests look for them, and what needs
them is left out when they are absent.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench import Figure
from comments.spam import Verdict
from comments.spam.learner.features import SLOTS, Written, features_of
from comments.spam.learner.labelled import read_labelled
from comments.spam.learner.model import Model
from comments.spam.learner.protocols import in_order
from comments.spam.learner.trials import PROTOCOLS, Material
from tests.comments.learner.ham import FOREIGN, PLAIN, RUDE
from tests.comments.learner.hostile import TEXTS

ROOT = Path(__file__).resolve().parent.parent
STORED = 1_000_000
# What is measured is what was reached; the limits are where it would have become another learner.
AT_LEAST = {
    ("split", "accuracy, the first 70 % of the file learnt"): 96,
    ("leave-one-out", "accuracy"): 94.5,
}
AT_MOST = {
    ("leave-one-out", "1 - AUC"): 1,
    ("leave-one-out", "ham blocked where 95 % of spam is caught"): 4,
    ("stream", "errors after all 1586"): 60,
    ("stream", "ham queued, once ready"): 1,
    ("stream", "ham called spam"): 1,
    ("stream", "spam published"): 15,
    ("stream", "share of all queued"): 12,
    ("shift", "local ham called spam by the cut-offs"): 1,
}


def measure() -> Iterator[Figure]:
    yield from _quickness()
    folder = Path(os.environ.get("PARLEY_TEST_DATA") or ROOT.parent / "shared" / "data")
    files = sorted((folder / "youtube-spam").glob("*.csv"))
    ham = sorted((folder / "stackexchange-ham").glob("*.jsonl"))
    if not files or not ham:
        # A figure, so that whoever reads what is kept sees it too.
        yield Figure(f"left out: no comments in {folder} (set PARLEY_TEST_DATA)", 0, "")
        return
    local = read_labelled(ham[0], label=False).comments
    material = Material([read_labelled(path) for path in files], local)
    yield from _goodness(material)
    yield from _fairness(material)


def _quickness() -> Iterator[Figure]:
    model, written = _full_model(), Written(" ".join(PLAIN[:2]), "Ann Example")
    yield Figure(
        f"a check, with {STORED:,} features stored",
        1000 * _seconds(lambda: model.score(features_of(written)), 200),
        "ms",
        at_most=1,
    )
    texts = [Written(f"{text} {number}") for number in range(17) for text in (*PLAIN, *RUDE)]
    fold = Model()
    began = time.process_time()
    for number, text in enumerate(texts):
        fold.learn(features_of(text), bool(number % 2))
    taken = time.process_time() - began
    yield Figure("decisions learnt in a second", len(texts) / taken, "", at_least=1000)
    worst = max(TEXTS, key=lambda name: _look(TEXTS[name], 1))
    yield Figure(f"the worst text looked at ({worst})", 1000 * _look(TEXTS[worst], 3), "ms", 50)


def _goodness(material: Material) -> Iterator[Figure]:
    for protocol, tell in PROTOCOLS.items():
        for told in tell(material):
            key = (protocol, told.what)
            what = f"{protocol}: {told.what}"
            yield Figure(what, told.value, told.unit, AT_MOST.get(key), AT_LEAST.get(key))
            if told.low is not None and told.high is not None:
                yield Figure(f"{what}, at the least", told.low, told.unit)
                yield Figure(f"{what}, at the most", told.high, told.unit)


def _fairness(material: Material) -> Iterator[Figure]:
    """Rude is not spam and foreign is not spam."""
    model = Model()
    for comment in in_order(material.corpora):
        model.learn(features_of(comment.written), comment.is_spam)
    foreign = [text for texts in FOREIGN.values() for text in texts]
    for what, texts in (("plain", PLAIN), ("rude", RUDE), ("foreign", foreign)):
        scores = np.array([model.score(features_of(Written(text))) for text in texts])
        stopped = [model.verdict(score) != Verdict.HAM for score in scores.tolist()]
        yield Figure(f"{what} ham scored as spam", 100 * float(np.mean(scores > 0)), "%")
        yield Figure(f"{what} ham queued or called spam", 100 * float(np.mean(stopped)), "%", 1)


def _full_model() -> Model:
    """Return a model that has as much stored as one ever should."""
    model, rng = Model(), np.random.default_rng(1)
    slots = rng.choice(SLOTS, STORED, replace=False)
    model.weights[slots] = rng.integers(-60_000, 60_000, STORED)
    model.in_ham[slots], model.in_spam[slots] = rng.integers(0, 9, (2, STORED))
    model.ham = model.spam = 5000
    model.features_of_ham = model.features_of_spam = STORED
    return model


def _seconds(act: Callable[[], object], times: int) -> float:
    """Return what one of so many costs, in seconds of this process."""
    began = time.process_time()
    for _time in range(times):
        act()
    return (time.process_time() - began) / times


def _look(text: str, times: int) -> float:
    return min(_seconds(lambda: features_of(Written(text)), 1) for _time in range(times))
