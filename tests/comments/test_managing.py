"""The page on which a discussion is closed, cooled and pinned: who may, and what it keeps."""

from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from comments import openness
from comments.models import ClosesFrom, DiscussionRules, Thread
from comments.models.rules import ONLY
from comments.status import Status
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def thread(alice):
    return make_thread(title="On bread", url="/", owner=alice)


@pytest.fixture
def editor(mona):
    return signed_in(mona)


def signed_in(person, **options):
    client = Client(**options)
    if person is not None:
        client.force_login(person)
    return client


def page_of(thread):
    return reverse("comments:manage", args=[thread.pk])


def press(client, thread, button, **typed):
    return client.post(page_of(thread), {"action": button, **typed})


def now(thread):
    return Thread.objects.get(pk=thread.pk)


def typed_into(response, form, name):
    """Return what a field of one of the page's forms holds, as a browser would show it."""
    document = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    field = next(each for each in document.iter() if each.get("id") == f"id_{form}_{name}")
    if field.tag != "select":
        return field.get("value") if field.get("type") != "checkbox" else "checked" in field.attrib
    chosen = [option for option in field.iter("option") if "selected" in option.attrib]
    return chosen[0].get("value") if chosen else None


# --- who may what ---------------------------------------------------------------------------

SIGN_IN, DONE, NO, GONE, WRONG = 302, 303, 403, 404, 405
WHO = ["anonymous", "stranger", "reader", "owner", "other author", "editor"]
#                                  anonymous  stranger reader owner  other  editor
TABLE = {
    ("GET", "manage"):            [SIGN_IN,   NO,      NO,    200,   NO,    200],
    ("HEAD", "manage"):           [SIGN_IN,   NO,      NO,    200,   NO,    200],
    ("POST", "manage"):           [NO,        NO,      NO,    DONE,  NO,    DONE],
    ("PUT", "manage"):            [WRONG,     WRONG,   WRONG, WRONG, WRONG, WRONG],
    ("GET", "pin"):               [WRONG,     WRONG,   WRONG, WRONG, WRONG, WRONG],
    ("POST", "pin"):              [NO,        NO,      NO,    DONE,  NO,    DONE],
    ("GET", "unpin"):             [WRONG,     WRONG,   WRONG, WRONG, WRONG, WRONG],
    ("POST", "unpin"):            [NO,        NO,      NO,    DONE,  NO,    DONE],
    ("POST", "pin, no comment"):  [NO,        NO,      NO,    GONE,  NO,    GONE],
    ("POST", "pin, held"):        [NO,        NO,      NO,    GONE,  NO,    GONE],
    ("GET", "manage, hidden"):    [SIGN_IN,   GONE,    GONE,  200,   GONE,  200],
    ("POST", "manage, hidden"):   [NO,        GONE,    GONE,  DONE,  GONE,  DONE],
    ("POST", "pin, hidden"):      [GONE,      GONE,    GONE,  DONE,  GONE,  DONE],
    ("GET", "manage, none"):      [SIGN_IN,   GONE,    GONE,  GONE,  GONE,  GONE],
    ("POST", "manage, none"):     [NO,        GONE,    GONE,  GONE,  GONE,  GONE],
    ("POST", "pin, none"):        [GONE,      GONE,    GONE,  GONE,  GONE,  GONE],
}  # fmt: skip


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


@pytest.mark.parametrize("case", TABLE, ids=" ".join)
def test_who_may_do_what(people, alice, case):
    assert [answer(people[who], alice, *case) for who in WHO] == TABLE[case]


def answer(person, owner, method, route):
    """Return the status of the answer to one person's request, about a thread of its own.

    Whoever is refused, and whoever only asks, has changed nothing.
    """
    thread = make_thread(owner=owner, pinned_number=9)
    make_comment(thread)
    make_comment(thread, status=Status.PENDING)
    what, _comma, which = route.partition(", ")
    if which == "hidden":
        Thread.objects.filter(pk=thread.pk).update(public_at=None)
    number = {"no comment": 7, "held": 2}.get(which, 1)
    pk = thread.pk if which != "none" else 10**6
    if what == "unpin":
        Thread.objects.filter(pk=thread.pk).update(pinned_number=1)
    before = now(thread).version
    path = f"/comments/{pk}/manage/" if what == "manage" else f"/comments/{pk}/{number}/{what}/"
    data = {"action": "close", "note": ""} if method == "POST" and what == "manage" else None
    status = getattr(signed_in(person), method.lower())(path, data).status_code
    assert now(thread).version == before + (status == DONE)
    return status


def test_a_thread_without_an_owner_is_not_everybodys(client):
    thread = make_thread(owner=None)
    make_comment(thread)
    assert client.post(f"/comments/{thread.pk}/1/pin/").status_code == 403
    assert press(client, thread, "close", note="").status_code == 403
    assert (now(thread).pinned_number, now(thread).is_open) == (None, True)


def test_a_number_of_another_thread_is_none_of_this_one(editor, thread):
    elsewhere = make_thread()
    for _number in range(3):
        make_comment(elsewhere)
    for act in ("pin", "unpin"):
        assert editor.post(f"/comments/{thread.pk}/3/{act}/").status_code == 404
    assert now(elsewhere).pinned_number is None


def test_without_djangos_token_nothing_is_done_and_the_note_comes_back(thread, mona):
    make_comment(thread)
    client = signed_in(mona, enforce_csrf_checks=True)
    response = press(client, thread, "close", note="Enough, “really”")
    assert response.status_code == 403
    assert typed_into(response, "CloseForm", "note") == "Enough, “really”"
    assert client.post(f"/comments/{thread.pk}/1/pin/").status_code == 403
    assert (now(thread).is_open, now(thread).pinned_number) == (True, None)
    token = client.cookies["csrftoken"].value
    sent = {"action": "close", "note": "x", "csrfmiddlewaretoken": token}
    assert client.post(page_of(thread), sent).status_code == 303


def test_another_sites_page_closes_nothing(editor, thread):
    headers = {"Origin": "https://evil.example"}
    response = editor.post(page_of(thread), {"action": "close", "note": ""}, headers=headers)
    assert (response.status_code, now(thread).is_open) == (403, True)


def test_whoever_was_signed_out_meanwhile_gets_the_note_back(client, thread):
    response = press(client, thread, "close", note="Enough & done")
    assert response.status_code == 403
    assert "Enough &amp; done" in response.text
    asked = client.get(page_of(thread))
    assert asked["Location"] == f"/accounts/login/?next={page_of(thread)}"


# --- what the buttons do ----------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_closing_with_a_note_and_taking_comments_again(editor, thread):
    assert press(editor, thread, "close", note="  Said is said.  ").status_code == 303
    closed = now(thread)
    assert (closed.closed_at, closed.closing_note) == (NOON, "Said is said.")
    page = editor.get(page_of(thread))
    assert "This discussion has been closed since 4 March 2026, 12:00." in page.text
    assert typed_into(page, "CloseForm", "note") == "Said is said."
    assert press(editor, thread, "reopen").status_code == 303
    assert now(thread).accepts_comments()
    assert "Take comments again" not in editor.get(page_of(thread)).text


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"rule": "publication", "days": "3"}, (3, "publication", NOON + 3 * DAY)),
        ({"rule": "comment", "days": "3650"}, (3650, "comment", NOON + 3650 * DAY)),
        ({"rule": "site", "days": "3"}, (None, "", NOON + 14 * DAY)),
        ({"rule": "never", "days": ""}, (0, "", None)),
    ],
)
def test_when_it_closes_by_itself_is_chosen(editor, thread, typed, kept):
    DiscussionRules(pk=ONLY, close_after_days=14).save()
    Thread.objects.update(public_at=NOON, close_after_days=1)
    assert press(editor, thread, "closing", **typed).status_code == 303
    changed = now(thread)
    assert (changed.close_after_days, changed.close_counts_from, changed.closes_at) == kept
    page = editor.get(page_of(thread))
    assert typed_into(page, "ClosingForm", "rule") == typed["rule"]
    assert "14 days after the publication of the page" in page.text


@time_machine.travel(NOON, tick=False)
def test_cooling_and_lifting_it(editor, thread):
    typed = {"is_premoderated": "on", "slow_seconds": "600", "note": "Tempers"}
    assert press(editor, thread, "cooling", **typed).status_code == 303
    cooled = now(thread)
    assert (cooled.is_premoderated, cooled.slow_seconds, cooled.cooled_at) == (True, 600, NOON)
    page = editor.get(page_of(thread))
    assert typed_into(page, "CoolingForm", "is_premoderated")
    assert typed_into(page, "CoolingForm", "slow_seconds") == "600"
    assert press(editor, thread, "cooling", slow_seconds="0", note="Tempers").status_code == 303
    assert (now(thread).is_cooled, now(thread).cooling_note) == (False, "")


def test_a_pause_that_came_from_elsewhere_can_be_kept(editor, thread):
    Thread.objects.update(slow_seconds=300)
    page = editor.get(page_of(thread))
    assert "one comment every 5 minutes" in page.text
    assert press(editor, thread, "cooling", slow_seconds="300", note="").status_code == 303
    assert now(thread).slow_seconds == 300


def test_a_pin_leads_to_the_comment_in_its_place(editor, thread):
    comment = make_comment(thread)
    for act, pinned in (("pin", 1), ("unpin", None)):
        response = editor.post(reverse(f"comments:{act}", args=[thread.pk, 1]))
        assert (response.status_code, response["Location"]) == (303, comment.get_absolute_url())
        assert now(thread).pinned_number == pinned


# --- refused, with what was typed kept ----------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "form", "typed", "says"),
    [
        ("close", "CloseForm", {"note": "x" * 201}, "at most 200"),
        ("close", "CloseForm", {"note": "a\u202eb"}, "U+202E"),
        ("close", "CloseForm", {"note": "two\nlines"}, "U+000A"),
        ("close", "CloseForm", {"note": "fine", "days": "3"}, "no field called days"),
        ("closing", "ClosingForm", {"rule": "comment", "days": ""}, "after how many days"),
        ("closing", "ClosingForm", {"rule": "comment", "days": "0"}, "greater than or equal to 1"),
        ("closing", "ClosingForm", {"rule": "comment", "days": "3651"}, "less than or equal"),
        ("closing", "ClosingForm", {"rule": "comment", "days": "soon"}, "whole number"),
        ("closing", "ClosingForm", {"rule": "tomorrow", "days": "3"}, "Select a valid choice"),
        ("closing", "ClosingForm", {"days": "3"}, "required"),
        ("cooling", "CoolingForm", {"slow_seconds": "61", "note": "x"}, "Select a valid choice"),
        ("cooling", "CoolingForm", {"slow_seconds": "ten", "note": "x"}, "Select a valid choice"),
        ("cooling", "CoolingForm", {"slow_seconds": "0", "note": "Why"}, "reason for"),
        ("reopen", "ReopenForm", {"sure": "yes"}, "no field called sure"),
        ("delete", None, {"note": "x"}, "no such button"),
        ("", None, {}, "no such button"),
    ],
)
def test_a_refusal_says_why_keeps_what_was_typed_and_changes_nothing(
    editor, thread, button, form, typed, says
):
    response = press(editor, thread, button, **typed)
    assert response.status_code == 422
    assert says in response.text
    for name in typed.keys() & {"CloseForm": {"note"}, "ClosingForm": {"days"}}.get(form, set()):
        assert (typed_into(response, form, name) or "") == typed[name]
    assert now(thread).version == thread.version


def test_nobody_is_told_that_comments_wait_where_the_check_is_missing(editor, thread, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.flood"]
    response = press(editor, thread, "cooling", is_premoderated="on", slow_seconds="0", note="Why")
    assert response.status_code == 422
    assert "comments.spam.rules.premoderated_thread" in response.text
    assert typed_into(response, "CoolingForm", "note") == "Why"


def test_a_note_is_shown_as_it_was_typed_and_not_as_markup(editor, thread):
    press(editor, thread, "close", note='</bdi><script>alert("1")</script>')
    page = editor.get(reverse("comments:reply", args=[thread.pk])).text
    assert "&lt;/bdi&gt;&lt;script&gt;" in page
    assert "<script>alert" not in page


# --- what readers meet ------------------------------------------------------------------------


def test_a_comment_too_soon_is_refused_with_its_words_and_the_time(thread, bob):
    openness.cool(thread, actor=bob, is_premoderated=False, slow_seconds=600)
    client, address = signed_in(bob), reverse("comments:post", args=[thread.pk])
    with time_machine.travel(NOON, tick=False) as clock:
        assert client.post(address, {"body": "First words."}).status_code == 303
        clock.shift(timedelta(minutes=3))
        response = client.post(address, {"body": "Second & more."})
        assert (response.status_code, response["Retry-After"]) == (429, "420")
        assert "one comment every 10 minutes; you can post again at 12:10." in response.text
        assert "Second &amp; more.</textarea>" in response.text
        assert client.post(address, {"body": "x", "action": "preview"}).status_code == 200
        clock.shift(timedelta(minutes=7))
        assert client.post(address, {"body": "Second & more."}).status_code == 303


def test_the_same_form_sent_twice_in_a_slow_discussion_leads_to_its_comment(thread, bob):
    openness.cool(thread, actor=bob, is_premoderated=False, slow_seconds=600)
    client = signed_in(bob)
    page = client.get(reverse("comments:reply", args=[thread.pk])).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    sent = {"body": "Once.", "token": token}
    address = reverse("comments:post", args=[thread.pk])
    assert {client.post(address, sent)["Location"] for _click in range(2)} == {"/#comment-1"}


def test_the_reply_page_says_how_the_discussion_runs(client, thread, mona):
    openness.cool(thread, actor=mona, is_premoderated=True, slow_seconds=0, note="Tempers")
    page = client.get(reverse("comments:reply", args=[thread.pk])).text
    assert "Every comment here waits for an editor." in page
    assert '<bdi class="note">Tempers</bdi>' in page


def test_the_page_is_nobody_elses_to_keep(editor, thread, django_assert_num_queries):
    editor.get(page_of(thread))
    # session, user, thread, permissions, the site's rules twice, what was changed
    with django_assert_num_queries(7):
        assert "no-store" in editor.get(page_of(thread))["Cache-Control"]


def test_the_site_rule_is_named_with_what_it_counts_from(editor, thread):
    DiscussionRules(pk=ONLY, close_after_days=1, close_counts_from=ClosesFrom.COMMENT).save()
    assert "1 day after the last comment" in editor.get(page_of(thread)).text
