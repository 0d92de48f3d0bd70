"""The addresses of an HTML text's pictures: listed, and exchanged for others.

What is not touched comes out as it went in, character by character.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from blog.transfer.text.tokens import attribute_html, attributes_of

# Enough of a tokeniser: only two elements matter, and a "<" outside quotes begins a new one.
TAG = re.compile(
    r"<!--|-->|"
    r"<(/?)(a|img)(?=[\s/>])((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|=)*+)>",
    re.IGNORECASE,
)
# What WordPress adds to a file's name for a smaller copy of it.
COPY = re.compile(r"(?:-[0-9]{1,5}x[0-9]{1,5}|-scaled)(?=\.[a-zA-Z]{2,5}$)")


def image_urls(html: str) -> list[str]:
    """Return the address of each picture, in order, once each."""
    found = (attributes_of(match[3]).get("src", "") for match in _tags(html) if _is_picture(match))
    return list(dict.fromkeys(filter(None, found)))


def replace_image_urls(html: str, new: Mapping[str, str]) -> str:
    """Exchange the pictures' addresses, and those of links around them to the same file."""
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
        attributes = attributes_of(match[3])
        if _is_picture(match):
            self._picture(attributes)
        else:
            self.link = None if match[1] else (len(self.pieces) - 1, attributes)

    def text(self) -> str:
        """Return the whole with all changes."""
        return "".join([*self.pieces, self.html[self.written :]])

    def _picture(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "")
        address = self.new.get(source)
        if address is None:
            return
        kept = {name: attributes[name] for name in attributes if name not in {"srcset", "sizes"}}
        self.pieces[-1] = _tag("img", kept | {"src": address})
        if self.link:
            at, around = self.link
            href = around.get("href", "")
            if href in self.new or _file(href) == _file(source):
                self.pieces[at] = _tag("a", around | {"href": self.new.get(href, address)})
                self.link = None


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(attribute_html(*item) for item in attributes.items())}>"


def _file(address: str) -> str:
    """Return what an address shares with those of smaller copies of the same picture."""
    path = address.partition("#")[0].partition("?")[0]
    return COPY.sub("", path.removeprefix("https:").removeprefix("http:"))
