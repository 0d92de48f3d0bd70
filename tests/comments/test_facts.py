"""What a comment was judged by is kept with it, figures only, and judges it again as it was."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from comments.facts import COUNTS, FACTS, judged_by
from comments.models import Comment
from comments.moderation import Seen, edit, submit
from comments.status import Action
from comments.submission import Submission, gather
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

WORDS = "The same long words, sent by the same person again and again."


@pytest.fixture
def thread():
    return make_thread()


def facts_of(comment, action=Action.SUBMIT):
    return comment.log.get(action=action).detail[FACTS]


def test_the_counts_at_admission_are_kept(thread, bob):
    make_comment(thread, body=WORDS, author=bob)
    comment = submit(make_submission(thread, WORDS, author=bob))
    make_comment(thread, body=WORDS, author=bob)
    assert {name: facts_of(comment)[name] for name in COUNTS} == {
        "approved_before": 1,
        "recent_from_source": 1,
        "same_text_before": 1,
        "recent_from_address": 1,
    }


def test_an_edit_has_facts_of_its_own(thread, bob):
    comment = submit(make_submission(thread, author=bob))
    make_comment(make_thread(), body=WORDS)
    edit(comment, WORDS, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    acts = (Action.SUBMIT, Action.EDIT)
    kept = [facts_of(comment, act)["same_text_before"] for act in acts]
    assert kept == [0, 1]


def test_nothing_is_kept_of_whoever_is_not_judged(thread, mona):
    assert submit(make_submission(thread, author=mona)).log.get().detail is None


def test_what_else_the_log_keeps_stands_beside_it(thread):
    comment = submit(make_submission(thread), detail={"reply": "abc"})
    assert set(comment.log.get().detail) == {"reply", FACTS}


def test_nothing_in_it_names_a_person(thread, bob):
    kept = str(facts_of(submit(make_submission(thread, author=bob))))
    assert not any(word in kept for word in ("192.0.2.7", "gus@", "Gus", str(bob.email)))


def test_a_comment_is_judged_again_as_its_page_stood(bob):
    opened = datetime(2020, 2, 2, tzinfo=UTC)
    thread = make_thread(is_premoderated=True, public_at=opened)
    comment = submit(make_submission(thread, author=bob))
    thread.is_premoderated, thread.public_at = False, timezone.now()
    thread.save()
    comment = Comment.objects.select_related("thread").get(pk=comment.pk)
    again = judged_by(Submission.from_comment(comment), facts_of(comment))
    assert (again.thread.is_premoderated, again.thread.public_at) == (True, opened)
    assert (comment.thread.is_premoderated, again.is_gathered) == (False, True)


def test_a_comment_of_an_account_that_is_gone_is_still_no_guests(thread, bob):
    offered = gather(make_submission(thread, author=bob))
    comment = submit(offered)
    again = judged_by(replace(offered, author=None), facts_of(comment))
    assert again.author is not None
    guest = submit(make_submission(thread))
    assert judged_by(make_submission(thread), facts_of(guest)).author is None
