"""A branch goes to another discussion or stands by itself: places, counters, links, and the way
back.
"""

import pytest
from django.urls import reverse

from comments.models import Comment, Thread
from comments.moderation import CannotMove, Seen, StaleComment, edit, move_branch, undo
from comments.status import IllegalTransition, Status
from tests.comments.factories import fragment_of, make_comment, make_thread
from tests.comments.test_moderation import counters_agree

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread(title="Radios")


@pytest.fixture
def other():
    other = make_thread(title="Antennas")
    make_comment(other, body="The first here.")
    return other


@pytest.fixture
def branch(thread):
    """A root, what answers it, and what answers that: public, held, public."""
    root = make_comment(thread, body="Root.")
    asked = make_comment(thread, parent=root, body="And the antenna?")
    held = make_comment(thread, parent=asked, body="Buy mine.", status=Status.PENDING)
    answer = make_comment(thread, parent=asked, body="A long wire.")
    return [root, asked, held, answer]


def moved(comment, to, mona):
    entry = move_branch(comment, to=to, actor=mona, seen=Seen.of(comment))
    return fresh(comment), entry


def fresh(comment):
    return Comment.objects.get(pk=comment.pk)


def places(thread):
    rows = Comment.objects.order_by("pk")
    return list(rows.values_list("pk", "thread_id", "parent_id", "number", "path", "depth"))


def test_a_branch_goes_to_the_end_of_another_thread_with_all_below_it(thread, other, branch, mona):
    _root, asked, held, answer = branch
    asked, _entry = moved(asked, other, mona)
    assert (asked.thread, asked.parent, asked.number, asked.depth) == (other, None, 2, 0)
    assert [fresh(row).parent_id for row in (held, answer)] == [asked.pk, asked.pk]
    assert "And the antenna?" in fragment_of(other)
    assert "A long wire." in fragment_of(other)
    assert "Buy mine." not in fragment_of(other)
    assert "antenna" not in fragment_of(thread)
    for each in (thread, other):
        assert counters_agree(each)


def test_what_is_moved_has_its_new_address_in_it(other, branch, mona):
    asked, _entry = moved(branch[1], other, mona)
    assert f"/comments/{other.pk}/{asked.number}/" in asked.meta_html


def test_old_links_lead_to_the_new_place(client, thread, other, branch, mona):
    old = [reverse("comments:permalink", args=[thread.pk, row.number]) for row in branch]
    asked, _entry = moved(branch[1], other, mona)
    assert client.get(old[1]).url == f"{other.url}#comment-{asked.number}"
    assert client.get(old[0]).url == f"{thread.url}#comment-1"
    assert client.get(old[2]).status_code == 404


def test_a_branch_can_stand_by_itself_in_its_own_thread(thread, branch, mona):
    asked, _entry = moved(branch[1], None, mona)
    assert (asked.thread, asked.parent, asked.number, asked.depth) == (thread, None, 2, 0)
    assert fresh(branch[3]).path.startswith(asked.path)
    assert counters_agree(thread)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_undoing_a_move_puts_everything_back_in_its_place(thread, other, branch, mona, elsewhere):
    before, html = places(thread), fragment_of(thread)
    _asked, entry = moved(branch[1], other if elsewhere else None, mona)
    inverse = undo(entry, actor=mona)
    assert places(thread) == before
    assert words_of(fragment_of(thread)) == words_of(html)
    assert all(counters_agree(each) for each in (thread, other))
    undo(inverse, actor=mona)
    assert fresh(branch[1]).parent is None
    assert all(counters_agree(each) for each in (thread, other))


def words_of(html):
    return [line for line in html.splitlines() if "data-v=" not in line]


def test_what_was_answered_since_comes_along_when_a_move_is_undone(thread, other, branch, mona):
    asked, entry = moved(branch[1], other, mona)
    late = make_comment(other, parent=asked, body="Late.")
    undo(entry, actor=mona)
    late = fresh(late)
    assert (late.thread, late.parent_id, late.number) == (thread, asked.pk, 5)
    assert all(counters_agree(each) for each in (thread, other))


def test_answers_beyond_the_last_level_go_along(thread, other, mona):
    chain = [make_comment(thread)]
    for _level in range(44):
        chain.append(make_comment(thread, parent=chain[-1]))
    beside = make_comment(thread, parent=chain[38], body="Beside.")
    before = places(thread)
    _first, entry = moved(chain[42], other, mona)
    assert [fresh(row).thread_id for row in chain[42:]] == [other.pk] * 3
    assert [fresh(row).thread_id for row in (beside, chain[41])] == [thread.pk] * 2
    assert fresh(chain[44]).depth == 2
    assert all(counters_agree(each) for each in (thread, other))
    undo(entry, actor=mona)
    assert all(counters_agree(each) for each in (thread, other))
    assert places(thread) == before


def test_a_move_is_bound_to_what_was_seen(other, branch, mona, settings):
    settings.COMMENTS_CHECKS = []
    seen = Seen.of(branch[1])
    edit(branch[1], "Other words.", actor=None, actor_name="Gus", seen=seen)
    with pytest.raises(StaleComment):
        move_branch(branch[1], to=other, actor=mona, seen=seen)
    assert fresh(branch[1]).thread_id != other.pk


def test_a_move_that_somebody_followed_is_not_undone(other, branch, mona, settings):
    settings.COMMENTS_CHECKS = []
    asked, entry = moved(branch[1], other, mona)
    edit(asked, "Other words.", actor=None, actor_name="Gus", seen=Seen.of(asked))
    with pytest.raises(StaleComment):
        undo(entry, actor=mona)


def test_what_leads_nowhere_is_refused(thread, branch, mona):
    hidden = make_thread(public_at=None)
    with pytest.raises(CannotMove):
        moved(branch[1], hidden, mona)
    with pytest.raises(CannotMove):
        moved(branch[0], None, mona)
    with pytest.raises(CannotMove):
        moved(branch[0], Thread(pk=10**9), mona)
    gone = Seen(Status.DELETED, 1)
    with pytest.raises(IllegalTransition):
        move_branch(branch[0], to=hidden, actor=mona, seen=gone)


def test_a_pinned_comment_that_is_moved_away_is_not_pinned_any_more(thread, other, branch, mona):
    Thread.objects.filter(pk=thread.pk).update(pinned_number=branch[3].number)
    moved(branch[1], other, mona)
    assert Thread.objects.get(pk=thread.pk).pinned_number is None
