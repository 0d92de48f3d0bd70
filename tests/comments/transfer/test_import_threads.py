"""`manage.py import_threads`: what each format gives, and what is refused with its line."""

import gzip
import json
import sqlite3
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from comments.models import Comment, ImportMap, ImportRun, Markup, ModerationLogEntry, Thread
from comments.status import Status
from tests.comments.factories import make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command and returns its report."""

    def run(content, name, **options):
        path = tmp_path / "told"
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path = content
        report = tmp_path / "report.json"
        out = StringIO()
        call_command(
            "import_threads", str(path), f"--from={name}", report=report, stdout=out, **options
        )
        return json.loads(report.read_text())

    return run


def lines(*facts):
    whole = {"thread": "/a/", "name": "Ann", "text": "Words.", "created": "2011-05-01T12:00:00Z"}
    told = [{**whole, "id": str(number), **each} for number, each in enumerate(facts, start=1)]
    return "\n".join(map(json.dumps, told)) + "\n"


def nothing_was_written():
    return not any(
        model.objects.exists() for model in (Comment, ImportMap, ImportRun, ModerationLogEntry)
    )


# --- our own format -----------------------------------------------------------------------------


def test_a_line_gives_all_that_it_holds(run):
    thread = make_thread(url="/a/")
    report = run(
        lines(
            {"email": "ann@example.org", "website": "https://ann.example", "ip": "192.0.2.1"},
            {"parent": "1", "markup": "html", "text": "<b>Bold</b><script>x</script>",
             "status": "pending", "created": "2011-05-01 14:30:00"},
        ),
        "json",
    )  # fmt: skip
    first, second = thread.comments.order_by("number")
    assert (first.author_name, first.author_email) == ("Ann", "ann@example.org")
    assert (first.author_website, first.ip_address) == ("https://ann.example", "192.0.2.1")
    assert first.body_html == "<p>Words.</p>\n"
    assert (second.parent, second.status) == (first, Status.PENDING)
    assert (second.markup, second.body_html) == (Markup.HTML, "<b>Bold</b>")
    assert second.created_at == datetime(2011, 5, 1, 14, 30, tzinfo=UTC)
    assert report["comments"] == {"approved": 1, "pending": 1}
    assert report["skipped"] == {}


def test_every_status_is_kept(run):
    thread = make_thread(url="/a/")
    run(lines(*({"status": status} for status in Status.values)), "json")
    assert [each.status for each in thread.comments.order_by("number")] == Status.values


def test_run_twice_the_rows_are_the_same(run):
    make_thread(url="/a/")
    told = lines({}, {"parent": "1"}, {"parent": "99"}, {"parent": "5"}, {"parent": "1"})
    run(told, "json")
    before = list(Comment.objects.order_by("pk").values())
    report = run(told, "json")
    assert report["changes"] == {"comments": {"unchanged": 5}, "tombstones": {"unchanged": 1}}
    assert list(Comment.objects.order_by("pk").values()) == before


def test_a_dry_run_reports_and_writes_nothing(run):
    make_thread(url="/a/")
    report = run(lines({}, {"parent": "7"}), "json", dry_run=True)
    assert report["comments"] == {"approved": 2}
    assert nothing_was_written()
    assert Thread.objects.get().version == 1


def test_nobody_is_matched_by_an_address_that_they_typed(run):
    thread = make_thread(url="/a/")
    get_user_model().objects.create_user("ann@example.org", display_name="Ann")
    run(lines({"email": "ann@example.org"}), "json")
    assert thread.comments.get().author is None


@pytest.mark.parametrize(
    ("told", "shown"),
    [("", "Anonymous"), ("\u200b", "Anonymous"), ("\u202eeve", "eve"), ("a\x07\nb", "a b"),
     (7, "7"), (None, "Anonymous"), ({"x": 1}, "Anonymous"), ("x" * 99, "x" * 80)],
)  # fmt: skip
def test_odd_names_are_mended(run, told, shown):
    thread = make_thread(url="/a/")
    run(lines({"name": told}), "json")
    assert thread.comments.get().author_name == shown


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "::1", "nonsense", "fe80::1%eth0"])
def test_a_network_address_that_says_nothing_is_not_kept(run, address):
    thread = make_thread(url="/a/")
    run(lines({"ip": address}), "json")
    assert thread.comments.get().ip_address is None


@pytest.mark.parametrize(
    ("told", "kept"),
    [("javascript:alert(1)", ""), ("http://", ""), ("www.ann.example", "http://www.ann.example"),
     ("https://ann.example/" + "x" * 200, ""), ("mailto:a@b.c", ""), ("http://a b.c", "")],
)  # fmt: skip
def test_a_website_is_one_or_nothing(run, told, kept):
    thread = make_thread(url="/a/")
    run(lines({"website": told}), "json")
    assert thread.comments.get().author_website == kept


@pytest.mark.parametrize(
    "created",
    [1304251200, "1304251200", 1304251200.0, 1304251200000, "2011-05-01T12:00:00Z",
     "2011-05-01T14:00:00.000000001+02:00", "2011-05-01 12:00:00"],
)  # fmt: skip
def test_dates_are_told_in_many_ways(run, created):
    thread = make_thread(url="/a/")
    run(lines({"created": created}), "json")
    assert thread.comments.get().created_at == datetime(2011, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "created", ["0000-00-00 00:00:00", "soon", "1970-01-01", "2999-01-01", 1e400, -5, "9" * 400]
)
def test_no_date_is_made_up(run, created):
    thread = make_thread(url="/a/")
    report = run(lines({"created": created}, {"parent": "1"}), "json")
    assert report["skipped"] == {"a comment without a date that can be": 1}
    assert report["notes"][0]["line"] == 1
    assert thread.comments.get(status=Status.APPROVED).parent.status == Status.DELETED


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/2011/caf%C3%A9/", "/2011/café", "/2011/caf%c3%a9/index.html", "/2011//café/#comment-1",
        "http://blog.example/2011/café/", "https://www.blog.example:8080/2011/caf%C3%A9?utm_source=x",
        "/2011/café/?replytocom=5#respond", "/2011/café/?fbclid=1&page=2", "/2011/cafe\u0301/",
    ],
)  # fmt: skip
def test_a_page_is_found_by_any_spelling_of_its_address(run, address):
    thread = make_thread(url="/2011/caf%C3%A9/")
    make_thread(url="/2011/")
    run(lines({"thread": address}), "json")
    assert thread.comments.count() == 1


@pytest.mark.parametrize("address", ["", "/other/", "http://[::1", "javascript:/a/", "ftp://x/a/"])
def test_a_page_that_is_not_here_is_counted_and_named_once(run, address):
    make_thread(url="/a/")
    report = run(lines({"thread": address or "?"}, {"thread": address or "?"}), "json")
    assert report["skipped"] == {"no page at this address": 2}
    assert len(report["notes"]) == 1
    assert not Comment.objects.exists()


def test_only_the_named_site_counts_as_ours(run):
    thread = make_thread(url="/a/")
    told = lines(
        {"thread": "https://blog.example/a/"},
        {"thread": "http://www.blog.example/a"},
        {"thread": "https://other.example/a/"},
        {"thread": "/a/"},
    )
    report = run(told, "json", site_url="https://blog.example")
    assert report["skipped"] == {"of another site": 1}
    assert thread.comments.count() == 3


def test_a_finder_knows_where_pages_were_before(run, settings):
    settings.COMMENTS_THREAD_FINDERS = [f"{__name__}.found_by_number"]
    thread = make_thread(url="/a/")
    make_thread(url="/")
    run(lines({"thread": "https://old.example/?p=7"}), "json")
    assert thread.comments.count() == 1


def found_by_number(path, query):
    return Thread.objects.get(url="/a/") if (path, query) == ("/", "p=7") else None


# --- Disqus -------------------------------------------------------------------------------------


def test_the_disqus_file_gives_what_it_has(run, shared_data):
    root = make_thread(url="/")
    other = make_thread(url="/blog/2013/02/12/redacted/")
    report = run(shared_data / "imports" / "disqus.xml", "disqus")
    assert report["comments"] == {"approved": 4, "deleted": 1}
    assert report["skipped"] == {"its thread is not in the file": 1}
    assert [note["line"] for note in report["notes"]] == [66]
    assert [(each.author_name, each.status) for each in root.comments.order_by("path")] == [
        ("peter", "approved"), ("user", "approved"), ("peter", "deleted"), ("user", "approved"),
    ]  # fmt: skip
    assert [each.depth for each in root.comments.order_by("path")] == [0, 1, 0, 1]
    assert other.comments.get().body_html == "<p>Message from thread with empty title and id</p>"
    assert set(root.comments.values_list("ip_address", flat=True)) == {None}
    assert ImportRun.objects.get().source == "disqus:disqusdev"
    again = run(shared_data / "imports" / "disqus.xml", "disqus")
    assert again["changes"] == {"comments": {"unchanged": 5}}


def disqus(*posts, threads=('<thread dsq:id="2"><link>http://x.example/a/</link></thread>',)):
    return f"""<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
{"".join(threads)}
{"".join(posts)}
</disqus>"""


def post(number, more="", message="Words."):
    return f"""<post dsq:id="{number}"><message><![CDATA[{message}]]></message>
<createdAt>2013-10-10T19:20:29Z</createdAt><author><name>Ann</name></author>
<thread dsq:id="2"/>{more}</post>
"""


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("<isSpam>true</isSpam>", Status.SPAM),
        ("<isApproved>false</isApproved>", Status.PENDING),
        ("<isPending>true</isPending>", Status.PENDING),
        ("<isSpam>true</isSpam><isDeleted>true</isDeleted>", Status.DELETED),
        ("<isApproved>true</isApproved>", Status.APPROVED),
    ],
)
def test_statuses_of_disqus(run, told, status):
    thread = make_thread(url="/a/")
    run(disqus(post(1, told)), "disqus")
    assert thread.comments.get().status == status


def test_old_messages_of_disqus_keep_their_lines(run):
    thread = make_thread(url="/a/")
    run(disqus(post(1, message='One <a href="http://b.example">link</a>\nand a line')), "disqus")
    html = thread.comments.get().body_html
    assert html.startswith('<p>One <a href="http://b.example"')
    assert "<br>and a line</p>" in html


def test_threads_of_disqus_without_an_address_are_skipped(run):
    make_thread(url="/a/")
    report = run(disqus(post(1), threads=('<thread dsq:id="2"><id/></thread>',)), "disqus")
    assert report["skipped"] == {"its thread has no address": 1}


def test_a_gzipped_export_is_read_as_it_is(run):
    thread = make_thread(url="/a/")
    run(gzip.compress(disqus(post(1)).encode()), "disqus")
    assert thread.comments.count() == 1


# --- Isso ---------------------------------------------------------------------------------------


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
    assert report["skipped"] == {"no page at this address": 2}
    gone, reply, waits = thread.comments.order_by("path")
    assert (gone.status, reply.parent, waits.status) == (Status.DELETED, gone, Status.PENDING)
    assert reply.edited_at == datetime(2011, 5, 1, 12, 3, 20, tzinfo=UTC)
    assert (reply.author_email, reply.body_html) == (
        "ann@example.org",
        "<p>It is <em>so</em>.</p>\n",
    )
    assert isso_database.read_bytes() == before


# --- Remark42 -----------------------------------------------------------------------------------


def remark(*comments, version=1):
    told = [{"version": version, "users": [], "posts": []}]
    for number, each in enumerate(comments, start=1):
        whole = {
            "id": f"id-{number}", "pid": "", "text": "<p>Shown.</p>\n", "orig": "Typed *so*.",
            "user": {"name": "Ann &amp; Co", "id": "github_1", "ip": "ae12fe3b5f129b5cc4cdd2b1"},
            "locator": {"site": "blog", "url": "https://blog.example/a/"}, "score": 3,
            "time": "2018-12-20T12:00:00.123456789-06:00", "title": "A page",
        }  # fmt: skip
        told.append({**whole, **each})
    return "\n".join(map(json.dumps, told)) + "\n"


def test_a_backup_of_remark42(run):
    thread = make_thread(url="/a/")
    told = remark(
        {},
        {"pid": "id-1", "orig": "", "edit": {"time": "2018-12-21T12:00:00Z", "summary": ""}},
        {"delete": True, "text": "", "orig": "", "user": {"name": "deleted", "id": "deleted"}},
        {"pid": "id-3", "orig": "<b>raw</b>"},
    )
    for content in (told, gzip.compress(told.encode())):
        report = run(content, "remark42")
    assert report["changes"]["comments"] == {"unchanged": 4}
    first, edited, gone, reply = thread.comments.order_by("number")
    assert (first.author_name, first.ip_address) == ("Ann & Co", None)
    assert (first.markup, first.body_html) == (Markup.MARKDOWN, "<p>Typed <em>so</em>.</p>\n")
    assert first.created_at == datetime(2018, 12, 20, 18, 0, 0, 123456, tzinfo=UTC)
    assert (edited.markup, edited.body_html) == (Markup.HTML, "<p>Shown.</p>")
    assert edited.edited_at == datetime(2018, 12, 21, 12, tzinfo=UTC)
    assert (gone.status, reply.parent) == (Status.DELETED, gone)
    assert reply.markup == Markup.HTML
    assert {run.source for run in ImportRun.objects.all()} == {"remark42:blog"}


# --- bad input ----------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?>
<!DOCTYPE disqus [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<disqus xmlns="http://disqus.com">&b;</disqus>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE disqus [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<disqus xmlns="http://disqus.com">&x;</disqus>"""
WHOLE = lines({}, {})
LONG = "x" * 17_000_000

REFUSED = {
    "empty": ("disqus", "", None),
    "not XML": ("disqus", "a,b,c", 1),
    "another XML": ("disqus", '<rss version="2.0"></rss>', 1),
    "another namespace": ("disqus", '<disqus xmlns="http://x.example"/>', 1),
    "cut off XML": ("disqus", disqus(post(1), post(2))[:-30], None),
    "entity bomb": ("disqus", BOMB, 2),
    "external entity": ("disqus", OUTSIDE, 2),
    "XML that says UTF-8 and is not": ("disqus", disqus(post(1)).encode() + b"\xff", None),
    "a huge message": ("disqus", disqus(post(1, message=LONG)), 4),
    "deep elements": ("disqus", '<disqus xmlns="http://disqus.com">' + "<a>" * 100, 1),
    "a damaged gzip": ("disqus", gzip.compress(disqus(post(1)).encode())[:-20], None),
    "JSON for XML": ("disqus", WHOLE, 1),
    "neither database nor list": ("isso", "Hello.", 1),
    "an object, no list": ("isso", '{"a": 1}', 1),
    "a list of numbers": ("isso", "[1]", 1),
    "a cut off list": ("isso", '[\n{"id": "/a/", "comments": []},\n{"id": "/b', 3),
    "a database cut off": ("isso", b"SQLite format 3\x00" + b"\x00" * 200, None),
    "deep lists": ("isso", "[" * 100_000, 1),
    "no backup": ("remark42", '{"id": "1"}\n', 1),
    "a version from the future": ("remark42", remark({}, version=9), 1),
    "a backup cut off": ("remark42", remark({}, {})[:-40], 3),
    "a backup that is a list": ("remark42", "[]", 1),
    "an empty backup": ("remark42", "\n", None),
    "a line that is no JSON": ("json", WHOLE + "{oops", 3),
    "a line that is no object": ("json", WHOLE + "[1]\n", 3),
    "a line without an id": ("json", WHOLE + '{"thread": "/a/", "created": 1}\n', 3),
    "a line without a page": ("json", lines({"thread": ""}), 1),
    "a status that is none": ("json", lines({}, {"status": "aproved"}), 2),
    "a status that is a list": ("json", lines({}, {"status": ["spam"]}), 2),
    "a markup that is none": ("json", lines({"markup": "bbcode"}), 1),
    "UTF-16": ("json", WHOLE.encode("utf-16"), 1),
    "Latin-1": ("json", WHOLE.encode() + "é".encode("latin-1"), 3),
    "half a character": ("json", WHOLE.encode() + "é".encode()[:1], 3),
    "an endless line": ("json", WHOLE + LONG, 3),
    "deep JSON": ("json", "[" * 100_000, 1),
    "no comment at all": ("json", "\n", None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_readable_is_refused_with_its_line_and_nothing_is_written(run, tmp_path, case):
    make_thread(url="/a/")
    name, content, line = REFUSED[case]
    with pytest.raises(CommandError) as refusal:
        run(content, name)
    words = str(refusal.value)
    assert words.endswith("Nothing was imported.")
    if line:
        assert f"line {line}:" in words
    assert nothing_was_written()


def test_a_file_that_is_not_there_is_an_error_in_words(run, tmp_path):
    for name in ("disqus", "isso", "remark42", "json"):
        with pytest.raises(CommandError, match="No such file"):
            run(tmp_path / "missing", name)


def test_the_first_line_may_have_a_byte_order_mark(run):
    thread = make_thread(url="/a/")
    run(b"\xef\xbb\xbf" + lines({}).encode(), "json")
    assert thread.comments.count() == 1
