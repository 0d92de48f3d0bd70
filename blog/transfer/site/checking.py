"""Reads a site's zip to its end before a row is written: every line, every file, every reference.

What it returns is small: names, and which post stands in which entry. moving_in.py writes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from accounts.text import email_key
from blog.models import Category, Post, Tag
from blog.transfer.site import converters, layout, shapes
from blog.transfer.site.files import check_file, check_picture
from blog.transfer.site.front_matter import parse
from blog.transfer.site.hugo_shortcodes import restored
from blog.transfer.site.json_lines import BadLine
from blog.transfer.site.opened import NotASite, SiteFile
from comments.status import Status

Row = dict[str, Any]
T = TypeVar("T")


@dataclass
class Contents:
    """What a sound zip holds: names by kind.

    Shape: `posts` are the keys by entry, as made; `damaged` says of pictures what is wrong.
    """

    people: set[str] = field(default_factory=set)
    mutes: set[tuple[str, str]] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    tag_names: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)
    posts: dict[str, str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    creation_keys: set[str] = field(default_factory=set)
    threads: set[str] = field(default_factory=set)
    thread_numbers: set[int] = field(default_factory=set)
    emails: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damaged: dict[str, str] = field(default_factory=dict)


def check(site: SiteFile) -> Contents:
    """Read everything once and say what is there. Raises: NotASite, at the first fault."""
    _check_format(site)
    contents = Contents()
    for entry, check_row in _CHECKS.items():
        for number, row in site.rows(entry):
            with _told(entry, number):
                check_row(contents, row)
    _check_categories(site, contents)
    _check_posts(site, contents)
    _check_threads(site, contents)
    _check_attachments(site, contents)
    _check_media(site, contents)
    _Discussions(contents).check(site)
    return contents


def _check_format(site: SiteFile) -> None:
    try:
        told = json.loads(site.text(layout.SITE))
    except (ValueError, RecursionError) as error:
        raise NotASite(f"not JSON ({error})", layout.SITE) from error
    if not isinstance(told, dict) or told.get("format") != layout.FORMAT:
        raise NotASite(f'does not say "format": "{layout.FORMAT}"', layout.SITE)
    if told.get("version") != layout.VERSION:
        raise NotASite(
            f"version {str(told.get('version'))[:20]} of the format; this Parley reads version "
            f"{layout.VERSION}. A newer one may read it",
            layout.SITE,
        )


@contextmanager
def _told(entry: str, line: int | None = None) -> Iterator[None]:
    """Say where it was that a line could not be taken."""
    try:
        yield
    except BadLine as error:
        raise NotASite(error.reason, entry, error.line) from error
    except ValidationError as error:
        raise NotASite(in_words(error), entry, line) from error
    except ValueError as error:
        raise NotASite(str(error), entry, line) from error


def in_words(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        return "; ".join(f"{name}: {' '.join(all_)}" for name, all_ in error.message_dict.items())
    return " ".join(error.messages)


def _add(names: set[T], name: T, what: str = "") -> None:
    if name in names:
        raise ValueError(f"{what}{name} for the second time")
    names.add(name)


def _require(names: Any, name: str | None, what: str) -> None:
    if name is not None and name not in names:
        raise ValueError(f"there is no {what} {name!r}")


# --- one line each ----------------------------------------------------------------------------


def _check_group(contents: Contents, row: Row) -> None:
    _add(contents.groups, converters.converted(row, shapes.GROUP)["name"])


def _check_user(contents: Contents, row: Row) -> None:
    user = converters.converted(row, shapes.USER)
    names = ("email", "display_name", "slug", "bio", "website")
    get_user_model()(**{name: user[name] for name in names}).clean_fields(exclude=["password"])
    _add(contents.people, user["slug"])
    key = email_key(user["email"])
    if key in contents.emails:
        raise ValueError(f"the address of {contents.emails[key]!r} for the second time")
    contents.emails[key] = user["slug"]
    for name in user["groups"]:
        _require(contents.groups, name, "group")


def _check_mute(contents: Contents, row: Row) -> None:
    mute = converters.converted(row, shapes.MUTE)
    pair = mute["user"], mute["muted"]
    for slug in pair:
        _require(contents.people, slug, "person")
    if pair[0] == pair[1]:
        raise ValueError("nobody mutes themselves")
    _add(contents.mutes, pair)


def _check_category(contents: Contents, row: Row) -> None:
    category = converters.converted(row, shapes.CATEGORY)
    Category(name=category["name"], slug=category["slug"]).clean_fields()
    _add(contents.categories, category["slug"])


def _check_tag(contents: Contents, row: Row) -> None:
    tag = converters.converted(row, shapes.TAG)
    Tag(name=tag["name"], slug=tag["slug"]).clean_fields()
    _add(contents.tags, tag["slug"])
    _add(contents.tag_names, tag["name"], "the name ")


def _check_picture(contents: Contents, row: Row) -> None:
    picture = converters.converted(row, shapes.PICTURE)
    _add(contents.pictures, picture["file"])
    _require(contents.people, picture["uploader"], "person")


def _check_list(contents: Contents, row: Row) -> None:
    converters.converted(row, shapes.LIST)


def _check_rules(contents: Contents, row: Row) -> None:
    converters.converted(row, shapes.RULES)


_CHECKS = {
    layout.GROUPS: _check_group,
    layout.USERS: _check_user,
    layout.MUTES: _check_mute,
    layout.CATEGORIES: _check_category,
    layout.TAGS: _check_tag,
    layout.PICTURES: _check_picture,
    layout.LISTS: _check_list,
    layout.RULES: _check_rules,
}


def _check_categories(site: SiteFile, contents: Contents) -> None:
    for number, row in site.rows(layout.CATEGORIES):
        with _told(layout.CATEGORIES, number):
            _require(contents.categories, row["parent"], "category")


# --- posts ------------------------------------------------------------------------------------


def read_post(site: SiteFile, entry: str) -> tuple[Row, Row, str]:
    """Return a post's head, its params and its text. Raises: NotASite."""
    with _told(entry):
        fields, body = parse(site.text(entry))
        head = converters.converted(fields, shapes.HEAD)
        if "params" not in fields:
            raise ValueError("params is missing")
        weight = converters.whole(-(2**31))(fields.get("weight", 0))
        aliases = converters.several(converters.text(500, least=1))(fields.get("aliases", []))
        params = converters.converted(fields["params"], shapes.PARAMS)
        mark = shapes.shortcodes(fields["params"].get("shortcodes", ""))
        return {**head, "position": weight, "aliases": aliases}, params, restored(body, mark)


def as_post(head: Row, params: Row, body: str) -> Post:
    """Return the post, unsaved and related to nothing."""
    names = (
        "kind", "status", "markup", "password", "is_sticky", "author_note", "source_line",
        "published_at", "created_at", "updated_at", "creation_key",
    )  # fmt: skip
    return Post(
        title=head["title"],
        slug=head["slug"],
        excerpt=head["description"],
        position=head["position"],
        body=body,
        **{name: params[name] for name in names},
    )


def _check_posts(site: SiteFile, contents: Contents) -> None:
    order: list[tuple[int, str, str]] = []
    parents: list[tuple[str, str]] = []
    paths: set[str] = set()
    for entry in site.content():
        head, params, body = read_post(site, entry)
        with _told(entry):
            _check_post(contents, entry, head, params, body)
            for path in {*head["aliases"], *params["old_addresses"]}:
                _add(paths, path)
        key = layout.key_of(params["kind"], head["slug"])
        order.append((params["sequence"], entry, key))
        if params["parent"]:
            parents.append((entry, params["parent"]))
    contents.posts = {entry: key for _sequence, entry, key in sorted(order)}
    contents.threads = set(contents.posts.values())
    for entry, parent in parents:
        with _told(entry):
            _require(contents.threads, parent, "post")


def _check_post(contents: Contents, entry: str, head: Row, params: Row, body: str) -> None:
    expected = layout.content_entry(params["kind"], head["slug"], params["markup"])
    if entry != expected:
        raise ValueError(f"by what it says this is {expected}")
    _add(contents.slugs, head["slug"], "the slug ")
    if params["creation_key"] is not None:
        _add(contents.creation_keys, params["creation_key"], "creation_key ")
    _add(contents.thread_numbers, params["thread"]["number"], "thread ")
    post = as_post(head, params, body)
    post.full_clean(
        exclude=["author", "thread", "cover", "parent"],
        validate_unique=False,
        validate_constraints=False,
    )
    if post.status == "published" and post.published_at is None:
        raise ValueError("published, and no date when")
    _require(contents.people, params["author"], "person")
    _require(contents.pictures, params["cover"], "picture")
    for slug in params["tag_slugs"]:
        _require(contents.tags, slug, "tag")
    for slug in params["category_slugs"]:
        _require(contents.categories, slug, "category")


def _check_threads(site: SiteFile, contents: Contents) -> None:
    count = 0
    for count, (number, row) in enumerate(site.rows(layout.THREADS), start=1):
        with _told(layout.THREADS, number):
            thread = converters.converted(row, shapes.THREAD)
            _require(contents.people, thread["owner"], "person")
            _add(contents.thread_numbers, thread["number"], "thread ")
        contents.threads.add(f"threads/{count}")


# --- files ------------------------------------------------------------------------------------


def _check_attachments(site: SiteFile, contents: Contents) -> None:
    posts = set(contents.posts.values())
    for number, row in site.rows(layout.ATTACHMENTS):
        with _told(layout.ATTACHMENTS, number):
            attachment = converters.converted(row, shapes.ATTACHMENT)
            _require(posts, attachment["post"], "post")
            _require(contents.pictures, attachment["picture"], "picture")


def _check_media(site: SiteFile, contents: Contents) -> None:
    here = set(site.media())
    for _number, row in site.rows(layout.PICTURES):
        name = row["file"]
        if name not in here:
            contents.missing.append(name)
            continue
        with site.open(f"{layout.MEDIA}{name}") as file:
            try:
                check_picture(file, name, (row["width"], row["height"]))
            except ValueError as error:
                contents.damaged[name] = str(error)
    for name in sorted(here - contents.pictures):
        with _told(f"{layout.MEDIA}{name}"), site.open(f"{layout.MEDIA}{name}") as file:
            check_file(file, name)
    _note_missing_files(site, contents, here)


def _note_missing_files(site: SiteFile, contents: Contents, here: set[str]) -> None:
    for _number, row in site.rows(layout.ATTACHMENTS):
        if row["file"] and row["file"] not in here:
            contents.missing.append(row["file"])


# --- comments ---------------------------------------------------------------------------------


class _Discussions:
    """Checks the comments, thread by thread: only one thread's numbers are held at a time."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.thread = ""
        self.done: set[str] = set()
        self.numbers: set[int] = set()
        self.parents: dict[int, int] = {}

    def check(self, site: SiteFile) -> None:
        for number, row in site.rows(layout.COMMENTS):
            with _told(layout.COMMENTS, number):
                self._check(converters.converted(row, shapes.COMMENT), number)
        self._end_thread()

    def _check(self, comment: Row, line: int) -> None:
        if comment["thread"] != self.thread:
            self._end_thread()
            self.thread = comment["thread"]
            _require(self.contents.threads, self.thread, "thread")
            _add(self.done, self.thread)
        if comment["number"] in self.numbers:
            raise ValueError(f"comment {comment['number']} of {self.thread} for the second time")
        self.numbers.add(comment["number"])
        if comment["parent"] is not None and comment["parent"] not in self.numbers:
            self.parents[comment["parent"]] = line
        _require(self.contents.people, comment["author"], "person")
        _check_history(comment, self.contents)
        _check_standing(comment)
        _check_marks(comment, self.contents)

    def _end_thread(self) -> None:
        for parent, line in self.parents.items():
            if parent not in self.numbers:
                reason = f"answers comment {parent}, which is not in {self.thread}"
                raise NotASite(reason, layout.COMMENTS, line)
        self.numbers, self.parents = set(), {}


def _check_history(comment: Row, contents: Contents) -> None:
    undone: set[int] = set()
    for at, act in enumerate(comment["log"]):
        _require(contents.people, act["actor"], "person")
        if act["undoes"] is not None:
            if act["undoes"] >= at or act["undoes"] in undone:
                raise ValueError("log: an act undoes what was not there to be undone")
            undone.add(act["undoes"])
    revisions = [earlier["revision"] for earlier in comment["earlier"]]
    if len(revisions) != len(set(revisions)):
        raise ValueError("earlier: a revision for the second time")


def _check_standing(comment: Row) -> None:
    """See that readers can be seeing the revision that they are said to see."""
    public, own = comment["approved_revision"], comment["revision"]
    if public is None:
        return
    waits = comment["status"] == Status.PENDING and public < own
    is_there = public in {earlier["revision"] for earlier in comment["earlier"]}
    if not (waits and is_there) and (comment["status"], public) != (Status.APPROVED, own):
        raise ValueError(f"approved_revision: nobody can be reading revision {public} of it")


def _check_marks(comment: Row, contents: Contents) -> None:
    readers: set[str] = set()
    for mark in comment["helpful"]:
        _require(contents.people, mark["user"], "person")
        _add(readers, mark["user"], "helpful: ")
    if comment["author"] in readers:
        raise ValueError("helpful: nobody marks their own comment")
