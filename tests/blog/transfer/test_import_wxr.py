"""`import_wxr` on exports made by hand: who, what, which state; again, changed, hostile."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from blog import publishing
from blog.models import Attachment, Category, Picture, Post, PostStatus, PublishingLogEntry, Tag
from comments.models import Comment, CommentKind
from comments.moderation import Seen, moderate
from comments.status import Action, Status
from comments.transfer.records import ImportMap, ImportRun
from tests.blog.pictures import picture_bytes
from tests.blog.transfer.pages import harm_in
from tests.blog.transfer.standing import counts, exact, standing
from tests.blog.transfer.wordpress_files import (
    Blog,
    author,
    category,
    comment_xml,
    document,
    item_head,
    post,
    write,
)
from tests.cast import make_person

pytestmark = pytest.mark.django_db

Import = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Return a function that imports files and returns the report: `run(path, dry_run=True)`."""

    def import_files(*paths: Path, **options: Any) -> dict[str, Any]:
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        call_command("import_wxr", *paths, report=report, verbosity=0, **options)
        return json.loads(report.read_text()) if report.exists() else {}

    return import_files


@pytest.fixture
def imported(run: Import, tmp_path: Path) -> Import:
    """Return a function that imports an export of these parts: `imported(post(1), ...)`."""

    def import_parts(*parts: str, host: str = "https://old.example", **options: Any) -> Any:
        path = tmp_path / "export.xml"
        path.write_text(document(*parts, host=host), encoding="utf-8")
        return run(path, **options)

    return import_parts


def notes_of(report: dict[str, Any]) -> str:
    return "\n".join(note["what"] for note in report["notes"])


def page_of(what: Post, **query: str) -> str:
    response = Client().get(what.get_absolute_url(), query)
    assert response.status_code == 200
    return response.content.decode()


# ---- Real files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("small-export.xml", {}),
        ("valid-wxr-1.0.xml", {}),
        ("valid-wxr-1.1.xml", {"posts": 1, "pages": 1, "comments": {"approved": 1}}),
        ("wxr-utf-8-challenges.xml", {"posts": 1}),
        ("crazy-cdata.xml", {"posts": 1}),
        ("test-serialized-comment-meta.xml", {"posts": 1, "comments": {"approved": 1}}),
    ],
)
def test_a_good_file_comes_in_and_a_second_time_changes_nothing(
    shared_data: Path, run: Import, name: str, expected: dict[str, Any]
) -> None:
    report = run(shared_data / "imports" / name)
    assert report.items() >= expected.items()
    assert report["posts"] + report["pages"] == Post.objects.count() > 0
    before = exact()
    again = run(shared_data / "imports" / name)
    assert exact() == before
    assert {change for each in again["changes"].values() for change in each} <= {"unchanged"}
    assert without_changes(again) == without_changes(report)


def without_changes(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "changes"}


@pytest.mark.parametrize(
    "name", ["malformed.xml", "malformed-simple.xml", "missing-version-tag.xml"]
)
def test_a_bad_file_is_refused_with_its_name_and_leaves_no_row(
    shared_data: Path, run: Import, name: str
) -> None:
    before = counts()
    with pytest.raises(CommandError, match=name):
        run(shared_data / "imports" / name)
    assert counts() == before


def test_one_bad_file_among_several_keeps_all_of_them_out(
    shared_data: Path, run: Import, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.xml", Blog(posts=3, comments=3))
    before = counts()
    with pytest.raises(CommandError, match="malformed"):
        run(good, shared_data / "imports" / "malformed.xml")
    assert counts() == before


def test_crazy_cdata_is_read_to_its_end(shared_data: Path, run: Import) -> None:
    run(shared_data / "imports" / "crazy-cdata.xml")
    assert "Content with nested" in Post.objects.get().body_html


def test_php_in_a_comments_meta_is_text_and_reaches_no_page(shared_data: Path, run: Import) -> None:
    run(shared_data / "imports" / "test-serialized-comment-meta.xml")
    assert "a:1:{" not in json.dumps(standing(), default=str)


def test_odd_unicode_in_a_login_and_a_name_makes_one_account(
    shared_data: Path, run: Import
) -> None:
    run(shared_data / "imports" / "wxr-utf-8-challenges.xml")
    [person] = User.objects.all()
    assert person.display_name
    assert not person.has_usable_password()
    assert harm_in(page_of(Post.objects.get())) == []


# ---- Posts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("publish", PostStatus.PUBLISHED),
        ("draft", PostStatus.DRAFT),
        ("pending", PostStatus.REVIEW),
        ("private", PostStatus.PRIVATE),
        ("trash", PostStatus.TRASH),
        ("future", PostStatus.PUBLISHED),
        ("of-some-plugin", PostStatus.DRAFT),
    ],
)
def test_a_post_has_the_status_it_had_there(
    imported: Import, status: str, expected: PostStatus
) -> None:
    at = "2199-01-01 00:00:00" if status == "future" else "2020-01-01 00:00:00"
    imported(post(7, comment_xml(id=1), status=status, at=at, slug="hello"))
    found = Post.objects.get()
    assert found.status == expected
    is_public = status == "publish"
    assert Post.objects.published().exists() == is_public
    assert found.thread.is_public == is_public
    assert Client().get("/hello/").status_code == (301 if is_public else 404)
    assert Client().get("/?p=7").status_code == (301 if is_public else 404)
    assert Client().get(found.get_absolute_url()).status_code == (200 if is_public else 404)


@pytest.mark.parametrize("status", ["publish", "draft"])
def test_feed_readers_know_a_public_post_by_what_they_knew_it_by(
    imported: Import, status: str
) -> None:
    guid = "https://old.example/?p=7"
    said = post(7, status=status, slug="hello")
    imported(said.replace("<link>", f"<guid>{guid}</guid><link>"))
    found = Post.objects.get()
    assert found.feed_id == (guid if status == "publish" else "")


def test_a_post_without_any_date_becomes_a_draft(imported: Import) -> None:
    imported(post(1, at="0000-00-00 00:00:00"))
    assert Post.objects.get().status == PostStatus.DRAFT


def test_a_comment_without_any_date_has_that_of_its_post(imported: Import) -> None:
    imported(post(1, comment_xml(id=1, at="0000-00-00 00:00:00"), at="2020-02-03 04:05:06"))
    assert Comment.objects.get().created_at == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_a_password_is_kept_hashed_and_asked_for(imported: Import) -> None:
    imported(post(1, password="enter", content="Among ourselves."))
    found = Post.objects.get()
    assert "enter" not in found.password
    client = Client()
    assert "Among ourselves" not in client.get(found.get_absolute_url()).content.decode()
    client.post(f"{found.get_absolute_url()}unlock/", {"password": "wrong"})
    assert "Among ourselves" not in client.get(found.get_absolute_url()).content.decode()
    client.post(f"{found.get_absolute_url()}unlock/", {"password": "enter"})
    assert "Among ourselves" in client.get(found.get_absolute_url()).content.decode()


def test_a_page_stands_below_its_parent_wherever_that_is_in_the_file(imported: Import) -> None:
    imported(
        post(1, type="page", title="Low", parent=3),
        post(2, type="page", title="Middle", parent=4),
        post(3, type="page", title="High"),
        post(4, type="page", title="Own", parent=4),
    )
    parents = {page.title: page.parent and page.parent.title for page in Post.objects.all()}
    assert parents == {"Low": "High", "Middle": "Own", "High": None, "Own": None}


def test_pages_that_stand_below_each_other_make_no_circle(imported: Import) -> None:
    imported(post(1, type="page", parent=2), post(2, type="page", parent=1))
    assert Post.objects.filter(parent__isnull=True).count() == 1


def test_categories_keep_their_parents_wherever_those_are_in_the_file(imported: Import) -> None:
    imported(
        category("low", "Low", "high"),
        category("high", "High"),
        category("round", "Round", "about"),
        category("about", "About", "round"),
        post(1, labels=[("category", "low", "Low"), ("post_tag", "t", "A tag")]),
    )
    assert Category.objects.get(slug="low").parent == Category.objects.get(slug="high")
    assert Category.objects.filter(slug__in=["round", "about"], parent__isnull=True).count() == 1
    assert [each.name for each in Post.objects.get().categories.all()] == ["Low"]
    assert [each.name for each in Post.objects.get().tags.all()] == ["A tag"]


def test_an_old_slug_leads_to_the_post_and_the_first_of_two_keeps_it(imported: Import) -> None:
    meta = [("_wp_old_slug", "before")]
    report = imported(
        post(1, title="First", link="https://old.example/2020/05/now/", meta=meta),
        post(2, title="Second", link="https://old.example/2020/05/then/", meta=meta),
    )
    first = Post.objects.get(title="First")
    answer = Client().get("/2020/05/before/")
    assert (answer.status_code, answer["Location"]) == (301, first.get_absolute_url())
    assert report["skipped"]["addresses that two posts had"] == 1


def test_what_wordpress_keeps_for_itself_is_counted_and_left_out(imported: Import) -> None:
    report = imported(
        post(1, type="nav_menu_item"),
        post(2, type="revision"),
        post(3, type="portfolio"),
        post(4, status="auto-draft"),
    )
    assert sum(report["skipped"].values()) == 4
    assert not Post.objects.exists()


def test_a_type_that_is_asked_for_comes_in_as_posts(imported: Import) -> None:
    imported(post(3, type="portfolio"), type=["portfolio"])
    assert Post.objects.count() == 1


def test_the_same_id_twice_comes_in_once_with_a_word_about_it(imported: Import) -> None:
    report = imported(
        post(1, comment_xml(id=5, content="One."), comment_xml(id=5, content="Two.")),
        post(1, comment_xml(id=6), title="Again"),
    )
    assert Post.objects.get().title == "Hello"
    assert Comment.objects.get().body.strip().startswith("<p>One.")
    assert report["skipped"]["the same id twice"] == 2


def test_what_a_post_brought_that_was_refused_still_serves_the_next(imported: Import) -> None:
    labels = [("category", "new", "New"), ("post_tag", "new", "Of its own")]
    report = imported(
        post(1, meta=[("_parley_author_note", "x" * 9_999)], labels=labels, creator="nobody"),
        post(2, title="Sound", labels=labels, creator="nobody"),
    )
    found = Post.objects.get()
    assert found.title == "Sound"
    assert [each.name for each in found.tags.all()] == ["Of its own"]
    assert [each.name for each in found.categories.all()] == ["New"]
    assert report["skipped"]["posts that cannot be kept"] == 1
    assert (report["tags"], report["categories"], report["users"]) == (1, 1, 1)


@pytest.mark.parametrize("content", ["word " * 400_001, "<ul>" + "<li>a</li>" * 20_001 + "</ul>"])
def test_a_post_that_cannot_be_typeset_comes_in_as_it_is(imported: Import, content: str) -> None:
    report = imported(post(1, comment_xml(id=5), content=content))
    assert Post.objects.get().body.count("word") + Post.objects.get().body.count("<li>") > 20_000
    assert "&lt;" in Post.objects.get().body_html
    assert Comment.objects.count() == 1
    assert any("its HTML is shown as it is" in note["what"] for note in report["notes"])


def test_footnotes_and_reusable_blocks_come_in_with_their_posts(imported: Import) -> None:
    notes = '[{"id":"a-1","content":"In a note."}]'
    shown = '<!-- wp:block {"ref":3} /--><!-- wp:block {"ref":4} /-->'
    kept = {"type": "wp_block", "content": "<p>Kept once.</p>"}
    imported(
        post(1, content=f"{shown}<!-- wp:footnotes /-->", meta=[("footnotes", notes)]),
        post(3, **kept),
        post(4, **kept, status="draft"),
    )
    html = Post.objects.get().body_html
    assert html.count("Kept once.") == 1
    assert "In a note." in html


def test_a_scheduled_post_and_its_old_address_open_at_their_hour(imported: Import) -> None:
    imported(post(7, status="future", at="2199-01-01 00:00:00", slug="soon"))
    with time_machine.travel(datetime(2199, 1, 1, 0, 0, 1, tzinfo=UTC), tick=False):
        assert Client().get("/soon/").status_code == 301
        assert "Some words" in page_of(Post.objects.get())


# ---- Comments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approved", "expected"),
    [
        ("1", Status.APPROVED),
        ("0", Status.PENDING),
        ("spam", Status.SPAM),
        ("trash", Status.REJECTED),
        ("post-trashed", Status.REJECTED),
        ("odd", Status.PENDING),
    ],
)
def test_a_comment_has_the_status_it_had_there(
    imported: Import, approved: str, expected: Status
) -> None:
    report = imported(post(1, comment_xml(id=881, approved=approved)))
    assert Comment.objects.get().status == expected
    assert report["comments"] == {str(expected): 1}
    assert Post.objects.get().thread.approved_count == (approved == "1")


def test_comments_keep_their_numbers_so_that_their_anchors_hold(imported: Import) -> None:
    imported(post(1, comment_xml(id=881), comment_xml(id=905, parent=881)))
    assert list(Comment.objects.order_by("pk").values_list("number", "depth")) == [
        (881, 0),
        (905, 1),
    ]
    assert 'id="comment-905"' in page_of(Post.objects.get())


def test_a_reply_may_stand_before_what_it_answers(imported: Import) -> None:
    imported(post(1, comment_xml(id=2, parent=1), comment_xml(id=1)))
    assert Comment.objects.get(number=2).parent == Comment.objects.get(number=1)


def test_a_missing_parent_is_a_tombstone_without_words(imported: Import) -> None:
    report = imported(post(1, comment_xml(id=7, parent=3)))
    stone = Comment.objects.get(number=3)
    assert (stone.status, stone.body, stone.author_name) == (Status.DELETED, "", "")
    assert Comment.objects.get(number=7).parent == stone
    assert report["tombstones"] == 1
    assert "comment 3 is missing" in notes_of(report)


def test_a_missing_parent_is_told_of_in_each_run_and_counted_once(
    imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A batch for each of the two threads that lack the same one.
    monkeypatch.setattr("comments.transfer.intake.BATCH", 1)
    parts = [post(1, comment_xml(id=7, parent=3)), post(2, comment_xml(id=8, parent=3))]
    first, second = imported(*parts), imported(*parts)
    assert (first["tombstones"], second["tombstones"]) == (1, 1)
    assert "comment 3 is missing" in notes_of(first)
    assert "comment 3 is missing" in notes_of(second)


@pytest.mark.parametrize("kind", [CommentKind.PINGBACK, CommentKind.TRACKBACK])
def test_pings_come_in_as_such(imported: Import, kind: CommentKind) -> None:
    imported(post(1, comment_xml(id=1, type=str(kind), url="https://elsewhere.example/a")))
    ping = Comment.objects.get()
    assert (ping.kind, ping.author_website) == (kind, "https://elsewhere.example/a")


def test_what_akismet_and_people_said_stands_in_the_log(imported: Import) -> None:
    meta = [
        ("akismet_result", "true"),
        ("akismet_user_result", "false"),
        ("akismet_user", "ann"),
        ("akismet_history", 'O:8:"Exploit":0:{}'),
    ]
    imported(post(1, comment_xml(id=1, meta=meta)))
    entry = Comment.objects.get().log.get()
    assert (entry.action, entry.new_status) == (Action.IMPORT, Status.APPROVED)
    assert [(each["check"], each["verdict"]) for each in entry.findings] == [("akismet", "spam")]
    assert "ann" in entry.note
    assert "Exploit" not in json.dumps(standing(), default=str)


def test_the_trash_is_a_second_entry_of_the_log_with_its_own_date(imported: Import) -> None:
    meta = [("_wp_trash_meta_status", "spam"), ("_wp_trash_meta_time", "1600000000")]
    imported(post(1, comment_xml(id=1, approved="trash", meta=meta)))
    rows = Comment.objects.get().log.order_by("pk")
    assert [(row.action, row.old_status, row.new_status) for row in rows] == [
        (Action.IMPORT, "", Status.SPAM),
        (Action.REJECT, Status.SPAM, Status.REJECTED),
    ]
    assert rows[1].created_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)


def test_comments_of_what_is_left_out_are_counted(imported: Import) -> None:
    report = imported(post(1, comment_xml(id=1), comment_xml(id=2), type="portfolio"))
    assert report["skipped"]["comments of items that were left out"] == 2


def test_an_import_sends_no_mail_and_asks_no_check(
    imported: Import, settings: Any, alice: User
) -> None:
    settings.COMMENTS_CHECKS = ["tests.blog.transfer.test_import_wxr.never"]
    imported(
        author("alice", email=alice.email),
        post(1, *(comment_xml(id=id, approved=a) for id, a in enumerate("10", 1)), creator="alice"),
    )
    assert Comment.objects.count() == 2
    assert mail.outbox == []


def never(submission: Any) -> None:
    raise AssertionError("an import asked a check")


# ---- Whose it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "is_confirmed", "is_same"),
    [
        ("bob@example.org", True, True),
        ("BOB@Example.ORG", True, True),
        ("bob@example.org", False, False),
        ("robert@example.org", True, False),
        ("", True, False),
        ("not an address", True, False),
    ],
)
def test_an_author_is_somebody_here_only_if_both_sides_are_proved(
    imported: Import, there: str, is_confirmed: bool, is_same: bool
) -> None:
    bob = make_person("Bob")
    if not is_confirmed:
        bob.emailaddress_set.update(verified=False)
    comment = comment_xml(id=1, author="Bob", email=there, user_id=2)
    imported(author("bob", id=2, email=there), post(1, comment, creator="bob"))
    assert (Post.objects.get().author == bob) == is_same
    assert (Comment.objects.get().author == bob) == is_same
    assert User.objects.count() == (1 if is_same else 2)


def test_a_guests_typed_address_makes_nobody_of_them(imported: Import, bob: User) -> None:
    imported(
        author("bob", id=2, email=bob.email),
        post(1, comment_xml(id=1, email=bob.email, user_id=0), creator="bob"),
    )
    assert Comment.objects.get().author is None


def test_a_commenter_whom_the_file_does_not_list_is_nobody_here(
    imported: Import, bob: User
) -> None:
    imported(post(1, comment_xml(id=1, email=bob.email, user_id=77)))
    assert Comment.objects.get().author is None


def test_a_new_account_can_be_signed_in_to_by_nobody(imported: Import) -> None:
    imported(author("ann", email="ann@old.example", name="Ann <3"), post(1))
    ann = Post.objects.get().author
    assert (ann.email, ann.display_name) == ("ann@old.example", "Ann <3")
    assert not ann.has_usable_password()
    assert not ann.emailaddress_set.filter(verified=True).exists()
    assert not any([ann.is_staff, ann.is_superuser, ann.groups.exists()])


def test_an_address_that_is_somebodys_but_not_proved_is_told_of(imported: Import) -> None:
    make_person("Bob").emailaddress_set.update(verified=False)
    report = imported(author("bob", email="bob@example.org"), post(1, creator="bob"))
    assert Post.objects.get().author.email.endswith(".invalid")
    assert "--author-map" in notes_of(report)


def test_an_author_map_says_whose_account_it_is(
    imported: Import, tmp_path: Path, bob: User
) -> None:
    names = tmp_path / "authors.csv"
    names.write_text("# who is who\nann,bob@example.org\n")
    imported(author("ann", email="ann@old.example"), post(1, creator="ann"), author_map=names)
    assert Post.objects.get().author == bob
    assert User.objects.count() == 1


@pytest.mark.parametrize("line", ["ann", "ann,bob@example.org,more", "ann,nobody@example.org"])
def test_a_wrong_author_map_is_refused_by_its_line_and_nothing_is_written(
    imported: Import, tmp_path: Path, bob: User, line: str
) -> None:
    names = tmp_path / "authors.csv"
    names.write_text(f"\n{line}\n")
    before = counts()
    with pytest.raises(CommandError, match="line 2"):
        imported(post(1), author_map=names)
    assert counts() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [("bjørn,bob@example.org\n".encode("latin-1"), "UTF-8"), (b'ann,"' + b"x" * 200_000, "login")],
)
def test_an_author_map_that_is_no_such_file_is_refused_in_words(
    imported: Import, tmp_path: Path, content: bytes, words: str
) -> None:
    names = tmp_path / "authors.csv"
    names.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        imported(post(1), author_map=names)


def test_logins_that_look_alike_are_two_people_with_two_addresses(imported: Import) -> None:
    imported(
        author("admin", id=1), author("аdmin", id=2), author("\u202eadmin\u200b", id=3),
        post(1, creator="admin"), post(2, creator="аdmin"), post(3, creator="\u202eadmin\u200b"),
    )  # fmt: skip
    people = User.objects.all()
    assert people.count() == 3
    assert len({person.email for person in people}) == 3
    assert not any("\u202e" in person.display_name for person in people)


# ---- Again --------------------------------------------------------------------------------------


def test_a_second_run_changes_no_row_and_says_so(run: Import, tmp_path: Path) -> None:
    path = write(tmp_path / "blog.xml", Blog(posts=30, comments=120))
    first = run(path)
    before = exact()
    second = run(path)
    assert exact() == before
    assert {change for each in second["changes"].values() for change in each} == {"unchanged"}
    assert sorted_report(second) == sorted_report(first)


def sorted_report(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report without what tells a second run from a first, notes in one order."""
    return without_changes(report) | {"notes": sorted(report["notes"], key=str)}


def test_a_title_that_changed_there_changes_here_and_makes_no_second_post(
    imported: Import,
) -> None:
    imported(post(1, comment_xml(id=1), title="Before", slug="hello"))
    was = Post.objects.get()
    report = imported(post(1, comment_xml(id=1), title="After", slug="hello"))
    now = Post.objects.get()
    assert (now.pk, now.title, now.slug) == (was.pk, "After", was.slug)
    assert now.version > was.version
    assert now.thread.title == "After"
    assert report["changes"]["posts"] == {"updated": 1}
    assert report["changes"]["comments"] == {"unchanged": 1}


def test_a_post_that_was_changed_here_is_left_with_a_note(imported: Import, mona: User) -> None:
    imported(post(1, title="Before"))
    was = Post.objects.get()
    publishing.save(
        was, {"title": "Ours", "body": "Ours."}, actor=mona, seen_version=was.text_version
    )
    report = imported(post(1, title="After"))
    assert Post.objects.get().title == "Ours"
    assert "changed here since" in notes_of(report)


@pytest.mark.django_db(transaction=True)
def test_what_is_being_saved_here_as_an_import_looks_is_not_lost(
    imported: Import, mona: User
) -> None:
    imported(post(1, title="Before"))
    was = Post.objects.get()

    def again() -> None:
        imported(post(1, title="After"))
        connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        fields = {"title": "Ours", "body": "Ours."}
        publishing.save(was, fields, actor=mona, seen_version=was.text_version)
        run = threads.submit(again)
        wait([run], timeout=0.7)
    run.result()
    assert Post.objects.get().title == "Ours"


def test_the_log_tells_of_a_state_that_changed_there(imported: Import) -> None:
    imported(post(1, title="Before"))
    imported(post(1, title="Before", status="draft"))
    imported(post(1, title="After", status="draft"))
    told = PublishingLogEntry.objects.values_list("act", "old_status", "new_status")
    assert list(told) == [
        ("receive", "published", "published"),
        ("receive", "published", "draft"),
    ]


def test_a_comment_that_changed_there_changes_here_unless_somebody_here_judged_it(
    imported: Import, mona: User
) -> None:
    both = [comment_xml(id=id, content="Before.") for id in (1, 2)]
    imported(post(1, *both))
    judged = Comment.objects.get(number=2)
    moderate(judged, Action.REJECT, actor=mona, seen=Seen.of(judged))
    report = imported(post(1, *(comment_xml(id=id, content="After.") for id in (1, 2))))
    first, second = Comment.objects.order_by("number")
    assert ("After" in first.body, "Before" in second.body) == (True, True)
    assert second.status == Status.REJECTED
    assert report["changes"]["comments"] == {"updated": 1}
    assert report["skipped"]["changed here since"] == 1


def test_a_dry_run_tells_the_same_and_writes_nothing(run: Import, tmp_path: Path) -> None:
    path = write(tmp_path / "blog.xml", Blog(posts=30, comments=120))
    before = counts()
    dry = run(path, dry_run=True)
    assert counts() == before
    assert dry == run(path)


def test_several_files_of_one_blog_make_one_blog(run: Import, tmp_path: Path) -> None:
    first, second = tmp_path / "1.xml", tmp_path / "2.xml"
    first.write_text(document(author("ann"), post(1, title="One", type="page", parent=2)))
    second.write_text(document(author("ann"), post(2, title="Two", type="page")))
    run(first, second)
    assert Post.objects.count() == 2
    assert User.objects.count() == 1
    assert ImportRun.objects.count() == 2


def test_two_blogs_may_have_the_same_numbers(imported: Import) -> None:
    for host in ("https://one.example", "https://two.example"):
        imported(post(1, comment_xml(id=1), title=host, link=f"{host}/{host[8:11]}/"), host=host)
    assert Post.objects.count() == 2
    assert Comment.objects.count() == 2
    assert ImportMap.objects.filter(kind="post", external_id="1").count() == 2


# ---- Files --------------------------------------------------------------------------------------

UPLOADS = "https://old.example/wp-content/uploads/2020/01"


def attachment(id: int, name: str, parent: int = 0) -> str:
    return (
        item_head(
            id=id,
            type="attachment",
            status="inherit",
            title=name,
            parent=parent,
            attachment_url=f"{UPLOADS}/{name}",
            meta=[("_wp_attached_file", f"2020/01/{name}"), ("_wp_attachment_image_alt", "A loaf")],
        )
        + "</item>\n"
    )


WITH_PICTURES = (
    attachment(10, "loaf.png", parent=1),
    attachment(11, "crumb.png", parent=1),
    attachment(12, "cover.png"),
    attachment(13, "gone.png"),
    post(
        1,
        content=f'<img src="{UPLOADS}/loaf-300x200.png" alt="x">\n\n[gallery ids="10,11"]\n\n'
        f'<img src="{UPLOADS}/unlisted.png"> <img src="https://elsewhere.example/a.png">',
        meta=[("_thumbnail_id", "12")],
    ),
)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads" / "2020" / "01"
    folder.mkdir(parents=True)
    for name in ("loaf", "crumb", "cover", "unlisted"):
        (folder / f"{name}.png").write_bytes(picture_bytes())
    return tmp_path / "uploads"


def test_without_files_attachments_are_links_to_where_they_were(imported: Import) -> None:
    report = imported(*WITH_PICTURES)
    assert report["attachments"] == Attachment.objects.count() == 4
    assert not Picture.objects.exists()
    assert harm_in(page_of(Post.objects.get())) == []


# Whether a file is kept depends on the transaction, so here they are real ones.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_later", [False, True], ids=["at once", "in a later run"])
def test_files_make_text_cover_and_gallery_whole(
    imported: Import, uploads: Path, is_later: bool
) -> None:
    if is_later:
        imported(*WITH_PICTURES)
    report = imported(*WITH_PICTURES, media=uploads)
    found = Post.objects.get()
    assert found.cover is not None
    assert default_storage.exists(found.cover.file.name)
    assert found.cover.alt == "A loaf"
    ours = {row.picture.file.url for row in Attachment.objects.filter(picture__isnull=False)}
    assert len(ours) == 4
    html = page_of(found)
    assert all(url in html for url in ours)
    assert "old.example/wp-content" not in html
    assert 'src="https://elsewhere.example' not in html
    assert harm_in(html) == []
    assert report["skipped"] == {
        "the file of an attachment: its file is not in the media folder": 1
    }
    before = exact()
    imported(*WITH_PICTURES, media=uploads)
    assert exact() == before


@pytest.mark.django_db(transaction=True)
def test_a_run_without_files_after_one_with_them_takes_no_picture_away(
    imported: Import, uploads: Path
) -> None:
    imported(*WITH_PICTURES, media=uploads)
    before = exact()
    imported(*WITH_PICTURES)
    assert exact() == before


def test_a_dry_run_leaves_no_file_behind(imported: Import, uploads: Path, settings: Any) -> None:
    imported(*WITH_PICTURES, media=uploads, dry_run=True)
    kept = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert kept == []


def test_a_host_that_the_export_does_not_name_is_asked_only_if_somebody_names_it(
    imported: Import,
) -> None:
    # Where it would lead nobody answers, and nobody is asked: ".invalid" is no host's name.
    there = item_head(id=9, type="attachment", attachment_url="http://me.files.invalid/a.png")
    parts = (f"{there}</item>\n",)
    refused = imported(*parts, download=True)["skipped"]
    assert [reason for reason in refused if "--download-host" in reason]
    asked = imported(*parts, download=True, download_host=["me.files.invalid"])["skipped"]
    assert asked == {"the file of an attachment: its host is not known": 1}


def test_what_is_no_host_is_not_taken_for_one(imported: Import) -> None:
    before = counts()
    with pytest.raises(CommandError, match="no host"):
        imported(post(1), download=True, download_host=["no such thing"])
    assert counts() == before


def test_a_media_folder_that_is_none_is_refused_before_anything(
    imported: Import, tmp_path: Path
) -> None:
    before = counts()
    with pytest.raises(CommandError, match="no folder"):
        imported(post(1), media=tmp_path / "nowhere")
    assert counts() == before


# ---- Hostile ------------------------------------------------------------------------------------


def test_hostile_strings_in_every_field_make_no_page_misbehave(
    imported: Import, shared_data: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COMMENTS_PAGE_SIZE = 5_000
    monkeypatch.setattr("blog.views.POSTS_A_PAGE", 5_000)
    lines = (shared_data / "xss-payloads" / "XSS_Polyglots.txt").read_text("utf-8", "replace")
    lines += (shared_data / "xss-payloads" / "RSNAKE_XSS.txt").read_text("utf-8", "replace")
    strings = [clean_xml(line) for line in lines.splitlines() if line.strip()][::2]
    parts = [author(text, id=number, name=text) for number, text in enumerate(strings, start=1)]
    parts += [category(text, text) for text in strings]
    for number, text in enumerate(strings, start=1):
        comments = [
            comment_xml(
                id=number * 10 + extra, author=text, content=text, url=text, ip="<b>", email=text
            )
            for extra in range(2)
        ]
        fields = {"title": text, "excerpt": text, "slug": text, "creator": text}
        labels = [("category", text, text), ("post_tag", text, text)]
        parts.append(post(number, *comments, **fields, content=text, labels=labels))
    report = imported(*parts)
    assert report["posts"] == len(strings)
    pages = ["/", "/feed/atom/", *(each.get_absolute_url() for each in Post.objects.published())]
    pages += [each.get_absolute_url() for each in Category.objects.all()[:8]]
    pages += [each.get_absolute_url() for each in Tag.objects.all()[:8]]
    pages += [each.get_absolute_url() for each in User.objects.all()[:8]]
    client = Client()
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        if "html" in response["Content-Type"]:
            assert harm_in(response.content.decode()) == [], address


def clean_xml(text: str) -> str:
    """Leave out what no XML file can hold."""
    return "".join(char for char in text if char in "\t" or ord(char) >= 0x20)
