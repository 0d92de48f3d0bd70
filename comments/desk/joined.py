"""What the cards show that others keep: reports, measures. One query each for a page.

One place that knows where these come from, so that the cards and the views need not.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from ipaddress import ip_network
from operator import or_

from django.db.models import Q

from comments import reports
from comments.models import Comment, Report, Sanction, SanctionTarget

MOST_REPORTS = 20
# Networks that a measure may name: none is wider.
WIDEST = {4: 8, 6: 16}


def reports_on(comments: Sequence[Comment]) -> dict[int, list[Report]]:
    """Return the open reports on each, the oldest first. Queries: 1, or none."""
    reported = [comment for comment in comments if comment.open_reports]
    if not reported:
        return {}
    return {pk: rows[:MOST_REPORTS] for pk, rows in reports.of(reported).items()}


def measures_against(comments: Sequence[Comment]) -> dict[int, list[Sanction]]:
    """Return the measures in force against the authors of each. Queries: 1, or none."""
    names = {comment.pk: list(_names_of(comment)) for comment in comments}
    wanted: dict[str, set[str]] = defaultdict(set)
    for pairs in names.values():
        for target, value in pairs:
            wanted[target].add(value)
    if not wanted:
        return {}
    of = reduce(or_, (Q(target=target, value__in=values) for target, values in wanted.items()))
    found: dict[tuple[str, str], list[Sanction]] = defaultdict(list)
    for sanction in Sanction.objects.in_force().filter(of):
        found[sanction.target, sanction.value].append(sanction)
    return {
        pk: [sanction for pair in pairs for sanction in found.get(pair, [])]
        for pk, pairs in names.items()
    }


def _names_of(comment: Comment) -> list[tuple[str, str]]:
    """Return (target, value) of every measure that could be against a comment's author."""
    names: list[tuple[str, str]] = []
    if comment.author_id is not None:
        names.append((SanctionTarget.ACCOUNT, str(comment.author_id)))
    if comment.author_email:
        address = comment.author_email.casefold()
        names.append((SanctionTarget.EMAIL, address))
        names.append((SanctionTarget.DOMAIN, address.rpartition("@")[2]))
    if comment.ip_address:
        network = ip_network(comment.ip_address)
        widest = WIDEST[network.version]
        names += [
            (SanctionTarget.NETWORK, str(network.supernet(new_prefix=prefix)))
            for prefix in range(widest, network.max_prefixlen + 1)
        ]
    return names
