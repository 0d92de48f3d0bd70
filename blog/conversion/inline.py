"""What stands in a line: words, emphasis, links, code, pictures, references to footnotes.

Every line is read back: where emphasis would not be read as such, it goes and the words stay.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from blog.conversion.escaping import code_span, destination, escaped, title
from blog.conversion.losses import Loss
from blog.conversion.tree import SPACE, Child, Node
from blog.markup import BODY
from blog.markup_pictures import is_own_media

STRONG, EM, STRUCK = "**", "*", "~~"
MARKS = {"strong": STRONG, "b": STRONG, "em": EM, "i": EM, "cite": EM, "s": STRUCK, "del": STRUCK}
WEB_ADDRESS = re.compile(r"https?://[^\s<>\x00-\x20]+")
BREAK = "\\\n"


@dataclass
class Line:
    """How a line is written. Shape: `notes` are the numbers of footnotes by their ids."""

    lost: set[Loss]
    notes: dict[str, int] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=lambda: MARKS)
    has_links: bool = True
    has_code: bool = True
    has_breaks: bool = True


# One after the other, until the words are read back as they were.
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"marks": MARKS | {"em": "_", "i": "_", "cite": "_"}},
    {"marks": {}},
    {"marks": {}, "has_links": False, "has_code": False},
)


def line_of(children: Sequence[Child], line: Line, *, has_breaks: bool = True) -> str:
    """Return the Markdown of what stands in a line; it has line breaks only where it may."""
    words = _words(children, line)
    written = ""
    for number, way in enumerate(WAYS):
        one = Line(line.lost, line.notes, has_breaks=has_breaks, **way)
        written = _tidy(_written(children, one, frozenset()))
        if _read_back(written) == words:
            if number > 1:
                line.lost.add(Loss.EMPHASIS)
            return written
    line.lost.add(Loss.EMPHASIS)
    return written


def _tidy(written: str) -> str:
    written = re.sub(r" {2,}", " ", written)
    written = re.sub(r" *\\\n *", lambda _match: BREAK, written)
    written = written.strip(" ")
    while written.startswith(BREAK):
        written = written.removeprefix(BREAK)
    # Behind a last break may stand spaces of other kinds: without a line it would be a stroke.
    return re.sub(r"(?:\\\n\s*)+$", "", written)


def _written(children: Sequence[Child], line: Line, within: frozenset[str]) -> str:
    written = ""
    pieces = [
        ("", escaped(SPACE.sub(" ", child)))
        if isinstance(child, str)
        else _node(child, line, within)
        for child in _joined(children, line)
    ]
    for at, (mark, text) in enumerate(pieces):
        after = "".join(text for _mark, text in pieces[at + 1 : at + 3])
        written += _emphasised(text, mark, written[-1:], after[:1], line) if mark else text
    return written


def _joined(children: Sequence[Child], line: Line) -> Iterator[Child]:
    """Make one of those in a row that have the same marks: they would run together."""
    held: Node | None = None
    for child in children:
        if isinstance(child, str) or not (mark := _mark_of(child, line)):
            yield from [held] if held else []
            held = None
            yield child
        elif held is not None and mark == _mark_of(held, line):
            held = Node(held.name, {}, [*held.children, *child.children])
        else:
            yield from [held] if held else []
            held = child
    yield from [held] if held else []


def _mark_of(node: Node, line: Line) -> str:
    return "`" if node.name == "code" else line.marks.get(node.name, "")


def _node(node: Node, line: Line, within: frozenset[str]) -> tuple[str, str]:
    """Return the marks around an element, and what stands between them."""
    match node.name:
        case "br":
            return "", BREAK if line.has_breaks else " "
        case "code":
            text = SPACE.sub(" ", node.text())
            return "", code_span(text) if line.has_code else escaped(text)
        case "img":
            return "", picture(node) if "a" not in within or _is_own(node) else _in_its_place(node)
        case "a":
            return "", _link(node, line, within)
        case "q":
            return "", f"“{_written(node.children, line, within)}”"
        case "sup" if not is_reference(node, line):
            line.lost.add(Loss.STYLE)
    mark = line.marks.get(node.name, "")
    inner = _written(node.children, line, within | {mark})
    return "" if mark in within else mark, inner


def _emphasised(inner: str, mark: str, before: str, after: str, line: Line) -> str:
    """Put marks around words, with the space at their ends outside, if they are read as such."""
    core = inner.strip(" \\\n")
    if not core:
        return inner
    head, _core, tail = inner.partition(core)
    if tail.startswith("\\") and not tail.startswith(BREAK):
        return inner
    words = core.strip("*_~") or core
    opens = head or not _is_letter(before) or _is_letter(words[0])
    closes = tail or not _is_letter(after) or _is_letter(words[-1])
    if not (opens and closes):
        line.lost.add(Loss.EMPHASIS)
        return inner
    return f"{head}{mark}{core}{mark}{tail}"


def _is_letter(sign: str) -> bool:
    return sign.isalnum()


def _is_own(picture: Node) -> bool:
    return is_own_media(picture.attributes.get("src", ""))


def _in_its_place(picture: Node) -> str:
    """Return what stands for a picture from elsewhere within a link: readers see words there."""
    words = " ".join(picture.attributes.get("alt", "").split())
    return escaped(words or picture.attributes.get("src", ""))


def picture(node: Node, caption: str = "") -> str:
    alt = escaped(" ".join(node.attributes.get("alt", "").split()))
    return f"![{alt}]({destination(node.attributes.get('src', ''))}{title(caption)})"


# --- links ------------------------------------------------------------------------------------


def _link(node: Node, line: Line, within: frozenset[str]) -> str:
    address = node.attributes.get("href", "")
    if number := _note_of(node, line):
        return f"[^{number}]"
    inner = _written(node.children, line, within | {"a"})
    if not address or not inner.strip() or not line.has_links:
        return inner
    if address == node.text() and WEB_ADDRESS.fullmatch(address):
        return f"<{address}>"
    core = inner.strip(" ")
    head, _core, tail = inner.partition(core)
    beside = title(node.attributes.get("title", ""))
    return f"{head}[{core}]({destination(address)}{beside}){tail}"


def _note_of(node: Node, line: Line) -> int | None:
    return line.notes.get(node.attributes.get("href", "").removeprefix("#"))


def is_reference(node: Node, line: Line) -> bool:
    """Tell whether a raised sign is that of a footnote."""
    return any(_note_of(link, line) for link in node.within("a"))


# --- read back ----------------------------------------------------------------------------------


def _words(children: Sequence[Child], line: Line) -> list[str]:
    return "".join(_texts(children, line)).split()


def _address_shown(picture: Node, *, is_linked: bool) -> str:
    return picture.attributes.get("src", "") if is_linked and not _is_own(picture) else " "


def _texts(children: Sequence[Child], line: Line, *, is_linked: bool = False) -> Iterator[str]:
    for child in children:
        if isinstance(child, str):
            yield child
        elif child.name == "br":
            yield " "
        elif child.name == "img":
            yield child.attributes.get("alt") or _address_shown(child, is_linked=is_linked)
        elif child.name == "a" and (number := _note_of(child, line)):
            yield f"[^{number}]"
        elif child.name == "q":
            yield f"“{''.join(_texts(child.children, line, is_linked=is_linked))}”"
        else:
            inside = is_linked or child.name == "a"
            yield from _texts(child.children, line, is_linked=inside)


def _read_back(written: str) -> list[str]:
    inline = BODY.parseInline(written, {})[0]
    return "".join(_shown(inline.children or [])).split()


def _shown(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            yield " "
        elif token.type == "image":
            yield from _shown(token.children or [])
        else:
            yield token.content
