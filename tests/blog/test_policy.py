"""Who may do what with which post, told of one post and of all alike."""

import pytest
from django.contrib.auth.models import Permission

from blog import policy, publishing
from blog.models import Post, PostStatus
from blog.states import MOVES, Act
from tests.blog.in_state import STATES, put

pytestmark = pytest.mark.django_db

PEOPLE = ("eve", "bob", "carl", "alice", "mona", "ada")


@pytest.fixture
def posts(request, make_post):
    """Return a post of each state for each author, and one that each writes along in."""
    people = [request.getfixturevalue(name) for name in ("carl", "alice", "mona")]
    return [
        put(make_post(published=False, author=author, coauthors=others), state)
        for author in people
        for others in ([], [people[0]], [people[1]])
        for state in STATES
    ]


@pytest.mark.parametrize("name", PEOPLE)
def test_of_one_post_it_says_what_it_says_of_all(request, posts, name):
    person = request.getfixturevalue(name)
    editable = set(policy.editable_by(person).values_list("pk", flat=True))
    assert {post.pk for post in posts if policy.may_write(person, post)} == editable
    readable = set(policy.readable_by(person).values_list("pk", flat=True))
    assert {post.pk for post in posts if policy.may_read_draft(person, post)} == readable
    assert editable <= readable


def test_a_post_read_with_its_people_is_judged_without_a_query(
    posts, carl, django_assert_num_queries
):
    carl.has_perm("blog.add_post")
    read = list(Post.objects.with_coauthors())
    with django_assert_num_queries(0):
        assert any(policy.may_write(carl, post) for post in read)


# --- what a contributor does and does not ------------------------------------------------------


def test_a_contributor_submits_takes_back_and_throws_away_and_no_more(carl, make_post):
    post = make_post(published=False, author=carl)
    assert policy.acts_open_to(carl, post) == [Act.SUBMIT, Act.TRASH]
    assert policy.acts_open_to(carl, put(post, "review")) == [Act.WITHDRAW, Act.TRASH]
    assert policy.acts_open_to(carl, put(post, "trash")) == [Act.RESTORE]
    post = put(post, "published")
    assert policy.acts_open_to(carl, post) == []
    assert policy.may_read_draft(carl, post)
    assert not policy.may_write(carl, post)
    assert not policy.may_share(carl, post)
    assert not policy.may_upload(carl)


def test_what_readers_knew_once_a_contributor_does_not_throw_away(carl, mona, make_post):
    post = publishing.publish(make_post(published=False, author=carl), actor=mona)
    post = publishing.unpublish(post, actor=mona)
    assert policy.may_write(carl, post)
    assert not policy.may_move(carl, post, Act.TRASH)


# --- what a co-author does and does not --------------------------------------------------------


@pytest.mark.parametrize("act", MOVES, ids=str)
@pytest.mark.parametrize("state", ["draft", "review", "published"])
def test_a_co_author_does_what_the_author_does_but_throw_it_away(
    alice, mona, make_post, act, state
):
    post = put(make_post(published=False, author=mona, coauthors=[alice]), state)
    own = put(make_post(published=False, author=alice), state)
    expected = policy.may_move(alice, own, act) and act not in (Act.TRASH, Act.RESTORE)
    assert policy.may_move(alice, post, act) == expected


def test_a_co_author_does_nothing_with_what_the_author_threw_away(alice, mona, make_post):
    post = put(make_post(published=False, author=mona, coauthors=[alice]), "trash")
    assert policy.acts_open_to(alice, post) == []
    assert Act.RESTORE in policy.acts_open_to(mona, post)


def test_who_is_no_co_author_any_more_writes_no_more(alice, carl, make_post):
    post = make_post(published=False, coauthors=[carl])
    assert policy.may_write(carl, post)
    publishing.save(post, {"coauthors": []}, actor=alice, seen_version=post.text_version)
    assert not policy.may_write(carl, Post.objects.get())


# --- editors ------------------------------------------------------------------------------------


def test_editors_see_what_waits_and_nobody_else(alice, carl, mona, ada, make_post):
    waiting = put(make_post(published=False, author=carl), "review")
    make_post(published=False, author=carl)
    seen = {person: list(policy.waiting_for_review(person)) for person in (alice, carl, mona, ada)}
    assert seen == {alice: [], carl: [], mona: [waiting], ada: [waiting]}


def test_the_people_who_review_are_those_who_may(alice, carl, mona, ada, bob, eve):
    assert set(policy.people_who_review()) == {mona, ada}


@pytest.mark.parametrize("name", PEOPLE)
def test_only_editors_mend_labels_and_review(request, name):
    person = request.getfixturevalue(name)
    is_editor = name in {"mona", "ada"}
    assert policy.may_edit_labels(person) == policy.may_review(person) == is_editor


def test_a_right_given_to_a_person_counts_as_one_of_their_role(eve):
    eve.user_permissions.set(Permission.objects.filter(codename="add_post"))
    assert eve in policy.people_who_write()


def test_every_status_is_judged():
    assert set(STATES) - {"scheduled"} == set(PostStatus.values)
