"""What a site's zip holds, as far as it was read, and the words for what cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from blog.transfer.site.json_lines import BadLine
from blog.transfer.site.opened import NotASite

T = TypeVar("T")


@dataclass
class Contents:
    """What a sound zip holds: names by kind.

    Shape: `posts` are the keys by entry, as made; `damaged` says of pictures what is wrong.
    """

    people: set[str] = field(default_factory=set)
    mutes: set[tuple[str, str]] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    tag_names: set[str] = field(default_factory=set)
    series: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)
    posts: dict[str, str] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    former_slugs: set[tuple[str, str]] = field(default_factory=set)
    creation_keys: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    reason_keys: set[str] = field(default_factory=set)
    threads: set[str] = field(default_factory=set)
    thread_numbers: set[int] = field(default_factory=set)
    emails: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damaged: dict[str, str] = field(default_factory=dict)


@contextmanager
def told(entry: str, line: int | None = None) -> Iterator[None]:
    """Say where it was that a line could not be taken."""
    try:
        yield
    except BadLine as error:
        raise NotASite(error.reason, entry, error.line) from error
    except ValidationError as error:
        raise NotASite(in_words(error), entry, line) from error
    except ValueError as error:
        raise NotASite(str(error), entry, line) from error


def in_words(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        return "; ".join(f"{name}: {' '.join(all_)}" for name, all_ in error.message_dict.items())
    return " ".join(error.messages)


def add(names: set[T], name: T, what: str = "") -> None:
    if name in names:
        raise ValueError(f"{what}{name} for the second time")
    names.add(name)


def require(names: Any, name: str | None, what: str) -> None:
    if name is not None and name not in names:
        raise ValueError(f"there is no {what} {name!r}")
