"""The XML of a WordPress export: elements, CDATA, dates, written as a stream. Pure.

export.py says what is written. Only what XML can hold is: a character that it forbids is left
out, and a carriage return, which CDATA would lose, is written as a reference.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from django.utils import timezone

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
NO_DATE = "0000-00-00 00:00:00"

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
	xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:wfw="http://wellformedweb.org/CommentAPI/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:wp="http://wordpress.org/export/1.2/"
>
"""


class Writer:
    """Writes elements to a file, each on a line of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.depth = 0

    def raw(self, text: str) -> None:
        self.file.write(text.encode("utf-8"))

    def line(self, text: str) -> None:
        self.raw(f"{chr(9) * self.depth}{text}\n")

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        self.line(f"<{name}>")
        self.depth += 1
        yield
        self.depth -= 1
        self.line(f"</{name}>")

    def text(self, name: str, value: str | int) -> None:
        """Write an element whose text is plain: an address, a number, a date."""
        self.line(f"<{name}>{escape(clean(str(value)))}</{name}>")

    def words(self, name: str, value: str, **attributes: str) -> None:
        """Write an element whose text somebody wrote."""
        told = "".join(f" {key}={quoteattr(clean(text))}" for key, text in attributes.items())
        self.line(f"<{name}{told}>{character_data(value)}</{name}>")

    def meta(self, element: str, key: str, value: str) -> None:
        with self.within(element):
            self.words("wp:meta_key", key)
            self.words("wp:meta_value", value)


def clean(text: str) -> str:
    """Leave out what no XML may hold."""
    return FORBIDDEN.sub("", text)


def character_data(text: str) -> str:
    """Return a text as CDATA, or with references where CDATA would change it."""
    text = clean(text)
    if "\r" in text:
        return escape(text, {"\r": "&#13;"})
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def gmt(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else NO_DATE


def local(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else NO_DATE


def rfc_822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))
