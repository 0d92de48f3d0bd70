"""A page's author as its first moderator, over HTTP: who may, what is shown, what is kept."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from comments.first_moderators import (
    may_moderate_here,
)
from comments.models import DiscussionRules, ModerationLogEntry, Reason, Thread
from comments.models.rules import ONLY
from comments.moderation import Seen, delete, edit
from comments.readers import Viewer
from comments.status import Action, Status
from tests.cast import make_person
from tests.comments.factories import fragment_of, make_comment, make_thread
from tests.comments.test_first_moderators import decide, now, now_thread

pytestmark = pytest.mark.django_db

NOTE = "Off the point, “again” — 😀 <b> & co"
REJECT = Action.REJECT


@pytest.fixture(autouse=True)
def rules(db):
    """The site whose authors moderate; a test may turn that off."""
    rules = DiscussionRules(pk=ONLY, authors_moderate=True)
    rules.save()
    return rules


@pytest.fixture
def thread(alice):
    return make_thread(title="On bread", url="/", owner=alice)


@pytest.fixture
def comment(thread):
    return make_comment(thread, body="Buy *my* bread.")


@pytest.fixture
def author(alice):
    return signed_in(alice)


def signed_in(person, **options):
    client = Client(**options)
    if person is not None:
        client.force_login(person)
    return client


def address_of(comment):
    return reverse("comments:moderate", args=[comment.thread_id, comment.number])


def list_of(thread):
    return reverse("comments:moderation", args=[thread.pk])


def press(client, comment, action, seen=None, **typed):
    data = {"action": action, "seen": str(seen or Seen.of(now(comment))), **typed}
    return client.post(address_of(comment), data)


def page_of(response):
    return BeautifulSoup(response.content.decode(), "html5lib")


def note_in(response):
    (box,) = page_of(response).select("textarea")
    return box.text.removeprefix("\n")


def buttons_on(response):
    return [each["value"] for each in page_of(response).select("main button[name=action]")]


# --- who may what ---------------------------------------------------------------------------

SIGN_IN, OK, DONE, NO, GONE, WRONG = 302, 200, 303, 403, 404, 405
WHO = ["anonymous", "stranger", "reader", "owner", "other author", "editor"]
NOBODY = [SIGN_IN, NO, NO, NO, NO, NO]
NOBODY_POSTS = [NO] * 6
#                              anonymous  stranger reader owner  other  editor
ON = {
    ("GET", "list"):              [SIGN_IN,   NO,   NO,   OK,   NO,   NO],
    ("HEAD", "list"):             [SIGN_IN,   NO,   NO,   OK,   NO,   NO],
    ("POST", "list"):             [WRONG] * 6,
    ("GET", "comment"):           [SIGN_IN,   NO,   NO,   OK,   NO,   NO],
    ("HEAD", "comment"):          [SIGN_IN,   NO,   NO,   OK,   NO,   NO],
    ("POST", "comment"):          [NO,        NO,   NO,   DONE, NO,   NO],
    ("PUT", "comment"):           [WRONG] * 6,
    ("GET", "comment, held"):     [SIGN_IN,   NO,   NO,   OK,   NO,   NO],
    ("POST", "comment, held"):    [NO,        NO,   NO,   DONE, NO,   NO],
    ("GET", "comment, spam"):     [SIGN_IN,   NO,   NO,   GONE, NO,   NO],
    ("GET", "comment, removed"):  [SIGN_IN,   NO,   NO,   GONE, NO,   NO],
    ("GET", "comment, none"):     [SIGN_IN,   NO,   NO,   GONE, NO,   NO],
    ("POST", "comment, none"):    [NO,        NO,   NO,   GONE, NO,   NO],
    ("GET", "list, hidden"):      [SIGN_IN,   GONE, GONE, OK,   GONE, GONE],
    ("GET", "comment, hidden"):   [SIGN_IN,   GONE, GONE, OK,   GONE, GONE],
    ("POST", "comment, hidden"):  [NO,        GONE, GONE, DONE, GONE, GONE],
    ("GET", "list, no thread"):   [SIGN_IN,   GONE, GONE, GONE, GONE, GONE],
    ("POST", "comment, no thread"): [NO,      GONE, GONE, GONE, GONE, GONE],
}  # fmt: skip
# Without the rule the page's author is as anybody else.
OFF = {
    case: [NO if who == "owner" and code in (OK, DONE) else code for who, code in zip(WHO, row)]  # noqa: B905
    for case, row in ON.items()
    if case[1] in ("list", "comment", "comment, held", "list, hidden", "comment, hidden")
}


@pytest.fixture
def people(alice, bob, mona, eve):
    return {
        "anonymous": None,
        "stranger": eve,
        "reader": bob,
        "owner": alice,
        "other author": make_person("Zoe", "Author"),
        "editor": mona,
    }


@pytest.mark.parametrize(
    ("case", "is_on"),
    [*((case, True) for case in ON), *((case, False) for case in OFF)],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else ("off", "on")[value],
)
def test_who_may_do_what(people, alice, rules, case, is_on):
    rules.authors_moderate = is_on
    rules.save()
    wanted = (ON if is_on else OFF)[case]
    assert [answer(people[who], alice, *case) for who in WHO] == wanted


def answer(person, owner, method, route):
    """Return the status of the answer to one person's request, about a thread of its own.

    Whoever is refused, and whoever only asks, has changed nothing.
    """
    thread = make_thread(owner=owner)
    make_comment(thread)
    make_comment(thread, status=Status.PENDING)
    make_comment(thread, status=Status.SPAM)
    decide(make_comment(thread), Action.REJECT)
    what, _comma, which = route.partition(", ")
    if which == "hidden":
        Thread.objects.filter(pk=thread.pk).update(public_at=None)
    number = {"held": 2, "spam": 3, "removed": 4, "none": 7}.get(which, 1)
    pk = thread.pk if which != "no thread" else 10**6
    path = f"/comments/{pk}/moderation/"
    if what == "comment":
        path = f"/comments/{pk}/{number}/moderate/"
    seen = {2: "pending:1"}.get(number, "approved:1")
    before = ModerationLogEntry.objects.count()
    data = {"action": "reject", "seen": seen} if method == "POST" else None
    status = getattr(signed_in(person), method.lower())(path, data).status_code
    assert ModerationLogEntry.objects.count() == before + (status == DONE)
    return status


def test_a_thread_without_an_owner_is_nobodys(eve):
    comment = make_comment(make_thread(owner=None))
    assert not may_moderate_here(eve, comment)
    assert signed_in(eve).get(address_of(comment)).status_code == NO
    assert Client().get(address_of(comment)).status_code == SIGN_IN


# --- the page of one comment ----------------------------------------------------------------


def test_the_page_shows_the_comment_and_what_it_answers_as_text(author, thread):
    parent = make_comment(thread, author_name="Ann", body="[A link](https://ann.example)")
    comment = make_comment(thread, parent=parent, body="See [this](https://evil.example) <b>!")
    page = page_of(author.get(address_of(comment)))
    assert [each.text for each in page.select("main .source")] == [parent.body, comment.body]
    assert not [each for each in page.select("main a") if "example" in each["href"]]
    offered = [each["value"] for each in page.select("select[name=reason] option")]
    assert offered == ["", *Reason.objects.filter(is_active=True).values_list("code", flat=True)]
    assert comment.log.count() == 1


def test_nothing_of_where_a_comment_came_from_is_shown(author, comment):
    for address in (address_of(comment), list_of(comment.thread)):
        text = author.get(address).text
        assert "gus@example.org" not in text
        assert "192.0.2.7" not in text


def test_the_words_of_a_removed_comment_are_not_shown_with_its_answer(author, thread):
    parent = make_comment(thread, author_name="Ann", body="Removed words")
    comment = make_comment(thread, parent=parent)
    decide(parent, Action.REJECT)
    text = author.get(address_of(comment)).text
    assert "Removed words" not in text
    assert "A comment that was removed" in text


def test_while_an_edit_waits_both_texts_are_shown(author, comment):
    edit(comment, "Other words", actor=None, actor_name="Gus", seen=Seen.of(comment))
    page = page_of(author.get(address_of(comment)))
    assert [each.text for each in page.select("main .source")] == [
        *("Other words", "Buy *my* bread.")
    ]


def test_a_reason_that_is_put_aside_is_not_offered(author, comment):
    Reason.objects.filter(code="spam").update(is_active=False)
    page = page_of(author.get(address_of(comment)))
    assert not page.select("option[value=spam]")
    response = press(author, comment, "reject", reason="spam", note=NOTE)
    assert (response.status_code, note_in(response)) == (422, NOTE)


def test_rejecting_writes_the_log_and_offers_to_take_it_back(author, alice, comment):
    response = press(author, comment, "reject", reason="off_topic", note=NOTE)
    assert (response.status_code, response["Location"]) == (DONE, address_of(comment))
    entry = comment.log.last()
    assert (entry.action, entry.actor, entry.actor_name) == (REJECT, alice, "Alice")
    assert (entry.reason, entry.note, entry.new_status) == ("off_topic", NOTE, Status.REJECTED)
    page = author.get(response["Location"])
    assert "The comment is rejected." in page.text
    assert buttons_on(page) == ["undo", "hold"]
    assert press(author, comment, "undo").status_code == DONE
    assert now(comment).is_public()
    assert buttons_on(author.get(address_of(comment))) == ["hold", "reject"]


@pytest.mark.parametrize("action", ["hold", "reject"])
def test_the_page_says_beforehand_that_it_can_be_taken_back(author, comment, action):
    said = author.get(address_of(comment)).text
    assert "You can take either back" in said
    assert "for good" not in said
    press(author, comment, action)
    assert "undo" in buttons_on(author.get(address_of(comment)))


def test_who_waits_is_promised_a_decision_and_no_approval(bob, thread):
    make_comment(thread, author=bob, status=Status.PENDING)
    shown = fragment_of(thread, Viewer(bob))
    assert "An editor will read it and decide" in shown
    assert "let it through" not in shown


def test_a_held_comment_leaves_the_page(author, comment):
    assert press(author, comment, "hold").status_code == DONE
    assert now(comment).status == Status.PENDING
    assert "Buy" not in fragment_of(comment.thread)


def test_what_changed_meanwhile_is_told_and_the_note_kept(author, comment):
    seen = Seen.of(comment)
    edit(comment, "Buy my cake.", actor=None, actor_name="Gus Guest", seen=seen)
    response = press(author, comment, "reject", seen=seen, note=NOTE)
    assert (response.status_code, note_in(response)) == (409, NOTE)
    page = page_of(response)
    assert "Gus Guest edited it at" in page.text
    assert "cake" in page.select_one("ins").text
    (again,) = page.select("input[name=seen]")
    assert again["value"] == str(Seen.of(now(comment)))
    assert now(comment).is_public()


@pytest.mark.parametrize("action", [Action.REJECT, Action.MARK_SPAM])
def test_what_an_editor_removed_meanwhile_gives_the_note_back(author, mona, comment, action):
    seen = Seen.of(comment)
    decide(comment, action, mona)
    response = press(author, comment, "hold", seen=seen, note=NOTE)
    assert (response.status_code, note_in(response)) == (409, NOTE)
    assert "Mona" in response.text
    assert buttons_on(response) == []
    assert comment.log.last().actor == mona


@pytest.mark.parametrize("seen", ["", "approved", "approved:x", "nonsense:1", ":" * 40])
def test_a_form_that_does_not_say_what_was_seen_does_nothing(author, comment, seen):
    data = {"action": "reject", "seen": seen, "note": NOTE}
    response = author.post(address_of(comment), data)
    assert (response.status_code, note_in(response)) == (409, NOTE)
    assert now(comment).is_public()


@pytest.mark.parametrize(
    "typed",
    [
        {"action": "approve"},
        {"action": ""},
        {"reason": "no such reason"},
        {"note": NOTE + "x" * 1_000},
        {"nots": "typo"},
    ],
    ids=lambda typed: next(iter(typed)),
)
def test_what_cannot_be_read_comes_back_as_it_was_typed(author, comment, typed):
    data = {"action": "reject", "seen": "approved:1", "note": NOTE, **typed}
    response = author.post(address_of(comment), data)
    assert (response.status_code, note_in(response)) == (422, data["note"])
    assert page_of(response).select(".alert, .invalid-feedback")
    assert now(comment).is_public()


def test_whoever_may_not_gets_the_note_back(bob, author, comment, rules):
    for client in (Client(), signed_in(bob)):
        response = press(client, comment, "reject", note=NOTE)
        assert (response.status_code, note_in(response)) == (NO, NOTE)
    rules.authors_moderate = False
    rules.save()
    response = press(author, comment, "reject", note=NOTE)
    assert (response.status_code, note_in(response)) == (NO, NOTE)
    assert now(comment).is_public()


def test_without_djangos_token_nothing_is_done_and_the_note_comes_back(alice, comment):
    client = signed_in(alice, enforce_csrf_checks=True)
    response = press(client, comment, "reject", note=NOTE)
    assert (response.status_code, note_in(response)) == (NO, NOTE)
    token = client.cookies["csrftoken"].value
    again = press(client, comment, "reject", note=NOTE, csrfmiddlewaretoken=token)
    assert again.status_code == DONE


def test_another_sites_page_does_nothing(author, comment):
    data = {"action": "reject", "seen": "approved:1"}
    headers = {"Origin": "https://evil.example"}
    assert author.post(address_of(comment), data, headers=headers).status_code == NO
    assert now(comment).is_public()


def test_a_comment_that_editors_keep_is_shown_without_a_button(author, mona, thread):
    comment = make_comment(thread, author=mona)
    response = author.get(address_of(comment))
    assert (response.status_code, buttons_on(response)) == (OK, [])
    assert "An editor decides about this comment" in response.text


# --- the list -------------------------------------------------------------------------------


def test_the_list_has_what_waits_and_what_is_public_the_newest_first(author, mona, thread):
    make_comment(thread, body="Public")
    make_comment(thread, body="Waits", status=Status.PENDING)
    make_comment(thread, body="Spam", status=Status.SPAM)
    decide(make_comment(thread, body="Removed"), Action.REJECT)
    make_comment(thread, body="An editor's", author=mona)
    gone = make_comment(thread)
    delete(gone, actor=None, actor_name="Gus", seen=Seen.of(gone))
    page = page_of(author.get(list_of(thread)))
    items = page.select("main ol > li")
    assert [each.select_one(".words").text for each in items] == ["An editor's", "Waits", "Public"]
    assert [each.select_one(".mark").text for each in items] == ["public", "waits", "public"]
    assert [each.select_one("a")["href"] for each in items] == [
        f"/comments/{thread.pk}/{number}/moderate/" for number in (5, 2, 1)
    ]
    assert ["an editor decides" in each.text for each in items] == [True, False, False]


def test_the_list_goes_on_by_key(author, thread):
    for number in range(1, 31):
        make_comment(thread, body=f"Number {number}")
    first = page_of(author.get(list_of(thread)))
    words = [each.text for each in first.select("main ol .words")]
    assert words == [f"Number {number}" for number in range(30, 5, -1)]
    onward = first.select_one("a[rel=next]")["href"]
    second = page_of(author.get(onward))
    assert [each.text for each in second.select("main ol .words")] == [
        f"Number {number}" for number in range(5, 0, -1)
    ]
    assert not second.select("a[rel=next]")
    assert second.select_one(".pager a")["href"] == list_of(thread)


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30])
def test_a_key_that_is_none_is_the_beginning(author, comment, before):
    response = author.get(list_of(comment.thread), {"before": before})
    assert "Buy" in response.text


def test_an_empty_list_says_so(author, thread):
    assert "Nothing waits here" in author.get(list_of(thread)).text


@pytest.mark.parametrize("count", [2, 30])
def test_the_list_costs_the_same_however_many_there_are(
    alice, author, mona, thread, count, django_assert_num_queries
):
    for number in range(count):
        comment = make_comment(thread, author=mona if number % 2 else None)
        decide(comment, Action.HOLD, [mona, alice, None][number % 3])
    # Who reads and what they may are three, the list five.
    with django_assert_num_queries(8):
        assert author.get(list_of(thread)).status_code == OK


# --- the ways there -------------------------------------------------------------------------


def ways_in(html):
    return [each["href"] for each in BeautifulSoup(html, "html5lib").select('[href$="/moderate/"]')]


def test_only_the_pages_author_sees_the_way_on_the_page(alice, bob, mona, comment, rules):
    thread = comment.thread
    make_comment(thread, status=Status.PENDING)
    assert ways_in(fragment_of(thread, Viewer(alice))) == [address_of(comment)]
    for other in (bob, mona):
        assert ways_in(fragment_of(thread, Viewer(other))) == []
    assert ways_in(fragment_of(thread)) == []
    rules.authors_moderate = False
    rules.save()
    assert ways_in(fragment_of(thread, Viewer(alice))) == []


def test_no_way_leads_to_what_an_editor_decided_or_wrote(alice, mona, thread):
    open_ones = [make_comment(thread), make_comment(now_thread(thread))]
    decide(open_ones[1], Action.HOLD, None)
    decide(open_ones[1], Action.APPROVE, None)
    approved = make_comment(now_thread(thread), status=Status.PENDING)
    decide(approved, Action.APPROVE, mona)
    make_comment(now_thread(thread), author=mona)
    ways = [address_of(each) for each in open_ones]
    assert ways_in(fragment_of(thread, Viewer(alice))) == ways
    numbers = ",".join(map(str, thread.comments.values_list("number", flat=True)))
    rows = signed_in(alice).get(reverse("comments:rows", args=[thread.pk]), {"numbers": numbers})
    assert len(page_of(rows).select("li.comment")) == 4
    assert ways_in(rows.text) == ways


def test_without_a_row_of_rules_nobody_sees_the_way(alice, comment):
    DiscussionRules.objects.all().delete()
    assert ways_in(fragment_of(comment.thread, Viewer(alice))) == []
    assert not may_moderate_here(alice, comment)


def test_how_the_discussion_runs_leads_to_the_list(author, mona, thread, rules):
    manage = reverse("comments:manage", args=[thread.pk])
    assert list_of(thread) in author.get(manage).text
    assert list_of(thread) not in signed_in(mona).get(manage).text
    rules.authors_moderate = False
    rules.save()
    assert list_of(thread) not in author.get(manage).text


def test_editors_switch_it_in_the_rules(mona):
    editor = signed_in(mona)
    page = page_of(editor.get("/admin/comments/discussionrules/1/change/"))
    assert page.select_one("input[name=authors_moderate]").has_attr("checked")


def test_a_post_shows_no_words_that_a_look_would_not(client, alice, thread):
    client.force_login(alice)
    spam = make_comment(thread, body="SECRETSPAM", status=Status.SPAM)
    address = reverse("comments:moderate", args=[thread.pk, spam.number])
    assert client.get(address).status_code == 404
    assert "SECRETSPAM" not in client.post(address, {"action": "nonsense"}).text


def test_a_forged_look_shows_no_words_that_readers_never_saw(client, alice, thread, settings):
    settings.COMMENTS_CHECKS = []
    client.force_login(alice)
    comment = make_comment(thread, body="OLDSECRET", status=Status.PENDING)
    edit(comment, "New words.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    address = reverse("comments:moderate", args=[thread.pk, comment.number])
    answer = client.post(address, {"action": "reject", "seen": "pending:1"})
    assert answer.status_code == 409
    assert "OLDSECRET" not in answer.text
