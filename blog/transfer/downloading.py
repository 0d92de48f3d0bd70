"""Attachments fetched from the blog's own host, for an export that a stranger may have written.

Nothing else is ever asked: no other host, no address inside a network, nothing that takes long or
is large. httpcore is used bare because it adds nothing of its own: no proxy, no cookies, no
redirects, no unpacking. files.py keeps what comes.
"""

import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Self
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpcore

from blog.transfer.files import MAX_BYTES as MAX_FILE_BYTES
from blog.transfer.files import TOO_LARGE, Found, Unavailable, tidy_name
from comments.deadline import Clock, ClockedStream, resolve

HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
PORTS = {"http": 80, "https": 443}
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A host that did not let us in so often in a row is not asked again: a blog has thousands of files.
MAX_REFUSALS = 3
HEADERS = [
    ("User-Agent", "Parley (moves a blog for its owner; one request at a time)"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "identity"),
]

NOT_OWN = "not of the blog's own host (--download-host names others)"
NOT_AN_ADDRESS = "not an address that can be fetched"
PRIVATE = "an address inside a private network"
UNKNOWN_HOST = "its host is not known"
OTHER_PORT = "a port that is not the web's"
TOO_SLOW = "it took too long"
UNREACHABLE = "its host does not answer"


@dataclass(frozen=True)
class Limits:
    """Units: seconds, for the whole file with all its redirects, and for one connection."""

    bytes: int = MAX_FILE_BYTES
    seconds: float = 20
    connect_seconds: float = 5


# ---- Whom to ask --------------------------------------------------------------------------------

GLOBAL_UNICAST = ip_network("2000::/3")
NAT64 = ip_network("64:ff9b::/96")
SIX_TO_FOUR = ip_network("2002::/16")
# What Python's tables call global, and what is yet answered by something near us: protocol
# assignments, a 6to4 relay, a cloud's metadata; the last is for documentation.
NEAR = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20")))


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is out in the internet, for all that is written inside it."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (inner := _inner(ip)):
        return is_public_address(str(inner))
    is_near = any(ip in network for network in NEAR if network.version == ip.version)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or is_near or _is_odd(ip))


def _inner(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets to this one end at."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _is_odd(ip: IPv4Address | IPv6Address) -> bool:
    return isinstance(ip, IPv6Address) and ip not in GLOBAL_UNICAST


def own_hosts_of(*urls: str) -> set[str]:
    """Return the hosts that a blog at these addresses has its files on."""
    hosts = {host for host in map(_host_of, urls) if host}
    bare = {host.removeprefix("www.") for host in hosts}
    com = {host.removesuffix(".wordpress.com") for host in bare if host.endswith(".wordpress.com")}
    return bare | {f"www.{host}" for host in bare} | {f"{name}.files.wordpress.com" for name in com}


def host_named(name: str) -> str:
    """Return a host that somebody names, by itself or in an address; nothing for what is none."""
    host = _host_of(name if "//" in name else f"//{name}")
    return host if HOST.fullmatch(host) else ""


def _host_of(url: str) -> str:
    try:
        return _tidy_host(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return ""


def _tidy_host(host: str) -> str:
    """Return a host as it is compared and asked for. Raises: ValueError."""
    host = host.lower().removesuffix(".")
    return host if host.isascii() else host.encode("idna").decode()


@dataclass(frozen=True)
class _Address:
    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def judged(cls, url: str, own_hosts: Iterable[str]) -> "_Address":
        """Take an address apart. Raises: Unavailable for one that is not to be asked."""
        try:
            parts = urlsplit(url.strip())
            host, port = _tidy_host(parts.hostname or ""), parts.port
            target = _target(parts.path, parts.query)
        except ValueError as error:
            raise Unavailable(NOT_AN_ADDRESS) from error
        if parts.scheme not in PORTS or not host or "@" in parts.netloc or "\\" in parts.netloc:
            raise Unavailable(NOT_AN_ADDRESS)
        if host not in own_hosts:
            raise Unavailable(NOT_OWN)
        return cls(parts.scheme, host, port or PORTS[parts.scheme], target)

    def for_httpcore(self) -> httpcore.URL:
        return httpcore.URL(scheme=self.scheme, host=self.host, port=self.port, target=self.target)


def _target(path: str, query: str) -> str:
    """Return what is asked for, in ASCII; what is encoded already stays so."""
    safe = "/%:@!$&'()*+,;=~-._"
    question = f"?{quote(query, safe=safe + '?')}" if query else ""
    return (quote(path, safe=safe) or "/") + question


# ---- Connections --------------------------------------------------------------------------------


class _Network(httpcore.NetworkBackend):
    """Connects to the very addresses that were judged: each host is resolved once, and stays so.

    The certificate is still checked for the host's name, which httpcore goes on to use.
    """

    def __init__(self, may_connect: Callable[[str], bool], clock: Clock) -> None:
        self._may_connect = may_connect
        self._clock = clock
        self._backend = httpcore.SyncBackend()
        self._resolved: dict[str, list[str]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception = Unavailable(UNREACHABLE)
        for address in self._addresses(host, port):
            try:
                stream = self._backend.connect_tcp(
                    address, port, self._clock.left(timeout), local_address, socket_options
                )
                return ClockedStream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                error = failure
        raise error

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the host's addresses. Raises: Unavailable if a single one is not to be asked."""
        if host not in self._resolved:
            self._resolved[host] = resolve(host)
        addresses = self._resolved[host]
        if not addresses:
            raise Unavailable(UNKNOWN_HOST)
        if not all(map(self._may_connect, addresses)):
            raise Unavailable(PRIVATE)
        # Whoever lets a machine of their own be asked means the port it listens on.
        if port not in PORTS.values() and any(map(is_public_address, addresses)):
            raise Unavailable(OTHER_PORT)
        return addresses


# ---- Files --------------------------------------------------------------------------------------


class Download:
    """Fetches files one at a time, from these hosts and no others.

    `may_connect` judges every IP address of a host. It is there for tests and for whoever moves a
    blog within their own network.
    """

    def __init__(
        self,
        own_hosts: set[str],
        *,
        may_connect: Callable[[str], bool] = is_public_address,
        limits: Limits | None = None,
    ) -> None:
        self._own_hosts = frozenset(own_hosts)
        self._limits = limits or Limits()
        self._clock = Clock()
        self._refusals: dict[str, list[str]] = {}
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            network_backend=_Network(may_connect, self._clock),
            max_connections=4,
            keepalive_expiry=10,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._pool.close()

    def get(self, url: str, attached_file: str = "") -> Found:
        """Fetch one file. Raises: Unavailable."""
        self._clock.start(self._limits.seconds)
        address, asked = url, 0
        while asked <= MAX_REDIRECTS:
            answer = self._ask(_Address.judged(address, self._own_hosts))
            if isinstance(answer, bytes):
                return Found(answer, _name_of(url), url)
            address, asked = _joined(address, answer), asked + 1
        raise Unavailable("it leads on and on")

    def _ask(self, address: _Address) -> bytes | str:
        """Return a file, or the address that is given in its place."""
        refusals = self._refusals.setdefault(address.host, [])
        if len(refusals) >= MAX_REFUSALS:
            raise Unavailable(refusals[-1])
        try:
            answer = self._answer(address)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            refusals.append(_reason(error))
            raise Unavailable(refusals[-1]) from error
        except httpcore.TimeoutException as error:
            raise Unavailable(TOO_SLOW) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unavailable("the answer broke off") from error
        refusals.clear()
        return answer

    def _answer(self, address: _Address) -> bytes | str:
        waits = {"connect": self._limits.connect_seconds}
        with self._pool.stream(
            "GET", address.for_httpcore(), headers=HEADERS, extensions={"timeout": waits}
        ) as response:
            given = {name.lower(): value for name, value in response.headers}
            if response.status in REDIRECTS and b"location" in given:
                return given[b"location"].decode("utf-8", "replace")
            self._check(response.status, given)
            return self._read(response)

    def _check(self, status: int, headers: Mapping[bytes, bytes]) -> None:
        """Judge an answer before its content comes. Raises: Unavailable."""
        if status != 200:
            raise Unavailable(f"the server answered {status}")
        # Nobody asked for it: a small answer that unpacks to a large one is never unpacked.
        if headers.get(b"content-encoding", b"").strip().lower() not in {b"", b"identity"}:
            raise Unavailable("the server sent it packed")
        if re.match(rb"\s*(text/html|application/xhtml)", headers.get(b"content-type", b""), re.I):
            raise Unavailable("the server answered with a page in its place")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > self._limits.bytes:
            raise Unavailable(TOO_LARGE)

    def _read(self, response: httpcore.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_stream():
            content += chunk
            if len(content) > self._limits.bytes:
                raise Unavailable(TOO_LARGE)
        return bytes(content)


def _joined(address: str, reference: str) -> str:
    try:
        return urljoin(address, reference)
    except ValueError as error:
        raise Unavailable(NOT_AN_ADDRESS) from error


def _reason(error: Exception) -> str:
    is_untrusted = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
    return "its host's certificate is not right" if is_untrusted else UNREACHABLE


def _name_of(url: str) -> str:
    return tidy_name(unquote(urlsplit(url).path).rpartition("/")[2])
