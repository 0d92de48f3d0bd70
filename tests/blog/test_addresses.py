"""Addresses that never break: what is renamed is found where it was, by whoever could know it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse
from django.utils import timezone
from django.views.generic import RedirectView

from blog import publishing
from blog.models import Act, FormerSlug, Post, PostKind, PostStatus
from blog.publishing.addresses import is_reserved
from tests.blog.received import HIDDEN, STATES, put_into, receive_post
from tests.comments.factories import make_comment

pytestmark = pytest.mark.django_db


def renamed(post, slug):
    """Give a post another address, as its author does."""
    post = Post.objects.select_related("thread", "author").get(pk=post.pk)
    fields = {"slug": slug}
    return publishing.save(post, fields, actor=post.author, seen_version=post.text_version)


def leads_to(client, address):
    """Return where an address leads in one step, or None where nothing is."""
    response = client.get(address)
    return response["Location"] if response.status_code == 301 else None


def refused(call, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return error.value.message_dict["slug"]


# --- posts ----------------------------------------------------------------------------------


def test_a_renamed_post_is_found_where_it_was(client, make_post):
    renamed(make_post(title="Once"), "now")
    response = client.get("/posts/once/")
    assert (response.status_code, response["Location"]) == (301, "/posts/now/")
    assert response["Cache-Control"] == "public, max-age=60"
    assert not response.cookies
    assert client.head("/posts/once/")["Location"] == "/posts/now/"
    assert client.get("/posts/now/").status_code == 200


def test_a_renamed_page_is_found_where_it_was(client, alice):
    page = receive_post(alice, kind=PostKind.PAGE, title="About")
    renamed(page, "about-us")
    assert leads_to(client, "/pages/about/") == "/pages/about-us/"
    assert leads_to(client, "/posts/about/") is None


def test_a_chain_of_renamings_is_one_step(client, make_post):
    post = make_post(title="A")
    for slug in ("b", "c", "d"):
        renamed(post, slug)
    assert [leads_to(client, f"/posts/{slug}/") for slug in "abc"] == ["/posts/d/"] * 3


def test_a_post_that_is_called_as_before_leads_in_no_circle(client, make_post):
    post = make_post(title="A")
    for slug in ("b", "a"):
        renamed(post, slug)
    assert client.get("/posts/a/").status_code == 200
    assert leads_to(client, "/posts/b/") == "/posts/a/"
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["b"]


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/posts/once/?page=2&sort=newest", "/posts/now/?page=2&sort=newest"),
        ("/posts/once/unlock/", "/posts/now/unlock/"),
        ("/posts/once/feed/", "/posts/now/"),
        ("/posts/once/comment-page-2/", "/posts/now/"),
        ("/posts/Once/", "/posts/now/"),
        ("/posts/once", "/posts/now/"),
        ("/posts/once?page=2", "/posts/now/?page=2"),
    ],
)
def test_what_was_asked_for_at_an_old_address_is_asked_for_at_the_new(
    client, make_post, asked, target
):
    renamed(make_post(title="Once"), "now")
    assert leads_to(client, asked) == target


def test_an_address_that_only_lacks_its_slash_is_led_to_that(client, make_post):
    renamed(make_post(title="Once"), "now")
    assert leads_to(client, "/posts/now") == "/posts/now/"
    assert leads_to(client, "/posts/never") == "/posts/never/"
    assert leads_to(client, "/privacy?x=1") == "/privacy/?x=1"


def test_a_password_that_was_being_typed_is_sent_on(client, alice):
    renamed(receive_post(alice, title="Once", password="open"), "now")
    response = client.post("/posts/once/unlock/", {"password": "open"}, follow=True)
    assert response.redirect_chain == [("/posts/now/unlock/", 307), ("/posts/now/", 303)]
    assert "A received text." in response.text


def test_nothing_else_is_sent_on(client, make_post):
    renamed(make_post(title="Once"), "now")
    assert client.post("/posts/once/", {"comment": "spam"}).status_code in {404, 405}


def test_a_comment_is_found_under_its_old_address_after_a_renaming(client, make_post):
    post = make_post(title="Once")
    comment = make_comment(thread=post.thread)
    renamed(post, "now")
    response = client.get(f"/comments/{post.thread_id}/{comment.number}/")
    assert response["Location"].startswith("/posts/now/")
    assert response["Location"].endswith(f"#comment-{comment.number}")


@pytest.mark.parametrize("status", [PostStatus.UNLISTED, PostStatus.ARCHIVED])
def test_what_is_read_by_its_address_alone_is_found_where_it_was(client, alice, status):
    post = receive_post(alice, title="Once", status=status)
    renamed(post, "now")
    assert leads_to(client, "/posts/once/") == "/posts/now/"


def test_a_refusal_does_not_name_what_is_unlisted(alice):
    renamed(receive_post(alice, title="Secret", status=PostStatus.UNLISTED), "now")
    [message] = refused(publishing.create_draft, alice, title="New", slug="secret")
    assert "/posts/now/" not in message


@pytest.mark.parametrize("state", HIDDEN)
def test_of_what_is_hidden_now_an_old_address_tells_nothing(client, alice, state):
    renamed(post := receive_post(alice, title="Once"), "now")
    put_into(post, state)
    never = client.get("/posts/never-was/")
    for address in ("/posts/once/", "/posts/once/unlock/", "/posts/now/"):
        response = client.get(address)
        assert (response.status_code, response.text) == (404, never.text)


@pytest.mark.parametrize("state", ["draft", "review", "scheduled"])
def test_an_address_that_readers_never_saw_leaves_nothing(client, alice, state):
    post = receive_post(alice, title="Once", **STATES[state]())
    renamed(post, "now")
    assert not FormerSlug.objects.exists()
    put_into(post, "published")
    assert leads_to(client, "/posts/once/") is None


def test_an_address_of_a_private_post_leaves_nothing(alice):
    post = receive_post(alice, title="Once", status=PostStatus.PRIVATE)
    renamed(post, "now")
    assert not FormerSlug.objects.exists()


def test_a_scheduled_post_was_public_once_its_moment_has_come(client, alice, make_post):
    post = make_post(title="Once", published=False)
    post = publishing.publish(post, actor=alice, at=timezone.now() + timedelta(hours=1))
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        renamed(post, "now")
        assert leads_to(client, "/posts/once/") == "/posts/now/"


def test_what_was_scheduled_and_taken_back_was_never_public(alice, make_post):
    post = make_post(title="Once", published=False)
    post = publishing.publish(post, actor=alice, at=timezone.now() + timedelta(hours=1))
    post = publishing.unpublish(post, actor=alice)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        renamed(post, "now")
    assert not FormerSlug.objects.exists()


def test_a_post_that_was_public_once_keeps_that_address_and_none_it_had_as_a_draft(
    client, alice, make_post
):
    post = publishing.unpublish(make_post(title="Once"), actor=alice)
    for slug in ("between", "now"):
        post = renamed(post, slug)
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["once"]
    publishing.publish(post, actor=alice)
    assert leads_to(client, "/posts/once/") == "/posts/now/"
    assert leads_to(client, "/posts/between/") is None


def test_an_address_that_was_public_between_two_drafts_is_kept_too(alice, make_post):
    post = publishing.unpublish(make_post(title="Once"), actor=alice)
    post = publishing.publish(renamed(post, "between"), actor=alice)
    renamed(publishing.unpublish(post, actor=alice), "now")
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {"once", "between"}


def test_an_address_whose_moment_came_before_anybody_told_of_it_is_kept_too(alice, make_post):
    post = publishing.unpublish(make_post(title="Once"), actor=alice)
    post = renamed(post, "between")
    soon = timezone.now() + timedelta(hours=1)
    publishing.publish(post, actor=alice, at=soon)
    with time_machine.travel(soon + timedelta(hours=1)):
        renamed(publishing.unpublish(post, actor=alice), "now")
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {"once", "between"}


def test_an_address_that_was_scheduled_and_taken_back_in_time_is_not_kept(alice, make_post):
    post = publishing.unpublish(make_post(title="Once"), actor=alice)
    post = renamed(post, "between")
    soon = timezone.now() + timedelta(hours=1)
    post = publishing.publish(post, actor=alice, at=soon)
    post = publishing.unpublish(post, actor=alice)
    with time_machine.travel(soon + timedelta(hours=1)):
        renamed(post, "now")
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {"once"}


def test_an_address_that_was_public_when_the_post_was_taken_back_is_kept_too(alice, make_post):
    post = renamed(make_post(title="Once"), "between")
    renamed(publishing.unpublish(post, actor=alice), "now")
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {"once", "between"}


def test_changes_of_a_public_post_take_its_address_along_when_they_are_published(
    client, alice, make_post
):
    post = make_post(title="Once")
    post = publishing.keep(post, {"slug": "now"}, actor=alice, seen_version=post.text_version)
    assert client.get("/posts/once/").status_code == 200
    publishing.publish_changes(post, actor=alice)
    assert leads_to(client, "/posts/once/") == "/posts/now/"


def test_changes_that_are_scheduled_leave_no_former_address_yet(client, alice, make_post):
    post = make_post(title="Once")
    post = publishing.keep(post, {"slug": "now"}, actor=alice, seen_version=post.text_version)
    publishing.schedule_changes(post, actor=alice, at=timezone.now() + timedelta(hours=1))
    assert not FormerSlug.objects.exists()
    assert client.get("/posts/once/").status_code == 200


def test_a_renaming_is_written_down_with_the_address_before(alice, make_post):
    post = renamed(make_post(title="Once"), "now")
    entry = post.log.get(act=Act.RENAME)
    assert (entry.detail, entry.actor, entry.old_status) == ("/posts/once/", alice, "published")
    assert post.thread.url == "/posts/now/"


def test_a_draft_whose_address_follows_its_title_writes_nothing_down(alice):
    post = publishing.create_draft(alice, title="", body="x")
    fields = {"title": "Bread"}
    post = publishing.save(post, fields, actor=alice, seen_version=post.text_version)
    assert post.slug == "bread"
    assert not post.log.filter(act=Act.RENAME).exists()


def test_what_is_here_is_found_without_asking_for_former_addresses(client, make_post):
    renamed(make_post(title="Once"), "now")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/posts/now/").status_code == 200
        assert client.get("/privacy/").status_code == 200
    assert not [each for each in asked if "blog_formerslug" in each["sql"]]


def test_an_old_address_costs_few_queries_however_many_there_were(
    client, make_post, django_assert_num_queries
):
    post = make_post(title="Once")
    for number in range(5):
        renamed(post, f"name-{number}")
    client.get("/posts/name-4/")  # Django asks what the database can do, once
    with django_assert_num_queries(3):  # the view's two, and one
        assert leads_to(client, "/posts/once/") == "/posts/name-4/"
    with django_assert_num_queries(5):  # and two that ask for what came from elsewhere
        assert client.get("/posts/never/").status_code == 404


# --- authors --------------------------------------------------------------------------------


@pytest.fixture
def rename_person(client, django_user_model):
    """Return a function that gives a person another short name in the admin."""
    root = django_user_model.objects.create_superuser("root@example.org", display_name="Root")

    def rename(person, slug):
        client.force_login(root)
        page = reverse("admin:accounts_user_change", args=[person.pk])
        form = client.get(page).context["adminform"].form
        data = {name: form[name].value() for name in form.fields if name != "password"}
        data = {name: value for name, value in data.items() if value}
        response = client.post(page, data | {"slug": slug})
        client.logout()
        return response

    return rename


def test_an_authors_page_is_found_where_it_was(client, alice, make_post, rename_person):
    make_post()
    assert rename_person(alice, "al").status_code == 302
    assert rename_person(alice, "alicia").status_code == 302
    assert leads_to(client, "/authors/alice/") == "/authors/alicia/"
    assert leads_to(client, "/authors/al/?page=2") == "/authors/alicia/?page=2"


def test_whoever_published_nothing_leaves_no_address(client, alice, make_post, rename_person):
    make_post(published=False)
    rename_person(alice, "al")
    assert not FormerSlug.objects.exists()


def test_a_co_author_published_too(client, bob, make_post, rename_person):
    make_post(coauthors=[bob])
    rename_person(bob, "rob")
    assert leads_to(client, "/authors/bob/") == "/authors/rob/"


def test_an_author_whose_posts_were_handed_over_is_found_where_they_were(
    client, alice, bob, mona, make_post, rename_person
):
    post = make_post(coauthors=[bob])
    publishing.hand_over(post, mona, actor=mona)
    post.refresh_from_db()
    publishing.save(post, {"coauthors": []}, actor=mona, seen_version=post.text_version)
    for person, slug in ((alice, "al"), (bob, "rob")):
        rename_person(person, slug)
    assert leads_to(client, "/authors/alice/") is None
    alice.refresh_from_db()
    make_post(author=alice, coauthors=[bob])
    assert leads_to(client, "/authors/alice/") == "/authors/al/"
    assert leads_to(client, "/authors/bob/") == "/authors/rob/"


def test_an_authors_former_address_tells_nothing_once_nothing_is_public(
    client, alice, make_post, rename_person
):
    post = make_post()
    rename_person(alice, "al")
    publishing.unpublish(post, actor=alice)
    assert leads_to(client, "/authors/alice/") is None


def test_nobody_else_is_called_as_an_author_was(
    client, alice, bob, make_post, rename_person, django_user_model
):
    make_post()
    rename_person(alice, "al")
    refusal = rename_person(bob, "alice")
    assert refusal.status_code == 200
    assert "links to it lead there" in refusal.text
    other = django_user_model.objects.create_user("second@example.org", display_name="Alice")
    assert other.slug.startswith("alice-")


def test_what_an_account_left_goes_with_it(client, alice, bob, make_post, rename_person):
    make_post(title="Given away")
    rename_person(alice, "al")
    Post.objects.update(author=bob)
    alice.delete()
    assert not FormerSlug.objects.exists()
    assert leads_to(client, "/authors/alice/") is None


# --- who may have which -----------------------------------------------------------------------


def test_an_automatic_address_avoids_those_that_others_had(alice, make_post):
    renamed(make_post(title="Bread"), "rolls")
    assert make_post(title="Bread").slug == "bread-2"
    assert make_post(title="Bread").slug == "bread-3"


def test_an_address_that_another_post_had_is_refused_with_what_would_break(alice, make_post):
    renamed(make_post(title="On <bread>"), "now")
    other = make_post(title="Other")
    [message] = refused(renamed, other, "on-bread")
    assert '<a href="/posts/now/"><bdi>On &lt;bread&gt;</bdi></a>' in message
    [message] = refused(publishing.create_draft, alice, title="New", slug="on-bread")
    assert "links to it lead there" in message
    assert Post.objects.filter(slug="on-bread").count() == 0


def test_a_refusal_tells_nothing_of_what_is_hidden_now(alice, make_post):
    post = renamed(make_post(title="Secret"), "now")
    publishing.unpublish(post, actor=alice)
    [message] = refused(publishing.create_draft, alice, title="New", slug="secret")
    assert "Secret" not in message
    assert "/posts/now/" not in message


def test_a_former_address_is_its_own_post_to_take_back(make_post):
    post = renamed(make_post(title="Once"), "now")
    assert renamed(post, "once").slug == "once"


def test_changes_with_an_address_that_another_post_had_are_not_scheduled(alice, make_post):
    renamed(make_post(title="Once"), "now")
    post = make_post(title="Other")
    post = publishing.keep(post, {"slug": "once"}, actor=alice, seen_version=post.text_version)
    at = timezone.now() + timedelta(hours=1)
    assert refused(publishing.schedule_changes, post, actor=alice, at=at)


def test_a_slug_that_shadows_a_route_is_refused(alice, settings):
    assert not is_reserved("blog:post", "new")
    settings.ROOT_URLCONF = __name__
    assert is_reserved("blog:post", "new")
    assert is_reserved("blog:post", "no slug")
    assert refused(publishing.create_draft, alice, title="x", slug="new")
    assert publishing.create_draft(alice, title="New").slug == "new-2"


# What the address book would be like if it had a page of its own below the posts.
urlpatterns = [path("posts/new/", RedirectView.as_view(url="/")), path("", include("config.urls"))]
