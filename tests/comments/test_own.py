"""What people do to a comment of their own: who may, how long, and what others see meanwhile."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.forms import make_token
from comments.models import Comment, DiscussionRules, Markup
from comments.moderation import Seen, moderate
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import WORDS, address_of, post, textarea

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


@pytest.fixture
def bob():
    return get_user_model().objects.create_user("bob@example.org", "x", display_name="Bob")


@pytest.fixture
def eager(settings):
    """A site that lets everybody in at once."""
    settings.COMMENTS_CHECKS = []


# --- editing --------------------------------------------------------------------------------


def test_a_guest_corrects_a_word_within_the_window(client, thread, eager):
    post(client, thread, body="My first pargraph.")
    address = reverse("comments:edit", args=[thread.pk, 1])
    assert textarea(client.get(address)) == "My first pargraph."
    response = client.post(address, {"body": "My first paragraph.", "seen": "approved:1"})
    assert response.status_code == 302
    comment = Comment.objects.get()
    assert (comment.body, comment.revision) == ("My first paragraph.", 2)
    assert comment.revisions.get().body == "My first pargraph."


def test_an_edit_of_what_changed_meanwhile_is_told_and_kept(client, thread, eager):
    post(client, thread, body="First.")
    address = reverse("comments:edit", args=[thread.pk, 1])
    client.post(address, {"body": "Second.", "seen": "approved:1"})
    response = client.post(address, {"body": "Third.", "seen": "approved:1"})
    assert response.status_code == 409
    assert textarea(response) == "Third."
    assert "approved:2" in response.content.decode()
    assert Comment.objects.get().body == "Second."


def test_a_bad_edit_keeps_its_words(client, thread, eager):
    post(client, thread)
    address = reverse("comments:edit", args=[thread.pk, 1])
    response = client.post(address, {"body": "(" * 1_000, "seen": "approved:1"})
    assert (response.status_code, textarea(response)) == (422, "(" * 1_000)
    response = client.post(address, {"body": "Fine.", "seen": "nonsense"})
    assert (response.status_code, textarea(response)) == (409, "Fine.")


@pytest.mark.parametrize("why", ["too late", "rejected", "signed out"])
def test_an_edit_that_comes_too_late_gives_the_words_back(client, thread, bob, eager, why):
    client.force_login(bob)
    address = reverse("comments:post", args=[thread.pk])
    client.post(address, {"body": "First.", "token": make_token(thread)})
    comment = Comment.objects.get()
    if why == "too late":
        Comment.objects.update(created_at=timezone.now() - timedelta(hours=25))
    elif why == "rejected":
        moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    else:
        client.logout()
    address = reverse("comments:edit", args=[thread.pk, 1])
    response = client.post(address, {"body": "Second.", "seen": "approved:1"})
    assert (response.status_code, textarea(response)) == (403, "Second.")
    assert Comment.objects.get().body == "First."


def test_an_edit_that_changes_nothing_is_none_and_there_is_an_end_to_them(client, thread, eager):
    post(client, thread, body="Words 1")
    address = reverse("comments:edit", args=[thread.pk, 1])
    client.post(address, {"body": "Words 1", "seen": "approved:1"})
    assert Comment.objects.get().revision == 1
    for number in range(1, 20):
        sent = {"body": f"Words {number + 1}", "seen": f"approved:{number}"}
        assert client.post(address, sent).status_code == 302
    response = client.post(address, {"body": "Once more", "seen": "approved:20"})
    assert (response.status_code, textarea(response)) == (429, "Once more")


def test_nobody_else_and_nobody_later_edits_or_deletes(client, thread, bob, eager):
    post(client, thread)
    stranger, reader = Client(), Client()
    reader.force_login(bob)
    for name in ("edit", "delete"):
        address = reverse(f"comments:{name}", args=[thread.pk, 1])
        assert stranger.get(address).status_code == 403
        assert reader.post(address, {"body": "Mine now.", "seen": "approved:1"}).status_code == 403
        Comment.objects.update(created_at=timezone.now() - timedelta(hours=1))
        assert client.get(address).status_code == 403
        Comment.objects.update(created_at=timezone.now())
    assert Comment.objects.get().body == WORDS


def test_deleting_ones_own_asks_first_and_blanks_the_words(client, thread, eager):
    post(client, thread)
    address = reverse("comments:delete", args=[thread.pk, 1])
    assert client.get(address).status_code == 200
    assert Comment.objects.get().status == Status.APPROVED
    assert "is deleted" in client.post(address).content.decode()
    comment = Comment.objects.get()
    assert (comment.status, comment.body) == (Status.DELETED, "")
    assert (comment.author_email, comment.author_website) == ("", "")
    assert "gus.example.org" not in comment.meta_html


# --- for how long ---------------------------------------------------------------------------


def written(minutes_ago, *, is_proved, status=Status.APPROVED):
    """Return whether a comment of this age may be changed under the rules in force."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return DiscussionRules.in_force().lets_change(status, at, is_proved=is_proved)


def test_a_guest_has_a_quarter_of_an_hour_and_who_is_proved_a_day():
    assert written(14, is_proved=False)
    assert not written(15, is_proved=False)
    assert written(60 * 24 - 1, is_proved=True)
    assert not written(60 * 24, is_proved=True)


def test_the_editors_set_the_minutes_and_none_is_not_at_all():
    DiscussionRules(pk=1, edit_minutes=0, proved_edit_minutes=30).save()
    assert not written(0, is_proved=False)
    assert written(29, is_proved=True)
    assert not written(30, is_proved=True)


@pytest.mark.parametrize("status", Status)
def test_what_an_editor_removed_or_its_author_deleted_is_not_changed(status):
    living = status in {Status.PENDING, Status.APPROVED, Status.SPAM}
    assert written(1, is_proved=True, status=status) == living


def test_a_proved_address_and_an_account_are_told_by_the_comment_without_a_query(
    thread, bob, django_assert_num_queries
):
    rules = DiscussionRules.in_force()
    at = timezone.now() - timedelta(hours=2)
    guest = make_comment(thread, at=at)
    proved = make_comment(thread, at=at)
    proved.email_proved_at = timezone.now()
    account = make_comment(thread, author=bob, at=at)
    with django_assert_num_queries(0):
        assert [c.is_changeable(rules) for c in (guest, proved, account)] == [False, True, True]


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_an_account_has_longer_than_a_guest(client, thread, bob, name):
    at = timezone.now() - timedelta(hours=23)
    make_comment(thread, author=bob, at=at)
    client.force_login(bob)
    assert client.get(address_of(name, thread)).status_code == 200


def test_a_comment_that_was_answered_is_still_ones_own_to_edit(client, thread, eager):
    post(client, thread, body="First.")
    make_comment(thread, parent=Comment.objects.get())
    response = client.post(address_of("edit", thread), {"body": "Second.", "seen": "approved:1"})
    assert response.status_code == 302
    assert Comment.objects.get(number=1).body == "Second."
    assert Comment.objects.get(number=1).living_replies == 1


# --- what readers see while an edit waits ---------------------------------------------------


@pytest.fixture
def let_through(client, thread):
    """A guest's comment that an editor has approved."""
    post(client, thread, body="Approved *words*.")
    comment = Comment.objects.get()
    moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    comment.refresh_from_db()
    return comment


def change(client, comment, body):
    """Edit a comment as its author's browser does."""
    address = address_of("edit", comment.thread, comment.number)
    comment.refresh_from_db()
    response = client.post(address, {"body": body, "seen": str(Seen.of(comment))})
    comment.refresh_from_db()
    return response


def test_an_edit_of_an_approved_comment_waits_while_readers_keep_the_approved_text(
    client, let_through
):
    assert change(client, let_through, "Other words.").status_code == 302
    assert (let_through.status, let_through.body) == (Status.PENDING, "Other words.")
    assert let_through.is_public()
    assert let_through.public_html == "<p>Approved <em>words</em>.</p>\n"
    assert (let_through.approved_revision, let_through.revision) == (1, 2)
    (earlier,) = let_through.revisions.all()
    assert (earlier.body, earlier.was_public) == ("Approved *words*.", True)


def test_readers_and_counters_notice_nothing_of_an_edit_that_waits(client, let_through, thread):
    thread.refresh_from_db()
    before = (thread.approved_count, let_through.meta_html, let_through.shown_version)
    change(client, let_through, "Other words.")
    change(client, let_through, "Third words.")
    thread.refresh_from_db()
    assert (thread.approved_count, let_through.meta_html, let_through.shown_version) == before
    assert let_through.public_html == "<p>Approved <em>words</em>.</p>\n"
    assert [r.was_public for r in let_through.revisions.order_by("revision")] == [True, False]


def test_an_edit_that_was_approved_is_what_readers_see_from_then_on(client, let_through):
    change(client, let_through, "Other words.")
    moderate(let_through, Action.APPROVE, actor=None, seen=Seen.of(let_through))
    let_through.refresh_from_db()
    assert let_through.public_html == "<p>Other words.</p>\n"
    assert (let_through.standing_html, let_through.approved_revision) == ("", 2)
    assert "/history/" in let_through.meta_html


def test_an_edit_that_reads_like_spam_takes_nothing_from_readers(client, let_through):
    links = " ".join(f"https://example.com/{n}" for n in range(20))
    change(client, let_through, links)
    assert (let_through.status, let_through.is_public()) == (Status.PENDING, True)
    assert "example.com" not in let_through.public_html


def test_an_edit_by_somebody_trusted_is_public_at_once(client, thread, bob, settings):
    make_comment(thread, author=bob)
    client.force_login(bob)
    own = make_comment(thread, author=bob, body="First.")
    change(client, own, "Second.")
    assert (own.status, own.public_html) == (Status.APPROVED, "<p>Second.</p>\n")


def test_the_edit_page_has_the_newest_words_and_says_that_the_approved_ones_still_stand(
    client, let_through
):
    address = address_of("edit", let_through.thread)
    assert "until then readers see" not in client.get(address).content.decode()
    change(client, let_through, "Other words.")
    page = client.get(address)
    assert textarea(page) == "Other words."
    assert "until then readers see" in page.content.decode()
    assert "<p>Approved <em>words</em>.</p>" in page.content.decode()
    change(client, let_through, "Third words.")
    assert textarea(client.get(address)) == "Third words."


def test_words_that_came_as_html_are_edited_as_text(client, thread, bob):
    client.force_login(bob)
    own = make_comment(thread, author=bob)
    html = "<p>Some <b>bold</b> &amp; plain<br>words</p><script>x</script>"
    Comment.objects.update(
        body=html, markup=Markup.HTML, body_html="<p>Some <b>bold</b> &amp; plain<br>words</p>"
    )
    assert textarea(client.get(address_of("edit", thread))) == "Some bold & plain\nwords"
    change(client, own, "Some **bold** & plain")
    assert (own.markup, own.body_html) == (
        Markup.MARKDOWN,
        "<p>Some <strong>bold</strong> &amp; plain</p>\n",
    )
