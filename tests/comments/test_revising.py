"""An editor changes somebody's words: readers are told, nothing is lost, and it can be undone."""

import pytest

from comments.models import Comment, CommentRevision, Thread
from comments.moderation import Seen, StaleComment, edit, moderate, revise, undo
from comments.status import Action, IllegalTransition, Status
from tests.comments.factories import fragment_of, make_comment, make_thread
from tests.comments.test_moderation import counters_agree

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def revised(comment, body, actor=None):
    entry = revise(comment, body, actor=actor, seen=Seen.of(comment))
    return Comment.objects.get(pk=comment.pk), entry


def test_readers_see_the_new_words_and_that_an_editor_changed_them(thread, mona):
    comment, entry = revised(make_comment(thread, body="My address is 12 Elm St."), "[…]", mona)
    assert (comment.status, comment.revision, entry.actor) == ("approved", 2, mona)
    html = fragment_of(thread)
    assert "12 Elm St." not in html
    assert "edited by an editor" in html
    assert CommentRevision.objects.get().body == "My address is 12 Elm St."


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
def test_changing_the_words_leaves_the_status_as_it_is(thread, status):
    comment, _entry = revised(make_comment(thread, status=status), "Other words.")
    assert (comment.status, comment.body, comment.is_public()) == (status, "Other words.", False)


def test_an_edit_by_its_author_is_not_called_an_editors(thread, settings):
    settings.COMMENTS_CHECKS = []
    comment = make_comment(thread)
    edit(comment, "Better words.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert "edited by an editor" not in fragment_of(thread)


def test_the_text_that_stands_while_an_edit_waits_goes_on_standing(thread, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.too_many_links"]
    comment = make_comment(thread, body="What readers saw.")
    links = " ".join(f"https://example.com/{n}" for n in range(5))
    comment = edit(comment, links, actor=None, actor_name="Gus", seen=Seen.of(comment))
    comment, _entry = revised(comment, "Without the links.")
    assert (comment.status, comment.public_html) == ("pending", "<p>What readers saw.</p>\n")
    moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    assert "Without the links." in fragment_of(thread)


def test_undoing_gives_back_the_words_and_what_readers_were_told(thread, mona):
    comment = make_comment(thread, body="As typed.")
    before = fragment_of(thread)
    version = Thread.objects.get().version
    comment, entry = revised(comment, "As edited.", mona)
    inverse = undo(entry, actor=mona)
    comment.refresh_from_db()
    assert (comment.body, comment.edited_at) == ("As typed.", None)
    assert not comment.is_edited_by_editor
    assert (comment.revision, inverse.revision) == (3, 3)
    assert fragment_of(thread) == before
    assert Thread.objects.get().version == version + 2
    undo(inverse, actor=mona)
    comment.refresh_from_db()
    assert (comment.body, comment.is_edited_by_editor) == ("As edited.", True)
    assert counters_agree(thread)


def test_an_editors_words_are_bound_to_those_that_were_seen(thread, mona, settings):
    settings.COMMENTS_CHECKS = []
    comment = make_comment(thread, body="As typed.")
    seen = Seen.of(comment)
    edit(comment, "Corrected.", actor=None, actor_name="Gus", seen=seen)
    with pytest.raises(StaleComment):
        revise(comment, "As edited.", actor=mona, seen=seen)
    assert Comment.objects.get().body == "Corrected."


def test_what_its_author_deleted_has_no_words_to_change(thread, mona):
    comment = make_comment(thread)
    seen = Seen(Status.DELETED, comment.revision)
    with pytest.raises(IllegalTransition):
        revise(comment, "Back again.", actor=mona, seen=seen)
