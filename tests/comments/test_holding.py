"""Whose comments wait in one discussion: who may ask for how much, and what comes of it."""

from itertools import product

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Comment, DiscussionRules, HeldPeople, RulesChange, Thread
from comments.moderation import prove_address
from comments.ruling import latest_changes, rule_thread, save_rules
from comments.status import Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

OLD_WORDS = "An honest remark about bread and patience."
GUEST = {"name": "Gus", "email": "gus@example.org", "website": "", "subject": ""}


@pytest.fixture
def thread(alice):
    return make_thread(title="On bread", url="/", owner=alice)


@pytest.fixture
def author(alice):
    return signed_in(alice)


@pytest.fixture
def editor(mona):
    return signed_in(mona)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def ask(client, thread, held_people="", max_links=""):
    typed = {"action": "holding", "held_people": held_people, "max_links": max_links}
    return client.post(reverse("comments:manage", args=[thread.pk]), typed)


def rules_of(thread):
    current = Thread.objects.get(pk=thread.pk)
    return current.held_people, current.max_links


def site_says(**values):
    save_rules(DiscussionRules(**values), list(values), None)


def send(client, thread, body=OLD_WORDS, **typed):
    """Post as a guest, slowly enough, and return the status of what was stored."""
    client.post(reverse("comments:post", args=[thread.pk]), {**GUEST, "body": body, **typed})
    return Comment.objects.latest("pk").status


# --- who may ask for what ---------------------------------------------------------------------


@pytest.mark.parametrize(("site", "own"), list(product(HeldPeople, HeldPeople)))
def test_authors_ask_for_more_and_editors_for_anything(author, editor, thread, site, own):
    order = list(HeldPeople)
    site_says(held_people=site)
    is_stricter = order.index(own) > order.index(site)
    assert ask(author, thread, own).status_code == (303 if is_stricter else 422)
    assert rules_of(thread) == (own if is_stricter else "", None)
    assert ask(editor, thread, own).status_code == 303
    assert rules_of(thread) == (own, None)
    # What an editor allowed stays allowed when the author saves the page as it is.
    assert ask(author, thread, own).status_code == 303
    assert ask(author, thread).status_code == 303
    assert rules_of(thread) == ("", None)


@pytest.mark.parametrize(
    ("links", "by_author", "by_editor"),
    [("0", 303, 303), ("2", 303, 303), ("3", 422, 303), ("9", 422, 303), ("1001", 422, 422),
     ("-1", 422, 422), ("x", 422, 422)],
)  # fmt: skip
def test_authors_allow_fewer_links_than_the_site(
    author, editor, thread, links, by_author, by_editor
):
    assert ask(author, thread, max_links=links).status_code == by_author
    assert ask(editor, thread, max_links=links).status_code == by_editor


def test_strangers_and_readers_may_not_ask(bob, client, thread):
    for who in (signed_in(bob), client):
        assert ask(who, thread, "everyone").status_code == 403
    assert rules_of(thread) == ("", None)


def test_a_rule_without_its_check_is_refused(editor, thread, settings):
    settings.COMMENTS_CHECKS = []
    page = ask(editor, thread, "everyone", "2")
    assert page.status_code == 422
    assert "lacks comments.spam.rules.first_time_commenter" in page.text
    assert "lacks comments.spam.rules.too_many_links" in page.text
    assert ask(editor, thread, "nobody").status_code == 303


# --- what comes of it -------------------------------------------------------------------------


def test_it_is_written_down_and_shown_and_the_page_is_not_drawn_anew(editor, mona, thread):
    ask(editor, thread, "everyone", "0")
    change = RulesChange.objects.get()
    assert (change.thread, change.actor, change.actor_name) == (thread, mona, "Mona")
    assert change.changes == {"held_people": ["", "everyone"], "max_links": [None, 0]}
    assert Thread.objects.get().version == thread.version
    page = editor.get(reverse("comments:manage", args=[thread.pk])).text
    assert "Wait for an editor: as the site&#x27;s rules say → everyone" in page
    ask(editor, thread, "everyone", "0")
    assert (len(latest_changes(thread)), latest_changes()) == (1, [])
    shown = editor.get(f"/admin/comments/thread/{thread.pk}/change/").text
    assert "everyone" in shown
    listed = editor.get("/admin/comments/thread/?own_rules=yes")
    assert [each.pk for each in listed.context["cl"].result_list] == [thread.pk]
    assert (
        "1 discussion has rules of its own"
        in editor.get("/admin/comments/discussionrules/1/change/").text
    )
    assert "On bread" in editor.get("/admin/comments/ruleschange/").text


def test_comments_wait_by_the_discussions_own_rule_and_elsewhere_by_the_sites(thread, mona):
    site_says(held_people=HeldPeople.NOBODY, min_seconds=0.0)
    elsewhere = make_thread()
    rule_thread(thread, actor=mona, held_people=HeldPeople.EVERYONE, max_links=0)
    with_link = f"{OLD_WORDS} https://a.example.com/"
    for number, (where, body) in enumerate(product([thread, elsewhere], [OLD_WORDS, with_link])):
        page = Client(REMOTE_ADDR=f"198.51.100.{number}")
        token = page.get(reverse("comments:reply", args=[where.pk])).context["form"]["token"]
        status = send(page, where, f"{body} {number}", token=token.value())
        assert status == (Status.PENDING if where == thread else Status.APPROVED)


# --- a guest's proved address -----------------------------------------------------------------


@pytest.fixture
def proving(thread):
    """The site where only guests without a proved address wait."""
    site_says(held_people=HeldPeople.UNPROVED, min_seconds=0.0)
    return thread


def post(client, thread, body=OLD_WORDS, **typed):
    form = client.get(reverse("comments:reply", args=[thread.pk])).context["form"]
    return send(client, thread, body, token=form["token"].value(), **typed)


def test_a_guest_waits_until_their_address_is_proved_on_this_device(client, proving):
    assert post(client, proving) == Status.PENDING
    assert post(client, proving, "And another one.") == Status.PENDING
    prove_address(Comment.objects.earliest("pk"))
    assert post(client, proving, "A third.", email="GUS@example.org") == Status.APPROVED


@pytest.mark.parametrize("why", ["another device", "another address", "thrown out", "forged"])
def test_a_typed_address_proves_nothing(client, proving, why):
    assert post(client, proving) == Status.PENDING
    prove_address(Comment.objects.get())
    typed, device = {}, client
    if why == "another device":
        device = Client()
    elif why == "another address":
        typed = {"email": "bob@example.org"}
    elif why == "thrown out":
        Comment.objects.update(status=Status.SPAM)
    else:
        device.cookies["parley_guest"] = device.cookies["parley_guest"].value[:-2] + "xx"
    assert post(device, proving, "Once more.", **typed) == Status.PENDING


def test_accounts_do_not_wait_where_proof_is_asked(bob, proving):
    assert post(signed_in(bob), proving) == Status.APPROVED


def test_proof_is_asked_for_only_where_it_counts(client, thread):
    for held, more in ((HeldPeople.NEWCOMERS, 0), (HeldPeople.UNPROVED, 1)):
        site_says(held_people=held, min_seconds=0.0)
        make_comment(thread)
        post(client, thread, f"To have a cookie, and the rules read: {held}.")
        form = client.get(reverse("comments:reply", args=[thread.pk])).context["form"]
        sent = {**GUEST, "body": f"Counted: {held}.", "token": form["token"].value()}
        with CaptureQueriesContext(connection) as asked:
            client.post(reverse("comments:post", args=[thread.pk]), sent)
        proofs = [row for row in asked.captured_queries if 'email_proved_at" IS NOT' in row["sql"]]
        assert len(proofs) == more


def test_who_is_known_by_a_proved_address_may_correct_a_slip_without_waiting(client, proving):
    post(client, proving)
    prove_address(Comment.objects.get())
    assert post(client, proving, "A secnd one.") == Status.APPROVED
    comment = Comment.objects.latest("pk")
    own = reverse("comments:edit", args=[proving.pk, comment.number])
    client.post(own, {"body": "A second one.", "seen": f"approved:{comment.revision}"})
    comment.refresh_from_db()
    assert (comment.body, comment.status) == ("A second one.", Status.APPROVED)
