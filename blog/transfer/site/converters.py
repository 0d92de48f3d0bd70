"""What JSON gave -> values that a column can hold, one converter for each kind of value.

Pure. A converter takes what JSON gave and returns a value or raises ValueError, in words. Which
line says what stands in shapes.py.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

Convert = Callable[[Any], Any]
Shape = Mapping[str, Convert]

# No column takes these, and no text has them.
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
WEBSITE = re.compile(r"(https?|ftps?)://[^\s\x00-\x1f]+", re.IGNORECASE)
MOST_WHOLE = 2**31 - 1


@dataclass(frozen=True)
class Added:
    """A converter of what older lines do not say; they mean `absent`."""

    convert: Convert
    absent: Any

    def __call__(self, value: Any) -> Any:
        return self.convert(value)


def converted(row: Any, shape: Shape) -> dict[str, Any]:
    """Return what a line says under the names of `shape`. Raises: ValueError that names the one."""
    if not isinstance(row, dict):
        raise ValueError("not an object in braces")
    result = {}
    for name, convert in shape.items():
        if name not in row and isinstance(convert, Added):
            result[name] = convert.absent
            continue
        if name not in row:
            raise ValueError(f"{name} is missing")
        try:
            result[name] = convert(row[name])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return result


def text(most: int, *, least: int = 0) -> Convert:
    def convert(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("not a text")
        if not least <= len(value) <= most:
            raise ValueError(f"{len(value):,} characters, where {most:,} are allowed")
        if NO_TEXT.search(value):
            raise ValueError("holds a character that no text has")
        return value

    return convert


def slug(most: int) -> Convert:
    return matching(re.compile(rf"[-a-zA-Z0-9_]{{1,{most}}}"), "not a short name")


def matching(pattern: re.Pattern[str], refusal: str) -> Convert:
    def convert(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"{refusal}: {str(value)[:100]!r}")
        return value

    return convert


def one_of(choices: type) -> Convert:
    """Take a value of a TextChoices."""
    # Looked up once: an enumeration works its values out anew each time it is asked.
    known = {choice.value: choice for choice in choices}  # type: ignore[attr-defined]

    def convert(value: Any) -> Any:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{str(value)[:40]!r} is none that is known")
        return known[value]

    return convert


def whole(least: int = 0, most: int = MOST_WHOLE) -> Convert:
    def convert(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"not a whole number from {least} to {most}")
        return value

    return convert


def number(value: Any) -> float:
    if type(value) not in {int, float} or abs(value) > 1e15:
        raise ValueError("not a number")
    return float(value)


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def instant(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("not a date and time") from error
    if at.tzinfo is None or not 1 < at.year < 9999:
        raise ValueError("not a date and time with its zone")
    return at


def ip(value: Any) -> str:
    # A zone may hang behind an address of version 6, and is no part of it.
    return str(ip_address(text(45)(value).partition("%")[0]))


def batch_id(value: Any) -> UUID:
    return UUID(text(36)(value))


def website(value: Any) -> str:
    """Take the address that a name links to: whatever a form here takes, and never a script."""
    address = text(200)(value)
    if address and not WEBSITE.fullmatch(address):
        raise ValueError("not an address of the web")
    return address


def or_empty(convert: Convert) -> Convert:
    """Take an empty text as it is."""
    return lambda value: "" if value == "" else convert(value)


def findings(value: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("not a list of findings")
    if NO_TEXT.search("".join(_texts_in(value))):
        raise ValueError("holds a character that no text has")
    return tuple(value)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)


def maybe(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def several(convert: Convert) -> Convert:
    def convert_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("not a list")
        return [convert(each) for each in value]

    return convert_all


def shaped(shape: Shape) -> Convert:
    return lambda value: converted(value, shape)
