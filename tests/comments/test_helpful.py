"""Marks of who found a comment helpful: set once, taken back, counted, and the order they make."""

import math

import pytest
from django.test import Client

from comments.helpful import OwnComment, Z, toggle
from comments.models import Comment, HelpfulMark, Thread
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def readers(count):
    return [make_person(f"Reader{number}") for number in range(count)]


def scores(thread):
    return dict(thread.comments.values_list("number", "score"))


def wilson(marks, of):
    """Source: Wilson (1927), the lower end of the interval for a proportion."""
    share = marks / of
    spread = Z * math.sqrt((share * (1 - share) + Z * Z / (4 * of)) / of)
    return (share + Z * Z / (2 * of) - spread) / (1 + Z * Z / of)


def test_a_mark_is_set_once_and_taken_back(thread, bob):
    comment = make_comment(thread)
    assert toggle(comment, bob) is True
    comment.refresh_from_db()
    assert (comment.helpful_count, HelpfulMark.objects.count()) == (1, 1)
    assert toggle(comment, bob) is False
    comment.refresh_from_db()
    assert (comment.helpful_count, comment.score, HelpfulMark.objects.count()) == (0, 0, 0)


def test_the_score_is_the_lower_bound_of_the_share_of_readers_who_marked(thread):
    first, second = make_comment(thread), make_comment(thread)
    people = readers(5)
    for person in people[:4]:
        toggle(first, person)
    toggle(second, people[4])
    assert scores(thread)[1] == pytest.approx(wilson(4, 5))
    assert scores(thread)[2] == pytest.approx(wilson(1, 5))


def test_a_late_comment_is_not_measured_by_readers_who_could_not_see_it(thread):
    early = make_comment(thread)
    people = readers(6)
    for person in people[:4]:
        toggle(early, person)
    thread.refresh_from_db()
    late = make_comment(Thread.objects.get(pk=thread.pk))
    for person in people[4:]:
        toggle(late, person)
    assert scores(thread)[2] == pytest.approx(wilson(2, 2))
    assert scores(thread)[1] == pytest.approx(wilson(4, 6))


def test_many_of_many_stand_before_one_of_one(thread):
    people = readers(5)
    first = make_comment(thread)
    for person in people[:4]:
        toggle(first, person)
    toggle(make_comment(thread), people[4])
    late = make_comment(Thread.objects.get(pk=thread.pk))
    toggle(late, make_person("Latecomer"))
    assert scores(thread)[1] > scores(thread)[3] > scores(thread)[2]


def test_who_takes_a_mark_back_and_sets_it_again_is_one_reader(thread, bob):
    comment = make_comment(thread)
    for _time in range(3):
        toggle(comment, bob)
    thread.refresh_from_db()
    assert thread.marker_count == 1
    assert scores(thread)[1] == pytest.approx(wilson(1, 1))


def test_nobody_marks_their_own(thread, bob):
    with pytest.raises(OwnComment):
        toggle(make_comment(thread, author=bob), bob)


def test_a_mark_costs_the_same_queries_in_a_long_thread(thread, bob, django_assert_num_queries):
    comments = [make_comment(thread) for _number in range(30)]
    for person in readers(3):
        for comment in comments[:10]:
            toggle(comment, person)
    with django_assert_num_queries(9):  # the savepoint's two among them
        toggle(comments[20], bob)


def test_the_page_has_a_button_for_who_is_signed_in_and_a_way_in_for_others(make_post, bob):
    thread = make_post().thread
    comment = make_comment(thread)
    address = f"/comments/{thread.pk}/{comment.number}/helpful/"
    stranger = Client()
    assert f'href="{address}"' in stranger.get(thread.url).text
    answer = stranger.get(address)
    assert (answer.status_code, "login" in answer["Location"]) == (302, True)
    bobs = Client()
    bobs.force_login(bob)
    assert bobs.get(address).status_code == 200
    assert not HelpfulMark.objects.exists(), "looking changes nothing"
    assert bobs.post(address).status_code == 303
    page = bobs.get(thread.url).text
    assert 'aria-pressed="true"' in page
    assert Comment.objects.get().helpful_count == 1
    checking = Client(enforce_csrf_checks=True)
    checking.force_login(bob)
    assert checking.post(address).status_code == 403
