"""Asking once whether a comment is meant as it stands: what is asked, of whom, at what cost."""

from time import process_time

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Comment, DiscussionRules, EgressEntry
from comments.nudges import SLIPS
from comments.ruling import save_rules
from comments.status import Status
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

CALM = "An honest remark about bread and patience."
LOUD = "THIS IS AN OUTRAGE, SIR, AN OUTRAGE!"
GUEST = {"name": "Gus", "email": "gus@example.org", "website": "", "subject": ""}


@pytest.fixture
def thread(alice):
    return make_thread(title="On bread", url="/", owner=alice)


@pytest.fixture
def asking(db):
    save_rules(DiscussionRules(nudges=True), ["nudges"], None)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def seen(response):
    return BeautifulSoup(response.content, "html.parser")


def filled(response):
    """Return what the form of an answer would send, untouched."""
    form = seen(response).select_one("form.reply-form")
    sent = {each["name"]: each.get("value", "") for each in form.select("input[name]")}
    sent.pop("remember", None)
    return sent | {"body": form.select_one("textarea").text.removeprefix("\n")}


def open_form(client, thread):
    """Return the form of a reader, a guest's with who they are."""
    sent = filled(client.get(reverse("comments:reply", args=[thread.pk])))
    return sent | (GUEST if "email" in sent else {})


def send(client, thread, sent, **options):
    return client.post(reverse("comments:post", args=[thread.pk]), sent, **options)


def slips_of(response):
    return [each.text for each in seen(response).select("form section.preview li")]


# --- the question -----------------------------------------------------------------------------


def test_whoever_shouts_is_asked_once_and_may_post_it(client, thread, asking):
    sent = open_form(client, thread) | {"body": LOUD}
    page = send(client, thread, sent)
    assert page.status_code == 422
    assert slips_of(page) == ["Most of it is in capital letters, which reads as shouting."]
    assert not Comment.objects.exists()
    assert filled(page)["body"] == LOUD
    answer = send(client, thread, filled(page) | {"action": "post"})
    assert answer.status_code == 303
    assert Comment.objects.get().body == LOUD


def test_what_was_asked_about_goes_through_all_checks(client, thread, asking):
    plain = send(client, thread, open_form(client, thread) | {"body": CALM})
    assert plain.status_code == 303
    asked = send(client, thread, open_form(client, thread) | {"body": LOUD})
    send(client, thread, filled(asked))
    calm, loud = Comment.objects.order_by("pk")
    checks = [{finding["check"] for finding in each.log.get().findings} for each in (calm, loud)]
    assert checks[0] == checks[1] == {"too_fast", "first_time_commenter"}
    assert loud.status == Status.PENDING


def test_one_form_is_asked_about_once_whatever_is_changed_in_it(client, thread, asking):
    asked = send(client, thread, open_form(client, thread) | {"body": LOUD})
    other = filled(asked) | {"body": "write to me: gus@example.org"}
    shown = send(client, thread, other | {"action": "preview"})
    assert send(client, thread, filled(shown)).status_code == 303


@pytest.mark.parametrize("mark", ["", "x", "\u2603", "of another form", "of another page"])
def test_a_mark_that_is_not_this_forms_is_none(client, thread, asking, mark):
    elsewhere = make_thread() if mark == "of another page" else thread
    if mark.startswith("of"):
        there = send(client, elsewhere, open_form(client, elsewhere) | {"body": LOUD})
        mark = filled(there)["asked"]
    answer = send(client, thread, open_form(client, thread) | {"body": LOUD, "asked": mark})
    assert answer.status_code == 422
    assert not Comment.objects.exists()


@pytest.mark.parametrize("token", ["", "no token of ours", "of another use"])
def test_nobody_is_asked_for_ever_whatever_their_form_is(client, thread, asking, token):
    if token == "of another use":
        token = signing.dumps({"thread": thread.pk})
    asked = send(client, thread, GUEST | {"body": LOUD, "token": token})
    assert asked.status_code == 422
    assert send(client, thread, filled(asked)).status_code == 303


def test_the_question_comes_alone_where_a_script_asks(client, thread, asking):
    sent = open_form(client, thread) | {"body": LOUD}
    page = send(client, thread, sent, headers={"HX-Request": "true"})
    assert page.status_code == 422
    assert "<html" not in page.text
    section = seen(page).select_one("form section.preview")
    assert section.has_attr("autofocus")
    assert section["tabindex"] == "-1"
    to = section.select_one("a.button")["href"].removeprefix("#")
    assert seen(page).select_one(f"textarea[id='{to}']")
    assert seen(page).select_one(f"[id='{section['aria-labelledby']}']").text


# --- of whom ----------------------------------------------------------------------------------


def test_editors_and_the_pages_author_are_never_asked(thread, asking, mona, alice, bob):
    for person, status in ((mona, 303), (alice, 303), (bob, 422)):
        client = signed_in(person)
        assert (
            send(client, thread, open_form(client, thread) | {"body": LOUD}).status_code == status
        )


def test_nobody_is_asked_where_the_rules_do_not_say_so(client, thread):
    assert send(client, thread, open_form(client, thread) | {"body": LOUD}).status_code == 303


def test_what_will_not_be_taken_is_not_asked_about(client, thread, asking):
    sent = open_form(client, thread) | {"body": LOUD}
    thread.is_open = False
    thread.save()
    assert send(client, thread, sent).status_code == 409


def test_a_second_click_leads_to_the_comment_though_nudges_came_between(client, thread):
    sent = open_form(client, thread) | {"body": LOUD}
    assert send(client, thread, sent).status_code == 303
    save_rules(DiscussionRules(nudges=True), ["nudges"], None)
    assert send(client, thread, sent).status_code == 303
    assert Comment.objects.count() == 1


# --- about what -------------------------------------------------------------------------------

LINKS = " ".join(f"https://s{number}.example.com/" for number in range(6))


@pytest.mark.parametrize(
    ("body", "about"),
    [
        (CALM, None),
        (LOUD, "is_shouted"),
        ("I am for the BBC and NASA and the FBI, too.", None),
        ("OK, NATO IT IS", None),
        ("```\nSELECT NAME FROM BREAD WHERE CRUST\n```\nlooks right to me", None),
        ("ЭТО ВОЗМУТИТЕЛЬНО, ПРОСТО ВОЗМУТИТЕЛЬНО", "is_shouted"),
        ("这个面包非常好吃，我很喜欢它的味道和口感", None),
        (LINKS, "has_many_links"),
        (LINKS.rsplit(" ", 1)[0], None),
        ("a", "is_next_to_nothing"),
        ("?!", "is_next_to_nothing"),
        ("yes", None),
        ("👍", None),
        ("好", None),
        ("> said before\nand my answer", "is_all_quoted"),
        ("> said before\n\nand my answer", None),
        ("> said before", "is_all_quoted"),
        ("```\ncode and what I wanted to say", "is_code_open"),
        ("```\ncode\n```\nand what I wanted to say", None),
        ("~~~\ncode", "is_code_open"),
        ("write to gus.guest+b@mail.example.org please", "has_email"),
        ("as @gus said at example.org", None),
        ("`git@example.org` is in the manual", None),
        ("call me: +44 20 7946 0958", "has_phone"),
        ("call me: (030) 901820-22", "has_phone"),
        ("call me at 07700 900123!", "has_phone"),
        ("ISBN 978-3-16-148410-0, on 2026-03-04 at 12:30, for 1.234.567", None),
        ("see https://example.com/0123456789/ or 0.123456789", None),
        ("it took 0123 days", None),
    ],
)
def test_what_is_a_slip_and_what_is_none(body, about):
    offered = make_submission(make_thread(), body)
    assert [is_so.__name__ for is_so, _words in SLIPS if is_so(offered)] == [about] * bool(about)


def test_own_words_again_are_asked_about_and_those_of_others_are_not(thread, asking, bob, eve):
    make_comment(thread, author=bob, body=CALM)
    his, hers = signed_in(bob), signed_in(eve)
    again = send(his, thread, open_form(his, thread) | {"body": CALM.upper().lower()})
    assert slips_of(again) == ["You have posted these very words before."]
    assert send(hers, thread, open_form(hers, thread) | {"body": CALM}).status_code == 303


def test_a_guests_own_words_are_known_by_their_device_alone(client, thread, asking):
    send(client, thread, open_form(client, thread) | {"body": CALM})
    stranger = Client()
    assert send(stranger, thread, open_form(stranger, thread) | {"body": CALM}).status_code == 303
    again = send(client, thread, open_form(client, thread) | {"body": CALM})
    assert slips_of(again) == ["You have posted these very words before."]


@pytest.mark.parametrize("worst", ["`", "```\n", "a", "+0 ", "(0", "x@", "a.a@a.", "~~~a\n"])
def test_the_longest_text_of_the_worst_kind_is_looked_at_quickly(worst):
    offered = make_submission(make_thread(), (worst * 20_000)[:20_000])
    # What the checks read anyway.
    assert offered.links is not None
    begun = process_time()
    for is_so, _words in SLIPS:
        is_so(offered)
    assert process_time() - begun < 0.5


# --- what it costs ----------------------------------------------------------------------------


def queries_of(client, thread, body):
    sent = open_form(client, thread) | {"body": body}
    with CaptureQueriesContext(connection) as asked:
        send(client, thread, sent)
    return len(asked)


def test_asking_costs_no_query_off_or_on(client, thread):
    queries_of(client, thread, "To have the rules read.")
    off = queries_of(client, thread, "An honest remark about salt.")
    save_rules(DiscussionRules(nudges=True), ["nudges"], None)
    queries_of(client, thread, "To have the rules read once more.")
    assert queries_of(client, thread, "An honest remark about rye.") == off
    # The thread, and what is gathered.
    assert queries_of(client, thread, LOUD) == 2


def test_a_question_leaves_nothing_behind(client, thread, asking):
    send(client, thread, open_form(client, thread) | {"body": LOUD})
    assert not Comment.objects.exists()
    assert not EgressEntry.objects.exists()


def test_the_page_itself_does_not_grow(client, thread, asking):
    page = client.get(reverse("comments:reply", args=[thread.pk])).text
    assert 'name="asked"' not in page
    assert 'preview" tabindex' not in page
