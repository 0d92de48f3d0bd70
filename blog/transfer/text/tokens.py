"""HTML as people type it -> tokens: text, tags, comments, shortcodes. Never fails, linear time.

Reads as a browser would, but loses no text: what is no whole tag or comment is text. Knows which
brackets can be shortcodes, not what any of them means (shortcodes.py); tree.py builds on it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from html.entities import html5

# What neither HTML nor a database can carry, half characters included.
UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
REFERENCE = re.compile(r"&(?:#[0-9]{1,10}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,40});")
AMPERSAND = re.compile(rf"{REFERENCE.pattern}|&")

# A quote counts after "=" only; one that is never closed does not hide the end of its tag.
# A second "<" outside quotes means that the first began no tag: "a <b and <em>c</em>".
TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/><]*+)"
    r"((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|=)*+)>",
)
PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/><]*+)([^<>]*+)>")
ATTRIBUTE = re.compile(
    r"""([^\s=/"'<>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?""",
)
SHORTCODE = re.compile(r"\[(\[?)(/?)([a-zA-Z][\w-]{0,60}+)((?:[\s/=][^\[\]]{0,8000}+)?)\](\]?)")
CLOSING = re.compile(r"\[/([a-zA-Z][\w-]{0,60}+)\]")
NEXT = re.compile(r"<(?=[a-zA-Z/!?])|\[(?=\[?/?[a-zA-Z])")
NEXT_TAG = re.compile("<(?=[a-zA-Z/!?])")

# Their content is no HTML: the tokeniser passes over it.
RAW_ELEMENTS = frozenset(
    ["script", "style", "iframe", "noscript", "textarea", "xmp", "noembed", "noframes", "title"]
)
# <iframe … />, but not <iframe src=http://a/>.
SELF_CLOSED = re.compile(r"""(?:^|[\s"'])/$""")
# So often is a tag read to the end of the text in search of its own, in vain.
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Text:
    html: str  # safe as it stands: references are sound, "<" and ">" are written as such


@dataclass(frozen=True, slots=True)
class Start:
    name: str
    attributes: dict[str, str]
    raw: str = ""  # what stood in an element whose content is no HTML


@dataclass(frozen=True, slots=True)
class End:
    name: str


@dataclass(frozen=True, slots=True)
class Comment:
    text: str


@dataclass(frozen=True, slots=True)
class Shortcode:
    """Shape: `content` is what a verbatim one encloses; others enclose the tokens that follow."""

    name: str
    arguments: str
    source: str
    has_end: bool
    content: str | None = None


@dataclass(frozen=True, slots=True)
class StrayShortcode:
    """A bracket that may be a shortcode nobody knows; its text follows as tokens."""

    name: str
    arguments: str
    has_end: bool


@dataclass(frozen=True, slots=True)
class ShortcodeEnd:
    name: str
    source: str


Token = Text | Start | End | Comment | Shortcode | StrayShortcode | ShortcodeEnd


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The shortcodes that are understood, and two kinds of them."""

    known: frozenset[str]
    verbatim: frozenset[str]  # their content is no HTML
    bare: frozenset[str]  # they mean something with nothing but their name


def clean(text: str) -> str:
    """Fold line ends and leave out what must never come out again."""
    return UNUSABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def sound_references(text: str) -> str:
    """Escape each ampersand that begins no reference; drop references to what is no character."""
    return AMPERSAND.sub(_sound_reference, text)


def _sound_reference(match: re.Match[str]) -> str:
    reference = match[0]
    if reference == "&":
        return "&amp;"
    if reference[1] != "#":
        return reference if reference[1:] in html5 else f"&amp;{reference[1:]}"
    return reference if _character(reference) else ""


def _character(reference: str) -> str:
    character = unescape(reference)
    return "" if character == "\ufffd" else UNUSABLE.sub("", character)


def text_html(text: str) -> str:
    """Return text as it stands in a page, its references kept."""
    return sound_references(text).replace("<", "&lt;").replace(">", "&gt;")


def decoded(html: str) -> str:
    """Return the characters that text or an attribute's value stands for."""
    return REFERENCE.sub(lambda match: _decoded_reference(match[0]), html)


def _decoded_reference(reference: str) -> str:
    if reference[1] == "#":
        return _character(reference)
    return html5.get(reference[1:], reference)


def attribute_html(name: str, value: str) -> str:
    """Return a space, the name and the quoted value."""
    return f' {name}="{escape(value)}"'


def tokens(text: str, shortcodes: Vocabulary | None = None) -> Iterator[Token]:
    """Yield the tokens of text that `clean` has seen; without `shortcodes` it has none."""
    return _Reader(text, shortcodes).read()


@dataclass(slots=True)
class _Reader:
    text: str
    shortcodes: Vocabulary | None
    at: int = 0
    patience: int = PATIENCE
    inside: str = ""  # "pre" or "code", where brackets are brackets
    # Where each thing that ends something stands for the last time: nothing is sought in vain.
    last: dict[str, int] = field(default_factory=dict)
    last_closing: dict[str, int] = field(default_factory=dict)
    endless: set[str] = field(default_factory=set)  # raw elements without an end from here on

    def read(self) -> Iterator[Token]:
        self._find_last()
        written = 0
        following = (NEXT if self.shortcodes else NEXT_TAG).search
        while found := following(self.text, self.at):
            start = self.at = found.start()
            token = self._tag() if found[0] == "<" else self._bracket()
            if self.at == start:
                self.at += 1
                continue
            if written < start:
                yield Text(text_html(self.text[written:start]))
            if token:
                yield token
            written = start if isinstance(token, StrayShortcode) else self.at
        if written < len(self.text):
            yield Text(text_html(self.text[written:]))

    def _find_last(self) -> None:
        self.last = {end: self.text.rfind(end) for end in (">", "-->", "</pre", "</code")}
        if self.shortcodes:
            for match in CLOSING.finditer(self.text):
                self.last_closing[match[1].lower()] = match.start()

    # Each of the following reads what begins here; the position stays where it is if that is text.

    def _tag(self) -> Token | None:
        if self.text.startswith("<!--", self.at):
            return self._comment()
        if self.last[">"] < self.at:
            return None
        if self.text[self.at + 1 : self.at + 2] in {"!", "?"}:
            self.at = self.text.index(">", self.at) + 1
            return None
        return self._whole_tag()

    def _comment(self) -> Token | None:
        # "<!-->" is a whole comment too.
        if self.last["-->"] < self.at + 2:
            return None
        end = self.text.index("-->", self.at + 2)
        content = self.text[self.at + 4 : end]
        self.at = end + 3
        return Comment(content)

    def _whole_tag(self) -> Token | None:
        match = TAG.match(self.text, self.at) if self.patience else None
        if match is None:
            match = PLAIN_TAG.match(self.text, self.at)
            self.patience -= bool(self.patience)
        if match is None:
            return None
        self.at = match.end()
        name = match[2].lower()
        if match[1]:
            self.inside = "" if name == self.inside else self.inside
            return End(name)
        if name in {"pre", "code"} and not self.inside and self.last[f"</{name}"] >= self.at:
            self.inside = name
        return Start(name, attributes_of(match[3]), self._raw_content(name, match[3]))

    def _raw_content(self, name: str, attributes: str) -> str:
        """Pass over what no HTML is; of an element that never ends only the tag is no text."""
        if name not in RAW_ELEMENTS or name in self.endless or SELF_CLOSED.search(attributes):
            return ""
        end = re.compile(rf"</{name}(?=[\s/>])[^>]*+>?", re.IGNORECASE).search(self.text, self.at)
        if end is None:
            self.endless.add(name)
            return ""
        start, self.at = self.at, end.end()
        return self.text[start : end.start()]

    def _bracket(self) -> Token | None:
        match = SHORTCODE.match(self.text, self.at)
        vocabulary = self.shortcodes
        if match is None or vocabulary is None:
            return None
        escaped, is_end, written, arguments, escaped_end = match.groups()
        name, is_known = written.lower(), written.lower() in vocabulary.known
        if escaped:
            is_one = escaped_end and (is_known or (written == name and not self.inside))
            return self._escaped(match) if is_one else None
        if self.inside:
            return None
        if is_end:
            self.at = match.end() - len(escaped_end)
            return ShortcodeEnd(name, self.text[match.start() : self.at])
        has_end = self.last_closing.get(name, -1) >= match.end() and not arguments.endswith("/")
        if not is_known or (not has_end and "<" in arguments):
            return self._stray(name, arguments, has_end)
        if not has_end and not arguments and name not in vocabulary.bare:
            # [Video] before a headline is a word.
            return None
        self.at = match.end() - len(escaped_end)
        source = self.text[match.start() : self.at]
        content = self._verbatim(name) if has_end and name in vocabulary.verbatim else None
        return Shortcode(name, arguments, source, has_end, content)

    def _escaped(self, match: re.Match[str]) -> Token | None:
        self.at = match.end()
        return Text(text_html(match[0][1:-1]))

    def _stray(self, name: str, arguments: str, has_end: bool) -> Token | None:
        if not has_end and ("=" not in arguments or "<" in arguments):
            return None
        self.at += 1
        return StrayShortcode(name, arguments, has_end)

    def _verbatim(self, name: str) -> str:
        end = re.compile(rf"\[/{name}\]", re.IGNORECASE).search(self.text, self.at)
        start, stop = self.at, end.start() if end else len(self.text)
        self.at = end.end() if end else len(self.text)
        return self.text[start:stop]


def attributes_of(source: str) -> dict[str, str]:
    """Return a tag's attributes, decoded; of two with one name the first counts."""
    found: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(source):
        value = match[2] or match[3] or match[4] or ""
        found.setdefault(match[1].lower(), decoded(value))
    return found
