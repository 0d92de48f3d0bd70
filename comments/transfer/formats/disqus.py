"""An export of Disqus: XML with threads, then posts, read as a stream.

Posts name their threads by number and threads may stand behind them, so the first pass collects
the threads' addresses.
Source: https://help.disqus.com/en/articles/1717164-comments-export
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser
from django.template.defaultfilters import linebreaks_filter

from comments.models import Markup
from comments.status import Status
from comments.transfer.formats.streams import MOST_CHARACTERS, TOO_LONG, chunks, nothing
from comments.transfer.formats.told import (
    NO_DATE,
    Advance,
    NotReadable,
    Told,
    instant,
    made_up_id,
)

OURS = re.compile(r"https?://(www\.)?disqus\.com/?")
BLOCK = re.compile(r"<(p|br|div|ul|ol|blockquote|pre)\b", re.IGNORECASE)
EXPORT_AGAIN = "Export it again (Disqus Admin > Moderation > Export)"
NOT_DISQUS = f"this is no export of Disqus, which begins with <disqus>. {EXPORT_AGAIN}"
MAKE_WAY = (
    "the file declares a document type or entities, which no export does and which can be used to "
    "attack. Do not import it unless you know who wrote it"
)


class Disqus:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.forum = ""
        # Of each thread, by its number: where its page is to be found.
        self.threads: dict[str, tuple[str, ...]] = {}

    def check(self) -> str:
        """Read the file to its end. Raises: NotReadable, OSError."""
        for kind, _line, facts in self._parts(nothing):
            self.forum = self.forum or facts.get("forum", "")
            if kind == "thread":
                found = (facts.get("link", ""), _address(facts.get("id", "")))
                self.threads[facts.get("@", "")] = tuple(filter(None, found))
        return f"disqus:{self.forum}" if self.forum else "disqus"

    def comments(self, advance: Advance = nothing) -> Iterator[Told]:
        """Yield the posts. After check(), which knows the threads."""
        for kind, line, facts in self._parts(advance):
            if kind == "post":
                yield self._told(line, facts)

    def _parts(self, advance: Advance) -> Iterator[tuple[str, int, dict[str, str]]]:
        """Yield (kind, line, facts) of each thread and post."""
        handler = _Handler()
        parser = create_parser(forbid_dtd=True)
        parser.setFeature(feature_namespaces, True)
        parser.setContentHandler(handler)
        handler.line_of = parser.getLineNumber
        for chunk in chunks(self.path, advance):
            self._feed(parser, handler, chunk)
            yield from handler.take()
        self._feed(parser, handler, None)
        yield from handler.take()
        if not handler.has_begun:
            raise NotReadable(self.path, NOT_DISQUS)

    def _feed(self, parser: Any, handler: "_Handler", chunk: bytes | None) -> None:
        try:
            parser.close() if chunk is None else parser.feed(chunk)
        except _Refused as error:
            raise NotReadable(self.path, str(error), parser.getLineNumber()) from error
        except DefusedXmlException as error:
            raise NotReadable(self.path, MAKE_WAY, parser.getLineNumber()) from error
        except SAXParseException as error:
            what = "the file ends in the middle" if chunk is None else "this is not XML"
            reason = f"{what} ({error.getMessage()}). {EXPORT_AGAIN}"
            raise NotReadable(self.path, reason, error.getLineNumber()) from error

    def _told(self, line: int, facts: dict[str, str]) -> Told:
        created_at = instant(facts.get("createdAt", ""))
        addresses = self.threads.get(facts.get("thread@", ""))
        skip = "" if created_at else NO_DATE
        if addresses is None:
            skip = "its thread is not in the file"
        elif not addresses:
            skip = "its thread has no address"
        return Told(
            external_id=facts.get("@") or made_up_id(sorted(facts.items())),
            parent_id=facts.get("parent@", ""),
            addresses=addresses or (),
            text=_html(facts.get("message", "")),
            markup=Markup.HTML,
            status=_status(facts),
            created_at=created_at,
            name=facts.get("author/name", "") or facts.get("author/username", ""),
            email=facts.get("author/email", ""),
            website=facts.get("author/link", ""),
            ip_address=facts.get("ipAddress", ""),
            line=line,
            skip=skip,
        )


class _Refused(Exception):
    pass


class _Handler(ContentHandler):
    """Collects the texts of one thread or post at a time, by their paths within it."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.facts: dict[str, str] = {}
        self.text: list[str] = []
        self.length = 0
        self.line = 0
        self.line_of: Any = None
        self.has_begun = False
        self.parts: list[tuple[str, int, dict[str, str]]] = []

    def take(self) -> list[tuple[str, int, dict[str, str]]]:
        parts, self.parts = self.parts, []
        return parts

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        space, tag = name
        if not self.path and (tag != "disqus" or not OURS.fullmatch(space or "")):
            raise _Refused(NOT_DISQUS)
        self.has_begun = True
        if len(self.path) > 20:
            raise _Refused("the elements here are nested deeper than in any export")
        self.path.append(tag)
        if len(self.path) == 2:
            self.facts, self.line = {}, self.line_of()
        if len(self.path) > 1:
            for (_space, attribute), value in attrs.items():
                if attribute == "id":
                    self.facts[f"{'/'.join(self.path[2:])}@"] = value
        self.text, self.length = [], 0

    def characters(self, content: str) -> None:
        self.length += len(content)
        if self.length > MOST_CHARACTERS:
            raise _Refused(TOO_LONG)
        self.text.append(content)

    def endElementNS(self, name: Any, qname: Any) -> None:
        text = "".join(self.text).strip()
        self.text, self.length = [], 0
        if len(self.path) > 2 and text:
            self.facts["/".join(self.path[2:])] = text
        if len(self.path) == 2 and self.path[1] in {"thread", "post"}:
            self.parts.append((self.path[1], self.line, self.facts))
        if len(self.path) == 2 and self.path[1] == "category" and "forum" in self.facts:
            self.parts.append(("category", self.line, self.facts))
        self.path.pop()


def _status(facts: dict[str, str]) -> Status:
    """Deleted counts for most, then spam; what says nothing of approval was let through."""
    if facts.get("isDeleted") == "true":
        return Status.DELETED
    if facts.get("isSpam") == "true":
        return Status.SPAM
    waits = facts.get("isApproved") == "false" or facts.get("isPending") == "true"
    return Status.PENDING if waits else Status.APPROVED


def _address(identifier: str) -> str:
    """Return the identifier that a page gave its thread, where that is an address."""
    return identifier if identifier.startswith(("http://", "https://", "/")) else ""


def _html(message: str) -> str:
    """Return a message with its lines kept: old ones are plain text with links in it."""
    return message if BLOCK.search(message) else linebreaks_filter(message, autoescape=False)
