"""Text -> safe HTML, once, when it is written.

Caps come before any parser, bleach comes last and nothing touches the HTML after it. Knows
nothing of comments or posts as rows; blog/markup.py adds what an author may use.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from bleach.sanitizer import Cleaner
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

# Raised with every change of what the functions below allow; stored beside each HTML.
MARKUP_VERSION = 3

# So much of each for every so many characters that a text may have.
CHARACTERS_A_TAG = 100
CHARACTERS_A_LINK = 200
CHARACTERS_A_BRACKET = 50
CHARACTERS_A_MARK = 20
CHARACTERS_A_LINE = 20
MAX_MARK_RUN = 200
MAX_QUOTE_LEVELS = 12

COMMENT_TAGS = frozenset(
    ["p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"]
)
# Where a comment of this site stands. Nobody can type such a link; the names of people get them.
OWN_ADDRESS = re.compile(r"(?:/[\w.-]+)*/comments/\d{1,19}/\d{1,9}/")
LINK_SCHEMES = frozenset(["http", "https", "mailto"])

TAG = re.compile(r"<[a-zA-Z/!?]")
MARK_RUN = re.compile(rf"([(\[{{<*_`~|&\\])\1{{{MAX_MARK_RUN},}}")
QUOTE_RUN = re.compile(rf"^[ \t]*(?:>[ \t]*){{{MAX_QUOTE_LEVELS + 1},}}", re.MULTILINE)
# Explicit overrides only: isolates, marks and embeddings belong to how some languages are typed.
DIRECTION_OVERRIDES = {"\u202d": "U+202D", "\u202e": "U+202E"}
OVERRIDES = re.compile("[\u202d\u202e]|&#(?:[xX]0*202[dDeE]|0*823[78])(?![0-9a-fA-F]);?")
# No link without one of these: brackets, an address in angle ones, a dot within a name, a scheme,
# an entity that may stand for any of them. Most texts need no parser to tell that they have none.
MAY_LINK = re.compile(r"[\]<&]|[.:@]\S|//")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def check_caps(text: str, *, max_length: int) -> None:
    """Refuse text that no person typed, before anything parses it.

    Units: `max_length` in characters (code points).
    Raises: ValidationError, one message for each cap that is passed.
    """
    if len(text) > max_length:
        over = len(text) - max_length
        raise ValidationError(
            ngettext(
                "This is %(over)s character too long: the most is %(most)s.",
                "This is %(over)s characters too long: the most is %(most)s.",
                over,
            ),
            code="too_long",
            params={"over": f"{over:,}", "most": f"{max_length:,}"},
        )
    if messages := list(_passed_caps(text, max_length)):
        raise ValidationError([ValidationError(message, code="cap") for message in messages])


def _passed_caps(text: str, max_length: int) -> Iterator[str]:
    yield from _odd_characters(text)
    yield from _too_many(text, max_length)
    if MARK_RUN.search(text):
        yield _("There is a run of more than %s equal marks; please shorten it.") % MAX_MARK_RUN
    if QUOTE_RUN.search(text):
        yield _("The text quotes more than %s levels deep; please quote less.") % MAX_QUOTE_LEVELS


def _odd_characters(text: str) -> Iterator[str]:
    if "\x00" in text:
        yield _("There is a NUL byte in the text; please remove it.")
    if any(unicodedata.category(char) == "Cs" for char in set(text)):
        yield _("The text holds half a character (a lone surrogate); please type it again.")
    # Markdown reads character references, so they are looked through.
    plain = unescape(text)
    if overrides := sorted({name for char, name in DIRECTION_OVERRIDES.items() if char in plain}):
        yield _("An invisible character (%s) turns the text around; please remove it.") % ", ".join(
            overrides
        )


def _too_many(text: str, max_length: int) -> Iterator[str]:
    """Cap what the parser or the sanitiser pays for by the square of its number."""
    counted = [
        (len(TAG.findall(text)), CHARACTERS_A_TAG, _("HTML tags; Markdown is used here")),
        (text.count("//") + text.count("mailto:"), CHARACTERS_A_LINK, _("links")),
        (text.count("["), CHARACTERS_A_BRACKET, _("square brackets")),
        (sum(map(text.count, "*_~`")), CHARACTERS_A_MARK, _("stars, underscores and the like")),
        (text.count("\n"), CHARACTERS_A_LINE, _("lines")),
    ]
    for count, characters, what in counted:
        if count > (most := max_length // characters):
            yield _("There are more than %(most)s %(what)s in the text; please use fewer.") % {
                "most": f"{most:,}",
                "what": what,
            }


def render_comment(text: str, people: Mapping[str, str] | None = None) -> str:
    """Return the HTML of a comment's Markdown. The caller has checked the caps.

    `people`: addresses by name; a name that stands behind an @ becomes a link to its address.
    """
    env: EnvType = {"people": people} if people else {}
    tokens = _parse(text, env) if people else parsed(text)
    html = COMMENT_MARKDOWN.renderer.render(tokens, COMMENT_MARKDOWN.options, env)
    return sanitise(html, COMMENT_TAGS, _comment_attribute)


@lru_cache(maxsize=16)
def parsed(text: str) -> list[Token]:
    """Return a comment's Markdown as it is read by the checks, and then rendered."""
    return _parse(text, {})


def _parse(text: str, env: EnvType) -> list[Token]:
    text = strip_controls(text)
    try:
        return COMMENT_MARKDOWN.parse(text, env)
    except RuntimeError:
        # The parser's own check of its rules: a link within brackets can make one of them stand
        # still. Without that one the same links are found by the rule that looks afterwards.
        return CAREFUL_MARKDOWN.parse(text, env)


def strip_controls(text: str) -> str:
    """Leave out what neither HTML nor XML can carry; the source keeps it."""
    return CONTROLS.sub("", text)


def strip_overrides(html: str) -> str:
    """Leave out what turns the words after it around, written as a reference or as itself.

    For texts that were not refused for it: single lines, and what comes from elsewhere.
    """
    return OVERRIDES.sub("", html)


def links_in(text: str) -> tuple[str, ...]:
    """Return the address of every link that the rendered text would have, in order."""
    if not MAY_LINK.search(strip_controls(text)):
        return ()
    found = []
    for token in parsed(text):
        for child in token.children or ():
            if child.type == "link_open":
                found.append(str(child.attrs.get("href", "")))
    return tuple(found)


def sanitise(html: str, tags: frozenset[str], attributes: Callable[[str, str, str], bool]) -> str:
    """Return `html` with only `tags` and the attributes that `attributes(tag, name, value)` keeps.

    bleach's own protocol list lets `javascript:123` through, so it is given every scheme and the
    callback decides by `is_safe_url`, which parses the address itself.
    """
    cleaner = _cleaners.made.get((tags, attributes))
    if cleaner is None:
        cleaner = Cleaner(tags=tags, attributes=attributes, protocols=LINK_SCHEMES)
        _cleaners.made[tags, attributes] = cleaner
    return cleaner.clean(html)


class _Cleaners(threading.local):
    """Kept, since making one takes as long as cleaning a comment; each is one thread's alone."""

    def __init__(self) -> None:
        self.made: dict[tuple[frozenset[str], Callable[[str, str, str], bool]], Cleaner] = {}


_cleaners = _Cleaners()


def is_safe_url(value: str, *, relative: bool = False) -> bool:
    """Tell whether `value` may be a link: http, https or mailto with a host or an address.

    With `relative`, also a path on this site (`/…`, never `//…`) or a fragment (`#…`).
    """
    if CONTROLS.search(value) or value != value.strip() or "\\" in value:
        return False
    try:
        parts = urlsplit(value)
        port_is_a_number = parts.port is None or parts.port >= 0
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return relative and (value.startswith("#") or re.match(r"/(?!/)", value) is not None)
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in LINK_SCHEMES and bool(parts.hostname) and port_is_a_number


def _comment_attribute(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        return is_safe_url(value) or OWN_ADDRESS.fullmatch(value) is not None
    if tag == "a" and name == "class":
        return value == "mention"
    if tag == "a" and name == "rel":
        return value == "nofollow ugc noopener"
    if tag == "ol" and name == "start":
        return value.isascii() and value.isdigit() and len(value) <= 6
    return False


def _link_open(
    self: Any, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[idx].attrSet("rel", "nofollow ugc noopener")
    return self.renderToken(tokens, idx, options, env)


def _link_people(state: StateCore) -> None:
    """Make links of the names behind an @, but for those within links and code."""
    people = state.env.get("people")
    if not people:
        return
    names = "|".join(map(re.escape, sorted(people, key=len, reverse=True)))
    call = re.compile(rf"(?<![\w@/.])@({names})(?!\w)")
    for token in state.tokens:
        if token.type == "inline" and "@" in token.content:
            token.children = list(_with_people(token.children or [], call, people))


def _with_people(
    tokens: Iterable[Token], call: re.Pattern[str], people: Mapping[str, str]
) -> Iterator[Token]:
    links = 0
    for token in tokens:
        links += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type != "text" or links:
            yield token
            continue
        for at, part in enumerate(call.split(token.content)):
            if at % 2:
                attrs: dict[str, str | int | float] = {"href": people[part], "class": "mention"}
                yield Token("link_open", "a", 1, attrs=attrs)
                yield Token("text", "", 0, content=f"@{part}")
                yield Token("link_close", "a", -1)
            elif part:
                yield Token("text", "", 0, content=part)


class _Links(LinkifyIt):
    def pretest(self, text: str) -> bool:
        """Without its guesses all that it knows of a link has one of these in it: asked first, for
        to search for all of it takes half as long as to parse the text.
        """
        return (":" in text or "//" in text) and super().pretest(text)


def _comment_markdown() -> MarkdownIt:
    """CommonMark without headings, pictures and HTML; line breaks as typed; bare links linked."""
    md = MarkdownIt("js-default", {"html": False, "linkify": True, "breaks": True})
    md.disable(["heading", "lheading", "image", "table", "hr", "reference", "html_block"])
    md.disable("html_inline")
    md.linkify = _Links().set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    md.validateLink = is_safe_url  # type: ignore[method-assign, assignment]
    # A bare link is shown as typed: decoded, it could hide where it leads or turn its line around.
    md.normalizeLinkText = str  # type: ignore[method-assign, assignment]
    md.add_render_rule("link_open", _link_open)
    md.core.ruler.push("people", _link_people)
    return md


COMMENT_MARKDOWN, CAREFUL_MARKDOWN = _comment_markdown(), _comment_markdown()
CAREFUL_MARKDOWN.inline.ruler.disable(["linkify"])
