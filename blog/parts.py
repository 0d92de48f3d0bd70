"""What stands in a post's text beside its words: pictures, headings and links, as typed.

For the checklist: nothing is cleaned or made here. Of Markdown only what may hold a link or a
picture is parsed; HTML is read tag by tag, each character once, whatever it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from blog.markup import HEADING_PREFIX
from comments.markup import strip_controls
from comments.models import Markup

MOST_TEXT = 300


@dataclass(frozen=True)
class Shown:
    """A picture. `alt` is None where HTML has none at all, and not even an empty one."""

    src: str
    alt: str | None


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    # By which a link in the text leads there.
    anchor: str


@dataclass(frozen=True)
class Link:
    href: str
    text: str


@dataclass
class Parts:
    pictures: list[Shown] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


def parts_of(body: str, markup: str) -> Parts:
    """Return what stands in a text. The caller has checked the caps of Markdown."""
    return _of_html(body) if markup == Markup.HTML else _of_markdown(strip_controls(body))


# --- Markdown -----------------------------------------------------------------------------------


def _inline(state: StateCore) -> None:
    """Parse only what may hold a link or a picture; most paragraphs do not."""
    for token in state.tokens:
        if token.type == "inline" and any(sign in token.content for sign in "[<"):
            token.children = token.children or []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _reader() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin)
    md.disable(["html_block", "html_inline", "emphasis"])
    md.core.ruler.at("inline", _inline)
    # Whatever stands there is looked at: what leads nowhere is what is looked for.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    md.normalizeLink = str  # type: ignore[method-assign, assignment]
    return md


READER = _reader()


def _of_markdown(body: str) -> Parts:
    parts = Parts()
    tokens = READER.parse(body, {})
    seen: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            _note_heading(parts, _typed_level(token), tokens[at + 1], seen)
        if token.type == "inline":
            _note_links(parts, token.children or [])
    return parts


def _typed_level(token: Token) -> int:
    return int(token.tag[1])


def _note_heading(parts: Parts, level: int, inline: Token, seen: dict[str, int]) -> None:
    text = inline.content if not inline.children else _text_of(inline.children)
    slug = slugify(text, allow_unicode=True)[:100] or "untitled"
    seen[slug] = seen.get(slug, 0) + 1
    number = f"__{seen[slug]}" if seen[slug] > 1 else ""
    anchor = f"{HEADING_PREFIX}{slug}{number}"
    parts.headings.append(Heading(level, text.strip()[:MOST_TEXT], anchor))
    parts.anchors.add(anchor)


def _note_links(parts: Parts, tokens: Sequence[Token]) -> None:
    began, href = 0, ""
    for at, token in enumerate(tokens):
        if token.type == "image":
            alt = _text_of(token.children or [])
            parts.pictures.append(Shown(str(token.attrs["src"]), alt.strip()))
        elif token.type == "link_open":
            began, href = at, str(token.attrs["href"])
        elif token.type == "link_close":
            text = _text_of(tokens[began:at]).strip()
            parts.links.append(Link(href, text[:MOST_TEXT]))


def _text_of(tokens: Sequence[Token]) -> str:
    kinds = {"text", "code_inline"}
    words = (
        _text_of(token.children or []) if token.type == "image" else token.content
        for token in tokens
        if token.type in kinds or token.type == "image"
    )
    return "".join(words)


# --- HTML ---------------------------------------------------------------------------------------

# Possessive: what does not end in ">" is given up at once, and never tried in another way.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)((?:[^<>\"']|\"[^\"<>]*+\"|'[^'<>]*+')*+)>")
ATTRIBUTE = re.compile(r"(?<![\w-])([a-zA-Z-]++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++))?+")
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])


def _of_html(body: str) -> Parts:
    parts = Parts()
    opened: dict[str, tuple[int, dict[str, str | None]]] = {}
    text = _without_comments(body)
    for tag in TAG.finditer(text):
        name, is_end = tag[2].lower(), bool(tag[1])
        attributes = {} if is_end else _attributes(tag[3])
        if named := attributes.get("id") or (attributes.get("name") if name == "a" else None):
            parts.anchors.add(named)
        if name == "img" and not is_end:
            parts.pictures.append(Shown(attributes.get("src") or "", attributes.get("alt")))
        elif name == "a" or name in HEADINGS:
            if not is_end:
                opened[name] = (tag.end(), attributes)
            elif name in opened:
                start, had = opened.pop(name)
                _note_element(parts, name, had, _words_in(text, start, tag.start()))
    return parts


def _note_element(parts: Parts, name: str, had: dict[str, str | None], words: str) -> None:
    if name in HEADINGS:
        parts.headings.append(Heading(int(name[1]), words, had.get("id") or ""))
    elif href := had.get("href"):
        label = had.get("aria-label") or words
        parts.links.append(Link(href.strip(), label))


def _without_comments(body: str) -> str:
    kept, at = [], 0
    while (start := body.find("<!--", at)) >= 0:
        kept.append(body[at:start])
        end = body.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, body[at:]])


def _attributes(text: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, value in ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(value.strip("\"'")) if value else "")
    return found


def _words_in(text: str, start: int, end: int) -> str:
    """Return the words between two tags, of a picture those that stand for it."""
    inside = text[start : min(end, start + 4 * MOST_TEXT)]
    inside = TAG.sub(_in_words, inside)
    return " ".join(unescape(inside).split())[:MOST_TEXT]


def _in_words(tag: re.Match[str]) -> str:
    return _attributes(tag[3]).get("alt") or "" if tag[2].lower() == "img" else ""
