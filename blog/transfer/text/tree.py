"""Tokens -> a tree that is always well formed, as deep as anybody writes and no deeper.

Elements close where a browser would close them: a paragraph before a list, an item before the
next. What each element becomes is decided when it closes (elements.py, shortcodes.py, blocks.py).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from blog.transfer.text.tokens import RAW_ELEMENTS

# Deeper tags are left out and their text is kept. Everything below may recurse this deep.
MAX_DEPTH = 48

VOID = frozenset([
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr",
])  # fmt: skip
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Of these an open paragraph is closed, as the HTML standard has it.
CLOSING_PARAGRAPHS = HEADINGS | frozenset([
    "address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div",
    "dl", "dd", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header",
    "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary",
    "table", "ul",
])  # fmt: skip
# Containers of ours, which have no tags. A loose run of text in them is a paragraph.
FLOW = "#flow"
BLOCK = "#block"  # the inside of an editor's block: line ends mean nothing
CLASSIC = "#classic"  # line ends make paragraphs
TAGLESS = frozenset([FLOW, BLOCK, CLASSIC])
BLOCK_LEVEL = TAGLESS | frozenset([
    "p", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "h2", "h3", "h4", "h5",
    "h6", "hr", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figure",
    "figcaption", "details", "summary",
])  # fmt: skip

TABLE_PARTS = frozenset(["caption", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th"])
CELLS = frozenset(["td", "th", "caption"])
ROW_STOPS = frozenset(["table"])
PARAGRAPH_STOPS = CELLS | {"table", "button", "object"}

# name -> what it closes, and where the search for that stops.
CLOSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(["li"]), frozenset(["ul", "ol", "menu", "dir"]) | CELLS),
    "dt": (frozenset(["dt", "dd"]), frozenset(["dl"]) | CELLS),
    "dd": (frozenset(["dt", "dd"]), frozenset(["dl"]) | CELLS),
    "td": (frozenset(["td", "th", "caption", "colgroup"]), ROW_STOPS | {"tr"}),
    "th": (frozenset(["td", "th", "caption", "colgroup"]), ROW_STOPS | {"tr"}),
    "tr": (frozenset(["tr", "td", "th", "caption", "colgroup"]), ROW_STOPS),
    "thead": (TABLE_PARTS, ROW_STOPS),
    "tbody": (TABLE_PARTS, ROW_STOPS),
    "tfoot": (TABLE_PARTS, ROW_STOPS),
    "a": (frozenset(["a"]), frozenset()),
    "option": (frozenset(["option"]), frozenset(["select"])),
} | {name: (HEADINGS, PARAGRAPH_STOPS | {"div", "section", "li"}) for name in HEADINGS}
PARAGRAPH = frozenset(["p"])


@dataclass(slots=True, eq=False)
class Node:
    """An element, or what stands for a shortcode ("[caption") or a block ("wp:cover").

    Shape: text among the children is HTML as it will be written. `is_block` says that it cannot
    stand inside a paragraph, for itself or for what it holds.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    raw: str = ""
    is_closed: bool = False
    is_block: bool = False

    def __post_init__(self) -> None:
        self.is_block = self.name in BLOCK_LEVEL or any(
            isinstance(child, Node) and child.is_block for child in self.children
        )


Child = Node | str


def is_pseudo(name: str) -> bool:
    """Tell a shortcode or a block: no tag inside can close what stands around it."""
    return name.startswith(("wp:", "["))


class Builder:
    """Puts nodes where they belong; `convert` says what each becomes when it closes."""

    def __init__(self, convert: Callable[[Node], Sequence[Child]]) -> None:
        self._convert = convert
        self._stack = [Node(CLASSIC)]
        self._open: Counter[str] = Counter()
        self._too_deep: Counter[str] = Counter()

    def add(self, children: Sequence[Child]) -> None:
        """Append to what is open."""
        self._stack[-1].children.extend(children)

    def is_inside(self, *names: str) -> bool:
        """Tell whether one of the elements is open."""
        return any(self._open[name] for name in names)

    def start(self, node: Node) -> None:
        """Open a node, and close what cannot stand around it."""
        if node.name in CLOSING_PARAGRAPHS and self._open["p"]:
            self._close_implied(PARAGRAPH, PARAGRAPH_STOPS)
        if node.name in CLOSES:
            self._close_implied(*CLOSES[node.name])
        if node.name in TABLE_PARTS and not self._is_in_table():
            # Elsewhere it is a box: a sanitiser would run its text into the next.
            node.name = "div"
        if node.name in VOID or node.name in RAW_ELEMENTS:
            self.add(self._convert(node))
        elif len(self._stack) > MAX_DEPTH:
            self._too_deep[node.name] += 1
        else:
            self._stack.append(node)
            self._open[node.name] += 1

    def end(self, name: str) -> None:
        """Close the innermost node of the name with all in it; without one, do nothing."""
        if self._too_deep[name]:
            self._too_deep[name] -= 1
        elif self._open[name] and (depth := self._depth_of(name)):
            self._stack[depth].is_closed = True
            self._close_to(depth)

    def root(self) -> Node:
        """Close all that is open and return what it all stands in."""
        self._close_to(1)
        return self._stack[0]

    def _is_in_table(self) -> bool:
        around = self._stack[-1].name
        is_passed_over = is_pseudo(around) or around == "form"
        return around in TABLE_PARTS | {"table"} or (is_passed_over and self._open["table"] > 0)

    def _depth_of(self, name: str) -> int:
        for depth in range(len(self._stack) - 1, 0, -1):
            found = self._stack[depth].name
            if found == name:
                return depth
            if is_pseudo(found) and not is_pseudo(name):
                return 0
            if found in CELLS and name not in TABLE_PARTS | {"table"} and not is_pseudo(name):
                return 0
        return 0

    def _close_implied(self, names: frozenset[str], stops: frozenset[str]) -> None:
        if not any(self._open[name] for name in names):
            return
        outermost = 0
        for depth in range(len(self._stack) - 1, 0, -1):
            name = self._stack[depth].name
            if name in stops or is_pseudo(name):
                break
            if name in names:
                outermost = depth
        if outermost:
            self._stack[outermost].is_closed = True
            self._close_to(outermost)

    def _close_to(self, depth: int) -> None:
        while len(self._stack) > depth:
            node = self._stack.pop()
            self._open[node.name] -= 1
            self.add(self._convert(node))
