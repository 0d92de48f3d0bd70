"""An author map that comes after the first run: what is whose from then on."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from blog.models import Post
from comments.models import Comment
from comments.transfer.records import ImportMap
from tests.blog.transfer.imports import bring, notes_of
from tests.blog.transfer.standing import exact
from tests.blog.transfer.wordpress_files import author, comment_xml, post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

PARTS = (
    author("ann", id=1, email="ann@old.example"),
    post(1, comment_xml(id=1, user_id=1), creator="ann"),
    post(2, creator="bert"),
)


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    return partial(bring, tmp_path)


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "authors.csv"
    path.write_text("ann,bob@example.org\n")
    return path


def test_a_map_that_comes_later_gives_posts_and_comments_to_their_owner(
    imported: Any, names: Path, bob: User
) -> None:
    imported(*PARTS)
    report = imported(*PARTS, author_map=names)
    assert [each.author == bob for each in Post.objects.order_by("published_at", "pk")] == [
        True, False,
    ]  # fmt: skip
    assert Post.objects.get(author=bob).thread.owner == bob
    assert Comment.objects.get().author == bob
    assert report["changes"]["posts"] == {"unchanged": 1, "updated": 1}


def test_with_or_without_the_map_nothing_changes_after_that(
    imported: Any, names: Path, bob: User
) -> None:
    imported(*PARTS)
    imported(*PARTS, author_map=names)
    before = exact()
    for options in ({"author_map": names}, {}):
        report = imported(*PARTS, **options)
        assert exact() == before
        assert report["changes"]["posts"] == {"unchanged": 2}


def test_a_post_that_was_changed_here_stays_with_whom_it_was(
    imported: Any, names: Path, bob: User
) -> None:
    imported(*PARTS)
    Post.objects.update(version=9)
    imported(*PARTS, author_map=names)
    assert not Post.objects.filter(author=bob).exists()


def test_an_owner_is_never_an_imports_to_take_away(imported: Any, names: Path, bob: User) -> None:
    imported(*PARTS)
    imported(*PARTS, author_map=names)
    known = ImportMap.objects.get(kind="user", external_id="ann")
    assert (known.object_id, known.is_made) == (bob.pk, False)


def test_an_account_that_somebody_uses_keeps_its_comments(
    imported: Any, names: Path, bob: User
) -> None:
    imported(*PARTS)
    User.objects.filter(email="ann@old.example").update(last_login="2024-01-01T00:00:00Z")
    imported(*PARTS, author_map=names)
    assert Comment.objects.get().author.email == "ann@old.example"


def test_posts_given_to_somebody_here_are_not_taken_back_for_a_new_account(
    imported: Any, bob: User
) -> None:
    imported(*PARTS)
    Post.objects.update(author=bob)
    User.objects.exclude(pk=bob.pk).delete()
    imported(*PARTS)
    assert not Post.objects.exclude(author=bob).exists()


def test_a_login_that_no_file_has_is_told(imported: Any, names: Path, bob: User) -> None:
    names.write_text("anne,bob@example.org\nbert,bob@example.org\n")
    report = imported(*PARTS, author_map=names)
    assert "whose anne is" in notes_of(report)
    assert "whose bert is" not in notes_of(report)


def test_an_author_whose_address_was_proved_before_stays_the_same_person(imported: Any) -> None:
    ann = make_person("Ann")
    parts = (author("ann", email=ann.email), post(1, creator="ann"))
    imported(*parts)
    before = exact()
    imported(*parts)
    assert exact() == before
    assert Post.objects.get().author == ann
