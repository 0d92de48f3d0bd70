"""What came before from the people behind a page of cards, in two queries however many comments
there are: counts end at a hundred, and of a network address only the newest are looked at.

The single comment's page counts to the end (dossier.py); a queue must not.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, TextField
from django.utils.translation import gettext

from comments.desk.addresses import Desk
from comments.desk.dossier import COUNTED, remark_on_address
from comments.models import Comment
from comments.prepared import Prepared
from comments.status import Status

MOST_COUNTED = 100
NEWEST_OF_ADDRESS = 100
NEWEST_FOR_NAMES = 50
MOST_NAMES = 6
# As many as a page has cards.
AT_ONCE = 20


@dataclass(frozen=True)
class Count:
    """Shape: `shown` is "12", or "100+" where counting ended."""

    status: Status
    label: str
    number: int

    @property
    def shown(self) -> str:
        return f"{MOST_COUNTED}+" if self.number > MOST_COUNTED else str(self.number)


@dataclass(frozen=True)
class Record:
    """What is known of one source. Shape: `source` is the desk's word for it, `address` is where
    the desk shows all that came from it.
    """

    source: str
    label: str
    value: str
    remark: str
    address: str
    counts: list[Count]
    first_seen_at: datetime | None = None


@dataclass(frozen=True)
class Past:
    """Everything known of a comment's author. Shape: `names` are others on the same address."""

    records: list[Record]
    names: list[str]


# --- one query with capped counts ---------------------------------------------------------------


class CappedCount(Subquery):
    """How many rows a sliced query has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


class AsList(Subquery):
    """The rows (status, name) of a sliced query as a JSON text."""

    output_field = TextField()
    template = (
        "(SELECT json_group_array(json_array(status, author_name)) FROM (%(subquery)s) newest)"
    )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            "(SELECT json_agg(json_build_array(status, author_name))::text"
            " FROM (%(subquery)s) newest)"
        )
        return self.as_sql(compiler, connection, template=template, **context)


# What a source is known by, and the column that has it.
SOURCES = {"account": "author", "email": "author_email"}


def read_past(comments: Sequence[Comment]) -> dict[int, Past]:
    """Return what is known of the author of each. Queries: 1 for each AT_ONCE.

    Bounded by the indexes comment_by_author, comment_by_email and comment_by_address: each count
    reads at most MOST_COUNTED rows more.
    """
    known: dict[int, dict[str, Any]] = {}
    for start in range(0, len(comments), AT_ONCE):
        keys = [comment.pk for comment in comments[start : start + AT_ONCE]]
        # The query is the same for fewer: no comment has the key 0.
        for values in PAST.rows(*keys, *[0] * (AT_ONCE - len(keys))):
            known[values[0]] = dict(zip(NAMES, values, strict=True))
    records = Records(Desk.here(), [(status, str(status.label)) for status in COUNTED])
    return {
        comment.pk: Past(list(records.of(comment, row)), _names(comment, row))
        for comment in comments
        if (row := known.get(comment.pk))
    }


def _expressions() -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for source, column in SOURCES.items():
        same = Comment.objects.filter(**{column: OuterRef(column)}).order_by()
        for status in Status:
            with_status = same.filter(status=status)
            first = with_status.order_by("created_at").values("created_at")[:1]
            facts[f"{source}_{status}_first"] = Subquery(first)
            if status in COUNTED:
                capped = with_status.values("pk")[: MOST_COUNTED + 1]
                facts[f"{source}_{status}"] = CappedCount(capped)
    facts["newest"] = AsList(_newest_of_address())
    return facts


def _build(*keys: int) -> QuerySet[Any, Any]:
    rows = Comment.objects.filter(pk__in=keys).order_by()
    return rows.annotate(**_expressions()).values_list(*NAMES)


def _newest_of_address() -> QuerySet[Comment, Any]:
    same = Comment.objects.filter(ip_address=OuterRef("ip_address")).order_by("-created_at")
    # Text on both databases: what the template names are these two columns.
    return same.values("status", "author_name")[:NEWEST_OF_ADDRESS]


NAMES = ("pk", *_expressions())
# Django takes longer to write this query than the database to answer it.
PAST = Prepared(_build, *range(918273645546372900, 918273645546372900 + AT_ONCE))


@dataclass(frozen=True)
class Records:
    """Makes the records of a page's cards. Shape: `statuses` are those counted, with their words:
    they are the same for each.
    """

    desk: Desk
    statuses: list[tuple[Status, str]]

    def of(self, comment: Comment, row: dict[str, Any]) -> Iterator[Record]:
        if comment.author_id is not None:
            account = str(comment.author)
            yield Record(
                "author",
                gettext("Account"),
                account,
                gettext("signed in"),
                self.desk.all_of("author", comment.author_id),
                *self._counted(row, "account"),
            )
        elif comment.author_email:
            email = comment.author_email
            yield Record(
                "email",
                gettext("E-mail"),
                email,
                remark_on_address(comment),
                self.desk.all_of("email", email),
                *self._counted(row, "email"),
            )
        if comment.ip_address:
            counts = Counter(status for status, _name in _newest(row))
            yield Record(
                "ip",
                gettext("Network"),
                comment.shown_address,
                _remark_on_network(comment) % {"count": NEWEST_OF_ADDRESS},
                self._all_from_network(comment),
                [Count(status, label, counts[status]) for status, label in self.statuses],
            )

    def _all_from_network(self, comment: Comment) -> str:
        source = "network" if comment.is_address_shortened else "ip"
        return self.desk.all_of(source, comment.shown_address)

    def _counted(self, row: dict[str, Any], source: str) -> tuple[list[Count], datetime | None]:
        """Return how many came from a source in each status, and when its first did."""
        counts = [
            Count(status, label, row[f"{source}_{status}"]) for status, label in self.statuses
        ]
        firsts = [first for status in Status if (first := row[f"{source}_{status}_first"])]
        return counts, min(firsts, default=None)


def _remark_on_network(comment: Comment) -> str:
    if comment.is_address_shortened:
        return gettext("the newest %(count)s of its old ones, shared by many")
    return gettext("the newest %(count)s, may be shared")


def _newest(row: dict[str, Any]) -> list[list[str]]:
    return json.loads(row["newest"] or "[]")


def _names(comment: Comment, row: dict[str, Any]) -> list[str]:
    """Return other names on the same address of late, the newest first; of a network, none."""
    if comment.is_address_shortened:
        return []
    names = [name for _status, name in _newest(row)[:NEWEST_FOR_NAMES]]
    others = [name for name in dict.fromkeys(names) if name != comment.author_name]
    return others[:MOST_NAMES]
