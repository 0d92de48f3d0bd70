"""Asks a server for answers over a few kept connections, as fast as it gives them, and counts.

One process and one loop over bare sockets: what it takes of the processor is little beside any
server here, and told (`processor`), and it looks at the status and length of every answer, which
programs made for this do not. Loopback only, bounded in time, and in what may go unanswered.

A connection is used for a quarter of a second at most. Which of gunicorn's processes has how many
is a matter of luck; so it is drawn again and again, and no measure hangs on one draw.
"""

import resource
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

CONNECTIONS = 8
KEEP_SECONDS = 0.25
# How long an answer may take, and how often in a row a connection may end without one.
PATIENCE = 30.0
MOST_RESENT = 20
SLACK = 32
HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
CHUNKED = b"\r\ntransfer-encoding: chunked"
BODILESS = frozenset({204, 304})


class LoadError(Exception):
    """A server did not answer, or not as HTTP asks for."""


@dataclass
class Load:
    """What came back. Units: seconds; `processor` is what this process used.

    Shape: `kinds` counts (status, length of the body); `resent` are requests that were sent again
    because a connection ended without an answer, as it does when gunicorn renews a process.
    """

    answers: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    resent: int = 0
    kinds: Counter[tuple[int, int]] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return self.answers / self.seconds

    def statuses(self) -> Counter[int]:
        statuses: Counter[int] = Counter()
        for (status, _length), count in self.kinds.items():
            statuses[status] += count
        return statuses

    def require(self, status: int, length: int | None = None) -> "Load":
        """Return this load. Raises: LoadError for any answer of another status or length.

        A form's hidden key is a few bytes longer or shorter each time.
        """
        wrong = {
            kind: count
            for kind, count in self.kinds.items()
            if kind[0] != status or (length is not None and abs(kind[1] - length) > SLACK)
        }
        if wrong or not self.kinds:
            raise LoadError(f"Not only {status} of {length} bytes came back: {wrong}")
        return self


@dataclass
class _Connection:
    socket: socket.socket
    request: bytes
    since: float
    sent_at: float
    head: bytes = b""
    # What is still to come of the answer; of one in chunks, 1 until its end is there.
    left: int | None = None
    chunks: "_Chunks | None" = None
    kind: tuple[int, int] = (0, 0)
    closes: bool = False
    resent: int = 0


class _Chunks:
    """Reads a body that comes in chunks, each with its length before it. Source: RFC 9112, 7.1."""

    def __init__(self) -> None:
        self.length = 0
        self.is_whole = False
        self._left = 0
        self._is_last = False
        self._line = b""

    def read(self, came: memoryview) -> None:
        at = 0
        while at < len(came) and not self.is_whole:
            if self._left:
                taken = min(self._left, len(came) - at)
                self._left -= taken
                at += taken
                continue
            # A line is a few bytes: the length of what follows, or nothing after a chunk's end.
            self._line += bytes(came[at : at + 1])
            at += 1
            if self._line.endswith(b"\r\n"):
                self._begin(self._line.strip())
                self._line = b""
        if at < len(came):
            raise LoadError("More came back than the answer said.")

    def _begin(self, line: bytes) -> None:
        if line:
            self._left = int(line.split(b";")[0], 16)
            self.length += self._left
            self._is_last = self._left == 0
        elif self._is_last:
            self.is_whole = True


class Loader:
    """Sends the requests of an iterator to a port of this machine; the caller bounds them."""

    def __init__(self, port: int, requests: Iterator[bytes], connections: int = CONNECTIONS):
        self.port = port
        self.requests = requests
        self.count = connections
        self.selector = selectors.DefaultSelector()
        self.buffer = memoryview(bytearray(1 << 20))
        self.load = Load()
        self.waiting = 0

    def run(self, seconds: float, *, fewest: int = 0) -> Load:
        """Ask for so many seconds, and on until `fewest` answers came, at most 5 times as long.

        Every request gets its answer: those of the last moment too, which count for `kinds` alone.
        """
        started, used = time.perf_counter(), _processor()
        end, last_end = started + seconds, started + 5 * seconds
        for _connection in range(self.count):
            self._open()
        while self.waiting:
            ready = self.selector.select(timeout=1.0)
            now = time.perf_counter()
            if now < end or (self.load.answers < fewest and now < last_end):
                self.load.seconds = now - started
                is_over = False
            else:
                is_over = True
            for key, _events in ready:
                self._read(key.data, now, is_over=is_over)
            if not ready:
                self._look_for_the_lost(now)
        self.load.processor = _processor() - used
        self.selector.close()
        return self.load

    def _open(self, request: bytes | None = None, resent: int = 0) -> None:
        """Make a connection and send the next request on it, or the given one again."""
        request = request if request is not None else next(self.requests, None)
        if request is None:
            return
        now = time.perf_counter()
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(sock, request, since=now, sent_at=now, resent=resent)
        sock.sendall(request)
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, connection)
        self.waiting += 1

    def _close(self, connection: _Connection) -> None:
        self.selector.unregister(connection.socket)
        connection.socket.close()
        self.waiting -= 1

    def _read(self, connection: _Connection, now: float, *, is_over: bool) -> None:
        try:
            count = connection.socket.recv_into(self.buffer)
        except BlockingIOError:
            return
        except ConnectionError:
            count = 0
        if not count:
            if connection.left is not None or connection.head:
                raise LoadError("An answer ended before its end.")
            self._send_again(connection)
            return
        if connection.left is None:
            self._read_head(connection, bytes(self.buffer[:count]))
        elif connection.chunks is not None:
            self._read_chunks(connection, self.buffer[:count])
        else:
            connection.left -= count
        if connection.left == 0:
            self._answered(connection, now, is_over=is_over)
        elif connection.left is not None and connection.left < 0:
            raise LoadError("More came back than the answer said.")

    def _read_head(self, connection: _Connection, came: bytes) -> None:
        head = connection.head + came
        end = head.find(HEAD_END)
        if end < 0:
            connection.head = head
            return
        fields = head[:end].lower()
        status = int(fields[9:12])
        length = 0
        connection.head, connection.chunks = b"", None
        connection.closes = b"\r\nconnection: close" in fields
        if CHUNKED in fields:
            connection.kind, connection.chunks = (status, 0), _Chunks()
            self._read_chunks(connection, memoryview(head)[end + len(HEAD_END) :])
            return
        if status not in BODILESS:
            at = fields.find(LENGTH)
            if at < 0:
                raise LoadError(f"An answer does not say how long it is: {head[:end]!r}")
            length = int(fields[at + len(LENGTH) :].split(b"\r\n", 1)[0])
        connection.kind = (status, length)
        connection.left = length - (len(head) - end - len(HEAD_END))

    def _read_chunks(self, connection: _Connection, came: memoryview) -> None:
        assert connection.chunks is not None
        connection.chunks.read(came)
        connection.kind = (connection.kind[0], connection.chunks.length)
        connection.left = int(not connection.chunks.is_whole)

    def _answered(self, connection: _Connection, now: float, *, is_over: bool) -> None:
        self.load.kinds[connection.kind] += 1
        if is_over:
            self._close(connection)
            return
        self.load.answers += 1
        if connection.closes or now - connection.since > KEEP_SECONDS:
            self._close(connection)
            self._open()
            return
        request = next(self.requests, None)
        if request is None:
            self._close(connection)
            return
        connection.left = None
        connection.request, connection.resent, connection.sent_at = request, 0, now
        try:
            connection.socket.send(request)
        except ConnectionError:
            self._send_again(connection)

    def _send_again(self, connection: _Connection) -> None:
        if connection.resent >= MOST_RESENT:
            raise LoadError(f"{MOST_RESENT} connections in a row ended without an answer.")
        self.load.resent += 1
        self._close(connection)
        self._open(connection.request, connection.resent + 1)

    def _look_for_the_lost(self, now: float) -> None:
        for key in self.selector.get_map().values():
            if now - key.data.sent_at > PATIENCE:
                raise LoadError(f"No answer in {PATIENCE:.0f} seconds: {key.data.request[:80]!r}")


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# --- requests ---------------------------------------------------------------------------------


def get(path: str, port: int, **headers: str) -> bytes:
    """Return a GET request without Accept-Encoding; `_` in a header's name is a hyphen."""
    lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, port: int, body: bytes, **headers: str) -> bytes:
    """Return a POST request of a form."""
    head = get(path, port, **headers).decode().replace("GET", "POST", 1).removesuffix("\r\n")
    kind = "Content-Type: application/x-www-form-urlencoded"
    return f"{head}{kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
