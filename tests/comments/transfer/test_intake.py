"""Comments from elsewhere: places, counters, history, and the same rows however often it is run."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments import helpful
from comments.models import (
    ClosesFrom,
    CommentRevision,
    DiscussionRules,
    HelpfulMark,
    ImportMap,
    Markup,
    Thread,
    path_segment,
)
from comments.moderation import Seen, delete, edit, moderate, undo
from comments.status import Action, Status
from comments.transfer.arrivals import Act, Earlier, Mark
from comments.transfer.batch import Batch
from comments.transfer.intake import Intake
from comments.transfer.report import Report
from comments.transfer.reverting import remove_comments
from comments.transfer.rows import MOST_WANTED
from comments.transfer.storing import insert
from comments.transfer.words import shown
from tests.comments.factories import make_comment, make_thread
from tests.comments.transfer.arriving import (
    THEN,
    arrival,
    at,
    counts,
    in_file_order,
    make_run,
    stands,
    take_in,
)

pytestmark = pytest.mark.django_db

ACTION_TO = {
    Status.PENDING: Action.HOLD,
    Status.REJECTED: Action.REJECT,
    Status.SPAM: Action.MARK_SPAM,
}


# --- places and counters ------------------------------------------------------------------------


@st.composite
def trees(draw):
    """Return (parent index or None, status) for each comment, parents first."""
    size = draw(st.integers(1, 9))
    statuses = st.sampled_from(list(Status))
    return [
        (draw(st.one_of(st.none(), st.integers(0, at - 1))) if at else None, draw(statuses))
        for at in range(size)
    ]


def through_the_one_door(tree):
    """Build the tree as readers and editors would have."""
    thread = make_thread()
    made = []
    for index, (parent, _status) in enumerate(tree):
        above = made[parent] if parent is not None else None
        made.append(make_comment(thread, above, body=f"Words of {index}."))
    for comment, (_parent, status) in zip(made, tree, strict=True):
        comment.refresh_from_db()
        seen = Seen.of(comment)
        if status == Status.DELETED:
            delete(comment, actor=None, actor_name="", seen=seen)
        elif status != Status.APPROVED:
            moderate(comment, ACTION_TO[status], actor=None, seen=seen)
    return thread


def shape(thread):
    """Return places and counters, with comments told apart by whom they answer and in what order.

    Numbers are given by arrival, so a branch is described by its own comments' order.
    """
    by_path = {each.path: each for each in thread.comments.order_by("path")}
    parents = {each.pk: each for each in by_path.values()}
    return [
        (
            each.number, each.path, each.depth, each.status, each.living_replies, each.body,
            parents[each.parent_id].number if each.parent_id else None,
        )
        for each in by_path.values()
    ]  # fmt: skip


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=trees(), batch=st.integers(1, 15))
def test_a_thread_that_is_imported_is_the_thread_that_the_one_door_would_have_made(db, tree, batch):
    ours = through_the_one_door(tree)
    thread = make_thread()
    arrivals = [
        arrival(thread, f"c{index}", "" if parent is None else f"c{parent}", status=status)
        for index, (parent, status) in enumerate(tree)
    ]
    for index, each in enumerate(arrivals):
        each.body = f"Words of {index}."
    take_in(in_file_order(arrivals), batch=batch, run=make_run(uuid4().hex))
    assert shape(thread) == shape(ours)
    assert counts(thread) == counts(ours)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=trees(), batch=st.integers(1, 15), data=st.data())
def test_whatever_the_order_in_the_file_each_reply_stands_below_its_parent(db, tree, batch, data):
    thread = make_thread()
    arrivals = [
        arrival(thread, f"c{index}", "" if parent is None else f"c{parent}", status=status)
        for index, (parent, status) in enumerate(tree)
    ]
    shuffled = in_file_order(data.draw(st.permutations(arrivals)))
    run = make_run(uuid4().hex)
    take_in(shuffled, batch=batch, run=run)
    ids = dict(ImportMap.objects.filter(run=run).values_list("external_id", "object_id"))
    by_id = thread.comments.in_bulk()
    for index, (parent, _status) in enumerate(tree):
        comment = by_id[ids[f"c{index}"]]
        assert comment.parent_id == (ids[f"c{parent}"] if parent is not None else None)
    assert_counters_hold(thread)


def assert_counters_hold(thread):
    """Hold every derived column against what it is derived from."""
    thread.refresh_from_db()
    comments = list(thread.comments.select_related("parent"))
    assert thread.approved_count == sum(each.is_public() for each in comments)
    assert thread.last_number >= max((each.number for each in comments), default=0)
    below = Counter()
    for each in comments:
        above = each.parent
        expected = above.path_of_reply(each.number) if above else (path_segment(each.number), 0)
        assert (each.path, each.depth) == expected
        if each.is_public():
            below.update(each.ancestor_paths())
    assert {each.path: each.living_replies for each in comments} == {
        each.path: below[each.path] for each in comments
    }


def test_a_reply_below_the_deepest_level_stands_beside_its_parent():
    thread = make_thread()
    chain = [arrival(thread, index, index - 1 if index > 1 else "") for index in range(1, 51)]
    take_in(in_file_order(reversed(chain)), batch=7)
    assert thread.comments.count() == 50
    assert max(thread.comments.values_list("depth", flat=True)) == 39
    assert_counters_hold(thread)


def test_a_thousand_replies_in_a_row_are_no_thousand_queries():
    thread = make_thread()
    chain = [arrival(thread, index, index - 1 if index > 1 else "") for index in range(1, 401)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        take_in(chain)
    assert len(queries) < 60


def test_what_comes_after_readers_wrote_here_joins_their_counters():
    thread = make_thread()
    take_in([arrival(thread, 1)])
    first = thread.comments.get()
    make_comment(thread, first, body="From here.")
    take_in([arrival(thread, 1), arrival(thread, 2, 1), arrival(thread, 3)])
    assert counts(thread) == (4, 4)
    assert_counters_hold(thread)


def test_the_page_gets_another_version_and_one_batch_gives_one():
    thread = make_thread()
    take_in([arrival(thread, 1), arrival(thread, 2)])
    thread.refresh_from_db()
    assert thread.version == 2
    take_in([arrival(thread, 1), arrival(thread, 2)])
    thread.refresh_from_db()
    assert thread.version == 2


# --- numbers ------------------------------------------------------------------------------------


def test_a_wanted_number_is_given_where_it_is_free():
    thread = make_thread()
    make_comment(thread)
    wanted = {"1": 1, "2": 881, "3": 881, "4": 882, "5": MOST_WANTED + 1, "6": 10**12, "7": None}
    take_in(
        [arrival(thread, external, number=number) for external, number in wanted.items()], batch=2
    )
    numbers = [at(thread, f"Words of {external}.").number for external in wanted]
    assert numbers == [2, 881, 882, 883, 884, 885, 886]
    assert counts(thread)[1] == 886


# --- what is odd in a file ------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_the_first_of_two_with_one_id_counts_in_every_run(batch):
    thread = make_thread()
    for _run in range(3):
        report = take_in(
            [
                arrival(thread, 1, position=1),
                arrival(thread, 1, position=2, body="Another with its id."),
                arrival(thread, 2, position=3),
            ],
            batch=batch,
        )
        assert report.skipped == {"the same id twice": 1}
        assert sorted(thread.comments.values_list("body", flat=True)) == [
            "Words of 1.",
            "Words of 2.",
        ]


@pytest.mark.parametrize("batch", [1, 500])
def test_a_missing_parent_has_its_place_kept(batch):
    thread = make_thread()
    replies = [arrival(thread, 5, 4, number=5), arrival(thread, 6, 4, number=6)]
    for expected in ({"created": 1}, {"unchanged": 1}):
        report = take_in(replies, batch=batch)
        assert report.changes["tombstones"] == expected
        assert report.comments == {"approved": 2}
    stone = thread.comments.get(number=4)
    assert (stone.status, stone.body, stone.body_html) == (Status.DELETED, "", "")
    assert stone.living_replies == 2
    assert [each.parent_id for each in thread.comments.exclude(pk=stone.pk)] == [stone.pk] * 2
    assert counts(thread) == (2, 6)


def test_a_comment_of_a_later_file_fills_the_place_that_was_kept():
    thread = make_thread()
    take_in([arrival(thread, 5, 4)])
    report = take_in([arrival(thread, 4, body="Here I am.")])
    assert report.changes["comments"] == {"updated": 1}
    filled = at(thread, "Here I am.")
    assert (filled.status, filled.revision, filled.living_replies) == (Status.APPROVED, 1, 1)
    assert filled.revisions.count() == 0
    assert [entry.new_status for entry in filled.log.all()] == [Status.DELETED, Status.APPROVED]
    assert counts(thread) == (2, 2)
    again = take_in([arrival(thread, 4, body="Here I am."), arrival(thread, 5, 4)])
    assert again.changes == {"comments": {"unchanged": 2}}


@pytest.mark.parametrize("batch", [1, 500])
def test_circles_are_opened_and_nothing_is_lost(batch):
    thread = make_thread()
    arrivals = [
        arrival(thread, 1, 2), arrival(thread, 2, 3), arrival(thread, 3, 2), arrival(thread, 4, 4)
    ]  # fmt: skip
    for _run in range(2):
        report = take_in([*arrivals], batch=batch)
    assert report.changes["comments"] == {"unchanged": 4}
    assert thread.comments.count() == 4
    assert at(thread, "Words of 1.").parent == at(thread, "Words of 2.")
    assert_counters_hold(thread)


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_reply_to_a_comment_of_another_thread_becomes_a_root(batch, is_reversed):
    one, other = make_thread(), make_thread()
    arrivals = in_file_order(
        sorted([arrival(one, 1), arrival(other, 2, 1)], key=lambda a: a.position * -is_reversed)
    )
    report = take_in(arrivals, batch=batch)
    assert [note["what"] for note in report.notes] == ["a reply to a comment of another thread"]
    assert other.comments.get().parent is None
    assert take_in(arrivals, batch=batch).changes["comments"] == {"unchanged": 2}


def test_replies_of_two_threads_to_one_missing_comment_share_no_place():
    one, other = make_thread(), make_thread()
    take_in([arrival(one, 2, 1), arrival(other, 3, 1), arrival(other, 4, 3)])
    assert one.comments.count() == 2
    assert other.comments.get(depth=1).parent == other.comments.get(depth=0)
    assert_counters_hold(one)
    assert_counters_hold(other)


def test_a_comment_too_long_is_left_out_and_its_place_kept():
    thread = make_thread()
    for batch in (1, 500):
        report = take_in(
            [arrival(thread, 1, body="x" * 200_001), arrival(thread, 2, 1)], batch=batch
        )
        assert report.skipped == {"a comment too long": 1}
    assert at(thread, "Words of 2.").parent.status == Status.DELETED


def test_what_no_column_holds_is_mended():
    thread = make_thread()
    odd = arrival(
        thread, "x" * 500,
        author_name="\u202eeve\x00\n" + "y" * 100,
        author_email="not an address",
        author_website="javascript:alert(1)",
        ip_address="127.0.0.1",
        user_agent="z" * 999,
        body="A NUL \x00 and half \ud800 a character.",
    )  # fmt: skip
    for _run in range(2):
        report = take_in([odd])
    assert report.changes["comments"] == {"unchanged": 1}
    comment = thread.comments.get()
    assert len(comment.author_name) <= 80
    assert comment.author_name.startswith("eve ")
    assert (comment.author_email, comment.author_website, comment.ip_address) == ("", "", None)
    assert comment.body == "A NUL  and half \ufffd a character."


def test_a_text_too_intricate_to_render_is_shown_as_plain_text():
    thread = make_thread()
    report = take_in([arrival(thread, 1, body="[" * 1000 + "<b>bold</b>")])
    assert "&lt;b&gt;" in thread.comments.get().body_html
    assert len(report.notes) == 1


def test_a_deleted_comment_has_lost_its_words_on_the_way():
    thread = make_thread()
    take_in([arrival(thread, 1, status=Status.DELETED, author_email="ann@example.org")])
    gone = thread.comments.get()
    assert (gone.body, gone.body_html, gone.body_digest, gone.author_email) == ("", "", "", "")
    assert gone.author_name == "Ann Elsewhere"


# --- what changed --------------------------------------------------------------------------------


def test_words_that_changed_there_come_with_a_revision_and_a_log_row():
    thread = make_thread()
    take_in([arrival(thread, 1)])
    report = take_in([arrival(thread, 1, body="Better words.", status=Status.SPAM)])
    comment = thread.comments.get()
    assert report.changes["comments"] == {"updated": 1}
    assert (comment.body, comment.status, comment.revision) == ("Better words.", Status.SPAM, 2)
    assert [each.body for each in comment.revisions.all()] == ["Words of 1."]
    entry = comment.log.last()
    assert (entry.action, entry.old_status, entry.new_status, entry.revision) == (
        Action.IMPORT, Status.APPROVED, Status.SPAM, 2
    )  # fmt: skip
    assert counts(thread) == (0, 1)
    again = take_in([arrival(thread, 1, body="Better words.", status=Status.SPAM)])
    assert again.changes["comments"] == {"unchanged": 1}


def test_what_was_deleted_there_loses_its_words_and_its_earlier_ones():
    thread = make_thread()
    take_in([arrival(thread, 1), arrival(thread, 2, 1)])
    take_in([arrival(thread, 1, body="Better words.")])
    take_in([arrival(thread, 1, status=Status.DELETED)])
    gone = thread.comments.get(number=1)
    assert (gone.status, gone.body, gone.body_html) == (Status.DELETED, "", "")
    assert gone.revisions.count() == 0
    assert counts(thread) == (1, 2)
    assert_counters_hold(thread)


def edited(comment):
    edit(comment, "Edited here.", actor=None, actor_name="Ann", seen=Seen.of(comment))


def moderated(comment):
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))


def judged_and_back(comment):
    undo(moderate(comment, Action.HOLD, actor=None, seen=Seen.of(comment)), actor=None)


def deleted(comment):
    delete(comment, actor=None, actor_name="Ann", seen=Seen.of(comment))


@pytest.mark.parametrize("act", [edited, moderated, judged_and_back, deleted])
def test_what_somebody_here_did_is_not_overwritten(act):
    thread = make_thread()
    history = [Act(Action.SUBMIT, Status.APPROVED, THEN)]
    take_in([arrival(thread, 1, history=history)])
    act(thread.comments.get())
    before = stands(thread)
    longer = [*history, Act(Action.EDIT, Status.APPROVED, THEN, Status.APPROVED, revision=2)]
    report = take_in([arrival(thread, 1, body="Changed there.", history=longer)])
    assert report.skipped == {"changed here since": 1}
    assert stands(thread) == before


def test_a_comment_removed_altogether_comes_again_with_its_replies():
    thread = make_thread()
    run = make_run()
    take_in([arrival(thread, 1)], run=run)
    remove_comments(run, [thread.pk])
    take_in([arrival(thread, 2, 1), arrival(thread, 1)], batch=1)
    assert thread.comments.count() == 2
    assert at(thread, "Words of 2.").parent == at(thread, "Words of 1.")


def test_a_comment_that_moved_to_another_page_there_stays_where_it_is():
    one, other = make_thread(), make_thread()
    take_in([arrival(one, 1)])
    report = take_in([arrival(other, 1)])
    assert report.skipped == {"now below another page there": 1}
    assert (one.comments.count(), other.comments.count()) == (1, 0)


def test_a_missing_comment_that_comes_on_another_page_stands_there_and_its_place_stays():
    one, other = make_thread(), make_thread()
    take_in([arrival(one, 2, 1)])
    stone = one.comments.get(status=Status.DELETED)
    for change in ("created", "unchanged"):
        report = take_in([arrival(other, 1), arrival(other, 3, 1)])
        assert report.changes == {"comments": {change: 2}}
        assert at(other, "Words of 3.").parent == at(other, "Words of 1.")
        assert at(one, "Words of 2.").parent == stone
    again = take_in([arrival(one, 2, 1), arrival(one, 4, 1)])
    assert again.changes == {"comments": {"unchanged": 1, "created": 1}}
    assert at(one, "Words of 4.").parent is None
    for thread in (one, other):
        assert_counters_hold(thread)


def test_a_place_that_was_left_goes_with_the_run_that_made_it():
    one, other = make_thread(), make_thread()
    first, second = make_run(), make_run()
    take_in([arrival(one, 2, 1)], run=first)
    take_in([arrival(other, 1)], run=second)
    remove_comments(first, [one.pk])
    assert [one.comments.count(), other.comments.count()] == [0, 1]


def test_the_report_says_what_stands_here_and_not_what_the_file_says():
    thread = make_thread()
    take_in([arrival(thread, 1), arrival(thread, 2)])
    comment = at(thread, "Words of 1.")
    moderate(comment, Action.MARK_SPAM, actor=None, seen=Seen.of(comment))
    report = take_in([arrival(thread, 1), arrival(thread, 2)])
    assert report.comments == {Status.APPROVED: 1, Status.SPAM: 1}


# --- history -------------------------------------------------------------------------------------


def test_history_comes_in_its_order_with_its_undo_links():
    thread = make_thread()
    batch = uuid4()
    history = [
        Act(Action.SUBMIT, Status.PENDING, THEN, actor_name="Ann"),
        Act(Action.REJECT, Status.REJECTED, THEN, Status.PENDING, batch=batch, reason="rude"),
        Act(Action.UNDO, Status.PENDING, THEN, Status.REJECTED, undoes=1),
        Act(Action.APPROVE, Status.APPROVED, THEN, Status.PENDING, note="Fine."),
        Act(Action.UNDO, Status.PENDING, THEN, Status.APPROVED, undoes=3),
        Act(Action.APPROVE, Status.APPROVED, THEN, Status.PENDING),
    ]
    take_in([arrival(thread, 1, history=history), arrival(thread, 2)])
    log = list(at(thread, "Words of 1.").log.all())
    assert [entry.action for entry in log] == [act.action for act in history]
    assert (log[2].undoes, log[4].undoes) == (log[1], log[3])
    assert (log[1].batch, log[1].reason, log[3].note) == (batch, "rude", "Fine.")
    assert {entry.created_at for entry in log} == {THEN}


def test_links_of_a_history_that_make_no_sense_are_left_out():
    thread = make_thread()
    undone = {"old_status": Status.APPROVED}
    acts = [
        Act(Action.SUBMIT, Status.APPROVED, THEN),
        *(Act(Action.UNDO, Status.APPROVED, THEN, undoes=at, **undone) for at in (1, 6, 0, 0, -1)),
    ]
    take_in([arrival(thread, 1, history=acts)])
    log = list(thread.comments.get().log.all())
    assert [entry.undoes for entry in log] == [None, None, None, log[0], None, None]


def test_the_first_row_of_a_comment_without_history_says_it_was_imported():
    thread = make_thread()
    take_in([arrival(thread, 1, status=Status.SPAM)])
    entry = thread.comments.get().log.get()
    assert (entry.action, entry.old_status, entry.new_status) == (
        Action.IMPORT, "", Status.SPAM
    )  # fmt: skip


def test_earlier_words_come_too_one_a_revision():
    thread = make_thread()
    earlier = [
        Earlier(1, "First words.", Markup.MARKDOWN, THEN),
        Earlier(2, "<b>Second</b> words.<script>x</script>", Markup.HTML, THEN),
        Earlier(2, "Told twice.", Markup.HTML, THEN),
    ]
    take_in([arrival(thread, 1, revision=3, earlier=earlier)])
    rows = thread.comments.get().revisions.order_by("revision")
    assert [(row.revision, row.body_html) for row in rows] == [
        (1, "<p>First words.</p>\n"),
        (2, "<b>Second</b> words."),
    ]


def test_while_an_edit_waits_readers_see_what_was_approved():
    thread = make_thread()
    earlier = [
        Earlier(1, "Approved *words*.", Markup.MARKDOWN, THEN, was_public=True),
        Earlier(2, "Never seen.", Markup.MARKDOWN, THEN),
    ]
    waits = {"status": Status.PENDING, "revision": 3, "earlier": earlier, "approved_revision": 1}
    take_in([arrival(thread, 1), arrival(thread, 2, 1, **waits), arrival(thread, 3, 2)])
    comment = at(thread, "Words of 2.")
    assert comment.public_html == "<p>Approved <em>words</em>.</p>\n"
    assert [text.was_public for text in comment.revisions.order_by("revision")] == [True, False]
    assert comment.shown_version == thread.version + 1
    assert counts(thread) == (3, 3)
    assert_counters_hold(thread)
    # Once it is judged there, the standing words go and nothing is counted twice.
    take_in([arrival(thread, 2, 1, **{**waits, "status": Status.APPROVED})])
    comment.refresh_from_db()
    assert (comment.approved_revision, comment.standing_html) == (3, "")
    assert comment.log.last().public_before == 1
    assert counts(thread) == (3, 3)
    take_in([arrival(thread, 2, 1, **{**waits, "status": Status.SPAM})])
    assert counts(thread) == (2, 3)
    assert_counters_hold(thread)
    take_in([arrival(thread, 2, 1, **waits)])
    comment.refresh_from_db()
    assert (comment.approved_revision, comment.standing_html) == (
        1, "<p>Approved <em>words</em>.</p>\n"
    )  # fmt: skip
    assert counts(thread) == (3, 3)
    assert_counters_hold(thread)


@pytest.mark.parametrize(
    "facts", [{"approved_revision": 2}, {"approved_revision": 1, "status": Status.SPAM}]
)
def test_what_readers_cannot_be_seeing_is_not_shown(facts):
    thread = make_thread()
    earlier = [Earlier(1, "Once.", Markup.MARKDOWN, THEN)]
    waits = {"status": Status.PENDING, "revision": 2, "earlier": earlier}
    take_in([arrival(thread, 1, **{**waits, **facts})])
    assert not thread.comments.get().is_public()


def test_what_is_told_of_nothing_new_is_known_by_the_digest_from_before():
    earlier = [Earlier(1, "Once.", Markup.MARKDOWN, THEN)]
    facts = {"earlier": earlier, "history": [Act(Action.SUBMIT, Status.PENDING, THEN)]}
    told = arrival(Thread(pk=1), 1, **facts)
    assert told.digest == "f9f94eed5cb1657c175ee86cc1f7d906a5419337b84b7d7ae385e7f95123cc0a"
    newer = [
        {"email_proved_at": THEN},
        {"earlier": [replace(earlier[0], was_public=True)]},
        {"history": [replace(facts["history"][0], public_before=1)]},
        {"revision": 2, "status": Status.PENDING, "approved_revision": 1},
    ]
    digests = {arrival(Thread(pk=1), 1, **{**facts, **each}).digest for each in newer}
    assert len(digests | {told.digest}) == 5
    # What came to be told after those leaves them as they were, too.
    proved = arrival(Thread(pk=1), 1, **{**facts, "email_proved_at": THEN})
    assert proved.digest == "d643864886da9598b695cc8ec8e6dc3b15941fa0554d867b75745c9f308f593e"
    newest = [
        {"is_edited_by_editor": True},
        {"history": [replace(facts["history"][0], message="Told")]},
        {"history": [replace(facts["history"][0], detail={"edited_at": None})]},
    ]
    digests |= {arrival(Thread(pk=1), 1, **{**facts, **each}).digest for each in newest}
    assert len(digests | {told.digest}) == 8


def test_words_that_readers_saw_stay_in_the_public_history():
    thread = make_thread()
    take_in([arrival(thread, 1), arrival(thread, 2, status=Status.PENDING)])
    version = Thread.objects.get().version
    changed = {"body": "Changed there.", "status": Status.APPROVED}
    take_in([arrival(thread, number, **changed) for number in (1, 2)])
    texts = CommentRevision.objects.order_by("comment__number")
    assert [text.was_public for text in texts] == [True, False]
    assert thread.comments.get(number=2).shown_version == version + 1


def test_marks_come_with_the_order_that_follows_from_them(alice, bob):
    thread = make_thread(marker_count=4)
    marks = [Mark(alice.pk, THEN), Mark(bob.pk, THEN)]
    told = [
        arrival(thread, 1, marks=marks, markers_before=1),
        arrival(thread, 2, marks=marks[:1], markers_before=3),
        arrival(thread, 3),
    ]
    take_in(told)
    assert "created" not in take_in(told).changes["comments"]
    rows = thread.comments.order_by("number").values_list("helpful_count", "markers_before")
    assert list(rows) == [(2, 1), (1, 3), (0, 0)]
    assert HelpfulMark.objects.count() == 3
    before = list(thread.comments.order_by("number").values_list("score", flat=True))
    assert before[0] > before[1] > before[2] == 0
    helpful.toggle(at(thread, "Words of 3."), alice)
    helpful.toggle(at(thread, "Words of 3."), alice)
    after = list(thread.comments.order_by("number").values_list("score", flat=True))
    assert after == pytest.approx(before)


# --- cut off and run again ------------------------------------------------------------------------


class Killed(Exception):
    pass


def odd_file(threads):
    """Return a file with parents later, missing, deep and of other threads, over two threads."""
    one, other = threads
    told = [
        (one, 1, ""), (one, 2, 9), (other, 3, ""), (one, 4, 2), (other, 5, 99), (one, 6, 98),
        (one, 7, 1), (other, 8, 3), (one, 9, 1), (one, 10, 6), (other, 11, 12), (other, 12, 13),
        (other, 13, 11), (one, 14, 3), (other, 15, 5), (one, 16, 9), (one, 17, 4), (other, 18, 17),
        (one, 19, 20), (one, 20, ""), (other, 21, 4), (other, 22, 99),
    ]  # fmt: skip
    statuses = [Status.APPROVED, Status.SPAM, Status.APPROVED, Status.DELETED, Status.PENDING]
    return in_file_order(
        arrival(thread, number, parent, status=statuses[number % 5])
        for thread, number, parent in told
    )


def cut_off_after(monkeypatch, acts):
    """Make the run die as its transaction number `acts` is about to be committed, or after it."""
    done = [0]
    store = Batch._store

    def dying(self, *args, **kwargs):
        if done[0] == acts:
            raise Killed
        store(self, *args, **kwargs)
        done[0] += 1

    monkeypatch.setattr("comments.transfer.batch.Batch._store", dying)
    return done


def newest_first(threads):
    """Return a file in which replies come before what they answer, in chains and in bushes."""
    return in_file_order(
        arrival(threads[number % 2], number, max(number - 2 * (1 + number % 3), 0))
        for number in range(20, 0, -1)
    )


@pytest.mark.parametrize("file", [odd_file, newest_first])
@pytest.mark.parametrize("batch", [2, 5])
def test_cut_off_anywhere_and_run_again_gives_what_one_clean_run_gives(monkeypatch, batch, file):
    monkeypatch.setattr("comments.transfer.intake.BATCH", 3)
    clean = [make_thread(), make_thread()]
    with monkeypatch.context() as patch:
        done = cut_off_after(patch, None)
        take_in(file(clean), batch=batch, run=make_run("clean"))
    expected = [stands(thread) for thread in clean]
    assert done[0] > 2
    for acts in range(done[0]):
        threads = [make_thread(), make_thread()]
        run = make_run(f"cut-{acts}")
        with monkeypatch.context() as patch:
            cut_off_after(patch, acts)
            with pytest.raises(Killed):
                take_in(file(threads), batch=batch, run=run)
        take_in(file(threads), batch=batch, run=run)
        assert [stands(thread) for thread in threads] == expected, f"cut off after {acts}"
        assert [counts(thread) for thread in threads] == [counts(thread) for thread in clean]
        assert [each.version for each in threads] == [each.version for each in clean]
        again = take_in(file(threads), batch=batch, run=run)
        assert [stands(thread) for thread in threads] == expected
        assert set(again.changes["comments"]) == {"unchanged"}


def test_a_long_thread_that_waited_is_written_in_parts(monkeypatch):
    monkeypatch.setattr("comments.transfer.intake.BATCH", 4)
    sizes = []
    monkeypatch.setattr(
        "comments.transfer.batch.insert",
        lambda made, *rest: [sizes.append(len(made)), insert(made, *rest)],
    )
    thread = make_thread()
    chain = [arrival(thread, number, number + 1 if number < 30 else "") for number in range(1, 31)]
    take_in(in_file_order(chain), batch=5)
    assert max(sizes) <= 5
    assert [each.body for each in thread.comments.order_by("number")] == [
        f"Words of {number}." for number in range(30, 0, -1)
    ]
    assert_counters_hold(thread)


def test_no_text_is_rendered_while_others_wait_for_the_lock(monkeypatch):
    def watched(body, markup):
        locked.append(bool(connection.savepoint_ids))
        return shown(body, markup)

    locked = []
    monkeypatch.setattr("comments.transfer.words.shown", watched)
    thread = make_thread()
    earlier = [Earlier(1, "First words.", Markup.MARKDOWN, THEN)]
    take_in(
        [arrival(thread, 1, 3), arrival(thread, 2), arrival(thread, 3, earlier=earlier)], batch=1
    )
    take_in([arrival(thread, 1, 3, body="Changed there."), arrival(thread, 2)])
    assert locked == [False] * 5


# --- what an import never does --------------------------------------------------------------------


def test_nothing_is_mailed_checked_or_told_afterwards(
    monkeypatch, django_capture_on_commit_callbacks
):
    def never(*args):
        raise AssertionError("a check was asked")

    monkeypatch.setattr("comments.moderation.admitting.decide", never)
    monkeypatch.setattr("comments.moderation.editing.decide", never)
    monkeypatch.setattr("comments.policy.judge", never)
    thread = make_thread()
    with django_capture_on_commit_callbacks() as callbacks:
        take_in([arrival(thread, 1), arrival(thread, 2, status=Status.SPAM)])
        take_in([arrival(thread, 1, body="Changed."), arrival(thread, 2)])
    assert callbacks == []
    assert mail.outbox == []


# --- what it costs -------------------------------------------------------------------------------


def queries_of(arrivals, run=None):
    intake = Intake(run or make_run(uuid4().hex), Report())
    with CaptureQueriesContext(connection) as queries:
        intake.admit(arrivals)
    return sum(not each["sql"].startswith("INSERT") for each in queries)


def many(size, threads, **fields):
    """Return roots of all threads, then replies to them."""
    return [
        arrival(threads[index % len(threads)], index,
                index - len(threads) if index >= 60 else "", position=index, **fields)
        for index in range(1, size + 1)
    ]  # fmt: skip


def test_the_number_of_queries_does_not_grow_with_comments_or_threads():
    """Of INSERTs there are as many as one statement holds rows: on SQLite, 38 comments."""
    few, lots = [make_thread()], [make_thread() for _number in range(50)]
    run = make_run()
    assert queries_of(many(35, few)) <= 14
    assert queries_of(many(500, lots), run) <= 14
    assert queries_of(many(500, lots), run) <= 6
    # Updates go by as many as one statement holds, too.
    assert queries_of(many(100, lots, body="Changed."), run) <= 25


def test_a_comment_of_tomorrow_does_not_pass_for_one_judged_here():
    thread = make_thread()
    take_in([arrival(thread, 1, created_at=timezone.now() + timedelta(hours=2))])
    report = take_in([arrival(thread, 1, body="Changed there.")])
    assert report.changes["comments"] == {"updated": 1}


def test_a_thread_that_went_meanwhile_is_reported():
    thread = make_thread()
    gone = make_thread()
    arrivals = [arrival(thread, 1), arrival(gone, 2)]
    Thread.objects.filter(pk=gone.pk).delete()
    assert take_in(arrivals).skipped == {"its page is gone": 1}


# --- when their discussion closes ----------------------------------------------------------------


def test_the_last_comment_that_came_decides_when_a_discussion_closes():
    DiscussionRules(pk=1, close_after_days=30, close_counts_from=ClosesFrom.COMMENT).save()
    public = {"public_at": THEN, "closes_at": THEN + timedelta(days=30)}
    own = make_thread(**public, close_after_days=7, close_counts_from=ClosesFrom.COMMENT)
    by_site, never = make_thread(**public), make_thread(public_at=THEN, close_after_days=0)
    last = THEN + timedelta(days=3)
    arrivals = in_file_order(
        arrival(thread, f"{thread.pk}-{day}", created_at=THEN + timedelta(days=day))
        for day in (3, 1)
        for thread in (own, by_site, never)
    )
    take_in(arrivals, batch=4)
    closes = [Thread.objects.get(pk=each.pk).closes_at for each in (own, by_site, never)]
    assert closes == [last + timedelta(days=7), last + timedelta(days=30), None]
