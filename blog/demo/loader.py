"""Read the demo's files into typed, checked structures: people, posts and the comments under them.

It knows the files and nothing of models, so it runs without a database. Whoever fills the database turns
`days_ago` and `minutes` into instants, counted from the moment the demo is made. The formats are told by the
dataclasses: a field of the same name stands in the file.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from blog.demo.drawing import DRAWINGS

T = TypeVar("T")

ROOT = Path(__file__).parent
ROLES = ("Reader", "Contributor", "Author", "Editor")
POST_STATUSES = ("draft", "published")
COMMENT_STATUSES = ("approved", "pending", "rejected", "spam")
PICTURE = re.compile(r'^!\[(?P<alt>[^\]]*)\]\(picture:(?P<name>\w+) "(?P<caption>[^"]*)"\)$', re.M)


class DemoError(ValueError):
    """A file of the demo does not say what it should; the message names the file and the fault."""


@dataclass(frozen=True)
class Person:
    key: str
    display_name: str
    email: str
    role: str
    bio: str
    website: str


@dataclass(frozen=True)
class Picture:
    """A drawing inside a post's body, where `![alt](picture:name "caption")` stands alone."""

    name: str
    alt: str
    caption: str


@dataclass(frozen=True)
class DemoPost:
    """Units: `days_ago` is the age of the post, in days, when the demo is made."""

    slug: str
    title: str
    excerpt: str
    tags: tuple[str, ...]
    status: str
    days_ago: float
    cover: str
    cover_alt: str
    cover_caption: str
    pictures: tuple[Picture, ...]
    author_note: str
    source_line: str
    author: str
    body: str

    @property
    def age_minutes(self) -> float:
        return self.days_ago * 24 * 60


@dataclass(frozen=True)
class DemoComment:
    """One comment, by an account (`by`) or by a guest (`name`, `email`, `website`).

    `parent` is the id of an earlier comment of the thread, 0 for none. `edited` is the text after its
    author's correction, empty if there was none. `words` are those that a word list would catch.
    Units: `minutes` count from the post's publication.
    """

    id: int
    parent: int
    minutes: int
    body: str
    by: str = ""
    name: str = ""
    email: str = ""
    website: str = ""
    status: str = "approved"
    honeypot: bool = False
    words: tuple[str, ...] = ()
    edited: str = ""


def read_people() -> list[Person]:
    """Read the accounts, in the file's order.

    Raises: DemoError.
    """
    where = ROOT / "people.toml"
    people = [_made(Person, row, where) for row in _toml(where.read_text("utf-8"), where)["person"]]
    _unique([p.key for p in people], where, "key")
    _unique([p.email.casefold() for p in people], where, "email")
    for person in people:
        _require(person.role in ROLES, where, f"{person.key} has the role {person.role!r}")
    return people


def read_posts() -> list[DemoPost]:
    """Read the posts, oldest first, the draft last.

    Raises: DemoError.
    """
    posts = [_read_post(path) for path in sorted((ROOT / "posts").glob("*.md"))]
    _unique([post.slug for post in posts], ROOT / "posts", "slug")
    return posts


def read_thread(slug: str) -> list[DemoComment]:
    """Read the comments under a post, in the order they came.

    Raises: DemoError, KeyError when no post has that slug.
    """
    post = _posts_by_slug()[slug]
    where = _thread_path(slug)
    rows = _toml(where.read_text("utf-8"), where).get("comment", [])
    comments = [_made(DemoComment, row, where) for row in rows]
    _unique([c.id for c in comments], where, "id")
    seen, clock = {0}, 0
    for comment in comments:
        _check_comment(comment, seen, where)
        _require(comment.minutes > clock, where, f"comment {comment.id} is out of order")
        seen.add(comment.id)
        clock = comment.minutes
    _require(clock < post.age_minutes, where, "a comment is newer than the demo itself")
    return comments


def depth_of(comments: list[DemoComment]) -> dict[int, int]:
    """Return each comment's level by its id, 1 for those that answer the post."""
    depth = {0: 0}
    for comment in comments:
        depth[comment.id] = depth[comment.parent] + 1
    del depth[0]
    return depth


@cache
def _posts_by_slug() -> dict[str, DemoPost]:
    return {post.slug: post for post in read_posts()}


@cache
def _keys() -> frozenset[str]:
    return frozenset(person.key for person in read_people())


def _read_post(path: Path) -> DemoPost:
    start, front, body = path.read_text("utf-8").split("---\n", 2)
    _require(not start, path, "the front matter does not come first")
    row = _toml(front, path)
    row["pictures"] = tuple(_made(Picture, each, path) for each in row["pictures"])
    post = _made(DemoPost, {"cover": "", **row, "body": body.strip() + "\n"}, path)
    _require(path.stem.partition("-")[2] == post.slug, path, "the slug is not the file's name")
    _require(post.status in POST_STATUSES, path, f"the status is {post.status!r}")
    _require(post.author in _keys(), path, f"nobody has the key {post.author!r}")
    _require(bool(post.cover) == bool(post.cover_alt), path, "a cover and its alt text go together")
    shown = [Picture(**found.groupdict()) for found in PICTURE.finditer(post.body)]
    _require(shown == list(post.pictures), path, "the body shows other pictures than it lists")
    for name in [post.cover, *(picture.name for picture in post.pictures)]:
        _require(not name or name in DRAWINGS, path, f"there is no drawing {name!r}")
    return post


def _check_comment(comment: DemoComment, seen: set[int], where: Path) -> None:
    label = f"comment {comment.id}"
    _require(comment.parent in seen, where, f"{label} answers {comment.parent}, not an earlier one")
    _require(comment.status in COMMENT_STATUSES, where, f"{label} is {comment.status!r}")
    _require(bool(comment.by) != bool(comment.name), where, f"{label} needs one of by and name")
    _require(not comment.by or comment.by in _keys(), where, f"nobody has the key {comment.by!r}")
    _require(bool(comment.by or comment.email), where, f"{label}: the guest has no email")
    _require(bool(comment.body.strip()), where, f"{label} says nothing")
    for word in comment.words:
        _require(
            word.casefold() in comment.body.casefold(),
            where,
            f"{label} does not hold the word {word!r}",
        )


def _thread_path(slug: str) -> Path:
    (post,) = (p for p in (ROOT / "posts").glob("*.md") if p.stem.partition("-")[2] == slug)
    return ROOT / "threads" / f"{post.stem}.toml"


def _toml(text: str, where: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DemoError(f"{where.name}: {error}") from error


def _made(kind: type[T], row: dict[str, Any], where: Path) -> T:
    row = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    try:
        return kind(**row)
    except TypeError as error:
        raise DemoError(f"{where.name}: {error}") from error


def _unique(values: list[Any], where: Path, what: str) -> None:
    _require(len(values) == len(set(values)), where, f"two have the same {what}")


def _require(holds: bool, where: Path, fault: str) -> None:
    if not holds:
        raise DemoError(f"{where.name}: {fault}")
