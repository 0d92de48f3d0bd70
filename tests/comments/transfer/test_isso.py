"""Isso: its own database, and the list in JSON that it imports itself."""

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from comments.status import Status
from tests.comments.factories import make_thread

pytestmark = pytest.mark.django_db


def test_the_isso_list_gives_what_it_has(run, shared_data):
    one, seven = make_thread(url="/posts/0001/"), make_thread(url="/posts/0007/")
    for changes in ({"created": 2}, {"unchanged": 2}):
        report = run(shared_data / "imports" / "isso-generic.json", "isso")
        assert report["changes"]["comments"] == changes
    poker, miguel = one.comments.get(), seven.comments.get()
    assert (poker.author_name, poker.author_website) == (
        "texas holdem", "http://www.tigerspice.com"
    )  # fmt: skip
    assert poker.created_at == datetime(2005, 2, 24, 4, 3, 37, tzinfo=UTC)
    assert miguel.author_email == "105421439@87750645.com"
    assert miguel.ip_address is None


def test_replies_in_an_isso_list_stay_in_their_thread(run):
    threads = [make_thread(url=f"/{name}/") for name in "ab"]
    told = [
        {"id": f"/{name}/", "title": "T", "comments": [
            {"id": 0, "author": "A", "text": "*Hi*", "created": "2005-02-24 04:03:37"},
            {"id": 1, "parent": 0, "author": "B", "text": "Yo", "created": "2005-02-25 04:03:37"},
        ]}
        for name in "ab"
    ]  # fmt: skip
    run(json.dumps(told, indent=2), "isso")
    for thread in threads:
        first, second = thread.comments.order_by("number")
        assert second.parent == first
        assert first.body_html == "<p><em>Hi</em></p>\n"


@pytest.fixture
def isso_database(tmp_path):
    path = tmp_path / "comments.db"
    connection = sqlite3.connect(path)
    connection.executescript("""
        CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
        CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
            created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR,
            text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
            likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL);
        INSERT INTO threads VALUES (1, '/a/', 'A'), (2, '/gone/', 'B');
        INSERT INTO comments VALUES
            (1, 1, NULL, 1304251200.5, NULL, 4, '192.0.2.0', '', NULL, NULL, NULL, 0, 0, x'00'),
            (1, 2, 1, 1304251300, 1304251400, 1, '192.0.2.0', 'It is *so*.', 'Ann',
             'ann@example.org', 'https://ann.example', 1, 0, x'00'),
            (1, 3, NULL, 1304251500, NULL, 2, '192.0.2.0', 'Wait.', 'Ben', NULL, NULL, 0, 0, x'00'),
            (2, 4, NULL, 1304251600, NULL, 1, '192.0.2.0', 'Lost.', 'Cy', NULL, NULL, 0, 0, x'00'),
            (9, 5, NULL, 1304251600, NULL, 1, '192.0.2.0', 'Lost.', 'Cy', NULL, NULL, 0, 0, x'00');
    """)
    connection.close()
    return path


def test_issos_own_database_gives_statuses_and_edits(run, isso_database):
    thread = make_thread(url="/a/")
    before = isso_database.read_bytes()
    report = run(isso_database, "isso")
    assert report["comments"] == {"approved": 1, "deleted": 1, "pending": 1}
    assert report["skipped"] == {
        "no page at this address": 1,
        "its thread is not in the database": 1,
    }
    gone, reply, waits = thread.comments.order_by("path")
    assert (gone.status, reply.parent, waits.status) == (Status.DELETED, gone, Status.PENDING)
    assert reply.edited_at == datetime(2011, 5, 1, 12, 3, 20, tzinfo=UTC)
    assert (reply.author_email, reply.body_html) == (
        "ann@example.org",
        "<p>It is <em>so</em>.</p>\n",
    )
    assert isso_database.read_bytes() == before


def test_a_gzipped_database_is_read_as_it_is(run, isso_database):
    thread = make_thread(url="/a/")
    run(gzip.compress(isso_database.read_bytes()), "isso")
    assert thread.comments.count() == 3


def test_words_that_sqlite_holds_as_bytes_are_words(run, isso_database):
    thread = make_thread(url="/a/")
    with closing(sqlite3.connect(isso_database)) as connection, connection:
        connection.execute("UPDATE comments SET text = CAST('Caf\u00e9.' AS BLOB)")
    run(isso_database, "isso")
    assert thread.comments.get(number=2).body == "Caf\u00e9."


def isso_list(*comments):
    whole = {"author": "Ann", "text": "Words.", "created": "2005-02-24 04:03:37"}
    told = [{"id": "/a/", "title": "A", "comments": [{**whole, **each} for each in comments]}]
    return json.dumps(told)


@pytest.mark.parametrize(
    ("mode", "status"),
    [(1, Status.APPROVED), (None, Status.APPROVED), (2, Status.PENDING), ("2", Status.PENDING),
     (4, Status.DELETED), (5, Status.PENDING), (True, Status.PENDING)],
)  # fmt: skip
def test_a_list_of_isso_that_says_a_mode_is_believed(run, mode, status):
    thread = make_thread(url="/a/")
    run(isso_list({"id": 1, "mode": mode}), "isso")
    assert thread.comments.get().status == status


def test_comments_of_isso_without_an_id_all_come_and_are_known_again(run):
    thread = make_thread(url="/a/")
    told = isso_list({"text": "One."}, {"text": "Two."})
    for change in ("created", "unchanged"):
        assert run(told, "isso")["changes"] == {"comments": {change: 2}}
    assert thread.comments.count() == 2
