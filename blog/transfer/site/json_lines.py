"""One thing a line, as JSON: written in one spelling, read with the line's number and a cap.

Pure. front_matter.py uses the same spelling.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

# What a line says takes thirty times its length in memory, if somebody means it to.
MAX_LINE = 8 * 1024 * 1024
# What YAML does not allow as it is, or takes for the end of a line; JSON would leave it.
ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class BadLine(ValueError):
    """A line that says nothing we can take. Shape: `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def as_json(value: Any) -> str:
    """Return the one spelling of a value: readable, keys in order, on one line."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, default=_spelled)
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _spelled(value: Any) -> str:
    return instant(value) if isinstance(value, datetime) else str(value)


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def line_of(row: dict[str, Any]) -> bytes:
    return f"{as_json(row)}\n".encode()


def read_lines(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line's number and what it says; empty lines are passed over. Raises: BadLine."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise BadLine(number, f"longer than {MAX_LINE // 1024 // 1024} MB")
        if line.strip():
            yield number, _object(line, number)


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadLine(number, "not UTF-8") from error
    except RecursionError as error:
        raise BadLine(number, "nested too deeply") from error
    except ValueError as error:
        raise BadLine(number, f"not JSON ({error})") from error
    if not isinstance(value, dict):
        raise BadLine(number, "not an object in braces")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
