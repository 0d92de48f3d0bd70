"""What the queues are filtered by and no column says: linked domains, the checks that fired,
networks, the language. Each is a short token in a text of the comment's row. Pure.

`d:example.com` (and the domains above it), `c:too_many_links`, `n:192.0.2.0/24`, `l:de`.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from comments.language import language_of
from comments.networks import BITS, KEPT, is_shortened
from comments.spam.lists import domain_and_parents

# Of a text made of links the first will do.
MOST_DOMAINS = 30
LONGEST_DOMAIN = 100
# How wide the networks are that an address is filed under.
PREFIXES = {4: (24, 16), 6: (64, 48)}
# What a check's finding adds to the risk of a comment.
RISKS = {"spam": 10, "unsure": 1}
MOST_RISK = 999
# What nothing is known of, told from what was not looked at yet.
NONE = "-"


def facets_of(
    *,
    body: str,
    links: Iterable[str],
    website: str = "",
    ip: str | None = None,
    findings: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Return the tokens of a comment, a space apart. Shape: `findings` as the log keeps them."""
    # A check that finds nothing wrong is nothing to look for.
    fired = (finding for finding in findings if finding.get("verdict") != "ham")
    checks = dict.fromkeys(f"c:{finding.get('check', '')}" for finding in fired)
    language = language_of(body)
    tokens = [*_domains(links, website), *checks, *_networks(ip)]
    return " ".join([*tokens, f"l:{language}"] if language else tokens) or NONE


def risk_of(findings: Iterable[Mapping[str, Any]]) -> int:
    """Return how much the checks had against a comment."""
    risk = sum(RISKS.get(str(finding.get("verdict")), 0) for finding in findings)
    return min(risk, MOST_RISK)


def network_tokens(ip: str) -> list[str]:
    """Return the tokens of the networks that an address is in, the narrowest first."""
    return list(_networks(ip))


def without_narrow_networks(facets: str, ip: str | None) -> str:
    """Return the tokens of a comment of whose address no more than this is known any more."""
    known = set(_networks(ip))
    kept = (token for token in facets.split() if not token.startswith("n:") or token in known)
    return " ".join(kept)


def _domains(links: Iterable[str], website: str) -> list[str]:
    addresses = [*links, website] if website else list(links)
    found = (name for address in addresses[:MOST_DOMAINS] for name in domain_and_parents(address))
    return list(dict.fromkeys(f"d:{name}" for name in found if _is_plain(name)))


def _is_plain(name: str) -> bool:
    return 0 < len(name) <= LONGEST_DOMAIN and not any(char.isspace() for char in name)


def _networks(ip: str | None) -> Iterator[str]:
    if not ip:
        return
    try:
        version = ip_address(ip).version
    except ValueError:
        return
    # Of a shortened address it is not known any more in which narrower network it was.
    narrowest = KEPT[version] if is_shortened(ip) else BITS[version]
    for prefix in PREFIXES[version]:
        if prefix <= narrowest:
            yield f"n:{ip_network((ip, prefix), strict=False)}"
