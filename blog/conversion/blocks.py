"""What stands apart: paragraphs, headings, lists, quotes, code, tables, figures, footnotes."""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from blog.conversion.escaping import code_block, line_escaped
from blog.conversion.inline import Line, line_of, picture
from blog.conversion.losses import Loss
from blog.conversion.tree import SPACE, Child, Node
from blog.markup_pictures import is_own_media

MAX_QUOTES = 10
LANGUAGE = re.compile(r"language-([\w+#.-]{1,40})")
ALIGNED = {"left": ":---", "center": ":---:", "right": "---:"}
# The signs of a link that leads back from a footnote.
BACK = re.compile("[\u21a9\u2191\u2934^]\ufe0e?\ufe0f?")
CELLS = ("td", "th")


class Block(NamedTuple):
    """Shape: `marker` is that of a list, and what the next one needs another for."""

    text: str
    marker: str = ""


def document(root: Node, lost: set[Loss]) -> str:
    line = Line(lost)
    notes = _footnotes(root)
    numbers = count(1)
    for link in root.within("a"):
        name = link.attributes.get("href", "").removeprefix("#")
        if name in notes and name not in line.notes:
            line.notes[name] = next(numbers)
    _note_places(root, line)
    written = [block.text for block in _Blocks(line).of(root.children)]
    written += [_definition(notes[name], number, line) for name, number in line.notes.items()]
    return "\n\n".join(written) + "\n" if written else ""


class _Blocks:
    def __init__(self, line: Line, quotes: int = 0) -> None:
        self.line = line
        self.quotes = quotes

    def of(self, children: Sequence[Child], marker: str = "") -> list[Block]:
        """Return the blocks of what stands one below the other, after one of that marker."""
        found: list[Block] = []
        run: list[Child] = []
        for child in children:
            if isinstance(child, Node) and child.is_block:
                found += self._paragraph(run)
                run = []
                found += self._block(child, found[-1].marker if found else marker)
            else:
                run.append(child)
        return found + self._paragraph(run)

    def _block(self, node: Node, marker: str) -> list[Block]:
        match node.name:
            case "p":
                return self.of(node.children, marker)
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                return self._heading(node)
            case "ul" | "ol":
                return self._list(node, marker)
            case "blockquote":
                return self._quote(node)
            case "pre":
                return [Block(_code(node))]
            case "hr":
                return [] if node.attributes.get("class") else [Block("***")]
            case "table":
                return self._table(node)
            case "figure":
                return self._figure(node)
            case "dt" | "summary" | "caption":
                return self._paragraph([Node("strong", {}, _inlined(node))])
        return self.of(node.children, marker)

    def _paragraph(self, run: Sequence[Child]) -> list[Block]:
        written = line_of(run, self.line)
        lines = [line_escaped(each) for each in written.split("\n")]
        return [Block("\n".join(lines))] if any(lines) else []

    def _heading(self, node: Node) -> list[Block]:
        words = line_of(_inlined(node), self.line, has_breaks=False)
        words = re.sub(r"(#+)$", r"\\\1", words)
        level = min(max(int(node.name[1]), 2), 4)
        return [Block(f"{'#' * level} {words}")] if words else []

    def _quote(self, node: Node) -> list[Block]:
        if self.quotes >= MAX_QUOTES:
            self.line.lost.add(Loss.NESTING)
            return self.of(node.children)
        inner = _Blocks(self.line, self.quotes + 1).of(node.children)
        text = "\n\n".join(block.text for block in inner)
        return [Block(re.sub("^> $", ">", _prefixed(text, "> "), flags=re.M))] if text else []

    # --- lists --------------------------------------------------------------------------------

    def _list(self, node: Node, before: str) -> list[Block]:
        items = [item for item in _items(node) if not self._is_footnote(item)]
        if not items:
            return []
        signs = ("-", "*") if node.name == "ul" else (".", ")")
        sign = signs[1] if before == signs[0] else signs[0]
        start = int(node.attributes.get("start") or 1) if node.name == "ol" else 0
        gap = "\n" if all(map(_is_tight, items)) else "\n\n"
        texts = []
        for number, item in enumerate(items, start=start):
            mark = sign if node.name == "ul" else f"{number % 10**9}{sign}"
            inner = gap.join(block.text for block in self.of(item.children))
            texts.append(f"{mark} {_indented(inner, len(mark) + 1)}".rstrip(" "))
        return [Block(gap.join(texts), sign)]

    def _is_footnote(self, item: Node) -> bool:
        return item.attributes.get("id", "") in self.line.notes

    # --- tables -------------------------------------------------------------------------------

    def _table(self, node: Node) -> list[Block]:
        rows = [row for row in node.within("tr") if any(c.name in CELLS for c in row.nodes())]
        captions = [block for c in node.within("caption") for block in self.of(c.children)]
        if not rows:
            return captions
        cells = [[cell for cell in row.nodes() if cell.name in CELLS] for row in rows]
        width = max(len(row) for row in cells)
        has_head = any(node.within("thead")) or all(cell.name == "th" for cell in cells[0])
        texts = [[self._cell(cell) for cell in row] for row in cells]
        head, *body = texts if has_head else [[], *texts]
        sides = [_side(cell) for cell in cells[0]]
        lines = [_row(head, width), _row(sides, width, "---"), *(_row(row) for row in body)]
        return [*captions, Block("\n".join(lines))]

    def _cell(self, cell: Node) -> str:
        runs = list(_runs(cell))
        if len(runs) > 1 or any(cell.within("br")):
            self.line.lost.add(Loss.CELLS)
        lines = (line_of(run, self.line, has_breaks=False) for run in runs)
        return " ".join(filter(None, lines)).replace("|", "\\|")

    # --- figures ------------------------------------------------------------------------------

    def _figure(self, node: Node) -> list[Block]:
        captions = [child for child in node.nodes() if child.name == "figcaption"]
        shown = [child for child in node.children if child not in captions]
        image = _only_picture(shown)
        if image is None or not is_own_media(image.attributes.get("src", "")):
            return self.of(node.children)
        words = " ".join(SPACE.sub(" ", caption.spaced_text()) for caption in captions)
        if any(caption.nodes() for caption in captions):
            self.line.lost.add(Loss.CAPTION)
        return [Block(picture(image, words))]


# --- parts of blocks ----------------------------------------------------------------------------


def _code(node: Node) -> str:
    classes = [each.attributes.get("class", "") for each in (node, *node.within("code"))]
    language = LANGUAGE.search(" ".join(classes))
    return code_block(node.text().removesuffix("\n"), language[1] if language else "")


def _items(node: Node) -> list[Node]:
    """Return a list's items; what stands between them belongs to the one before."""
    items: list[Node] = []
    for child in node.children:
        if isinstance(child, Node) and child.name == "li":
            items.append(Node("li", child.attributes, list(child.children)))
        elif isinstance(child, Node) or child.strip():
            if not items:
                items.append(Node("li"))
            items[-1].children.append(child)
    return items


def _is_tight(item: Node) -> bool:
    """Tell whether an item is a line, and at most a list below it that can stand right there."""
    blocks = [child for child in item.nodes() if child.is_block]
    if not blocks:
        return True
    is_last = item.children[-1] is blocks[0] or not str(item.children[-1]).strip()
    return (
        len(blocks) == 1
        and is_last
        and blocks[0].name in {"ul", "ol"}
        and blocks[0].attributes.get("start", "1") == "1"
        and all(map(_is_tight, _items(blocks[0])))
    )


def _inlined(node: Node) -> list[Child]:
    """Return what a heading holds, without what cannot stand in a line."""
    inlined: list[Child] = []
    for run in _runs(node):
        inlined += [" ", *run]
    return inlined


def _runs(node: Node) -> Iterator[list[Child]]:
    """Yield what stands in lines, one after the other, however deep."""
    run: list[Child] = []
    for child in node.children:
        if isinstance(child, Node) and child.is_block:
            if run:
                yield run
            run = []
            code: list[Child] = [Node("code", {}, [child.text()])]
            yield from [code] if child.name == "pre" else _runs(child)
        elif isinstance(child, Node) or child.strip(" \t\n\r\f") or run:
            run.append(child)
    if run:
        yield run


def _only_picture(shown: Sequence[Child]) -> Node | None:
    """Return the picture that is all there is; one that leads only to its own file, too."""
    held = [child for child in shown if isinstance(child, Node) or child.strip()]
    if len(held) != 1 or isinstance(held[0], str):
        return None
    node = held[0]
    if node.name == "img":
        return node
    leads_to_file = node.name == "a" and is_own_media(node.attributes.get("href", ""))
    return _only_picture(node.children) if leads_to_file or node.name == "p" else None


def _side(cell: Node) -> str:
    _before, _align, side = cell.attributes.get("class", "").partition("align-")
    return ALIGNED.get(side, "---")


def _row(cells: Sequence[str], width: int = 0, empty: str = "") -> str:
    padded = [*cells, *[empty] * (width - len(cells))]
    return f"| {' | '.join(padded)} |"


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(prefix + line for line in text.split("\n"))


def _indented(text: str, width: int) -> str:
    """Return text with all lines but the first moved in."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * width, text)


# --- footnotes and places -----------------------------------------------------------------------


def _footnotes(root: Node) -> dict[str, Node]:
    """Return the items that a link leads back from, by their ids."""
    return {
        item.attributes["id"]: item
        for item in root.within("li")
        if item.attributes.get("id") and any(map(_leads_back, item.within("a")))
    }


def _leads_back(link: Node) -> bool:
    is_within = link.attributes.get("href", "").startswith("#")
    is_marked = link.attributes.get("class", "") == "footnote-backref"
    return is_within and (is_marked or BACK.fullmatch(link.text().strip()) is not None)


def _definition(item: Node, number: int, line: Line) -> str:
    text = "\n\n".join(block.text for block in _Blocks(line).of(_without_back(item).children))
    return f"[^{number}]: {_indented(text, 4)}".rstrip(" ")


def _without_back(node: Node) -> Node:
    kept: list[Child] = [
        child if isinstance(child, str) else _without_back(child)
        for child in node.children
        if isinstance(child, str) or not (child.name == "a" and _leads_back(child))
    ]
    return Node(node.name, node.attributes, kept, node.is_block)


def _note_places(root: Node, line: Line) -> None:
    for link in root.within("a"):
        address = link.attributes.get("href", "")
        name = address.removeprefix("#")
        if address.startswith("#") and name not in line.notes and not _leads_back(link):
            line.lost.add(Loss.PLACE)
