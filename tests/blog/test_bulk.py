"""Many posts at once: each done by itself, told of, and taken back where there is a way."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog import publishing
from blog.models import Act, Category, Post, PostStatus, PublishingLogEntry, Series, WorkingCopy
from blog.room import many
from blog.words import latest_words
from tests.blog.received import put_into, receive_post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

MANY = "/write/many/"


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def do(client, deed, *posts, **more):
    return client.post(MANY, {"deed": deed, "chosen": [post.pk for post in posts], **more})


def told(response):
    return " ".join(BeautifulSoup(response.text, "html5lib").select_one("main").text.split())


def statuses():
    return dict(Post.objects.order_by("pk").values_list("title", "status"))


def take_back(client, response):
    token = BeautifulSoup(response.text, "html5lib").select_one("form.undo [name=moved]")["value"]
    return client.post(reverse("blog:undo_many"), {"moved": token})


# --- moves ----------------------------------------------------------------------------------


def test_each_post_is_published_by_itself(writer, make_post):
    one = make_post(title="One", published=False)
    empty = make_post(title="Empty", published=False, body="")
    two = make_post(title="Two", published=False)
    response = do(writer, "publish", one, empty, two)
    assert statuses() == {"One": "published", "Empty": "draft", "Two": "published"}
    assert "Done with 2 posts." in told(response)
    assert "Empty: Write something before you publish." in told(response)
    assert PublishingLogEntry.objects.filter(act="publish").count() == 2


def test_what_is_so_already_is_told_and_left_alone(writer, make_post):
    post = make_post(title="Out")
    response = do(writer, "publish", post)
    assert "Out: It is published already." in told(response)
    assert "form.undo" not in response.text
    assert Post.objects.get().version == post.version


def test_it_is_taken_back_at_once(writer, make_post):
    posts = [make_post(title=f"Post {n}", published=n > 0) for n in range(3)]
    dates = dict(Post.objects.values_list("pk", "published_at"))
    response = do(writer, "unpublish", *posts)
    assert set(statuses().values()) == {"draft"}
    answer = take_back(writer, response)
    assert "Done with 2 posts." in told(answer)
    assert statuses() == {"Post 0": "draft", "Post 1": "published", "Post 2": "published"}
    assert dict(Post.objects.values_list("pk", "published_at")) == dates


def test_what_is_taken_back_shows_readers_what_they_had(writer, alice, make_post):
    post = make_post(title="Post")
    publishing.keep(post, {"body": "Next."}, actor=alice, seen_version=post.text_version)
    take_back(writer, do(writer, "unpublish", post))
    post.refresh_from_db()
    assert (post.status, post.body) == (PostStatus.PUBLISHED, "A paragraph.")
    assert WorkingCopy.objects.get().words["body"] == "Next."


def test_what_somebody_moved_since_is_not_taken_back(writer, mona, make_post):
    post = make_post(title="Post", published=False)
    response = do(writer, "publish", post)
    publishing.unpublish(Post.objects.get(), actor=mona)
    assert "It was moved again since." in told(take_back(writer, response))
    assert statuses() == {"Post": "draft"}


def test_nobody_takes_back_with_a_token_of_somebody_else(writer, mona, make_post):
    response = do(writer, "publish", make_post(title="Post", published=False))
    other = Client()
    other.force_login(mona)
    assert take_back(other, response).status_code == 422
    assert writer.post(reverse("blog:undo_many"), {"moved": "forged"}).status_code == 422
    assert statuses() == {"Post": "published"}


MOVES = [
    ("publish", "draft", "published", "draft"),
    ("unpublish", "published", "draft", "published"),
    ("unlist", "published", "unlisted", "published"),
    ("private", "published", "private", "published"),
    ("archive", "published", "archived", "published"),
    ("trash", "draft", "trash", "draft"),
    # Nothing goes from the trash straight to readers.
    ("trash", "published", "trash", "draft"),
    ("restore", "trash", "draft", "trash"),
]


@pytest.mark.parametrize(("deed", "before", "after", "undone"), MOVES)
def test_every_move_is_made_and_taken_back(writer, alice, deed, before, after, undone):
    post = put_into(receive_post(alice, title="Post"), before)
    response = do(writer, deed, post)
    assert statuses() == {"Post": after}
    assert PublishingLogEntry.objects.latest("pk").act == deed
    take_back(writer, response)
    assert statuses() == {"Post": undone}


def test_a_scheduled_post_is_scheduled_again_for_its_moment(writer, alice, make_post):
    at = timezone.now() + timedelta(days=3)
    publishing.schedule(make_post(title="Post", published=False), actor=alice, at=at)
    response = do(writer, "unpublish", Post.objects.get())
    assert statuses() == {"Post": "draft"}
    take_back(writer, response)
    post = Post.objects.get()
    assert (post.is_scheduled(), post.published_at) == (True, at)


def test_a_move_that_does_not_lead_on_says_so(writer, make_post):
    response = do(writer, "archive", make_post(title="Post", published=False))
    assert "The post is a draft now, so it cannot be archived." in told(response)


def test_contributors_throw_away_their_own_drafts_and_nothing_else(client, make_post):
    cleo = make_person("Cleo", "Contributor")
    mine = make_post(title="Mine", author=cleo, published=False)
    out = make_post(title="Out", author=cleo)
    client.force_login(cleo)
    response = do(client, "trash", mine, out)
    assert statuses() == {"Mine": "trash", "Out": "published"}
    take_back(client, response)
    assert statuses() == {"Mine": "draft", "Out": "published"}


def test_a_coauthor_does_not_throw_a_post_away(client, alice, make_post):
    moira = make_person("Moira", "Author")
    post = make_post(title="Together", coauthors=[moira], published=False)
    client.force_login(moira)
    assert "This is not yours to do with this post." in told(do(client, "trash", post))
    assert statuses() == {"Together": "draft"}


# --- whose ----------------------------------------------------------------------------------


def test_posts_of_others_are_left_alone_and_counted(writer, mona, make_post):
    theirs = make_post(title="Hers", author=mona)
    mine = make_post(title="Mine")
    response = do(writer, "unpublish", theirs, mine)
    assert statuses() == {"Hers": "published", "Mine": "draft"}
    assert "1 is not yours to change, or not there, and was left alone." in told(response)
    assert "Hers" not in told(response)


@pytest.mark.parametrize("chosen", [["x"], ["-1"], ["9" * 30], [""], ["1e3"], ["٣"], []])
def test_what_is_no_number_of_a_post_is_nothing(writer, make_post, chosen):
    make_post(title="Mine")
    response = writer.post(MANY, {"deed": "unpublish", "chosen": chosen})
    assert (response.status_code, statuses()) == (422, {"Mine": "published"})


def test_strangers_and_readers_get_in_nowhere(client, bob, make_post):
    post = make_post(title="Mine")
    assert do(client, "unpublish", post).status_code == 302
    client.force_login(bob)
    assert do(client, "unpublish", post).status_code == 403
    assert client.get(MANY).status_code == 405
    assert statuses() == {"Mine": "published"}


def test_who_may_not_publish_moves_nothing(client, alice, make_post):
    post = make_post(title="Mine", published=False)
    alice.groups.clear()
    codes = ["add_post", "change_post"]
    alice.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(alice)
    assert do(client, "publish", post).status_code == 403
    assert do(client, "add-tag", post, value="mine").status_code == 200
    assert statuses() == {"Mine": "draft"}


def test_another_site_presses_no_button_here(alice, make_post):
    post = make_post(title="Mine")
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert do(client, "unpublish", post).status_code == 403
    assert statuses() == {"Mine": "published"}


@pytest.mark.parametrize("deed", ["", "explode", "purge", "submit", "return"])
def test_there_are_no_other_deeds(writer, make_post, deed):
    assert do(writer, deed, make_post(title="Mine")).status_code == 422
    assert statuses() == {"Mine": "published"}


# --- all that match -------------------------------------------------------------------------


def test_all_that_match_are_meant_on_every_page(writer, mona, make_post):
    for number in range(60):
        make_post(title=f"Rye {number}", published=False)
    make_post(title="Wheat", published=False)
    make_post(title="Rye of Mona", published=False, author=mona)
    more = {"everything": "on", "query": "words=rye&state=draft"}
    response = writer.post(MANY, {"deed": "publish", **more})
    assert "Done with 60 posts." in told(response)
    assert Post.objects.exclude(status=PostStatus.PUBLISHED).count() == 2


def test_all_is_never_more_than_so_many(writer, make_post, monkeypatch):
    monkeypatch.setattr(many, "MOST_AT_ONCE", 2)
    for number in range(4):
        make_post(title=f"Rye {number}", published=False)
    response = writer.post(MANY, {"deed": "publish", "everything": "on", "query": "words=rye"})
    assert "There are more than 2" in told(response)
    assert Post.objects.filter(status=PostStatus.PUBLISHED).count() == 2


def test_a_filter_that_cannot_be_read_means_no_post_at_all(writer, make_post):
    make_post(title="Rye")
    more = {"everything": "on", "query": "tag=none"}
    assert writer.post(MANY, {"deed": "unpublish", **more}).status_code == 422
    assert statuses() == {"Rye": "published"}


# --- labels ---------------------------------------------------------------------------------


def tags_of(post):
    return sorted(tag.name for tag in post.tags.all())


def test_a_tag_is_added_and_removed_whatever_its_case(writer, make_post):
    one, two = make_post(title="One", tags=["Old"]), make_post(title="Two", published=False)
    do(writer, "add-tag", one, two, value="Bread")
    assert (tags_of(one), tags_of(two)) == (["Bread", "Old"], ["Bread"])
    response = do(writer, "add-tag", one, value="bread")
    assert "One: It is so already." in told(response)
    do(writer, "remove-tag", one, two, value="BREAD")
    assert (tags_of(one), tags_of(two)) == (["Old"], [])


def test_a_label_goes_past_nothing_that_is_being_written(writer, alice, make_post):
    post = make_post(title="Out", tags=["Old"])
    publishing.keep(post, {"body": "Long work"}, actor=alice, seen_version=post.text_version)
    do(writer, "add-tag", post, value="Bread")
    post = Post.objects.get()
    assert (tags_of(post), post.body) == (["Bread", "Old"], "A paragraph.")
    words = latest_words(post)
    assert (sorted(words["tags"]), words["body"]) == (["Bread", "Old"], "Long work")


def test_a_form_that_was_open_meanwhile_does_not_undo_it_unseen(writer, alice, make_post):
    post = make_post(published=False)
    do(writer, "add-tag", post, value="Bread")
    with pytest.raises(publishing.StalePost):
        publishing.save(post, {"tags": []}, actor=alice, seen_version=post.text_version)
    assert post.revisions.count() == 2


def test_a_label_reaches_no_readers_by_the_hand_of_who_may_not_publish(
    alice, carl, mona, make_post
):
    """From the list a thousand are done one after the other; the last was looked at before."""
    looked_at = make_post(published=False, author=carl, tags=["rye"])
    publishing.publish(Post.objects.get(), actor=alice)
    with pytest.raises(ValidationError, match="not yours to change"):
        publishing.relabel(looked_at, lambda _words: {"tags": ["spam"]}, actor=carl)
    assert [tag.name for tag in Post.objects.get().tags.all()] == ["rye"]
    assert publishing.relabel(looked_at, lambda _words: {"tags": ["oats"]}, actor=mona)


def test_a_tag_too_many_is_refused_for_that_post_alone(writer, make_post):
    full = make_post(title="Full", tags=[f"t{n}" for n in range(12)])
    other = make_post(title="Other")
    response = do(writer, "add-tag", full, other, value="Bread")
    assert "Full: That is more than 12 tags" in told(response)
    assert tags_of(other) == ["Bread"]


def test_posts_are_put_into_a_category_and_at_the_end_of_a_series(writer, make_post):
    bread = Category.objects.create(name="Bread", slug="bread")
    series = Series.objects.create(title="Loaves", slug="loaves")
    one, two = make_post(title="One"), make_post(title="Two")
    do(writer, "add-category", one, two, value="Bread")
    do(writer, "series", one, two, value="loaves")
    assert list(bread.posts.order_by("pk")) == [one, two]
    assert list(series.posts.order_by("pk").values_list("series_position", flat=True)) == [1, 2]
    do(writer, "remove-category", one, value="bread")
    assert list(bread.posts.all()) == [two]


def test_editors_hand_posts_over(client, alice, mona, make_post):
    post = make_post(title="One", published=False)
    zoe = make_person("Zoe", "Author")
    client.force_login(mona)
    assert "Done with 1 post." in told(do(client, "author", post, value="Zoe"))
    post = Post.objects.get()
    assert (post.author, post.thread.owner_id) == (zoe, zoe.pk)
    entry = post.log.get(act=Act.HAND_OVER)
    assert (entry.actor, entry.detail, entry.old_status) == (mona, "Alice → Zoe", "draft")
    do(client, "author", post, value="Zoe")
    assert post.log.filter(act=Act.HAND_OVER).count() == 1
    log = client.get(f"/write/{post.pk}/log/").text
    assert "Handed over to another author" in log
    assert "<bdi>Alice → Zoe</bdi>" in log


def test_nobody_else_hands_posts_over_nor_to_somebody_who_does_not_write(
    client, alice, bob, mona, make_post
):
    post = make_post(title="One")
    client.force_login(alice)
    assert do(client, "author", post, value="Mona").status_code == 403
    client.force_login(mona)
    response = do(client, "author", post, value="Bob")
    assert "This person does not write here." in told(response)
    assert Post.objects.get().author == alice


@pytest.mark.parametrize(
    ("deed", "value", "said"),
    [
        ("add-tag", "", "Say which one."),
        ("add-tag", "a, b", "Give one tag at a time."),
        ("add-tag", "x" * 61, "at most 60"),
        ("add-category", "none", "There is no such category."),
        ("series", "none", "There is no such series."),
    ],
)
def test_what_is_not_understood_does_nothing(writer, make_post, deed, value, said):
    response = do(writer, deed, make_post(), value=value)
    assert response.status_code == 422
    assert said in told(response)
    assert not WorkingCopy.objects.exists()


# --- states ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "status"),
    [("unlist", "unlisted"), ("private", "private"), ("archive", "archived"), ("trash", "trash")],
)
def test_many_are_moved_and_taken_back(writer, make_post, deed, status):
    make_post(title="One")
    answer = do(writer, deed, *Post.objects.all())
    assert statuses() == {"One": status}
    take_back(writer, answer)
    # Nothing goes from the trash straight to readers.
    assert statuses() == {"One": "draft" if deed == "trash" else "published"}


def test_who_writes_along_throws_nothing_away(writer, alice, mona, make_post):
    post = make_post(title="Together", author=mona)
    post.coauthors.add(alice)
    assert "not yours to do" in told(do(writer, "trash", post))
    assert statuses() == {"Together": "published"}
