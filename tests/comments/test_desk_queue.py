"""The desk's queue page: who sees it, what a card holds, and that it always costs the same."""

import json
import re
from datetime import timedelta
from unittest import mock

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.desk.cards import fold, read_cards
from comments.desk.records import MOST_COUNTED, read_past
from comments.marking import mark
from comments.models import Comment, ListEntry, ListKind, Presence, Report
from comments.moderation import Seen, edit, moderate, revise, submit, undo
from comments.policy import Decision
from comments.sanctions import impose, lift
from comments.spam import Finding, Verdict
from comments.spam.lists import forget_lists
from comments.status import Action, Status
from tests.comments.factories import LONG_AGO, make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

DESK = "/admin/desk/"
QUEUES = ["pending", "reported", "spam", "approved", "rejected", "all"]


def signed_in(user):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def people(alice, bob, mona, eve):
    make_user = get_user_model().objects.create_user
    root = {"is_staff": True, "is_superuser": True}
    return {
        "anonymous": None,
        "stranger": eve,
        "reader": bob,
        "author": alice,
        "staff": make_user("sam@example.org", display_name="Sam", is_staff=True),
        "editor": mona,
        "superuser": make_user("root@example.org", display_name="Root", **root),
    }


@pytest.fixture
def editor(mona):
    return signed_in(mona)


@pytest.fixture
def thread():
    return make_thread(title="A radio in the outhouse")


@pytest.fixture
def pending(thread):
    return make_comment(thread, body="Cheap pills for all.", status=Status.PENDING)


def report(comment, note="Rude.", key="someone"):
    Report.objects.create(comment=comment, reporter_key=key, reason="abuse", note=note)
    Comment.objects.filter(pk=comment.pk).update(open_reports=1, reported_at=timezone.now())


def card_on(page, comment):
    return BeautifulSoup(page.text, "html5lib").select_one(f"#card-{comment.pk}")


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", ["", *(f"{queue}/" for queue in QUEUES)])
def test_a_queue_is_for_whoever_may_moderate(people, pending, queue):
    answers = {name: signed_in(user).get(DESK + queue) for name, user in people.items()}
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {
        "anonymous": 302,
        "stranger": 302,
        "reader": 302,
        "author": 302,
        "staff": 403,
        "editor": 200,
        "superuser": 200,
    }


def test_a_queue_that_is_none_is_not_found(editor):
    assert editor.get(DESK + "elsewhere/").status_code == 404


# --- which --------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", QUEUES)
def test_each_queue_shows_its_own(editor, thread, queue):
    made = {
        status: make_comment(thread_again(thread), body=f"Thought {status}.", status=status)
        for status in (Status.PENDING, Status.APPROVED, Status.SPAM)
    }
    made[Status.REJECTED] = make_comment(thread_again(thread), status=Status.PENDING)
    moderate(made[Status.REJECTED], Action.REJECT, actor=None, seen=Seen.of(made[Status.REJECTED]))
    report(made[Status.APPROVED])
    page = editor.get(f"{DESK}{queue}/")
    shown = {int(pk) for pk in re.findall(r'data-card="(\d+)"', page.text)}
    wanted = {"all": set(made), "reported": {Status.APPROVED}}.get(queue, {queue})
    assert shown == {comment.pk for status, comment in made.items() if status in wanted}


def thread_again(thread):
    thread.refresh_from_db()
    return thread


def test_the_tabs_have_counts_and_keys(editor, pending):
    tabs = BeautifulSoup(editor.get(DESK).text, "html5lib").select(".desk-tabs a")
    assert [tab["data-key"] for tab in tabs] == ["g p", "g r", "g s", "g a", "g x", "g l"]
    assert tabs[0].select_one(".count").text == "1"
    assert tabs[0]["aria-current"] == "page"


def test_an_empty_queue_says_what_to_do(editor):
    assert "Nothing is waiting." in editor.get(DESK).text


def test_a_filter_is_a_chip_that_can_be_removed(editor, pending):
    other = make_comment(make_thread(), status=Status.PENDING)
    page = editor.get(f"{DESK}pending/?thread={pending.thread_id}")
    chip = BeautifulSoup(page.text, "html5lib").select_one(".desk-chips a")
    assert pending.thread.title in chip.text
    assert card_on(page, pending)
    assert not card_on(page, other)
    assert card_on(editor.get(chip["href"]), other)


def test_pages_lead_on_and_back(editor, thread):
    made = [make_comment(thread_again(thread), status=Status.PENDING) for _n in range(27)]
    first = editor.get(DESK)
    assert not card_on(first, made[-1])
    link = BeautifulSoup(first.text, "html5lib").select_one('[data-key="J"]')
    second = editor.get(link["href"])
    assert card_on(second, made[-1])
    back = BeautifulSoup(second.text, "html5lib").select_one('[data-key="K"]')
    assert card_on(editor.get(back["href"]), made[0])


@pytest.mark.parametrize("key", ["x", "1-2-3-4", "9" * 99, "-", "\0"])
def test_a_key_that_leads_nowhere_is_refused(editor, pending, key):
    assert editor.get(DESK, {"after": key}).status_code == 400


def test_a_filter_that_cannot_be_read_says_so_and_keeps_what_was_typed(editor, pending):
    page = editor.get(f"{DESK}pending/", {"network": "nowhere"})
    assert "Type a network such as 192.0.2.0/24" in page.text
    field = BeautifulSoup(page.text, "html5lib").select_one("[name=network]")
    assert field["value"] == "nowhere"


def test_what_a_filter_finds_none_of_leads_on(editor, pending):
    page = editor.get(f"{DESK}pending/", {"email": "nobody@example.org"})
    assert "Nothing in this queue matches the filter." in page.text


# --- what a card holds --------------------------------------------------------------------------


def test_every_finding_is_marked_and_named(editor, thread):
    found = Finding("listed_words", Verdict.SPAM, "A word of the list.", span=(6, 11))
    decision = Decision(Status.PENDING, (found,))
    with mock.patch("comments.moderation.admitting.decide", return_value=decision):
        comment = submit(make_submission(thread, "Cheap pills for all."))
    card = card_on(editor.get(DESK), comment)
    assert card.select_one("mark.verdict-spam").text == "pills"
    assert card.select_one(".mark-name").text == "Listed word"
    assert "A word of the list." in card.select_one(".findings").text


@pytest.fixture
def judged(thread):
    """A comment of which the checks marked a word, and said so in the log."""
    ListEntry.objects.create(kind=ListKind.WORD, pattern="pills")
    forget_lists()
    return submit(make_submission(thread, "Cheap pills for all."))


def revised(comment, body, mona):
    entry = revise(comment, body, actor=mona, seen=Seen.of(comment))
    comment.refresh_from_db()
    return entry


def what_the_checks_saw(editor, comment):
    """Return what the card and the comment's own page say of it, and the words they mark."""
    whole = editor.get(reverse("admin:comments_comment_change", args=[comment.pk]))
    case = BeautifulSoup(whole.text, "html5lib").select_one(".case-main")
    for page in (card_on(editor.get(DESK), comment), case):
        marked = [mark.text for mark in page.select(".card-text mark, .case-text > .source mark")]
        yield page.get_text(), marked


def test_what_the_checks_saw_stays_when_an_editor_changed_the_words(editor, judged, mona):
    revised(judged, "Fine books for all of us.", mona)
    for text, marked in what_the_checks_saw(editor, judged):
        assert "Holds a listed word: pills." in text
        assert "Said of an earlier text" in text
        assert marked == [], "a word is marked that no check saw"


def test_what_the_checks_saw_is_of_the_text_again_once_the_edit_is_undone(editor, judged, mona):
    undo(revised(judged, "Fine books for all of us.", mona), actor=mona)
    for text, marked in what_the_checks_saw(editor, judged):
        assert "Holds a listed word: pills." in text
        assert "Said of an earlier text" not in text
        assert marked == ["pills"]


def test_what_the_checks_saw_last_is_told_of_an_author_s_edit_after_an_editor_s(
    editor, judged, mona
):
    revised(judged, "Fine books for all of us.", mona)
    edit(judged, "More pills, please.", actor=None, actor_name="Gus", seen=Seen.of(judged))
    for text, marked in what_the_checks_saw(editor, judged):
        assert text.count("Holds a listed word: pills.") == 1
        assert "Said of an earlier text" not in text
        assert marked == ["pills"]


def test_what_it_answers_is_quoted_and_bound_to(editor, thread):
    parent = make_comment(thread, body="What do you say?", author_name="Ann")
    reply = make_comment(thread_again(thread), parent, status=Status.PENDING)
    card = card_on(editor.get(DESK), reply)
    assert "What do you say?" in card.select_one(".card-parent").text
    seen = card.select_one("form [name=seen]")["value"]
    assert seen == f"pending:1:{parent.pk}.1"


def test_the_record_of_an_author_counts_each_status(editor, thread, bob):
    for status in (Status.APPROVED, Status.APPROVED, Status.SPAM, Status.PENDING):
        last = make_comment(thread_again(thread), status=status, author=bob, author_name="Bob")
    card = card_on(editor.get(DESK), last)
    record = card.select_one(".card-side .counts")
    counts = [(div.dt.text, div.dd.text) for div in record.find_all("div")]
    assert counts == [("approved", "2"), ("pending", "1"), ("rejected", "0"), ("spam", "1")]


def test_counting_ends_at_a_hundred(thread, pending):
    rows = []
    for number in range(2, MOST_COUNTED + 13):
        row = Comment.objects.get(pk=pending.pk)
        row.pk, row.number, row.path = None, number, f"{number:05}"
        row.submission_key = f"copy-{number}"
        rows.append(row)
    Comment.objects.bulk_create(rows)
    (record, network) = read_past([pending])[pending.pk].records
    (waiting,) = (count for count in record.counts if count.status == Status.PENDING)
    assert (waiting.number, waiting.shown) == (MOST_COUNTED + 1, "100+")
    assert sum(count.number for count in network.counts) == MOST_COUNTED


def test_the_last_acts_are_shown_the_newest_first(editor, mona, pending):
    for number in range(6):
        seen = Seen.of(pending)
        moderate(pending, Action.NOTE, actor=mona, seen=seen, note=f"Note {number}.")
    rows = card_on(editor.get(DESK), pending).select(".card-log blockquote")
    assert [row.text for row in rows] == ["Note 5.", "Note 4.", "Note 3.", "Note 2."]


def test_first_seen_is_the_first_of_any_status(thread, bob):
    make_comment(thread, status=Status.SPAM, author=bob, at=LONG_AGO)
    now = make_comment(thread_again(thread), status=Status.PENDING, author=bob)
    assert read_past([now])[now.pk].records[0].first_seen_at == LONG_AGO


def test_other_names_on_the_address_are_named(editor, thread):
    make_comment(thread, author_name="Nobody Else", author_email="other@example.org")
    mine = make_comment(thread_again(thread), status=Status.PENDING, author_name="Gus")
    assert "Nobody Else" in card_on(editor.get(DESK), mine).select_one(".card-side").text


def test_a_report_has_the_reader_s_reason_and_note(editor, thread):
    comment = make_comment(thread)
    report(comment, note="He insults Ann.")
    text = card_on(editor.get(f"{DESK}reported/"), comment).select_one(".card-reports").text
    assert "It attacks or insults somebody" in text
    assert "He insults Ann." in text


@pytest.mark.parametrize(
    ("target", "value"),
    [("email", "gus@example.org"), ("domain", "example.org"), ("network", "192.0.2.0/24")],
)
def test_measures_against_the_author_are_named(editor, pending, mona, target, value):
    impose("ban", target, value, actor=mona)
    side = card_on(editor.get(DESK), pending).select_one(".card-side")
    assert "banned" in side.text
    assert value in side.text


def test_a_measure_that_was_lifted_is_not_named(editor, pending, mona):
    lift(impose("ban", "email", "gus@example.org", actor=mona), actor=mona)
    assert "banned" not in card_on(editor.get(DESK), pending).text


def test_an_earlier_text_stands_with_what_changed(editor, pending):
    edit(pending, "Dear pills for all.", actor=None, actor_name="Gus", seen=Seen.of(pending))
    card = card_on(editor.get(DESK), pending)
    assert card.select_one("del").text.strip() == "Cheap"
    assert card.select_one("ins").text.strip() == "Dear"


def test_what_a_decision_needs_stands_before_the_buttons_and_what_came_before_after_them(
    editor, judged, mona
):
    revised(judged, "Fine books for all of us.", mona)
    text = str(card_on(editor.get(DESK), judged))
    parts = ("Fine books", "What the checks saw", "card-acts", "Earlier texts", "card-side")
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_links_are_whole_and_dead(editor, thread):
    comment = make_comment(
        thread, body="See https://example.com/a?b=c now", status=Status.PENDING, author_website=""
    )
    card = card_on(editor.get(DESK), comment)
    assert card.select_one(".card-links li").text == "https://example.com/a?b=c"
    assert not [a for a in card.find_all("a") if "example.com" in a["href"]]


def test_a_long_text_is_folded_and_says_how_much():
    text = "\n".join(f"Line {number}" for number in range(40))
    folded = fold(mark(text, [{"check": "x", "verdict": "spam", "span": [200, 204]}]))
    assert "".join(piece.text for piece in [*folded.head, *folded.rest]) == text
    assert folded.lines == 26
    assert folded.marks == 1


def test_one_long_line_is_folded_at_a_word():
    folded = fold(mark("word " * 800, []))
    assert folded.head[-1].text.endswith(" ")
    assert len(folded.head[-1].text) <= 1200


def test_a_short_text_is_not_folded():
    assert fold(mark("Short.", [])).rest == []


def test_a_deleted_comment_has_nothing_to_decide(editor, thread):
    comment = make_comment(thread)
    Comment.objects.filter(pk=comment.pk).update(
        status=Status.DELETED, body="", approved_revision=None
    )
    card = card_on(editor.get(f"{DESK}all/"), comment)
    assert not card.select(".card-acts [name=action]")


@pytest.mark.parametrize(
    ("status", "reported", "acts"),
    [
        (Status.PENDING, False, ["approve a", "reject r", "mark_spam s"]),
        (Status.APPROVED, False, ["hold h", "reject r", "mark_spam s"]),
        (Status.APPROVED, True, ["dismiss a", "hold h", "reject r", "mark_spam s"]),
        (Status.SPAM, False, ["approve a", "hold h", "reject r"]),
    ],
)
def test_the_buttons_are_those_that_lead_on(editor, thread, status, reported, acts):
    comment = make_comment(thread, status=status)
    if reported:
        report(comment)
    card = card_on(editor.get(f"{DESK}all/"), comment)
    buttons = card.select(".card-acts [name=action]")
    assert [f"{button['value']} {button['data-key']}" for button in buttons] == acts
    assert all(button.kbd.text == button["data-key"] for button in buttons)


@pytest.mark.parametrize(
    ("queue", "acts"),
    [
        ("pending", ["approve", "reject", "mark_spam"]),
        ("reported", ["dismiss", "hold", "reject", "mark_spam"]),
        ("all", ["approve", "hold", "reject", "mark_spam"]),
    ],
)
def test_the_buttons_for_many_are_those_that_lead_on_from_the_queue(editor, thread, queue, acts):
    report(make_comment(thread))
    make_comment(thread_again(thread), status=Status.PENDING)
    page = BeautifulSoup(editor.get(f"{DESK}{queue}/").text, "html5lib")
    assert [button["value"] for button in page.select("#bulk [name=action]")] == acts


# --- what it costs ------------------------------------------------------------------------------


def fill(thread, bob, number):
    """Make cards that have everything a card can have."""
    parent = make_comment(thread_again(thread))
    for at in range(number):
        fields = {"author": bob} if at % 2 else {"author_email": f"guest-{at}@example.org"}
        comment = make_comment(
            thread_again(thread),
            parent,
            status=Status.PENDING,
            ip_address=f"192.0.2.{at}",
            **fields,
        )
        edit(comment, f"Other words {at}.", actor=None, actor_name="x", seen=Seen.of(comment))
        report(comment)


def test_a_page_of_cards_costs_ten_queries_however_many(thread, bob, django_assert_max_num_queries):
    fill(thread, bob, 25)
    comments = list(Comment.objects.filter(status=Status.PENDING))
    assert len(comments) == 25
    with django_assert_max_num_queries(10):
        cards = read_cards(comments)
    assert len(cards) == 25


def test_a_queue_costs_the_same_at_one_card_and_at_20(editor, thread, bob):
    fill(thread, bob, 1)
    editor.get(DESK)
    with CaptureQueriesContext(connection) as one:
        editor.get(DESK)
    fill(thread, bob, 24)
    with CaptureQueriesContext(connection) as many:
        page = editor.get(DESK)
    assert page.text.count("data-card=") == 20
    assert len(many) == len(one) <= 26


# --- hostile texts ------------------------------------------------------------------------------


OURS = {"script", "link", "img", "svg", "iframe", "object", "embed", "style", "base", "meta"}


@pytest.fixture(scope="module")
def hostile(shared_data):
    texts = json.loads((shared_data / "naughty-strings" / "blns.json").read_text("utf-8"))
    for path in sorted((shared_data / "xss-payloads").glob("*.txt")):
        texts += path.read_text("utf-8", errors="replace").splitlines()
    return [text for text in dict.fromkeys(texts) if text.strip()]


def hostile_comments(thread, texts):
    """Write texts into the table as they are, wherever a stranger can write something."""
    now = timezone.now()
    return Comment.objects.bulk_create(
        Comment(
            thread=thread,
            number=number,
            path=f"{number:05}",
            status=Status.SPAM,
            author_name=text[:80].replace("\0", ""),
            author_email=text[:200].replace("\0", ""),
            author_website=text[:200].replace("\0", ""),
            body=text.replace("\0", ""),
            body_html=text.replace("\0", ""),
            user_agent=text[:400].replace("\0", ""),
            referrer=text[:500].replace("\0", ""),
            honeypot=text[:200].replace("\0", ""),
            markup_version=1,
            body_digest="",
            submission_key=f"hostile-{number}",
            created_at=now + timedelta(seconds=number),
        )
        for number, text in enumerate(texts, start=1)
    )


def skeleton(page):
    """Return the page's elements with what makes them act, but for numbers of comments."""
    soup = BeautifulSoup(page.text, "html5lib")
    acting = set()
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            value = " ".join(value) if isinstance(value, list) else value
            is_acting = name.startswith("on") or name in {
                "src", "href", "action", "formaction", "style", "srcdoc", "data", "srcset",
            }  # fmt: skip
            if is_acting:
                acting.add((element.name, name, re.sub(r"\d+", "0", value)))
        if element.name in OURS:
            acting.add((element.name, "", ""))
    return acting


def own_addresses(acting):
    """Leave out links of the desk to itself, whose query holds escaped words of a stranger."""
    return {
        (element, name, value.partition("?")[0] if value.startswith("/admin/desk/") else value)
        for element, name, value in acting
    }


def test_the_spam_page_holds_nothing_but_its_own_elements(editor, thread, hostile):
    (plain,) = hostile_comments(thread, ["Plain words."])
    Comment.objects.filter(pk=plain.pk).update(
        author_email="a@example.org", author_website="x", ip_address=None
    )
    wanted = own_addresses(skeleton(editor.get(f"{DESK}spam/")))
    Comment.objects.all().delete()
    hostile_comments(thread, hostile)
    address = f"{DESK}spam/"
    pages = 0
    while address:
        page = editor.get(address)
        assert page.status_code == 200
        assert own_addresses(skeleton(page)) <= wanted
        pages += 1
        following = BeautifulSoup(page.text, "html5lib").select_one('[data-key="J"]')
        address = following["href"] if following else ""
    assert pages > len(hostile) // 25


def test_a_text_stands_as_it_was_typed(editor, thread):
    text = '<b onclick="x">bold</b> & "quoted" \u202eturned\u202c'
    (comment,) = hostile_comments(thread, [text])
    source = card_on(editor.get(f"{DESK}spam/"), comment).select_one(".card-text .source")
    assert source.text == text
    assert not source.find_all(True)
    assert source["dir"] == "auto"


# --- who is on it -------------------------------------------------------------------------------


def be_here(client, comment, cards):
    address = reverse("admin:desk_presence", args=[comment.pk])
    return client.post(address, {"cards": ",".join(str(pk) for pk in cards)})


def test_others_are_told_who_is_on_a_card(editor, people, pending):
    other = signed_in(people["superuser"])
    assert be_here(other, pending, [pending.pk]).json() == {}
    answer = be_here(editor, pending, [pending.pk])
    assert answer.json() == {str(pending.pk): "Root is on this one"}


def test_presence_expires_by_itself_and_is_no_history(editor, people, pending):
    be_here(signed_in(people["superuser"]), pending, [])
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=46))
    assert be_here(editor, pending, [pending.pk]).json() == {}
    assert pending.log.count() == 1


def test_an_editor_is_on_one_card_at_a_time(editor, thread, pending):
    other = make_comment(thread_again(thread), status=Status.PENDING)
    be_here(editor, pending, [])
    be_here(editor, other, [])
    assert Presence.objects.get().comment == other


@pytest.mark.parametrize("cards", ["", "x,1e9,-3", "9" * 30, ",".join(map(str, range(5000)))])
def test_presence_passes_over_what_is_no_card(editor, pending, cards):
    address = reverse("admin:desk_presence", args=[pending.pk])
    assert editor.post(address, {"cards": cards}).json() == {}


def test_presence_of_a_comment_that_is_not_there_is_not_found(editor):
    assert editor.post(reverse("admin:desk_presence", args=[987654])).status_code == 404


# --- the way there ------------------------------------------------------------------------------


def test_every_page_of_the_admin_leads_moderators_to_the_desk(editor, people, pending):
    page = BeautifulSoup(editor.get("/admin/").text, "html5lib")
    assert "Desk (1)" in page.select_one("#user-tools").text
    assert f'href="{DESK}"' not in signed_in(people["staff"]).get("/admin/").text
