"""What a served page is made of, once a browser has read it: elements, attributes, addresses.

The lists here are the tests' own, written down from what a reader may see, and not the product's.
"""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

import html5lib

from tests.faults.visitor import classes_of, parse, text_of

# Where a page shows what somebody wrote in Markdown; everything else is the site's own.
WRITTEN = frozenset({"words", "post-body", "source-line", "rendered"})

COMMENT_TAGS = frozenset(
    ["p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"]
)
POST_TAGS = COMMENT_TAGS | {
    "h2", "h3", "h4", "hr", "span", "img", "figure", "figcaption", "sup", "section",
    "table", "thead", "tbody", "tr", "th", "td", "picture", "source",
}  # fmt: skip
COMMENT_ATTRIBUTES = {"a": {"href", "rel"}, "ol": {"start"}}
POST_ATTRIBUTES = {
    "a": {"href", "rel", "title", "id", "class"},
    "ol": {"start", "class"},
    "li": {"id", "class"},
    "img": {
        "src",
        "alt",
        "title",
        "width",
        "height",
        "loading",
        "decoding",
        "srcset",
        "sizes",
        "class",
    },
    "source": {"type", "srcset", "sizes"},
    "figure": {"class", "data-embed"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    **{tag: {"class"} for tag in ("code", "span", "sup", "section", "hr", "th", "td")},
}
ADDRESSES = frozenset([
    "href", "src", "action", "formaction", "poster", "data", "cite", "background", "srcset",
    "ping", "manifest", "longdesc", "hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete",
    "{http://www.w3.org/1999/xlink}href",
])  # fmt: skip
SCHEMES = frozenset({"", "http", "https", "mailto"})
# Links that say where a page stands and load nothing.
NAMED_NOT_LOADED = frozenset(["canonical", "prev", "next"])
# What a page loads by itself; known by its address, that of pictures excepted.
LOADED = {"script": "src", "link": "href", "iframe": "src", "embed": "src", "object": "data"}
Shape = tuple[str, str, frozenset[str]]


def read(html: str, *, fragment: bool = False) -> Element:
    """Parse as a browser would; a fragment as if it stood within a page's body."""
    if fragment:
        return html5lib.parseFragment(html, namespaceHTMLElements=False)
    return parse(html)


def shapes_of(document: Element) -> set[Shape]:
    """Return (parent, tag, attributes) of each element that is the site's own."""
    return {
        (parent.tag, name_of(element), frozenset(element.attrib))
        for parent, element, container in walk(document)
        if container is None
    }


def name_of(element: Element) -> str:
    """Return the tag; with it the address of what is loaded, or all that a comment says."""
    if not isinstance(element.tag, str):
        return f"<!--{element.text}-->"
    if element.tag in LOADED and element.get("rel") not in NAMED_NOT_LOADED:
        return f"{element.tag} {element.get(LOADED[element.tag])}"
    return element.tag


def walk(
    element: Element, container: Element | None = None
) -> Iterator[tuple[Element, Element, Element | None]]:
    """Yield (parent, element, the element of WRITTEN that it stands in) in page order."""
    for child in element:
        yield element, child, container
        inner = child if container is None and WRITTEN & {*classes_of(child)} else container
        yield from walk(child, inner)


def misdeeds(document: Element, *, post: bool = False) -> list[str]:
    """Return what stands on a page and must not, whoever wrote it. `post`: posts may do more."""
    tags, attributes = (POST_TAGS, POST_ATTRIBUTES) if post else (COMMENT_TAGS, COMMENT_ATTRIBUTES)
    found = []
    for _parent, element, container in walk(document):
        name = name_of(element)
        if container is not None:
            if name not in tags:
                found.append(f"<{name}> in somebody's words")
            elif extra := set(element.attrib) - attributes.get(name, set()):
                found.append(f"<{name} {extra}> in somebody's words")
        found += _odd_attributes(element)
    return found


def _odd_attributes(element: Element) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name.lower().startswith("on") or name in {"style", "srcdoc", "http-equiv"}:
            yield f"<{element.tag} {name}={value!r}>"
        if name.startswith(("hx-on", "data-hx")):
            yield f"<{element.tag} {name}={value!r}>"
        if name in ADDRESSES and scheme_of(value) not in SCHEMES:
            yield f"<{element.tag} {name}={value!r}>"
    if element.tag == "img" and not re.match(r"/(media|static)/[\w./-]+$", element.get("src", "")):
        yield f"<img src={element.get('src')!r}>"
    for candidate in element.get("srcset", "").split(", ") if "srcset" in element.attrib else ():
        if not re.match(r"/media/[\w./-]+ [0-9]+w$", candidate):
            yield f"<{element.tag} srcset={candidate!r}>"
    if element.tag == "form" and scheme_of(element.get("action", "")):
        yield f"<form action={element.get('action')!r}>"


def scheme_of(address: str) -> str:
    """Return the scheme that a browser sees: it drops tabs and line breaks, and leading controls.

    Source: WHATWG URL, "basic URL parser".
    """
    plain = re.sub("[\t\n\r]", "", address).lstrip("".join(map(chr, range(0x21))))
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", plain)
    return scheme[1].lower() if scheme else ""


def texts(document: Element, tag: str, css_class: str = "") -> list[str]:
    """Return the text of each such element, spaces evened out."""
    return [
        evened(text_of(element))
        for element in document.iter(tag)
        if not css_class or css_class in classes_of(element)
    ]


def evened(text: str) -> str:
    return " ".join(text.split())


def packed(strings: Iterable[str], most: int, between: str = " ") -> list[str]:
    """Join the strings into texts of at most `most` characters; longer ones are left out."""
    packs: list[str] = []
    for string in strings:
        if len(string) > most:
            continue
        if packs and len(packs[-1]) + len(between) + len(string) <= most:
            packs[-1] += between + string
        else:
            packs.append(string)
    return packs
