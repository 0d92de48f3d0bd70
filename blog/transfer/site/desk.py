"""Brings what the desk keeps beside comments: its lists, its reasons and its measures.

Each is found again by what it is, so that a second run changes nothing, and what is here stays as
it is. The caller has opened the transaction.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from comments.models import ListEntry, Reason, Sanction, SanctionTarget
from comments.spam.lists import forget_lists
from comments.transfer.report import CREATED, UNCHANGED, Report

Row = dict[str, Any]


def take_lists(rows: Iterable[Row], report: Report) -> None:
    for row in rows:
        names = {name: row[name] for name in ("kind", "pattern")}
        kept = ("effect", "note", "hits", "last_hit_at", "created_at")
        more = {name: row[name] for name in kept}
        _entry, is_new = ListEntry.objects.get_or_create(**names, defaults=more)
        report.took("lists", CREATED if is_new else UNCHANGED)
    read_anew()


def take_reasons(rows: Iterable[Row], report: Report) -> None:
    """Make the reasons that are missing. A key that another one has here stays with that one."""
    for row in rows:
        facts = {name: row[name] for name in row.keys() - {"code", "line"}}
        here = Reason.objects.filter(code=row["code"]).first()
        report.took("reasons", UNCHANGED if here else CREATED)
        if here is None:
            if row["key"] and Reason.objects.filter(key=row["key"]).exists():
                report.note(f"the key {row['key']} of the reason {row['code']} is taken here")
                facts["key"] = ""
            Reason.objects.create(code=row["code"], **facts)
        elif any(getattr(here, name) != facts[name] for name in facts):
            report.note(f"the reason {row['code']} is kept as it is here: it differs in the zip")


class Measures:
    """Takes measures against people; `people` are our ids by the short names in the zip."""

    def __init__(self, people: dict[str, int], report: Report) -> None:
        self.people, self.report = people, report
        self.met: Counter[tuple[Any, ...]] = Counter()

    def take(self, rows: Iterable[Row]) -> None:
        for row in rows:
            known = {name: row[name] for name in ("kind", "target", "created_at")}
            known["value"] = self._value(row)
            # Several of one moment against accounts that are gone look alike: they are counted.
            self.met[tuple(known.values())] += 1
            is_here = Sanction.objects.filter(**known).count() >= self.met[tuple(known.values())]
            if not is_here:
                self._measure(row, known)
            self.report.took("measures", UNCHANGED if is_here else CREATED)
        read_anew()

    def _value(self, row: Row) -> str:
        if row["target"] != SanctionTarget.ACCOUNT:
            return str(row["value"])
        return str(self.people[row["value"]]) if row["value"] else ""

    def _measure(self, row: Row, known: Row) -> None:
        kept = (
            "reason", "note", "message", "ends_at", "actor_name", "lifted_at", "lifted_by_name",
            "batch",
        )  # fmt: skip
        Sanction.objects.create(
            user_id=self.people[row["user"]] if row["user"] else None,
            actor_id=self.people[row["actor"]] if row["actor"] else None,
            **known,
            **{name: row[name] for name in kept},
        )


def read_anew() -> None:
    """Let what checks comments read lists and measures anew, as soon as this is committed."""
    forget_lists()
