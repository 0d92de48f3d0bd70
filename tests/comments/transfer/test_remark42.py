"""Backups of Remark42."""

import gzip
from datetime import UTC, datetime

import pytest

from comments.models import ImportRun, Markup
from comments.status import Status
from tests.comments.factories import make_thread
from tests.comments.transfer.telling import remark

pytestmark = pytest.mark.django_db


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


def test_what_was_kept_as_cleaned_html_is_taken_as_it_was_shown(run):
    thread = make_thread(url="/a/")
    text = "<blockquote><p>so</p></blockquote><p><code>a &amp;&amp; b</code></p>"
    run(remark({"orig": "&gt; so\n\n`a &amp;&amp; b` &#34;x&#34;", "text": text}), "remark42")
    comment = thread.comments.get()
    assert (comment.markup, comment.body_html) == (Markup.HTML, text)


def test_an_ampersand_that_was_typed_is_no_sign_of_html(run):
    thread = make_thread(url="/a/")
    run(remark({"orig": "a && b; R&D *so*"}), "remark42")
    assert thread.comments.get().markup == Markup.MARKDOWN


def test_an_address_that_was_cleaned_as_html_is_found(run):
    thread = make_thread(url="/?a=1&b=2")
    run(remark({"locator": {"site": "s", "url": "https://x.example/?b=2&amp;a=1"}}), "remark42")
    assert thread.comments.count() == 1


@pytest.mark.parametrize("flag", [True, "true", 1])
def test_a_deleted_comment_is_deleted_however_the_flag_is_spelled(run, flag):
    thread = make_thread(url="/a/")
    run(remark({"delete": flag}), "remark42")
    assert thread.comments.get().status == Status.DELETED
