"""Tags by their names, and free addresses."""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Sequence
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from blog.models import FormerLabel, Post, SlugKind, Tag, folded_name
from blog.publishing.addresses import is_free

MAX_TAGS = 12


def parse_tags(names: Iterable[str]) -> list[str]:
    """Return each name once, spaced evenly, in the order given.

    Raises: ValidationError under "tags".
    """
    composed = (unicodedata.normalize("NFC", name) for name in names)
    tidy = (re.sub(" +", " ", name).strip(" ") for name in composed)
    unique = {folded_name(name): name for name in tidy if name}
    if len(unique) > MAX_TAGS:
        message = _("That is more than %(most)s tags; please keep those that say most.")
        raise ValidationError({"tags": message % {"most": MAX_TAGS}})
    for name in unique.values():
        try:
            Tag(name=name).clean_fields(exclude=["slug"])
        except ValidationError as error:
            raise ValidationError({"tags": error.messages}) from error
    return list(unique.values())


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Return the tags of these names, making those that are new. Case makes no new tag.

    A name that was another's, before that was renamed or merged, is that one: a form, a copy or a
    plan may have been written before.

    Queries: 1 where each name is that of a tag, else 2 and what new ones take.
    """
    # In one order for all, so that two authors of the same new tags never wait for each other.
    wanted = sorted((folded_name(name), name) for name in names)
    known = _called([key for key, _name in wanted], [name for _key, name in wanted])
    if missing := [key for key, _name in wanted if key not in known]:
        known |= _called_before(missing)
    found = [known.get(key) or _new_tag(name) for key, name in wanted]
    return list({tag.pk: tag for tag in found}.values())


def _called(keys: Sequence[str], names: Container[str]) -> dict[str, Tag]:
    """Return tags by folded name: of two that differ in case alone the one that is so written."""
    rows = Tag.objects.filter(key__in=keys)
    return {tag.key: tag for tag in sorted(rows, key=lambda tag: (tag.name in names, -tag.pk))}


def _called_before(keys: Sequence[str]) -> dict[str, Tag]:
    """Return by folded name the tags that were called so once."""
    rows = FormerLabel.objects.filter(kind=SlugKind.TAG, known_by__in=keys).select_related("tag")
    return {row.known_by: row.tag for row in rows if row.tag}


def _new_tag(name: str) -> Tag:
    return Tag.objects.create(name=name, slug=free_slug(Tag, name, fallback="tag"))


def free_slug(model: type[Model], text: str, *, fallback: str, row: Any = None) -> str:
    """Return a slug made of `text` that no other row has or was public under: stem, stem-2, ...

    `row`: whose own one may stay. Queries: 2, or 4 for each doubling of those that are called so.
    """
    stem = slug_stem(text, fallback=fallback, most=100 if model is Post else 60)
    if is_free(model, stem, row):
        return stem
    number = _free_number(lambda number: not is_free(model, f"{stem}-{number}", row))
    return f"{stem}-{number}"


def _free_number(is_taken: Callable[[int], bool]) -> int:
    """Return a number from 2 that is not taken while the one before it is.

    It is the first, where none was given up. Asked for one by one, since thousands of posts may be
    called the same: of so many, two questions for each doubling find it.
    """
    low, high = 1, 2
    while is_taken(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_taken(middle) else (low, middle)
    return high


def slug_stem(text: str, *, fallback: str, most: int) -> str:
    """Return what an address can show of a text; of one in another script, a digest."""
    if stem := slugify(text)[:most].strip("-_"):
        return stem
    digest = sha256(text.casefold().encode("utf-8", "surrogatepass")).hexdigest()
    return f"{fallback}-{digest[:8]}"
