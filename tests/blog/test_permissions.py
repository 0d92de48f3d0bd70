"""Who gets in where: each route of the writing room by role, whose post it is, and its state.

The table is the whole of it. A route that is not in it fails the build: add its row to ROUTES.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from blog import policy, publishing, roles, urls
from blog.models import Picture, Post, ReviewNote, Revision, Series, ShareLink, Tag, WorkingCopy
from blog.states import OUT
from tests.blog.in_state import STATES, put
from tests.cast import make_person

pytestmark = pytest.mark.django_db

ROLES = {
    "nobody": "no account",
    "eve": "no role",
    "bob": "Reader",
    "carl": "Contributor",
    "alice": "Author",
    "mona": "Editor",
    "ada": "Administrator",
}
PEOPLE = tuple(ROLES)
# It is their own, they are a co-author of it, or it is neither.
WHOSE = ("own", "with", "other")

# --- what there is to be answered ---------------------------------------------------------------

IN = "in"  # it is done, or refused for what was typed
NO = "no"  # 403, in words: the post is theirs to see, the act is not theirs to do
HIDDEN = "hidden"  # 404: they learn nothing of it, not even that it is there
UNTOUCHED = "untouched"  # 200: it is told that nothing was done with it
AWAY = "away"  # signed out or without a role: to sign in, or 401 or 403
ANSWERS = {
    IN: {200, 201, 202, 204, 302, 303, 400, 409, 413, 415, 422},
    NO: {403},
    HIDDEN: {404},
    UNTOUCHED: {200},
    AWAY: {302, 401, 403},
}

# --- the table ----------------------------------------------------------------------------------

#                  draft review publ. unl. priv. arch. trash sched.
WRITES = """
    carl   own       x      x     .     .     .    .     x     .
    carl   with      x      x     .     .     .    .     x     .
    carl   other     .      .     .     .     .    .     .     .
    alice  own       x      x     x     x     x    x     x     x
    alice  with      x      x     x     x     x    x     x     x
    alice  other     .      .     .     .     .    .     .     .
    mona   own       x      x     x     x     x    x     x     x
    mona   with      x      x     x     x     x    x     x     x
    mona   other     x      x     x     x     x    x     x     x
    ada    own       x      x     x     x     x    x     x     x
    ada    with      x      x     x     x     x    x     x     x
    ada    other     x      x     x     x     x    x     x     x
"""
Cells = dict[tuple[str, str, str], str]


def read_table(text: str) -> Cells:
    cells = {}
    for line in text.split("\n"):
        if line.strip():
            who, whose, *marks = line.split()
            for state, mark in zip(STATES, marks, strict=True):
                cells[who, whose, state] = IN if mark == "x" else HIDDEN
    # Nobody's post is theirs, so two states of them are enough.
    for who in ("nobody", "eve", "bob"):
        cells |= {(who, whose, state): AWAY for whose in WHOSE for state in ("draft", "published")}
    return cells


def but_not(cells: Cells, *rows: str, states: tuple[str, ...] = STATES) -> Cells:
    """Return a table in which these rows are refused where they were let in."""
    return {
        (who, whose, state): NO
        if answer == IN and state in states and {who, f"{who} {whose}"} & set(rows)
        else answer
        for (who, whose, state), answer in cells.items()
    }


# Who writes in a post sees it, previews it, and leaves notes on it.
WRITERS = read_table(WRITES)
# A contributor's own drafts are an editor's to publish.
PUBLISHERS = but_not(WRITERS, "carl")
REVIEWERS = but_not(WRITERS, "carl", "alice")
# What is thrown away is its author's, or an editor's, to take out again; nobody else reads it.
MOVERS = but_not(PUBLISHERS, "alice with", states=("trash",))
# Out of the trash it comes to the desk, where a contributor's own belongs.
TAKERS_BACK = MOVERS | {("carl", "own", "trash"): IN}
SHARERS = but_not(WRITERS, *PEOPLE, states=("trash",))


def by_role(*who: str) -> Cells:
    """Return a table of what is about no post: these are let in, all others are not."""
    answers = dict.fromkeys(PEOPLE, NO) | dict.fromkeys(who, IN) | {"nobody": AWAY}
    return {(each, "own", "draft"): answer for each, answer in answers.items()}


ALL_WHO_WRITE = by_role("carl", "alice", "mona", "ada")


EDITORS = by_role("mona", "ada")
UPLOADERS = by_role("alice", "mona", "ada")
# The picture is Zoe's.
DESCRIBERS = UPLOADERS | {("alice", "own", "draft"): HIDDEN}
COVERERS = {
    cell: HIDDEN if answer == IN and cell[0] == "alice" else answer
    for cell, answer in PUBLISHERS.items()
}
EVERYBODY = by_role(*PEOPLE) | {("nobody", "own", "draft"): IN}
# Of many posts at once, those of others are left alone.
MANY = {
    cell: {"carl": NO, "alice": UNTOUCHED}.get(cell[0], answer) if answer == HIDDEN else answer
    for cell, answer in PUBLISHERS.items()
}


@dataclass(frozen=True)
class Row:
    """A route, and how it is asked: for a post, where the cells are about one."""

    method: str
    name: str
    cells: Cells
    data: dict[str, Any] = field(default_factory=dict)
    # What stands in its address beside the post's number.
    args: dict[str, Any] = field(default_factory=dict)

    @property
    def is_about_a_post(self) -> bool:
        return len(self.cells) > len(PEOPLE)

    def __str__(self) -> str:
        pressed = str(self.data.get("action", ""))
        return " ".join([self.method, self.name, pressed, "" if self.is_about_a_post else "at all"])


# Of a picture, a tag and a series; no database gives this number to the next new one.
ROW = 5_000_000
TYPED = {"title": "T", "body": "B", "version": "0"}
ROUTES = [
    Row("get", "my_posts", ALL_WHO_WRITE),
    Row("get", "write", ALL_WHO_WRITE),
    Row("post", "write", ALL_WHO_WRITE, TYPED | {"action": "save"}),
    Row("get", "edit", WRITERS),
    Row("post", "edit", WRITERS, TYPED | {"action": "save"}),
    Row("post", "edit", WRITERS, TYPED | {"action": "preview"}),
    Row("post", "edit", WRITERS, TYPED | {"action": "discard_changes"}),
    Row("post", "edit", PUBLISHERS, TYPED | {"action": "publish"}),
    Row("post", "edit", PUBLISHERS, TYPED | {"action": "schedule"}),
    Row("post", "edit", PUBLISHERS, TYPED | {"action": "publish_changes"}),
    Row("post", "edit", PUBLISHERS, TYPED | {"action": "schedule_changes"}),
    Row("post", "edit", PUBLISHERS, TYPED | {"action": "unschedule_changes"}),
    Row("post", "live_preview", ALL_WHO_WRITE, TYPED),
    Row("post", "live_preview", WRITERS, TYPED),
    Row("get", "preview", WRITERS),
    Row("get", "checklist", WRITERS),
    Row("post", "edit", PUBLISHERS, TYPED | {"action": "choose_cover"}),
    Row("get", "choose_cover", PUBLISHERS),
    Row("post", "choose_cover", COVERERS, {"picture": f"{ROW}", "version": "0"}),
    # kept while somebody types
    Row("post", "autosave_new", ALL_WHO_WRITE, TYPED),
    Row("post", "autosave", WRITERS, TYPED),
    Row("post", "here", WRITERS),
    Row("post", "merge", WRITERS, TYPED),
    Row("get", "signed_in", EVERYBODY),
    # moves
    Row("post", "publish", MOVERS),
    Row("post", "unpublish", TAKERS_BACK),
    Row("get", "quick", WRITERS),
    Row("post", "quick", WRITERS, {"title": "T", "version": "0"}),
    Row("post", "many", MANY, {"deed": "publish", "chosen": "{pk}"}),
    Row("post", "undo_many", ALL_WHO_WRITE),
    Row("post", "move", PUBLISHERS, {"act": "lock", "password": "let me in"}),
    Row("post", "move", MOVERS, {"act": "private"}),
    Row("get", "post_log", WRITERS),
    # review and outsiders
    Row("get", "review", WRITERS),
    Row("post", "review", WRITERS, {"action": "note", "body": "A note."}),
    Row("post", "review", WRITERS, {"action": "aside", "note": "1"}),
    Row("post", "review", REVIEWERS, {"action": "approve", "seen": "1"}),
    Row("post", "review", REVIEWERS, {"action": "schedule", "seen": "1", "at": "2999-01-01 09:00"}),
    Row("post", "review", REVIEWERS, {"action": "return", "seen": "1", "reason": "Shorter."}),
    Row("get", "share", WRITERS),
    Row("post", "share", SHARERS, {"action": "make", "lasts": "7"}),
    # what was written before
    Row("get", "history", WRITERS),
    Row("get", "compare", WRITERS, {"from": "0", "to": "1"}),
    Row("get", "revision", WRITERS, args={"number": 1}),
    Row("get", "revision_preview", WRITERS, args={"number": 1}),
    Row("post", "restore", WRITERS, {"fields": "body", "version": "0"}, args={"number": 1}),
    # other shapes of it
    Row("get", "convert", WRITERS),
    Row("post", "convert", WRITERS, {"version": "0"}),
    Row("get", "post_file", WRITERS),
    Row("get", "import_into", WRITERS),
    Row("post", "import_into", WRITERS),
    Row("get", "import_file", ALL_WHO_WRITE),
    Row("post", "import_file", ALL_WHO_WRITE),
    # pictures
    Row("get", "library", UPLOADERS),
    Row("post", "library", UPLOADERS),
    Row("get", "pick_picture", UPLOADERS),
    Row("get", "picture", DESCRIBERS, args={"pk": ROW}),
    Row("post", "picture", DESCRIBERS, {"alt": "A loaf"}, args={"pk": ROW}),
    Row("get", "remove_picture", DESCRIBERS, args={"pk": ROW}),
    Row("post", "remove_picture", DESCRIBERS, args={"pk": ROW}),
    Row("post", "upload_picture", UPLOADERS),
    Row("post", "describe_picture", DESCRIBERS, {"alt": "A loaf"}, args={"pk": ROW}),
    # tags, categories and series
    Row("get", "series_list", EDITORS),
    Row("post", "series_list", EDITORS, {"title": "On flour"}),
    Row("get", "edit_series", EDITORS, args={"pk": ROW}),
    Row("post", "edit_series", EDITORS, {"title": "On flour"}, args={"pk": ROW}),
    Row("get", "labels", EDITORS),
    Row("get", "merge_labels", EDITORS),
    Row("post", "merge_labels", EDITORS),
    Row("get", "edit_label", EDITORS, args={"kind": "tag", "pk": ROW}),
    Row("post", "edit_label", EDITORS, {"name": "Rye"}, args={"kind": "tag", "pk": ROW}),
]


# --- and whether it is true ---------------------------------------------------------------------


@pytest.fixture
def post(make_post):
    """Return a draft of Zoe's that was changed once; she has a picture, too."""
    cache.clear()
    zoe = make_person("Zoe", "Author")
    Picture.objects.create(pk=ROW, file="pictures/x.jpg", width=1, height=1, uploader=zoe, alt="A")
    Tag.objects.create(pk=ROW, name="Bread", slug="bread")
    Series.objects.create(pk=ROW, title="On bread", slug="on-bread")
    post = make_post(published=False, author=zoe, title="Zephyrine", body="First.")
    return publishing.save(post, {"body": "Second."}, actor=zoe, seen_version=post.text_version)


def theirs(post: Post, person: Any, whose: str) -> None:
    """Make a post somebody's own, or one that they write along in."""
    if person is not None and whose == "own":
        Post.objects.filter(pk=post.pk).update(author=person)
    if person is not None and whose == "with":
        post.coauthors.set([person])


def state_of_affairs() -> list[Any]:
    """Return all that a refusal must leave as it was."""
    columns = [field.attname for field in Post._meta.concrete_fields]
    tables = (WorkingCopy, Revision, ReviewNote, ShareLink, Picture, Post.coauthors.through)
    return [list(Post.objects.values_list(*columns)), *(table.objects.count() for table in tables)]


def ask(client: Any, row: Row, post: Post, **more: Any) -> Any:
    args = ({"pk": post.pk} if is_in_the_address(row) else {}) | row.args
    data = {name: value.replace("{pk}", str(post.pk)) for name, value in row.data.items()}
    address = reverse(f"blog:{row.name}", kwargs=args)
    return getattr(client, row.method)(address, data | more)


def is_in_the_address(row: Row) -> bool:
    """Tell whether a route has the post's number in its address; some carry it in their form."""
    return row.is_about_a_post and any("pk" in takes for takes in addresses()[row.name])


def addresses() -> dict[str, list[dict[str, Any]]]:
    """Return what each route of the writing room takes in its address, by its name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in urls.urlpatterns:
        if str(each.pattern).startswith("write/"):
            found.setdefault(str(each.name), []).append(each.pattern.converters)
    return found


@pytest.fixture
def people(request):
    """Return everybody with a browser of their own."""
    everybody = {}
    for who in PEOPLE:
        person, client = None, Client()
        if who != "nobody":
            client.force_login(person := request.getfixturevalue(who))
        everybody[who] = person, client
    return everybody


@pytest.mark.parametrize("row", ROUTES, ids=str)
def test_who_gets_in_where(people, post, row):
    wrong = []
    for (who, whose, state), expected in row.cells.items():
        person, client = people[who]
        with transaction.atomic():
            put(post, state)
            theirs(post, person, whose)
            before = state_of_affairs()
            response = ask(client, row, post)
            got = f"{who} {whose} {state}: {response.status_code}, and not {expected}"
            if not is_answer(response, expected):
                wrong.append(got)
            if (expected != IN or row.method == "get") and state_of_affairs() != before:
                wrong.append(f"{got}, and something was changed")
            if expected == HIDDEN and "Zephyrine" in response.text:
                wrong.append(f"{got}, and its title was told")
            transaction.set_rollback(True)
    assert wrong == []


def is_answer(response: Any, expected: str) -> bool:
    if response.status_code == 302 and expected == AWAY:
        return response["Location"].startswith("/accounts/login/?next=")
    return response.status_code in ANSWERS[expected]


def test_every_route_of_the_writing_room_is_in_the_table():
    missing = {name: len(takes) for name, takes in addresses().items()}
    for name, is_about in {(row.name, row.is_about_a_post) for row in ROUTES}:
        missing[name] = missing.get(name, 0) - 1
        assert name in addresses(), f"{name} is no route any more: take it out ({is_about})."
    left = sorted(name for name, count in missing.items() if count > 0)
    assert left == [], f"Nobody has said who may go where: add rows for {left} to ROUTES."


def test_every_role_is_in_the_table():
    assert set(roles.ROLES) == set(ROLES.values()) - {"no account", "no role"}


@pytest.mark.parametrize("row", [each for each in ROUTES if each.cells is WRITERS], ids=str)
def test_the_table_says_what_the_policy_says(request, post, row):
    for (who, whose, state), answer in row.cells.items():
        if who == "nobody":
            continue
        person = request.getfixturevalue(who)
        with transaction.atomic():
            put(post, state)
            theirs(post, person, whose)
            current = Post.objects.get(pk=post.pk)
            assert policy.may_write(person, current) == (answer == IN), (who, whose, state)
            transaction.set_rollback(True)


# --- a number is no key -------------------------------------------------------------------------

ABOUT_A_POST = [row for row in ROUTES if is_in_the_address(row)]


@pytest.mark.parametrize("row", ABOUT_A_POST, ids=str)
def test_the_number_of_no_post_is_found_nowhere(client, mona, row):
    client.force_login(mona)
    for number in (0, 999_999, 2**63 - 1, 2**63, 10**30):
        address = reverse(f"blog:{row.name}", kwargs={"pk": number} | row.args)
        assert getattr(client, row.method)(address, row.data).status_code == 404


def test_every_number_in_an_address_is_a_number():
    for pattern in urls.urlpatterns:
        if str(pattern.pattern).startswith("write/"):
            numbers = {name: kind for name, kind in pattern.pattern.converters.items()
                       if name in {"pk", "number", "note"}}  # fmt: skip
            assert all(isinstance(kind, IntConverter) for kind in numbers.values()), pattern


# --- what nobody was asked for --------------------------------------------------------------------

FORGED = {
    "author": "{mona}", "author_id": "{mona}", "owner": "{mona}", "actor": "{mona}",
    "maker": "{mona}", "status": "published", "published_at": "2020-01-01T00:00",
    "first_public_at": "2020-01-01T00:00", "trashed_at": "2020-01-01T00:00", "is_sticky": "on",
    "password": "x", "feed_id": "x", "thread": "1", "kind": "page", "creation_key": "x",
    "text_version": "99", "body_html": "<script>x</script>", "pk": "1", "id": "1",
}  # fmt: skip
# Of a post, what no form of the room writes but by the act that is named for it.
GUARDED = (
    "author_id", "is_sticky", "password", "feed_id", "thread_id", "kind", "published_at",
    "first_public_at",
)  # fmt: skip


@pytest.mark.parametrize("row", [each for each in ROUTES if each.method == "post"], ids=str)
def test_a_forged_field_is_refused_or_ignored(client, carl, mona, post, row):
    """A contributor has the least to lose by trying: nothing gets out, and nothing is another's."""
    theirs(post, carl, "own")
    client.force_login(carl)
    before = Post.objects.filter(pk=post.pk).values(*GUARDED).get()
    current = Post.objects.get(pk=post.pk)
    for name, value in FORGED.items():
        with transaction.atomic():
            forged = {"version": current.text_version, name: value.format(mona=mona.pk)}
            ask(client, row, post, **forged)
            assert Post.objects.filter(pk=post.pk).values(*GUARDED).get() == before, name
            assert not Post.objects.filter(status__in=OUT).exists(), name
            assert "<script>x" not in Post.objects.get(pk=post.pk).body_html, name
            assert not Post.objects.exclude(author=carl).exists(), name
            transaction.set_rollback(True)


def test_a_co_author_forges_no_co_authors(client, alice, mona, post):
    theirs(post, alice, "with")
    client.force_login(alice)
    data = {"title": "T", "body": "B", "version": post.text_version, "action": "save"}
    client.post(reverse("blog:edit", args=[post.pk]), data | {"coauthors": [mona.pk]})
    assert list(post.coauthors.all()) == [alice]


# --- readers --------------------------------------------------------------------------------------

OPEN = [("get", "home"), ("get", "pages"), ("get", "privacy"), ("get", "atom"), ("get", "rss")]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("method", "name"), OPEN)
def test_what_is_for_readers_is_for_everybody(client, request, who, method, name):
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))
    assert getattr(client, method)(reverse(f"blog:{name}")).status_code == 200
    assert client.post(reverse(f"blog:{name}")).status_code == 405


@pytest.mark.parametrize("name", ["publish", "unpublish"])
def test_looking_at_an_act_does_nothing(client, mona, post, name):
    client.force_login(mona)
    before = state_of_affairs()
    assert client.get(reverse(f"blog:{name}", args=[post.pk])).status_code == 405
    assert state_of_affairs() == before


def test_an_author_who_may_not_publish_keeps_writing(client, carl, post):
    theirs(post, carl, "own")
    client.force_login(carl)
    data = {"title": "T", "body": "Kept words.", "version": post.text_version}
    address = reverse("blog:edit", args=[post.pk])
    response = client.post(address, data | {"action": "publish"})
    assert (response.status_code, "Kept words." in response.text) == (403, True)
    assert client.post(address, data | {"action": "save"}).status_code == 302
    assert Post.objects.get().body == "Kept words."
