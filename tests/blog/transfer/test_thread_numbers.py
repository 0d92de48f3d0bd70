"""A thread keeps its number when its site moves: it stands in the addresses of its comments."""

import re

import pytest

from blog.models import Post
from comments.models import Comment, Thread
from tests.blog.transfer.moves import (
    empty_the_site,
    entries,
    export,
    import_site,
    make_open,
    received,
    rewritten,
)
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def zipped(tmp_path):
    """Return the zip of a site whose threads were not made in the order of their names."""
    alice = make_person("Alice", "Author")
    for title in ("Zebra", "Apple"):
        thread = received(alice, title, status="published", published_at="2009-03-01T00:00Z").thread
        make_comment(thread, body=f"Below {title}")
    elsewhere = make_thread(url="/elsewhere/")
    make_comment(elsewhere, body="Below another page")
    export(tmp_path / "site.zip")
    return tmp_path / "site.zip"


def addresses():
    return {each.body: each.get_absolute_url() for each in Comment.objects.all()}


def test_comments_are_found_at_the_addresses_they_had(zipped):
    before = addresses()
    empty_the_site()
    import_site(zipped)
    assert addresses() == before


def test_the_next_thread_gets_a_number_of_its_own(zipped):
    empty_the_site()
    import_site(zipped)
    highest = max(Thread.objects.values_list("pk", flat=True))
    assert make_thread().pk > highest


def test_a_number_that_is_taken_is_told_and_no_other_thread_suffers(zipped):
    before = addresses()
    numbers = {post.title: post.thread_id for post in Post.objects.all()}
    empty_the_site()
    Thread.objects.create(pk=numbers["Apple"], title="Here before", url="/here/")
    out = import_site(zipped)
    assert f"posts/apple: its discussion was number {numbers['Apple']}, which another has" in out
    after = addresses()
    assert after.pop("Below Apple") not in before.values()
    before.pop("Below Apple")
    assert after == before


def test_a_thread_that_lost_its_number_takes_none_that_another_is_to_have(zipped):
    empty_the_site()
    here = Thread.objects.create(title="Here before", url="/here/")
    changes = {}
    # In the order in which they come.
    for name, number in (("zebra", here.pk), ("apple", here.pk + 1)):
        entry = f"content/posts/{name}.md"
        changes[entry] = re.sub(
            rb'"number": [0-9]+', b'"number": %d' % number, entries(zipped)[entry]
        )
    import_site(rewritten(zipped, zipped.with_name("changed.zip"), changes))
    threads = {post.title: post.thread_id for post in Post.objects.all()}
    assert threads["Apple"] == here.pk + 1
    assert threads["Zebra"] > here.pk + 1


def test_a_thread_that_stands_empty_at_its_address_is_taken_up_again(zipped):
    before = addresses()
    empty_the_site()
    make_open(Thread.objects.create(url="/elsewhere/"))
    out = import_site(zipped)
    assert "threads/1: its discussion was number" in out
    assert Thread.objects.filter(url="/elsewhere/").count() == 1
    assert {body for body in before if before[body] != addresses()[body]} == {"Below another page"}
