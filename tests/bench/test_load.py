"""The load: every answer is counted once, whatever the server does to its connections."""

import socketserver
import threading
from collections import Counter
from itertools import islice, repeat

import pytest

from bench import _load
from bench._load import Loader, LoadError

pytestmark = pytest.mark.once


class Server(socketserver.ThreadingTCPServer):
    """Answers by a script: for each request the bytes to send, or None to end without an answer."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.answered = Counter()
        self.lock = threading.Lock()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        on_connection = 0
        while line := self.rfile.readline():
            length = 0
            while (header := self.rfile.readline().strip()) != b"":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            body = self.rfile.read(length)
            on_connection += 1
            answer = self.server.answer(line, body, on_connection)
            if answer is None:
                return
            for piece in answer:
                self.wfile.write(piece)
                self.wfile.flush()
            with self.server.lock:
                self.server.answered[b"".join(answer)[9:12]] += 1


@pytest.fixture
def serve():
    servers = []

    def start(answer):
        server = Server(answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answer(body=b"hello", status=b"200 OK", headers=b""):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)


def load(server, requests, seconds=0.3, **options):
    return Loader(server.server_address[1], requests, **options).run(seconds)


def ask(server, number):
    """Load it with so many requests, however long a busy machine takes for them."""
    return load(server, islice(repeat(_load.get("/", 80)), number), seconds=30)


def test_each_answer_is_counted_and_none_that_was_not_given(serve):
    server = serve(lambda *_asked: [answer()])
    found = load(server, repeat(_load.get("/", 80)))
    assert found.kinds == {(200, 5): server.answered[b"200"]}
    # Those of the last moment came, too late for the rate.
    assert 0 <= found.kinds.total() - found.answers <= _load.CONNECTIONS
    assert 0 < found.seconds <= 0.31
    assert found.rate == found.answers / found.seconds
    assert not found.resent


def test_an_answer_in_pieces_is_one_answer(serve):
    whole = answer(b"x" * 300_000)
    pieces = [whole[:10], whole[10:30], whole[30:200_000], whole[200_000:]]
    server = serve(lambda *_asked: pieces)
    found = ask(server, 40)
    assert found.kinds == {(200, 300_000): 40}


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_in_chunks_is_as_long_as_they_are_together(serve, size):
    body = b"".join(b"%x\r\n%s\r\n" % (count, b"\r\n0"[:1] * count) for count in (5, 30_000, 16, 1))
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"
    pieces = [whole[:size], *(whole[at : at + 9_000] for at in range(size, len(whole), 9_000))]
    server = serve(lambda *_asked: pieces)
    found = ask(server, 20)
    assert found.kinds == {(200, 30_022): 20}


def test_what_a_closed_connection_left_unanswered_is_sent_again(serve):
    server = serve(lambda _line, _body, at: None if at == 3 else [answer()])
    found = ask(server, 40)
    assert found.kinds == {(200, 5): 40}
    assert found.resent


def test_a_server_that_says_it_will_close_is_believed(serve):
    closing = [answer(headers=b"Connection: close\r\n")]
    server = serve(lambda _line, _body, at: closing if at == 1 else None)
    found = ask(server, 40)
    assert found.kinds == {(200, 5): 40}
    assert not found.resent


def test_forms_arrive_whole_and_statuses_are_told_apart(serve):
    def judge(line, body, _at):
        assert line.startswith(b"POST /comments/7/ ")
        return [answer(b"", b"303 See Other" if body == b"a=1" else b"422 No")]

    server = serve(judge)
    forms = [_load.post("/comments/7/", 80, body) for body in (b"a=1", b"a=2", b"a=1")]
    found = load(server, iter(forms), connections=2)
    assert found.statuses() == {303: 2, 422: 1}
    with pytest.raises(LoadError, match="422"):
        found.require(303)


def test_an_answer_without_a_body_is_at_its_end(serve):
    server = serve(lambda *_asked: [b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"])
    found = ask(server, 20)
    assert found.require(304, 0).kinds.total() == 20


def test_another_length_than_the_page_has_is_told_but_for_a_forms_key(serve):
    server = serve(lambda *_asked: [answer(b"x" * 1_000)])
    found = ask(server, 5)
    assert found.require(200, 1_010) is found
    with pytest.raises(LoadError, match="of 1200 bytes"):
        found.require(200, 1_200)


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\nhello"], "how long"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello"], "More came back"),
    ],
)
def test_what_is_no_proper_answer_ends_the_measure(serve, pieces, told):
    server = serve(lambda *_asked: pieces)
    with pytest.raises(LoadError, match=told):
        load(server, repeat(_load.get("/", 80)), connections=1)


def test_a_server_that_never_answers_ends_the_measure(serve):
    server = serve(lambda *_asked: None)
    with pytest.raises(LoadError, match="in a row"):
        load(server, repeat(_load.get("/", 80)), connections=1)
