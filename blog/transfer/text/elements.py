"""What becomes of each HTML element: kept, renamed, unwrapped, made a link, or left out.

The sanitiser comes later and trusts nothing; here it is decided what is worth keeping.
"""

import re
from collections.abc import Iterator, Sequence

from blog.transfer.text.embeds import link_paragraph, web_address
from blog.transfer.text.notes import Notes
from blog.transfer.text.tokens import attribute_html
from blog.transfer.text.tree import BLOCK_LEVEL, CLASSIC, FLOW, TABLE_PARTS, TAGLESS, Child, Node

INLINE = frozenset([
    "br", "em", "strong", "s", "del", "ins", "code", "kbd", "sub", "sup", "mark", "small",
    "abbr", "q", "cite", "a", "img", "span",
])  # fmt: skip
KEPT = INLINE | (BLOCK_LEVEL - {FLOW, CLASSIC})
RENAMED = {
    "h1": "h2", "b": "strong", "i": "em", "strike": "s", "tt": "code", "acronym": "abbr",
    "var": "em", "dfn": "em", "samp": "code", "dir": "ul", "menu": "ul", "listing": "pre",
}  # fmt: skip
# Boxes: their tags go, and what they hold stays apart from what stands around them.
BOXES = frozenset([
    "div", "section", "article", "aside", "header", "footer", "main", "nav", "center",
    "address", "hgroup", "fieldset", "form", "dialog", "body", "html",
])  # fmt: skip
LEFT_OUT = frozenset([
    "script", "style", "noscript", "form", "svg", "math", "template", "textarea", "select",
    "datalist", "option", "title", "head", "noembed", "noframes", "applet", "frameset",
])  # fmt: skip
# Left out though it is only what browsers ask for: nothing a reader would miss.
SILENT = frozenset(["title", "head", "option", "noembed", "noframes", "noscript"])
PLAYED = frozenset(["iframe", "embed", "object", "video", "audio"])
SOURCE = "#source"
SOURCES = {"source": "src", "param": "value"}
# Containers that mean nothing when there is nothing in them.
EMPTY_IS_NOTHING = frozenset([
    "p", "span", "em", "strong", "s", "del", "ins", "code", "kbd", "sub", "sup", "mark",
    "small", "abbr", "q", "cite", "a", "figcaption", "figure", "ul", "ol", "dl", "blockquote",
    "h2", "h3", "h4", "h5", "h6", "summary", "caption",
])  # fmt: skip

# Between the cells of these no text can stand.
ROWS = frozenset(["table", "thead", "tbody", "tfoot", "tr"])

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "a": ("href", "title", "rel"),
    "abbr": ("title",),
    "blockquote": ("cite",),
    "q": ("cite",),
    "ol": ("start", "reversed"),
    "td": ("colspan", "rowspan", "scope"),
    "th": ("colspan", "rowspan", "scope"),
    "img": ("src", "alt", "width", "height", "title"),
    "code": ("class",),
    "figure": ("class",),
}
GALLERY = "gallery"
# What a link tells search engines of whoever placed it.
RELATIONS = frozenset(["nofollow", "sponsored", "ugc"])
LANGUAGE = re.compile(r"(?:^|[\s:])(?:language-|lang:|lang-|brush:\s?)([\w+#.-]{1,40})", re.ASCII)
BACKGROUND = re.compile(r"""background(?:-image)?:[^;()]{0,80}url\(\s{0,9}['"]?([^'")]{1,2000})""")
# Where scripts that load pictures late keep the address.
LATE_SOURCES = ("data-src", "data-lazy-src", "data-orig-file", "data-original")


def convert_element(node: Node, notes: Notes) -> Sequence[Child]:
    """Return what stands in the place of an element that has closed."""
    name = RENAMED.get(node.name, node.name)
    if name in PLAYED:
        return _played(node, notes)
    if name in LEFT_OUT and (node.is_closed or name != "form"):
        if name not in SILENT:
            notes.add(f"left out: element {name}")
        return []
    if name == "img":
        return _picture(node, notes)
    if name in SOURCES:
        # Seen by the player around it; alone it leaves nothing.
        return [Node(SOURCE, {"src": node.attributes.get(SOURCES[name], "")})]
    if name in BOXES:
        return [Node(FLOW, {}, [*_background(node), *node.children])]
    if name not in KEPT or (name == "a" and "href" not in node.attributes):
        return node.children
    return _kept(name, node)


def _kept(name: str, node: Node) -> Sequence[Child]:
    if name in EMPTY_IS_NOTHING and not node.children:
        return []
    kept = Node(name, _attributes(name, node.attributes), node.children)
    if name == "p" and any(isinstance(child, Node) and child.is_block for child in kept.children):
        # A browser would end the paragraph there.
        return [Node(FLOW, {}, kept.children)]
    if name in ROWS:
        return _table_part(kept)
    if name == "figure":
        return _figure(kept)
    if name == "pre":
        _name_language(kept, node)
    return [kept]


def _table_part(part: Node) -> Sequence[Child]:
    """Put before a table, or a part of one, what cannot stand between its cells."""
    inside: list[Child] = []
    before: list[Child] = []
    for child in part.children:
        (inside if _is_table_part(child) else before).append(child)
    return [Node(FLOW, {}, before), Node(part.name, part.attributes, inside)]


def _is_table_part(child: Child) -> bool:
    if isinstance(child, str):
        return not child.strip()
    return child.name in TABLE_PARTS or (
        child.name in TAGLESS and bool(child.children) and all(map(_is_table_part, child.children))
    )


def _figure(written: Node) -> Sequence[Child]:
    """Open the box around what is shown; without a picture or a caption it is a paragraph."""
    held = [child for child in written.children if isinstance(child, Node) or child.strip()]
    boxes = [child for child in held if isinstance(child, Node) and child.name in TAGLESS]
    captions = [child for child in held if isinstance(child, Node) and child.name == "figcaption"]
    if len(boxes) == 1 and len(held) == 1 + len(captions):
        return _figure(Node("figure", written.attributes, [*boxes[0].children, *captions]))
    if all(isinstance(child, Node) and child.name in {"p", "br", *TAGLESS} for child in held):
        # A player that became a link, and nothing said under it.
        return held
    return [Node("figure", written.attributes, held)]


def _attributes(name: str, attributes: dict[str, str]) -> dict[str, str]:
    kept = {key: attributes[key] for key in ATTRIBUTES.get(name, ()) if key in attributes}
    if "class" in kept:
        kept["class"] = _class(name, kept["class"])
    if "rel" in kept:
        said = kept["rel"].lower().split()
        kept["rel"] = " ".join(word for word in dict.fromkeys(said) if word in RELATIONS)
    return {key: value for key, value in kept.items() if value or key not in {"class", "rel"}}


def _class(name: str, written: str) -> str:
    if name == "figure":
        return GALLERY if GALLERY in written.split() else ""
    language = LANGUAGE.search(written)
    return f"language-{language[1].lower()}" if language else ""


def _name_language(kept: Node, written: Node) -> None:
    """Say the language on the code inside: several plugins say it on the <pre>."""
    language = LANGUAGE.search(written.attributes.get("class", ""))
    if language is None:
        return
    code = kept.children[0] if len(kept.children) == 1 else None
    if not isinstance(code, Node) or code.name != "code":
        code = Node("code", {}, kept.children)
        kept.children = [code]
    code.attributes.setdefault("class", f"language-{language[1].lower()}")


def _background(node: Node) -> Sequence[Child]:
    """Return the picture behind the text of a cover."""
    if "wp-block-cover" not in node.attributes.get("class", ""):
        return []
    found = BACKGROUND.search(node.attributes.get("style", ""))
    address = web_address(found[1]) if found else ""
    return [figure(address, "", [])] if address else []


def _picture(node: Node, notes: Notes) -> Sequence[Child]:
    if _is_pixel(node):
        return []
    source = node.attributes.get("src", "").strip()
    late = [
        node.attributes[name] for name in LATE_SOURCES if web_address(node.attributes.get(name))
    ]
    if not source or source[:5].lower() == "data:":
        source = late[0].strip() if late else ""
    if not source:
        notes.add("left out: a picture without an address")
        return []
    return [Node("img", _attributes("img", node.attributes | {"src": source}))]


def _is_pixel(node: Node) -> bool:
    """Tell a picture that nobody was meant to see: it counted who reads."""
    sizes = (node.attributes.get(name, "").strip() for name in ("width", "height"))
    return all(size.removesuffix("px") in {"0", "1"} for size in sizes)


def figure(address: str, alt: str, caption: Sequence[Child]) -> Node:
    """Return a picture with what is said under it."""
    children: list[Child] = [Node("img", {"src": address, "alt": alt})]
    if caption:
        children.append(Node("figcaption", {}, list(caption)))
    return Node("figure", {}, children)


def gallery(figures: Sequence[Node], caption: Sequence[Child] = ()) -> Node:
    """Return one box around pictures, each a link to its file."""
    return Node("figure", {"class": GALLERY}, [*map(_leading_to_its_file, figures), *caption])


def _leading_to_its_file(picture: Node) -> Node:
    children = [
        Node("a", {"href": child.attributes["src"]}, [child])
        if isinstance(child, Node) and child.name == "img"
        else child
        for child in picture.children
    ]
    return Node("figure", picture.attributes, children, picture.data)


def _played(node: Node, notes: Notes) -> Sequence[Child]:
    """Return links to what would have been played, or what stood there instead of a player."""
    if address := next(_addresses(node), ""):
        # Of several it is one thing in several formats.
        return [link_paragraph(address)]
    inner = [child for child in node.children if not _is_source(child)]
    links = [child for child in inner if isinstance(child, Node) and child.is_block]
    if not links:
        notes.add(f"left out: element {node.name}")
    return inner if links or node.name in {"video", "audio"} else []


def _addresses(node: Node) -> Iterator[str]:
    sources = [child for child in node.children if isinstance(child, Node) and _is_source(child)]
    candidates = [node.attributes.get(name) for name in ("src", "data", *LATE_SOURCES)]
    candidates += [source.attributes["src"] for source in sources]
    yield from filter(None, map(web_address, candidates))


def _is_source(child: Child) -> bool:
    return isinstance(child, Node) and child.name == SOURCE


def start_tag(node: Node) -> str:
    """Return the tag that opens a node."""
    return f"<{node.name}{''.join(attribute_html(*item) for item in node.attributes.items())}>"
