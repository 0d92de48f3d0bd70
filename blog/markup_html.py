"""A post that came as HTML -> safe HTML: the way of comments/markup_html.py, markup.py's lists."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.html import escape, linebreaks

from blog.markup import HTML_TAGS, html_attribute
from blog.markup_pictures import (
    Shown,
    file_name,
    image_of,
    is_own_media,
    pictures_named,
    sources_of,
)
from comments.markup import strip_controls, strip_overrides
from comments.markup_html import Token, clean_html, is_too_intricate, picture_as_link, plain_html

# What is longer, or made of more parts, is shown as it was typed: cleaning it takes too long.
MAX_LENGTH = 2_000_000
MAX_ELEMENTS = 20_000
# What there is to choose from of a picture of ours is said here, whatever the text says.
TAGS = HTML_TAGS - {"picture", "source"}


def render_html(text: str) -> str:
    """Return the HTML of a post that came as HTML.

    A picture that is not one of ours becomes a link to where it is. Queries: 0 or 1.
    """
    if is_shown_as_typed(text):
        return linebreaks(escape(strip_overrides(strip_controls(text))))
    pictures = partial(_Pictures, known=pictures_named(_own_pictures(text)))
    return clean_html(text, TAGS, html_attribute, pictures, most=MAX_ELEMENTS)


def readable_html(text: str) -> str:
    """Return what readers see of a text, but every picture as one, and what code is written in."""
    return clean_html(text, TAGS, _readable_attribute, most=MAX_ELEMENTS)


def _readable_attribute(tag: str, name: str, value: str) -> bool:
    is_language = (tag, name) == ("code", "class") and value.startswith("language-")
    return is_language or html_attribute(tag, name, value)


def is_shown_as_typed(text: str) -> bool:
    """Tell whether a text is shown with its tags, since cleaning it takes more than a moment."""
    return len(text) > MAX_LENGTH or is_too_intricate(plain_html(text), MAX_ELEMENTS)


def _own_pictures(text: str) -> set[str]:
    """Return the file names of the pictures of ours that a text may show."""
    addresses = re.findall(rf"{re.escape(settings.MEDIA_URL)}[\w./-]{{1,250}}", text)
    return {file_name(address) for address in addresses}


class _Pictures:
    """A filter of bleach's: offers our own pictures in all sizes, makes links of the others."""

    def __init__(self, source: Any, known: dict[str, Shown]) -> None:
        self.source = source
        self.known = known

    def __iter__(self) -> Iterator[Token]:
        is_linked = False
        for token in self.source:
            if token.get("name") == "a":
                is_linked = token["type"] == "StartTag"
            if token.get("name") == "img":
                yield from self._picture(token, is_linked)
            else:
                yield token

    def _picture(self, token: Token, is_linked: bool) -> Iterator[Token]:
        address = token["data"].get((None, "src"), "")
        if not is_own_media(address):
            yield from picture_as_link(token, is_linked=is_linked)
            return
        picture = self.known.get(file_name(address))
        alt = token["data"].get((None, "alt"), "") or (picture.alt if picture else "")
        ours = image_of(address, alt, picture) | {"loading": "lazy", "decoding": "async"}
        for name in {"srcset", "sizes", "class"} - ours.keys():
            token["data"].pop((None, name), None)
        token["data"] |= {(None, name): value for name, value in ours.items()}
        yield from _with_choices(token, sources_of(picture) if picture else [])


def _with_choices(image: Token, sources: list[dict[str, str]]) -> Iterator[Token]:
    if not sources:
        yield image
        return
    same: Token = {"name": "picture", "namespace": image.get("namespace"), "data": {}}
    yield {**same, "type": "StartTag"}
    for source in sources:
        data = {(None, name): value for name, value in source.items()}
        yield {**same, "type": "EmptyTag", "name": "source", "data": data}
    yield image
    yield {**same, "type": "EndTag"}
