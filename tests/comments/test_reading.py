"""A thread as ordered rows: order, nesting, pages, what each viewer sees, and the queries."""

import random
from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from comments.branches import excerpt_of
from comments.models import Comment
from comments.moderation import Seen, delete, moderate
from comments.paging import FIRST, Place, Sort
from comments.readers import Viewer
from comments.reading import arrange, read_page
from comments.rows import row_of
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def outline(page):
    """Return the page as text: one comment a line, indented by level."""
    return [
        "  " * row.level + ("†" if row.is_tombstone else "") + str(row.number) for row in page.rows
    ]


def reread(thread, place=FIRST, viewer=None):
    thread.refresh_from_db()
    return read_page(thread, place, viewer.own_comments if viewer else None)


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
    assert (row.is_tombstone, row.body_html) == (True, "")


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
    assert (row.pk, row.is_waiting, row.is_tombstone) == (mine.pk, True, False)
    row = reread(thread, viewer=Viewer(AnonymousUser(), frozenset({guests.submission_key}))).rows[
        -1
    ]
    assert (row.pk, row.is_waiting) == (guests.pk, True)


def test_a_guests_cookie_does_not_claim_an_accounts_comment(thread):
    bob = get_user_model().objects.create_user("bob@example.org", display_name="Bob")
    mine = make_comment(thread, author=bob, status=Status.PENDING)
    viewer = Viewer(AnonymousUser(), frozenset({mine.submission_key}))
    assert outline(reread(thread, viewer=viewer)) == []
    assert not viewer.wrote(mine)


def test_what_waits_below_a_removed_comment_is_still_in_its_place(thread):
    root = make_comment(thread)
    mine = make_comment(thread, parent=root, status=Status.PENDING)
    remove(root)
    viewer = Viewer(AnonymousUser(), frozenset({mine.submission_key}))
    assert outline(reread(thread, viewer=viewer)) == ["2"]


def grow(thread, count, seed=3):
    rng = random.Random(seed)
    comments = []
    for _number in range(count):
        comments.append(make_comment(thread, parent=rng.choice([None, None, *comments])))
    return comments


def numbers(page):
    return [row.number for row in page.rows]


def walk(thread, sort=Sort.OLDEST):
    """Return every page of a thread, following the links onward."""
    pages = [reread(thread, Place(sort=sort))]
    while pages[-1].next:
        pages.append(reread(thread, pages[-1].next))
    return pages


def test_pages_are_whole_branches_and_lead_to_one_another(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 5
    roots = [make_comment(thread) for _number in range(4)]
    for _number in range(2):
        make_comment(thread, parent=roots[1])
    make_comment(thread, parent=roots[3])
    first, second = walk(thread)
    assert [outline(page) for page in (first, second)] == [
        ["1", "2", "  5", "  6", "3"],
        ["4", "  7"],
    ]
    assert (first.previous, first.place.query) == (None, "")
    assert second.place.query == "?after=3"
    assert second.previous.query == "?before=4"
    assert outline(reread(thread, second.previous)) == outline(first)


def test_a_place_that_is_not_there_gives_the_first_page(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 5
    grow(thread, 12)
    assert numbers(reread(thread, Place(cursor="after", number=999))) == numbers(reread(thread))
    assert reread(thread, Place(branch=999)).place.is_first


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_pages_of_every_sort_hold_every_root_once_and_no_comment_twice(
    thread, settings, sort, seed
):
    settings.COMMENTS_PAGE_SIZE = 8
    comments = grow(thread, 60, seed)
    pages = walk(thread, sort)
    shown = [number for page in pages for number in numbers(page)]
    roots = {comment.number for comment in comments if not comment.depth}
    assert len(shown) == len(set(shown))
    assert roots <= set(shown)
    folded = sum(row.more for page in pages for row in page.rows)
    assert len(shown) + folded == 60
    assert len(pages) >= 3
    assert all(len(page.rows) <= 8 for page in pages)


@pytest.mark.parametrize("sort", Sort)
def test_the_way_back_leads_over_the_same_comments(thread, settings, sort):
    settings.COMMENTS_PAGE_SIZE = 8
    grow(thread, 60)
    there = walk(thread, sort)
    back = [there[-1]]
    while back[-1].previous:
        back.append(reread(thread, back[-1].previous))
        assert len(back) < 40, "going round in circles"
    seen = {number for page in back for number in numbers(page)}
    assert {row.number for page in there for row in page.rows if not row.level} <= seen
    assert numbers(back[-1])[0] == numbers(there[0])[0]


def test_the_sorts_put_the_branches_in_their_order_and_keep_talk_order_within(thread):
    first, second, third = (make_comment(thread) for _number in range(3))
    answer = make_comment(thread, parent=second)
    make_comment(thread, parent=second)
    make_comment(thread, parent=answer)
    make_comment(thread, parent=third)
    Comment.objects.filter(pk=first.pk).update(score=0.2)
    Comment.objects.filter(pk=third.pk).update(score=0.7)
    order = {sort: numbers(reread(thread, Place(sort=sort))) for sort in Sort}
    assert order[Sort.OLDEST] == [1, 2, 4, 6, 5, 3, 7]
    assert order[Sort.NEWEST] == [3, 7, 2, 4, 6, 5, 1]
    assert order[Sort.REPLIES] == [2, 4, 6, 5, 3, 7, 1]
    assert order[Sort.BEST] == [3, 7, 1, 2, 4, 6, 5]


@pytest.mark.parametrize("sort", Sort)
def test_a_long_thread_is_in_the_order_of_a_short_one(thread, settings, sort):
    comments = grow(thread, 40)
    for comment in comments:
        Comment.objects.filter(pk=comment.pk).update(score=comment.number % 5 / 10)
    whole = [row.number for row in reread(thread, Place(sort=sort)).rows if not row.level]
    settings.COMMENTS_PAGE_SIZE = 10
    parts = [row.number for page in walk(thread, sort) for row in page.rows if not row.level]
    assert parts == whole


def test_a_long_branch_folds_its_tail_and_the_tail_has_a_page_in_context(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 6
    root = make_comment(thread, author_name="Ann", body="Where it began. " * 20)
    child = make_comment(thread, parent=root, author_name="Ben")
    for _number in range(9):
        make_comment(thread, parent=child)
    make_comment(thread)
    page = reread(thread)
    assert numbers(page) == [1, 2, 3, 4, 5, 6]
    assert page.rows[-1].more == 5
    tail = reread(thread, Place(branch=1, cursor="after", number=6))
    assert numbers(tail) == [7, 8, 9, 10, 11]
    assert [(quoted.number, quoted.name) for quoted in tail.ancestors] == [(1, "Ann"), (2, "Ben")]
    assert len(tail.ancestors[0].excerpt) <= 140
    assert tail.next is None
    alone = reread(thread, Place(branch=4))
    assert (numbers(alone), [quoted.number for quoted in alone.ancestors]) == ([4], [1, 2])
    onward = reread(thread, page.next)
    assert numbers(onward) == [12]


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.REPLIES, Sort.BEST])
def test_other_sorts_fold_a_long_branch_after_as_many(thread, settings, sort):
    settings.COMMENTS_PAGE_SIZE = 6
    root = make_comment(thread)
    for _number in range(9):
        make_comment(thread, parent=root)
    make_comment(thread)
    pages = walk(thread, sort)
    rows = [row for page in pages for row in page.rows]
    assert [row.number for row in rows if row.root == root.path] == [1, 2, 3]
    assert [row.more for row in rows if row.more] == [7]


@pytest.mark.parametrize("comments", [0, 12, 30])
@pytest.mark.parametrize("sort", Sort)
def test_a_page_takes_one_query_or_two_however_many_comments(
    thread, settings, django_assert_num_queries, comments, sort
):
    settings.COMMENTS_PAGE_SIZE = 20
    queries = 2 if comments > 20 and sort != Sort.OLDEST else 1
    for _number in range(comments):
        make_comment(thread)
    thread.refresh_from_db()
    with django_assert_num_queries(queries):
        read_page(thread, Place(sort=sort))


def test_arranging_is_one_pass_and_does_not_care_what_is_missing(thread):
    root = make_comment(thread)
    child = make_comment(thread, parent=root)
    grandchild = make_comment(thread, parent=child)
    rows = [row_of(comment) for comment in (root, grandchild)]
    assert [row.level for row in arrange(rows)] == [0, 1]
    assert [row.level for row in arrange([row_of(grandchild)])] == [0]


def test_rows_know_the_next_on_their_level(thread):
    first = make_comment(thread)
    answer = make_comment(thread, parent=first)
    make_comment(thread, parent=answer)
    make_comment(thread, parent=first)
    make_comment(thread)
    assert {row.number: row.next_number for row in reread(thread).rows} == {
        1: 5, 2: 4, 3: 0, 4: 0, 5: 0
    }  # fmt: skip


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("number", [2, 30])
def test_a_pinned_comment_stands_first_wherever_it_is(
    thread, settings, django_assert_max_num_queries, sort, number
):
    grow(thread, 40)
    thread.refresh_from_db()
    thread.pinned_number = number
    whole = read_page(thread, Place(sort=sort))
    settings.COMMENTS_PAGE_SIZE = 10
    with django_assert_max_num_queries(2):
        page = read_page(thread, Place(sort=sort))
    assert whole.pinned.number == page.pinned.number == number
    assert len(page.rows) <= 10
    assert read_page(thread, page.next).pinned is None


def test_a_pinned_comment_that_was_removed_is_not_shown(thread):
    comment = make_comment(thread)
    make_comment(thread, parent=comment)
    thread.refresh_from_db()
    thread.pinned_number = comment.number
    remove(comment)
    assert read_page(thread).pinned is None


def test_the_newest_fill_a_page_as_the_oldest_do(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 60
    for _number in range(70):
        make_comment(thread)
    assert numbers(reread(thread, Place(sort=Sort.NEWEST))) == list(range(70, 10, -1))


def test_a_thread_of_one_long_branch_ends_where_it_ends(thread, settings):
    settings.COMMENTS_PAGE_SIZE = 6
    root = make_comment(thread)
    for _number in range(20):
        make_comment(thread, parent=root)
    page = reread(thread)
    assert (page.rows[-1].more, page.next) == (15, None)
    later = make_comment(thread)
    assert reread(thread).next == Place(cursor="after", number=1)
    assert numbers(reread(thread, Place(cursor="after", number=1))) == [later.number]
    for _number in range(9):
        make_comment(thread, parent=later)
    last = reread(thread, Place(cursor="after", number=1))
    assert (last.rows[-1].more, last.next) == (4, None)


def test_a_deep_branch_quotes_its_root_and_the_nearest(thread):
    comment = None
    for _level in range(12):
        comment = make_comment(thread, parent=comment)
    page = reread(thread, Place(branch=12))
    assert [quoted.number for quoted in page.ancestors] == [1, 8, 9, 10, 11]


@pytest.mark.parametrize("place", [Place(branch=99), Place(branch=1), Place(branch=99, number=2)])
def test_a_branch_or_a_place_in_it_that_is_not_there_gives_the_first_page(thread, place):
    first = make_comment(thread)
    make_comment(thread, parent=first)
    make_comment(thread)
    place = replace(place, cursor="after", number=place.number or 98)
    assert outline(reread(thread, place)) == ["1", "  2", "3"]


@pytest.mark.parametrize(
    ("html", "excerpt"),
    [
        ("<p>R&amp;D</p>", "R&D"),
        ("<p>One</p><p>two &lt;three&gt;</p>", "One two <three>"),
        ("<p>" + "word " * 200 + "</p>", "word " * 26 + "word…"),
        ("<p>" + "w" * 5_000 + "</p>", "w" * 139 + "…"),
    ],
)
def test_what_is_quoted_short_is_text_again(html, excerpt):
    assert excerpt_of(html) == excerpt
