"""The fields of two texts besides the body, for a page on which one is made of both.

Shape: a field in which both agree has `hidden` values alone; one in which they differ has `choices`
too, or, where it names other rows, `told`: what both have chosen together.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from blog.forms import PostForm
from blog.models import Category, Post, Series
from blog.words import Words

LINES = ("title", "slug", "excerpt", "author_note", "source_line")
ROWS = ("categories", "coauthors")
BESIDE = re.compile("(reason|publish_at|remove_cover|(picture|cover)_(?!file|seen).+)$")
CARRIED = re.compile("(reason|cover_(?!file).+)$")


@dataclass(frozen=True)
class Choice:
    whose: str
    value: str
    shown: str
    is_chosen: bool


@dataclass
class Field:
    name: str
    label: str
    hidden: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    told: str = ""


def fields_of(merged: Words, yours: Words, theirs: Words) -> list[Field]:
    lines = [_line(name, merged, yours, theirs) for name in (*LINES, "tags")]
    rows = [_rows(name, merged, yours, theirs) for name in ROWS]
    return [*lines, *rows, *_series(merged, yours, theirs)]


def _line(name: str, merged: Words, yours: Words, theirs: Words) -> Field:
    versions = {
        _("Both together"): _text(merged[name]),
        _("Yours"): _text(yours[name]),
        _("Theirs"): _text(theirs[name]),
    }
    return _choosing(name, versions, _text(merged[name]))


def _choosing(name: str, versions: dict[str, str], chosen: str) -> Field:
    """Offer what is said by one of both; what both say needs no choice."""
    values = list(versions.values())
    if len(set(values)) == 1:
        return Field(name, label_of(name), hidden=[chosen])
    whose = {value: who for who, value in versions.items()}
    choices = [Choice(who, value, value, value == chosen) for value, who in whose.items()]
    return Field(name, label_of(name), choices=choices)


def _rows(name: str, merged: Words, yours: Words, theirs: Words) -> Field:
    keys = [str(key) for key in merged[name]]
    told = "" if yours[name] == theirs[name] else ", ".join(_names(name, merged[name]))
    return Field(name, label_of(name), hidden=keys, told=told)


def _names(name: str, keys: Iterable[int]) -> list[str]:
    if name == "categories":
        return [each.name for each in Category.objects.filter(pk__in=keys)]
    people = get_user_model().objects.filter(pk__in=keys)
    return [each.get_short_name() for each in people]


def _series(merged: Words, yours: Words, theirs: Words) -> list[Field]:
    """A series and the place in it go together."""
    chosen = yours if merged["series"] == yours["series"] else theirs
    series, place = chosen["series"], chosen["series_position"]
    name = Series.objects.filter(pk=series).values_list("title", flat=True).first() or _("None")
    differs = any(yours[each] != theirs[each] for each in ("series", "series_position"))
    told = f"{name}, {place}" if differs else ""
    return [
        Field("series", label_of("series"), hidden=[str(series or "")], told=told),
        Field("series_position", label_of("series_position"), hidden=[str(place or "")]),
    ]


# --- what was typed and is no part of a text ------------------------------------------------------


def beside(form: PostForm) -> list[tuple[str, str]]:
    """Return what else was typed into a form, each with its label: no history has it."""
    names = [name for name in form.changed_data if BESIDE.match(name)]
    form.full_clean()
    if form.instance.cover and not form.describes_cover():
        names = [name for name in names if not name.startswith("cover_")]
    return [(_label_in(form, name), form.data.get(name) or _("none")) for name in names]


def _label_in(form: PostForm, name: str) -> str:
    label = str(form.fields[name].label)
    about = {"cover": _("Cover"), "picture": _("Picture")}.get(name.partition("_")[0])
    return f"{about}: {label}" if about else label


def carried(form: PostForm) -> list[tuple[str, str]]:
    """Return what of that goes along with the merge: why, and the words about the cover."""
    names = [name for name in form.data if CARRIED.match(name)]
    return [(name, form.data[name]) for name in names]


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def label_of(name: str) -> str:
    return capfirst(str(Post._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
