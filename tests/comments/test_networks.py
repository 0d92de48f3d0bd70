"""The networks that an address can be listed under."""

from ipaddress import ip_network

import pytest

from comments.networks import BITS, WIDEST, around


@pytest.mark.parametrize(
    ("address", "version"),
    [("203.0.113.77", 4), ("255.255.255.255", 4), ("2001:db8:85a3::8a2e:370:7334", 6), ("::1", 6)],
)
def test_an_address_is_within_one_network_of_each_length(address, version):
    lengths = range(WIDEST[version], BITS[version] + 1)
    expected = [str(ip_network((address, length), strict=False)) for length in lengths]
    assert list(around(address)) == expected
