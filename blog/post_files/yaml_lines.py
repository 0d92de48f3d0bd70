"""The YAML that people write above a post -> plain values. Pure, and strict.

Keys, texts in and without quotes, lists, keys within keys, folded and kept blocks. Whatever makes
YAML dangerous or surprising (anchors, tags, merges, several documents) is refused in words; no text
is a date or a truth unless JSON says so.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

MAX_DEPTH = 4
KEY = re.compile(r"""(?:"([^"\\]*)"|'([^']*)'|([\w][\w .-]*?))[ ]*:(?:[ ]+(.*)|)$""")
BLOCK = re.compile(r"([|>])([+-]?)(?:[ ]+#.*)?$")
COMMENT = re.compile(r"(?:^|[ \t])#.*$")
DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"[ ]*(?:#.*)?$')
SINGLE = re.compile(r"'((?:[^']|'')*)'[ ]*(?:#.*)?$")
NULLS = frozenset(["", "~", "null", "Null", "NULL"])


class BadHead(ValueError):
    """A head that cannot be read. Shape: `line` counts from 1 within it; 0 is the whole of it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Line:
    number: int
    indent: int
    text: str


def read_yaml(head: str) -> dict[str, Any]:
    """Return what a head says. Raises: BadHead."""
    reader = _Reader(head)
    found = reader.mapping(0, 0) if reader.skip_empty() else {}
    if (line := reader.line) is not None:
        raise BadHead(line.number, _("this line belongs to no key above it"))
    return found


class _Reader:
    def __init__(self, head: str) -> None:
        self.lines = [
            Line(number, len(raw) - len(raw.lstrip(" ")), raw.strip(" "))
            for number, raw in enumerate(head.split("\n"), start=1)
        ]
        self.at = 0

    @property
    def line(self) -> Line | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def skip_empty(self) -> Line | None:
        """Return the next line that says something, and refuse what no head needs."""
        while (line := self.line) is not None and (not line.text or line.text.startswith("#")):
            self.at += 1
        if line is not None and line.text.startswith("\t"):
            raise BadHead(line.number, _("lines are moved in by spaces, not by tabs"))
        return line

    # --- what stands below a key ----------------------------------------------------------------

    def mapping(self, indent: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (line := self.skip_empty()) is not None and line.indent == indent:
            match = KEY.fullmatch(line.text)
            if match is None:
                raise BadHead(line.number, _why_no_key(line.text))
            key = next(part for part in match.groups()[:3] if part is not None).strip()
            if key in found:
                raise BadHead(line.number, _("“%(key)s” stands there twice") % {"key": key[:40]})
            self.at += 1
            found[key] = self._value(match[4] or "", line, depth)
        return found

    def _value(self, text: str, line: Line, depth: int) -> Any:
        """Return what a key says: on its line, and on those below that are moved in."""
        if depth >= MAX_DEPTH:
            raise BadHead(line.number, _("this is nested too deep"))
        if match := BLOCK.fullmatch(text):
            return self._block(line.indent, is_folded=match[1] == ">", keeps=match[2])
        if text and not text.startswith("#"):
            return _scalar(self._with_more(text, line.indent), line.number)
        below = self.skip_empty()
        if below is None or below.indent < line.indent:
            return None
        if below.text == "-" or below.text.startswith("- "):
            return self._sequence(below.indent, depth + 1)
        return self.mapping(below.indent, depth + 1) if below.indent > line.indent else None

    def _sequence(self, indent: int, depth: int) -> list[Any]:
        found: list[Any] = []
        while (line := self.skip_empty()) is not None and line.indent == indent:
            if line.text != "-" and not line.text.startswith("- "):
                break
            self.at += 1
            text = line.text[1:].strip(" ")
            if KEY.fullmatch(text) and not text.startswith(('"', "'")):
                raise BadHead(line.number, _("a list of names and values is nothing a post has"))
            found.append(self._value(text, line, depth))
        return found

    def _with_more(self, text: str, indent: int) -> str:
        """Return a text with the lines below that go on with it, folded into one."""
        parts = [text]
        is_list = text.startswith("[")
        while (line := self.line) is not None and line.text:
            is_open = is_list and not parts[-1].endswith("]")
            if line.indent <= indent and not is_open:
                break
            parts.append(line.text)
            self.at += 1
        return " ".join(parts)

    def _block(self, indent: int, *, is_folded: bool, keeps: str) -> str:
        lines: list[str] = []
        inner = 0
        while (line := self.line) is not None and (not line.text or line.indent > indent):
            inner = inner or (line.indent if line.text else 0)
            lines.append(" " * max(line.indent - inner, 0) + line.text if line.text else "")
            self.at += 1
        body = "\n".join(lines).rstrip("\n")
        if is_folded:
            body = re.sub(r"(?<=[^\n])\n(?=[^\n ])", " ", body)
            body = re.sub(r"\n(\n+)", r"\1", body)
        return body if keeps == "-" or not body else f"{body}\n"


# --- one value ----------------------------------------------------------------------------------


def _why_no_key(text: str) -> str:
    if text in {"---", "..."}:
        return _("one head is enough")
    if text.startswith("<<"):
        return _("merging keys with << is not read here")
    return REFUSED.get(text[0], lambda: _("not of the form key: value"))()


REFUSED: dict[str, Callable[[], str]] = {
    "&": lambda: _("anchors (&) are not read here; please write the value itself"),
    "*": lambda: _("references (*) are not read here; please write the value itself"),
    "!": lambda: _("types (!) are not read here; please write the value itself"),
    "?": lambda: _("keys with ? are not read here"),
    "%": lambda: _("directives (%) are not read here"),
    "@": lambda: _("a value that begins with @ needs quotes"),
    "`": lambda: _("a value that begins with ` needs quotes"),
    "{": lambda: _("values in braces are read as JSON only"),
    "|": lambda: _("a block that says how far it is moved in is not read here"),
    ">": lambda: _("a block that says how far it is moved in is not read here"),
}


def _scalar(text: str, number: int) -> Any:
    """Return a value that stands on one line. JSON is YAML, too, and is what we write."""
    try:
        # As written: a title of digits is a title, and no number is too great for a text.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        pass
    if text.startswith("["):
        return _flow(text, number)
    if text[0] == '"':
        return _double(text, number)
    if text[0] == "'":
        return _single(text, number)
    if text[0] in REFUSED:
        raise BadHead(number, REFUSED[text[0]]())
    plain = COMMENT.sub("", text).strip()
    if ": " in plain or plain.endswith(":"):
        raise BadHead(number, _("a value with a colon needs quotes"))
    return None if plain in NULLS else plain


def _double(text: str, number: int) -> str:
    match = DOUBLE.fullmatch(text)
    if match is None:
        raise BadHead(number, _("a quotation mark is missing, or stands where none may"))
    try:
        return str(json.loads(f'"{match[1]}"', strict=False))
    except ValueError as error:
        raise BadHead(number, _("what stands after a \\ is not read here")) from error


def _single(text: str, number: int) -> str:
    match = SINGLE.fullmatch(text)
    if match is None:
        raise BadHead(number, _("a quotation mark is missing, or stands where none may"))
    return match[1].replace("''", "'")


ITEM = re.compile(
    r"""[ ]*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\[\]{},"'&*!|>%@`#][^\[\]{},]*)[ ]*(,|$)"""
)


def _flow(text: str, number: int) -> list[Any]:
    """Return a list in brackets. Lists within lists are nothing a post has."""
    body = re.fullmatch(r"\[(.*)\][ ]*(?:#.*)?", text)
    if body is None:
        raise BadHead(number, _("a bracket is not closed on its line"))
    found: list[Any] = []
    at, inside = 0, body[1].rstrip(" ")
    while at < len(inside):
        match = ITEM.match(inside, at)
        if match is None:
            raise BadHead(number, _("this list cannot be read; please quote its items"))
        found.append(_scalar(match[1].strip(), number))
        at = match.end()
    return found
