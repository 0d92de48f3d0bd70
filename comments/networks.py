"""Networks in CIDR notation: read, written as they are compared, and looked up by an address.

However many are listed, an address is looked up once for each length of prefix among them.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

Network = IPv4Network | IPv6Network
# Whoever bars more than that bars a continent.
WIDEST = {4: 8, 6: 16}
# What one person has in common with their next address.
NEAR = {4: 24, 6: 64}
BITS = {4: 32, 6: 128}
# What is kept of an address when its time is over: how wide the network is that it was in.
KEPT = {4: 24, 6: 48}
LONGEST = 50

What = TypeVar("What")


def network_of(text: str) -> Network:
    """Return a network, or a single address as one.

    Raises: ValueError, whose words are for people.
    """
    try:
        # Ahead of parsing: a number of any length is parsed as one.
        found = ip_network(text.strip()[: LONGEST + 1], strict=False)
    except ValueError as error:
        raise ValueError(
            _("Write a network such as 192.0.2.0/24 or 2001:db8::/48, or a single address.")
        ) from error
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    if mapped is not None and found.prefixlen >= 96:
        found = ip_network((mapped, found.prefixlen - 96), strict=False)
    if found.prefixlen < WIDEST[found.version]:
        raise ValueError(
            _("That is too wide: at most /%(widest)s for IPv%(version)s.")
            % {"widest": WIDEST[found.version], "version": found.version}
        )
    return found


def near(address: str) -> str:
    """Return the network around an address that its holder is likely to keep; of a shortened one
    what is left of it.
    """
    if is_shortened(address):
        return shown(address)
    return str(ip_network((address, NEAR[ip_address(address).version]), strict=False))


# --- shortened addresses ------------------------------------------------------------------------


def shortened(address: str) -> str:
    """Return what is kept of an address: its network's own, which no device has."""
    return str(_kept(address).network_address)


def is_shortened(address: str) -> bool:
    """Tell whether an address is what is left of one: all is zero that tells devices apart."""
    return ip_address(address) == _kept(address).network_address


def shown(address: str) -> str:
    """Return an address for people to read, one that was shortened as the network it is."""
    return str(_kept(address)) if is_shortened(address) else address


def as_wide_as_kept(network: str) -> str:
    """Return a network, or the one around it that may be told of an address for good."""
    found = network_of(network)
    width = min(found.prefixlen, KEPT[found.version])
    return str(found.supernet(new_prefix=width))


def _kept(address: str) -> Network:
    return ip_network((address, KEPT[ip_address(address).version]), strict=False)


class Networks(Generic[What]):
    """What is listed by network. Shape: `rows` of (network, what); one that cannot be read is
    left out.
    """

    def __init__(self, rows: Iterable[tuple[str, What]]) -> None:
        self.found: dict[tuple[int, int], dict[int, list[tuple[str, What]]]] = {}
        for text, what in rows:
            try:
                network = network_of(text)
            except ValueError:
                continue
            of_length = self.found.setdefault((network.version, network.prefixlen), {})
            number = int(network.network_address)
            of_length.setdefault(number, []).append((str(network), what))

    def of(self, address: str | None) -> list[tuple[str, What]]:
        """Return (network, what) for each that an address is in."""
        if not address or not self.found:
            return []
        try:
            parsed = ip_address(address)
        except ValueError:
            return []
        number, bits = int(parsed), BITS[parsed.version]
        return [
            row
            for (version, length), of_length in self.found.items()
            if version == parsed.version
            for row in of_length.get(number >> (bits - length) << (bits - length), ())
        ]
