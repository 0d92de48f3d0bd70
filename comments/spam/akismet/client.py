"""One POST to Akismet: over TLS or not at all, within three seconds, at most 64 KB of answer.

httpcore is used bare because it adds nothing of its own: no proxy, no cookies, no redirects, no
unpacking. What an answer means is protocol.py's.
"""

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import httpcore
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from comments.deadline import Clock, ClockedStream, resolve_within
from comments.spam.akismet.failures import AkismetFailed, Failure

SECONDS = 3.0
MOST_BYTES = 65_536
HOST = re.compile(r"(?P<name>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(?P<port>[0-9]{1,5}))?", re.I)
# What is read of one header: their values are shown to administrators.
MOST_OF_HEADER = 300
HEADERS = [
    ("User-Agent", "Parley/0.1 | Akismet/1.0"),
    ("Accept", "text/plain"),
    ("Accept-Encoding", "identity"),
    ("Connection", "close"),
    ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),
]

Fields = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Answer:
    """Shape: the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace").strip()


@sensitive_variables()
def post(path: str, fields: Fields, seconds: float = SECONDS) -> Answer:
    """Send fields to Akismet and return what it answers. Raises: AkismetFailed."""
    name, port = host_and_port()
    url = httpcore.URL(scheme="https", host=name, port=port, target=path)
    content = urlencode(fields, doseq=True, errors="replace").encode()
    try:
        return _exchange(url, content, Clock(seconds))
    except AkismetFailed:
        raise
    except Exception as error:
        # The frames below hold the key and a comment: no report of an error is to show them.
        raise AkismetFailed(_failure(error)) from None


def host_and_port() -> tuple[str, int]:
    """Return who is to be asked, as it is set. Raises: AkismetFailed."""
    found = HOST.fullmatch(settings.COMMENTS_AKISMET_HOST)
    if found is None or not 0 < int(found["port"] or 443) < 65_536:
        raise AkismetFailed(Failure.SETTINGS)
    return found["name"].lower(), int(found["port"] or 443)


@sensitive_variables()
def _exchange(url: httpcore.URL, content: bytes, clock: Clock) -> Answer:
    context = _context(settings.COMMENTS_AKISMET_CA_FILE)
    headers = [("Host", _authority(url)), *HEADERS]
    with (
        httpcore.ConnectionPool(ssl_context=context, network_backend=_Network(clock)) as pool,
        pool.stream("POST", url, headers=headers, content=content) as response,
    ):
        return Answer(response.status, _headers(response), _body(response))


def _authority(url: httpcore.URL) -> str:
    host = url.host.decode()
    return host if url.port == 443 else f"{host}:{url.port}"


@lru_cache(maxsize=4)
def _context(ca_file: str) -> ssl.SSLContext:
    """Return what vouches for Akismet: the system's authorities, or only those of a file."""
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Network(httpcore.NetworkBackend):
    """Connects within the time left; of several addresses none may use up all of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = resolve_within(host, self._clock)
        error: Exception = httpcore.ConnectError("the host's name is not known")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                share = self._clock.left() / left
                return ClockedStream(self._backend.connect_tcp(address, port, share), self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                error = failure
        raise error


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {
        name.decode("ascii", "replace").lower(): value.decode("latin-1")[:MOST_OF_HEADER].strip()
        for name, value in response.headers
    }


def _body(response: httpcore.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise AkismetFailed(Failure.TOO_LARGE)
    return bytes(body)


def _failure(error: Exception) -> Failure:
    if isinstance(error.__cause__ or error.__context__ or error, ssl.SSLCertVerificationError):
        return Failure.CERTIFICATE
    if isinstance(error, httpcore.TimeoutException):
        return Failure.SLOW
    if isinstance(error, httpcore.ConnectError):
        return Failure.UNREACHABLE
    # A file of authorities that cannot be read vouches for nobody.
    return Failure.CERTIFICATE if isinstance(error, OSError) else Failure.BROKEN
