"""`manage.py import_threads`: pages and their addresses, and what is refused."""

import gzip
import re

import pytest
from django.core.management import CommandError

from comments.models import Comment, ImportMap, ImportRun, ModerationLogEntry, Thread
from tests.comments.factories import make_thread
from tests.comments.transfer.telling import disqus, lines, post, remark

pytestmark = pytest.mark.django_db


def nothing_was_written():
    return not any(
        model.objects.exists() for model in (Comment, ImportMap, ImportRun, ModerationLogEntry)
    )


def test_a_dry_run_reports_and_writes_nothing(run):
    make_thread(url="/a/")
    report = run(lines({}, {"parent": "7"}), "json", dry_run=True)
    assert report["comments"] == {"approved": 2}
    assert nothing_was_written()
    assert Thread.objects.get().version == 1


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


# --- bad input ----------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?>
<!DOCTYPE disqus [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<disqus xmlns="http://disqus.com">&b;</disqus>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE disqus [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<disqus xmlns="http://disqus.com">&x;</disqus>"""
WHOLE = lines({}, {})
LONG = "x" * 17_000_000


def in_encoding(name):
    return disqus(post(1)).replace("utf-8", name)


REFUSED = {
    "empty": ("disqus", "", None),
    "not XML": ("disqus", "a,b,c", 1),
    "another XML": ("disqus", '<atom version="2.0"></atom>', 1),
    "another namespace": ("disqus", '<disqus xmlns="http://x.example"/>', 1),
    "cut off XML": ("disqus", disqus(post(1), post(2))[:-30], None),
    "entity bomb": ("disqus", BOMB, 2),
    "external entity": ("disqus", OUTSIDE, 2),
    "XML that says UTF-8 and is not": ("disqus", disqus(post(1)).encode() + b"\xff", None),
    "a huge message": ("disqus", disqus(post(1, message=LONG)), 4),
    "deep elements": ("disqus", '<disqus xmlns="http://disqus.com">' + "<a>" * 100, 1),
    "a damaged gzip": ("disqus", gzip.compress(disqus(post(1)).encode())[:-20], None),
    "JSON for XML": ("disqus", '{"a": 1}', 1),
    "an encoding that nobody has": ("disqus", in_encoding("foo"), 1),
    "an encoding that the parser has not": ("disqus", in_encoding("GB2312"), 1),
    "XML in UTF-16": ("disqus", in_encoding("UTF-16").encode("utf-16"), 1),
    "XML in UTF-16 without a mark": ("disqus", disqus(post(1)).encode("utf-16-le"), 1),
    "a tag without an end": ("disqus", disqus(post(1)) + "<a " + "x" * 300_000, 8),
    "neither database nor list": ("isso", "Hello.", 1),
    "an object, no list": ("isso", '{"a": 1}', 1),
    "a list of numbers": ("isso", "[1]", 1),
    "two lists in one": ("isso", '[\n{"id": "/a/", "comments": []}]\n[]', 2),
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


@pytest.mark.parametrize("case", REFUSED)
def test_a_source_that_was_named_does_not_spare_a_file_its_check(run, case):
    name, content, _line = REFUSED[case]
    with pytest.raises(CommandError, match="Nothing was imported"):
        run(content, name, source="mine")
    assert nothing_was_written()


def test_a_source_that_was_named_changes_nothing_else(run):
    thread = make_thread(url="/a/")
    run(disqus(post(1)), "disqus", source="mine")
    assert thread.comments.count() == 1
    assert ImportRun.objects.get().source == "mine"


LIST_OF_ISSO = '[{"id": "/a/", "title": "A", "comments": []}]'
LOOKS = {
    "a WordPress export: use import_wxr": b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a <disqus> "
    + b"x" * 2000 + b" -->\n<rss version='2.0'>",
    "--from disqus": disqus(post(1)),
    "--from isso": b"SQLite format 3\x00" + b"\x00" * 200,
    "a list of Isso: use --from isso": LIST_OF_ISSO,
    "--from remark42": remark({}),
    "--from json": lines({}),
    "`remark42 backup`": b"\0" * 16 + b"\xed\xda\x0c\xed\x02\0\0\0" + b"\0" * 4000,
    "a zip archive: unpack it": b"PK\x03\x04\x14\0" + b"\0" * 400,
}  # fmt: skip


@pytest.mark.parametrize(
    ("advice", "name"),
    [(advice, name) for advice in LOOKS for name in ("disqus", "isso", "remark42", "json")
     if not advice.endswith(f"--from {name}")],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_of_another_kind_is_called_what_it_is(run, advice, name, pack):
    content = LOOKS[advice]
    with pytest.raises(CommandError, match=re.escape(advice)):
        run(pack(content.encode() if isinstance(content, str) else content), name)


def test_a_file_that_is_not_there_is_an_error_in_words(run, tmp_path):
    for name in ("disqus", "isso", "remark42", "json"):
        with pytest.raises(CommandError, match="No such file"):
            run(tmp_path / "missing", name)


def test_the_first_line_may_have_a_byte_order_mark(run):
    thread = make_thread(url="/a/")
    run(b"\xef\xbb\xbf" + lines({}).encode(), "json")
    assert thread.comments.count() == 1
