"""A stand-in for Akismet on the loopback: speaks its protocol over TLS, and misbehaves on demand.

`server.behave(slow)` changes what becomes of every request until the next call; without it the
stand-in answers as Akismet's documentation says. What it was asked stands in `server.asked`.
"""

import contextlib
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

KEY = "0123456789ab"
THANKS = "Thanks for making the web a better place."
END = b"\r\n\r\n"
GIGABYTE = 10**9


@dataclass
class Asked:
    """One request as it came. Shape: every field has the list of its values."""

    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]]

    def __getitem__(self, name: str) -> str:
        (value,) = self.fields[name]
        return value


Behaviour = Callable[["AkismetServer", ssl.SSLSocket, Asked], None]


@dataclass
class Certificates:
    """Shape: `authority` vouches for `localhost` and `elsewhere`, and not for `stranger`."""

    authority: Path
    localhost: Path
    elsewhere: Path
    stranger: Path


class AkismetServer:
    def __init__(self, certificate: Path | None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.sent = 0
        self.closing = threading.Event()
        self._behaviour: Behaviour = answer_by_the_protocol
        self._context = certificate and _context(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def behave(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def on_connect(self, connection: socket.socket) -> None:
        """What happens before TLS; a test may replace it."""

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def close(self) -> None:
        self.closing.set()
        # Closing alone does not wake up who waits in accept().
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self.on_connect(connection)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            asked = _read(connection)
            self.asked.append(asked)
            self._behaviour(self, connection, asked)
            with contextlib.suppress(OSError, ValueError):
                connection.unwrap()


def _read(connection: socket.socket) -> Asked:
    data = b""
    while END not in data:
        data += _some(connection)
    head, _, body = data.partition(END)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += _some(connection)
    fields = parse_qs(body.decode(), keep_blank_values=True)
    return Asked(first.split(" ")[1], headers, fields)


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65_536)
    if not piece:
        raise ConnectionResetError
    return piece


# --- the protocol -----------------------------------------------------------------------------


def reply(body: str | bytes, status: str = "200 OK", **headers: str) -> Behaviour:
    """Return a behaviour that gives one answer. Shape: `x_akismet_guid` is X-akismet-guid."""
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in named.items()]
    data = "\r\n".join(lines).encode() + END + content

    def behave(_server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
        connection.sendall(data)

    return behave


def answer_by_the_protocol(server: AkismetServer, connection: ssl.SSLSocket, asked: Asked) -> None:
    text, headers = _by_the_protocol(server, asked)
    reply(text, Content_Type="text/plain", **headers)(server, connection, asked)


def _by_the_protocol(server: AkismetServer, asked: Asked) -> tuple[str, dict[str, str]]:
    given = {name: values[0] for name, values in asked.fields.items()}
    if asked.path == "/1.1/verify-key":
        is_known = given.get("key") == KEY and given.get("blog")
        return ("valid", {}) if is_known else _invalid("We were unable to parse your blog URI")
    if given.get("api_key") != KEY:
        return _invalid("Invalid key")
    for name in ("blog", "user_ip"):
        if not given.get(name):
            return _invalid(f'Empty "{name}" value')
    if asked.path in {"/1.1/submit-spam", "/1.1/submit-ham"}:
        return THANKS, {}
    headers = {"X_akismet_guid": f"guid-{len(server.asked)}"}
    if "akismet-guaranteed-spam" in (given.get("comment_author"), given.get("comment_content")):
        return "true", headers
    if given.get("comment_author_email") == "akismet-guaranteed-spam@example.com":
        return "true", {**headers, "X_akismet_pro_tip": "discard"}
    return "false", headers


def _invalid(help_text: str) -> tuple[str, dict[str, str]]:
    return "invalid", {"X_akismet_debug_help": help_text}


# --- what can go wrong ------------------------------------------------------------------------


def slow(server: AkismetServer, _connection: ssl.SSLSocket, _asked: Asked) -> None:
    server.closing.wait(30)


def trickling_headers(server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    _trickle(server, connection, b"HTTP/1.1 200 OK\r\n" + b"X-Long: long\r\n" * 1_000)


def trickling_body(server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000" + END)
    _trickle(server, connection, b"f" * 5_000)


def _trickle(server: AkismetServer, connection: ssl.SSLSocket, data: bytes) -> None:
    for byte in data:
        connection.sendall(bytes([byte]))
        if server.closing.wait(0.05):
            return


def reset(_server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    """Break the connection off, as a machine does that restarts."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def cut_short(_server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5" + END + b"tru")
    connection.close()


def gigabyte(server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {GIGABYTE}".encode() + END)
    _pour(server, connection, lambda piece: piece)


def gigabyte_in_chunks(server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked" + END)
    _pour(server, connection, lambda piece: b"%x\r\n%b\r\n" % (len(piece), piece))


def endless_headers(server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    _pour(server, connection, lambda piece: b"X-Long: " + piece + b"\r\n")


def _pour(
    server: AkismetServer, connection: ssl.SSLSocket, framed: Callable[[bytes], bytes]
) -> None:
    piece = framed(b"true" * 4_096)
    while server.sent < GIGABYTE and not server.closing.is_set():
        connection.sendall(piece)
        server.sent += len(piece)


def no_http(_server: AkismetServer, connection: ssl.SSLSocket, _asked: Asked) -> None:
    connection.sendall(b"220 mail.example.org ESMTP\r\n")


HTML = "<!doctype html><title>Sign in</title><p>Welcome to the hotel’s network"

MISBEHAVIOURS: dict[str, Behaviour] = {
    "slow": slow,
    "trickling headers": trickling_headers,
    "trickling body": trickling_body,
    "reset": reset,
    "cut short": cut_short,
    "500": reply("Internal Server Error", "500 Internal Server Error"),
    "empty": reply(""),
    "invalid": reply("invalid", X_akismet_debug_help="Invalid key"),
    "HTML": reply(HTML, Content_Type="text/html"),
    "1 GB": gigabyte,
    "1 GB in chunks": gigabyte_in_chunks,
    "endless headers": endless_headers,
    "redirect": reply("", "302 Found", Location="https://localhost/1.1/comment-check"),
    "no HTTP": no_http,
}


# --- certificates -----------------------------------------------------------------------------

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def make_certificates(folder: Path) -> Certificates:
    """Make them with the program `openssl`. Shape: a leaf's file holds its key too."""
    authority = _self_signed(folder, "authority", "An authority")
    return Certificates(
        authority,
        localhost=_issued(folder, authority, "localhost"),
        elsewhere=_issued(folder, authority, "elsewhere.example"),
        stranger=_self_signed(folder, "stranger", "localhost"),
    )


def _self_signed(folder: Path, file: str, name: str) -> Path:
    made = folder / f"{file}.pem"
    named = ["-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    _openssl(made, "req", "-x509", *CURVE, *named, "-keyout", "-")
    return made


def _issued(folder: Path, authority: Path, name: str) -> Path:
    request, extensions, made = (folder / f"{name}.{kind}" for kind in ("csr", "ext", "pem"))
    extensions.write_text(f"subjectAltName=DNS:{name}\n")
    _openssl(request, "req", "-new", *CURVE, "-subj", f"/CN={name}", "-keyout", "-")
    signing = ["-req", "-in", request, "-CA", authority, "-CAkey", authority, "-set_serial", "7"]
    _openssl(made, "x509", *signing, "-extfile", extensions, "-days", "2")
    (key,) = re.findall(rb"-+BEGIN PRIVATE KEY.*?END PRIVATE KEY-+\n", request.read_bytes(), re.S)
    made.write_bytes(made.read_bytes() + key)
    return made


def _openssl(into: Path, *arguments: object) -> None:
    made = subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
    into.write_bytes(made.stdout)


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


# --- for the tests ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    return make_certificates(tmp_path_factory.mktemp("akismet"))


@pytest.fixture
def akismet_at(certificates: Certificates, settings: Any) -> Iterator[Callable[..., AkismetServer]]:
    """Return a function that starts a stand-in and points the settings at it."""
    with contextlib.ExitStack() as servers:

        def start(certificate: Path | None = certificates.localhost) -> AkismetServer:
            server = AkismetServer(certificate)
            servers.callback(server.close)
            settings.COMMENTS_AKISMET_KEY = KEY
            settings.COMMENTS_AKISMET_HOST = server.host
            settings.COMMENTS_AKISMET_CA_FILE = str(certificates.authority)
            return server

        yield start


@pytest.fixture
def akismet_server(akismet_at: Callable[..., AkismetServer]) -> AkismetServer:
    return akismet_at()
