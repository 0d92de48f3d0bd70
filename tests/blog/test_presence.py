"""Who else has a post open: told quietly, and forgotten by itself."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog import publishing
from blog.models import EditorPresence, Post
from blog.room import presence
from config.background import JOBS
from tests.cast import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(make_post):
    return make_post(published=False)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def here(client, post):
    return client.post(reverse("blog:here", args=[post.pk]))


def room(client, post):
    return client.get(reverse("blog:edit", args=[post.pk]))


def test_whoever_opens_a_post_is_told_who_else_has_it_open(alice, mona, post):
    assert "has this open too" not in room(signed_in(mona), post).text
    assert "Mona has this open too." in room(signed_in(alice), post).text
    assert "Alice has this open too." in room(signed_in(mona), post).text


def test_a_heartbeat_tells_the_others_and_which_text_stands_there(alice, mona, post):
    here(signed_in(mona), post)
    told = here(signed_in(alice), post).json()
    assert told == {"version": post.text_version, "others": ["Mona has this open too."]}


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "Mona has this open too, and wrote just now."),
        (timedelta(minutes=2), "Mona has this open too, and wrote 2\xa0minutes ago."),
    ],
    ids=["just now", "minutes ago"],
)
def test_it_is_said_when_they_wrote(alice, mona, post, ago, said):
    with time_machine.travel(timezone.now() - ago, tick=False):
        publishing.keep(post, {"body": "Hers."}, actor=mona, seen_version=post.text_version)
    here(signed_in(mona), post)
    assert here(signed_in(alice), post).json()["others"] == [said]


def test_saving_is_being_there(alice, mona, post):
    url = reverse("blog:autosave", args=[post.pk])
    signed_in(mona).post(url, {"title": "Hers", "version": post.text_version})
    assert EditorPresence.objects.get().person == mona
    told = signed_in(alice).post(url, {"title": "Hers", "version": post.text_version}).json()
    assert told["others"] == ["Mona has this open too, and wrote just now."]


def test_who_has_gone_is_gone_after_a_minute(alice, mona, post):
    with time_machine.travel(timezone.now() - timedelta(seconds=61), tick=False):
        here(signed_in(mona), post)
    assert here(signed_in(alice), post).json()["others"] == []


def test_nobody_is_told_of_another_post(alice, mona, post, make_post):
    here(signed_in(mona), make_post(published=False))
    assert here(signed_in(alice), post).json()["others"] == []


def test_a_heartbeat_writes_one_row_a_person_once(alice, post):
    client = signed_in(alice)
    here(client, post)
    with CaptureQueriesContext(connection) as queries:
        here(client, post)
    writes = [each["sql"] for each in queries if each["sql"].startswith(("INS", "UPD", "DEL"))]
    assert len(writes) == 1
    assert EditorPresence.objects.count() == 1


def test_being_there_changes_nothing_of_the_post(alice, post):
    before = Post.objects.filter(pk=post.pk).values().get()
    here(signed_in(alice), post)
    assert Post.objects.filter(pk=post.pk).values().get() == before


def test_old_rows_are_forgotten_in_the_background(alice, mona, post):
    here(signed_in(alice), post)
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        here(signed_in(mona), post)
    assert "blog.room.presence.forget_those_gone" in JOBS
    assert (presence.forget_those_gone(), presence.forget_those_gone()) == (1, 0)
    assert EditorPresence.objects.get().person == alice


def test_who_may_not_write_there_learns_nothing(mona, bob, make_post):
    post = make_post(published=False, author=mona)
    here(signed_in(mona), post)
    for person, status in ((bob, 403), (make_person("Ann", "Author"), 404)):
        answer = here(signed_in(person), post)
        assert answer.status_code == status
        assert "Mona" not in answer.text
    assert EditorPresence.objects.count() == 1
