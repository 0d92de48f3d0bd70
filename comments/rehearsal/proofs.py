"""Which guests had perhaps proved their address when they wrote, where nobody asked them then.

Whether a device holds a comment that was confirmed, only its cookie knew. An address that nobody
had confirmed by then was not proved there either.
"""

from datetime import datetime
from functools import cached_property

from django.db.models import Min
from django.db.models.functions import Lower

from comments.models import Comment
from comments.rehearsal.offers import Offer


class Proofs:
    """When addresses were confirmed first; read when it is asked for first."""

    def may_be_missing(self, offer: Offer) -> bool:
        """Tell whether a guest may have been proved, and it is not known."""
        facts, address = offer.facts, offer.comment.author_email.lower()
        if facts is None or facts.get("has_account") or "is_address_proved" in facts:
            return False
        first = self._confirmed.get(address)
        # Of whoever was erased not even the address is known.
        return not address or (first is not None and first < offer.comment.created_at)

    @cached_property
    def _confirmed(self) -> dict[str, datetime]:
        """Return the first time for each address. Queries: 1."""
        proved = Comment.objects.filter(author=None, email_proved_at__isnull=False).order_by()
        by_address = proved.values_list(Lower("author_email"))
        return dict(by_address.annotate(first=Min("email_proved_at")))
