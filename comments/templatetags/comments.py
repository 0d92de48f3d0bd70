"""Small things a comment's markup needs: the disc's letters and hue, and how its row stands."""

import unicodedata
import zlib

from django import template

from comments.reading import INDENT_LEVELS, Row

register = template.Library()

HUES = 12


@register.filter
def initials(name: str) -> str:
    """Return the first letters of a name's first and last word: "Bob van Dam" gives "BD"."""
    words = [letters for word in str(name).split() if (letters := _letters(word))]
    ends = words[:1] + words[1:][-1:]
    return "".join(letters[0].upper()[:1] for letters in ends) or "?"


def _letters(word: str) -> str:
    return "".join(char for char in word if unicodedata.category(char)[0] in "LN")


@register.filter
def hue(name: str) -> str:
    """Return the class of the disc's colour: the same name always has the same one."""
    return f"hue-{zlib.crc32(str(name).casefold().encode('utf-8', 'replace')) % HUES}"


@register.filter
def alone(row: Row) -> list[Row]:
    """Return a list of this row alone: a single comment is drawn by the loop that draws threads."""
    return [row]


@register.filter
def indents_replies(row: Row) -> bool:
    return row.level + 1 < INDENT_LEVELS
