"""A deletion taken back: all of the comment returns, to its author, once, within the minute."""

import json
import time
from threading import Barrier
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import OperationalError
from django.test import Client

from comments import taking_back
from comments.models import Comment, CommentRevision, Markup, ModerationLogEntry, Thread
from comments.moderation import Seen, StaleComment, delete, edit, moderate, undelete, undo
from comments.status import Action, IllegalTransition, Status
from comments.taking_back import Taken
from tests.comments.factories import make_comment, make_thread
from tests.comments.test_moderation import counters_agree
from tests.comments.test_races import run_together
from tests.comments.writing import HTMX, address_of, hidden, post, textarea

pytestmark = pytest.mark.django_db

# What changes by deleting and coming back: the thread counts it as two changes.
COLUMNS = [field.attname for field in Comment._meta.concrete_fields]


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


def state(comment):
    """Return every column of a comment and its earlier texts."""
    comment = Comment.objects.get(pk=comment.pk)
    rows = comment.revisions.order_by("revision")
    return {name: getattr(comment, name) for name in COLUMNS}, list(
        rows.values("revision", "body", "markup", "body_html", "replaced_at", "was_public")
    )


def deleted(comment):
    """Delete a comment; return what takes it back: the entry and the words."""
    comment.refresh_from_db()
    taken = Taken.of(comment)
    entry = delete(comment, actor=comment.author, actor_name="Gus", seen=Seen.of(comment))
    return entry, taken


def brought_back(comment):
    entry, taken = deleted(comment)
    return undelete(entry, taken, actor=None, actor_name="Gus")


# --- what comes back ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [each for each in Status if each != Status.DELETED])
def test_everything_is_as_it_was_whatever_its_status(thread, status):
    comment = make_comment(
        thread, body="*My* words.", status=status, author_website="https://x.org"
    )
    before = state(comment)
    inverse = brought_back(comment)
    assert state(comment) == before
    assert (inverse.action, inverse.old_status, inverse.new_status) == ("undo", "deleted", status)
    assert inverse.undoes.action == Action.DELETE
    assert counters_agree(thread)


def test_nothing_of_the_words_stays_on_the_server_in_between(thread):
    comment = make_comment(thread, body="Secret.", author_website="https://secret.example")
    comment = edit(comment, "Secret too.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    deleted(comment)
    columns, earlier = state(comment)
    for secret in ("ecret", "gus@example.org", "secret.example"):
        assert secret not in repr(columns), secret
    assert earlier == []


def test_its_earlier_texts_and_which_of_them_were_public_come_back(thread, settings):
    settings.COMMENTS_CHECKS = []
    comment = make_comment(thread, body="One.")
    for body in ("Two.", "Three."):
        comment = edit(comment, body, actor=None, actor_name="Gus", seen=Seen.of(comment))
    before = state(comment)
    assert [row["body"] for row in before[1]] == ["One.", "Two."]
    brought_back(comment)
    assert state(comment) == before


def test_an_edit_that_waited_waits_again_and_readers_have_the_approved_text_back(thread):
    comment = make_comment(thread, body="Approved.")
    comment = edit(comment, "Newer.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    before = state(comment)
    assert (comment.status, comment.public_html) == ("pending", "<p>Approved.</p>\n")
    brought_back(comment)
    comment.refresh_from_db()
    assert (comment.status, comment.public_html) == ("pending", "<p>Approved.</p>\n")
    assert state(comment) == before
    assert counters_agree(thread)


def test_replies_stand_under_it_as_before(thread):
    root = make_comment(thread)
    make_comment(thread, parent=root)
    brought_back(root)
    root.refresh_from_db()
    assert root.living_replies == 1
    assert counters_agree(thread)


def test_a_held_comment_that_came_back_changes_the_word_on_its_tombstone(thread):
    root = make_comment(thread)
    make_comment(thread, parent=root)
    moderate(root, Action.HOLD, actor=None, seen=Seen.of(root))
    entry, taken = deleted(root)
    before = Thread.objects.get().version
    undelete(entry, taken, actor=None, actor_name="Gus")
    assert Thread.objects.get().version == before + 1


def test_words_that_came_as_html_come_back_as_html(thread):
    comment = make_comment(thread)
    Comment.objects.update(
        markup=Markup.HTML, body="<b>x</b><script>y</script>", body_html="<b>x</b>"
    )
    brought_back(comment)
    comment.refresh_from_db()
    assert (comment.markup, comment.body_html) == (Markup.HTML, "<b>x</b>")


# --- what is refused ------------------------------------------------------------------------


def test_it_comes_back_once(thread):
    comment = make_comment(thread)
    entry, taken = deleted(comment)
    undelete(entry, taken, actor=None, actor_name="Gus")
    with pytest.raises(StaleComment):
        undelete(entry, taken, actor=None, actor_name="Gus")
    assert counters_agree(thread)


def test_an_older_deletion_does_not_bring_back_older_words(thread):
    comment = make_comment(thread, body="Old words.")
    first = deleted(comment)
    undelete(*first, actor=None, actor_name="Gus")
    deleted(comment)
    with pytest.raises(StaleComment):
        undelete(*first, actor=None, actor_name="Gus")
    comment.refresh_from_db()
    assert (comment.status, comment.body) == ("deleted", "")


def test_only_a_deletion_is_taken_back(thread):
    comment = make_comment(thread)
    taken = Taken.of(comment)
    entry = moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    with pytest.raises(IllegalTransition):
        undelete(entry, taken, actor=None, actor_name="Gus")


def test_an_editor_undoes_neither_a_deletion_nor_its_taking_back(thread):
    comment = make_comment(thread)
    entry, taken = deleted(comment)
    with pytest.raises(IllegalTransition):
        undo(entry, actor=None)
    inverse = undelete(entry, taken, actor=None, actor_name="Gus")
    with pytest.raises(IllegalTransition):
        undo(inverse, actor=None)
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED


# --- over HTTP ------------------------------------------------------------------------------


def test_a_guest_deletes_and_takes_it_back_with_a_plain_form(client, thread, eager):
    post(client, thread, body="My words.")
    before = state(Comment.objects.get())
    page = client.post(address_of("delete", thread))
    assert (page.status_code, "My words" in page.content.decode()) == (200, False)
    assert page["Cache-Control"] == "private, no-store"
    sent = {"keepsake": hidden(page, "keepsake")}
    answer = client.post(address_of("undelete", thread), sent)
    assert (answer.status_code, answer["Location"]) == (303, "/#comment-1")
    assert state(Comment.objects.get()) == before


def test_a_second_click_leads_to_the_comment_too(client, thread, eager):
    post(client, thread)
    sent = {"keepsake": hidden(client.post(address_of("delete", thread)), "keepsake")}
    places = [client.post(address_of("undelete", thread), sent)["Location"] for _ in range(2)]
    assert places == ["/#comment-1"] * 2
    assert ModerationLogEntry.objects.filter(action=Action.UNDO).count() == 1


def test_htmx_gets_the_note_alone(client, thread, eager):
    post(client, thread)
    page = client.post(address_of("delete", thread), headers=HTMX).content.decode()
    assert "<html" not in page
    assert 'name="keepsake"' in page


def test_after_the_minute_the_words_are_given_to_be_copied(client, thread, eager):
    post(client, thread, body="My words.")
    sent = {"keepsake": hidden(client.post(address_of("delete", thread)), "keepsake")}
    with mock.patch("time.time", return_value=time.time() + 60):
        assert not taking_back.read(sent["keepsake"]).is_late
    with mock.patch("time.time", return_value=time.time() + 76):
        answer = client.post(address_of("undelete", thread), sent)
    assert (answer.status_code, textarea(answer)) == (403, "My words.")
    assert "minute" in answer.content.decode()
    assert Comment.objects.get().status == Status.DELETED


def test_the_longest_comment_with_the_most_texts_fits_into_the_form(client, thread, settings):
    """20,000 characters of no pattern, twenty times: more than anybody writes."""
    settings.COMMENTS_CHECKS = []
    post(client, thread)
    comment = Comment.objects.get()
    han = [chr(0x4E00 + hash((n, 7)) % 20_000) for n in range(20_000)]
    for number in range(1, 20):
        body = "".join(han[number * 500 :] + han[: number * 500])
        comment = edit(comment, body, actor=None, actor_name="Gus", seen=Seen.of(comment))
    before = state(comment)
    page = client.post(address_of("delete", thread))
    answer = client.post(address_of("undelete", thread), {"keepsake": hidden(page, "keepsake")})
    assert answer.status_code == 303
    assert state(comment) == before


@pytest.mark.parametrize("keepsake", ["", "forged", "x" * 1000, "of something else"])
def test_a_forged_form_brings_nothing_back(client, thread, eager, keepsake):
    if keepsake == "of something else":
        keepsake = signing.dumps([1, 2, 3])
    post(client, thread)
    client.post(address_of("delete", thread))
    answer = client.post(address_of("undelete", thread), {"keepsake": keepsake})
    assert answer.status_code == 403
    assert Comment.objects.get().status == Status.DELETED


def test_nobody_else_takes_it_back_with_the_form_of_its_author(client, thread, bob, eager):
    post(client, thread)
    sent = {"keepsake": hidden(client.post(address_of("delete", thread)), "keepsake")}
    reader = Client()
    reader.force_login(bob)
    for stranger in (Client(), reader):
        answer = stranger.post(address_of("undelete", thread), sent)
        assert answer.status_code == 403
    assert Comment.objects.get().status == Status.DELETED


def test_what_was_signed_for_somebody_else_is_not_taken_from_its_author(client, thread, bob, eager):
    post(client, thread)
    entry, taken = deleted(Comment.objects.get())
    sent = {"keepsake": taking_back.sign(entry, bob.pk, taken)}
    assert client.post(address_of("undelete", thread), sent).status_code == 403
    assert Comment.objects.get().status == Status.DELETED


def test_the_form_of_one_comment_brings_back_no_other(client, thread, eager):
    post(client, thread, body="One.")
    post(client, thread, body="Two.")
    sent = {"keepsake": hidden(client.post(address_of("delete", thread, 1)), "keepsake")}
    client.post(address_of("delete", thread, 2))
    answer = client.post(address_of("undelete", thread, 2), sent)
    assert (answer.status_code, textarea(answer)) == (404, "One.")
    assert set(Comment.objects.values_list("status", flat=True)) == {Status.DELETED}


def test_a_thread_that_is_gone_gives_the_words_back(client, thread, eager):
    post(client, thread, body="My words.")
    sent = {"keepsake": hidden(client.post(address_of("delete", thread)), "keepsake")}
    Thread.objects.update(public_at=None)
    answer = client.post(address_of("undelete", thread), sent)
    assert (answer.status_code, textarea(answer)) == (404, "My words.")


def test_a_database_that_is_down_leaves_the_button_that_tries_again(client, thread, eager):
    post(client, thread)
    sent = {"keepsake": hidden(client.post(address_of("delete", thread)), "keepsake")}
    with mock.patch("comments.own.undelete", side_effect=OperationalError("locked")):
        answer = client.post(address_of("undelete", thread), sent)
    assert answer.status_code == 503
    assert hidden(answer, "keepsake") == sent["keepsake"]
    assert client.post(address_of("undelete", thread), sent).status_code == 303


def test_with_a_session_that_was_renewed_the_button_comes_back_with_a_new_token(thread, bob, eager):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    make_comment(thread, author=bob, body="My words.")
    page = client.get(address_of("delete", thread))
    token = hidden(page, "csrfmiddlewaretoken")
    page = client.post(address_of("delete", thread), {"csrfmiddlewaretoken": token})
    sent = {"keepsake": hidden(page, "keepsake"), "csrfmiddlewaretoken": "stale"}
    answer = client.post(address_of("undelete", thread), sent)
    assert answer.status_code == 403
    assert Comment.objects.get().status == Status.DELETED
    again = {name: hidden(answer, name) for name in sent}
    assert again["keepsake"] == sent["keepsake"]
    assert client.post(address_of("undelete", thread), again).status_code == 303
    assert Comment.objects.get().body == "My words."


# --- two at once ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_back_at_once_one_wins():
    thread = make_thread()
    for _race in range(10):
        comment = make_comment(thread, body="Mine.")
        entry, taken = deleted(comment)
        start = Barrier(2)

        def bring(entry=entry, taken=taken, start=start):
            start.wait(timeout=60)
            try:
                undelete(entry, taken, actor=None, actor_name="Gus")
            except StaleComment:
                return "stale"
            return "done"

        assert sorted(run_together(bring, bring)) == ["done", "stale"]
    assert counters_agree(thread)
    assert not CommentRevision.objects.exists()


def test_the_signed_words_can_be_read_by_their_holder_but_not_changed(thread):
    comment = make_comment(thread, body="Mine.")
    entry, taken = deleted(comment)
    signed = taking_back.sign(entry, None, taken)
    assert taking_back.read(signed).taken == taken
    _words, stamp, signature = signed.rsplit(":", 2)
    forged = signing.b64_encode(json.dumps([1, 2, None, ["x"]]).encode()).decode()
    with pytest.raises(signing.BadSignature):
        taking_back.read(f"{forged}:{stamp}:{signature}")


def test_who_was_called_by_name_is_called_again(thread):
    make_comment(thread, author_name="Bob")
    comment = make_comment(thread, body="@Bob Yes.", status=Status.APPROVED)
    edit(comment, "@Bob No.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    before = Comment.objects.get(pk=comment.pk).body_html
    assert 'class="mention"' in before
    entry, taken = deleted(comment)
    undelete(entry, taken, actor=None, actor_name="Gus")
    comment.refresh_from_db()
    assert comment.body_html == before
    assert 'class="mention"' in comment.revisions.get().body_html
