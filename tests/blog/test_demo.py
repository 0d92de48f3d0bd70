"""`manage.py demo`: what it makes goes through the doors, and a second run changes nothing."""

from collections import Counter
from io import StringIO

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command

from blog.models import Category, Picture, Post, Series, WorkingCopy
from comments.models import Comment, ListEntry, ModerationLogEntry, Thread
from comments.status import Action, Status
from comments.verifying import verify


def run_demo():
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def all_rows():
    models = (Post, Picture, Thread, Comment, ModerationLogEntry, ListEntry, get_user_model())
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.django_db
def test_the_demo_is_a_living_site_and_a_second_run_changes_nothing(rf):
    assert "password is parley-demo" in run_demo()
    assert Counter(Post.objects.values_list("kind", flat=True)) == {"post": 14, "page": 1}
    assert [category.posts.count() for category in Category.objects.all()] == [4, 4]
    assert Counter(Comment.objects.values_list("status", flat=True)) == {
        "approved": 197,
        "pending": 8,
        "spam": 8,
        "rejected": 2,
    }
    for thread in Thread.objects.all():
        assert thread.approved_count == thread.comments.approved().count()
    admissions = ModerationLogEntry.objects.filter(action=Action.SUBMIT)
    assert admissions.count() == Comment.objects.count()
    for spam in Comment.objects.filter(status=Status.SPAM):
        assert spam.log.first().findings, "held without a reason"
    assert Comment.objects.exclude(edited_at=None).exists()
    for name in ("alice", "bob", "mona"):
        assert authenticate(rf.post("/"), email=f"{name}@example.org", password="parley-demo")
    rows = all_rows()
    assert "nothing was changed" in run_demo()
    assert all_rows() == rows
    assert list(verify()) == []


@pytest.mark.django_db
def test_authors_and_editors_find_something_on_their_desks():
    run_demo()
    assert [post.author.display_name for post in Post.objects.filter(status="review")] == [
        "Carl Weatherby"
    ]
    assert Post.objects.get(status="review").notes.count() == 2
    assert [post.title for post in Post.objects.all() if post.is_scheduled()] == [
        "A calendar of small repairs"
    ]
    assert WorkingCopy.objects.get().post.slug == "in-praise-of-the-unnoticed-letter"
    assert Series.objects.get().posts.count() == 2
