"""Our own format of a comment a line: what it may hold, and how odd values come out."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model

from comments.models import Comment, Markup
from comments.status import Status
from tests.comments.factories import make_thread
from tests.comments.transfer.telling import lines

pytestmark = pytest.mark.django_db


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
    assert (first.author_website, first.ip_address) == ("https://ann.example", "192.0.2.0")
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
    "created",
    [
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "soon",
        "1970-01-01",
        "2999-01-01",
        "9999-12-31T23:59:59-14:00",
        1e400,
        -5,
        "9" * 400,
    ],
)
def test_no_date_is_made_up(run, created):
    thread = make_thread(url="/a/")
    report = run(lines({"created": created}, {"parent": "1"}), "json")
    assert report["skipped"] == {"a comment without a date that can be": 1}
    assert report["notes"][0]["line"] == 1
    assert thread.comments.get(status=Status.APPROVED).parent.status == Status.DELETED


# --- ids ----------------------------------------------------------------------------------------


def test_a_file_for_each_post_may_count_its_comments_from_one(run):
    one, other = make_thread(url="/a/"), make_thread(url="/b/")
    run(lines({"text": "Of a."}, {"parent": "1"}), "json")
    report = run(lines(*({"thread": "/b/", "text": text} for text in ("Of b.", "Too."))), "json")
    assert report["changes"] == {"comments": {"created": 2}}
    assert [each.body for each in one.comments.order_by("number")] == ["Of a.", "Words."]
    assert [each.body for each in other.comments.order_by("number")] == ["Of b.", "Too."]


def test_a_comment_is_known_again_however_its_page_is_spelled(run):
    thread = make_thread(url="/a/")
    for page, change in (("http://blog.example/a/index.html", "created"), ("/a", "updated")):
        report = run(lines({"thread": page, "text": page}), "json")
        assert report["changes"] == {"comments": {change: 1}}
    assert thread.comments.get().body == "/a"


@pytest.mark.parametrize("parent", [0, "0", 0.0, "", None, float("nan"), False])
def test_what_is_no_id_is_no_parent(run, parent):
    thread = make_thread(url="/a/")
    run(lines({"parent": parent}), "json")
    assert thread.comments.get().parent is None


def test_whole_numbers_that_a_table_made_fractions_of_are_ids(run):
    thread = make_thread(url="/a/")
    run(lines({"id": 12}, {"id": 13.0, "parent": 12.0}, {"parent": "13"}), "json")
    assert [each.depth for each in thread.comments.order_by("path")] == [0, 1, 2]


def test_null_is_as_good_as_missing(run):
    thread = make_thread(url="/a/")
    names = ("parent", "text", "markup", "status", "name", "email", "website", "ip")
    run(lines(dict.fromkeys(names)), "json")
    comment = thread.comments.get()
    assert (comment.status, comment.markup) == (Status.APPROVED, Markup.MARKDOWN)


@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
def test_what_no_database_holds_is_left_out(run, odd):
    thread = make_thread(url="/a/")
    names = ("id", "thread", "parent", "text", "name", "email", "website", "ip")
    run(
        lines(
            dict.fromkeys(names, f"/a/{odd}"),
            {"thread": f"/b/%00{odd}?p={odd}"},
            {"id": f"a{odd}", "created": "soon"},
            {"thread": "/?p=%00"},
        ),
        "json",
    )
    assert thread.comments.filter(status=Status.APPROVED).count() == (odd == "\x00")
