"""Where the shapes of the morning page's charts stand. Pure: numbers in, whole numbers out.

The templates draw them as SVG of plain attributes and classes (no style, no script), and put the
same figures into a table. Colours are morning.css's; each has a pattern or a mark as well.
Units: all lengths are those of the chart's viewBox, which is 360 wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.desk.month import CheckFigures, Day
from comments.status import Status

WIDTH, HEIGHT = 360, 168
LEFT, RIGHT, TOP, BOTTOM = 54, 356, 12, 140
# From the bottom of a bar to its top.
STACK = (Status.APPROVED, Status.PENDING, Status.SPAM)
MINUTE, HOUR, DAY = 60, 3600, 86400
# A decision takes seconds or weeks: each line is some times the one below.
STEPS = (1, 10, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY, 3650 * DAY)
BAR = 120
# The height of a word beside a line.
WORD = 15


class Tick(NamedTuple):
    """A line across the chart, or a word below it. Shape: `at` is its y, or its x."""

    at: int
    label: str


class Piece(NamedTuple):
    """One part of a bar. Shape: `kind` is a status, or what became of a check's findings."""

    kind: str
    x: int
    y: int
    width: int
    height: int


class Dot(NamedTuple):
    x: int
    y: int


@dataclass(frozen=True)
class Frame:
    """What every chart has around it."""

    lines: list[Tick]
    dates: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    label_x: int = LEFT - 6
    dates_y: int = HEIGHT - 8


@dataclass(frozen=True)
class Stacked:
    """Bars of what came in, a day each."""

    frame: Frame
    pieces: list[Piece]


@dataclass(frozen=True)
class Times:
    """How long decisions took, a day each. Shape: `runs` are the points of unbroken lines."""

    frame: Frame
    runs: list[str]
    medians: list[Dot]
    ninetieths: list[Dot]


def stacked(days: Sequence[Day]) -> Stacked:
    """Return the bars. Shape: a day on which nothing came has none."""
    top = round_up(max((sum(day.came[status] for status in STACK) for day in days), default=0))
    pieces: list[Piece] = []
    for number, day in enumerate(days):
        below = 0
        for status in STACK:
            above = below + day.came[status]
            lower, upper = _height(below, top), _height(above, top)
            if above > below:
                # One comment among thousands is seen all the same.
                height = max(1, upper - lower)
                left, width = _place(number, len(days))
                pieces.append(Piece(status.value, left, BOTTOM - lower - height, width, height))
            below = above
    lines = [Tick(BOTTOM, "0"), Tick(TOP, f"{top:,}")]
    return Stacked(Frame(lines, _dates(days)), pieces)


def times(days: Sequence[Day]) -> Times:
    """Return the lines: the middle one joined, the slow ones as marks of their own."""
    known = [day.took for day in days if day.took.count]
    low, high = _bounds([took.median for took in known] + [took.ninetieth for took in known])
    lines = _lines(low, high)
    medians: list[Dot] = []
    ninetieths: list[Dot] = []
    runs: list[list[Dot]] = [[]]
    for number, day in enumerate(days):
        left, width = _place(number, len(days))
        if day.took.median is None or day.took.ninetieth is None:
            runs.append([])
            continue
        dot = Dot(left + width // 2, _depth(day.took.median, low, high))
        medians.append(dot)
        runs[-1].append(dot)
        ninetieths.append(Dot(dot.x, _depth(day.took.ninetieth, low, high)))
    joined = [" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1]
    return Times(Frame(lines, _dates(days)), joined, medians, ninetieths)


def check_bar(check: CheckFigures, most: int) -> list[Piece]:
    """Return the parts of a check's bar, side by side; `most` is the whole width."""
    pieces: list[Piece] = []
    before = 0
    for kind in ("right", "wrong", "waiting"):
        after = before + getattr(check, kind)
        start, end = BAR * before // max(most, 1), BAR * after // max(most, 1)
        if after > before:
            pieces.append(Piece(kind, start, 1, max(1, end - start), 10))
        before = after
    return pieces


def duration(seconds: float) -> str:
    """Say how long that is, in two units at most: "40 s", "12 min", "3 h 5 min", "2 d 4 h"."""
    whole = round(seconds)
    if whole < MINUTE:
        return _("%(count)s s") % {"count": whole}
    if whole < HOUR:
        return _("%(count)s min") % {"count": whole // MINUTE}
    if whole < DAY:
        hours, minutes = whole // HOUR, whole % HOUR // MINUTE
        least = _("%(count)s min") % {"count": minutes} if minutes else ""
        return f"{_('%(count)s h') % {'count': hours}} {least}".strip()
    days, hours = whole // DAY, whole % DAY // HOUR
    # Of a month or more nobody asks for the hour.
    least = _("%(count)s h") % {"count": hours} if hours and days < 30 else ""
    return f"{_('%(count)s d') % {'count': f'{days:,}'}} {least}".strip()


def round_up(most: int) -> int:
    """Return the next of 1, 2, 5, 10, 20, 50 … that is not less."""
    step = 1
    while True:
        for times in (1, 2, 5):
            if step * times >= most:
                return step * times
        step *= 10


def _place(number: int, of: int) -> tuple[int, int]:
    """Return (left, width) of one of so many columns."""
    column = (RIGHT - LEFT) // max(of, 1)
    return LEFT + 1 + number * column, max(1, column - 2)


def _height(count: int, top: int) -> int:
    return (BOTTOM - TOP) * count // top


def _bounds(seconds: Sequence[float | None]) -> tuple[int, int]:
    """Return the lines between which all of them lie: two different ones, even of nothing."""
    known = [one for one in seconds if one is not None]
    least, most = min(known, default=MINUTE), max(known, default=HOUR)
    low = max((step for step in STEPS[:-1] if step <= least), default=STEPS[0])
    high = min((step for step in STEPS if step >= most and step > low), default=STEPS[-1])
    return low, high


def _lines(low: int, high: int) -> list[Tick]:
    """Return the lines between two of them, without those whose words would run into others."""
    lines: list[Tick] = []
    for step in STEPS:
        at = _depth(step, low, high)
        if low <= step <= high and (not lines or lines[-1].at - at >= WORD):
            lines.append(Tick(at, duration(step)))
    return lines


def _depth(seconds: float, low: int, high: int) -> int:
    share = log(max(seconds, low) / low) / log(high / low)
    return round(BOTTOM - (BOTTOM - TOP) * min(share, 1))


def _dates(days: Sequence[Day]) -> list[Tick]:
    """Return the first day, the last and one between, so that they have room on a phone."""
    chosen = sorted({0, len(days) // 2, len(days) - 1}) if days else []
    return [Tick(_middle(number, len(days)), _short(days[number].date)) for number in chosen]


def _middle(number: int, of: int) -> int:
    left, width = _place(number, of)
    return left + width // 2


def _short(day: date) -> str:
    return date_format(day, "j M")
