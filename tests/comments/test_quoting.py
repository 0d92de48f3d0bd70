"""A comment quoted in a reply: what readers see of it, as it was typed, with a link to it."""

import pytest

from comments.markup import check_caps, render_comment
from comments.models import Comment, Markup
from comments.moderation import Seen, edit
from comments.quoting import MOST_QUOTED, plain_text, quotable, quotation_of
from comments.status import Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import HTMX, address_of, textarea

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


def quoted_in(client, thread, number=1, **options):
    response = client.get(address_of("reply_to", thread, number) + "?quote=1", **options)
    assert response.status_code == 200
    return textarea(response)


def test_the_box_starts_with_the_words_their_author_and_where_they_are(client, thread):
    make_comment(thread, body="First *line*.\n\nSecond `line`.", author_name="Ann Lee")
    for headers in ({}, HTMX):
        assert quoted_in(client, thread, headers=headers) == (
            f"[Ann Lee](http://testserver/comments/{thread.pk}/1/):\n"
            "> First *line*.\n>\n> Second `line`.\n\n"
        )


def test_a_quotation_is_drawn_as_one_and_links_to_its_source(client, thread):
    make_comment(thread, body="Words.\n\n- one\n- two", author_name="Ann")
    html = render_comment(quoted_in(client, thread) + "I agree.")
    address = f"http://testserver/comments/{thread.pk}/1/"
    assert f'<a href="{address}" rel="nofollow ugc noopener">Ann</a>:' in html
    assert "<blockquote>\n<p>Words.</p>\n<ul>" in html
    assert html.endswith("</blockquote>\n<p>I agree.</p>\n")


@pytest.mark.parametrize(
    "name",
    ["A]n[n", "*Ann*", "Ann\\", "<b>Ann</b>", "a_b_c", "`Ann`", "![x](y)", "Ann](https://x.y)"],
)
def test_a_name_made_of_marks_stays_a_name(client, thread, name):
    make_comment(thread, body="Words.", author_name=name)
    html = render_comment(quoted_in(client, thread))
    assert html.count("<a ") == 1
    assert plain_text(html).split("\n")[0] == f"{name}:"


def test_words_that_wait_for_an_editor_are_not_quoted(client, thread):
    comment = make_comment(thread, body="Approved *words*.")
    edit(comment, "Pending secret.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    text = quoted_in(client, thread)
    assert "> Approved *words*." in text
    assert "secret" not in text


def test_where_the_approved_source_is_not_kept_its_words_are_quoted(thread):
    comment = make_comment(thread, body="Approved *words*.")
    comment = edit(comment, "Secret.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    comment.revisions.all().delete()
    assert "> Approved words." in quotation_of(comment, "https://x.org/")


def test_a_comment_that_is_not_public_cannot_be_quoted(client, thread):
    make_comment(thread, status=Status.PENDING)
    assert client.get(address_of("reply_to", thread) + "?quote=1").status_code == 404


def test_of_html_the_words_are_quoted(client, thread):
    make_comment(thread)
    html = "<p>One <b>bold</b> &amp; &lt;plain&gt;</p><p>Two<br>Three</p>"
    Comment.objects.update(markup=Markup.HTML, body=f"{html}<!-- x -->", body_html=html)
    text = quoted_in(client, thread)
    assert text.endswith("> One bold & <plain>\n>\n> Two\n> Three\n\n")
    assert "<b>" not in render_comment(text)


def test_a_long_text_is_cut_in_whole_words(client, thread):
    make_comment(thread, body="word " * 900)
    text = quoted_in(client, thread)
    assert text.endswith("word word…\n\n")
    assert MOST_QUOTED - 50 < len(quotable("word " * 900)) <= MOST_QUOTED
    assert len(quotable("x" * 5_000)) == MOST_QUOTED


def test_what_it_quotes_twice_itself_is_left_out(client, thread):
    make_comment(thread, body="> > deepest\n> deep\n\n\n\n\nHers.")
    assert quoted_in(client, thread).endswith(":\n> > deep\n>\n> Hers.\n\n")


@pytest.mark.parametrize(
    "body", ["\n" * 900 + "x", "> " * 12 + "x", "- [ ] x\n" * 60, "```\ncode\n" * 20, "a\n" * 900]
)
def test_every_quotation_may_be_posted(thread, body):
    comment = make_comment(thread, body=body)
    check_caps(quotation_of(comment, "https://example.org/comments/1/1/"), max_length=20_000)


def test_without_being_asked_the_box_is_empty(client, thread):
    make_comment(thread)
    assert textarea(client.get(address_of("reply_to", thread))) == ""
