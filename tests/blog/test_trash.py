"""The trash: for some weeks a post comes out of it, then it goes with all that was only its own."""

from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import publishing
from blog.models import (
    Act,
    Attachment,
    FormerSlug,
    OldAddress,
    Post,
    PostStatus,
    PublishingLogEntry,
    ReviewNote,
    Revision,
    ShareLink,
    SlugKind,
    WorkingCopy,
)
from blog.publishing.purging import purge_trash
from comments.models import Comment, Thread
from comments.status import Status
from tests.comments.factories import make_comment
from tests.comments.test_races import run_together

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OVER = NOON + timedelta(days=30)


def thrown_away(make_post, **fields):
    post = make_post(**fields)
    with time_machine.travel(NOON, tick=False):
        return publishing.trash(post, actor=post.author)


def purge_at(moment):
    with time_machine.travel(moment, tick=False):
        purge_trash()


def test_for_thirty_days_a_post_comes_back_as_a_draft(make_post):
    post = thrown_away(make_post)
    purge_at(OVER - timedelta(seconds=1))
    back = publishing.recover(post, actor=post.author)
    assert (back.status, back.trashed_at) == (PostStatus.DRAFT, None)
    purge_at(OVER + timedelta(days=9))
    assert Post.objects.get() == post


def test_then_it_goes_with_all_that_was_its_own(make_post, alice):
    post = make_post(tags=["one"])
    saved = publishing.save(post, {"body": "Saved."}, actor=alice, seen_version=post.text_version)
    publishing.keep(saved, {"body": "Kept."}, actor=alice, seen_version=saved.text_version)
    link = ShareLink.objects.create(post=post, expires_at=NOON)
    ReviewNote.objects.create(post=post, body="Hm.", author_name="Olga", share_link=link)
    OldAddress.objects.create(post=post, path="/old")
    FormerSlug.objects.create(kind=SlugKind.POST, slug="before", post=post)
    file = Attachment.objects.create(post=post, title="A file")
    with time_machine.travel(NOON, tick=False):
        publishing.trash(post, actor=alice)
    rows = PublishingLogEntry.objects.count()
    purge_at(OVER)
    gone = (Post, Revision, WorkingCopy, ShareLink, ReviewNote, OldAddress, FormerSlug, Thread)
    assert [model.__name__ for model in gone if model.objects.exists()] == []
    assert Attachment.objects.get() == Attachment(pk=file.pk)
    assert Attachment.objects.get().post is None
    entry = PublishingLogEntry.objects.latest("pk")
    assert (entry.act, entry.actor, entry.post_id) == (Act.PURGE, None, post.pk)
    assert (entry.post_title, entry.detail) == (post.title, post.get_absolute_url())
    assert PublishingLogEntry.objects.count() == rows + 1


@pytest.mark.parametrize("status", [Status.APPROVED, Status.PENDING, Status.REJECTED])
def test_what_others_said_stays_and_is_public_to_nobody(client, make_post, status):
    post = make_post()
    make_comment(post.thread, status=status)
    with time_machine.travel(NOON, tick=False):
        publishing.trash(post, actor=post.author)
    purge_at(OVER)
    assert Comment.objects.count() == 1
    thread = Thread.objects.get()
    assert not thread.is_public
    assert client.get(f"/comments/{thread.pk}/1/").status_code == 404
    assert client.get(post.get_absolute_url()).status_code == 404


def test_its_address_is_free_again(make_post, alice):
    post = thrown_away(make_post, slug="on-bread")
    purge_at(OVER)
    assert publishing.create_draft(alice, title="On bread").slug == "on-bread"
    assert post.slug == "on-bread"


def test_what_is_in_no_trash_is_never_removed(make_post):
    posts = [make_post(), make_post(published=False)]
    purge_at(timezone.now() + timedelta(days=9999))
    assert Post.objects.count() == len(posts)


def test_a_site_that_keeps_all_removes_nothing(make_post, settings):
    settings.TRASH_DAYS = 0
    thrown_away(make_post)
    purge_at(OVER + timedelta(days=9999))
    assert Post.objects.count() == 1


def test_many_go_part_by_part_the_oldest_first(make_post, monkeypatch):
    monkeypatch.setattr("blog.publishing.purging.AT_A_LOOK", 2)
    posts = [thrown_away(make_post) for _post in range(3)]
    Post.objects.filter(pk=posts[2].pk).update(trashed_at=NOON - timedelta(days=1))
    purge_at(OVER)
    assert posts[2].pk not in Post.objects.values_list("pk", flat=True)
    assert Post.objects.count() == 1
    purge_at(OVER)
    assert not Post.objects.exists()


def test_where_nothing_is_due_a_look_costs_one_query(make_post):
    thrown_away(make_post)
    with time_machine.travel(NOON, tick=False), CaptureQueriesContext(connection) as queries:
        purge_trash()
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_of_four_processes_one_removes_it(make_post):
    for _post in range(3):
        thrown_away(make_post)
    start = Barrier(4)

    def look():
        start.wait(timeout=30)
        purge_trash()

    with time_machine.travel(OVER, tick=False):
        run_together(*[look] * 4)
    assert not Post.objects.exists()
    assert PublishingLogEntry.objects.filter(act=Act.PURGE).count() == 3
