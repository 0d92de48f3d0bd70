"""Two people at once, for real: threads, connections of their own, transactions that commit."""

import copy
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from comments.models import Comment, ModerationLogEntry, path_segment
from comments.moderation import Seen, StaleComment, delete, edit, moderate, submit, undo
from comments.status import Action, IllegalTransition, Status
from comments.verifying import verify
from tests.comments.factories import make_comment, make_submission, make_thread
from tests.comments.test_moderation import counters_agree

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 1_000
SEEN = Seen(Status.PENDING, 1)


def run_together(*jobs):
    """Run each job in a thread with a connection of its own and return their results."""

    def closing(job):
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(closing, jobs))


def pending(thread, count):
    """Admit one comment for real; copy it and its log entry, which is much quicker than anew."""
    first = make_comment(thread, status=Status.PENDING)
    comments = [first]
    for number in range(2, count + 1):
        key = f"{first.submission_key}-{number}"
        more = {"number": number, "path": path_segment(number), "submission_key": key}
        comments.append(copied(first, **more))
    Comment.objects.bulk_create(comments[1:])
    entry = first.log.get()
    ModerationLogEntry.objects.bulk_create(copied(entry, comment=each) for each in comments[1:])
    type(thread).objects.filter(pk=thread.pk).update(last_number=count)
    return comments


def copied(row, **fields):
    row = copy.copy(row)
    row.pk = None
    row._state = copy.copy(row._state)
    row._state.adding = True
    row._state.fields_cache = {}
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def test_a_thousand_races_of_two_editors_have_one_winner_each():
    people = get_user_model().objects
    mona = people.create_user("mona@example.org", display_name="Mona")
    max_ = people.create_user("max@example.org", display_name="Max")
    threads = [make_thread() for _number in range(10)]
    comments = [comment for thread in threads for comment in pending(thread, RACES // 10)]
    start = Barrier(2)

    def editor(actor, action):
        def moderate_all():
            outcomes = []
            for comment in comments:
                start.wait(timeout=60)
                try:
                    outcomes.append(moderate(comment, action, actor=actor, seen=SEEN).pk)
                except StaleComment as stale:
                    (other,) = stale.since
                    outcomes.append(other.actor_name)
            return outcomes

        return moderate_all

    approved, spammed = run_together(editor(mona, Action.APPROVE), editor(max_, Action.MARK_SPAM))
    entries = {
        entry.comment_id: entry
        for entry in ModerationLogEntry.objects.exclude(action=Action.SUBMIT)
    }
    assert ModerationLogEntry.objects.count() == 2 * RACES
    comments = list(Comment.objects.order_by("pk"))
    for comment, of_mona, of_max in zip(comments, approved, spammed, strict=True):
        entry = entries[comment.pk]
        if comment.status == Status.APPROVED:
            assert (entry.actor_id, of_mona, of_max) == (mona.pk, entry.pk, "Mona")
        else:
            assert (comment.status, entry.actor_id) == (Status.SPAM, max_.pk)
            assert (of_mona, of_max) == ("Max", entry.pk)
    wins = Counter(comment.status for comment in comments)
    assert set(wins) == {Status.APPROVED, Status.SPAM}, "one side won every race: not a race"
    for thread in threads:
        thread.refresh_from_db()
        assert thread.approved_count == thread.comments.approved().count()
        assert thread.version == 1 + thread.approved_count
    assert list(verify()) == []


def test_a_thousand_races_of_four_sessions_lose_nothing(settings):
    """Two editors decide, the author edits and deletes, a third editor undoes: all at once."""
    settings.COMMENTS_CHECKS = []
    threads = [make_thread() for _number in range(5)]
    comments = [comment for thread in threads for comment in pending(thread, RACES // 20)]
    start = Barrier(4)
    outcomes = Counter()

    def session(act, seed):
        """Act on the same comments as the others, in the same order, at the same moment."""
        rng = Random(seed)

        def run():
            done = Counter()
            for comment in comments * 4:
                start.wait(timeout=120)
                done[try_to(act, comment.pk, rng)] += 1
            return done

        return run

    sessions = (editors_decision, editors_decision, authors_own, last_act_undone)
    for done in run_together(*(session(act, seed) for seed, act in enumerate(sessions))):
        outcomes += done
    assert outcomes["lost"] > RACES // 20, "nobody was ever too late: not a race"
    assert outcomes["done"] > RACES // 2
    assert ModerationLogEntry.objects.count() == len(comments) + outcomes["done"]
    for thread in threads:
        assert counters_agree(thread)
    assert {comment.pk: statuses_of(comment)[-1] for comment in comments} == dict(
        Comment.objects.values_list("pk", "status")
    )
    assert list(verify()) == []


def try_to(act, comment_id, rng):
    """Look at the comment as a person would, then act on what was seen."""
    comment = Comment.objects.get(pk=comment_id)
    try:
        act(comment, Seen.of(comment), rng)
    except StaleComment:
        return "lost"
    except IllegalTransition:
        return "illegal"
    return "done"


def editors_decision(comment, seen, rng):
    action = rng.choice([Action.APPROVE, Action.REJECT, Action.MARK_SPAM, Action.HOLD])
    moderate(comment, action, actor=None, seen=seen)


def authors_own(comment, seen, rng):
    if rng.random() < 0.1:
        delete(comment, actor=None, actor_name="Gus", seen=seen)
    else:
        edit(comment, f"Words {rng.random()}", actor=None, actor_name="Gus", seen=seen)


def last_act_undone(comment, _seen, _rng):
    undo(comment.log.order_by("-pk").first(), actor=None)


def statuses_of(comment):
    """Replay the log: each row starts from where the one before it led."""
    rows = list(comment.log.order_by("pk").values_list("old_status", "new_status"))
    assert [old for old, _new in rows[1:]] == [new for _old, new in rows[:-1]]
    return [new for _old, new in rows]


def test_twenty_posts_of_one_form_make_one_comment():
    offered = make_submission(make_thread())
    start = Barrier(20)

    def post():
        start.wait(timeout=60)
        return submit(offered).pk

    assert len(set(run_together(*[post] * 20))) == 1
    assert Comment.objects.count() == ModerationLogEntry.objects.count() == 1


def test_replies_that_arrive_together_get_numbers_and_places_of_their_own():
    thread = make_thread(approved_count=0)
    root = make_comment(thread)
    offers = [make_submission(thread, f"Reply {n}", parent=root) for n in range(16)]
    start = Barrier(16)

    def post(offer):
        def run():
            start.wait(timeout=60)
            return submit(offer).number

        return run

    numbers = run_together(*map(post, offers))
    assert sorted(numbers) == list(range(2, 18))
    thread.refresh_from_db()
    assert thread.last_number == 17


def test_an_edit_and_a_decision_on_the_old_words_do_not_both_happen():
    thread = make_thread()
    for _race in range(30):
        comment = make_comment(thread, status=Status.PENDING)
        start = Barrier(2)

        def edit_it(comment=comment, start=start):
            start.wait(timeout=60)
            try:
                edit(comment, "New words.", actor=None, actor_name="Gus", seen=SEEN)
            except StaleComment:
                return "stale"
            return "done"

        def approve_it(comment=comment, start=start):
            start.wait(timeout=60)
            try:
                moderate(comment, Action.APPROVE, actor=None, seen=SEEN)
            except StaleComment:
                return "stale"
            return "done"

        assert sorted(run_together(edit_it, approve_it)) == ["done", "stale"]


def test_a_queue_that_is_not_to_be_had_stops_nobody(monkeypatch):
    def refuse(*_args):
        raise PermissionError

    thread = make_thread()
    monkeypatch.setattr("comments.turns.os.open", refuse)
    assert make_comment(thread).number == 1
