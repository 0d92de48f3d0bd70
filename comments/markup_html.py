"""HTML that was written elsewhere -> safe HTML, by the same lists as Markdown, somewhat longer.

What is not on a list goes and its words stay. Elements whose text is no text (scripts, styles) go
with it beforehand; bleach comes last here too. blog/markup_html.py does the same for posts.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bleach.sanitizer import Cleaner
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from comments.markup import (
    COMMENT_TAGS,
    LINK_SCHEMES,
    is_safe_url,
    strip_controls,
    strip_overrides,
)
from comments.tree_walker import TreeWalker

# html5lib looks through all that is open, and through a tag's other attributes: twice as many take
# four times as long.
MAX_COMMENT_ELEMENTS = 2_000
MAX_NESTING = 500
MAX_ATTRIBUTES = 100
REFERENCES_AN_ELEMENT = 10
MAX_REFERENCES = 50_000
MAX_COMMENT_LENGTH = 200_000
LINK_REL = "nofollow ugc noopener"

HTML_COMMENT_TAGS = COMMENT_TAGS | {
    "b", "i", "del", "ins", "cite", "q", "abbr", "sub", "sup", "dl", "dt", "dd", "img",
}  # fmt: skip
# Elements that hold code, or a page of their own, and never words for a reader.
RAW = (
    "script", "style", "iframe", "noscript", "object", "embed", "applet", "template", "textarea",
    "select", "svg", "math", "noembed", "noframes", "xmp", "title", "frameset",
)  # fmt: skip
TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)""")
QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
# Elements that nothing stands in, or that the next of their kind closes.
NOT_NESTED = frozenset([
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "option",
])  # fmt: skip
# What no comment here has, and what it says by standing apart.
STRUCTURE = re.compile(
    r"""<(/?)(h[1-6]|tr|td|th|caption|table)(?=[\s/>])(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""",
    re.IGNORECASE,
)
RAW_OPENING = re.compile(rf"<({'|'.join(RAW)})(?=[\s/>])", re.IGNORECASE)

Token = dict[str, Any]


def render_html_comment(text: str) -> str:
    """Return the safe HTML of a comment that came as HTML.

    Raises: ValidationError when it is longer, or made of more parts, than any comment.
    """
    if len(text) > MAX_COMMENT_LENGTH:
        raise ValidationError(
            _("The comment is longer than %(most)s characters."),
            code="too_long",
            params={"most": f"{MAX_COMMENT_LENGTH:,}"},
        )
    links = partial(_Links, rel=LINK_REL)
    return clean_html(
        in_paragraphs(text), HTML_COMMENT_TAGS, _attribute, links, most=MAX_COMMENT_ELEMENTS
    )


def clean_html(
    text: str,
    tags: frozenset[str],
    attributes: Callable[[str, str, str], bool],
    *filters: Any,
    most: int,
) -> str:
    """Return `text` with only what the list allows; `filters` see the tokens that passed.

    Units: `most` in elements.
    Raises: ValidationError when it is made of more parts than can be cleaned in a moment.
    """
    plain = plain_html(text)
    if is_too_intricate(plain, most):
        raise ValidationError(
            _("The text is made of more than %(most)s parts; please make two of it."),
            code="cap",
            params={"most": f"{most:,}"},
        )
    cleaner = Cleaner(
        tags=tags,
        attributes=attributes,
        protocols=LINK_SCHEMES,
        strip=True,
        filters=list(filters),
    )
    cleaner.walker = TreeWalker
    return cleaner.clean(plain).strip()


def plain_html(text: str) -> str:
    """Return what of a text is for readers, to be cleaned: no code, no odd characters."""
    return without_raw(strip_overrides(strip_controls(text)))


def is_too_intricate(html: str, most: int) -> bool:
    """Tell, by its marks alone, whether parsing would take longer than a moment."""
    most_references = min(REFERENCES_AN_ELEMENT * most, MAX_REFERENCES)
    if html.count("<") > 2 * most or html.count("&") > most_references:
        return True
    opened: Counter[str] = Counter()
    depth = 0
    for closing, name, attributes in TAG.findall(html):
        if len(QUOTED.sub("", attributes).replace("/", " ").split()) > MAX_ATTRIBUTES:
            return True
        step = _step(closing, name.lower(), opened)
        opened[name.lower()] += step
        depth += step
        if depth > MAX_NESTING:
            return True
    return False


def _step(closing: str, name: str, opened: Counter[str]) -> int:
    if closing:
        # The end of what was never opened closes nothing.
        return -1 if opened[name] else 0
    return 0 if name in NOT_NESTED else 1


def without_raw(html: str) -> str:
    """Leave out each element of RAW with all that is in it; one that never ends, its tag only.

    One pass: an end that is missing once is not looked for again.
    """
    kept, at, endless = [], 0, set()
    for opening in RAW_OPENING.finditer(html):
        name = opening[1].lower()
        if opening.start() < at or name in endless:
            continue
        end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, opening.end())
        if end is None:
            endless.add(name)
            continue
        kept.append(html[at : opening.start()])
        at = end.end()
    return "".join([*kept, html[at:]])


def in_paragraphs(html: str) -> str:
    """Make paragraphs of headings and of a table's rows: without their tags they would be one.

    Only what is cleaned afterwards: tags that stand in comments or values are changed as well.
    """
    return STRUCTURE.sub(_Paragraphs().tag, html)


class _Paragraphs:
    """Exchanges one tag after the other. Cells become one line: a · b."""

    def __init__(self) -> None:
        self.is_open = False
        self.is_first_cell = True

    def tag(self, match: re.Match[str]) -> str:
        """Return what stands in a tag's place."""
        name, is_end = match[2].lower(), bool(match[1])
        if name in {"td", "th"}:
            return "" if is_end else self._cell()
        if name in {"tr", "caption"}:
            return self._end() if is_end else self._start()
        if name == "table":
            return self._end()
        return "</strong></p>" if is_end else "<p><strong>"

    def _start(self) -> str:
        self.is_open = self.is_first_cell = True
        return "<p>"

    def _end(self) -> str:
        was_open, self.is_open = self.is_open, False
        return "</p>" * was_open

    def _cell(self) -> str:
        was_first, self.is_first_cell = self.is_first_cell, False
        return "" if was_first else " · "


def _attribute(tag: str, name: str, value: str) -> bool:
    if (tag, name) in {("a", "href"), ("img", "src")}:
        return is_safe_url(value)
    if (tag, name) == ("img", "alt"):
        return True
    return (tag, name) == ("ol", "start") and re.fullmatch("[0-9]{1,6}", value) is not None


class _Links:
    """A filter of bleach's: marks links as a reader's, makes pictures links to where they are."""

    def __init__(self, source: Any, rel: str) -> None:
        self.source = source
        self.rel = rel

    def __iter__(self) -> Iterator[Token]:
        is_linked = False
        for token in self.source:
            if token.get("name") == "a":
                is_linked = token["type"] == "StartTag"
                if is_linked and (None, "href") in token["data"]:
                    token["data"][(None, "rel")] = self.rel
            if token.get("name") == "img":
                yield from picture_as_link(token, is_linked=is_linked, rel=self.rel)
            else:
                yield token


def picture_as_link(picture: Token, *, is_linked: bool, rel: str = "") -> Iterator[Token]:
    """Yield a link to a picture in its place; its words alone inside another link."""
    address = picture["data"].get((None, "src"), "")
    words = picture["data"].get((None, "alt"), "").strip() or address
    if is_linked or not address:
        yield {"type": "Characters", "data": words}
        return
    name = picture["data"].get((None, "id"), "")
    given = {"href": address, "rel": rel, "id": name}
    attributes = {(None, key): value for key, value in given.items() if value}
    namespace = picture.get("namespace")
    yield {"type": "StartTag", "name": "a", "namespace": namespace, "data": attributes}
    yield {"type": "Characters", "data": words}
    yield {"type": "EndTag", "name": "a", "namespace": namespace, "data": {}}
