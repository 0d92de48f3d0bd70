"""Measures against people at the desk: the form, what goes with them, the list, and lifting."""

from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments import sanctions
from comments.desk import people as views
from comments.desk.people_list import read_people
from comments.desk.reach import in_network
from comments.models import Comment, ModerationLogEntry, OutgoingLetter, Sanction
from comments.moderation import (
    Seen,
    moderate,
    moderate_many,
    newest_entry,
    plan_undo_many,
    undo_many,
)
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/desk/people/"


@pytest.fixture
def thread():
    return make_thread(title="On bread")


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


@pytest.fixture
def root():
    return get_user_model().objects.create_superuser("root@example.org", display_name="Root")


def address(comment):
    return f"/admin/desk/{comment.pk}/people/"


def by(person, thread, **fields):
    return make_comment(thread, author=person, author_email=person.email, **fields)


def sent(comment, *targets, **fields):
    """Return what the form sends: a ban of a month, as the page was made now."""
    return {
        "targets": targets or [f"account:{comment.author_id}"],
        "kind": "ban",
        "until": "month",
        "as_of": newest_entry(),
        **fields,
    }


def soup(response):
    return BeautifulSoup(response.content, "html5lib")


def words(response):
    return " ".join(soup(response).get_text(" ").split())


# --- who may ------------------------------------------------------------------------------------

SIGN_IN, NO, WRONG = 302, 403, 405
WHO = ["anonymous", "eve", "bob", "alice", "staff", "mona", "root"]
TABLE = {
    #                        anonymous eve      bob      alice    staff mona   root
    ("GET", "desk_ban"):    [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "desk_ban"):   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 422, 422],
    ("PUT", "desk_ban"):    [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("GET", "desk_people"): [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "desk_people"):[SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("GET", "desk_lift"):   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("POST", "desk_lift"):  [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 303, 303],
    ("GET", "desk_lift_batch"):  [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("POST", "desk_lift_batch"): [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 303, 303],
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=" ".join)
def test_who_may_do_what(case, thread, alice, bob, mona, eve, root):
    staff = get_user_model().objects.create_user("sam@example.org", is_staff=True)
    people = [None, eve, bob, alice, staff, mona, root]
    answers = []
    for person in people:
        batch = uuid4()
        measure = sanctions.impose("premoderate", "account", bob.pk, actor=mona, batch=batch)
        comment = make_comment(thread)
        arguments = {
            "desk_ban": [comment.pk],
            "desk_people": [],
            "desk_lift": [measure.pk],
            "desk_lift_batch": [batch],
        }
        client = Client()
        if person is not None:
            client.force_login(person)
        method, name = case
        url = reverse(f"admin:{name}", args=arguments[name])
        answers.append(client.generic(method, url).status_code)
        measure.refresh_from_db()
        is_lifted = method == "POST" and "lift" in name and answers[-1] == 303
        assert measure.is_in_force is not is_lifted
        Sanction.objects.all().delete()
    assert answers == TABLE[case]


def test_a_form_of_another_site_does_nothing(thread, mona, eve):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    comment = by(eve, thread)
    assert client.post(address(comment), sent(comment)).status_code == 403
    assert not Sanction.objects.exists()


# --- the form -----------------------------------------------------------------------------------


def test_the_page_says_how_far_each_measure_reaches(editor, thread, eve, bob):
    comment = by(eve, thread, ip_address="192.0.2.7")
    by(eve, thread, ip_address="192.0.2.8", status=Status.PENDING)
    by(eve, thread, ip_address="198.51.100.1", status=Status.REJECTED)
    by(bob, thread, ip_address="192.0.2.9")
    page = soup(editor.get(address(comment)))
    said = {
        box["value"]: " ".join(box.find_parent("li").get_text(" ").split())
        for box in page.select("input[name=targets]")
    }
    assert list(said) == [
        f"account:{eve.pk}",
        f"email:{eve.email}",
        "domain:example.org",
        "network:192.0.2.7/32",
        "network:192.0.2.0/24",
    ]
    assert "Comments: 3; public or waiting: 2." in said[f"account:{eve.pk}"]
    assert "Accounts: 3. Comments: 4;" in said["domain:example.org"]
    assert "Comments: 1; public or waiting: 1." in said["network:192.0.2.7/32"]
    assert "Comments: 3; public or waiting: 3." in said["network:192.0.2.0/24"]
    assert [box["value"] for box in page.select("input[name=targets][checked]")] == [
        f"account:{eve.pk}"
    ]
    assert not Sanction.objects.exists()


def test_counting_ends_at_a_hundred(editor, thread, eve):
    comment = by(eve, thread)
    fields = {name: getattr(comment, name) for name in ("thread", "author", "author_email")}
    made = {"markup_version": 1, "status": "approved", "created_at": timezone.now()}
    Comment.objects.bulk_create(
        Comment(number=number, path=f"x{number}", submission_key=f"k{number}", **made, **fields)
        for number in range(2, 130)
    )
    assert "Comments: 100+; public or waiting: 129." in words(editor.get(address(comment)))


def test_a_typed_address_is_said_to_prove_nothing(editor, thread, eve):
    comment = make_comment(thread, author_email=eve.email)
    assert "Typed, not proved" in words(editor.get(address(comment)))
    Comment.objects.update(email_proved_at=timezone.now())
    assert "Confirmed by the link in our letter" in words(editor.get(address(comment)))


def test_a_comment_without_any_source_says_so(editor, thread):
    comment = make_comment(thread, author_email="", ip_address=None)
    response = editor.get(address(comment))
    assert "Nothing is known of who wrote this" in words(response)
    assert editor.post(address(comment), sent(comment, "account:1")).status_code == 422


def test_a_measure_is_taken_with_all_that_was_said(editor, thread, eve, mona):
    comment = by(eve, thread)
    day = timezone.localdate() + timedelta(days=3)
    response = editor.post(
        address(comment),
        sent(
            comment,
            kind="suspend",
            until="date",
            date=day.isoformat(),
            reason="abuse",
            note="Twice now.",
            message="Please calm down.",
            next="/admin/desk/reported/?words=x",
        ),
    )
    assert (response.status_code, response["Location"]) == (303, "/admin/desk/reported/?words=x")
    measure = Sanction.objects.get()
    assert (measure.kind, measure.target, measure.value) == ("suspend", "account", str(eve.pk))
    assert (measure.reason, measure.note, measure.actor) == ("abuse", "Twice now.", mona)
    end = timezone.localtime(measure.ends_at)
    assert (end.date(), end.hour, end.minute) == (day + timedelta(days=1), 0, 0)
    assert OutgoingLetter.objects.get().to == eve.email


@pytest.mark.parametrize(("until", "days"), [("day", 1), ("week", 7), ("month", 30)])
def test_an_end_is_reckoned_from_now(editor, thread, eve, until, days):
    comment = by(eve, thread)
    editor.post(address(comment), sent(comment, until=until))
    left = Sanction.objects.get().ends_at - timezone.now()
    assert timedelta(days=days) - timedelta(minutes=5) < left <= timedelta(days=days)


def test_a_ban_may_be_for_good_and_a_warning_has_no_end(editor, thread, eve, bob):
    for person, kind, until in ((eve, "ban", "for_good"), (bob, "warn", "date")):
        comment = by(person, thread)
        data = sent(comment, kind=kind, until=until)
        assert editor.post(address(comment), data).status_code == 303
    assert list(Sanction.objects.values_list("ends_at", flat=True)) == [None, None]


def test_several_targets_share_a_batch_and_one_letter(editor, thread, eve):
    comment = by(eve, thread, ip_address="192.0.2.7")
    targets = [f"account:{eve.pk}", f"email:{eve.email}", "network:192.0.2.0/24"]
    response = editor.post(address(comment), sent(comment, *targets, message="Stop."), follow=True)
    assert Sanction.objects.in_force().count() == 3
    assert Sanction.objects.values("batch").distinct().count() == 1
    assert OutgoingLetter.objects.count() == 1
    assert Sanction.objects.get(target="email").user == eve
    (undo,) = {button["formaction"] for button in soup(response).select("button.undo")}
    assert editor.post(undo).status_code == 303
    assert not Sanction.objects.in_force().exists()
    assert OutgoingLetter.objects.get().withdrawn_at is not None


def test_of_several_measures_all_are_taken_or_none(editor, thread, eve, mona):
    comment = by(eve, thread, ip_address="192.0.2.7")
    sanctions.impose("ban", "network", "192.0.2.0/24", actor=mona)
    targets = [f"account:{eve.pk}", "network:192.0.2.0/24"]
    response = editor.post(address(comment), sent(comment, *targets, note="Kept words."))
    assert response.status_code == 409
    assert "192.0.2.0/24: banned already, by Mona" in words(response)
    assert "Kept words." in soup(response).select_one("[name=note]").text
    assert Sanction.objects.count() == 1


# --- reject all ---------------------------------------------------------------------------------


def test_all_their_comments_are_rejected_in_the_same_batch(editor, thread, eve, bob, mona):
    comment = by(eve, thread)
    waiting = by(eve, thread, status=Status.PENDING)
    spam = by(eve, thread, status=Status.SPAM)
    others = by(bob, thread)
    data = sent(comment, reject_all="on", reason="abuse", note="All of it.")
    assert editor.post(address(comment), data).status_code == 303
    statuses = dict(Comment.objects.values_list("pk", "status"))
    assert statuses == {
        comment.pk: "rejected",
        waiting.pk: "rejected",
        spam.pk: "spam",
        others.pk: "approved",
    }
    entries = ModerationLogEntry.objects.filter(batch=Sanction.objects.get().batch)
    assert {(each.action, each.reason, each.note, each.actor) for each in entries} == {
        (Action.REJECT, "abuse", "All of it.", mona)
    }
    assert entries.count() == 2


def test_what_changed_since_the_page_was_made_is_left_alone_and_told(editor, thread, eve, root):
    comment, other = by(eve, thread), by(eve, thread, status=Status.PENDING)
    data = sent(comment, reject_all="on")
    moderate(other, Action.APPROVE, actor=root, seen=Seen.of(other))
    response = editor.post(address(comment), data, follow=True)
    other.refresh_from_db()
    assert other.status == Status.APPROVED
    assert "1 changed meanwhile and was left alone" in words(response)
    assert "1 comment rejected" in words(response)


def test_more_than_one_act_may_change_is_refused_before_anything(editor, thread, eve, monkeypatch):
    comment = by(eve, thread)
    by(eve, thread)
    monkeypatch.setattr(views, "MOST_AT_ONCE", 1)
    response = editor.post(address(comment), sent(comment, reject_all="on", note="Kept."))
    assert response.status_code == 409
    assert "Nothing was done: these are more than 1 comments" in words(response)
    assert "Kept." in soup(response).select_one("[name=note]").text
    assert not Sanction.objects.exists()
    assert set(Comment.objects.values_list("status", flat=True)) == {"approved"}


def test_those_who_moderate_keep_their_comments_on_a_shared_network(editor, thread, eve, mona):
    comment, own = by(eve, thread), by(mona, thread)
    data = sent(comment, "network:192.0.2.0/24", "domain:example.org", reject_all="on")
    assert editor.post(address(comment), data).status_code == 303
    own.refresh_from_db()
    comment.refresh_from_db()
    assert (own.status, comment.status) == (Status.APPROVED, Status.REJECTED)


def test_no_account_loses_comments_because_a_guest_typed_its_address(editor, thread, bob):
    theirs, typed = by(bob, thread), make_comment(thread, author_email=bob.email)
    data = sent(typed, f"email:{bob.email}", reject_all="on")
    assert editor.post(address(typed), data).status_code == 303
    theirs.refresh_from_db()
    typed.refresh_from_db()
    assert (theirs.status, typed.status) == (Status.APPROVED, Status.REJECTED)


@pytest.mark.parametrize("as_of", ["", "x", "-1", "9" * 40])
def test_without_what_was_seen_nothing_is_done(editor, thread, eve, as_of):
    comment = by(eve, thread)
    response = editor.post(address(comment), sent(comment, reject_all="on", as_of=as_of))
    assert response.status_code == 422
    assert soup(response).select_one("[name=as_of]")["value"] == str(newest_entry())
    assert not Sanction.objects.exists()


@pytest.mark.parametrize(
    ("network", "within", "without"),
    [
        ("192.0.2.0/24", ["192.0.2.1", "192.0.2.255"], ["192.0.20.1", "192.0.3.1"]),
        ("192.0.2.7/32", ["192.0.2.7"], ["192.0.2.70"]),
        ("2001:db8:1:2::/64", ["2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d"], ["2001:db8:1:20::1"]),
        ("2001:db8::/64", ["2001:db8::1", "2001:db8::1:2:3:4"], ["2001:db8:0:1::1"]),
        ("2001:db8:7::/64", ["2001:db8:7::1", "2001:db8:7:0:1::"], ["2001:db8:7:1::1"]),
        # What is left of shortened addresses is of the wide network, and of no narrower one.
        ("192.0.2.0/24", ["192.0.2.0"], ["192.0.3.0"]),
        ("2001:db8:7::/64", [], ["2001:db8:7::"]),
        ("2001:db8:7::/48", ["2001:db8:7::", "2001:db8:7:1::1"], ["2001:db8:8::"]),
        ("2001:db8::/48", ["2001:db8::", "2001:db8:0:7::1"], ["2001:db8:1::"]),
    ],
)
def test_comments_of_a_network_are_found(thread, network, within, without):
    for ip in (*within, *without):
        make_comment(thread, ip_address=ip)
    found = Comment.objects.filter(in_network(network)).order_by("pk")
    assert [comment.ip_address for comment in found] == within


# --- hostile input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"targets": ["account:1"]},
        {"targets": ["network:0.0.0.0/0"]},
        {"targets": ["domain:gmail.com"]},
        {"targets": ["x" * 10_000]},
        {"targets": []},
        {"kind": "hang"},
        {"kind": ""},
        {"until": "yesterday"},
        {"until": "date"},
        {"until": "date", "date": "2001-01-01"},
        {"until": "date", "date": "9999-12-31"},
        {"until": "date", "date": "31.13.2026"},
        {"reason": "no_such_reason"},
        {"note": "x" * 1_000_000},
        {"message": "x" * 1_000_000},
        {"note": "\x00"},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_lost(editor, thread, eve, fields):
    comment = by(eve, thread, ip_address="192.0.2.7")
    data = {**sent(comment, note="Kept words.", message="Kept too."), **fields}
    response = editor.post(address(comment), data)
    assert response.status_code == 422
    kept = soup(response)
    for name in ("note", "message"):
        # A parser has another sign for what no page can hold.
        text = kept.select_one(f"[name={name}]").text.strip("\n")
        assert text == data[name].replace("\x00", "\ufffd")
    assert not Sanction.objects.exists()


def test_a_suspension_without_end_is_refused_with_what_to_do(editor, thread, eve):
    comment = by(eve, thread)
    response = editor.post(address(comment), sent(comment, kind="suspend", until="for_good"))
    assert response.status_code == 409
    assert "Say until when" in words(response)


def test_an_editor_cannot_act_on_an_editor_nor_on_themselves(editor, thread, mona, root):
    for person, says in ((root, "Root moderates here"), (mona, "yourself")):
        comment = by(person, thread)
        response = editor.post(address(comment), sent(comment))
        assert response.status_code == 409
        assert says in words(response)
    assert not Sanction.objects.exists()


def test_names_of_strangers_are_shown_and_never_rendered(editor, thread, mona):
    evil = "<script>alert(1)</script>"
    comment = make_comment(thread, body=evil, author_name=evil)
    page = editor.get(address(comment))
    sanctions.impose("ban", "network", "192.0.2.0/24", actor=mona, note=evil, message=evil)
    listed = editor.get(PEOPLE)
    for response in (page, listed, editor.get(PEOPLE, {"q": evil})):
        assert "&lt;script&gt;alert" in response.text
        assert "<script>alert" not in response.text


def test_no_address_leads_away_from_the_desk(editor, thread, eve):
    comment = by(eve, thread)
    for wanted in ("https://evil.example/", "//evil.example/admin/desk/", "/logout/"):
        page = editor.get(address(comment), {"next": wanted})
        assert "evil.example" not in page.text
    response = editor.post(address(comment), sent(comment, next="//evil.example/"))
    assert response["Location"] == reverse("admin:comments_comment_change", args=[comment.pk])


def test_a_comment_that_is_not_there_is_not_found(editor):
    for number in (1, 2**63, 10**30):
        assert editor.get(f"/admin/desk/{number}/people/").status_code == 404
        assert editor.post(f"{PEOPLE}{number}/lift/").status_code == 404


# --- the list -----------------------------------------------------------------------------------


def test_the_list_has_what_is_in_force_first(editor, eve, bob, mona):
    ends_at = timezone.now() + timedelta(days=1)
    early = sanctions.impose("ban", "account", eve.pk, actor=mona, reason="abuse", note="A note.")
    lifted = sanctions.impose("ban", "domain", "bad.example", actor=mona)
    sanctions.lift(lifted, actor=mona)
    over = sanctions.impose("suspend", "account", bob.pk, actor=mona, ends_at=ends_at)
    Sanction.objects.filter(pk=over.pk).update(ends_at=timezone.now())
    late = sanctions.impose("warn", "network", "192.0.2.0/24", actor=mona)
    assert [row.measure for row in read_people().rows] == [late, early, over, lifted]
    said = words(editor.get(PEOPLE))
    for part in ("Eve", "A note.", "Mona", "192.0.2.0/24", "In force", "Over or lifted", "Bob"):
        assert part in said
    assert len(soup(editor.get(PEOPLE)).select("form[action$='/lift/']")) == 2


def test_a_page_ends_where_the_next_begins(mona, django_assert_num_queries):
    made = [
        sanctions.impose("ban", "domain", f"bad{number}.example", actor=mona) for number in range(7)
    ]
    for measure in made[:3]:
        sanctions.lift(measure, actor=mona)
    found, after = [], ""
    while True:
        with (
            django_assert_num_queries(2 if after.startswith("past") else 3)
            if after
            else (django_assert_num_queries(2))
        ):
            page = read_people(after=after, size=2)
        found += [row.measure.value for row in page.rows]
        after = page.after
        if not after:
            break
    expected = [f"bad{number}.example" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert found == expected


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("192.0.2", ["192.0.2.0/24"]),
        ("eve@example.org", ["Eve"]),
        ("ten names", ["192.0.2.0/24"]),
        ("Mona", ["192.0.2.0/24", "Eve"]),
        ("nobody", []),
        ("%", []),
    ],
)
def test_measures_are_found_by_whom_by_whom_and_why(editor, eve, mona, search, found):
    sanctions.impose("ban", "account", eve.pk, actor=mona)
    sanctions.impose("ban", "network", "192.0.2.0/24", actor=mona, note="Known under ten names.")
    assert [row.who for row in read_people(search).rows] == found
    assert editor.get(PEOPLE, {"q": search}).status_code == 200


def test_a_place_that_is_none_is_not_found(editor):
    for after in ("x", "now-", "now-x", "later-3", f"now-{'9' * 30}", "past-٣"):
        assert editor.get(PEOPLE, {"after": after}).status_code == 404


def test_the_list_costs_the_same_however_long_it_is(editor, mona, django_assert_num_queries):
    sanctions.impose("ban", "domain", "bad.example", actor=mona)
    with CaptureQueriesContext(connection) as asked:
        editor.get(PEOPLE)
    for number in range(20):
        sanctions.impose("ban", "domain", f"bad{number}.example", actor=mona)
    with django_assert_num_queries(len(asked)):
        listed = editor.get(PEOPLE).text
    assert all(f"bad{number}.example" in listed for number in range(20))


def test_lifting_leads_back_and_says_what_was_lifted(editor, eve, mona):
    measure = sanctions.impose("ban", "account", eve.pk, actor=mona)
    here = f"{PEOPLE}?q=eve"
    response = editor.post(f"{PEOPLE}{measure.pk}/lift/", {"next": here}, follow=True)
    assert response.redirect_chain == [(here, 303)]
    assert "Lifted. Eve" in words(response)
    again = editor.post(f"{PEOPLE}{measure.pk}/lift/", follow=True)
    assert "not in force any more" in words(again)


def test_an_account_that_is_gone_leaves_its_measures(editor, eve, mona):
    sanctions.impose("ban", "account", eve.pk, actor=mona)
    number = str(eve.pk)
    eve.delete()
    (row,) = read_people().rows
    assert row.who == number
    assert editor.get(PEOPLE).status_code == 200


def test_the_admin_shows_measures_and_changes_none(editor, eve, mona, root):
    measure = sanctions.impose("ban", "account", eve.pk, actor=mona, note="A note.")
    listed = "/admin/comments/sanction/"
    assert editor.get(listed).status_code == 200
    assert "A note." in editor.get(f"{listed}{measure.pk}/change/").text
    for person in (mona, root):
        editor.force_login(person)
        for place in ("add/", f"{measure.pk}/change/", f"{measure.pk}/delete/"):
            sent_there = {"kind": "warn", "post": "yes"}
            assert editor.post(f"{listed}{place}", sent_there).status_code == 403
    assert Sanction.objects.get().kind == "ban"


def test_undoing_ban_and_reject_all_gives_back_the_comments_and_lifts_the_measure(mona, bob):
    comments = [make_comment(make_thread(), author=bob) for _number in range(3)]
    bulk = moderate_many(
        [(each, Seen.of(each)) for each in comments], Action.REJECT, actor=mona, reason="spam"
    )
    sanctions.impose("ban", "account", str(bob.pk), actor=mona, batch=bulk.batch)
    assert len(plan_undo_many(bulk.batch).sanctions) == 1
    undone = undo_many(bulk.batch, actor=mona)
    assert (len(undone.done), len(undone.lifted)) == (3, 1)
    assert not Sanction.objects.in_force().exists()
    assert set(Comment.objects.values_list("status", flat=True)) == {"approved"}
