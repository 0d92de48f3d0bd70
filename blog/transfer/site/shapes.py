"""What each kind of line must say, and what becomes of it: JSON -> values that a column can hold.

Pure. A converter takes what JSON gave and returns a value or raises ValueError, in words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from blog.models import Claim, PostKind, PostStatus
from blog.transfer.site.hugo_shortcodes import CLOSED, ESCAPED
from blog.transfer.site.layout import FILE_NAME, PICTURE_NAME
from comments.markup_html import MAX_COMMENT_LENGTH
from comments.models import AuthorMark, ClosesFrom, CommentKind, ListEffect, ListKind, Markup
from comments.status import Action, Status

Convert = Callable[[Any], Any]
Shape = Mapping[str, Convert]

# No column takes these, and no text has them.
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
WEBSITE = re.compile(r"(https?|ftps?)://[^\s\x00-\x1f]+", re.IGNORECASE)
MOST_WHOLE = 2**31 - 1
MOST_POSITION = 2**63 - 1
MOST_NUMBER = 36**5 - 1
MOST_DAYS = 2**15 - 1
# A path of this site: what a browser takes for another host, or for a script, is none.
PATH = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f-\x9f]{0,499}")
MAX_TEXT = 4_000_000


@dataclass(frozen=True)
class Added:
    """A converter of what older lines do not say; they mean `absent`."""

    convert: Convert
    absent: Any

    def __call__(self, value: Any) -> Any:
        return self.convert(value)


def converted(row: Any, shape: Shape) -> dict[str, Any]:
    """Return what a line says under the names of `shape`. Raises: ValueError that names the one."""
    if not isinstance(row, dict):
        raise ValueError("not an object in braces")
    result = {}
    for name, convert in shape.items():
        if name not in row and isinstance(convert, Added):
            result[name] = convert.absent
            continue
        if name not in row:
            raise ValueError(f"{name} is missing")
        try:
            result[name] = convert(row[name])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return result


def text(most: int, *, least: int = 0) -> Convert:
    def convert(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("not a text")
        if not least <= len(value) <= most:
            raise ValueError(f"{len(value):,} characters, where {most:,} are allowed")
        if NO_TEXT.search(value):
            raise ValueError("holds a character that no text has")
        return value

    return convert


def slug(most: int) -> Convert:
    return matching(re.compile(rf"[-a-zA-Z0-9_]{{1,{most}}}"), "not a short name")


def matching(pattern: re.Pattern[str], refusal: str) -> Convert:
    def convert(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"{refusal}: {str(value)[:100]!r}")
        return value

    return convert


def one_of(choices: type) -> Convert:
    """Take a value of a TextChoices."""
    # Looked up once: an enumeration works its values out anew each time it is asked.
    known = {choice.value: choice for choice in choices}  # type: ignore[attr-defined]

    def convert(value: Any) -> Any:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{str(value)[:40]!r} is none that is known")
        return known[value]

    return convert


def whole(least: int = 0, most: int = MOST_WHOLE) -> Convert:
    def convert(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"not a whole number from {least} to {most}")
        return value

    return convert


def number(value: Any) -> float:
    if type(value) not in {int, float} or abs(value) > 1e15:
        raise ValueError("not a number")
    return float(value)


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def instant(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("not a date and time") from error
    if at.tzinfo is None or not 1 < at.year < 9999:
        raise ValueError("not a date and time with its zone")
    return at


def ip(value: Any) -> str:
    # A zone may hang behind an address of version 6, and is no part of it.
    return str(ip_address(text(45)(value).partition("%")[0]))


def batch_id(value: Any) -> UUID:
    return UUID(text(36)(value))


def website(value: Any) -> str:
    """Take the address that a name links to: whatever a form here takes, and never a script."""
    address = text(200)(value)
    if address and not WEBSITE.fullmatch(address):
        raise ValueError("not an address of the web")
    return address


def or_empty(convert: Convert) -> Convert:
    """Take an empty text as it is."""
    return lambda value: "" if value == "" else convert(value)


def findings(value: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("not a list of findings")
    if NO_TEXT.search("".join(_texts_in(value))):
        raise ValueError("holds a character that no text has")
    return tuple(value)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)


def maybe(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def several(convert: Convert) -> Convert:
    def convert_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("not a list")
        return [convert(each) for each in value]

    return convert_all


def shaped(shape: Shape) -> Convert:
    return lambda value: converted(value, shape)


def origin(value: Any) -> list[Any]:
    """Take what an import before remembered: see origins.py."""
    if not isinstance(value, list) or len(value) != len(_ORIGIN):
        raise ValueError(f"not a list of {len(_ORIGIN)}")
    return [convert(each) for convert, each in zip(_ORIGIN, value, strict=True)]


def old_addresses(value: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict):
        raise ValueError("not an object in braces")
    told = {"claim": claim, "created_at": instant}
    return {text(500, least=1)(path): converted(row, told) for path, row in value.items()}


def claim(value: Any) -> Claim:
    known = {each.name.lower(): each for each in Claim}
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{str(value)[:40]!r} is none that is known")
    return known[value]


# What was done to a text so that Hugo shows it.
shortcodes = matching(re.compile(f"|{ESCAPED}|{CLOSED}"), "neither escaped nor closed")

_ORIGIN: tuple[Convert, ...] = (
    text(200, least=1), text(200), text(64), whole(0, MOST_POSITION), flag,
)  # fmt: skip
_ORIGINS = several(origin)
_USER = slug(100)
_CONTENT_KEY = matching(re.compile(r"(posts|pages)/[-a-zA-Z0-9_]{1,120}"), "no post")
_KEY = matching(re.compile(r"(posts|pages)/[-a-zA-Z0-9_]{1,120}|threads/[0-9]{1,9}"), "no thread")
_PERMISSIONS = several(matching(re.compile(r"[a-z_]{1,100}\.[a-z_]{1,100}"), "no permission"))

GROUP = {"name": text(150, least=1), "permissions": _PERMISSIONS}
USER = {
    "slug": _USER,
    "email": text(254, least=3),
    "display_name": text(80),
    "bio": text(600),
    "website": website,
    "is_active": flag,
    "is_staff": flag,
    "is_superuser": flag,
    "date_joined": instant,
    "is_proved": flag,
    "groups": several(text(150, least=1)),
    "permissions": _PERMISSIONS,
    "origin": _ORIGINS,
}
MUTE = {"user": _USER, "muted": _USER, "created_at": instant}
CATEGORY = {
    "slug": slug(80),
    "name": text(120, least=1),
    "description": text(MAX_TEXT),
    "parent": maybe(slug(80)),
    "origin": _ORIGINS,
}
TAG = {"slug": slug(80), "name": text(60, least=1), "origin": _ORIGINS}
PICTURE = {
    "file": matching(PICTURE_NAME, "not the name of a picture"),
    "width": whole(1),
    "height": whole(1),
    "alt": text(300),
    "caption": text(300),
    "created_at": instant,
    "uploader": maybe(_USER),
    "origin": _ORIGINS,
}
ATTACHMENT = {
    "post": maybe(_CONTENT_KEY),
    "source_url": text(2000),
    "title": text(300),
    "alt": text(300),
    "caption": text(MAX_TEXT),
    "description": text(MAX_TEXT),
    "picture": maybe(matching(PICTURE_NAME, "not the name of a picture")),
    "file": or_empty(matching(FILE_NAME, "not the name of a file")),
    "uploaded_at": maybe(instant),
    "origin": _ORIGINS,
}
LIST = {
    "kind": one_of(ListKind),
    "pattern": text(200, least=1),
    "effect": one_of(ListEffect),
    "note": text(200),
    "created_at": instant,
}
RULES = {
    "edit_minutes": whole(),
    "proved_edit_minutes": whole(),
    "close_after_days": whole(0, MOST_DAYS),
    "close_counts_from": one_of(ClosesFrom),
}
_RUNNING: dict[str, Convert] = {
    "is_open": flag,
    "closed_at": Added(maybe(instant), None),
    "closing_note": Added(text(200), ""),
    "close_after_days": Added(maybe(whole(0, MOST_DAYS)), None),
    "close_counts_from": Added(or_empty(one_of(ClosesFrom)), ""),
    "is_premoderated": Added(flag, False),
    "slow_seconds": Added(whole(), 0),
    "cooled_at": Added(maybe(instant), None),
    "cooling_note": Added(text(200), ""),
    "pinned_number": Added(maybe(whole(1, MOST_NUMBER)), None),
}
_COUNTED: dict[str, Convert] = {
    "last_number": whole(0, MOST_NUMBER),
    "marker_count": Added(whole(0, MOST_NUMBER), 0),
    # Of a comment that may be gone: the days until it closes are counted from it all the same.
    "last_comment_at": Added(maybe(instant), None),
}
THREAD: dict[str, Convert] = {
    "number": whole(1),
    "title": text(300),
    "url": matching(PATH, "not a path of this site"),
    "owner": maybe(_USER),
    "public_at": maybe(instant),
    **_RUNNING,
    **_COUNTED,
    "created_at": instant,
}
HEAD = {
    "title": text(200),
    "slug": slug(120),
    "description": text(1000),
    "tags": several(text(60, least=1)),
    "categories": several(text(120, least=1)),
}
PARAMS = {
    "kind": one_of(PostKind),
    "status": one_of(PostStatus),
    "markup": one_of(Markup),
    "password": text(128),
    "is_sticky": flag,
    "author_note": text(20_000),
    "source_line": text(500),
    "published_at": maybe(instant),
    "created_at": instant,
    "updated_at": instant,
    "creation_key": maybe(text(64)),
    "sequence": whole(1),
    "author": _USER,
    "parent": maybe(_CONTENT_KEY),
    "cover": maybe(matching(PICTURE_NAME, "not the name of a picture")),
    "tag_slugs": several(slug(80)),
    "category_slugs": several(slug(80)),
    "old_addresses": old_addresses,
    "thread": shaped(
        {
            "number": whole(1),
            **_RUNNING,
            **_COUNTED,
            "created_at": instant,
        }
    ),
    "origin": _ORIGINS,
}
ACT: dict[str, Convert] = {
    "actor": maybe(_USER),
    "actor_name": text(80),
    "action": one_of(Action),
    "old_status": or_empty(one_of(Status)),
    "new_status": one_of(Status),
    "revision": whole(),
    "public_before": Added(maybe(whole()), None),
    "reason": text(40),
    "note": text(MAX_TEXT),
    "findings": findings,
    "batch": maybe(batch_id),
    "undoes": maybe(whole()),
    "created_at": instant,
}
EARLIER: dict[str, Convert] = {
    "revision": whole(),
    "body": text(MAX_TEXT),
    "markup": one_of(Markup),
    "replaced_at": instant,
    "was_public": Added(flag, False),
}
MARK = {"user": _USER, "created_at": instant}
COMMENT: dict[str, Convert] = {
    "thread": _KEY,
    "number": whole(1, MOST_NUMBER),
    "parent": maybe(whole(1, MOST_NUMBER)),
    "kind": one_of(CommentKind),
    "status": one_of(Status),
    "revision": whole(1),
    "author": maybe(_USER),
    "author_name": text(80),
    "author_email": text(254),
    "author_website": website,
    "author_mark": one_of(AuthorMark),
    "markup": one_of(Markup),
    "body": text(MAX_COMMENT_LENGTH),
    "ip_address": maybe(ip),
    "user_agent": text(400),
    "referrer": text(500),
    "seconds_taken": maybe(number),
    "honeypot": text(200),
    "submission_key": text(64, least=1),
    "created_at": instant,
    "edited_at": maybe(instant),
    # None follows from the status: its own revision where it is approved, else none.
    "approved_revision": Added(maybe(whole(1)), None),
    "email_proved_at": Added(maybe(instant), None),
    "markers_before": Added(whole(0, MOST_NUMBER), 0),
    "earlier": several(shaped(EARLIER)),
    "log": several(shaped(ACT)),
    "helpful": Added(several(shaped(MARK)), ()),
    "origin": _ORIGINS,
}
