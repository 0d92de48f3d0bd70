"""The elements of Disqus' XML -> the texts of one thread or post at a time, by their paths in it.

Knows how the file is built and nothing of what its values mean: disqus.py does.
"""

from html import escape
from typing import Any
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml.expatreader import create_parser

from comments.transfer.formats.streams import MOST_CHARACTERS, TOO_LONG

OURS = "http://disqus.com", "https://disqus.com"
NOT_DISQUS = (
    "this is no export of Disqus, which begins with <disqus>. "
    "Make one with Disqus Admin > Moderation > Export"
)
DEEPEST = 64
# Elements of HTML that have no end of their own.
VOID = {"br", "hr", "img", "wbr"}

# Shape: kind, line, texts by their paths; "…@" is the path of an element's id.
Part = tuple[str, int, dict[str, str]]


class Refused(Exception):
    """The XML is well-formed, and not what an export of Disqus is. Says why."""


class Elements:
    """Give the bytes to `parser`, and take() what has become whole."""

    def __init__(self) -> None:
        self.handler = _Handler()
        self.parser: Any = create_parser(forbid_dtd=True)
        self.parser.setFeature(feature_namespaces, True)
        self.parser.setContentHandler(self.handler)
        self.handler.line_of = self.parser.getLineNumber

    def take(self) -> list[Part]:
        parts, self.handler.parts = self.handler.parts, []
        return parts


class _Handler(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.facts: dict[str, str] = {}
        self.text = _Text()
        self.line = 0
        self.line_of: Any = None
        self.parts: list[Part] = []

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        space, tag = name
        if not self.path and (tag != "disqus" or (space or "").rstrip("/") not in OURS):
            raise Refused(NOT_DISQUS)
        if len(self.path) > DEEPEST:
            raise Refused("the elements here are nested deeper than in any export")
        self.path.append(tag)
        values = {name: value for (_space, name), value in attrs.items()}
        if self._is_inside_message():
            self.text.add_tag(_start_tag(tag, values))
            return
        if len(self.path) == 2:
            self.facts, self.line = {}, self.line_of()
        if len(self.path) > 1 and "id" in values:
            self.facts[f"{'/'.join(self.path[2:])}@"] = values["id"]
        self.text = _Text()

    def characters(self, content: str) -> None:
        self.text.add(content)

    def endElementNS(self, name: Any, qname: Any) -> None:
        if self._is_inside_message():
            tag = self.path.pop()
            self.text.add_tag("" if tag in VOID else f"</{tag}>")
            return
        text, self.text = str(self.text).strip(), _Text()
        if len(self.path) > 2 and text:
            self.facts["/".join(self.path[2:])] = text
        if len(self.path) == 2:
            self.parts.append((self.path[1], self.line, self.facts))
        self.path.pop()

    def _is_inside_message(self) -> bool:
        return len(self.path) > 3 and self.path[2] == "message"


class _Text:
    """The text of one element; of a message that has elements in it, their HTML as well."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, bool]] = []
        self.length = 0
        self.has_tags = False

    def add(self, piece: str, *, is_tag: bool = False) -> None:
        self.length += len(piece)
        if self.length > MOST_CHARACTERS:
            raise Refused(TOO_LONG)
        self.pieces.append((piece, is_tag))

    def add_tag(self, tag: str) -> None:
        self.has_tags = True
        self.add(tag, is_tag=True)

    def __str__(self) -> str:
        """Return HTML. Where no elements are in it, it is all HTML that was escaped once."""
        if not self.has_tags:
            return "".join(piece for piece, _is_tag in self.pieces)
        return "".join(
            piece if is_tag else escape(piece, quote=False) for piece, is_tag in self.pieces
        )


def _start_tag(tag: str, attributes: dict[str, str]) -> str:
    told = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{told}>"
