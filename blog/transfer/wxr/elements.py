"""The elements of a WordPress export: what they become. Which there are is in grammar.py.

A parser that is fed bytes and gathers events; reading.py feeds it. It is called once or twice for
every element of files of many hundred megabytes: what it does there is kept to the least.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, ClassVar, NoReturn

from defusedxml.expatreader import DefusedExpatParser

from blog.transfer.wxr.events import Author, Comment, CommentBatch, Event, Header, Item, Term
from blog.transfer.wxr.grammar import CHANNEL, DOCUMENT, Element, Names

BATCH = 500
# Units: characters. Of one text; of the comments held in memory; of what one item has in lists.
MAX_TEXT = 16 * 1024 * 1024
MAX_BATCH_TEXT = 4 * 1024 * 1024
MAX_LISTED_TEXT = 32 * 1024 * 1024
MAX_DEPTH = 256
ROW = 200  # what a row of a list costs besides its characters
MAX_ID = 200
# Whose outer spaces are their author's. Around all others they come from a tool that indents.
TEXTS = frozenset({"title", "content", "excerpt", "description", "value"})
OUR_META = "_parley_"

OLDEST, NEWEST = (1, 0), (1, 2)
FRESH = "Export the blog again from WordPress (Tools > Export), and give that file as it comes"
NO_VERSION = (
    "there is no wp:wxr_version before the content, so this is no WordPress export; it may be the "
    f"blog's RSS feed, which holds only its last posts. {FRESH}"
)


class Refused(Exception):
    """Well-formed XML that is no export we know; says what to do about it."""


class Parser(DefusedExpatParser):
    """Feed it bytes, and take the events they gave."""

    def __init__(self) -> None:
        super().__init__(namespaceHandling=1, forbid_dtd=True)
        self._events: list[Event] = []
        self._names = Names()
        self._pieces: list[str] = []  # of the text being read
        self._inside = 0  # how deep in an element that holds no elements we know
        self._field: str | None = None  # where its text goes
        self._above: list[tuple[Element, dict[str, Any]]] = []
        self._element = DOCUMENT
        self._values: dict[str, Any] = {}  # what has been read of the element
        self._attributes: dict[str, str] = {}
        self.is_whole = False  # read to its end, whatever follows
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

    @property
    def fault_at(self) -> int:
        """Return how many of all bytes it was fed stand before the fault."""
        return int(self._parser.ErrorByteIndex)

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
            text = "".join(self._pieces)
            self._values[self._field] = text if self._field in TEXTS else text.strip()
            if self._field == "version":
                _require_known_version(self._values["version"])
            self._field = None

    def _open(self, part: Element, attributes: dict[str, str]) -> None:
        if self._element is CHANNEL:
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

    def _end_term(self, values: dict[str, Any]) -> None:
        self._events.append(Term(**{"kind": "", **values}))

    def _end_meta(self, values: dict[str, Any]) -> None:
        key, value = values.get("key", ""), values.get("value", "")
        if not key.startswith(OUR_META):
            value = value.strip()
        self._values.setdefault("meta", []).append((key, value))
        self._count_listed(len(key) + len(value))

    def _end_label(self, values: dict[str, Any]) -> None:
        # WXR 1.0 and 1.1 leave the domain out where it is "category".
        domain = self._attributes.get("domain", "category")
        label = (domain, self._attributes.get("nicename", ""), "".join(self._pieces).strip())
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
            values["is_sticky"] = values.get("is_sticky") == "1"
            values["terms"] = _without_repeats(values.get("terms", []))
            _identify(values)
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
        self.is_whole = True

    _ENDS: ClassVar[Mapping[str, Callable[["Parser", dict[str, Any]], None]]] = {
        "author": _end_author,
        "category": _end_category,
        "tag": _end_tag,
        "term": _end_term,
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


def _identify(values: dict[str, Any]) -> None:
    """Say what an item is and what it is known by, where a converter wrote neither."""
    if not values.get("type"):
        values["type"] = "attachment" if values.get("attachment_url") else "post"
    number = values.get("post_id", "")
    known_by = number if number not in {"", "0"} else values.get("guid") or values.get("link", "")
    is_short = len(known_by) <= MAX_ID
    values["post_id"] = known_by if is_short else sha256(known_by.encode()).hexdigest()


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
