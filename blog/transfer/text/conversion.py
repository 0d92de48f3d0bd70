"""What WordPress stores as text -> plain HTML that the sanitiser can take.

Pure: no rows, no settings, and it fails on no text. Its parts: tokens.py, tree.py and
reading.py read; elements.py, shortcodes.py and blocks.py say what becomes of what is found;
autop.py writes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from blog.transfer.text.autop import MARK, Mode, flow_html
from blog.transfer.text.elements import BOXES
from blog.transfer.text.picture_addresses import image_urls, replace_image_urls
from blog.transfer.text.reading import caption_parts, comment_tree, post_tree
from blog.transfer.text.reusable import Texts, none_kept, with_reusable
from blog.transfer.text.shortcodes import ENCLOSING, VOCABULARY, Image, Lookup, Surroundings
from blog.transfer.text.tokens import (
    End,
    Shortcode,
    ShortcodeEnd,
    Start,
    StrayShortcode,
    Text,
    Vocabulary,
    clean,
    decoded,
    tokens,
)
from blog.transfer.text.tree import BLOCK_LEVEL, HEADINGS

# A bracket that no prose has: [name … argument=value].
UNKNOWN_SHORTCODE = re.compile(r"\[[a-z][\w-]{0,60}+\s[^\[\]=]{0,200}+=[^\[\]]{0,8000}+\]")
BRACKET = re.compile(r"\[([a-zA-Z][\w-]{0,60}+)[^\[\]]*+\]")
# The words around these do not belong together.
APART = BLOCK_LEVEL | HEADINGS | BOXES | {"br", "img"}

__all__ = [
    "Converted",
    "Image",
    "Lookup",
    "comment_html",
    "excerpt_text",
    "image_urls",
    "post_html",
    "replace_image_urls",
    "title_text",
]


@dataclass(frozen=True)
class Converted:
    """Shape: `notes` say what was left out; `teaser` is the plain text before the "more" mark."""

    html: str
    notes: tuple[str, ...]
    teaser: str = ""


def post_html(
    text: str,
    *,
    image: Lookup,
    attached: Sequence[Image] = (),
    footnotes: str = "",
    reusable: Texts = none_kept,
) -> Converted:
    """Convert a post's or a page's text.

    Shape: `attached` are its own pictures, in order; `footnotes` is the post meta of that name, in
    JSON; `reusable` gives the text of a reusable block by its number.
    """
    around = Surroundings(image, attached, caption_parts, footnotes)
    tree = post_tree(with_reusable(text, reusable), around)
    html = flow_html(tree, Mode(is_classic=True))
    teaser, mark, _ = html.partition(MARK)
    html = html.replace(f"{MARK}\n", "").replace(f"\n{MARK}", "").replace(MARK, "")
    return Converted(html, around.notes.all(), excerpt_text(teaser) if mark else "")


def comment_html(text: str) -> str:
    """Convert a comment's text: no shortcodes and no blocks, and bare addresses become links."""
    return flow_html(comment_tree(text), Mode(is_classic=True))


def excerpt_text(html: str) -> str:
    """Return the words of a text on one line: no tags, no shortcodes, references decoded."""
    return _on_one_line(UNKNOWN_SHORTCODE.sub("", _words(html, VOCABULARY)))


def title_text(html: str) -> str:
    """Return the words of a title or a name, where brackets are brackets."""
    return _on_one_line(_words(html, None))


def _words(html: str, shortcodes: Vocabulary | None) -> str:
    words: list[str] = []
    paired: set[str] = set()
    hidden = 0
    for token in tokens(clean(html), shortcodes):
        match token:
            case Shortcode(name=name, has_end=True) if name in ENCLOSING:
                hidden += 1
            case ShortcodeEnd(name=name) if name in ENCLOSING:
                hidden -= bool(hidden)
            case StrayShortcode(name=name, has_end=True):
                paired.add(name)
            case Text(html=text) if not hidden:
                words.append(text)
            case Start(name=name) | End(name=name) if name in APART:
                words.append(" ")
    return BRACKET.sub(lambda match: match[0] * (match[1].lower() not in paired), "".join(words))


def _on_one_line(text: str) -> str:
    return " ".join(clean(decoded(text)).split())
