"""Two texts of a post side by side, field by field, with every row by its name.

words.py says what a text is, differences.py compares two strings; the room's pages show the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from blog.differences import Stretch, difference, folded
from blog.models import Category, Picture, Post, Series
from blog.words import FIELDS, TEXTS, Words
from comments.models import Markup

Rows = dict[str, dict[int, Any]]
EMPTY: dict[str, Any] = dict.fromkeys(TEXTS, "") | {
    "markup": str(Markup.MARKDOWN), "tags": [], "categories": [], "coauthors": [],
    "cover": None, "series": None, "series_position": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One of a list. Shape: `kind` is "same", "removed" or "added"."""

    kind: str
    name: str


@dataclass(frozen=True)
class Change:
    """How a field differs. Shape: `shape` is "text", "list", "picture" or "value", and says which
    of the others are filled.
    """

    name: str
    label: str
    shape: str
    stretches: list[Stretch] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    old: Any = None
    new: Any = None


def label_of(name: str) -> str:
    return str(Post._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def compared(old: Words, new: Words) -> list[Change]:
    """Return the fields that differ, in the order of FIELDS. Queries: up to 4."""
    old, new = EMPTY | old, EMPTY | new
    rows = rows_of(old, new)
    return [_change(name, old, new, rows) for name in FIELDS if old[name] != new[name]]


def named(words: Words) -> list[Change]:
    """Return every field as it is in one text, as the `new` of a change. Queries: up to 4."""
    words = EMPTY | words
    rows = rows_of(words)
    return [
        Change(name, label_of(name), _shape(name), new=_named(name, words[name], rows))
        for name in FIELDS
    ]


def rows_of(*texts: Mapping[str, Any]) -> Rows:
    """Return all rows that texts name, by their fields and keys. Queries: up to 4."""
    tables: dict[str, Any] = {
        "categories": Category,
        "coauthors": get_user_model(),
        "cover": Picture,
        "series": Series,
    }
    found: Rows = {}
    for name, model in tables.items():
        keys = {key for words in texts for key in _keys(words[name])}
        found[name] = model._default_manager.in_bulk(keys) if keys else {}
    return found


def _keys(value: Any) -> list[int]:
    if isinstance(value, list):
        return value
    return [value] if value else []


def _change(name: str, old: Words, new: Words, rows: Rows) -> Change:
    shape, label = _shape(name), label_of(name)
    if shape == "text":
        return Change(name, label, shape, stretches=folded(difference(old[name], new[name])))
    before, after = _named(name, old[name], rows), _named(name, new[name], rows)
    if shape == "list":
        return Change(name, label, shape, items=_items(before, after))
    return Change(name, label, shape, old=before, new=after)


def _shape(name: str) -> str:
    if name in TEXTS:
        return "text"
    shapes = {"tags": "list", "categories": "list", "coauthors": "list", "cover": "picture"}
    return shapes.get(name, "value")


def _items(before: list[str], after: list[str]) -> list[Item]:
    removed = [Item("removed", name) for name in before if name not in after]
    there = [Item("same" if name in before else "added", name) for name in after]
    return removed + there


def _named(name: str, value: Any, rows: Rows) -> Any:
    """Return a field's value as people call it; a picture that is still there as its row."""
    match name:
        case "cover":
            return rows[name].get(value, gone()) if value else ""
        case "markup":
            return Markup(value).label
        case "series":
            return _name(rows[name].get(value)) if value else ""
        case "categories" | "coauthors":
            return [_name(rows[name].get(key)) for key in value]
    return value


def _name(row: Any) -> str:
    if row is None:
        return gone()
    return row.get_short_name() if hasattr(row, "get_short_name") else str(row)


def gone() -> str:
    return _("(no longer there)")
