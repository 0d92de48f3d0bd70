"""What a month of the log adds up to: what came in, how long decisions took, who decided, what the
checks caught and got wrong. Pure: rows in, numbers out; figures.py reads the rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import ceil
from statistics import median
from typing import Any, NamedTuple

from comments.status import MODERATOR_ACTIONS, Action, Status

JUDGED = (Action.SUBMIT, Action.EDIT)
BEGINNINGS = (*JUDGED, Action.IMPORT)
DECISIONS = (*MODERATOR_ACTIONS, Action.DISMISS)
REMOVALS = (Action.REJECT, Action.MARK_SPAM)
# A check may be anybody's code, and what it says is stored as it came.
MOST_CHECKS = 40
LONGEST_NAME = 80


class Row(NamedTuple):
    """One entry of the log, and of its comment when it was written and last edited."""

    pk: int
    comment: int
    actor: int | None
    actor_name: str
    action: str
    old_status: str
    new_status: str
    public_before: int | None
    undoes: int | None
    at: datetime
    findings: Any
    written_at: datetime
    edited_at: datetime | None

    @property
    def is_judging(self) -> bool:
        """Whether it says what checks found: of words that came, or of those checked again."""
        is_recheck = self.actor is None and self.action not in BEGINNINGS and bool(self.findings)
        return self.action in JUDGED or is_recheck


@dataclass(frozen=True)
class Took:
    """How long decisions took. Units: seconds. Shape: of nothing, the times are None."""

    count: int = 0
    median: float | None = None
    ninetieth: float | None = None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Took":
        if not seconds:
            return cls()
        ordered = sorted(seconds)
        return cls(len(ordered), median(ordered), ordered[ceil(0.9 * len(ordered)) - 1])


@dataclass
class Decided:
    """Decisions of one kind or by one editor, and how many of them were undone."""

    name: str
    count: int = 0
    undone: int = 0


@dataclass
class CheckFigures:
    """Comments that a check spoke against, by what an editor made of them."""

    name: str
    right: int = 0
    wrong: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.right + self.wrong + self.waiting


@dataclass(frozen=True)
class Day:
    """One day of the window. Shape: `came` by the status at admission."""

    date: date
    came: Counter[str]
    took: Took


@dataclass
class Month:
    """All of it. Shape: `days` oldest first without gaps; `missed` comments, newest first."""

    days: list[Day]
    took: Took
    acts: list[Decided]
    editors: list[Decided]
    checks: list[CheckFigures]
    let_through: int
    missed: list[int]

    @property
    def came(self) -> Counter[str]:
        return sum((day.came for day in self.days), Counter())

    @property
    def decided(self) -> Decided:
        """All decisions together."""
        return Decided(
            "", sum(act.count for act in self.acts), sum(act.undone for act in self.acts)
        )


def add_up(rows: Sequence[Row], *, first: date, last: date, zone: tzinfo) -> Month:
    """Return what the rows, newest first, say of the days from `first` to `last`."""
    undone = _undone(rows)
    newest = _newest_decisions(rows, undone)
    times = list(_times(rows))
    let_through, missed = _let_through(rows, newest)
    acts, editors = _decided(rows, undone)
    return Month(
        days=list(_days(rows, times, first, last, zone)),
        took=Took.of([seconds for _at, seconds in times]),
        acts=acts,
        editors=editors,
        checks=_checks(rows, newest),
        let_through=let_through,
        missed=missed,
    )


def _is_decision(row: Row) -> bool:
    return row.actor is not None and row.action in DECISIONS


def _undone(rows: Iterable[Row]) -> set[int]:
    """Return the entries that are undone. What undid one may be undone itself: newest first."""
    undone: set[int] = set()
    for row in rows:
        if row.undoes is not None and row.pk not in undone:
            undone.add(row.undoes)
    return undone


# --- what the checks did ----------------------------------------------------------------------


def _newest_decisions(rows: Iterable[Row], undone: set[int]) -> dict[int, Row]:
    """Return of each comment the newest decision that stands."""
    newest: dict[int, Row] = {}
    for row in rows:
        if _is_decision(row) and row.pk not in undone:
            newest.setdefault(row.comment, row)
    return newest


def _checks(rows: Iterable[Row], newest: dict[int, Row]) -> list[CheckFigures]:
    """Count each comment once for each check that spoke against it."""
    found: dict[str, CheckFigures] = {}
    seen: set[tuple[int, str]] = set()
    for row in rows:
        for name in _accusers(row):
            if (row.comment, name) not in seen:
                seen.add((row.comment, name))
                _note(found.setdefault(name, CheckFigures(name)), newest.get(row.comment))
    return sorted(found.values(), key=lambda check: (-check.total, check.name))[:MOST_CHECKS]


def _note(check: CheckFigures, decision: Row | None) -> None:
    if decision is not None and decision.action in REMOVALS:
        check.right += 1
    elif decision is not None and decision.new_status == Status.APPROVED:
        check.wrong += 1
    else:
        check.waiting += 1


def _accusers(row: Row) -> set[str]:
    """Return the names of the checks that had something against the text."""
    if not row.is_judging or not isinstance(row.findings, list):
        return set()
    return {
        str(finding.get("check", ""))[:LONGEST_NAME]
        for finding in row.findings
        if isinstance(finding, dict) and _accuses(finding)
    }


def _accuses(finding: dict[str, Any]) -> bool:
    """Tell whether a check had something against the text; one that failed had not."""
    return finding.get("verdict") != "ham" and not finding.get("is_unchecked")


def _let_through(rows: Iterable[Row], newest: dict[int, Row]) -> tuple[int, list[int]]:
    """Return how many comments became public by themselves, and those that were removed since."""
    judged: set[int] = set()
    passed: list[int] = []
    for row in rows:
        if row.action in JUDGED and row.comment not in judged:
            judged.add(row.comment)
            if row.new_status == Status.APPROVED:
                passed.append(row.comment)
    missed = [pk for pk in passed if pk in newest and newest[pk].action in REMOVALS]
    return len(passed), missed


# --- what the editors did ---------------------------------------------------------------------


def _decided(rows: Iterable[Row], undone: set[int]) -> tuple[list[Decided], list[Decided]]:
    """Return the decisions by kind and by editor, most first."""
    acts: dict[str, Decided] = {}
    editors: dict[int | None, Decided] = {}
    for row in filter(_is_decision, rows):
        for one in (
            acts.setdefault(row.action, Decided(row.action)),
            editors.setdefault(row.actor, Decided(row.actor_name)),
        ):
            one.count += 1
            one.undone += row.pk in undone
    return _most_first(acts.values()), _most_first(editors.values())


def _most_first(decided: Iterable[Decided]) -> list[Decided]:
    return sorted(decided, key=lambda one: (-one.count, one.name))


def _times(rows: Sequence[Row]) -> Iterator[tuple[datetime, float]]:
    """Yield (when, seconds) of each first decision on what came or was edited."""
    since: dict[int, datetime] = {}
    known: set[int] = set()
    for row in reversed(rows):
        began = since.pop(row.comment, None)
        if row.comment not in known and row.old_status == Status.PENDING:
            began = _began_before(row)
        known.add(row.comment)
        if row.new_status == Status.PENDING:
            # What an editor put back waits for editors by their own will: no clock runs.
            began = began or (row.at if row.action in BEGINNINGS else None)
            if began is not None:
                since[row.comment] = began
        elif began is not None and began <= row.at and _is_decision(row):
            yield row.at, (row.at - began).total_seconds()


def _began_before(row: Row) -> datetime | None:
    """Return since when a comment waited that came before the rows begin.

    Readers still see earlier words of it: then it was an edit that put it back.
    """
    return row.written_at if row.public_before is None else row.edited_at


# --- day by day -------------------------------------------------------------------------------


def _days(
    rows: Iterable[Row],
    times: Iterable[tuple[datetime, float]],
    first: date,
    last: date,
    zone: tzinfo,
) -> Iterator[Day]:
    came: defaultdict[date, Counter[str]] = defaultdict(Counter)
    took: defaultdict[date, list[float]] = defaultdict(list)
    for row in rows:
        if row.action == Action.SUBMIT:
            came[row.at.astimezone(zone).date()][row.new_status] += 1
    for at, seconds in times:
        took[at.astimezone(zone).date()].append(seconds)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        yield Day(day, came[day], Took.of(took[day]))
