"""The list of measures: those in force, then the past. A page begins after the key of a row."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from comments.models import Sanction
from comments.models.sanctions import SanctionQuerySet
from comments.reasons import labels
from comments.sanctions import whom

PAGE_SIZE = 50
KEY = re.compile(r"(now|past)-([0-9]{1,18})", re.ASCII)


class BadKey(ValueError):
    """The address names no place in the list."""


@dataclass(frozen=True)
class Row:
    measure: Sanction
    reason: str
    is_in_force: bool

    @property
    def who(self) -> str:
        return whom(self.measure)


@dataclass(frozen=True)
class PeoplePage:
    """Shape: `after` is the key of the next page, or nothing."""

    rows: list[Row]
    after: str = ""


def read_people(search: str = "", after: str = "", size: int = PAGE_SIZE) -> PeoplePage:
    """Return a page of measures, newest first. Queries: 2 or 3, 1 more for a search.

    Raises: BadKey.
    """
    part, last = _place(after)
    at = timezone.now()
    known = _searched(search).select_related("user").order_by("-pk")
    found: list[tuple[Sanction, bool]] = []
    for name, rows in (("now", known.in_force(at)), ("past", known.filter(_over(at)))):
        if part == "past" and name == "now":
            continue
        if name == part and last is not None:
            rows = rows.filter(pk__lt=last)
        if len(found) <= size:
            found += [(row, name == "now") for row in rows[: size + 1 - len(found)]]
    known_as = labels()
    shown = [
        Row(measure, known_as.get(measure.reason, measure.reason), is_in_force)
        for measure, is_in_force in found[:size]
    ]
    if len(found) <= size or not shown:
        return PeoplePage(shown)
    edge = shown[-1]
    return PeoplePage(shown, f"{'now' if edge.is_in_force else 'past'}-{edge.measure.pk}")


def _place(after: str) -> tuple[str, int | None]:
    if not after:
        return "now", None
    match = KEY.fullmatch(after)
    if match is None:
        raise BadKey(after[:40])
    return match[1], int(match[2])


def _over(at: datetime) -> Q:
    return Q(lifted_at__isnull=False) | Q(ends_at__lte=at)


def _searched(search: str) -> SanctionQuerySet:
    if not search:
        return Sanction.objects.all()
    named = Q(value__icontains=search) | Q(note__icontains=search)
    named |= Q(actor_name__icontains=search) | Q(reason__iexact=search)
    people = get_user_model()
    with suppress(people.DoesNotExist):
        named |= Q(user=people._default_manager.get_by_natural_key(search))
    return Sanction.objects.filter(named)
