"""Where the shapes of the morning page's charts stand, and how long is said."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from comments.desk import charts
from comments.desk.month import CheckFigures, Day, Took

FIRST = date(2026, 3, 2)


def day(number, *, seconds=(), **came):
    return Day(FIRST + timedelta(days=number), Counter(came), Took.of(seconds))


def test_the_parts_of_a_bar_stand_on_each_other_from_the_bottom_up():
    chart = charts.stacked([day(0, approved=5, pending=3, spam=2)])
    approved, pending, spam = chart.pieces
    assert approved.y + approved.height == charts.BOTTOM
    assert pending.y + pending.height == approved.y
    assert (spam.y + spam.height, spam.y) == (pending.y, charts.TOP)


def test_one_comment_among_thousands_is_seen():
    chart = charts.stacked([day(0, approved=5000), day(1, spam=1)])
    assert chart.pieces[-1].height == 1


def test_every_bar_of_a_month_lies_within_the_chart():
    chart = charts.stacked([day(number, approved=number) for number in range(30)])
    assert len(chart.pieces) == 29, "nothing came on the first day"
    assert all(
        piece.x > charts.LEFT and piece.x + piece.width <= charts.RIGHT for piece in chart.pieces
    )


def test_charts_of_nothing_have_no_shapes():
    days = [day(0), day(1)]
    assert (charts.stacked(days).pieces, charts.times(days).runs) == ([], [])
    assert charts.stacked([]).frame.dates == []


def test_a_day_without_a_decision_breaks_the_line():
    seconds = [(60,), (120,), (), (600,), (700,)]
    chart = charts.times([day(number, seconds=some) for number, some in enumerate(seconds)])
    assert [len(run.split()) for run in chart.runs] == [2, 2]


@pytest.mark.parametrize("seconds", [0, 0.2, 1, 60, 3600, 86400 * 5000])
def test_a_time_of_any_length_lies_within_the_chart(seconds):
    (dot,) = charts.times([day(0, seconds=[seconds])]).medians
    assert charts.TOP <= dot.y <= charts.BOTTOM


def test_no_word_beside_the_lines_runs_into_another():
    lines = charts.times([day(0, seconds=[1, 86400 * 3000])]).frame.lines
    gaps = [below.at - above.at for below, above in pairwise(lines)]
    assert min(gaps) >= charts.WORD


def test_longer_stands_higher():
    short, long = charts.times([day(0, seconds=[90]), day(1, seconds=[9000])]).medians
    assert long.y < short.y


def test_a_checks_bar_is_as_long_as_what_it_found():
    bar = charts.check_bar(CheckFigures("links", right=2, wrong=1, waiting=1), most=8)
    assert [(piece.kind, piece.x, piece.width) for piece in bar] == [
        ("right", 0, 30),
        ("wrong", 30, 15),
        ("waiting", 45, 15),
    ]


@pytest.mark.parametrize(("most", "top"), [(0, 1), (1, 1), (3, 5), (20, 20), (21, 50), (999, 1000)])
def test_the_scale_ends_at_a_round_number(most, top):
    assert charts.round_up(most) == top


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (3 * 3600 + 300, "3 h 5 min"),
        (86400 * 2 + 3600 * 4, "2 d 4 h"),
        (86400 * 40 + 3600, "40 d"),
        (86400 * 1200, "1,200 d"),
    ],
)
def test_a_time_is_said_in_two_units_at_most(seconds, said):
    assert charts.duration(seconds) == said
