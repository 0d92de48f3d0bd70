"""Every pair of state and act against a table written out by hand; and what a move takes along."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial
from itertools import pairwise, product
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from blog import publishing
from blog.models import Act, Post, PostStatus, PublishingLogEntry, WorkingCopy
from blog.publishing import IllegalMove, StalePost
from blog.publishing.around import thread_facts
from blog.states import MOVES, acts_from, way_back
from comments.models import Thread
from tests.comments.factories import make_comment

pytestmark = pytest.mark.django_db

# state: what each act leads to. A dot in front: it is so already, and nothing happens. What is
# missing is refused.
EXPECTED = {
    "draft": {
        "submit": "review", "publish": "published", "schedule": "scheduled", "unlist": "unlisted",
        "private": "private", "trash": "trash", "withdraw": ".", "unpublish": ".", "restore": ".",
    },
    "review": {
        "submit": ".", "withdraw": "draft", "return": "draft", "publish": "published",
        "schedule": "scheduled", "unlist": "unlisted", "private": "private", "trash": "trash",
    },
    "scheduled": {
        "publish": "published", "schedule": "scheduled", "unpublish": "draft",
        "unlist": "unlisted", "private": "private", "trash": "trash",
    },
    "published": {
        "publish": ".", "unpublish": "draft", "unlist": "unlisted", "private": "private",
        "archive": "archived", "trash": "trash",
    },
    "unlisted": {
        "publish": "published", "unpublish": "draft", "unlist": ".", "private": "private",
        "archive": "archived", "trash": "trash",
    },
    "private": {
        "publish": "published", "schedule": "scheduled", "unpublish": "draft",
        "unlist": "unlisted", "private": ".", "trash": "trash",
    },
    "archived": {
        "publish": "published", "unpublish": "draft", "unlist": "unlisted", "private": "private",
        "archive": ".", "trash": "trash",
    },
    "trash": {"restore": "draft", "trash": "."},
}  # fmt: skip
WAYS = {
    "draft": [],
    "review": [Act.SUBMIT],
    "scheduled": [Act.SCHEDULE],
    "published": [Act.PUBLISH],
    "unlisted": [Act.UNLIST],
    "private": [Act.MAKE_PRIVATE],
    "archived": [Act.PUBLISH, Act.ARCHIVE],
    "trash": [Act.TRASH],
}
PAIRS = [(state, act) for state in EXPECTED for act in MOVES]


def do(post, act, actor=None, **facts):
    if act == Act.SCHEDULE:
        facts.setdefault("at", timezone.now() + timedelta(days=1))
    return publishing.move(post, act, actor=actor or post.author, **facts)


def brought_to(post, state):
    for act in WAYS[state]:
        post = do(post, act)
    return post


def state_of(post):
    return "scheduled" if post.is_scheduled() else post.status


@pytest.mark.parametrize(("state", "act"), PAIRS)
def test_every_pair_leads_where_the_table_says(make_post, state, act):
    before = brought_to(make_post(published=False), state)
    entries = PublishingLogEntry.objects.count()
    expected = EXPECTED[state].get(act.value)
    if expected is None:
        with pytest.raises(IllegalMove) as refused:
            do(before, act)
        assert refused.value.messages[0].startswith("The post is ")
    else:
        do(before, act)
    after = Post.objects.get()
    assert state_of(after) == (state if expected in (None, ".") else expected)
    is_done = expected not in (None, ".")
    assert PublishingLogEntry.objects.count() == entries + is_done
    assert after.version == before.version + is_done
    assert after.text_version == before.text_version
    if is_done:
        entry = PublishingLogEntry.objects.latest("pk")
        assert (entry.act, entry.old_status, entry.new_status) == (act, before.status, after.status)


@pytest.mark.parametrize("state", EXPECTED)
def test_the_acts_that_lead_on_are_those_of_the_table(state):
    status = PostStatus.PUBLISHED if state == "scheduled" else PostStatus(state)
    found = {act.value for act in acts_from(status, is_scheduled=state == "scheduled")}
    assert found == {act for act, into in EXPECTED[state].items() if into != "."}


@pytest.mark.parametrize("state", EXPECTED)
def test_who_reads_it_and_who_comments_follows_from_the_state(make_post, state):
    post = brought_to(make_post(published=False), state)
    is_read = state in {"published", "unlisted", "archived"}
    assert Post.objects.readable().filter(pk=post.pk).exists() is is_read
    thread = Thread.objects.get(pk=post.thread_id)
    assert thread.is_public is is_read
    assert thread.accepts_comments() is (state in {"published", "unlisted"})
    assert (post.trashed_at is not None) is (state == "trash")
    assert (post.first_public_at is not None) is (is_read or state == "scheduled")
    assert bool(post.feed_id) is (post.first_public_at is not None)


# --- what is undone ---------------------------------------------------------------------------

UNDONE = [
    ("draft", "publish", "unpublish"),
    ("draft", "submit", "withdraw"),
    ("draft", "trash", "restore"),
    ("review", "withdraw", "submit"),
    ("review", "publish", None),
    ("published", "unpublish", "publish"),
    ("published", "archive", "publish"),
    ("published", "trash", "restore"),
    ("unlisted", "archive", "unlist"),
    ("unlisted", "publish", "unlist"),
    ("archived", "publish", "archive"),
    ("private", "unlist", "private"),
    ("trash", "restore", "trash"),
]


@pytest.mark.parametrize(("state", "act", "back"), UNDONE)
def test_a_move_is_undone_by_the_act_that_leads_back(make_post, state, act, back):
    before = brought_to(make_post(published=False), state)
    after = do(before, Act(act))
    way = way_back(PostStatus(before.status), PostStatus(after.status))
    assert way == back
    if way is not None:
        again = do(after, way).status
        assert again == (PostStatus.DRAFT if act == "trash" else before.status)


# --- what goes along --------------------------------------------------------------------------


def written_beside(post, actor, **fields):
    fields = {"body": "Written beside."} | fields
    return publishing.keep(post, fields, actor=actor, seen_version=post.text_version)


@pytest.mark.parametrize("act", [Act.SUBMIT, Act.PUBLISH, Act.UNLIST, Act.MAKE_PRIVATE])
def test_what_is_written_beside_a_draft_becomes_it_as_it_goes_out(make_post, alice, act):
    post = written_beside(make_post(published=False), alice)
    assert do(post, act).body == "Written beside."
    assert not WorkingCopy.objects.exists()


@pytest.mark.parametrize("act", [Act.UNLIST, Act.MAKE_PRIVATE, Act.ARCHIVE, Act.UNPUBLISH])
def test_the_next_version_of_what_is_out_stays_beside_it(make_post, alice, act):
    post = written_beside(make_post(), alice)
    assert do(post, act).body == "A paragraph."
    assert WorkingCopy.objects.get().words["body"] == "Written beside."
    if act == Act.UNPUBLISH:
        assert publishing.publish(post, actor=alice).body == "Written beside."


@pytest.mark.parametrize(
    ("act", "stays"), [("trash", False), ("unpublish", False), ("archive", True)]
)
def test_scheduled_changes_are_of_no_moment_once_nobody_reads_the_post(
    make_post, alice, act, stays
):
    post = written_beside(make_post(), alice)
    publishing.schedule_changes(post, actor=alice, at=timezone.now() + timedelta(days=1))
    do(post, Act(act))
    assert hasattr(Post.objects.get(), "scheduled_change") is stays
    assert WorkingCopy.objects.exists()
    assert PublishingLogEntry.objects.filter(act=Act.UNSCHEDULE_CHANGE).exists() is not stays


@pytest.mark.parametrize("act", [Act.PUBLISH, Act.SCHEDULE, Act.UNLIST])
@pytest.mark.parametrize(("field", "text"), [("body", " "), ("title", "")])
def test_what_is_not_fit_to_be_read_is_not_shown(make_post, alice, act, field, text):
    post = written_beside(make_post(published=False), alice, **{field: text})
    with pytest.raises(ValidationError) as refused:
        do(post, act)
    assert field in refused.value.message_dict
    assert Post.objects.get().status == PostStatus.DRAFT
    assert WorkingCopy.objects.exists()


def test_what_readers_see_is_hidden_however_unfit_it_is(make_post):
    post = make_post()
    Post.objects.update(title="", body="")
    for act in (Act.UNLIST, Act.ARCHIVE, Act.MAKE_PRIVATE, Act.UNPUBLISH):
        assert do(post, act).status == MOVES[act][1]


def test_the_date_and_the_id_for_feeds_are_those_of_the_first_time(make_post):
    first = do(make_post(published=False), Act.UNLIST)
    again = brought_to(do(first, Act.UNPUBLISH), "published")
    assert again.published_at == first.published_at
    assert again.first_public_at == first.first_public_at
    assert again.feed_id == first.feed_id == first.get_absolute_url()


def test_a_moment_that_never_came_is_forgotten(make_post):
    post = do(brought_to(make_post(published=False), "scheduled"), Act.UNPUBLISH)
    assert (post.first_public_at, post.feed_id) == (None, "")
    Post.objects.update(feed_id="tag:elsewhere,2009:7")
    post = do(do(post, Act.SCHEDULE), Act.UNPUBLISH)
    assert post.feed_id == "tag:elsewhere,2009:7"
    assert do(post, Act.PUBLISH).published_at <= timezone.now()


@pytest.mark.parametrize("act", [Act.UNPUBLISH, Act.TRASH, Act.MAKE_PRIVATE])
def test_a_moment_that_passed_while_nobody_could_read_it_dates_no_post_back(make_post, act):
    post = do(brought_to(make_post(published=False), "scheduled"), act)
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=False):
        if act == Act.TRASH:
            do(post, Act.RESTORE)
        assert do(post, Act.PUBLISH).published_at == timezone.now()


def test_a_post_that_was_public_before_has_the_date_of_that_and_of_no_later_moment(make_post):
    first = make_post()
    post = do(do(do(first, Act.UNPUBLISH), Act.SCHEDULE), Act.UNPUBLISH)
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=False):
        assert do(post, Act.PUBLISH).published_at == first.published_at


def test_out_of_the_archive_a_discussion_is_as_it_was(make_post, alice):
    post = make_post()
    Thread.objects.update(is_open=False, closing_note="Enough.")
    do(post, Act.ARCHIVE)
    assert Thread.objects.get().is_archived
    do(post, Act.PUBLISH)
    thread = Thread.objects.get()
    assert (thread.is_archived, thread.is_open, thread.closing_note) == (False, False, "Enough.")


def test_a_text_that_changed_since_it_was_judged_is_not_let_out(make_post, alice, mona):
    post = brought_to(make_post(published=False), "review")
    written_beside(post, alice)
    with pytest.raises(StalePost):
        do(post, Act.PUBLISH, mona, seen_version=post.text_version)
    assert Post.objects.get().status == PostStatus.REVIEW


def test_who_may_not_publish_throws_nothing_away_that_was_published_meanwhile(
    make_post, carl, mona
):
    post = make_post(published=False, author=carl)
    publishing.publish(post, actor=mona)
    with pytest.raises(IllegalMove, match="The post is published now"):
        publishing.trash(post, actor=carl)
    assert Post.objects.get().status == PostStatus.PUBLISHED


def test_nothing_is_undone_of_what_went_elsewhere_in_that_moment(make_post):
    post = do(make_post(), Act.UNPUBLISH)
    do(post, Act.MAKE_PRIVATE)
    with pytest.raises(IllegalMove, match="It was moved again since"):
        do(post, Act.PUBLISH, is_undo=True)
    assert Post.objects.get().status == PostStatus.PRIVATE


def test_the_log_says_who_when_why_and_for_when(make_post, mona):
    post = brought_to(make_post(published=False), "review")
    publishing.request_changes(post, actor=mona, reason="The end is missing.")
    entry = PublishingLogEntry.objects.latest("pk")
    assert (entry.actor, entry.actor_name, entry.reason) == (mona, "Mona", "The end is missing.")
    at = timezone.now() + timedelta(days=3)
    publishing.schedule(post, actor=mona, at=at)
    assert PublishingLogEntry.objects.latest("pk").detail == at.isoformat()


def test_a_wish_for_changes_that_comes_too_late_is_told(make_post, mona):
    post = make_post(published=False)
    with pytest.raises(IllegalMove):
        publishing.request_changes(post, actor=mona, reason="Lost otherwise.")


# --- a password -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in EXPECTED if state != "trash"])
def test_a_password_is_on_top_of_any_state(make_post, alice, state):
    post = brought_to(make_post(published=False), state)
    locked = publishing.set_password(post, "let me in", actor=alice)
    assert state_of(locked) == state
    assert "let me in" not in locked.password
    assert not Thread.objects.get().is_public
    freed = publishing.remove_password(locked, actor=alice)
    assert publishing.remove_password(freed, actor=alice).version == freed.version
    assert Thread.objects.get().is_public is (state in {"published", "unlisted", "archived"})
    acts = list(PublishingLogEntry.objects.values_list("act", flat=True))[-2:]
    assert acts == [Act.LOCK, Act.UNLOCK]


def test_what_is_in_the_trash_is_given_no_password(make_post, alice):
    with pytest.raises(IllegalMove):
        publishing.set_password(brought_to(make_post(), "trash"), "let me in", actor=alice)


@pytest.mark.parametrize("password", ["", "abc", "x" * 1001, "with\nline"])
def test_what_nobody_could_type_is_no_password(make_post, alice, password):
    with pytest.raises(ValidationError) as refused:
        publishing.set_password(make_post(), password, actor=alice)
    assert "password" in refused.value.message_dict


# --- at once ----------------------------------------------------------------------------------


def at_once(*calls):
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait(timeout=30)
        try:
            return call()
        except IllegalMove as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_do_the_same_one_does_it(make_post):
    post = make_post()
    entries = PublishingLogEntry.objects.count()
    results = at_once(*[lambda: do(post, Act.TRASH)] * 4)
    assert {result.status for result in results} == {PostStatus.TRASH}
    assert PublishingLogEntry.objects.count() == entries + 1
    assert Post.objects.get().version == post.version + 1


@pytest.mark.django_db(transaction=True)
def test_of_two_moves_that_exclude_each_other_one_wins_and_the_other_is_told(make_post, mona):
    post = brought_to(make_post(published=False), "review")
    results = at_once(
        lambda: publishing.withdraw(post, actor=post.author),
        lambda: publishing.request_changes(post, actor=mona, reason="More of it."),
    )
    entry = PublishingLogEntry.objects.latest("pk")
    told = [result for result in results if isinstance(result, IllegalMove)]
    assert Post.objects.get().status == PostStatus.DRAFT
    # Who withdraws what was returned a moment ago has what they wanted.
    assert len(told) == (entry.act == Act.WITHDRAW)


@pytest.mark.django_db(transaction=True)
def test_the_trash_and_readers_do_not_get_one_post_both(make_post):
    for _race in range(12):
        post = make_post(published=False)
        results = at_once(partial(do, post, Act.TRASH), partial(do, post, Act.PUBLISH))
        # Published and then thrown away, or thrown away and then not published.
        assert Post.objects.get(pk=post.pk).status == PostStatus.TRASH
        assert not Thread.objects.get(pk=post.thread_id).is_public
        assert not isinstance(results[0], IllegalMove)


@pytest.mark.django_db(transaction=True)
def test_a_move_that_waited_for_another_leaves_log_and_discussion_true(make_post, mona):
    """Each of these begins while each other holds the post, and reads what that leaves behind."""
    acts = (Act.PUBLISH, Act.SCHEDULE, Act.MAKE_PRIVATE, Act.UNPUBLISH, Act.TRASH)
    for first, second in product(acts, acts):
        post = make_post(published=False)
        with ThreadPoolExecutor(1) as threads, transaction.atomic():
            do(post, first)
            later = threads.submit(at_once, partial(do, Post.objects.get(pk=post.pk), second, mona))
            wait([later], timeout=0.02)
        later.result()
        current = Post.objects.get(pk=post.pk)
        facts = Thread.objects.filter(pk=post.thread_id).values(*thread_facts(current)).get()
        assert facts == thread_facts(current), (first, second)
        told = list(PublishingLogEntry.objects.filter(post=post.pk).order_by("pk"))
        chain = [(one.new_status, other.old_status) for one, other in pairwise(told)]
        assert all(left == found for left, found in chain), (first, second)
        assert told[-1].new_status == current.status, (first, second)


def test_a_move_keeps_what_was_said(make_post):
    post = make_post()
    make_comment(post.thread)
    brought_to(do(do(post, Act.TRASH), Act.RESTORE), "published")
    assert post.thread.comments.count() == 1
