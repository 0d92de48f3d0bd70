"""Imports in the admin: read by those who may, taken back by a form that says what that means."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from blog.transfer import admin as pages
from comments.models import Comment
from comments.transfer.records import ImportRun, RunStatus
from tests.blog.transfer.runs import Moved
from tests.comments.factories import make_comment

pytestmark = pytest.mark.django_db

LIST = "admin:comments_importrun_changelist"


def allow(user, *names):
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def root(client, mona):
    mona.is_superuser = True
    mona.save()
    client.force_login(mona)
    return client


@pytest.fixture
def moved():
    moved = Moved()
    moved.everything()
    return moved


def address(page, run):
    return reverse(f"admin:comments_importrun_{page}", args=[run.pk])


# --- who ------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["eve", "bob", "alice", "mona"])
def test_imports_are_closed_to_all_who_were_not_let_in(client, request, person, moved):
    client.force_login(request.getfixturevalue(person))
    for url in (reverse(LIST), address("change", moved.run), address("revert", moved.run)):
        assert client.get(url).status_code in {302, 403}
        assert client.post(url).status_code in {302, 403, 405}
    assert Post.objects.exists()


def test_who_may_see_imports_may_not_revert_them(client, eve, moved):
    client.force_login(allow(eve, "view_importrun"))
    assert moved.run.file_name in client.get(reverse(LIST)).text
    page = client.get(address("change", moved.run)).text
    assert "Olga" not in page
    assert address("revert", moved.run) not in page
    assert client.get(address("revert", moved.run)).status_code == 403
    assert client.post(address("revert", moved.run)).status_code == 403
    assert Post.objects.exists()


def test_who_may_revert_needs_no_other_right(client, eve, moved):
    client.force_login(allow(eve, "view_importrun", "delete_importrun"))
    assert client.post(address("revert", moved.run), follow=True).status_code == 200
    assert not Post.objects.exists()


def test_nothing_is_added_or_deleted_by_hand(root, moved):
    base = reverse(LIST)
    assert root.get(f"{base}add/").status_code == 404
    assert root.get(f"{base}{moved.run.pk}/delete/").status_code == 404
    assert root.post(address("change", moved.run)).status_code == 405


# --- the list -------------------------------------------------------------------------------


def test_the_list_says_what_each_brought_newest_first(root, moved):
    Moved(source="other").close()
    text = root.get(reverse(LIST)).text
    assert "1 post, 1 page, 3 comments" in text
    assert text.index("other") < text.index("old.example.org")


def test_a_run_without_a_sign_of_life_is_shown_as_cut_off(root):
    run = Moved(status=RunStatus.RUNNING).run
    assert "running, or cut off" in root.get(reverse(LIST)).text
    ImportRun.objects.update(alive_at=timezone.now() - timedelta(hours=1))
    assert ">cut off<" in root.get(reverse(LIST)).text
    assert ">cut off<" in root.get(address("change", run)).text


def test_where_nothing_was_imported_the_list_says_how(root):
    assert "import_wxr" in root.get(reverse(LIST)).text


# --- one import -----------------------------------------------------------------------------


def test_the_page_shows_the_report_with_lines_and_leads_to_the_posts(root, moved):
    moved.report.skip("a comment too long", line=4711, what="881")
    for number in range(30):
        moved.report.note(f"Note <{number}>", line=number)
    moved.close()
    text = root.get(address("change", moved.run)).text
    assert "line 4711" in text
    assert "a comment too long" in text
    assert "Note &lt;29&gt;" in text
    assert "11 notes more" in text
    for post in Post.objects.all():
        assert post.get_absolute_url() in text


def test_a_draft_it_made_is_reached_in_the_writing_room(root, moved):
    draft = moved.post("Unready", status="draft")
    assert reverse("blog:edit", args=[draft.pk]) in root.get(address("change", moved.run)).text


def test_many_posts_are_paged(root, moved, monkeypatch):
    monkeypatch.setattr(pages, "POSTS_A_PAGE", 1)
    url = address("change", moved.run)
    assert "Old words" not in root.get(url).text
    assert "Old words" in root.get(url, {"posts": "2"}).text
    assert root.get(url, {"posts": "x"}).status_code == 200


def test_a_run_that_did_not_end_says_what_it_had_made(root, moved):
    ImportRun.objects.update(status=RunStatus.RUNNING, report={})
    text = root.get(address("change", moved.run)).text
    assert "no report" in text
    assert "1 account" in text


def test_a_report_of_another_making_is_shown_as_well(root, moved):
    report = {"changes": {"gadgets": {"created": 2}}, "notes": [{"line": None, "what": "Odd"}]}
    ImportRun.objects.update(report=report)
    text = root.get(address("change", moved.run)).text
    assert "gadgets" in text
    assert "Odd" in text
    assert "2 gadgets" in root.get(reverse(LIST)).text


def test_there_is_no_page_for_no_run(root):
    assert root.get(reverse("admin:comments_importrun_change", args=[999])).status_code == 404
    assert root.post(reverse("admin:comments_importrun_revert", args=[999])).status_code == 404


# --- taking it back -------------------------------------------------------------------------


def test_the_form_says_what_goes_and_what_stays_and_then_it_goes(root, moved, make_post):
    make_post(tags=["oven"])
    url = address("revert", moved.run)
    text = root.get(url).text
    for words in ("1 post<", "1 page<", "3 comments", "2 categories", "1 account", "Tag: oven"):
        assert words in text
    assert Post.objects.count() == 3
    answer = root.post(url, follow=True)
    assert Post.objects.count() == 1
    assert "Mona reverted this import" in answer.text
    assert "1 post, 1 page, 3 comments" in answer.text
    assert address("revert", moved.run) not in answer.text


def test_what_stands_in_the_way_is_named_with_links_and_there_is_no_button(root, moved):
    make_comment(Post.objects.get(kind="post").thread, author_name="Late Larry")
    comment = Comment.objects.get(author_name="Late Larry")
    text = root.get(address("revert", moved.run)).text
    assert "Late Larry" in text
    assert reverse("admin:comments_comment_change", args=[comment.pk]) in text
    assert '<button type="submit" class="desk-button' not in text
    answer = root.post(address("revert", moved.run))
    assert answer.status_code == 409
    assert "Nothing was removed" in answer.text
    assert Post.objects.count() == 2


def test_what_was_built_since_the_form_was_shown_counts(root, moved):
    assert "What goes" in root.get(address("revert", moved.run)).text
    make_comment(Post.objects.get(kind="post").thread)
    assert root.post(address("revert", moved.run)).status_code == 409
    assert Comment.objects.count() == 4


def test_a_revert_without_the_forms_token_is_refused(mona, moved):
    mona.is_superuser = True
    mona.save()
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    assert client.post(address("revert", moved.run)).status_code == 403
    assert Post.objects.exists()


def test_a_database_that_is_busy_is_said_and_nothing_is_lost(root, moved, monkeypatch):
    def busy(*_arguments, **_named):
        raise OperationalError

    monkeypatch.setattr(pages, "revert", busy)
    answer = root.post(address("revert", moved.run))
    assert answer.status_code == 503
    assert "Try again" in answer.text


@pytest.mark.django_db(transaction=True)
def test_of_two_who_revert_at_once_one_wins_and_the_other_is_told(mona):
    mona.is_superuser = True
    mona.save()
    moved = Moved()
    moved.everything()
    barrier, statuses = Barrier(2), []

    def press():
        client = Client()
        client.force_login(mona)
        barrier.wait()
        statuses.append(client.post(address("revert", moved.run)).status_code)
        connection.close()

    people = [Thread(target=press) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(statuses) == [302, 409]
    assert not Post.objects.exists()


def test_a_report_names_files_as_it_names_all_else():
    report = {"changes": {"files": {"created": 2}}}
    assert [row["label"] for row in pages.came_in(report)] == ["Files"]
    assert pages.in_words({"files": 2}) == ["2 files"]
