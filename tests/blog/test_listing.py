"""The list of posts: whose, narrowed to what, in which order, page by page."""

from datetime import timedelta
from itertools import product
from random import Random

import pytest
from bs4 import BeautifulSoup
from django.db.models import Q
from django.utils import timezone

from blog import publishing
from blog.models import Category, Post, PostKind, Series
from blog.room import finding
from blog.room.filters import Wanted
from tests.blog.received import put_into, receive_post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

LIST = "/write/"


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


def page(client, query=""):
    return BeautifulSoup(client.get(f"{LIST}?{query}").text, "html5lib")


def titles(client, query=""):
    return [each.text.strip() for each in page(client, query).select(".own-posts .teaser-title")]


def change(post, **fields):
    return publishing.keep(post, fields, actor=post.author, seen_version=post.text_version)


# --- whose ----------------------------------------------------------------------------------


def test_what_was_written_with_others_is_listed_too(writer, alice, mona, make_post):
    make_post(title="Alone", published=False)
    make_post(title="Together", author=mona, coauthors=[alice])
    make_post(title="By Mona", author=mona)
    assert titles(writer) == ["Together", "Alone"]


def test_editors_see_everybodys_posts_when_they_ask_for_them(editor, make_post, mona):
    make_post(title="By Alice", published=False)
    make_post(title="By Mona", author=mona)
    assert titles(editor) == ["By Mona"]
    assert titles(editor, "whose=all") == ["By Mona", "By Alice"]
    assert titles(editor, "author=Alice") == ["By Alice"]


def test_authors_see_their_own_whatever_they_ask_for(writer, mona, make_post):
    make_post(title="By Mona", author=mona)
    assert titles(writer, "whose=all") == []
    assert titles(writer, f"author={mona.pk}") == []
    assert titles(writer, f"whose=all&state=published&author={mona.pk}") == []


def test_contributors_see_what_was_published_of_theirs_and_edit_it_no_more(client, make_post):
    cleo = make_person("Cleo", "Contributor")
    make_post(title="Out", author=cleo)
    client.force_login(cleo)
    row = page(client).select_one(".own-posts li")
    assert row.select_one(".teaser-title").text.strip() == "Out"
    assert "Edit" not in row.text
    assert row.select_one("[name=chosen]") is None


# --- narrowed -------------------------------------------------------------------------------

STATES = ["draft", "review", "scheduled", "published", "private", "trash"]


@pytest.fixture
def one_in_each_state(alice):
    for state in STATES:
        put_into(receive_post(alice, title=f"Is {state}"), state)


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_a_list_of_its_own(one_in_each_state, writer, state):
    assert titles(writer, f"state={state}") == [f"Is {state}"]


def test_the_list_of_all_leaves_out_the_trash(one_in_each_state, writer):
    assert set(titles(writer)) == {f"Is {state}" for state in STATES} - {"Is trash"}


def test_tabs_say_how_many_there_are(one_in_each_state, writer):
    tabs = [tab.text.split() for tab in page(writer).select(".tabs a")]
    assert tabs == [
        ["All", "5"], ["Drafts", "1"], ["In", "review", "1"], ["Scheduled", "1"],
        ["Published", "1"], ["Private", "1"], ["Trash", "1"],
    ]  # fmt: skip


def test_a_tab_does_not_count_for_ever(writer, make_post, monkeypatch):
    monkeypatch.setattr(finding, "MOST_COUNTED", 2)
    monkeypatch.setattr("blog.room.listing.MOST_COUNTED", 2)
    for _each in range(3):
        make_post(published=False)
    assert page(writer).select_one(".tabs a .count").text == "2+"


@pytest.fixture
def shelf(make_post):
    bread = Category.objects.create(name="Bread & rolls", slug="bread")
    series = Series.objects.create(title="A year of loaves", slug="loaves")
    make_post(title="Rye", tags=["Baking"], categories=[bread], body="x")
    make_post(title="Wheat", tags=["Milling"], series=series, published=False)
    receive_post(Post.objects.all()[0].author, title="About", kind=PostKind.PAGE)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=Baking", ["Rye"]),
        ("tag=baking", ["Rye"]),
        ("category=bread", ["Rye"]),
        ("category=Bread+%26+rolls", ["Rye"]),
        ("series=A+year+of+loaves", ["Wheat"]),
        ("kind=page", ["About"]),
        ("kind=post&sort=title", ["Rye", "Wheat"]),
        ("words=heat", ["Wheat"]),
        ("words=HEAT+w", ["Wheat"]),
        ("words=bout&kind=page", ["About"]),
        ("tag=Baking&category=bread&state=published", ["Rye"]),
        ("tag=Baking&series=loaves", []),
        ("tag=Baking&state=draft", []),
    ],
)
def test_the_list_is_narrowed(shelf, writer, query, found):
    assert titles(writer, query) == found


def test_what_is_common_is_found_as_well_as_what_is_rare(shelf, writer, monkeypatch):
    monkeypatch.setattr(finding, "MOST_KEYS", 0)
    assert titles(writer, "tag=Baking&category=bread") == ["Rye"]
    assert titles(writer, "kind=page") == ["About"]
    assert titles(writer, "series=loaves&tag=Baking") == []


def test_a_post_is_found_by_its_address_and_by_the_title_that_it_will_have(writer, make_post):
    post = make_post(title="Old name", slug="chosen-address")
    assert titles(writer, "words=chosen") == ["Old name"]
    change(post, title="New name")
    assert titles(writer, "words=new") == ["New name"]


@pytest.mark.parametrize("typed", ["100%25", "a_b", "%5C", "%27", "%00", "%F0%9F%98%80"])
def test_signs_that_databases_know_are_words_like_others(writer, make_post, typed):
    make_post(title="Nothing of the kind")
    answer = writer.get(f"{LIST}?words={typed}")
    assert answer.status_code == 200
    assert "Nothing of the kind" not in answer.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("tag=none", "There is no such tag."),
        ("category=none", "There is no such category."),
        ("series=none", "There is no such series."),
        ("words=a+b+c+d+e+f+g", "Please look for 6 words at most."),
    ],
)
def test_what_cannot_be_looked_for_is_told_beside_its_field(writer, make_post, query, said):
    make_post(title="Rye")
    shown = page(writer, query)
    assert said in shown.select_one(".narrow").text
    assert shown.select(".own-posts .teaser-title") == []


AT_THE_EDGE = ["after=0001-01-01T00:00:00%2B14:00~1", "after=9999-12-31T23:59:59-14:00~1"]
NOBODYS = [
    "state=nowhere",
    "sort=nothing",
    "kind=x",
    "after=x",
    "whose=x",
    "after=~1",
    *AT_THE_EDGE,
]


@pytest.mark.parametrize("query", NOBODYS)
def test_an_address_that_nobody_made_is_no_error(writer, make_post, query):
    make_post()
    assert writer.get(f"{LIST}?{query}").status_code == 200


def test_changes_that_are_not_public_yet_are_listed_and_told(writer, make_post):
    changed, _plain, draft = make_post(title="Old"), make_post(), make_post(published=False)
    change(changed, title="New")
    change(draft, title="Draft still")
    assert titles(writer, "changes=waiting") == ["New"]
    assert "changes not yet public" in page(writer, "changes=waiting").select_one(".byline").text


def test_scheduled_changes_are_listed_and_told(writer, alice, make_post):
    post, _other = make_post(title="Old"), make_post()
    change(post, title="New")
    at = timezone.now() + timedelta(days=2)
    publishing.schedule_changes(post, actor=alice, at=at)
    assert titles(writer, "changes=planned") == ["New"]
    assert "changes scheduled for" in page(writer, "changes=planned").select_one(".byline").text


# --- in order, page by page -----------------------------------------------------------------


@pytest.fixture
def twelve(alice, make_post, monkeypatch):
    monkeypatch.setattr("blog.room.finding.A_PAGE", 5)
    monkeypatch.setattr(finding.find, "__defaults__", ("", 5))
    mona = make_person("Moira", "Author")
    for number in range(12):
        together = {"author": mona, "coauthors": [alice]} if number % 3 == 0 else {}
        make_post(title=f"Post {number:02}", **together)


def walk(client, query=""):
    """Return the titles of each page, as somebody finds them who goes on to the last."""
    pages, address = [], f"{LIST}?{query}"
    while address:
        shown = BeautifulSoup(client.get(address).text, "html5lib")
        pages.append([each.text.strip() for each in shown.select(".own-posts .teaser-title")])
        following = shown.select_one(".pager a[rel=next]")
        address = following and following["href"]
        assert len(pages) < 20
    return pages


@pytest.mark.parametrize("sort", ["", "published", "title"])
def test_pages_hold_every_post_once_and_in_order(writer, twelve, sort):
    names = [f"Post {number:02}" for number in range(12)]
    expected = names if sort == "title" else names[::-1]
    pages = walk(writer, f"sort={sort}")
    assert pages == [expected[:5], expected[5:10], expected[10:]]


def test_posts_of_one_moment_are_each_shown_once(writer, twelve):
    Post.objects.update(updated_at=timezone.now())
    assert len({title for shown in walk(writer) for title in shown}) == 12


@pytest.mark.parametrize("sort", ["", "title"])
def test_what_is_looked_for_among_many_is_found_bit_by_bit(writer, twelve, monkeypatch, sort):
    monkeypatch.setattr(finding, "FIRST_LOOK", 2)
    monkeypatch.setattr(finding, "MOST_LOOKED_AT", 3)
    pages = walk(writer, f"words=1&sort={sort}")
    found = [title for shown in pages for title in shown]
    expected = ["Post 01", "Post 10", "Post 11"]
    assert found == (expected if sort else expected[::-1])
    assert len(pages) > 1


@pytest.fixture
def sixty(alice, mona, make_post, monkeypatch):
    """Sixty posts of two people in eight minutes, looked at three and seven at a time."""
    monkeypatch.setattr(finding, "FIRST_LOOK", 3)
    monkeypatch.setattr(finding, "MOST_LOOKED_AT", 7)
    chance = Random(5)
    for number in range(60):
        author, other = chance.sample([alice, mona], 2)
        word = chance.choice(["Bread", "bread", "Salt", "Rye"])
        post = make_post(
            title=f"{word} {number % 3}", author=author, published=chance.random() < 0.6
        )
        if chance.random() < 0.2:
            post.coauthors.add(other)
        moment = timezone.now() - timedelta(minutes=chance.randrange(8))
        Post.objects.filter(pk=post.pk).update(updated_at=moment.replace(second=0, microsecond=0))


def test_what_is_found_bit_by_bit_is_what_one_question_finds(sixty, alice):
    sorts, words, states = ["", "published", "title"], ["bread", "1", "salt 2"], ["", "draft"]
    for person, sort, typed, state in product([None, alice.pk], sorts, words, states):
        wanted = Wanted(person=person, sort=sort, words=typed, state=state)
        posts = Post.objects.filter(finding.in_state(state))
        for word in typed.split():
            posts = posts.filter(Q(title__icontains=word) | Q(slug__icontains=word))
        if person:
            posts = posts.of(alice)
        ordered = finding.Order(sort).of(posts, None)
        assert found_by_fours(wanted) == [post.pk for post in ordered], wanted


def found_by_fours(wanted):
    found = finding.find(wanted, most=4)
    keys = found.keys
    while found.after:
        found = finding.find(wanted, found.after, most=4)
        keys += found.keys
    return keys


def test_a_page_that_looked_at_some_only_says_so(writer, twelve, monkeypatch):
    monkeypatch.setattr(finding, "FIRST_LOOK", 2)
    monkeypatch.setattr(finding, "MOST_LOOKED_AT", 3)
    shown = page(writer, "words=nothing")
    assert "Look further" in shown.select_one(".pager").text
    assert "older ones were not yet" in shown.select_one("main").text


def test_drafts_have_no_place_in_the_order_of_publication(writer, make_post):
    make_post(title="Out")
    make_post(title="Not yet", published=False)
    assert titles(writer, "sort=published") == ["Out"]


# --- what a row says ------------------------------------------------------------------------


def test_a_row_says_who_changed_it_last(writer, alice, mona, make_post):
    post = make_post(title="Rye", published=False)
    assert "by Alice" in page(writer).select_one(".byline").text
    publishing.save(post, {"body": "Mona's."}, actor=mona, seen_version=post.text_version)
    assert "by Mona" in page(writer).select_one(".byline").text
    post.refresh_from_db()
    change(post, body="Alice again")
    assert "by Alice" in page(writer).select_one(".byline").text


def test_a_row_of_what_waits_for_review_leads_to_it(editor, alice, make_post):
    waiting = publishing.submit(make_post(published=False), actor=alice)
    link = page(editor, "whose=all&state=review").select_one(
        f'[href="/write/{waiting.pk}/review/"]'
    )
    assert link.text.startswith("Review")


def test_the_trash_says_how_long_it_keeps_a_post(writer, alice):
    post = put_into(receive_post(alice), "trash")
    Post.objects.filter(pk=post.pk).update(trashed_at=timezone.now() - timedelta(days=28, hours=1))
    assert "2 days left" in page(writer, "state=trash").select_one(".byline").text


def test_what_was_being_written_last_is_offered_first(writer, make_post):
    for number in range(5):
        change(make_post(title=f"Post {number}", published=False), title=f"Begun {number}")
    offered = [each.text for each in page(writer).select(".go-on a")]
    assert offered == ["Begun 4", "Begun 3", "Begun 2"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Start with a title; the rest can wait."),
        ("state=draft", "There are no drafts."),
        ("state=trash", "The trash is empty."),
        ("state=scheduled", "Nothing is scheduled."),
        ("words=x", "No post matches."),
        ("after=2020-01-01T00:00:00%2B00:00~1", "There are no more posts."),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(writer, query, said):
    assert said in page(writer, query).select_one(".empty").text


def test_markup_in_a_title_is_a_title(writer, make_post):
    make_post(title="<b>Bold</b> & plain")
    assert titles(writer) == ["<b>Bold</b> & plain"]
    assert page(writer).select(".own-posts b") == []


def test_tags_are_offered_that_readers_find_or_a_post_of_ones_own_has(client, alice, carl, mona):
    receive_post(alice, tags=["Public"])
    put_into(receive_post(alice, tags=["Hidden"]), "draft")
    put_into(receive_post(carl, tags=["Own"]), "draft")
    everybodys = {alice: ["Hidden", "Public"], carl: ["Own", "Public"]}
    for person, expected in (everybodys | {mona: ["Hidden", "Own", "Public"]}).items():
        client.force_login(person)
        offered = page(client).select("#offered-tag option")
        assert [each["value"] for each in offered] == expected
