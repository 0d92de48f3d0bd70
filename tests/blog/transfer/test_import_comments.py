"""Which comments of a WordPress file come in, below which page, and who wrote them."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from blog.models import Post
from comments.models import Comment, CommentKind
from comments.status import Status
from tests.blog.transfer.imports import bring, notes_of
from tests.blog.transfer.standing import exact
from tests.blog.transfer.wordpress_files import author, comment_xml, document, item_head, post
from tests.cast import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    return partial(bring, tmp_path)


# ---- What it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("", CommentKind.COMMENT),
        ("comment", CommentKind.COMMENT),
        ("review", CommentKind.COMMENT),
        ("pingback", CommentKind.PINGBACK),
        ("Trackback", CommentKind.TRACKBACK),
        ("webmention", CommentKind.PINGBACK),
    ],
)
def test_what_readers_wrote_is_public(imported: Any, type_: str, kind: CommentKind) -> None:
    imported(post(1, comment_xml(id=1, type=type_)))
    assert Comment.objects.values_list("kind", "status").get() == (kind, Status.APPROVED)


@pytest.mark.parametrize(
    ("type_", "reason"),
    [
        ("note", "notes among editors"),
        ("editorial-comment", "notes among editors"),
        ("order_note", "notes of a shop"),
        ("action_log", "logs of a plugin"),
        ("like", "likes and reposts"),
    ],
)
def test_what_was_for_no_reader_stays_out_with_its_line(
    imported: Any, type_: str, reason: str
) -> None:
    words = "The lawyer says it is libel."
    resolved = comment_xml(id=2, parent=1, type=type_, content="")
    report = imported(post(1, comment_xml(id=1, type=type_, content=words), resolved))
    assert not Comment.objects.exists()
    assert report["skipped"] == {reason: 2}
    assert [note["what"] for note in report["notes"]] == [reason, reason]
    assert all(note["line"] for note in report["notes"])


@pytest.mark.parametrize(
    ("approved", "status"), [("1", Status.PENDING), ("spam", Status.SPAM), ("0", Status.PENDING)]
)
def test_what_is_of_an_unknown_type_is_never_public(
    imported: Any, approved: str, status: Status
) -> None:
    report = imported(post(1, comment_xml(id=1, type="quiz", approved=approved, content="Mine.")))
    assert Comment.objects.get().status == status
    assert 'comment 1 is of the type "quiz": it waits to be judged' in notes_of(report)
    assert "Mine." not in Client().get(Post.objects.get().get_absolute_url()).content.decode()


def test_a_comment_of_an_impossible_year_has_the_date_of_its_post(
    imported: Any, settings: Any
) -> None:
    settings.TIME_ZONE = "America/New_York"
    imported(post(1, comment_xml(id=1, at="0001-01-01 00:00:00")))
    assert Comment.objects.get().created_at == Post.objects.get().published_at
    assert Client().get(Post.objects.get().get_absolute_url()).status_code == 200


# ---- On files -----------------------------------------------------------------------------------


def photo(*comments: str, parent: int) -> str:
    head = item_head(id=5, type="attachment", status="inherit", parent=parent, attachment_url="a")
    return head + "".join(comments) + "</item>\n"


@pytest.mark.parametrize("comes_first", [True, False])
def test_comments_on_a_file_come_to_the_post_it_was_uploaded_to(
    imported: Any, comes_first: bool
) -> None:
    file = photo(comment_xml(id=7, content="What a photo!"), comment_xml(id=8, parent=7), parent=1)
    parts = [file, post(1, comment_xml(id=3))]
    imported(*(parts if comes_first else reversed(parts)))
    comments = Post.objects.get().thread.comments
    assert sorted(comments.values_list("number", flat=True)) == [3, 7, 8]
    assert comments.get(number=8).path.startswith(comments.get(number=7).path)
    before = exact()
    imported(*(parts if comes_first else reversed(parts)))
    assert exact() == before


def test_comments_on_a_file_find_a_post_that_is_in_another_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first.xml", tmp_path / "second.xml"
    first.write_text(document(photo(comment_xml(id=7), parent=1)))
    second.write_text(document(post(1)))
    call_command("import_wxr", first, second, verbosity=0)
    assert Post.objects.get().thread.comments.get().number == 7


def test_comments_on_a_file_of_no_post_are_listed(imported: Any) -> None:
    report = imported(photo(comment_xml(id=7), comment_xml(id=8), parent=0))
    assert not Comment.objects.exists()
    reason = "comments on files that belong to no post"
    assert report["skipped"] == {reason: 2}
    assert [note["what"] for note in report["notes"]] == [reason, reason]


# ---- Whose it is --------------------------------------------------------------------------------


def nameless_author(login: str, email: str) -> str:
    return author(login, email=email).replace("<wp:author_id>1</wp:author_id>", "")


def test_the_blogs_author_is_known_by_address_where_authors_have_no_numbers(
    imported: Any,
) -> None:
    imported(
        nameless_author("ann", "ann@old.example"),
        post(1, comment_xml(id=1, email="Ann@Old.example", user_id=24783058)),
    )
    comment = Comment.objects.get()
    assert comment.author == Post.objects.get().author
    assert comment.author_mark == "author"


@pytest.mark.parametrize("user_id", ["0", ""])
def test_an_address_that_a_guest_typed_makes_no_author_of_them(imported: Any, user_id: str) -> None:
    imported(
        nameless_author("ann", "ann@old.example"),
        post(1, comment_xml(id=1, email="ann@old.example", user_id=user_id)),
    )
    assert Comment.objects.get().author is None


def test_a_file_that_numbers_its_authors_is_taken_at_its_word(imported: Any) -> None:
    imported(
        author("ann", id=3, email="ann@old.example"),
        post(1, comment_xml(id=1, email="ann@old.example", user_id=4)),
    )
    assert Comment.objects.get().author is None


def test_somebody_here_with_the_authors_address_is_known_if_it_is_proved(imported: Any) -> None:
    bob = make_person("Bob")
    imported(
        nameless_author("bob", bob.email),
        post(1, comment_xml(id=1, email=bob.email, user_id=9), creator="bob"),
    )
    assert Comment.objects.get().author == bob


def test_the_theme_datas_author_answers_as_its_author(shared_data: Path) -> None:
    path = shared_data / "imports" / "theme-unit-test-2021.xml"
    call_command("import_wxr", path, verbosity=0)
    answers = Comment.objects.filter(number__in=[903, 910, 915])
    assert [answer.author is not None for answer in answers] == [True] * 3
