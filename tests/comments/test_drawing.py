"""Rows -> HTML: what is drawn by the quick way is what is drawn by the long one."""

import pytest

from comments.drawing import Pen
from comments.models import Thread
from comments.moderation import Seen, edit, moderate
from comments.patterns import Pattern
from comments.readers import STRANGER
from comments.reading import read_page
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


def talk(thread):
    """Say a little of everything that a stranger may see."""
    first = make_comment(thread, author_name='Ann "<b>" & sons', body="Said (words) and (meta)")
    answer = make_comment(thread, parent=first)
    make_comment(thread, parent=first, author_name="(name)")
    for _level in range(9):
        answer = make_comment(thread, parent=answer)
    gone = make_comment(thread)
    make_comment(thread, parent=gone)
    moderate(gone, Action.REJECT, actor=None, seen=Seen.of(gone))
    changed = make_comment(thread, body="As it was approved")
    edit(changed, "As it waits", actor=None, actor_name="Gus Guest", seen=Seen.of(changed))
    assert changed.thread.comments.get(pk=changed.pk).status == Status.PENDING
    pinned = make_comment(thread)
    thread.comments.filter(pk=first.pk).update(helpful_count=1_234)
    thread.comments.filter(number=2).update(helpful_count=1)
    Thread.objects.filter(pk=thread.pk).update(pinned_number=pinned.number)
    thread.refresh_from_db()


@pytest.mark.parametrize("is_open", [True, False])
def test_the_quick_way_draws_what_the_long_one_does(is_open):
    thread = make_thread(is_open=True)
    talk(thread)
    thread.is_open = is_open
    rows = read_page(thread).rows
    quick, long = (Pen(thread, STRANGER, rows, {}) for _pen in range(2))
    assert quick.pattern is not None
    long.pattern = None
    drawn = ["".join(quick.pieces(row)) for row in rows]
    assert drawn == ["".join(long.pieces(row)) for row in rows]
    whole = "".join(drawn)
    assert ("/reply/" in whole) is is_open
    for said in ("As it was approved", "(words)", "(meta)", " 1234<", "in reply to", "tombstone"):
        assert said in whole, said
    assert "As it waits" not in whole
    assert "<b>" not in whole


def test_a_pattern_puts_each_value_where_its_mark_stands():
    pattern = Pattern("a (x) b (y) c (x)", ["(x)", "(y)"])
    assert "".join(pattern.filled("(y)", "(x)")) == "a (y) b (x) c (y)"
    assert "".join(pattern.filled("1", "2", "more than are asked for")) == "a 1 b 2 c 1"


def test_a_pattern_without_a_place_for_a_value_is_none():
    with pytest.raises(ValueError, match="no place"):
        Pattern("a (x)", ["(x)", "(y)"])
