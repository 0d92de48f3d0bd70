"""The block editor's comments, <!-- wp:name {json} -->, and what the block between them becomes.

Most blocks hold the HTML they show: their boundaries go, it stays. Those that WordPress fills when
it shows a page hold nothing, and are noted.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from blog.transfer.text.elements import figure, gallery
from blog.transfer.text.embeds import ADDRESS, link, link_paragraph, web_address
from blog.transfer.text.footnotes import footnote_list
from blog.transfer.text.shortcodes import Surroundings, has_picture, image_figure
from blog.transfer.text.tokens import decoded
from blog.transfer.text.tree import BLOCK, CLASSIC, TAGLESS, Child, Node

# Empty, they are nothing to see, and nothing is lost.
SILENT = frozenset(
    f"core/{name}"
    for name in [
        "spacer", "more", "nextpage", "separator", "paragraph", "heading", "list", "list-item",
        "quote", "pullquote", "code", "preformatted", "verse", "html", "freeform", "table",
        "columns", "column", "group", "row", "buttons", "button",
    ]
)  # fmt: skip


def opened(comment: str) -> tuple[Node, bool] | None:
    """Return the node of a comment that opens a block, and whether it closes at once."""
    content = comment.strip()
    if not content.startswith("wp:"):
        return None
    is_whole = content.endswith("/")
    name, _, attributes = content.removesuffix("/").removeprefix("wp:").partition(" ")
    node = Node(f"wp:{_full_name(name)}", data=_attributes(attributes.strip()))
    return node, is_whole


def closed(comment: str) -> str:
    """Return the name of the node that a comment closes, or nothing."""
    content = comment.strip()
    return f"wp:{_full_name(content[4:])}" if content.startswith("/wp:") else ""


def _full_name(name: str) -> str:
    name = name.strip().lower()
    if name.startswith("core-embed/"):
        return "core/embed"
    return name if "/" in name else f"core/{name}"


def _attributes(source: str) -> dict[str, Any]:
    try:
        found = json.loads(source) if source.startswith("{") else {}
    except (ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}


def convert_block(node: Node, around: Surroundings) -> Sequence[Child]:
    """Return what stands in the place of a block that has closed."""
    name = node.name.removeprefix("wp:")
    if name in CONVERTED:
        return CONVERTED[name](node, around)
    return _as_it_is(node, around)


def _as_it_is(node: Node, around: Surroundings) -> Sequence[Child]:
    name = node.name.removeprefix("wp:")
    if _is_empty(node.children):
        if name not in SILENT:
            around.notes.add(f"left out: block {name}")
        return []
    return [Node(BLOCK, {}, node.children)]


def _is_empty(children: Sequence[Child]) -> bool:
    return all(
        not child.strip()
        if isinstance(child, str)
        else child.name in TAGLESS and _is_empty(child.children)
        for child in children
    )


def _classic(node: Node, around: Surroundings) -> Sequence[Child]:
    return [Node(CLASSIC, {}, node.children)]


def _embed(node: Node, around: Surroundings) -> Sequence[Child]:
    address = web_address(node.data.get("url")) or _address_in(node)
    if not address:
        return _as_it_is(node, around)
    caption = next(_find(node, "figcaption"), None)
    if caption is None:
        return [link_paragraph(address)]
    return [Node("figure", {}, [link(address), caption])]


def _address_in(node: Node) -> str:
    found = ADDRESS.search(decoded(_text_of(node)))
    return web_address(found[0]) if found else ""


def _text_of(node: Node) -> str:
    return "".join(
        child if isinstance(child, str) else f" {_text_of(child)} " for child in node.children
    )


def _cover(node: Node, around: Surroundings) -> Sequence[Child]:
    address = web_address(node.data.get("url"))
    is_picture = node.data.get("backgroundType", "image") == "image"
    if address and is_picture and next(_find(node, "img"), None) is None:
        alt = node.data.get("alt")
        picture = figure(address, alt if isinstance(alt, str) else "", [])
        return [Node(BLOCK, {}, [picture, *node.children])]
    return _as_it_is(node, around)


def _gallery(node: Node, around: Surroundings) -> Sequence[Child]:
    if next(_find(node, "img"), None) is not None:
        return _written_gallery(node)
    images = map(around.image, map(str, _numbers(node.data.get("ids"))))
    figures = [image_figure(image, around) for image in images if image]
    return [gallery(figures)] if figures else _as_it_is(node, around)


def _numbers(value: object) -> Iterator[int]:
    for number in value[:200] if isinstance(value, list) else []:
        if isinstance(number, int | str) and str(number).isdecimal():
            yield int(number)


def _written_gallery(node: Node) -> Sequence[Child]:
    """Return the box of a gallery whose pictures stand in it, then whatever else stood there."""
    figures: list[Node] = []
    others: list[Child] = []
    for child in _apart(node.children):
        if isinstance(child, Node) and has_picture(child):
            figures.append(child if child.name == "figure" else Node("figure", {}, [child]))
        elif isinstance(child, Node) or child.strip():
            others.append(child)
    is_captioned = others and isinstance(others[0], Node) and others[0].name == "figcaption"
    caption, rest = (others[:1], others[1:]) if is_captioned else ([], others)
    return [gallery(figures, caption), Node(BLOCK, {}, rest)]


def _apart(children: Sequence[Child]) -> Iterator[Child]:
    """Yield a gallery's pictures, each with its own caption, and what stands beside them."""
    for child in children:
        is_box = isinstance(child, Node) and child.name in {"figure", "ul", "li", *TAGLESS}
        if isinstance(child, str) or not is_box or _is_one_picture(child):
            yield child
        else:
            yield from _apart(child.children)


def _is_one_picture(child: Node) -> bool:
    held = [inner for inner in child.children if isinstance(inner, Node)]
    return child.name == "figure" and not any(
        inner.name in {"figure", "ul", *TAGLESS} for inner in held
    )


def _image(node: Node, around: Surroundings) -> Sequence[Child]:
    if _is_empty(node.children):
        for number in _numbers([node.data.get("id")]):
            if image := around.image(str(number)):
                return [image_figure(image, around)]
    return _as_it_is(node, around)


def _file(node: Node, around: Surroundings) -> Sequence[Child]:
    """Keep the link with the file's name; the button beside it leads to the same place."""
    named = next((found for found in _find(node, "a") if _text_of(found).strip()), None)
    if named is not None:
        return [Node("p", {}, [named])]
    address = web_address(node.data.get("href"))
    return [link_paragraph(address)] if address else _as_it_is(node, around)


def _footnotes(node: Node, around: Surroundings) -> Sequence[Child]:
    """Put in the notes that WordPress keeps beside the text, once."""
    source, around.footnotes = around.footnotes, ""
    return footnote_list(source, around.inline) or _as_it_is(node, around)


def _reusable(node: Node, around: Surroundings) -> Sequence[Child]:
    if node.data.get("content"):
        # It was shown with other words in places than those it is kept with.
        around.notes.add("without its own words: block core/block")
    return _as_it_is(node, around)


def _find(node: Node, name: str) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            if child.name == name:
                yield child
            yield from _find(child, name)


CONVERTED: dict[str, Callable[[Node, Surroundings], Sequence[Child]]] = {
    "core/freeform": _classic,
    "core/embed": _embed,
    "core/cover": _cover,
    "core/gallery": _gallery,
    "core/image": _image,
    "core/file": _file,
    "core/footnotes": _footnotes,
    "core/block": _reusable,
}
