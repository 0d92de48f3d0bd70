"""Figures, their limits, and what is kept of them; ratios of things measured in turns."""

import json

import pytest

from bench import Figure
from bench.__main__ import keep
from bench._contest import Answer, Contender, ask, floor, part_of
from bench._forms import forms
from bench._load import Load

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("at_least", "at_most", "is_within"),
    [
        (None, None, True),
        (0.5, None, True),
        (0.51, None, False),
        (None, 0.5, True),
        (None, 0.49, False),
        (0.4, 0.6, True),
        (0.6, 0.4, False),
    ],
)
def test_a_figure_is_within_its_limits_or_not(at_least, at_most, is_within):
    assert Figure("x", 0.5, "of F", at_most, at_least).is_within == is_within


def test_what_other_measures_found_stays(tmp_path):
    path = tmp_path / "var" / "bench.json"
    keep(path, "one", [Figure("a", 1, "ms")], 2.04)
    keep(path, "other", [Figure("b", 2, "ms", at_least=3)], 1)
    keep(path, "one", [Figure("a", 4, "ms")], 1)
    kept = json.loads(path.read_text())
    assert kept["one"]["figures"][0]["value"] == 4
    assert kept["other"]["figures"] == [
        {"what": "b", "value": 2, "unit": "ms", "at_most": None, "at_least": 3, "is_within": False}
    ]


def test_a_file_that_cannot_be_read_is_written_anew(tmp_path):
    path = tmp_path / "bench.json"
    path.write_text("{")
    keep(path, "one", [], 1)
    assert json.loads(path.read_text()).keys() == {"one"}


def test_a_part_is_the_median_of_what_the_rounds_said():
    """One slow moment of the machine meets both of a round, and is no part of the result."""
    one, other = (Contender(None, iter, lambda load: load) for _contender in range(2))
    one.loads = [Load(answers=count, seconds=1) for count in (50, 5, 55)]
    other.loads = [Load(answers=count, seconds=1) for count in (100, 10, 1000)]
    assert part_of(one, other) == 0.5


def test_the_floor_sends_what_the_other_server_sent():
    headers = [("Content-Type", "text/html; charset=utf-8"), ("ETag", '"x"'), ("Server", "other")]
    page = Answer(200, "OK", [*headers, ("Transfer-Encoding", "chunked")], b"hello")
    unchanged = Answer(304, "Not Modified", [("ETag", '"x"')], b"")
    with floor({"/page": page, "/same": unchanged}) as site:
        sent, same = ask(site, "/page"), ask(site, "/same")
    assert (sent.status, sent.body, sent.header("ETag")) == (200, b"hello", '"x"')
    assert sent.header("Server") != "other"
    assert (same.status, same.body) == (304, b"")


def test_no_two_forms_are_the_same_comment():
    made = forms(7, "key")
    some = [next(made) for _form in range(50)]
    for name in ("body", "token", "name", "email"):
        assert len({form[name] for form in some}) == 50, name
    assert sum("parent" in form for form in some) == 25
