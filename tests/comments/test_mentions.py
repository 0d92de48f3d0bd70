"""Names behind an @: who is called, and what becomes of it in the text."""

import pytest

from comments.markup import render_comment
from comments.mentions import names_called, people_called
from comments.models import Comment
from comments.moderation import Seen, edit
from comments.status import Status
from tests.comments.factories import make_comment, make_thread

PEOPLE = {"Bob": "/comments/1/2/", "Bob van Dam": "/comments/1/3/", "Zoë": "/comments/1/4/"}
LINK = '<a href="{}" class="mention" rel="nofollow ugc noopener">@{}</a>'


def linked(name):
    return LINK.format(PEOPLE[name], name)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Thanks, @Bob!", f"<p>Thanks, {linked('Bob')}!</p>\n"),
        ("@Bob van Dam said so", f"<p>{linked('Bob van Dam')} said so</p>\n"),
        ("*@Zoë* and @Bob.", f"<p><em>{linked('Zoë')}</em> and {linked('Bob')}.</p>\n"),
        ("> @Bob", f"<blockquote>\n<p>{linked('Bob')}</p>\n</blockquote>\n"),
        ("@Bobby and me@Bob and @@Bob", "<p>@Bobby and me@Bob and @@Bob</p>\n"),
        ("`@Bob`", "<p><code>@Bob</code></p>\n"),
        ("@Eve", "<p>@Eve</p>\n"),
    ],
)
def test_a_name_behind_an_at_becomes_a_link(text, html):
    assert render_comment(text, PEOPLE) == html


def test_nothing_is_linked_within_a_link():
    html = render_comment("[ask @Bob](https://example.com/)", PEOPLE)
    assert html.count("<a ") == 1
    assert "/comments/" not in html


def test_nobody_can_type_a_link_into_this_site_as_if_it_were_a_mention():
    assert "<a " not in render_comment("[x](/comments/1/2/)", PEOPLE)
    assert 'class="mention"' not in render_comment("[@Bob](https://evil.example/)", PEOPLE)


def test_every_beginning_of_what_follows_may_be_the_name():
    assert names_called("Dear @Bob van Dam, and @Zoë.") >= {"Bob", "Bob van Dam", "Zoë"}
    assert names_called("nothing@example.org here") == set()
    assert len(names_called("@a b c d " * 500)) < 100


@pytest.mark.django_db
def test_people_are_those_of_this_thread_whom_readers_can_see(django_assert_num_queries):
    thread, other = make_thread(), make_thread()
    make_comment(thread, author_name="Ann")
    latest = make_comment(thread, author_name="Ann")
    make_comment(thread, author_name="Held", status=Status.PENDING)
    make_comment(other, author_name="Elsewhere")
    with django_assert_num_queries(1):
        people = people_called(thread, "@Ann @Held @Elsewhere")
    assert people == {"Ann": latest.get_absolute_url()}
    with django_assert_num_queries(0):
        assert people_called(thread, "no name here") == {}


@pytest.mark.django_db
def test_a_comment_and_its_edit_link_whom_they_call():
    thread = make_thread()
    make_comment(thread, author_name="Ann")
    comment = make_comment(thread, body="As @Ann says.")
    assert 'class="mention"' in comment.body_html
    comment = edit(comment, "No, @Ann.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert 'class="mention"' in Comment.objects.get(pk=comment.pk).body_html
