"""How often one network may try something: counted in the cache, and forgotten by itself."""

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest

from comments.network import client_ip


def is_one_too_many(request: HttpRequest, what: str, *, most: int, seconds: int) -> bool:
    """Count a try, and tell whether there were more than `most` from this network of late."""
    key = f"{what}:{_network_of(request)}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:
        # It was forgotten between the two lines: the time is over.
        return False


def _network_of(request: HttpRequest) -> str:
    """Return the reader's address, or of a long one the half that one household shares."""
    address = ipaddress.ip_address(client_ip(request) or "::")
    return str(ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False))
