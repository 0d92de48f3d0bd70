"""The addresses of an HTML text's pictures and links: listed, and exchanged for others.

What is not touched comes out as it went in, character by character.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote

from blog.old_paths import COPY
from blog.transfer.text.tokens import attribute_html, attributes_of

# Enough of a tokeniser: only two elements matter, and a "<" outside quotes begins a new one.
TAG = re.compile(
    r"<!--|-->|"
    r"<(/?)(a|img)(?=[\s/>])((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|=)*+)>",
    re.IGNORECASE,
)


def image_urls(html: str) -> list[str]:
    """Return the address of each picture, in order, once each."""
    return _urls((match for match in _tags(html) if _is_picture(match)), "src")


def link_urls(html: str) -> list[str]:
    """Return where each link leads, in order, once each."""
    return _urls((match for match in _tags(html) if _is_link(match)), "href")


def _urls(tags: Iterable[re.Match[str]], name: str) -> list[str]:
    found = (attributes_of(match[3]).get(name, "") for match in tags)
    return list(dict.fromkeys(filter(None, found)))


def replace_image_urls(html: str, new: Mapping[str, str]) -> str:
    """Exchange addresses of pictures and links, and of links from a picture to its larger self."""
    if not new:
        return html
    changes = _Changes(html, new)
    for match in _tags(html):
        changes.see(match)
    return changes.text()


def _tags(html: str) -> Iterator[re.Match[str]]:
    """Yield each tag of a link or a picture that stands in no comment."""
    last_end = html.rfind("-->")
    is_comment = False
    for match in TAG.finditer(html):
        if match[2] is None:
            is_comment = match[0] == "<!--" and match.start() < last_end
        elif not is_comment:
            yield match


def _is_picture(match: re.Match[str]) -> bool:
    return match[2].lower() == "img" and not match[1]


def _is_link(match: re.Match[str]) -> bool:
    return match[2].lower() == "a" and not match[1]


@dataclass(slots=True)
class _Changes:
    """A text cut at its tags, so that a link can still be changed when its picture is met."""

    html: str
    new: Mapping[str, str]
    pieces: list[str] = field(default_factory=list)
    written: int = 0
    link: tuple[int, dict[str, str]] | None = None  # where it stands among the pieces

    def see(self, match: re.Match[str]) -> None:
        """Take the next tag."""
        self.pieces += [self.html[self.written : match.start()], match[0]]
        self.written = match.end()
        if _is_picture(match):
            self._picture(attributes_of(match[3]))
        elif _is_link(match):
            self._open_link(attributes_of(match[3]))
        else:
            self._close_link()

    def text(self) -> str:
        """Return the whole with all changes."""
        return "".join([*self.pieces, self.html[self.written :]])

    def _open_link(self, attributes: dict[str, str]) -> None:
        self.link = (len(self.pieces) - 1, attributes)
        if address := self.new.get(attributes.get("href", "")):
            self._lead_to(address)

    def _close_link(self) -> None:
        """Name the file in a link that showed nothing but its old address."""
        if self.link:
            at, around = self.link
            href = around.get("href", "")
            if at == len(self.pieces) - 3 and href in self.new:
                words = self.pieces[at + 1]
                if unescape(words).strip() == href:
                    self.pieces[at + 1] = escape(_name(href), quote=False)
        self.link = None

    def _picture(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "")
        address = self.new.get(source)
        if address is None:
            return
        kept = {name: attributes[name] for name in attributes if name not in {"srcset", "sizes"}}
        self.pieces[-1] = _tag("img", kept | {"src": address})
        href = self.link[1].get("href", "") if self.link else ""
        if href not in self.new and _file(href) in {_file(source), COPY.sub("", _file(source))}:
            self._lead_to(address)

    def _lead_to(self, address: str) -> None:
        if self.link:
            at, around = self.link
            self.pieces[at] = _tag("a", around | {"href": address})


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(attribute_html(*item) for item in attributes.items())}>"


def _file(address: str) -> str:
    """Return what names a file, however it is asked for."""
    path = address.partition("#")[0].partition("?")[0]
    return path.removeprefix("https:").removeprefix("http:")


def _name(address: str) -> str:
    return unquote(_file(address).rstrip("/").rpartition("/")[2])
