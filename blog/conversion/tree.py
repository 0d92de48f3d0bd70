"""Clean HTML -> nodes. Fails on nothing; what stands too deep stands one level higher."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["br", "hr", "img", "source"])
BLOCKS = frozenset([
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
    "pre", "figure", "figcaption", "hr", "table", "caption", "thead", "tbody", "tfoot", "tr", "td",
    "th", "details", "summary", "section",
])  # fmt: skip
SPACE = re.compile("[ \t\n\r\f]+")
MAX_DEPTH = 60


@dataclass(eq=False)
class Node:
    """An element. Shape: `is_block` says that it, or what it holds, cannot stand in a line."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    is_block: bool = False

    def nodes(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    def within(self, *names: str) -> "Iterator[Node]":
        """Yield each element of these names that stands in this one, in order."""
        for child in self.nodes():
            if child.name in names:
                yield child
            yield from child.within(*names)

    def text(self) -> str:
        """Return the text to the letter; a line break is one."""
        if self.name == "br":
            return "\n"
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def spaced_text(self) -> str:
        """Return the text with space between what stands apart."""
        if self.name in {"br", "img"}:
            return " "
        texts = (c if isinstance(c, str) else c.spaced_text() for c in self.children)
        return f" {''.join(texts)} " if self.name in BLOCKS else "".join(texts)


Child = Node | str


def parse(html: str) -> Node:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, is_block=tag in BLOCKS)
        if len(self._open) > MAX_DEPTH and tag not in VOID:
            return
        self._open[-1].children.append(node)
        if node.is_block:
            self._stand_apart()
        if tag not in VOID:
            self._open.append(node)

    def _stand_apart(self) -> None:
        for around in reversed(self._open):
            if around.is_block:
                break
            around.is_block = True

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].name == tag:
                del self._open[depth:]
                break

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
