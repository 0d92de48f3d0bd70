"""A file's text -> what its head says, and the body. Pure.

Heads come between lines of --- (YAML), of +++ (TOML), as an object in braces (JSON), or as bare
lines above ___ (Bear Blog). A text without a head is all body.
"""

import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blog.post_files.yaml_lines import BadHead, read_yaml

MAX_HEAD = 64_000
# Nothing that a post has is deeper, or a longer number: what is could not even be told of.
MOST_NESTED = 20
MOST_BITS = 10_000
YAML_HEAD = re.compile(r"---[ \t]*\n(?:(.*?)\n)??(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
TOML_HEAD = re.compile(r"\+\+\+[ \t]*\n(?:(.*?)\n)??\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
BARE_HEAD = re.compile(r"((?:[a-z_]{1,40}:[^\n]*\n){1,40})\n*___[ \t]*(?:\n|$)")


@dataclass
class Opened:
    """Shape: `head` is empty where a file has none."""

    body: str
    head: dict[str, Any] = field(default_factory=dict)


def opened(text: str) -> Opened:
    """Return a file's head and body. Raises: ValidationError that names the line."""
    try:
        found = _split(text)
        _refuse_monsters(found.head)
    except BadHead as error:
        raise ValidationError(_told(error)) from error
    return found if found.head else _with_title(found)


def _split(text: str) -> Opened:
    if text.startswith("---"):
        return _fenced(text, YAML_HEAD, read_yaml)
    if text.startswith("+++"):
        return _fenced(text, TOML_HEAD, read_toml)
    if re.match(r"\{\s*(\"|\})", text):
        return _json_headed(text)
    if bare := BARE_HEAD.match(text):
        return Opened(_body_after(text, bare.end()), _bare(bare[1]))
    return Opened(text)


def _fenced(text: str, fence: re.Pattern[str], read: Any) -> Opened:
    match = fence.match(text)
    if match is None:
        # A rule at the top of a text is no head.
        if re.match(r"(---|\+\+\+)[ \t]*\n\s*\n", text) or "\n" not in text:
            return Opened(text)
        raise BadHead(1, _("the head is not closed by a second line like its first"))
    head = match[1] or ""
    if len(head) > MAX_HEAD:
        raise BadHead(0, _("it is longer than any head"))
    return Opened(_body_after(text, match.end()), read(head))


def _body_after(text: str, at: int) -> str:
    """Return the body as our own files hold it: below an empty line, above a last line end."""
    return text[at:].removeprefix("\n").removesuffix("\n")


def read_toml(head: str) -> dict[str, Any]:
    """Raises: BadHead."""
    try:
        return tomllib.loads(head)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise BadHead(0, _("this is no TOML: %(why)s") % {"why": str(error)[:100]}) from error


def _json_headed(text: str) -> Opened:
    if len(text) > MAX_HEAD and "\n}" not in text[:MAX_HEAD]:
        return Opened(text)
    try:
        head, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        # A text may well begin with a brace.
        return Opened(text)
    return Opened(_body_after(text, end + text[end : end + 1].count("\n")), head)


def _bare(lines: str) -> dict[str, Any]:
    pairs = (line.partition(":") for line in lines.rstrip("\n").split("\n"))
    return {key: value.strip() for key, _colon, value in pairs}


def _refuse_monsters(head: dict[str, Any]) -> None:
    level: list[Any] = [head]
    for _depth in range(MOST_NESTED):
        parts = [each.values() if isinstance(each, dict) else each for each in level]
        values = [value for part in parts for value in part]
        if any(isinstance(each, int) and each.bit_length() > MOST_BITS for each in values):
            raise BadHead(0, _("a number in it is too long"))
        level = [each for each in values if isinstance(each, dict | list)]
        if not level:
            return
    raise BadHead(0, _("it is nested too deep"))


def _with_title(found: Opened) -> Opened:
    """Take the title from a text that begins with one."""
    line, _end, rest = found.body.lstrip("\n").partition("\n")
    title = _heading_in(line)
    return Opened(rest.lstrip("\n"), {"title": title}) if title else found


def _heading_in(line: str) -> str:
    """Return the words of a heading of the first level; what is none has none."""
    if not line.startswith(("# ", "#\t")):
        return ""
    words = line[1:].strip(" \t")
    # A mark at the end is one behind a space: C# is a name.
    unmarked = words.rstrip("#")
    if unmarked:
        return unmarked.rstrip(" \t") if unmarked[-1] in " \t" else words
    return ""


def _told(error: BadHead) -> str:
    if error.line:
        # The first line of the file is the fence.
        values = {"line": error.line + 1, "reason": error.reason}
        return _("The head of the file cannot be read, line %(line)s: %(reason)s.") % values
    return _("The head of the file cannot be read: %(reason)s.") % {"reason": error.reason}
