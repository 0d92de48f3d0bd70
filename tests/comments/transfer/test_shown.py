"""How what came from elsewhere stands on the page: mentions, and the places of missing comments."""

import pytest
from bs4 import BeautifulSoup

from comments.models import CommentKind, Markup
from comments.status import Status
from tests.comments.factories import fragment_of, make_thread
from tests.comments.transfer.arriving import arrival, take_in

pytestmark = pytest.mark.django_db


def page_of(*arrivals):
    take_in(arrivals)
    return BeautifulSoup(fragment_of(arrivals[0].thread), "html5lib")


@pytest.mark.parametrize("kind", [CommentKind.PINGBACK, CommentKind.TRACKBACK])
def test_a_mention_says_what_it_is_and_folds_its_excerpt(kind):
    soup = page_of(
        arrival(
            make_thread(), 1, kind=kind, author_name="Another blog", markup=Markup.HTML,
            author_website="https://other.example/post", body="[…] as <b>they</b> say […]",
        )
    )  # fmt: skip
    item = soup.select_one("li.comment")
    assert item.select_one(".kind").get_text() == f"{kind.label.capitalize()}:"
    link = item.select_one(".name a")
    assert (link["href"], link["rel"]) == (
        "https://other.example/post", ["nofollow", "ugc", "noopener"]
    )  # fmt: skip
    assert item.select_one("details:not([open]) .words").get_text() == "[…] as they say […]"
    assert not item.select(".disc, .mark, .reply")


def test_a_mention_without_words_has_nothing_to_unfold():
    soup = page_of(arrival(make_thread(), 1, kind=CommentKind.PINGBACK, body=""))
    assert not soup.select("details, .words")


def test_replies_to_a_mention_stand_below_it_with_their_reply_links():
    thread = make_thread()
    soup = page_of(arrival(thread, 1, kind=CommentKind.PINGBACK), arrival(thread, 2, 1))
    assert len(soup.select("li li .reply")) == 1
    assert len(soup.select(".reply")) == 1


def test_a_missing_comment_is_not_called_deleted_by_its_author():
    soup = page_of(arrival(make_thread(), 2, 1))
    assert "did not come along" in soup.select_one(".tombstone").get_text()


def test_a_deleted_one_is():
    thread = make_thread()
    soup = page_of(arrival(thread, 1, status=Status.DELETED), arrival(thread, 2, 1))
    assert "deleted by its author" in soup.select_one(".tombstone").get_text()
