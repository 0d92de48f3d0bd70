"""A tree -> HTML, with the paragraphs and line breaks that WordPress adds when it shows a text.

In classic text a blank line ends a paragraph and a line end is a break; inside an editor's block
neither means anything. What comes out reads the same when it is put in again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from blog.transfer.text.elements import EMPTY_IS_NOTHING, SOURCE, start_tag
from blog.transfer.text.embeds import link, web_address
from blog.transfer.text.tokens import decoded
from blog.transfer.text.tree import BLOCK, CLASSIC, TAGLESS, Child, Node

BLANK_LINE = re.compile(r"\n[ \t]*+\n\s*+")
BARE_ADDRESS = re.compile(
    r"""^[ \t]*+(https?://[^\s<>"]++)[ \t]*+$""", re.IGNORECASE | re.MULTILINE
)
# Stands for a line end that becomes a break; no text can hold one.
BREAK = "\x02"
# Stands where the text before "more" ends.
MARK = "\x00"
# Deeper inside emphasis a blank line is two breaks: each level costs a copy of each tag.
DEEPEST_SPLIT = 4

# Text in these is always paragraphs; in these only when there are several; in the rest never.
ALWAYS = TAGLESS | {"p", "blockquote", "details"}
SEVERAL = frozenset(["li", "td", "th", "dd", "dt", "figcaption", "figure", "caption"])
STRUCTURE = frozenset(["ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "figure"])
VOID = frozenset(["br", "hr", "img"])


@dataclass(frozen=True, slots=True)
class Mode:
    """How text is read here: are line ends meant, and may an address become a link."""

    is_classic: bool
    links: bool = True


def flow_html(node: Node, mode: Mode) -> str:
    """Return what a container holds, without its own tags."""
    pieces: list[str] = []
    for run in _runs(node.children):
        if isinstance(run, Node):
            pieces.append(_block_html(run, mode))
        else:
            pieces += _run_html(node.name, run, mode)
    return "\n".join(filter(None, pieces))


def _runs(children: Sequence[Child]) -> Iterator[Node | list[Child]]:
    """Yield each block-level child, and each run of what stands between two of them."""
    run: list[Child] = []
    for child in children:
        if isinstance(child, Node) and child.is_block:
            if run:
                yield run
            run = []
            yield child
        else:
            run.append(child)
    if run:
        yield run


def _block_html(node: Node, mode: Mode) -> str:
    if node.name in TAGLESS:
        classic = {BLOCK: False, CLASSIC: True}.get(node.name, mode.is_classic)
        return flow_html(node, replace(mode, is_classic=classic))
    if node.name == "p":
        return flow_html(node, mode)
    if node.name in VOID:
        return start_tag(node)
    if node.name == "pre":
        inside = _inline_html(node.children, replace(mode, is_classic=False))
    elif node.name == "a":
        inside = flow_html(node, replace(mode, links=False))
    else:
        inside = flow_html(node, mode)
    if node.name in EMPTY_IS_NOTHING and not inside.strip(f"\n{MARK}"):
        return MARK * (MARK in inside)
    around = "\n" if node.name in STRUCTURE - {"figure", "tr"} else ""
    return f"{start_tag(node)}{around}{inside}{around}</{node.name}>"


def _run_html(container: str, run: list[Child], mode: Mode) -> list[str]:
    """Return the paragraphs of a run, in tags where its container asks for them."""
    is_classic = mode.is_classic and container not in STRUCTURE
    always = container in ALWAYS or container not in SEVERAL | STRUCTURE | LINES
    if is_classic and always and mode.links:
        run = list(_addresses_apart(list(_joined(run))))
    split = _paragraphs(run) if is_classic and container not in LINES else [run]
    shown = [html for part in split if (html := _paragraph_html(part, is_classic))]
    if always and mode.links:
        shown = [_linked(html) for html in shown]
    if always or (len(shown) > 1 and container in SEVERAL):
        return [html if html == MARK else f"<p>{html}</p>" for html in shown]
    return shown


# Of one line, whatever they hold.
LINES = frozenset(["h2", "h3", "h4", "h5", "h6", "summary", "cite"])


def _linked(html: str) -> str:
    """Make a link of a paragraph that is nothing but an address."""
    bare = BARE_ADDRESS.fullmatch(html)
    address = web_address(decoded(bare[1])) if bare else ""
    return _inline_html([link(address)], Mode(is_classic=False)) if address else html


def _addresses_apart(run: list[Child]) -> Iterator[Child]:
    """Put each address that has a line to itself into a paragraph of its own."""
    for at, child in enumerate(run):
        if isinstance(child, str) and "://" in child:
            yield _apart(child, is_first=at == 0, is_last=at == len(run) - 1)
        else:
            yield child


def _apart(text: str, *, is_first: bool, is_last: bool) -> str:
    def apart(match: re.Match[str]) -> str:
        begins = match.start() > 0 or is_first
        ends = match.end() < len(text) or is_last
        return f"\n\n{match[0]}\n\n" if begins and ends else match[0]

    return BARE_ADDRESS.sub(apart, text)


# --- paragraphs -----------------------------------------------------------------------------


def _paragraphs(children: Sequence[Child], depth: int = 0) -> list[list[Child]]:
    """Split at blank lines; emphasis that spans one is closed before it and opened after it."""
    parts: list[list[Child]] = [[]]
    for child in _joined(children):
        split = _split(child, depth)
        parts[-1].append(split[0])
        parts += [[piece] for piece in split[1:]]
    return parts


def _joined(children: Sequence[Child]) -> Iterator[Child]:
    """Yield the children, texts that only a tag without effect parted in one piece."""
    for is_text, group in groupby(children, key=lambda child: isinstance(child, str)):
        if is_text:
            yield "".join(map(str, group))
        else:
            yield from group


def _split(child: Child, depth: int) -> Sequence[Child]:
    if isinstance(child, str):
        return BLANK_LINE.split(child)
    if depth == DEEPEST_SPLIT or child.name in VOID:
        return [child]
    parts = _paragraphs(child.children, depth + 1)
    if len(parts) == 1:
        return [child]
    unnamed = {name: value for name, value in child.attributes.items() if name != "id"}
    first, *others = parts
    return [
        Node(child.name, child.attributes, first),
        *(Node(child.name, unnamed, part) for part in others),
    ]


def _paragraph_html(children: list[Child], is_classic: bool) -> str:
    """Return a paragraph's inside, or nothing when there is nothing to see."""
    html = _inline_html(_without_outer_breaks(children), Mode(is_classic))
    html = _with_breaks(html) if is_classic else html.strip(" \t\n")
    return html if html.strip(f" \t\n{MARK}") else MARK * (MARK in html)


def _without_outer_breaks(children: list[Child]) -> list[Child]:
    first, last = 0, len(children)
    while first < last and _is_nothing(children[first]):
        first += 1
    while first < last and _is_nothing(children[last - 1]):
        last -= 1
    return children[first:last]


def _is_nothing(child: Child) -> bool:
    if isinstance(child, str):
        return not child.strip(" \t\n")
    is_seen = child.name in VOID - {"br"} or "id" in child.attributes
    return not is_seen and all(map(_is_nothing, child.children))


def _inline_html(children: Sequence[Child], mode: Mode) -> str:
    return "".join(_child_html(child, mode) for child in children)


def _child_html(child: Child, mode: Mode) -> str:
    if isinstance(child, str):
        return child.replace("\n", BREAK) if mode.is_classic else child
    if child.name == SOURCE:
        return ""
    if child.name in VOID:
        return start_tag(child)
    if child.name in TAGLESS:
        return _inline_html(child.children, mode)
    inside = _inline_html(child.children, mode)
    if not inside and child.name in EMPTY_IS_NOTHING and "id" not in child.attributes:
        return ""
    return f"{start_tag(child)}{inside}</{child.name}>"


def _with_breaks(html: str) -> str:
    """Make a break of each line end that has none before it."""
    lines = [line.strip(" \t") for line in html.strip(f" \t{BREAK}").split(BREAK)]
    broken = [line if line.endswith("<br>") else f"{line}<br>" for line in lines[:-1]]
    return "\n".join([*broken, lines[-1]])
