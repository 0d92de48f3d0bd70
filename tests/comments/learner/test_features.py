"""The same text has the same features everywhere, soon, and whatever it is."""

import time
import zlib

import pytest

from comments.spam.learner.features import SLOTS, VERSION, Written, features_of, seen_in
from tests.comments.learner.hostile import TEXTS

TEXT = (
    "Check out my new song! https://www.songs.example/listen?v=1 \u2014 thanks, \u0410\u043d\u044f"
)


def slots(*args):
    return features_of(Written(*args)).slots


def test_features_are_the_same_in_every_process_and_stay_so():
    found = slots(TEXT, "Ann Example", "https://ann.example")
    # They are what kept states are made of: with other features, raise VERSION.
    assert (VERSION, zlib.crc32(found.astype("<u4").tobytes())) == (1, 2715350764)


def test_slots_are_in_the_table_in_order_each_once():
    found = slots(TEXT * 3).tolist()
    assert found == sorted(set(found))
    assert found[-1] < SLOTS


def kinds(written):
    return {seen.kind for seen in seen_in(written) if len(seen.hashes)}


def test_each_kind_is_there_when_there_is_something_of_it():
    assert kinds(Written("Hi")) == {"piece", "word", "shape"}
    every = Written(TEXT + " sub\u200bscribe", "Ann", "https://ann.example")
    all_kinds = {"piece", "word", "pair", "link", "shape", "author", "website", "disguised"}
    assert kinds(every) == all_kinds


@pytest.mark.parametrize("different", ["case", "entities", "look-alikes"])
def test_another_way_of_writing_it_shares_nearly_all(different):
    plain = "please subscribe to my channel and like the video"
    other = {
        "case": plain.title(),
        "entities": plain.replace("s", "&#115;"),
        "look-alikes": plain.replace("a", "\u0430"),
    }[different]
    ours, theirs = set(slots(plain).tolist()), set(slots(other).tolist())
    # What is left is its shape, and that it was disguised.
    assert len(ours ^ theirs) <= 4


@pytest.mark.parametrize("name", TEXTS)
def test_the_worst_text_is_looked_at_soon(name):
    assert min(_seconds(TEXTS[name]) for _round in range(3)) < 0.05
    assert len(slots(TEXTS[name])) < 15_000


def _seconds(text):
    began = time.process_time()
    slots(text)
    return time.process_time() - began
