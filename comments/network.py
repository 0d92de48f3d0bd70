"""Where a request comes from on the network, as far as it can be believed."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """Return the reader's address, or None when it is not known.

    Behind TRUSTED_PROXY_COUNT proxies of our own, the entry that the outermost of them added to
    X-Forwarded-For; anything further left was typed by the client. A server bound to [::] tells
    addresses of IPv4 as ::ffff:192.0.2.1; they are 192.0.2.1 here.
    """
    count = settings.TRUSTED_PROXY_COUNT
    candidate = request.META.get("REMOTE_ADDR", "")
    if count:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        candidate = hops[-count] if len(hops) >= count else candidate
    return _address(candidate)


# Of one request it is asked several times.
@lru_cache(maxsize=256)
def _address(candidate: str) -> str | None:
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
