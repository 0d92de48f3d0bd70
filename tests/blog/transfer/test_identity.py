"""Two blogs that had one address are not mixed up, and one blog is known again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post
from blog.transfer.wordpress.memory import digest_of, identity_in
from blog.transfer.wordpress.posts import identity_of, is_another
from blog.transfer.wxr.reading import Item
from tests.blog.transfer.standing import exact
from tests.blog.transfer.wordpress_files import document, post

LOCAL = "http://localhost"
LATER = "2020-02-02 00:00:00"


def item(guid: str = "", date: str = "2012-01-01 00:00:00", status: str = "publish") -> str:
    return identity_of(Item(line=1, post_id="5", guid=guid, date_gmt=date, status=status))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (item("http://a.example/?p=5"), item("https://www.a.example/?p=5"), False),
        (item("http://a.example/?p=5"), item("http://a.example/?page_id=5"), True),
        (item("http://localhost/?p=5"), item("http://localhost/?p=5", LATER), True),
        (item("http://localhost/?p=5"), item("http://localhost/?p=5", LATER, "draft"), False),
        (item(), item(), False),
        (item(), item(date=LATER), True),
        (item("http://a.example/?p=5"), item(), False),
        (item(), "", False),
    ],
)
def test_guid_and_date_tell_items_of_one_number_apart(one: str, other: str, expected: bool) -> None:
    assert is_another(one, other) == is_another(other or one, one if other else "") == expected


def test_a_digest_remembers_whose_it_is() -> None:
    assert identity_in(digest_of("x", of=item("a"))) == item("a")
    assert len(digest_of("x", of=item("a"))) == len(digest_of("x")) == 64
    assert identity_in(digest_of("x")) == ""


@pytest.fixture
def run(db: None, tmp_path: Path) -> Callable[..., None]:
    """Return a function that imports files of these posts, with one command."""

    def import_files(*files: list[str], host: str = LOCAL, **options: Any) -> None:
        paths = []
        for number, parts in enumerate(files):
            paths.append(tmp_path / str(number) / "export.xml")
            paths[-1].parent.mkdir(exist_ok=True)
            paths[-1].write_text(document(*parts, host=host), encoding="utf-8")
        call_command("import_wxr", *paths, verbosity=0, **options)

    return import_files


OURS = [post(1, title="Ours"), post(2, title="Ours too")]
THEIRS = [post(1, title="Theirs", at=LATER), post(4, title="Theirs too", at=LATER)]


@pytest.mark.parametrize("host", [LOCAL, ""], ids=["one address", "no address"])
def test_another_blog_under_the_same_name_is_refused_before_anything_is_written(
    run: Callable[..., None], host: str
) -> None:
    run(OURS, host=host)
    before = exact()
    with pytest.raises(CommandError, match=r"another blog .* --source NAME"):
        run(THEIRS, host=host)
    assert exact() == before
    run(THEIRS, host=host, source="theirs")
    assert set(Post.objects.values_list("title", flat=True)) == {
        "Ours", "Ours too", "Theirs", "Theirs too",
    }  # fmt: skip


def test_two_blogs_named_in_one_command_are_refused_as_well(run: Callable[..., None]) -> None:
    with pytest.raises(CommandError, match="another blog"):
        run(OURS, THEIRS)
    assert not Post.objects.exists()


def test_a_blog_some_of_whose_posts_got_another_date_is_the_same(
    run: Callable[..., None],
) -> None:
    run([*OURS, post(3, status="draft")])
    run([*OURS[1:], post(1, title="Moved up", at=LATER), post(3, status="publish", at=LATER)])
    assert Post.objects.count() == 3
    assert Post.objects.filter(title="Moved up").exists()


def test_who_gives_a_name_says_that_it_is_the_same_blog(run: Callable[..., None]) -> None:
    run(OURS)
    run(THEIRS[:1], source="wordpress:localhost")
    assert Post.objects.count() == 2


def test_a_host_with_and_without_www_is_one_blog(run: Callable[..., None]) -> None:
    run(OURS, host="https://www.moved.example")
    run(OURS, host="http://moved.example")
    assert Post.objects.count() == 2
