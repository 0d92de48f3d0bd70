"""The elements of a WordPress export: which there are, where they stand, what they become.

A parser that is fed bytes and gathers events; reading.py feeds it. It is called once or twice for
every element of files of many hundred megabytes: what it does there is kept to the least.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

from defusedxml.expatreader import DefusedExpatParser

from blog.transfer.wxr.events import Author, Comment, CommentBatch, Event, Header, Item, Term

BATCH = 500
# Units: characters. Of one text; of the comments held in memory; of what one item has in lists.
MAX_TEXT = 16 * 1024 * 1024
MAX_BATCH_TEXT = 4 * 1024 * 1024
MAX_LISTED_TEXT = 32 * 1024 * 1024
MAX_DEPTH = 256
ROW = 200  # what a row of a list costs besides its characters

OLDEST, NEWEST = (1, 0), (1, 2)
FRESH = "Export the blog again from WordPress (Tools > Export), and give that file as it comes"
NO_VERSION = (
    "there is no wp:wxr_version before the content, so this is no WordPress export; it may be the "
    f"blog's RSS feed, which holds only its last posts. {FRESH}"
)

_NAMESPACES = (
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/?"), "wp:"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt:"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content:"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc:"),
)


class Refused(Exception):
    """Well-formed XML that is no export we know; says what to do about it."""


@dataclass(frozen=True)
class _Element:
    """An element that holds others: `fields` are texts, `parts` hold elements themselves."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, "_Element"] = field(default_factory=dict)


def _meta() -> _Element:
    return _Element("meta", {"wp:meta_key": "key", "wp:meta_value": "value"})


_COMMENT = _Element(
    "comment",
    {
        "wp:comment_id": "id",
        "wp:comment_author": "author",
        "wp:comment_author_email": "email",
        "wp:comment_author_url": "url",
        "wp:comment_author_IP": "ip",
        "wp:comment_date": "date",
        "wp:comment_date_gmt": "date_gmt",
        "wp:comment_content": "content",
        "wp:comment_approved": "approved",
        "wp:comment_type": "type",
        "wp:comment_parent": "parent",
        "wp:comment_user_id": "user_id",
    },
    {"wp:commentmeta": _meta()},
)
_ITEM = _Element(
    "item",
    {
        "title": "title",
        "link": "link",
        "guid": "guid",
        "pubDate": "pub_date",
        "dc:creator": "creator",
        "content:encoded": "content",
        "excerpt:encoded": "excerpt",
        "wp:post_id": "post_id",
        "wp:post_date": "date",
        "wp:post_date_gmt": "date_gmt",
        "wp:post_modified": "modified",
        "wp:post_modified_gmt": "modified_gmt",
        "wp:comment_status": "comment_status",
        "wp:post_name": "name",
        "wp:status": "status",
        "wp:post_parent": "parent",
        "wp:post_type": "type",
        "wp:menu_order": "menu_order",
        "wp:post_password": "password",
        "wp:is_sticky": "is_sticky",
        "wp:attachment_url": "attachment_url",
    },
    {"category": _Element("label"), "wp:postmeta": _meta(), "wp:comment": _COMMENT},
)
_AUTHOR = _Element(
    "author",
    {
        "wp:author_id": "id",
        "wp:author_login": "login",
        "wp:author_email": "email",
        "wp:author_display_name": "display_name",
    },
)
_CATEGORY = _Element(
    "category",
    {
        "wp:term_id": "id",
        "wp:category_nicename": "slug",
        "wp:category_parent": "parent",
        "wp:cat_name": "name",
        "wp:category_description": "description",
    },
)
_TAG = _Element(
    "tag",
    {
        "wp:term_id": "id",
        "wp:tag_slug": "slug",
        "wp:tag_name": "name",
        "wp:tag_description": "description",
    },
)
_CHANNEL = _Element(
    "channel",
    {
        "title": "title",
        "link": "link",
        "pubDate": "published",
        "wp:wxr_version": "version",
        "wp:base_site_url": "base_site_url",
        "wp:base_blog_url": "base_blog_url",
        "generator": "generator",
    },
    {"wp:author": _AUTHOR, "wp:category": _CATEGORY, "wp:tag": _TAG, "item": _ITEM},
)
_DOCUMENT = _Element("document", {}, {"rss": _Element("rss", {}, {"channel": _CHANNEL})})


class _Names(dict[str, str]):
    """The parser's "namespace local prefix" -> "wp:local" and the like; "" for what is unknown."""

    def __missing__(self, name: str) -> str:
        found = _known_name(name)
        if len(self) < 1000:  # a hostile file can have any number of names
            self[name] = found
        return found


def _known_name(name: str) -> str:
    namespace, _, rest = name.rpartition(" ") if name.count(" ") == 1 else name.partition(" ")
    if not namespace or not rest:
        return name
    local = rest.split(" ")[0]
    return next((prefix + local for known, prefix in _NAMESPACES if known.fullmatch(namespace)), "")


class Parser(DefusedExpatParser):
    """Feed it bytes, and take the events they gave."""

    def __init__(self) -> None:
        super().__init__(namespaceHandling=1, forbid_dtd=True)
        self._events: list[Event] = []
        self._names = _Names()
        self._pieces: list[str] = []  # of the text being read
        self._inside = 0  # how deep in an element that holds no elements we know
        self._field: str | None = None  # where its text goes
        self._above: list[tuple[_Element, dict[str, Any]]] = []
        self._element = _DOCUMENT
        self._values: dict[str, Any] = {}  # what has been read of the element
        self._attributes: dict[str, str] = {}
        self._has_header = False
        self._item: Item | None = None  # the one whose comments come, once it has been yielded
        self._comments: list[Comment] = []
        self._held = 0  # characters of those comments
        self._listed = 0  # characters of the meta and labels being gathered

    def reset(self) -> None:
        """Set our handlers, in the place of those that make SAX events."""
        super().reset()
        self._parser.buffer_size = 64 * 1024
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._pieces.append

    @property
    def line(self) -> int:
        """Return the line the parser is at."""
        return self.getLineNumber() or 1

    def take_events(self) -> list[Event]:
        """Return what has been read since the last time."""
        events, self._events = self._events, []
        return events

    def require_short_text(self) -> None:
        """Refuse a text that outgrows memory; to be called between chunks."""
        if self._field is None and self._element.name != "label":
            self._pieces.clear()
        if sum(map(len, self._pieces)) > MAX_TEXT:
            raise Refused(
                f"a text here is longer than {MAX_TEXT:,} characters. No post is that long: "
                "look at what it is, and take it out of the export"
            )

    # ---- Elements -------------------------------------------------------------------------------

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._inside:
            self._inside += 1
            if self._inside > MAX_DEPTH:
                raise Refused(f"elements are nested more than {MAX_DEPTH} deep, as in no export")
            return
        known = self._names[name]
        self._field = self._element.fields.get(known)
        if self._field is None and (part := self._element.parts.get(known)):
            self._open(part, attributes)
        elif self._element.name in ("document", "rss"):
            _refuse_root(name)
        else:
            self._inside = 1
            self._pieces.clear()

    def _end(self, name: str) -> None:
        if not self._inside:
            self._close()
            return
        self._inside -= 1
        if not self._inside and self._field is not None:
            self._values[self._field] = "".join(self._pieces)
            if self._field == "version":
                _require_known_version(self._values["version"])
            self._field = None

    def _open(self, part: _Element, attributes: dict[str, str]) -> None:
        if self._element is _CHANNEL:
            self._yield_header()
            self._listed = 0  # a new item
        elif part.name == "label":
            self._pieces.clear()
        self._attributes = attributes
        self._above.append((self._element, self._values))
        self._element, self._values = part, {"line": self._parser.CurrentLineNumber}

    def _close(self) -> None:
        element, values = self._element, self._values
        self._element, self._values = self._above.pop()
        if end := self._ENDS.get(element.name):
            end(self, values)

    # ---- What an element becomes ----------------------------------------------------------------

    def _end_author(self, values: dict[str, Any]) -> None:
        self._events.append(Author(**values))

    def _end_category(self, values: dict[str, Any]) -> None:
        self._events.append(Term(kind="category", **values))

    def _end_tag(self, values: dict[str, Any]) -> None:
        self._events.append(Term(kind="tag", **values))

    def _end_meta(self, values: dict[str, Any]) -> None:
        key, value = values.get("key", ""), values.get("value", "")
        self._values.setdefault("meta", []).append((key, value))
        self._count_listed(len(key) + len(value))

    def _end_label(self, values: dict[str, Any]) -> None:
        # WXR 1.0 and 1.1 leave the domain out where it is "category".
        domain = self._attributes.get("domain", "category")
        label = (domain, self._attributes.get("nicename", ""), "".join(self._pieces))
        self._values.setdefault("terms", []).append(label)
        self._count_listed(sum(map(len, label)))

    def _count_listed(self, characters: int) -> None:
        self._listed += characters + ROW
        if self._listed > MAX_LISTED_TEXT:
            raise Refused(
                f"one item has more than {MAX_LISTED_TEXT:,} characters of meta. Look at what "
                "they are, and take them out of the export"
            )

    def _end_comment(self, values: dict[str, Any]) -> None:
        comment = Comment(**values)
        if len(self._comments) == BATCH or self._held > MAX_BATCH_TEXT:
            self._yield_comments(self._values)
        self._comments.append(comment)
        meta = sum(len(key) + len(value) + ROW for key, value in comment.meta)
        self._listed -= meta
        self._held += len(comment.content) + meta

    def _end_item(self, values: dict[str, Any]) -> None:
        self._yield_comments(values)
        self._item = None

    def _yield_comments(self, values: dict[str, Any]) -> None:
        """Yield the item, unless it has been, and the comments held so far."""
        if self._item is None:
            values["is_sticky"] = values.get("is_sticky", "").strip() == "1"
            values["terms"] = _without_repeats(values.get("terms", []))
            self._item = Item(**values)
            self._events.append(self._item)
        if self._comments:
            self._events.append(CommentBatch(self._item, self._comments))
            self._comments, self._held = [], 0

    def _yield_header(self) -> None:
        if self._has_header:
            return
        if "version" not in self._values:
            raise Refused(NO_VERSION)
        self._has_header = True
        fields = {name: text for name, text in self._values.items() if name != "line"}
        self._events.append(Header(**fields))

    def _end_channel(self, values: dict[str, Any]) -> None:
        self._values = values
        self._yield_header()

    def _end_rss(self, values: dict[str, Any]) -> None:
        if not self._has_header:
            raise Refused(NO_VERSION)

    _ENDS: ClassVar[Mapping[str, Callable[["Parser", dict[str, Any]], None]]] = {
        "author": _end_author,
        "category": _end_category,
        "tag": _end_tag,
        "meta": _end_meta,
        "label": _end_label,
        "comment": _end_comment,
        "item": _end_item,
        "channel": _end_channel,
        "rss": _end_rss,
    }


def _without_repeats(terms: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Leave out what WXR 1.0 writes twice, once without its nicename."""
    named = {(domain, name) for domain, nicename, name in terms if nicename}
    return [term for term in terms if term[1] or (term[0], term[2]) not in named]


def _require_known_version(text: str) -> None:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", text.strip(), re.ASCII):
        raise Refused(f"the version of the export is {text[:40]!r}, which is no number. {FRESH}")
    version = tuple(int(part) for part in text.strip().split("."))
    if not OLDEST <= version <= NEWEST:
        raise Refused(
            f"this is version {text.strip()} of WordPress's export format; known are 1.0 to 1.2. "
            "If it is newer, look whether a newer release of Parley reads it"
        )


def _refuse_root(name: str) -> NoReturn:
    name = name.split(" ")[1] if " " in name else name
    what = "a web page" if name.lower() == "html" else f"<{name[:40]}>"
    raise Refused(
        f"this is {what}; a WordPress export begins with <rss> and in it <channel>. {FRESH}"
    )
