"""One clock for a whole exchange with another host: no single wait goes beyond what is left of it.

A time limit for each read lets a host that sends a byte now and then keep us for ever. Used by
whatever asks other hosts; knows nothing of what is asked.
"""

import socket
import ssl
import threading
import time
from typing import Any

import httpcore

# What one record of TLS holds. More is written piece by piece, so that each has its own wait.
PIECE = 16_384


class Clock:
    """How long an exchange may still take."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.start(seconds)

    def start(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Return the seconds left, or `most` if that is less. Raises: httpcore.ReadTimeout."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for this exchange is over")
        return left if most is None else min(left, most)


class ClockedStream(httpcore.NetworkStream):
    """A connection on which every single wait is bounded by the time left for the whole."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            self._stream.write(buffer[start : start + PIECE], self._clock.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._clock.left(timeout)
        return ClockedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._clock
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def resolve(host: str) -> list[str]:
    """Return the IP addresses of a host, or nothing; for as long as the resolver takes."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return []
    return list(dict.fromkeys(str(sockaddr[0]) for *_rest, sockaddr in found))


def resolve_within(host: str, clock: Clock) -> list[str]:
    """Return the same within the time left. Raises: httpcore.ConnectTimeout.

    The resolver knows no time limit of ours, so it is a thread that waits for it, and nobody for
    the thread.
    """
    found: list[list[str]] = []
    asking = threading.Thread(target=lambda: found.append(resolve(host)), daemon=True)
    asking.start()
    asking.join(clock.left())
    if not found:
        raise httpcore.ConnectTimeout("the host's name was not resolved in time")
    return found[0]
