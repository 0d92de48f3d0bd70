"""A thread as ordered rows: order, nesting, pages, what each viewer sees, and the queries."""

import random

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from comments.moderation import Seen, delete, moderate
from comments.reading import Viewer, arrange, has_own, page_of, page_ranges, read_page
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def outline(page):
    """Return the page as text: one comment a line, indented by level."""
    return [
        "  " * row.level + ("†" if row.is_tombstone else "") + str(row.comment.number)
        for row in page.rows
    ]


def reread(thread, *args, **options):
    thread.refresh_from_db()
    return read_page(thread, *args, **options)


def remove(comment):
    comment.refresh_from_db()
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))


def test_replies_stand_under_what_they_answer_in_the_order_they_came(thread):
    first = make_comment(thread)
    second = make_comment(thread)
    answer = make_comment(thread, parent=first)
    make_comment(thread, parent=answer)
    make_comment(thread, parent=first)
    make_comment(thread, parent=second)
    assert outline(reread(thread)) == ["1", "  3", "    4", "  5", "2", "  6"]


def test_the_flat_rows_open_and_close_as_a_nested_list(thread):
    rng = random.Random(7)
    comments = [make_comment(thread)]
    for _number in range(60):
        comments.append(make_comment(thread, parent=rng.choice([None, *comments])))
    open_lists = 0
    for row in reread(thread).rows:
        assert row.level == open_lists
        open_lists += row.opens - row.closes
    assert open_lists == 0


def test_a_removed_comment_stays_as_a_tombstone_while_it_has_living_replies(thread):
    root = make_comment(thread)
    child = make_comment(thread, parent=root)
    make_comment(thread)
    remove(root)
    assert outline(reread(thread)) == ["†1", "  2", "3"]
    remove(child)
    assert outline(reread(thread)) == ["3"]
    root.refresh_from_db()
    moderate(root, Action.APPROVE, actor=None, seen=Seen.of(root))
    assert outline(reread(thread)) == ["1", "3"]


def test_a_deleted_comment_leaves_a_tombstone_without_a_word_of_it(thread):
    root = make_comment(thread, body="Secret.")
    make_comment(thread, parent=root)
    delete(root, actor=None, actor_name="Gus", seen=Seen.of(root))
    row = reread(thread).rows[0]
    assert (row.is_tombstone, row.comment.body_html) == (True, "")


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM])
def test_only_their_author_sees_what_waits_and_not_what_it_waits_for(thread, status):
    bob = get_user_model().objects.create_user("bob@example.org", display_name="Bob")
    eve = get_user_model().objects.create_user("eve@example.org", display_name="Eve")
    make_comment(thread)
    mine = make_comment(thread, author=bob, status=status)
    guests = make_comment(thread, status=status)
    for viewer in (
        Viewer(),
        Viewer(AnonymousUser()),
        Viewer(eve),
        Viewer(eve, frozenset({guests.submission_key})),
    ):
        assert outline(reread(thread, viewer=viewer)) == ["1"]
    row = reread(thread, viewer=Viewer(bob)).rows[-1]
    assert (row.comment, row.is_waiting, row.is_tombstone) == (mine, True, False)
    row = reread(thread, viewer=Viewer(AnonymousUser(), frozenset({guests.submission_key}))).rows[
        -1
    ]
    assert (row.comment, row.is_waiting) == (guests, True)


def test_a_guests_cookie_does_not_claim_an_accounts_comment(thread):
    bob = get_user_model().objects.create_user("bob@example.org", display_name="Bob")
    mine = make_comment(thread, author=bob, status=Status.PENDING)
    viewer = Viewer(AnonymousUser(), frozenset({mine.submission_key}))
    assert outline(reread(thread, viewer=viewer)) == []
    assert not has_own(thread, viewer)
    assert not viewer.wrote(mine)


def test_what_waits_below_a_removed_comment_is_still_in_its_place(thread):
    root = make_comment(thread)
    mine = make_comment(thread, parent=root, status=Status.PENDING)
    remove(root)
    viewer = Viewer(AnonymousUser(), frozenset({mine.submission_key}))
    assert outline(reread(thread, viewer=viewer)) == ["2"]


def test_pages_are_whole_branches(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 5
    roots = [make_comment(thread) for _number in range(4)]
    for _number in range(6):
        make_comment(thread, parent=roots[1])
    last = make_comment(thread, parent=roots[3])
    pages = [reread(thread, number) for number in (1, 2)]
    assert [len(page.rows) for page in pages] == [8, 3]
    assert (pages[0].previous, pages[0].next) == (None, 2)
    assert (pages[1].previous, pages[1].next) == (1, None)
    assert reread(thread, 99).number == 2
    assert reread(thread, -1).number == 1
    assert page_of(last) == 2
    last.thread.refresh_from_db()
    assert page_of(roots[1]) == 1


def test_pages_together_hold_every_comment_once(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 7
    rng = random.Random(3)
    comments = []
    for _number in range(50):
        comments.append(make_comment(thread, parent=rng.choice([None, None, *comments])))
    count = len(page_ranges(reread(thread).thread))
    shown = [row.comment.number for n in range(1, count + 1) for row in reread(thread, n).rows]
    assert sorted(shown) == list(range(1, 51))
    assert count > 2


@pytest.mark.parametrize(("comments", "queries"), [(0, 1), (12, 1), (30, 2)])
def test_a_page_takes_one_query_or_two_however_many_comments(
    thread, settings, django_assert_num_queries, comments, queries
):
    settings.COMMENTS_PAGE_SIZE = 20
    for _number in range(comments):
        make_comment(thread)
    thread.refresh_from_db()
    with django_assert_num_queries(queries):
        page = read_page(thread)
        for row in page.rows:
            assert row.comment.body_html
            assert row.comment.author_name


def test_deep_rows_name_whom_they_answer(thread):
    comment = None
    for _level in range(9):
        comment = make_comment(thread, parent=comment)
    rows = reread(thread).rows
    assert [row.names_parent for row in rows] == [False] * 6 + [True] * 3
    assert rows[-1].parent == rows[-2].comment
    assert [row.is_indented for row in rows] == [True] * 6 + [False] * 3


def test_the_name_of_a_removed_comments_author_is_not_shown_by_its_answer(thread):
    comments = [make_comment(thread)]
    for _level in range(8):
        comments.append(make_comment(thread, parent=comments[-1]))
    remove(comments[-2])
    rows = reread(thread).rows
    assert rows[-1].parent == comments[-2]
    assert not rows[-1].names_parent


def test_arranging_is_one_pass_and_does_not_care_what_is_missing(thread):
    root = make_comment(thread)
    child = make_comment(thread, parent=root)
    grandchild = make_comment(thread, parent=child)
    assert [row.level for row in arrange([root, grandchild])] == [0, 1]
    assert [row.level for row in arrange([grandchild])] == [0]
