"""What left the site for a comment, as people read it: of the rows that egress.py writes.

A row names the fields that were sent and holds nothing that was in them, so whatever is erased of
a comment, the ledger may stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from comments.egress import Purpose
from comments.models import Comment, EgressEntry
from comments.spam.loading import load_checks


@dataclass(frozen=True)
class Transmission:
    """Shape: `fields` by their names, `what` in words to the person; where nobody has any for one
    any more, its name.
    """

    service: str
    host: str
    why: str
    fields: list[str]
    what: list[str]
    sent_at: datetime
    outcome: str
    answer: str


def sent_of(comments: Iterable[Comment]) -> dict[int, list[Transmission]]:
    """Return what left the site for some comments by their ids, the first first. Queries: 1.

    Shape: of what nothing left the site is missing.
    """
    rows = EgressEntry.objects.filter(comment__in=[comment.pk for comment in comments])
    found: dict[int, list[Transmission]] = {}
    words = _words_of_services()
    for row in rows.order_by("sent_at", "pk"):
        found.setdefault(row.comment_id or 0, []).append(_told(row, words.get(row.service, {})))
    return found


def _told(row: EgressEntry, words: dict[str, str]) -> Transmission:
    return Transmission(
        service=row.service,
        host=row.host,
        why=str(Purpose(row.purpose).label) if row.purpose in Purpose.values else row.purpose,
        fields=row.fields,
        what=[words.get(name, name) for name in row.fields],
        sent_at=row.sent_at,
        outcome=row.get_outcome_display(),
        answer=row.answer,
    )


def _words_of_services() -> dict[str, dict[str, str]]:
    """Return what each service's fields are called, also of those that are off by now."""
    remotes = [each.remote for each in load_checks(tuple(settings.COMMENTS_CHECKS)) if each.remote]
    return {
        str(each.service): {name: str(what) for name, what in each.sends.items()}
        for each in remotes
    }
