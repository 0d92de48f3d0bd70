"""What happens by the clock: a post at its minute, changes at theirs, each told once."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import publishing
from blog.models import (
    Act,
    Post,
    PostStatus,
    PublishingLogEntry,
    Revision,
    ScheduledChange,
    Tag,
    WorkingCopy,
)
from blog.moments import MomentField
from blog.publishing import copies, scheduling
from blog.publishing.scheduling import appear_due, publish_due_changes
from comments.models import Thread
from config.background import JOBS
from tests.blog.received import receive_post
from tests.comments.test_races import run_together

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def told(act=Act.APPEAR):
    return list(PublishingLogEntry.objects.filter(act=act))


def scheduled(make_post, at=LATER):
    post = make_post(published=False)
    return publishing.schedule(post, actor=post.author, at=at)


def with_changes(post, at=LATER, **fields):
    fields = {"body": "The next version."} | fields
    post = publishing.keep(post, fields, actor=post.author, seen_version=post.text_version)
    return publishing.schedule_changes(post, actor=post.author, at=at)


def test_the_jobs_are_among_those_that_are_done():
    names = {"scheduling.appear_due", "scheduling.publish_due_changes", "purging.purge_trash"}
    assert {f"blog.publishing.{name}" for name in names} <= set(JOBS)


# --- a post at its minute ---------------------------------------------------------------------


def test_a_post_appears_at_its_minute_and_is_told_of_once(client, make_post):
    with time_machine.travel(NOON, tick=False) as clock:
        post = scheduled(make_post)
        appear_due()
        assert client.get(post.get_absolute_url()).status_code == 404
        clock.move_to(LATER - timedelta(seconds=1))
        appear_due()
        assert client.get(post.get_absolute_url()).status_code == 404
        clock.move_to(LATER)
        # By query: nothing was done yet.
        assert client.get(post.get_absolute_url()).status_code == 200
        assert Thread.objects.get().accepts_comments()
        assert not told()
        appear_due()
        appear_due()
        [entry] = told()
        assert (entry.actor, entry.new_status) == (None, PostStatus.PUBLISHED)
        assert entry.detail == LATER.isoformat()
        assert entry.created_at == LATER
    after = Post.objects.get()
    assert (after.version, after.text_version) == (post.version, post.text_version)


def test_what_was_scheduled_elsewhere_is_told_of_and_what_was_public_there_is_not(alice):
    with time_machine.travel(NOON, tick=False) as clock:
        receive_post(alice)
        coming = receive_post(alice, published_in=timedelta(hours=1))
        clock.move_to(LATER)
        appear_due()
        assert [entry.post_id for entry in told()] == [coming.pk]


@pytest.mark.parametrize("act", [Act.UNPUBLISH, Act.TRASH, Act.MAKE_PRIVATE, Act.PUBLISH])
def test_a_post_that_did_not_wait_for_its_moment_is_not_told_of(make_post, act):
    with time_machine.travel(NOON, tick=False) as clock:
        post = scheduled(make_post)
        publishing.move(post, act, actor=post.author)
        clock.move_to(LATER)
        appear_due()
        assert not told()


def test_a_moment_that_was_moved_is_told_of_when_it_comes(make_post):
    with time_machine.travel(NOON, tick=False) as clock:
        post = scheduled(make_post)
        publishing.schedule(post, actor=post.author, at=LATER + timedelta(hours=1))
        clock.move_to(LATER)
        appear_due()
        assert not told()
        clock.move_to(LATER + timedelta(hours=1))
        appear_due()
        assert len(told()) == 1


def test_telling_brings_a_discussion_up_to_date(make_post):
    with time_machine.travel(NOON, tick=False) as clock:
        scheduled(make_post)
        Thread.objects.update(title="Out of date", close_after_days=3)
        clock.move_to(LATER)
        appear_due()
    thread = Thread.objects.get()
    assert thread.title == Post.objects.get().title
    assert thread.closes_at == LATER + timedelta(days=3)


def test_where_nothing_is_due_a_look_costs_one_query(make_post):
    make_post()
    for job in (appear_due, publish_due_changes):
        with CaptureQueriesContext(connection) as queries:
            job()
        assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_of_four_processes_one_tells(make_post):
    with time_machine.travel(NOON, tick=False):
        for _post in range(3):
            scheduled(make_post)
    with time_machine.travel(LATER, tick=False):
        start = Barrier(4)

        def look():
            start.wait(timeout=30)
            appear_due()

        run_together(*[look] * 4)
    assert sorted(entry.post_id for entry in told()) == sorted(
        Post.objects.values_list("pk", flat=True)
    )


# --- which moment -----------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_a_moment_just_gone_is_now_and_one_long_gone_is_refused(make_post):
    post = scheduled(make_post, NOON - timedelta(minutes=4))
    assert (post.is_published(), post.published_at) == (True, NOON)
    with pytest.raises(ValidationError, match="That moment has passed"):
        scheduled(make_post, NOON - timedelta(minutes=6))
    with pytest.raises(ValidationError, match="Say when"):
        scheduled(make_post, None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-03-29T02:30", "There is no 02:30 on 29 March 2026: clocks are put forward then. "
                             "Choose 01:30 or 03:30."),
        ("2026-10-25T02:30", "02:30 comes twice on 25 October 2026: clocks are put back then. "
                             "Choose 01:30 or 03:30."),
        ("9999-12-31T23:59", None),
        ("tomorrow", "Enter a valid date/time."),
    ],
)  # fmt: skip
def test_a_time_that_a_night_leaves_out_or_has_twice_is_refused(typed, said):
    with timezone.override("Europe/Vienna"):
        if said is None:
            assert MomentField().clean(typed)
            return
        with pytest.raises(ValidationError) as refused:
            MomentField().clean(typed)
    assert refused.value.messages == [said]


def test_a_time_that_is_after_all_others_elsewhere_is_refused():
    with (
        timezone.override("America/New_York"),
        pytest.raises(ValidationError, match="too far away"),
    ):
        MomentField().clean("9999-12-31T23:59")


def test_a_time_is_that_of_the_clocks_of_the_site():
    with timezone.override("Europe/Vienna"):
        assert MomentField().clean("2026-07-01T09:00") == datetime(2026, 7, 1, 7, tzinfo=UTC)
        assert MomentField().clean("2026-12-01T09:00") == datetime(2026, 12, 1, 8, tzinfo=UTC)


# --- changes at their moment ------------------------------------------------------------------


def test_changes_are_read_at_their_moment_and_told_of_once(client, make_post):
    with time_machine.travel(NOON, tick=False) as clock:
        post = with_changes(make_post())
        publish_due_changes()
        assert "A paragraph." in client.get(post.get_absolute_url()).text
        clock.move_to(LATER)
        publish_due_changes()
        publish_due_changes()
    assert "The next version." in client.get(post.get_absolute_url()).text
    [entry] = told(Act.CHANGE)
    assert (entry.actor, entry.detail) == (post.author, LATER.isoformat())
    assert not ScheduledChange.objects.exists()
    assert not WorkingCopy.objects.exists()
    assert Post.objects.get().text_version == post.text_version


def test_changes_that_are_not_fit_any_more_stay_and_the_author_is_told_why(
    client, make_post, monkeypatch
):
    with time_machine.travel(NOON, tick=False) as clock:
        post = with_changes(make_post(), slug="taken-meanwhile")
        make_post(title="Taken meanwhile", slug="taken-meanwhile")
        clock.move_to(LATER)
        publish_due_changes()
        publish_due_changes()
    assert "A paragraph." in client.get(post.get_absolute_url()).text
    assert not ScheduledChange.objects.exists()
    assert WorkingCopy.objects.get().words["body"] == "The next version."
    [entry] = told(Act.UNSCHEDULE_CHANGE)
    assert entry.actor is None
    assert "address" in entry.reason.lower()


@pytest.mark.django_db(transaction=True)
def test_a_tag_that_somebody_makes_in_the_same_moment_holds_nothing_back(make_post):
    with time_machine.travel(NOON, tick=False):
        with_changes(make_post(), tags=["rye"])
    with time_machine.travel(LATER, tick=False), ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Tag.objects.create(name="rye", slug="rye")
            job = threads.submit(run_together, publish_due_changes)
            wait([job], timeout=0.5)
        job.result()
    assert not told(Act.UNSCHEDULE_CHANGE)
    assert [tag.name for tag in Post.objects.get().tags.all()] == ["rye"]


def test_changes_held_back_are_put_beside_the_post_again(make_post):
    with time_machine.travel(NOON, tick=False) as clock:
        post = with_changes(make_post())
        WorkingCopy.objects.all().delete()
        words = Revision.objects.latest("pk").words | {"title": ""}
        Revision.objects.filter(pk=Revision.objects.latest("pk").pk).update(words=words)
        clock.move_to(LATER)
        publish_due_changes()
    assert WorkingCopy.objects.get(post=post).words["body"] == "The next version."
    assert "title" in told(Act.UNSCHEDULE_CHANGE)[0].reason


def test_changes_that_cannot_be_published_keep_no_others_back(make_post, monkeypatch):
    def sometimes(change, **facts):
        if change.post_id == first.pk:
            raise RuntimeError
        return copies.publish_due_change(change, **facts)

    with time_machine.travel(NOON, tick=False) as clock:
        first, second = with_changes(make_post()), with_changes(make_post())
        monkeypatch.setattr(scheduling, "publish_due_change", sometimes)
        clock.move_to(LATER)
        publish_due_changes()
    assert [change.post_id for change in ScheduledChange.objects.all()] == [first.pk]
    assert Post.objects.get(pk=second.pk).body == "The next version."


@pytest.mark.django_db(transaction=True)
def test_of_four_processes_one_publishes_the_changes(make_post):
    with time_machine.travel(NOON, tick=False):
        posts = [with_changes(make_post()) for _post in range(3)]
    with time_machine.travel(LATER, tick=False):
        start = Barrier(4)

        def look():
            start.wait(timeout=30)
            publish_due_changes()

        run_together(*[look] * 4)
    assert sorted(entry.post_id for entry in told(Act.CHANGE)) == sorted(post.pk for post in posts)
    assert {post.version for post in Post.objects.all()} == {post.version + 1 for post in posts}


def test_what_was_taken_back_meanwhile_has_no_changes_to_publish_or_to_plan(make_post, alice):
    post = make_post()
    publishing.keep(post, {"body": "Next."}, actor=alice, seen_version=post.text_version)
    publishing.trash(post, actor=alice)
    with pytest.raises(ValidationError, match="no changes to schedule"):
        publishing.schedule_changes(post, actor=alice, at=timezone.now() + timedelta(hours=1))
    publishing.publish_changes(post, actor=alice)
    assert Post.objects.get().body == "A paragraph."
    assert not told(Act.CHANGE)


def test_changes_that_are_discarded_are_off_the_plan_and_the_log_says_so(make_post, alice):
    post = with_changes(make_post())
    publishing.discard_changes(post, actor=alice, seen_version=post.text_version)
    assert not ScheduledChange.objects.exists()
    assert [entry.actor for entry in told(Act.UNSCHEDULE_CHANGE)] == [alice]


def test_changes_are_off_the_plan_where_the_form_says_what_readers_see_again(client, alice, mona):
    client.force_login(alice)
    post = publishing.create_draft(alice, title="Bread", body="Flour.")
    post = with_changes(publishing.publish(post, actor=alice))
    typed = {"title": "Bread", "slug": "bread", "body": "Flour.", "version": post.text_version}
    response = client.post(f"/write/{post.pk}/", typed | {"action": "discard_changes"})
    assert response.status_code == 302
    assert not ScheduledChange.objects.exists()


def test_a_text_saved_over_planned_changes_takes_them_off_the_plan(alice, make_post):
    """Planned of an older text, they would overwrite what was written after them."""
    post = make_post()
    post = publishing.keep(
        post, {"body": "Planned."}, actor=alice, seen_version=post.text_version, is_saved=True
    )
    in_an_hour = timezone.now() + timedelta(hours=1)
    publishing.schedule_changes(post, actor=alice, at=in_an_hour)
    publishing.save(post, {"body": "At once."}, actor=alice, seen_version=post.text_version)
    assert not ScheduledChange.objects.exists()
    assert post.log.filter(act=Act.UNSCHEDULE_CHANGE).count() == 1
    assert "Planned." in [revision.words["body"] for revision in post.revisions.all()]
