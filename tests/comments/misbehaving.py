"""A service on the loopback that judges comments, and misbehaves in every way it can think of.

It is asked by POST with JSON `{"number": 17}`. `server.fault_of(number)` says how it behaves; None
is rightly. What it was asked, and what it answered whole and rightly, it remembers.
"""

import contextlib
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HUGE = 50_000_000
PAGE = b"<!doctype html><title>Sorry</title><p>We are down for maintenance: ham, spam, true."


class MisbehavingServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.fault_of: Callable[[int], str | None] = lambda number: None
        self.asked: Counter[int] = Counter()
        self.answered: dict[int, str] = {}
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def verdict_of(self, number: int) -> str:
        """Return what is right: every fifth is spam, every seventh is not sure."""
        return "spam" if number % 5 == 0 else "unsure" if number % 7 == 0 else "ham"

    def handle_error(self, *args: Any) -> None:
        """Say nothing of clients that went away."""


class Handler(BaseHTTPRequestHandler):
    server: MisbehavingServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        number = json.loads(self.rfile.read(length))["number"]
        with self.server.lock:
            self.server.asked[number] += 1
        fault = self.server.fault_of(number)
        getattr(self, fault or "right")(number)

    def right(self, number: int) -> None:
        verdict = self.server.verdict_of(number)
        # Noted before: the client may act upon it at once.
        with self.server.lock:
            self.server.answered[number] = verdict
        self.reply(json.dumps({"verdict": verdict}).encode())

    def reply(
        self, body: bytes, status: int = 200, length: int | None = None, **named: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in named.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Be silent."""

    # --- what can go wrong ------------------------------------------------------------------------

    def slow(self, number: int) -> None:
        self.server.closing.wait(0.6)
        self.reply(b'{"verdict": "ham"}')

    def trickling(self, number: int) -> None:
        self.reply(b"{", length=1_000)
        for _byte in range(20):
            self.server.closing.wait(0.03)
            self.wfile.write(b" ")

    def reset(self, number: int) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def hung_up(self, number: int) -> None:
        self.close_connection = True

    def error(self, number: int) -> None:
        self.reply(b'{"verdict": "ham"}', 500)

    def empty(self, number: int) -> None:
        self.reply(b"")

    def cut_off(self, number: int) -> None:
        self.reply(b'{"verdict": "ha', length=18)

    def garbage(self, number: int) -> None:
        self.wfile.write(random.Random(number).randbytes(500))

    def html(self, number: int) -> None:
        self.reply(PAGE, Content_Type="text/html")

    def nonsense(self, number: int) -> None:
        self.reply(b'{"verdict": ["ham"]}')

    def unheard_of(self, number: int) -> None:
        self.reply(b'{"verdict": "probably"}')

    def elsewhere(self, number: int) -> None:
        self.reply(b"", 302, Location=f"{self.server.address}elsewhere")

    def do_GET(self) -> None:
        """Where it sends others to: whoever follows is told what is not true."""
        self.reply(b'{"verdict": "ham"}')

    def huge(self, number: int) -> None:
        self.reply(b'{"verdict": "ham", "x": "', length=HUGE)
        for _part in range(HUGE // 100_000):
            self.wfile.write(b"x" * 100_000)

    def later(self, number: int) -> None:
        self.reply(b"", 429, Retry_After="20")


FAULTS = (
    "slow", "trickling", "reset", "hung_up", "error", "empty", "cut_off", "garbage", "html",
    "nonsense", "unheard_of", "elsewhere", "huge", "later",
)  # fmt: skip


@contextlib.contextmanager
def misbehaving_server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
