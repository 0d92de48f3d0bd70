"""The one door of posts: what each act changes, all together or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from time import sleep

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from blog import publishing
from blog.models import Post, PostStatus, Tag
from blog.publishing import StalePost
from comments import openness
from comments.models import ClosesFrom, DiscussionRules, Thread
from comments.models.rules import ONLY

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def saved(post, actor, **fields):
    return publishing.save(post, fields, actor=actor, seen_version=post.text_version)


def refused(call, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return error.value.message_dict


def test_a_draft_has_a_thread_that_nobody_sees_yet(alice):
    post = publishing.create_draft(alice, title="On bread", body="Flour.")
    assert (post.status, post.published_at, post.version) == (PostStatus.DRAFT, None, 1)
    thread = post.thread
    assert (thread.title, thread.url, thread.owner) == ("On bread", "/posts/on-bread/", alice)
    assert not thread.is_public


def test_publishing_opens_the_thread_and_dates_the_post(alice):
    post = publishing.create_draft(alice, title="On bread", body="Flour.")
    with time_machine.travel("2026-03-01T09:00:00Z", tick=False):
        post = publishing.publish(post, actor=alice)
        assert post.published_at == timezone.now()
    assert list(Post.objects.published()) == [post]
    assert Thread.objects.get(pk=post.thread_id).accepts_comments()


def test_taking_a_post_back_hides_its_thread_and_keeps_its_first_date(alice, make_post):
    post = make_post()
    first = post.published_at
    post = publishing.unpublish(post, actor=alice)
    assert not Post.objects.published().exists()
    assert not Thread.objects.get(pk=post.thread_id).is_public
    with time_machine.travel(first + timedelta(days=9)):
        assert publishing.publish(post, actor=alice).published_at == first


def test_publishing_twice_is_publishing_once(alice, make_post):
    post = make_post()
    assert publishing.publish(post, actor=alice).version == post.version
    post = publishing.unpublish(post, actor=alice)
    assert publishing.unpublish(post, actor=alice).version == post.version


def test_a_post_without_words_is_not_published(alice, make_post):
    post = make_post(published=False, body=" \n")
    assert "body" in refused(publishing.publish, post, actor=alice)
    assert not Post.objects.published().exists()


def test_a_change_of_title_reaches_the_thread_and_its_version(alice, make_post):
    post = make_post()
    changed = saved(post, alice, title="Another title")
    assert changed.thread.title == "Another title"
    assert changed.thread.version == post.thread.version + 1


def test_a_change_of_text_leaves_the_threads_version_alone(alice, make_post):
    post = make_post()
    changed = saved(post, alice, body="Other words.")
    assert changed.thread.version == post.thread.version
    assert changed.version == post.version + 1


def test_every_act_raises_the_version(alice, make_post):
    post = make_post(published=False)
    versions = [post.version]
    for act in (publishing.publish, publishing.unpublish, publishing.publish):
        post = act(post, actor=alice)
        versions.append(post.version)
    versions.append(saved(post, alice, body="New.").version)
    assert versions == [1, 2, 3, 4, 5]


def test_the_second_of_two_tabs_overwrites_nothing(alice, make_post):
    post = make_post(body="As it was.")
    saved(post, alice, body="From the first tab.")
    with pytest.raises(StalePost) as stale:
        saved(post, alice, body="From the second tab.")
    assert stale.value.post.body == "From the first tab."
    assert Post.objects.get().body == "From the first tab."


def test_a_post_taken_back_meanwhile_takes_its_authors_words(alice, make_post):
    """A move is nobody's words: it overwrites none, and none of them overwrites it."""
    post = make_post()
    publishing.unpublish(post, actor=alice)
    stored = saved(post, alice, body="Not too late.")
    assert (stored.status, stored.body) == (PostStatus.DRAFT, "Not too late.")


def test_the_html_is_made_when_the_text_is_written(alice):
    post = publishing.create_draft(
        alice, title="T", body="# One\n\n*two*", author_note="*n*", source_line="*s*"
    )
    post.refresh_from_db()
    assert post.body_html == '<h2 id="section-one">One</h2>\n<p><em>two</em></p>\n'
    assert post.author_note_html == "<p><em>n</em></p>\n"
    assert post.source_line_html == "<em>s</em>"
    assert post.markup_version > 0


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (220, 1), (221, 2), (2200, 10)])
def test_reading_time_is_rounded_up(alice, words, minutes):
    post = publishing.create_draft(alice, title="T", body="word " * words)
    assert post.reading_minutes == minutes


# --- addresses ------------------------------------------------------------------------------


def test_an_address_follows_the_title_and_is_never_taken_twice(alice):
    slugs = [publishing.create_draft(alice, title="On Bread!").slug for _ in range(3)]
    assert slugs == ["on-bread", "on-bread-2", "on-bread-3"]


def test_a_title_in_another_script_gets_an_address_too(alice):
    slug = publishing.create_draft(alice, title="パンについて").slug
    assert slug.startswith("post-")
    assert publishing.create_draft(alice, title="面包").slug != slug


def test_a_drafts_address_may_change_and_its_thread_follows(alice, make_post):
    post = saved(make_post(published=False), alice, slug="better")
    assert (post.slug, post.thread.url) == ("better", "/posts/better/")


def test_an_emptied_address_follows_the_title_again(alice, make_post):
    post = saved(make_post(published=False), alice, title="New title", slug="")
    assert post.slug == "new-title"


def test_an_address_that_was_public_stays_unless_another_is_asked_for(alice, make_post):
    post = publishing.unpublish(make_post(title="Once public"), actor=alice)
    post = saved(post, alice, slug="once-public", title="Renamed")
    assert saved(post, alice, slug="").slug == "once-public"


def test_an_address_that_is_taken_is_refused(alice, make_post):
    make_post(title="First")
    assert "slug" in refused(publishing.create_draft, alice, title="Second", slug="first")
    assert Thread.objects.count() == 1


def test_an_address_taken_in_the_same_moment_is_refused_not_broken(alice, make_post, monkeypatch):
    make_post(title="First")
    monkeypatch.setattr(Post, "full_clean", lambda self, **kwargs: None)
    with pytest.raises(ValidationError):
        publishing.create_draft(alice, title="Second", slug="first")
    assert Thread.objects.count() == 1


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["title", "excerpt", "source_line"])
@pytest.mark.parametrize("char", ["\x00", "\x0b", "\x1b", "\ud800", "\u202e", "\u2028"])
def test_lines_refuse_characters_that_are_no_text(alice, field, char):
    fields = {"title": "T", field: f"before{char}after"}
    assert field in refused(publishing.create_draft, alice, **fields)
    assert not Thread.objects.exists()


@pytest.mark.parametrize("field", ["body", "author_note"])
@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\u202e", "(" * 201, "<b>" * 2_001])
def test_texts_pass_the_caps_before_they_are_parsed(alice, field, text):
    assert field in refused(publishing.create_draft, alice, title="T", **{field: text})


def test_a_text_may_be_long_but_not_endless(alice):
    publishing.create_draft(alice, title="T", body="word " * 40_000)
    assert "body" in refused(publishing.create_draft, alice, title="T", body="x" * 200_001)
    assert "body" in refused(publishing.create_draft, alice, title="T", body="x[^1] " * 501)
    assert "body" in refused(publishing.create_draft, alice, title="T", body="> a\n\n" * 10_000)


def test_a_refused_change_changes_nothing(alice, make_post):
    post = make_post(title="Good", tags=["one"])
    refused(saved, post, alice, title="Bad\x00", tags=["two"])
    post = Post.objects.get()
    assert (post.title, post.version) == ("Good", 2)
    assert [tag.name for tag in post.tags.all()] == ["one"]


def test_only_what_authors_write_is_written(alice, make_post):
    with pytest.raises(TypeError, match="status"):
        saved(make_post(), alice, status="draft")


# --- tags -----------------------------------------------------------------------------------


def names(post):
    return [tag.name for tag in post.tags.all()]


def test_tags_are_made_once_whatever_their_case(alice, make_post):
    make_post(tags=["Bread", "École"])
    other = make_post(tags=["bread", " école ", "BREAD", ""])
    assert names(other) == ["Bread", "École"]
    assert Tag.objects.count() == 2


def test_tags_that_look_alike_in_an_address_stay_apart(alice, make_post):
    make_post(tags=["C", "C++", "C#", "寿司", "ラーメン"])
    assert Tag.objects.values("slug").distinct().count() == 5


def test_a_renamed_tag_is_found_by_its_new_name_in_either_case(alice, make_post):
    post = make_post(tags=["Bred"])
    bred = Tag.objects.get()
    bred.name = "École"
    bred.save(update_fields=["name"])
    post = saved(post, alice, tags=["École"])
    post = saved(post, alice, tags=["éCOLE"])
    assert names(post) == ["École"]
    assert names(saved(post, alice, tags=["Bred"])) == ["Bred"]
    assert Tag.objects.count() == 2


def test_tags_are_left_alone_unless_given(alice, make_post):
    post = make_post(tags=["one"])
    assert names(saved(post, alice, body="x")) == ["one"]


@pytest.mark.parametrize("tags", [["x" * 61], ["a\x00b"], [str(n) for n in range(13)]])
def test_tags_that_are_none_are_refused(alice, tags):
    assert "tags" in refused(publishing.create_draft, alice, title="T", tags=tags)


# --- races ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_in_one_moment_one_is_told(make_post):
    post = make_post()
    results = at_once(
        lambda: saved(post, post.author, body="one", tags=["a"]),
        lambda: saved(post, post.author, body="two", tags=["b"]),
    )
    assert sorted(type(result).__name__ for result in results) == ["Post", "StalePost"]
    [winner] = [result for result in results if isinstance(result, Post)]
    stored = Post.objects.get()
    assert (stored.body, stored.version) == (winner.body, post.version + 1)
    assert names(stored) == names(winner)


@pytest.mark.django_db(transaction=True)
def test_two_authors_who_make_the_same_tags_do_not_block_each_other(alice, monkeypatch):
    create = Tag.objects.create

    def slowly(**fields):
        tag = create(**fields)
        sleep(0.2)
        return tag

    monkeypatch.setattr(Tag.objects, "create", slowly)
    results = at_once(
        lambda: publishing.create_draft(alice, title="One", body="x", tags=["a", "B"]),
        lambda: publishing.create_draft(alice, title="Two", body="x", tags=["b", "A"]),
    )
    assert {type(result) for result in results} <= {Post, ValidationError}
    assert Post.objects.count() >= 1


def at_once(*calls):
    """Run the calls in threads of their own, started together; return results or exceptions."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except (StalePost, ValidationError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


# --- when the discussion closes by itself -------------------------------------------------------


def site_rule(days):
    rules = DiscussionRules(pk=ONLY, close_after_days=days)
    rules.save()
    openness.follow_site_rules(rules)


@time_machine.travel(NOON, tick=False)
def test_publishing_says_when_the_discussion_closes_and_taking_back_forgets_it(alice, make_post):
    site_rule(14)
    draft = make_post(published=False)
    assert draft.thread.closes_at is None
    post = publishing.publish(draft, actor=alice)
    assert post.thread.closes_at == Thread.objects.get().closes_at == NOON + timedelta(days=14)
    publishing.unpublish(post, actor=alice)
    assert Thread.objects.get().closes_at is None


@time_machine.travel(NOON, tick=False)
def test_a_scheduled_post_is_open_for_its_days_from_then_on(alice, make_post):
    site_rule(14)
    soon = NOON + timedelta(days=30)
    publishing.publish(make_post(published=False), actor=alice, at=soon)
    assert Thread.objects.get().closes_at == soon + timedelta(days=14)
    publishing.publish(Post.objects.get(), actor=alice)
    assert Thread.objects.get().closes_at == NOON + timedelta(days=14)


@time_machine.travel(NOON, tick=False)
def test_a_thread_with_a_rule_of_its_own_keeps_it_when_its_post_is_published(alice, make_post):
    post = make_post(published=False)
    days = {"days": 3, "counts_from": ClosesFrom.PUBLICATION}
    openness.close_by_itself(post.thread, actor=alice, **days)
    publishing.publish(post, actor=alice)
    assert Thread.objects.get().closes_at == NOON + timedelta(days=3)


@time_machine.travel(NOON, tick=False)
def test_what_comes_from_elsewhere_closes_by_the_rules_of_this_site(alice):
    site_rule(14)
    facts = {"status": PostStatus.PUBLISHED, "created_at": NOON, "updated_at": NOON}
    post = Post(author=alice, title="Old", body="Words.", published_at=NOON, **facts)
    publishing.receive(post, tags=[])
    assert Thread.objects.get().closes_at == NOON + timedelta(days=14)
    post.published_at = NOON - timedelta(days=2)
    publishing.receive(post, tags=[])
    assert Thread.objects.get().closes_at == NOON + timedelta(days=12)


# --- among many -----------------------------------------------------------------------------


@pytest.mark.parametrize("there", [0, 1, 2, 3, 4, 7, 8, 31])
def test_of_posts_called_the_same_each_has_the_next_number(make_post, there):
    slugs = [make_post(title="Same", published=False).slug for _each in range(there + 1)]
    assert slugs[-1] == ("same" if there == 0 else f"same-{there + 1}")


def test_an_address_that_was_given_up_in_between_breaks_none(make_post):
    posts = [make_post(title="Same", published=False) for _each in range(9)]
    publishing.save(posts[4], {"slug": "other"}, actor=posts[4].author, seen_version=1)
    assert Post.objects.filter(slug=make_post(title="Same", published=False).slug).count() == 1


def test_tags_written_as_they_are_cost_one_query(make_post, django_assert_num_queries):
    make_post(tags=["Bread", "Rye"])
    with django_assert_num_queries(1):
        assert [tag.name for tag in publishing.tags_named(["Rye", "Bread"])] == ["Bread", "Rye"]
    assert [tag.name for tag in publishing.tags_named(["RYE"])] == ["Rye"]
