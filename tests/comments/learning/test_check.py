"""What the learner says of a comment that comes: it advises, then holds and files as spam, and
where it cannot judge nobody is harmed.
"""

import logging

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from comments.learning import memory as memories
from comments.learning import upkeep
from comments.learning.checkpoints import Folded, keep
from comments.learning.memory import Memory, memory
from comments.learning.upkeep import catch_up, rebuild, stand_down
from comments.models import (
    DiscussionRules,
    LearnerCheckpoint,
    LearnerExample,
    LearnerState,
)
from comments.moderation import Seen, edit, submit
from comments.policy import decide
from comments.rulebook import compose
from comments.spam import Verdict
from comments.spam.learner.check import learnt
from comments.status import Status
from comments.submission import gather
from tests.comments.factories import make_submission, make_thread
from tests.comments.learning.lessons import HAM, SPAM, scores, teach

pytestmark = pytest.mark.django_db

CHECK = "comments.spam.learner.check.learnt"
GOOD, BAD = " ".join(HAM[:6]), " ".join(SPAM[:6])
BETWEEN = " ".join([*HAM[:3], *SPAM[:3]])
ENOUGH = 50


@pytest.fixture(autouse=True)
def _alone(settings):
    settings.COMMENTS_CHECKS = [CHECK]


@pytest.fixture
def thread():
    return make_thread()


def asked(thread, body, **fields):
    """Return what the check says in a process that is asked now."""
    return learnt(gather(make_submission(thread, body, **fields)))


def under(thread, **rules):
    """Return the editors' rules with these."""
    return compose(DiscussionRules(**rules), thread)


def test_who_has_learnt_nothing_says_nothing(thread, mona):
    assert asked(thread, BAD) is None
    teach(thread, mona, spam=3)
    assert asked(thread, BAD) is None


def test_before_it_has_seen_enough_it_only_advises(thread, mona):
    teach(thread, mona, ham=ENOUGH - 1, spam=ENOUGH)
    finding = asked(thread, BAD)
    assert (finding.verdict, finding.is_advice) == (Verdict.SPAM, True)
    assert "49 approved and 50 spam" in finding.message
    assert submit(make_submission(thread, BAD)).status == Status.APPROVED


def test_it_acts_from_the_fiftieth_of_each_on(thread, mona):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    finding = asked(thread, BAD)
    assert (finding.verdict, finding.is_advice) == (Verdict.SPAM, False)
    assert finding.value > finding.threshold
    assert submit(make_submission(thread, BAD)).status == Status.SPAM
    assert asked(thread, GOOD).verdict == Verdict.HAM
    assert submit(make_submission(thread, GOOD)).status == Status.APPROVED


def test_what_is_good_to_it_is_held_all_the_same_where_another_check_asks_that(
    thread, mona, settings
):
    settings.COMMENTS_CHECKS = [CHECK, "comments.spam.rules.first_time_commenter"]
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    decision = decide(gather(make_submission(thread, GOOD)))
    assert decision.findings[0].verdict == Verdict.HAM
    assert decision.status == Status.PENDING


@pytest.mark.parametrize("body", [GOOD, BAD, BETWEEN, "", "?", "x" * 20_000, "\U0001f600 \x00"])
def test_it_never_rejects_nor_deletes(thread, mona, body):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    decision = decide(gather(make_submission(thread, body)))
    assert decision.status in (Status.APPROVED, Status.PENDING, Status.SPAM)


def test_the_editors_cut_offs_stand_above_its_own(thread, mona):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    value = asked(thread, BAD).value
    held = asked(thread, BAD, rulebook=under(thread, ham_cutoff=0.0, spam_cutoff=1.0))
    assert (held.verdict, held.value) == (Verdict.UNSURE, value)
    passed = asked(thread, BAD, rulebook=under(thread, ham_cutoff=1.0, spam_cutoff=1.0))
    assert passed.verdict == Verdict.HAM


def test_editors_may_have_it_advise_or_be_silent(thread, mona):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    assert asked(thread, BAD, rulebook=under(thread, learner_mode="advise")).is_advice
    assert asked(thread, BAD, rulebook=under(thread, learner_mode="off")) is None


def test_it_points_at_what_spoke_most_for_spam(thread, mona):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    body = f"{GOOD} {BAD}"
    start, end = asked(thread, body, rulebook=under(thread, ham_cutoff=0.0)).span
    assert start >= len(GOOD)
    assert set(body[start:end].split()) & set(SPAM)


def test_an_edit_is_judged_as_well(thread, mona):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    comment = submit(make_submission(thread, GOOD))
    edited = edit(comment, BAD, actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert edited.status == Status.PENDING
    assert edited.log.last().findings[0]["check"] == "learnt"


# --- what it costs ----------------------------------------------------------------------------


def queries_of(thread, body):
    offered = gather(make_submission(thread, body))
    assert offered.rules
    with CaptureQueriesContext(
        connection,
    ) as found:
        learnt(offered)
    return len(found)


def test_it_asks_nothing_where_nothing_is_new_and_once_where_something_is(thread, mona):
    teach(thread, mona, ham=5, spam=5)
    assert queries_of(thread, BAD) == 2
    assert queries_of(thread, BAD) == 0
    teach(thread, mona, ham=1, seed=2)
    assert queries_of(thread, BAD) == 1
    assert queries_of(thread, BAD) == 0


# --- older, damaged, gone ---------------------------------------------------------------------


def test_after_many_decisions_at_once_the_older_model_does_until_the_background_has_folded(
    thread, mona
):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    before = asked(thread, BETWEEN).value
    teach(thread, mona, ham=ENOUGH, seed=3)
    teach(thread, mona, ham=5, seed=4)
    older = asked(thread, BETWEEN)
    assert older.value == before
    assert "not in this yet" in older.message
    catch_up()
    newer = asked(thread, BETWEEN)
    assert newer.value < before
    assert "not in this yet" not in newer.message


def test_folding_anew_comes_to_an_end_however_little_is_done_at_each_look(
    thread, mona, monkeypatch
):
    monkeypatch.setattr(upkeep, "SECONDS", 0.0)
    monkeypatch.setattr(memories, "PART", 10)
    teach(thread, mona, ham=20, spam=20)
    while not catch_up():
        pass
    LearnerState.objects.update(epoch=F("epoch") + 1)
    assert any(catch_up() for _look in range(10))


DAMAGES = {
    "emptied": lambda data: b"",
    "half written": lambda data: data[: len(data) // 2],
    "one bit": lambda data: data[:-9] + bytes([data[-9] ^ 4]) + data[-8:],
    "something else": lambda data: b"\x00" * len(data),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_model_stands_down_and_one_command_brings_it_back(thread, mona, how, caplog):
    caplog.set_level(logging.CRITICAL, "parley.spam")
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    as_it_was = scores()
    rebuild()
    assert keep(Folded(memory.model, memory.upto), LearnerState.objects.get().epoch)
    stored = LearnerCheckpoint.objects.get()
    LearnerCheckpoint.objects.update(data=DAMAGES[how](bytes(stored.data)))
    memory.forget()
    finding = asked(thread, BAD)
    assert (finding.verdict, finding.is_advice) == (Verdict.UNSURE, True)
    assert "damaged" in finding.message
    assert LearnerState.objects.get().stood_down_why == "damaged"
    comment = submit(make_submission(thread, BAD))
    assert comment.status == Status.APPROVED, "the rules decide, and there are none here"
    rebuild()
    assert LearnerState.objects.get().stood_down_at is None
    assert scores() == as_it_was
    assert submit(make_submission(thread, BAD)).status == Status.SPAM


def test_the_background_heals_a_damaged_checkpoint_by_itself(thread, mona, caplog):
    caplog.set_level(logging.CRITICAL, "parley.spam")
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    as_it_was = scores()
    last = LearnerExample.objects.order_by("order").last()
    LearnerCheckpoint.objects.create(upto=last.order, data=b"of another release")
    memory.forget()
    asked(thread, BAD)
    assert LearnerState.objects.get().stood_down_why == "damaged"
    assert scores() == as_it_was
    assert LearnerState.objects.get().stood_down_at is None
    assert not asked(thread, BAD).is_advice


@pytest.mark.parametrize("emptied", [LearnerExample, LearnerState, LearnerCheckpoint])
def test_an_emptied_table_harms_nobody_and_one_command_fills_it(thread, mona, emptied):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    as_it_was = scores()
    emptied.objects.all().delete()
    memory.forget()
    assert submit(make_submission(thread, BAD)).status in (Status.APPROVED, Status.SPAM)
    rebuild()
    assert scores() == as_it_was
    assert submit(make_submission(thread, BAD)).status == Status.SPAM


@pytest.mark.django_db(transaction=True)
def test_a_database_without_its_tables_leaves_the_decision_to_the_rules(thread, mona, caplog):
    caplog.set_level(logging.CRITICAL, "parley.spam")
    teach(thread, mona, ham=2, spam=2)
    offered = gather(make_submission(thread, BAD))
    table = LearnerExample._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        assert learnt(offered) is None
        assert decide(offered).status == Status.APPROVED
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


def test_while_it_stands_down_it_only_advises(thread, mona):
    teach(thread, mona, ham=ENOUGH, spam=ENOUGH)
    stand_down("worse 30 10 200")
    finding = asked(thread, BAD)
    assert (finding.verdict, finding.is_advice) == (Verdict.SPAM, True)
    assert submit(make_submission(thread, BAD)).status == Status.APPROVED


def test_a_process_that_starts_knows_what_the_others_know(thread, mona):
    teach(thread, mona, ham=10, spam=10)
    assert scores(Memory()) == scores()
