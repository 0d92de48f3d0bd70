"""A rehearsal in words: how many would have moved, what was decided, what cannot be told."""

from collections import Counter

import pytest
from django.utils import timezone

from comments.models import Comment
from comments.rehearsal import Fate, Missing, Move, Rehearsal
from comments.rehearsed import kept_in_words, told
from comments.status import Status

PENDING, APPROVED, SPAM = Status.PENDING, Status.APPROVED, Status.SPAM


class Viewer:
    pk = 7

    def has_perm(self, permission):
        return True


def moves(count, before=APPROVED, after=PENDING, fate=Fate.LEFT, judge_id=None):
    comment = Comment(pk=1, body="Bread.", author_name="Gus", status=before)
    return [Move(comment, before, after, fate, judge_id) for _each in range(count)]


def rehearsal(*moved, judged=200, **fields):
    return Rehearsal(timezone.now(), judged=judged, moves=list(moved), **fields)


def titles(*moved):
    return [group.title for group in told(rehearsal(*moved), Viewer()).groups]


@pytest.mark.parametrize(
    ("moved", "title"),
    [
        (moves(1), "1 more held"),
        (moves(14), "14 more held"),
        (moves(2, APPROVED, SPAM), "2 more filed as spam"),
        (moves(2, PENDING, SPAM), "2 filed as spam instead of held"),
        (moves(2, PENDING, APPROVED), "2 fewer held"),
        (moves(2, SPAM, PENDING), "2 held instead of filed as spam"),
        (moves(2, SPAM, APPROVED), "2 fewer filed as spam, and public at once"),
        (
            moves(12, fate=Fate.APPROVED, judge_id=7) + moves(2),
            "14 more held, of which you had approved 12",
        ),
        (
            moves(1, fate=Fate.APPROVED, judge_id=7) + moves(1, fate=Fate.SPAM, judge_id=8),
            "2 more held, of which editors had approved 1 and marked 1 as spam",
        ),
        (moves(1, fate=Fate.REJECTED, judge_id=7), "1 more held, which you had rejected"),
        (
            moves(3, PENDING, APPROVED, Fate.SPAM, 7),
            "3 fewer held, all of which you had marked as spam",
        ),
        (
            moves(1, fate=Fate.APPROVED, judge_id=7)
            + moves(1, fate=Fate.REJECTED, judge_id=7)
            + moves(1, fate=Fate.SPAM, judge_id=7)
            + moves(1, fate=Fate.DELETED),
            "4 more held, of which you had approved 1, rejected 1 and marked 1 as spam",
        ),
    ],
)
def test_it_says_how_many_would_have_moved_and_what_was_decided(moved, title):
    assert titles(*moved) == [title]


def test_each_way_is_a_group_of_its_own_the_stricter_ones_first():
    assert titles(*moves(1, PENDING, APPROVED), *moves(2), *moves(1, APPROVED, SPAM)) == [
        "2 more held",
        "1 more filed as spam",
        "1 fewer held",
    ]


def test_fifty_are_shown_to_look_at():
    first, second = told(rehearsal(*moves(45), *moves(20, PENDING, APPROVED)), Viewer()).groups
    assert [(len(group.rows), group.more) for group in (first, second)] == [(45, 0), (5, 15)]


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"judged": 1}, "Tried on the one comment of the last 90 days that could be."),
        ({"judged": 1200}, "Tried on 1,200 comments of the last 90 days."),
        (
            {"judged": 2000, "is_cut": True},
            "Tried on the newest 2,000 comments of the last 90 days; there are more.",
        ),
        (
            {"judged": 30, "unknown": Counter({Missing.FACTS: 10})},
            "Tried on 20 comments of the last 90 days.",
        ),
    ],
)
def test_it_says_on_how_many_it_was_tried(fields, about):
    assert told(rehearsal(**fields), Viewer()).about == about


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ({}, ""),
        ({Missing.WORDS: 1}, "Of one more it cannot be told: 1 was deleted by its author."),
        (
            {Missing.WORDS: 7, Missing.FACTS: 30},
            "Of 37 more it cannot be told: 30 came from elsewhere, or before such facts were kept; "
            "7 were deleted by their authors.",
        ),
    ],
)
def test_it_says_of_how_many_it_cannot_be_told_and_why(unknown, said):
    assert told(rehearsal(unknown=Counter(unknown)), Viewer()).unknown == said


@pytest.mark.parametrize("why", Missing)
def test_every_reason_has_words(why):
    assert "2" in told(rehearsal(unknown=Counter({why: 2})), Viewer()).unknown


@pytest.mark.parametrize(
    ("move", "fate"),
    [
        (moves(1, fate=Fate.APPROVED, judge_id=7), "approved by you"),
        (moves(1, fate=Fate.SPAM, judge_id=8), "marked as spam by an editor"),
        (moves(1, fate=Fate.DELETED), "its author deleted it"),
        (moves(1), "public, nobody decided"),
        (moves(1, PENDING, APPROVED), "waits for a decision"),
        (moves(1, SPAM, PENDING), "in the spam, nobody decided"),
    ],
)
def test_each_comment_says_what_became_of_it(move, fate):
    (group,) = told(rehearsal(*move), Viewer()).groups
    assert group.rows[0].fate == fate


def test_what_was_kept_of_it_is_said_in_short():
    moved = [*moves(2), *moves(1, fate=Fate.SPAM), *moves(1, PENDING, APPROVED)]
    kept = rehearsal(*moved).as_json()
    assert kept_in_words(kept) == "Tried first: 3 more held; 1 fewer held."
    assert kept_in_words(rehearsal().as_json()) == "Tried first: all treated just the same."
    assert kept_in_words(None) == ""
