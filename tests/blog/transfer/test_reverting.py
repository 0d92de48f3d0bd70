"""An import is taken back: all of it or nothing, and nothing that others built or use."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import publishing
from blog.markup_pictures import picture_markdown
from blog.models import (
    Attachment,
    Category,
    Picture,
    Post,
    PublishingLogEntry,
    ReviewNote,
    Tag,
)
from blog.transfer import reverting
from blog.transfer.reverting import CannotRevert, revert
from comments import helpful, moderation, reports
from comments.models import (
    Comment,
    EgressEntry,
    Feedback,
    HelpfulMark,
    Markup,
    ModerationLogEntry,
    OutgoingLetter,
    Report,
    SentFields,
    Thread,
    ThreadVisit,
    UncheckedComment,
)
from comments.moderation import Seen
from comments.status import Action, Status
from comments.transfer.arrivals import Act, Earlier
from comments.transfer.records import SURELY_CUT_OFF, ImportMap, ImportRun, RunStatus
from tests.blog.transfer.runs import THEN, Moved
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    """Return how many rows each table has, but for the log, which outlives what it tells of."""
    models = set(apps.get_models(include_auto_created=True)) - {PublishingLogEntry}
    return {model._meta.label: model._base_manager.count() for model in models}


def reasons(run: ImportRun, actor: Any) -> list[str]:
    """Return what stands in the way, and see that nothing was removed."""
    before = counts()
    with pytest.raises(CannotRevert) as refused, transaction.atomic():
        revert(run.pk, actor=actor)
    assert counts() == before
    return [obstacle.reason for obstacle in refused.value.plan.obstacles]


# --- all that it made goes ------------------------------------------------------------------


def test_all_that_an_import_made_goes_and_the_run_says_who_did_it(mona):
    before = counts()
    moved = Moved()
    moved.everything()
    plan = revert(moved.run.pk, actor=mona)
    assert counts() == {**before, "comments.ImportRun": before["comments.ImportRun"] + 1}
    assert plan.counts() == {
        "posts": 1, "pages": 1, "comments": 3, "redirects": 1, "attachments": 2, "pictures": 1,
        "categories": 2, "tags": 1, "users": 1,
    }  # fmt: skip
    run = ImportRun.objects.get()
    assert (run.status, run.reverted_by) == (RunStatus.REVERTED, mona)
    assert run.report["reverted"]["went"] == plan.counts()


def test_the_log_tells_of_each_post_who_took_it_back(mona):
    moved = Moved()
    moved.everything()
    posts = set(Post.objects.values_list("pk", "title", "status"))
    revert(moved.run.pk, actor=mona)
    told = PublishingLogEntry.objects.filter(act="purge", actor=mona.pk)
    assert set(told.values_list("post_id", "post_title", "new_status")) == posts
    assert {entry.actor_name for entry in told} == {"Mona"}


def test_files_go_once_the_rest_is_gone_for_good(mona, django_capture_on_commit_callbacks):
    moved = Moved()
    moved.everything()
    names = [Picture.objects.get().file.name, Attachment.objects.exclude(file="").get().file.name]
    with django_capture_on_commit_callbacks(execute=True):
        revert(moved.run.pk, actor=mona)
        assert all(default_storage.exists(name) for name in names)
    assert not any(default_storage.exists(name) for name in names)


def test_what_was_here_before_stays(mona, make_post, bob):
    post = make_post(tags=["mine"])
    comment = make_comment(post.thread)
    moved = Moved()
    moved.everything()
    moved.remember("user", bob, is_made=False)
    moved.remember("tag", Tag.objects.get(name="mine"), is_made=False)
    revert(moved.run.pk, actor=mona)
    assert Post.objects.get() == post
    assert Comment.objects.get() == comment
    assert Tag.objects.get().name == "mine"
    assert get_user_model().objects.filter(pk=bob.pk).exists()
    assert not ImportMap.objects.exists()


def test_the_same_file_can_come_again(mona):
    Moved().everything()
    after_once = counts()
    revert(ImportRun.objects.get().pk, actor=mona)
    Moved().everything()
    assert counts() == {**after_once, "comments.ImportRun": 2}


def test_a_run_that_failed_can_be_reverted(mona):
    moved = Moved(status=RunStatus.FAILED)
    moved.everything()
    revert(moved.run.pk, actor=mona)
    assert not Post.objects.exists()


def test_nothing_else_hangs_on_a_comment():
    """Where comments are deleted as rows, whatever points to them has to be known."""
    fields = Comment._meta.get_fields(include_hidden=True)
    pointing = {
        field.related_model for field in fields if field.auto_created and not field.concrete
    }
    assert {model.__name__ for model in pointing} == {
        "Comment", "CommentMove", "CommentRevision", "EgressEntry", "Feedback", "HelpfulMark",
        "LearnerExample", "ModerationLogEntry", "Presence", "Report", "SentFields",
        "UncheckedComment",
    }  # fmt: skip


def test_nothing_else_hangs_on_a_row_of_the_log():
    fields = ModerationLogEntry._meta.get_fields(include_hidden=True)
    pointing = {
        field.related_model for field in fields if field.auto_created and not field.concrete
    }
    assert {model.__name__ for model in pointing} == {
        "Feedback", "ModerationLogEntry", "OutgoingLetter", "Report",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_readers_did_here_goes_with_it_and_stands_in_nobodys_way(mona, bob):
    """None of it is an answer. Up to the commit, which is when a database looks."""
    stays = make_comment(make_thread())
    helpful.toggle(stays, bob)
    reports.report(stays, reporter=bob, key="bob", reason="spam")
    moved = Moved()
    moved.everything()
    moved.comments(stays.thread, "of this run")
    made = Comment.objects.public().exclude(pk=stays.pk)
    assert made.count() == 3
    for comment in made:
        helpful.toggle(comment, bob)
        reports.report(comment, reporter=bob, key="bob", reason="spam")
        entry = comment.log.order_by("-pk").first()
        OutgoingLetter.objects.create(entry=entry, to=bob.email, due_at=timezone.now())
        Feedback.objects.create(comment=comment, entry=entry, service="x", due_at=timezone.now())
        SentFields.objects.create(comment=comment, service="x", verdict="ham")
        UncheckedComment.objects.create(comment=comment, check_path="x", revision=1)
        EgressEntry.objects.create(comment=comment, service="x", host="x", purpose="recheck")
    for thread in Thread.objects.all():
        visit = {"since_version": 1, "seen_version": 2, "seen_at": timezone.now()}
        ThreadVisit.objects.create(user=bob, thread=thread, **visit)
    revert(moved.run.pk, actor=mona)
    assert HelpfulMark.objects.get().comment == stays
    assert Report.objects.get().comment == stays
    assert not EgressEntry.objects.exists()
    assert ThreadVisit.objects.get().thread == stays.thread
    stays.refresh_from_db()
    assert (stays.helpful_count, stays.thread.marker_count) == (1, 1)


def test_the_log_can_be_deleted_nowhere_else_not_even_afterwards(mona):
    kept = make_comment(make_thread())
    moved = Moved()
    moved.everything()
    revert(moved.run.pk, actor=mona)
    with pytest.raises(TypeError):
        kept.log.get().delete()
    if connection.vendor == "postgresql":
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            kept.log.all()._raw_delete("default")
    assert kept.log.exists()


# --- comments in threads that were here before ----------------------------------------------


def facts() -> tuple[list[Any], list[Any]]:
    comments = Comment.objects.order_by("pk").values_list("pk", "living_replies", "status")
    return list(comments), list(Thread.objects.order_by("pk").values_list("pk", "approved_count"))


def test_counters_of_threads_that_stay_are_right_again(mona):
    first, thread = Moved(source="first"), make_thread()
    make_comment(thread)
    first.comments(thread, "a", "b<a", "c<b")
    before, version = facts(), Thread.objects.get().version
    second = Moved(source="first")
    second.comments(thread, "d<c", "e<d", "f", "g<a", status=Status.APPROVED)
    second.comments(thread, "h<c", status=Status.SPAM)
    last = Thread.objects.get().last_number
    assert facts() != before
    revert(second.run.pk, actor=mona)
    assert facts() == before
    thread = Thread.objects.get()
    assert thread.version > version + 2
    assert thread.last_number == last


def test_a_thread_that_an_import_never_wrote_in_is_left_alone(mona):
    other, thread = make_thread(), make_thread()
    make_comment(other)
    version = Thread.objects.get(pk=other.pk).version
    moved = Moved()
    moved.comments(thread, "a")
    revert(moved.run.pk, actor=mona)
    assert Thread.objects.get(pk=other.pk).version == version
    assert Thread.objects.get(pk=other.pk).approved_count == 1


# --- what stands in the way -----------------------------------------------------------------


@pytest.fixture
def moved() -> Moved:
    moved = Moved()
    moved.everything()
    return moved


def test_a_comment_in_a_thread_it_made_stands_in_the_way(moved, mona):
    Thread.objects.update(public_at=THEN, is_open=True)
    make_comment(Post.objects.get(kind="post").thread)
    assert reasons(moved.run, mona) == ["Comments that came later, here or by another import"]


def test_an_answer_to_one_of_its_comments_stands_in_the_way(mona):
    moved, thread = Moved(), make_thread()
    moved.comments(thread, "a")
    make_comment(thread, parent=Comment.objects.get())
    assert reasons(moved.run, mona) == ["Comments that came later, here or by another import"]


def test_a_comment_of_a_later_import_stands_in_the_way_until_that_is_reverted(moved, mona):
    later = Moved()
    later.comments(Post.objects.get(kind="post").thread, "later<1")
    assert reasons(moved.run, mona) == ["Comments that came later, here or by another import"]
    revert(later.run.pk, actor=mona)
    revert(moved.run.pk, actor=mona)
    assert not Comment.objects.exists()


def moderate(comment, mona):
    moderation.moderate(comment, Action.REJECT, actor=mona, seen=Seen.of(comment))


def rewrite(comment, mona):
    moderation.edit(comment, "Other", actor=mona, actor_name="Mona", seen=Seen.of(comment))


def delete(comment, mona):
    moderation.delete(comment, actor=mona, actor_name="Mona", seen=Seen.of(comment))


@pytest.mark.parametrize("act", [moderate, rewrite, delete])
def test_a_comment_that_was_touched_here_stands_in_the_way(moved, mona, act):
    act(Comment.objects.approved().first(), mona)
    assert reasons(moved.run, mona) == [
        "Its comments that were moderated, edited or deleted here since"
    ]


def test_the_history_that_came_along_does_not(mona):
    moved, thread = Moved(), make_thread()
    moved.admit(
        moved.arrival(
            "1",
            thread,
            revision=2,
            history=[
                Act(Action.SUBMIT, Status.PENDING, THEN),
                Act(Action.APPROVE, Status.APPROVED, THEN, old_status=Status.PENDING),
                Act(Action.UNDO, Status.PENDING, THEN, old_status=Status.APPROVED, undoes=1),
            ],
            earlier=[Earlier(1, "Before", Markup.MARKDOWN, THEN)],
        )
    )
    assert ModerationLogEntry.objects.count() == 3
    revert(moved.run.pk, actor=mona)
    assert not ModerationLogEntry.objects.exists()


def test_what_a_later_run_brought_up_to_date_does_not(mona):
    moved, thread = Moved(), make_thread()
    moved.comments(thread, "a", at=timezone.now())
    later = Moved()
    later.comments(thread, "a", status=Status.SPAM, at=timezone.now())
    assert Comment.objects.get().log.count() == 2
    revert(moved.run.pk, actor=mona)
    assert not Comment.objects.exists()


def test_a_post_that_was_changed_here_stands_in_the_way(moved, mona):
    post = Post.objects.get(kind="post")
    publishing.unpublish(post, actor=mona)
    assert reasons(moved.run, mona) == ["Its posts and pages that were changed here since"]


def test_what_is_being_written_beside_one_of_its_posts_stands_in_the_way(moved, mona):
    post, page = Post.objects.get(kind="post"), Post.objects.get(kind="page")
    publishing.keep(post, {"body": "Days of work."}, actor=mona, seen_version=1)
    ReviewNote.objects.create(post=page, body="Shorter.", author=mona, author_name="Mona")
    with pytest.raises(CannotRevert) as refused:
        revert(moved.run.pk, actor=mona)
    [obstacle] = refused.value.plan.obstacles
    assert obstacle.reason == "Its posts and pages beside which somebody has written here since"
    assert set(obstacle.first) == {post, page}


def test_a_page_below_one_of_its_pages_stands_in_the_way(moved, mona, make_post):
    page = Post.objects.get(kind="page")
    Post.objects.filter(pk=make_post().pk).update(kind="page", parent=page)
    assert reasons(moved.run, mona) == ["Pages that stand below its pages"]


def test_a_file_of_another_import_on_one_of_its_posts_stands_in_the_way(moved, mona):
    Attachment.objects.create(post=Post.objects.get(kind="post"), title="Later")
    assert reasons(moved.run, mona) == ["Files of another import that belong to its posts"]


def test_only_the_first_obstacles_are_named_and_all_are_counted(moved, mona):
    Moved(source="later").comments(Post.objects.get(kind="post").thread, *map(str, range(25)))
    with pytest.raises(CannotRevert) as refused:
        revert(moved.run.pk, actor=mona)
    [obstacle] = refused.value.plan.obstacles
    assert (obstacle.count, len(obstacle.first), obstacle.more) == (25, 20, 5)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.REVERTED])
def test_a_run_that_may_still_write_or_is_reverted_is_refused(mona, status):
    moved = Moved(status=status)
    moved.everything()
    assert reasons(moved.run, mona) == []
    assert Post.objects.count() == 2


def test_a_run_that_was_cut_off_can_be_reverted_after_the_one_that_went_on(mona):
    before = counts()
    killed, newer = Moved(status=RunStatus.RUNNING), Moved()
    killed.everything()
    thread = Post.objects.get(kind="post").thread
    newer.admit(*(newer.arrival(name, thread) for name in ("1", "2<1", "4<2")))
    newer.close()
    ImportRun.objects.filter(pk=killed.run.pk).update(alive_at=timezone.now() - SURELY_CUT_OFF)
    assert reasons(killed.run, mona) == ["Comments that came later, here or by another import"]
    revert(newer.run.pk, actor=mona)
    revert(killed.run.pk, actor=mona)
    assert counts() == {**before, "comments.ImportRun": before["comments.ImportRun"] + 2}


def test_a_run_that_goes_on_shows_its_life(mona):
    moved = Moved(status=RunStatus.RUNNING)
    moved.everything()
    moved.run.alive_at = timezone.now() - SURELY_CUT_OFF
    moved.run.save()
    assert moved.run.is_cut_off
    moved.comments(Post.objects.get(kind="post").thread, "5")
    assert not ImportRun.objects.get().is_cut_off
    assert reasons(moved.run, mona) == []


def test_who_comes_second_is_told_who_was_first(moved, mona, alice):
    revert(moved.run.pk, actor=mona)
    with pytest.raises(CannotRevert) as refused:
        revert(moved.run.pk, actor=alice)
    assert "Mona" in refused.value.plan.refusal
    assert ImportRun.objects.get().reverted_by == mona


def test_when_the_last_step_fails_nothing_is_gone(moved, mona, monkeypatch):
    def fail(*_arguments: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(reverting, "_close", fail)
    before = counts()
    with pytest.raises(RuntimeError), transaction.atomic():
        revert(moved.run.pk, actor=mona)
    assert counts() == before


# --- what others use stays ------------------------------------------------------------------


def test_an_author_of_other_posts_stays_and_the_plan_says_so(moved, mona, make_post):
    author = moved.author
    make_post(author=author)
    plan = revert(moved.run.pk, actor=mona)
    assert plan.staying == [author]
    assert get_user_model().objects.filter(pk=author.pk).exists()
    row = ImportMap.objects.get()
    assert (row.kind, row.object_id, row.is_made) == ("user", author.pk, False)


@pytest.mark.parametrize("sign", [{"last_login": THEN}, {"password": "pbkdf2_sha256$1$a$b"}])
def test_an_account_that_somebody_has_taken_over_stays(moved, mona, sign):
    get_user_model().objects.filter(pk=moved.author.pk).update(**sign)
    assert revert(moved.run.pk, actor=mona).staying == [moved.author]


def test_an_author_of_a_comment_elsewhere_stays(moved, mona):
    make_comment(make_thread(), author=moved.author)
    assert revert(moved.run.pk, actor=mona).staying == [moved.author]


def test_a_category_in_use_stays_with_those_it_stands_within(moved, mona, make_post):
    child = Category.objects.get(name="Bread")
    make_post().categories.add(child)
    plan = revert(moved.run.pk, actor=mona)
    assert {row.name for row in plan.staying} == {"Bread", "Food"}
    assert Category.objects.get(pk=child.pk).parent.name == "Food"


def test_a_tag_in_use_stays(moved, mona, make_post):
    make_post(tags=["oven"])
    assert [row.name for row in revert(moved.run.pk, actor=mona).staying] == ["oven"]
    assert Tag.objects.get().posts.count() == 1


def in_a_text(picture, make_post):
    make_post(body=picture_markdown(picture))


def as_a_cover(picture, make_post):
    make_post(cover=picture)


@pytest.mark.parametrize("use", [in_a_text, as_a_cover])
def test_a_picture_that_another_post_shows_stays_with_its_file(
    moved, mona, make_post, use, django_capture_on_commit_callbacks
):
    picture = Picture.objects.get()
    use(picture, make_post)
    with django_capture_on_commit_callbacks(execute=True):
        plan = revert(moved.run.pk, actor=mona)
    assert plan.staying == [moved.author, picture]
    assert default_storage.exists(Picture.objects.get().file.name)


def test_a_file_that_another_post_links_to_stays(moved, mona, make_post):
    file = Attachment.objects.exclude(file="").get()
    make_post(body=f"[The list](/media/{file.file.name})")
    assert revert(moved.run.pk, actor=mona).staying == [file]
    assert Attachment.objects.get() == file


# --- as many as there are -------------------------------------------------------------------


def test_more_comments_need_no_more_queries(mona):
    asked = []
    for many in (10, 200):
        moved, thread = Moved(source=str(many)), make_thread()
        moved.comments(thread, "0", *(f"{n}<{n // 3}" for n in range(1, many)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            revert(moved.run.pk, actor=mona)
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- from a real file -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["small-export.xml", "valid-wxr-1.1.xml"])
def test_a_site_is_as_it_was_before_an_import_that_is_reverted(mona, shared_data, name):
    before = counts()
    call_command("import_wxr", str(shared_data / "imports" / name), verbosity=0)
    assert Post.objects.exists()
    revert(ImportRun.objects.get().pk, actor=mona)
    assert counts() == {**before, "comments.ImportRun": 1}
