"""A post's Markdown -> safe HTML, once, when it is written: comments.markup and more.

Headings, tables, footnotes, coloured code, and pictures from this site's own media. As there, caps
come before (the model's validators), bleach comes last, and nothing touches the HTML after it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import urljoin

from bleach.sanitizer import Cleaner
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from pygments.token import STANDARD_TYPES

from blog.markup_code import Painter
from blog.markup_embeds import CARD, cards
from blog.markup_pictures import (
    body_picture,
    caption_of,
    file_name,
    is_choice,
    is_own_media,
    pictures_named,
)
from comments.markup import LINK_SCHEMES, is_safe_url, sanitise, strip_controls, strip_overrides
from comments.tree_walker import TreeWalker

# Raised with every change of what the functions below allow; stored beside each HTML.
MARKUP_VERSION = 3

# Chinese, Japanese, Thai, Lao, Khmer and Burmese.
UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)

# bleach looks through an element's siblings at its end: twice as many take four times as long.
MAX_ELEMENTS = 10_000
HEADING_PREFIX = "section-"

INLINE_TAGS = frozenset(["br", "em", "strong", "s", "code", "a"])
NOTE_TAGS = INLINE_TAGS | {"p", "pre", "blockquote", "ul", "ol", "li"}
BODY_TAGS = NOTE_TAGS | {
    "h2", "h3", "h4", "hr", "span", "img", "picture", "source", "figure", "figcaption",
    "sup", "section", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip

# What is on the list besides, for posts that came as HTML.
HTML_TAGS = BODY_TAGS | {
    "b", "i", "u", "del", "ins", "kbd", "mark", "small", "abbr", "q", "cite", "sub",
    "dl", "dt", "dd", "h5", "h6", "caption", "tfoot", "details", "summary",
}  # fmt: skip

# tag -> attribute -> what its whole value must match; addresses are judged by parsing instead.
SECTION_ID = re.compile(HEADING_PREFIX + r"[\w-]{1,120}")
ID = re.compile(SECTION_ID.pattern + r"|fn(ref)?[0-9]+(:[0-9]+)?")
ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "a": {"id": ID, "class": re.compile("footnote-backref")},
    "h2": {"id": ID},
    "h3": {"id": ID},
    "h4": {"id": ID},
    "li": {"id": ID, "class": re.compile("footnote-item")},
    "sup": {"class": re.compile("footnote-ref")},
    "hr": {"class": re.compile("footnotes-sep")},
    "figure": {"class": re.compile("embed"), "data-embed": CARD},
    "section": {"class": re.compile("footnotes")},
    "ol": {"start": re.compile("[0-9]{1,6}"), "class": re.compile("footnotes-list")},
    "code": {"class": re.compile(r"language-[\w+#.-]{1,40}")},
    "span": {"class": re.compile("credit|" + "|".join(filter(None, STANDARD_TYPES.values())))},
    "th": {"class": re.compile("align-(left|center|right)")},
    "td": {"class": re.compile("align-(left|center|right)")},
    "img": {
        "alt": re.compile(".*", re.DOTALL),
        "width": re.compile("[0-9]{1,5}"),
        "height": re.compile("[0-9]{1,5}"),
        "loading": re.compile("lazy"),
        "decoding": re.compile("async"),
    },
}

# Of a link within a text, for posts that came as HTML.
NAMED = frozenset([
    "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "figure", "blockquote", "pre",
    "sup", "a", "img",
])  # fmt: skip
HTML_ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "td": {"colspan": re.compile("[0-9]{1,3}"), "rowspan": re.compile("[0-9]{1,3}")},
    "th": {
        "colspan": re.compile("[0-9]{1,3}"),
        "rowspan": re.compile("[0-9]{1,3}"),
        "scope": re.compile("(row|col)(group)?"),
    },
    "ol": {"reversed": re.compile("(reversed)?")},
    "abbr": {"title": re.compile(".*", re.DOTALL)},
    "figure": {"class": re.compile("gallery")},
    "span": {"class": re.compile("credit")},
    "a": {"rel": re.compile("(?:(?:nofollow|sponsored|ugc|noopener|noreferrer)(?: |$))+")},
}

# What stands alone needs no cleaning, however much of it there is.
MORE_THAN_PARAGRAPHS = re.compile("<(?!/?p>|br>)")

# The kind of token that stands below a picture.
BENEATH = "beneath_picture"


def render_body(text: str) -> str:
    """Return the HTML of a post's text. The caller has checked the caps. Queries: 0 or 1.

    Raises: ValidationError when it is made of more parts than can be cleaned in a moment.
    """
    html = _render(BODY, strip_controls(text))
    if html.count("</") - html.count("</span") > MAX_ELEMENTS:
        raise ValidationError(
            _("The text is made of more than %(most)s parts; please make two posts of it."),
            code="cap",
            params={"most": MAX_ELEMENTS},
        )
    return sanitise(html, BODY_TAGS, _attribute)


def words_in(html: str) -> int:
    """Count the words that a reader reads. Tags are no words, whatever stands in them.

    Where words stand without spaces, two signs are taken for one.
    """
    text = re.sub(r"<[^<>]*>", " ", html)
    spaced, signs = UNSPACED.subn(" ", text)
    return len(spaced.split()) + (signs + 1) // 2


def render_note(text: str) -> str:
    """Return the HTML of an author's note: paragraphs, lists, quotes and links."""
    return sanitise(NOTE.render(strip_controls(text)), NOTE_TAGS, _attribute)


def render_line(text: str) -> str:
    """Return the HTML of one line: emphasis, code and links."""
    html = strip_overrides(NOTE.renderInline(strip_controls(text)))
    return sanitise(html, INLINE_TAGS, _attribute)


def absolute(html: str, base: str) -> str:
    """Return a post's HTML with every address in full, for readers that stand elsewhere."""
    if not MORE_THAN_PARAGRAPHS.search(html):
        return html
    cleaner = Cleaner(
        tags=HTML_TAGS,
        attributes=_attribute_of_either,
        protocols=LINK_SCHEMES,
        filters=[partial(_AbsoluteAddresses, base=base)],
    )
    cleaner.walker = TreeWalker
    return cleaner.clean(html)


def _attribute(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("a", "href"):
        return is_safe_url(value, relative=True)
    if (tag, name) == ("img", "src"):
        return is_own_media(value)
    if name == "title" and tag in {"a", "img"}:
        return True
    if is_choice(tag, name, value):
        return True
    allowed = ATTRIBUTES.get(tag, {}).get(name)
    return allowed is not None and allowed.fullmatch(value) is not None


def html_attribute(tag: str, name: str, value: str) -> bool:
    """Tell whether an attribute may stay in HTML from elsewhere: few classes and ids are kept.

    A picture's address may be any safe one here: markup_html.py makes a link of what is not ours.
    """
    if (tag, name) == ("img", "src"):
        return is_own_media(value) or is_safe_url(value)
    if name == "id":
        return tag in NAMED and SECTION_ID.fullmatch(value) is not None
    allowed = HTML_ATTRIBUTES.get(tag, {}).get(name)
    if allowed is not None:
        return allowed.fullmatch(value) is not None
    return name not in {"class", "data-embed"} and _attribute(tag, name, value)


def _attribute_of_either(tag: str, name: str, value: str) -> bool:
    """Judge HTML that was judged before, on its way to be shown elsewhere."""
    if _attribute(tag, name, value):
        return True
    return (tag, name) != ("img", "src") and html_attribute(tag, name, value)


# --- pictures -------------------------------------------------------------------------------


def _render(md: MarkdownIt, text: str) -> str:
    env: dict[str, Any] = {}
    tokens = md.parse(text, env)
    env["pictures"] = pictures_named(set(_pictures_in(tokens)))
    options = OptionsDict({**md.options, "highlight": Painter()})  # type: ignore[typeddict-item]
    return md.renderer.render(tokens, options, env)


def _pictures_in(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the file name of each of our own pictures."""
    for token in tokens:
        if token.type == "image" and is_own_media(str(token.attrs["src"])):
            yield file_name(str(token.attrs["src"]))
        yield from _pictures_in(token.children or ())


def _image(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """Render our own pictures; a picture that stands elsewhere becomes a link to it."""
    token = tokens[idx]
    address = str(token.attrs["src"])
    alt = self.renderInlineAsText(token.children or [], options, env)
    if not is_own_media(address):
        return f'<a href="{escapeHtml(address)}">{escapeHtml(alt or address)}</a>'
    picture = env["pictures"].get(file_name(address))
    return body_picture(address, alt, str(token.attrs.get("title", "")), picture)


def _beneath(self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
    """Render what stands beneath a picture: its title here, and its credit."""
    picture = env["pictures"].get(tokens[idx].meta["name"])
    return caption_of(tokens[idx].content, picture.credit if picture else "")


def _figures(state: StateCore) -> None:
    """Turn a paragraph that is nothing but one of our pictures into a figure with a caption."""
    for at, token in enumerate(state.tokens):
        if token.type == "inline" and state.tokens[at - 1].type == "paragraph_open":
            picture = _only_picture(token)
            if picture is not None:
                state.tokens[at - 1].tag = state.tokens[at + 1].tag = "figure"
                state.tokens[at - 1].hidden = state.tokens[at + 1].hidden = False
                token.children = [picture, _caption(picture)]


def _only_picture(inline: Token) -> Token | None:
    children = inline.children or []
    if len(children) == 1 and children[0].type == "image":
        return children[0] if is_own_media(str(children[0].attrs["src"])) else None
    return None


def _caption(picture: Token) -> Token:
    title = str(picture.attrs.pop("title", ""))
    return Token(BENEATH, "", 0, content=title, meta={"name": file_name(str(picture.attrs["src"]))})


# --- headings, tables -----------------------------------------------------------------------


def _headings(state: StateCore) -> None:
    """Keep headings below the page's own, and give each an id that no other part of it has."""
    seen: Counter[str] = Counter()
    for at, token in enumerate(state.tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
        if token.type == "heading_open":
            slug = slugify(_text_of(state.tokens[at + 1]), allow_unicode=True)[:100] or "untitled"
            seen[slug] += 1
            # Two underscores: a heading of one's own called "Two 2" never makes them.
            number = f"__{seen[slug]}" if seen[slug] > 1 else ""
            token.attrSet("id", f"{HEADING_PREFIX}{slug}{number}")


def _text_of(inline: Token) -> str:
    kinds = {"text", "code_inline"}
    return "".join(child.content for child in inline.children or () if child.type in kinds)


def _table_cells(state: StateCore) -> None:
    """Say a column's side by a class: a style attribute would not pass."""
    for token in state.tokens:
        if token.type in {"th_open", "td_open"} and (style := token.attrs.pop("style", "")):
            token.attrSet("class", f"align-{str(style).removeprefix('text-align:')}")


# --- addresses in full ----------------------------------------------------------------------


class _AbsoluteAddresses:
    """A filter of bleach's: sees the tokens that passed, on their way to be written."""

    def __init__(self, source: Any, base: str) -> None:
        self.source = source
        self.base = base

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in self.source:
            if token["type"] in {"StartTag", "EmptyTag"}:
                for name in ((None, "href"), (None, "src")):
                    if name in token["data"]:
                        token["data"][name] = urljoin(self.base, token["data"][name])
                if choices := token["data"].get((None, "srcset")):
                    each = (urljoin(self.base, choice) for choice in choices.split(", "))
                    token["data"][None, "srcset"] = ", ".join(each)
            yield token


# --- the two kinds of Markdown --------------------------------------------------------------


def _commonmark() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False})
    md.enable("strikethrough").disable(["html_block", "html_inline"])
    md.validateLink = partial(is_safe_url, relative=True)  # type: ignore[method-assign]
    # As in comments: an address is shown as typed, never decoded.
    md.normalizeLinkText = str  # type: ignore[method-assign, assignment]
    return md


def _note_markdown() -> MarkdownIt:
    """Short texts: no headings, no pictures, and bare links linked, which long ones cannot pay."""
    md = _commonmark().disable(["heading", "lheading", "hr", "image", "reference"])
    md.linkify = LinkifyIt()
    md.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    md.options["linkify"] = True
    return md.enable("linkify")


def _body_markdown() -> MarkdownIt:
    md = _commonmark().enable("table").use(footnote_plugin)
    md.core.ruler.push("headings", _headings)
    md.core.ruler.push("table_cells", _table_cells)
    md.core.ruler.push("figures", _figures)
    md.core.ruler.push("cards", cards)
    md.add_render_rule("image", _image)
    md.add_render_rule(BENEATH, _beneath)
    return md


BODY = _body_markdown()
NOTE = _note_markdown()
