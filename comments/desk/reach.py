"""How far a measure reaches: which comments came from whom it would be against, and how many.

Those who moderate share networks and e-mail domains with others; their comments are not among
them. A domain is told by the end of an address, which no index has: it is counted along the index
of addresses alone, which is a fifth of a second among a million comments.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from ipaddress import IPv6Network, ip_network
from operator import or_

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from comments.editors import editors
from comments.models import Comment, SanctionTarget
from comments.moderation import MOST_AT_ONCE
from comments.networks import KEPT, Network, shortened
from comments.sanctions import Target
from comments.status import Status

MOST_SHOWN = 100
STANDING = (Status.APPROVED, Status.PENDING)


@dataclass(frozen=True)
class Reach:
    """Shape: `comments`, `standing` (public or waiting) and `accounts` as they are shown: "12",
    "100+". `accounts` is only said of what is shared.
    """

    target: Target
    comments: str
    standing: str
    accounts: str = ""

    @property
    def key(self) -> str:
        return key_of(self.target)

    @property
    def is_shared(self) -> bool:
        return self.target.kind in (SanctionTarget.DOMAIN, SanctionTarget.NETWORK)


def key_of(target: Target) -> str:
    return f"{target.kind}:{target.value}"


def reach_of(targets: Iterable[Target], comment: Comment) -> list[Reach]:
    """Count what a measure against each would be about. Queries: 2 a target, 2 more of a domain."""
    return [_reach(target, comment) for target in targets]


def _reach(target: Target, comment: Comment) -> Reach:
    rows = comments_of([target], comment)
    if target.kind == SanctionTarget.DOMAIN:
        rows = _counted_under(target.value)
    return Reach(
        target,
        comments=_counted(rows, MOST_SHOWN),
        standing=_counted(rows.filter(status__in=STANDING), MOST_AT_ONCE),
        accounts=_accounts(target),
    )


def _counted(rows: QuerySet, most: int, column: str = "status") -> str:
    # No column is read but those of the condition: an index has them all.
    count = rows.order_by().values(column)[: most + 1].count()
    return f"{most:,}+" if count > most else f"{count:,}"


def _counted_under(domain: str) -> QuerySet[Comment]:
    """Return the comments under a domain, editors known by the addresses they have now."""
    addresses = editors().values_list(get_user_model().get_email_field_name(), flat=True)
    return Comment.objects.filter(_under("author_email", domain)).exclude(
        author_email__in=list(addresses)
    )


def _accounts(target: Target) -> str:
    if target.kind != SanctionTarget.DOMAIN:
        return ""
    people = get_user_model()
    column = people.get_email_field_name()
    return _counted(
        people._default_manager.filter(_under(column, target.value)), MOST_SHOWN, column
    )


# --- which comments -----------------------------------------------------------------------------


def comments_of(targets: Sequence[Target], comment: Comment) -> QuerySet[Comment]:
    """Return the comments of whom any of these measures would be against."""
    condition = reduce(or_, (_from(target, comment) for target in targets))
    named = [target for target in targets if target.kind == SanctionTarget.ACCOUNT]
    is_editor = Exists(editors().filter(pk=OuterRef("author")))
    comments = Comment.objects.filter(condition)
    if len(named) == len(targets):
        return comments
    own = Q(author__in=[int(target.value) for target in named])
    return comments.filter(own | ~is_editor)


def standing_of(targets: Sequence[Target], comment: Comment) -> QuerySet[Comment]:
    """Return those of them that are public or wait."""
    return comments_of(targets, comment).filter(status__in=STANDING)


def _from(target: Target, comment: Comment) -> Q:
    if target.kind == SanctionTarget.ACCOUNT:
        return Q(author=int(target.value))
    if target.kind == SanctionTarget.EMAIL:
        # What is typed proves nothing: of accounts only the one it was taken from is meant.
        whose = (
            Q(author=None) | Q(author=comment.author_id) if comment.author_id else Q(author=None)
        )
        return Q(author_email__in={target.value, comment.author_email}) & whose
    if target.kind == SanctionTarget.DOMAIN:
        return _under("author_email", target.value)
    return in_network(target.value)


def _under(column: str, domain: str) -> Q:
    return Q(**{f"{column}__iendswith": f"@{domain}"}) | Q(**{f"{column}__iendswith": f".{domain}"})


def in_network(cidr: str) -> Q:
    """Return a condition that the index of addresses answers.

    SQLite keeps addresses as texts, so there a network is what its addresses begin with; it finds
    a few too few of IPv6 where a network has zeros amid its digits, and never one too many.
    """
    network = ip_network(cidr)
    if network.num_addresses == 1:
        return Q(ip_address=str(network.network_address))
    within = _within(network)
    if network.prefixlen <= KEPT[network.version]:
        return within
    # What is left of an address that was shortened may be of any network around this one.
    return within & ~Q(ip_address=shortened(str(network.network_address)))


def _within(network: Network) -> Q:
    if connection.vendor != "sqlite":
        first, last = network.network_address, network.broadcast_address
        return Q(ip_address__gte=str(first), ip_address__lte=str(last))
    if isinstance(network, IPv6Network):
        return reduce(or_, (_begins_with(each) for each in _beginnings(network)))
    return _begins_with(_octets(str(network)))


def _begins_with(text: str) -> Q:
    """Return a range of texts: no index answers LIKE here."""
    end = text[:-1] + chr(ord(text[-1]) + 1)
    return Q(ip_address__gte=text, ip_address__lt=end)


def _octets(cidr: str) -> str:
    address, _slash, length = cidr.partition("/")
    return ".".join(address.split(".")[: int(length) // 8]) + "."


def _beginnings(network: IPv6Network) -> list[str]:
    """Return what addresses of a /64 or a /48 begin with, the shortest ways of writing them too."""
    most = network.prefixlen // 16
    exploded = network.network_address.exploded.split(":")[:most]
    groups = [f"{int(group, 16):x}" for group in exploded]
    ways = [":".join(groups) + ":"]
    kept = list(groups)
    while kept and kept[-1] == "0":
        kept.pop()
    # The sign for zeros stands for two groups or more.
    if most - 2 <= len(kept) < most:
        ways.append(":".join(kept) + "::")
    return ways
