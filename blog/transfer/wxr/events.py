"""What a WordPress export (WXR) consists of, as plain values, and why one cannot be read.

Texts are as the file has them: dates, numbers and PHP-serialised meta are for whoever asks to
judge. reading.py reads them from a file.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", re.ASCII)
# Stricter than the parser, which takes the "30 Nov -0001" of a WordPress draft for the year 2000.
_RFC_822_DATE = re.compile(
    r"(\w{3}, +)?\d{1,2} \w{3} [1-9]\d{3} \d\d:\d\d(:\d\d)?( [+-]\d{4}| [A-Z]{1,4})?", re.ASCII
)


class NotReadable(Exception):
    """The file is no export that we can read to its end; the words say what to do about it."""

    def __init__(self, path: Path | str, reason: str, line: int | None = None) -> None:
        self.path = Path(path)
        self.reason = reason
        self.line = line
        super().__init__(str(path), reason, line)

    def __str__(self) -> str:
        place = f"{self.path}, line {self.line}" if self.line else str(self.path)
        return f"{place}: {self.reason}"


@dataclass(slots=True)
class Header:
    version: str = ""
    title: str = ""
    link: str = ""
    base_site_url: str = ""
    base_blog_url: str = ""
    published: str = ""
    generator: str = ""


@dataclass(slots=True)
class Author:
    line: int
    id: str = ""
    login: str = ""
    email: str = ""
    display_name: str = ""


@dataclass(slots=True)
class Term:
    """A category or a tag; `parent` is the slug of the category above."""

    line: int
    kind: str
    id: str = ""
    slug: str = ""
    name: str = ""
    parent: str = ""
    description: str = ""


@dataclass(slots=True)
class Comment:
    line: int
    id: str = ""
    author: str = ""
    email: str = ""
    url: str = ""
    ip: str = ""
    date: str = ""
    date_gmt: str = ""
    content: str = ""
    approved: str = ""
    type: str = ""
    parent: str = ""
    user_id: str = ""
    meta: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Item:
    """A post, a page, an attachment or anything else WordPress keeps as a post.

    Shape: `terms` are (domain, nicename, name), `meta` are (key, value), in the file's order.
    """

    line: int
    title: str = ""
    link: str = ""
    guid: str = ""
    creator: str = ""
    content: str = ""
    excerpt: str = ""
    post_id: str = ""
    date: str = ""
    date_gmt: str = ""
    modified: str = ""
    modified_gmt: str = ""
    pub_date: str = ""
    comment_status: str = ""
    name: str = ""
    status: str = ""
    parent: str = ""
    type: str = ""
    menu_order: str = ""
    password: str = ""
    is_sticky: bool = False
    attachment_url: str = ""
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    meta: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class CommentBatch:
    """Comments of an item that has been yielded before."""

    item: Item
    comments: list[Comment]


Event = Header | Author | Term | Item | CommentBatch


def instant(gmt: str, local: str = "", rfc822: str = "") -> datetime | None:
    """Return the first of the three that is a date, in UTC; `local` is taken as if it were UTC."""
    return _instant(gmt) or _instant(local) or _instant_of_rfc822(rfc822)


def _instant(text: str) -> datetime | None:
    text = text.strip()
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:  # 0000-00-00, 2024-02-30
        return None


def _instant_of_rfc822(text: str) -> datetime | None:
    text = text.strip()
    if not _RFC_822_DATE.fullmatch(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # 32 Jan
        return None
