"""How many comments had come from one source of late, counted again within another time than then.

What is kept is one figure, good for the time that the rules said when a comment came. Where terms
say another, it is counted among all that came around then.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from comments.models import ModerationLogEntry
from comments.networks import is_shortened
from comments.rehearsal.offers import ADMISSIONS, Offer
from comments.rehearsal.terms import CannotTell, Missing
from comments.submission import Submission

# The longest time that the rules take.
LONGEST = timedelta(days=1)

Source = tuple[str, object]
Came = tuple[datetime, int]


class Sources:
    """Who commented when, around some comments; read when it is asked for first."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.offers = offers

    def within(self, offer: Offer, seconds: int) -> Submission:
        """Return a submission as it was counted, or counted again. Raises: CannotTell."""
        submission, facts = offer.submission, offer.facts
        if facts is None or facts["flood_window_seconds"] == seconds:
            return submission
        if submission.recent_from_source is None:
            # It had no source that was known.
            return submission
        count = self._count(_source_of(offer), offer, timedelta(seconds=seconds))
        return replace(submission, recent_from_source=count)

    def _count(self, source: Source, offer: Offer, window: timedelta) -> int:
        came, at, pk = self._came[source], offer.comment.created_at, offer.comment.pk
        first = bisect_right(came, at - window, key=lambda each: each[0])
        last = bisect_right(came, at, key=lambda each: each[0])
        return sum(1 for _at, other in came[first:last] if other < pk)

    @cached_property
    def _came(self) -> dict[Source, list[Came]]:
        """Return what came from each account and address, the oldest first. Queries: 1."""
        oldest = min(offer.comment.created_at for offer in self.offers)
        # Without an order of its own, which would be that of the whole log.
        rows = ModerationLogEntry.objects.order_by().filter(
            old_status="", action__in=ADMISSIONS, created_at__gte=oldest - LONGEST
        )
        columns = ("comment__created_at", "comment", "comment__author", "comment__ip_address")
        found: dict[Source, list[Came]] = defaultdict(list)
        for at, pk, author, address in sorted(rows.values_list(*columns)):
            found["account", author].append((at, pk))
            found["address", address].append((at, pk))
        return found


def _source_of(offer: Offer) -> Source:
    """Raises: CannotTell."""
    comment = offer.comment
    if offer.submission.author is not None:
        if comment.author_id is None:
            raise CannotTell(Missing.ACCOUNT)
        return "account", comment.author_id
    if comment.ip_address is None or is_shortened(comment.ip_address):
        raise CannotTell(Missing.ADDRESS)
    return "address", comment.ip_address
