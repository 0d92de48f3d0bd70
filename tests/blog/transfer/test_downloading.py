"""Downloads against real servers on this machine: what a hostile export or host could try."""

import contextlib
import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from blog.transfer import downloading
from blog.transfer.downloading import (
    Download,
    Limits,
    host_named,
    is_public_address,
    own_hosts_of,
)
from blog.transfer.files import Found, Unavailable

QUICK = Limits(bytes=100_000, seconds=0.5, connect_seconds=0.5)
END = b"\r\n\r\n"


class Server:
    """Answers by hand what each path calls for, and remembers what it was asked."""

    def __init__(self, answers, context=None):
        self.answers = answers
        self.asked = []
        self.headers = []
        self.connections = 0
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def url(self, path, host="127.0.0.1", scheme="http"):
        return f"{scheme}://{host}:{self.port}{path}"

    def close(self):
        self._socket.close()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            while head := self._head(connection):
                path = head.split(" ")[1]
                self.asked.append(path)
                self.headers.append(head)
                answer = self.answers.get(path, b"HTTP/1.1 404 No\r\nContent-Length: 0" + END)
                if not isinstance(answer, bytes):
                    answer(connection)
                    return
                connection.sendall(answer)

    def _head(self, connection):
        head = b""
        while END not in head:
            piece = connection.recv(4096)
            if not piece:
                return ""
            head += piece
        return head.decode()


def answer(content=b"here", *headers, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + END + content


def leading_to(address, status=302):
    return answer(b"", f"Location: {address}", status=f"{status} Moved")


@pytest.fixture
def serve():
    with contextlib.ExitStack() as servers:

        def start(answers, **options):
            server = Server(answers, **options)
            servers.callback(server.close)
            return server

        yield start


def is_loopback(address):
    return address == "127.0.0.1"


@pytest.fixture
def fetch():
    """Return a function that fetches as if this machine were out in the internet."""

    def get(url, *, own_hosts=("127.0.0.1",), limits=QUICK):
        with Download(set(own_hosts), may_connect=is_loopback, limits=limits) as download:
            return download.get(url)

    return get


def reason(call, *args, **options):
    with pytest.raises(Unavailable) as error:
        call(*args, **options)
    return error.value.reason


def default_reason(url, *own_hosts):
    with Download(set(own_hosts)) as download:
        return reason(download.get, url)


# --- what comes -----------------------------------------------------------------------------


def test_a_file_is_fetched_under_its_own_name(serve, fetch):
    server = serve({"/2008/Br%C3%BBl%C3%A9e.jpg?w=1": answer(b"loaf")})
    assert fetch(server.url("/2008/Brûlée.jpg?w=1#x")) == Found(b"loaf", "Brûlée.jpg")


def test_it_says_who_asks_for_the_host_by_name_and_gives_nothing_else_away(serve, fetch):
    server = serve({"/a.jpg": answer()})
    fetch(server.url("/a.jpg", host="localhost"), own_hosts={"localhost"})
    lines = server.headers[0].strip().split("\r\n")
    assert f"Host: localhost:{server.port}" in lines
    assert "Parley" in server.headers[0]
    assert {line.partition(":")[0] for line in lines[1:]} == {
        *("Host", "User-Agent", "Accept", "Accept-Encoding")
    }


def test_one_connection_serves_many_files(serve):
    server = serve({"/a.jpg": answer(), "/b.jpg": answer()})
    with Download({"127.0.0.1"}, may_connect=is_loopback) as download:
        for path in ("/a.jpg", "/b.jpg", "/a.jpg"):
            assert download.get(server.url(path)).content == b"here"
    assert server.connections == 1


def test_a_redirect_within_the_blog_is_followed(serve, fetch):
    server = serve({"/a.jpg": leading_to("/b/c.jpg", 301), "/b/c.jpg": answer(b"loaf")})
    assert fetch(server.url("/a.jpg")) == Found(b"loaf", "a.jpg")


def test_a_proxy_of_the_environment_is_not_asked(serve, fetch, monkeypatch):
    server, proxy = serve({"/a.jpg": answer()}), serve({})
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url(""))
    assert fetch(server.url("/a.jpg")).content == b"here"
    assert not proxy.connections


# --- what is never asked --------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::"),
        *("2002:a00:1::1", "2001::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1"),
        *("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "", "8.8.8.8:80"),
    ],
)
def test_an_address_inside_some_network_is_not_public(address):
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "192.0.78.24", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_an_address_in_the_internet_is_public(address):
    assert is_public_address(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "LocalHost.", "2130706433", "0x7f000001", "0x7f.1"),
        *("017700000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "[::]"),
        *(
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "0",
            "0.0.0.0",
            "169.254.169.254",
            "１２７.0.0.1",
        ),
    ],
)
def test_this_machine_is_not_asked_under_any_name_even_if_the_export_calls_it_the_blog(serve, host):
    server = serve({"/a.jpg": answer()})
    url = server.url("/a.jpg", host=host)
    with Download(own_hosts_of(url)) as download:
        assert reason(download.get, url) == "an address inside a private network"
    assert not server.connections


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    answers = [(0, 0, 0, "", (address, 0)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answers)
    assert default_reason("http://blog.example/a", "blog.example") == (
        "an address inside a private network"
    )


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(serve, monkeypatch):
    real, questions = socket.getaddrinfo, []

    def rebinding(host, *args, **options):
        if host != "blog.example":
            return real(host, *args, **options)
        questions.append(host)
        address = "127.0.0.1" if len(questions) == 1 else "127.0.0.2"
        return [(0, 0, 0, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    closing = answer(b"here", "Connection: close")
    server = serve({"/a.jpg": closing, "/b.jpg": closing})
    with Download({"blog.example"}, may_connect=is_loopback) as download:
        for path in ("/a.jpg", "/b.jpg"):
            assert download.get(server.url(path, host="blog.example")).content == b"here"
    assert (questions, server.connections) == (["blog.example"], 2)


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/a.jpg",
        "http://blog.example.other.example/a.jpg",
        "http://xblog.example/a.jpg",
        "http://other.example/?http://blog.example/",
        "http://other.example#blog.example",
        "http://other.example;blog.example/a.jpg",
    ],
)
def test_another_host_is_not_asked(url):
    assert (
        default_reason(url, "blog.example")
        == "not of the blog's own host (--download-host names others)"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("", "a.jpg", "/a.jpg", "//blog.example/a.jpg", "http:", "http:///a.jpg", "http://[::1"),
        *("file:///etc/passwd", "ftp://blog.example/a", "gopher://blog.example/a", "data:,a"),
        *("http://me:secret@blog.example/", "http://blog.example@other.example/", "http://@/"),
        *("http://other.example\\@blog.example/", "http://blog.example\\.other.example/"),
        *("http://blog.example:99999/", "http://blog.example:x/", "http://blog.example/\udcff"),
        *("http://a℀.example/", "http://" + "ü" * 100 + ".example/"),
    ],
)
def test_what_is_no_plain_address_is_not_asked(url):
    assert default_reason(url, "blog.example", "other.example", "") == (
        "not an address that can be fetched"
    )


def test_a_line_break_in_an_address_adds_no_header(serve, fetch):
    server = serve({})
    reason(fetch, server.url("/a%0d%0aX-Evil:1\r\nX-Evil: 2\x00\x7f \t.jpg"))
    assert server.asked == ["/a%0d%0aX-Evil:1X-Evil:%202%00%7F%20.jpg"]


def test_only_the_webs_ports_are_asked(monkeypatch):
    answers = [(0, 0, 0, "", ("93.184.216.34", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answers)
    assert default_reason("http://blog.example:6379/a", "blog.example") == (
        "a port that is not the web's"
    )


def test_the_hosts_of_a_blog_are_those_of_its_addresses():
    assert own_hosts_of("https://www.Blog.example./x", "", "http://[", "nonsense") == {
        "blog.example",
        "www.blog.example",
    }
    assert "me.files.wordpress.com" in own_hosts_of("https://me.wordpress.com")
    assert "i0.wp.com" not in own_hosts_of("https://me.wordpress.com")
    assert "xn--bcher-kva.example" in own_hosts_of("http://bücher.example/")


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("me.files.wordpress.com", "me.files.wordpress.com"),
        ("https://ME.files.wordpress.com./2012/01/", "me.files.wordpress.com"),
        ("cdn.example:8080", "cdn.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("", ""),
        ("me", ""),
        ("a b.example", ""),
        ("http://[", ""),
    ],
)
def test_a_host_is_known_by_its_name_or_by_an_address_on_it(name, host):
    assert host_named(name) == host


# --- redirects ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (
            "http://169.254.169.254/latest/meta-data/",
            "not of the blog's own host (--download-host names others)",
        ),
        ("http://other.example/", "not of the blog's own host (--download-host names others)"),
        ("//other.example/", "not of the blog's own host (--download-host names others)"),
        ("http://inside.example/", "an address inside a private network"),
        ("file:///etc/passwd", "not an address that can be fetched"),
        ("http://me:secret@127.0.0.1/", "not an address that can be fetched"),
        ("http://[", "not an address that can be fetched"),
        ("", "it leads on and on"),
        ("/a.jpg", "it leads on and on"),
    ],
)
def test_a_redirect_is_judged_like_any_address(serve, fetch, monkeypatch, address, why):
    real = socket.getaddrinfo
    inside = [(0, 0, 0, "", ("10.0.0.1", 0))]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **options: (
            inside if host == "inside.example" else real(host, *args, **options)
        ),
    )
    server = serve({"/a.jpg": leading_to(address)})
    own_hosts = {"127.0.0.1", "inside.example"}
    assert reason(fetch, server.url("/a.jpg"), own_hosts=own_hosts) == why
    assert len(server.asked) <= 4


# --- what is too much -----------------------------------------------------------------------


def drip(before, piece, after=b""):
    def send(connection):
        connection.sendall(before)
        while True:
            connection.sendall(piece)
            time.sleep(0.05)

    return send


def flood(before):
    def send(connection):
        connection.sendall(before)
        while True:
            connection.sendall(b"x" * 65536)

    return send


@pytest.mark.parametrize(
    "slow",
    [
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda connection: time.sleep(5),
    ],
    ids=["body", "sized body", "chunks", "header", "continue", "silence"],
)
def test_a_server_that_drips_is_left_in_time(serve, fetch, slow):
    server = serve({"/a.jpg": slow})
    began = time.monotonic()
    assert reason(fetch, server.url("/a.jpg")) == "it took too long"
    assert time.monotonic() - began < 1.5


def test_redirects_get_no_time_of_their_own(serve, fetch):
    def late(connection):
        time.sleep(0.3)
        connection.sendall(leading_to("/a.jpg"))

    began = time.monotonic()
    assert reason(fetch, serve({"/a.jpg": late}).url("/a.jpg")) == "it took too long"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "endless",
    [
        flood(b"HTTP/1.1 200 OK\r\n\r\n"),
        flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"),
        answer(b"", "Content-Length: 100001").replace(b"Content-Length: 0\r\n", b""),
        answer(b"x" * 100_001),
    ],
    ids=["endless", "one endless chunk", "announced", "one byte too much"],
)
def test_a_file_that_is_too_large_is_cut_off(serve, fetch, endless):
    limits = Limits(bytes=100_000, seconds=5)
    assert reason(fetch, serve({"/a.jpg": endless}).url("/a.jpg"), limits=limits) == (
        "larger than 20 MB"
    )


def test_as_much_as_is_allowed_comes(serve, fetch):
    server = serve({"/a.jpg": answer(b"x" * 100_000)})
    assert len(fetch(server.url("/a.jpg")).content) == 100_000


def test_endless_headers_are_cut_off(serve, fetch):
    server = serve({"/a.jpg": flood(b"HTTP/1.1 200 OK\r\nX: ")})
    assert reason(fetch, server.url("/a.jpg"), limits=Limits(seconds=5)) == "the answer broke off"


@pytest.mark.parametrize("encoding", ["gzip", "GZip, gzip", "br", "deflate"])
def test_what_comes_packed_is_never_unpacked(serve, fetch, encoding):
    bomb = gzip.compress(b"\0" * 10_000_000)
    server = serve({"/a.jpg": answer(bomb, f"Content-Encoding: {encoding}")})
    assert reason(fetch, server.url("/a.jpg")) == "the server sent it packed"


# --- what goes wrong ------------------------------------------------------------------------


def test_an_answer_without_the_file_says_its_number(serve, fetch):
    assert reason(fetch, serve({}).url("/a.jpg")) == "the server answered 404"


def test_a_page_in_place_of_the_file_is_not_taken_for_it(serve, fetch):
    server = serve({"/a.pdf": answer(b"<p>Gone", "Content-Type: Text/HTML; charset=utf-8")})
    assert reason(fetch, server.url("/a.pdf")) == "the server answered with a page in its place"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x" + END,
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + END,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10" + END + b"half",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked" + END + b"zz\r\n",
        b"HTTP/1.1 999999 OK" + END,
    ],
)
def test_half_an_answer_is_none(serve, fetch, broken):
    def send(connection):
        connection.sendall(broken)

    assert reason(fetch, serve({"/a.jpg": send}).url("/a.jpg")) in {
        "the answer broke off",
        "larger than 20 MB",
    }


@pytest.fixture
def deaf_port():
    """Return a port that is taken and never answers: nobody else gets it meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_host_that_lets_nobody_in_is_soon_left_alone(deaf_port, monkeypatch):
    tried = []
    real = downloading._Network.connect_tcp
    monkeypatch.setattr(
        downloading._Network,
        "connect_tcp",
        lambda *args, **options: tried.append(1) or real(*args, **options),
    )
    with Download({"127.0.0.1"}, may_connect=is_loopback, limits=QUICK) as download:
        urls = [f"http://127.0.0.1:{deaf_port}/{n}.jpg" for n in range(10)]
        reasons = {reason(download.get, url) for url in urls}
    assert reasons == {"its host does not answer"}
    assert len(tried) == downloading.MAX_REFUSALS


def test_a_host_that_nobody_knows_is_said_so():
    assert default_reason("http://nowhere.invalid/a.jpg", "nowhere.invalid") == (
        "its host is not known"
    )


# --- certificates ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return the path of a key and a certificate for "localhost"."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    made = subprocess.run([*command, *subject, "-nodes", "-keyout", "-"], capture_output=True)
    path.write_bytes(made.stdout)
    return path


@pytest.fixture
def secure(serve, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return serve({"/a.jpg": answer(b"loaf")}, context=context)


def test_a_certificate_is_checked_for_the_name_though_the_address_is_connected_to(
    secure, fetch, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = secure.url("/a.jpg", host="localhost", scheme="https")
    assert fetch(url, own_hosts={"localhost"}).content == b"loaf"


def test_a_certificate_for_another_name_is_refused(secure, fetch, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = secure.url("/a.jpg", scheme="https")
    assert reason(fetch, url) == "its host's certificate is not right"
    assert secure.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure, fetch):
    url = secure.url("/a.jpg", host="localhost", scheme="https")
    assert reason(fetch, url, own_hosts={"localhost"}) == "its host's certificate is not right"
    assert secure.asked == []
