"""What a WordPress export (WXR) consists of, as plain values, and why one cannot be read.

Texts are as the file has them: dates, numbers and PHP-serialised meta are for whoever asks to
judge. reading.py reads them from a file.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

# As WordPress writes it, and as converters do: ISO 8601 with a zone, single digits, a day alone.
_DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[ T](\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
# Stricter than the parser, which takes the "30 Nov -0001" of a WordPress draft for the year 2000.
_RFC_822_DATE = re.compile(
    r"(\w{3}, +)?\d{1,2} \w{3} [1-9]\d{3} \d\d:\d\d(:\d\d)?( [+-]\d{4}| [A-Z]{1,4})?", re.ASCII
)
# Before there were blogs, and after any that is planned: a year that was never meant.
FIRST_YEAR, LAST_YEAR = 1970, 2200


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
    """A category, a tag, or a term of the taxonomy that `kind` names.

    Shape: `parent` is the slug of what is above; in WXR 1.0, its name.
    """

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
    type: str = "post"
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


def possible(moment: datetime) -> datetime | None:
    """Return a moment in UTC, or None for one that no post or comment can have been written in."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # 0001-01-01 east of Greenwich
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _instant(text: str) -> datetime | None:
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    *numbers, zone = found.groups(default="0")
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        return possible(datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone)))
    except ValueError:  # 0000-00-00, 2024-02-30
        return None


def _zone(text: str) -> timezone:
    if text in {"0", "Z"}:
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _instant_of_rfc822(text: str) -> datetime | None:
    text = text.strip()
    if not _RFC_822_DATE.fullmatch(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:  # 32 Jan
        return None
    return possible(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
