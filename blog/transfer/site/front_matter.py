"""A post as a file: `key: value` lines between two lines of ---, then its text, to the letter.

Pure. Each value is JSON on one line, which is YAML too: Hugo and people read it without us, and we
read it without a YAML parser. Only what compose() writes, or a careful hand, is read back.
"""

import json
import re
from typing import Any

from blog.transfer.site.json_lines import BadLine, as_json

FENCE = "---\n"
LINE = re.compile(r"([a-z_]+):[ \t]*(.*)")


def compose(fields: dict[str, Any], body: str) -> str:
    """Return the file's text. The body stands as it is between an empty line and a line's end."""
    head = "".join(f"{name}: {as_json(value)}\n" for name, value in fields.items())
    return f"{FENCE}{head}{FENCE}\n{body}\n"


def parse(text: str) -> tuple[dict[str, Any], str]:
    """Return the fields and the body. Raises: BadLine."""
    if not text.startswith(FENCE):
        raise BadLine(1, "the file does not begin with a line of ---")
    head, fence, body = text[len(FENCE) - 1 :].partition(f"\n{FENCE}")
    if not fence:
        raise BadLine(1, "the head is not closed by a second line of ---")
    fields: dict[str, Any] = {}
    for number, line in enumerate(head.split("\n")[1:], start=2):
        if line.strip():
            name, value = _field(line, number)
            if name in fields:
                raise BadLine(number, f"{name} for the second time")
            fields[name] = value
    return fields, body.removeprefix("\n").removesuffix("\n")


def _field(line: str, number: int) -> tuple[str, Any]:
    match = LINE.fullmatch(line)
    if match is None:
        raise BadLine(number, "not of the form key: value")
    try:
        return match[1], json.loads(match[2])
    except (ValueError, RecursionError) as error:
        raise BadLine(number, f"{match[1]} is not JSON ({error})") from error
