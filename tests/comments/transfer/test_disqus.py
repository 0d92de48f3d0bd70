"""Exports of Disqus: what they give, and the faults that real ones have."""

import gzip

import pytest

from comments.models import ImportRun
from comments.status import Action, Status
from tests.comments.factories import make_thread
from tests.comments.transfer.telling import disqus, post

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("<isSpam>true</isSpam>", Status.SPAM),
        ("<isApproved>false</isApproved>", Status.PENDING),
        ("<isPending>true</isPending>", Status.PENDING),
        ("<isSpam>true</isSpam><isDeleted>true</isDeleted>", Status.DELETED),
        ("<isApproved>true</isApproved>", Status.APPROVED),
        ("<isSpam>True</isSpam>", Status.SPAM),
        ("<isDeleted> 1 </isDeleted>", Status.DELETED),
        ("<isApproved>0</isApproved>", Status.PENDING),
        ("<isApproved>False</isApproved>", Status.PENDING),
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


def thread_of_disqus(more="", link="http://x.example/a/"):
    return f'<thread dsq:id="2"><link>{link}</link>{more}</thread>'


def test_what_stood_in_a_deleted_thread_is_read_by_nobody_here_either(run):
    thread = make_thread(url="/a/")
    posts = [post(1), post(2, "<isSpam>true</isSpam>"), post(3, "<isDeleted>true</isDeleted>"),
             post(4, "<isApproved>false</isApproved>")]  # fmt: skip
    deleted = thread_of_disqus("<isDeleted>true</isDeleted>")
    for change in ("created", "unchanged"):
        report = run(disqus(*posts, threads=(deleted,)), "disqus")
        assert report["changes"]["comments"] == {change: 4}
        assert report["comments of deleted threads"] == 4
    found = list(thread.comments.order_by("number").values_list("status", flat=True))
    assert found == [Status.REJECTED, Status.SPAM, Status.DELETED, Status.REJECTED]
    entry = thread.comments.get(number=1).log.get()
    assert (entry.action, entry.note) == (Action.IMPORT, "Its discussion was deleted there.")
    thread.refresh_from_db()
    assert thread.approved_count == 0


def test_comments_go_when_their_thread_is_deleted_there(run):
    thread = make_thread(url="/a/")
    run(disqus(post(1)), "disqus")
    run(disqus(post(1), threads=(thread_of_disqus("<isDeleted>true</isDeleted>"),)), "disqus")
    assert thread.comments.get().status == Status.REJECTED


@pytest.mark.parametrize(
    "identifier", ["http://x.example/a/", "2 http://x.example/a/", "/a/", "17 https://x.example/a"]
)
def test_the_identifier_of_a_thread_may_be_its_address(run, identifier):
    thread = make_thread(url="/a/")
    told = f'<thread dsq:id="2"><id>{identifier}</id><link>http://x.example/gone/</link></thread>'
    run(disqus(post(1), threads=(told,)), "disqus")
    assert thread.comments.count() == 1


@pytest.mark.parametrize("odd", ["\x08", "&#8;", "\ufffe", "\x00"])
def test_a_character_that_xml_forbids_is_left_out_and_told_with_its_line(run, odd):
    thread = make_thread(url="/a/")
    told = disqus(post(1), post(2).replace("<![CDATA[Words.]]>", f"Wo{odd}rds."))
    report = run(told, "disqus")
    assert [each.body for each in thread.comments.all()] == ["<p>Words.</p>"] * 2
    assert report["notes"] == [
        {"line": 7, "what": "characters that no text holds left out: 1, the first here"}
    ]


def test_the_end_of_a_cdata_section_may_stand_in_its_text(run):
    thread = make_thread(url="/a/")
    report = run(disqus(post(1, message="if (a[b[0]]>1) go")), "disqus")
    assert thread.comments.get().body == "<p>if (a[b[0]]>1) go</p>"
    assert [note["line"] for note in report["notes"]] == [4]


@pytest.mark.parametrize("before", ["\n\n", "\ufeff", "\ufeff\r\n"])
def test_what_stands_before_the_declaration_does_no_harm(run, before):
    thread = make_thread(url="/a/")
    run(before + disqus(post(1)), "disqus")
    assert thread.comments.count() == 1


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
        ("Hello <b>you</b> all, see <a href='http://x.example/?a=1&amp;b=&quot;'>this</a> &lt;3",
         '<p>Hello <b>you</b> all, see <a href="http://x.example/?a=1&amp;b=&quot;">this</a>'
         " &lt;3</p>"),
        ("<p>One<br/>two<br></br></p>", "<p>One<br>two<br></p>"),
        ("&lt;p&gt;Hello &lt;b&gt;you&lt;/b&gt;&lt;/p&gt;", "<p>Hello <b>you</b></p>"),
        ("<p id='x'>A <message>note</message></p>", '<p id="x">A <message>note</message></p>'),
    ],
)  # fmt: skip
def test_html_in_a_message_keeps_its_words_however_it_is_written(run, message, body):
    thread = make_thread(url="/a/")
    told = disqus(post(1).replace("<![CDATA[Words.]]>", message))
    run(told, "disqus")
    assert thread.comments.get().body == body
