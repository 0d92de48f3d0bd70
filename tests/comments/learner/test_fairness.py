"""Rude is not spam and foreign is not spam: neither is called so more than plain ham is."""

import numpy as np
import pytest

from comments.spam.learner.features import Written, features_of
from comments.spam.learner.labelled import read_labelled
from comments.spam.learner.model import learn_all
from comments.spam.learner.protocols import in_order
from tests.comments.learner.ham import FOREIGN, PLAIN, RUDE

IN_OTHER_LANGUAGES = [text for texts in FOREIGN.values() for text in texts]


@pytest.fixture(scope="module", params=["youtube", "youtube and a history forum"])
def model(request, shared_data):
    files = sorted((shared_data / "youtube-spam").glob("*.csv"))
    comments = list(in_order(read_labelled(path) for path in files))
    if request.param != "youtube":
        (path,) = (shared_data / "stackexchange-ham").glob("*.jsonl")
        comments += read_labelled(path, label=False).comments[:400]
    return learn_all((features_of(each.written), each.is_spam) for each in comments)


def scores(model, texts):
    return np.array([model.score(features_of(Written(text))) for text in texts])


@pytest.mark.once
@pytest.mark.parametrize("kind", ["rude", "foreign"])
def test_it_is_called_spam_no_more_than_plain_ham_is(model, kind):
    found = scores(model, RUDE if kind == "rude" else IN_OTHER_LANGUAGES)
    assert np.mean(found > 0) <= max(0.02, np.mean(scores(model, PLAIN) > 0))
    assert not any(model.verdict(score) == "spam" for score in found)
