"""Tags by their names, and free addresses."""

import re
from collections.abc import Iterable
from hashlib import sha256
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from blog.models import Post, Tag
from blog.publishing.addresses import is_free, slugs_of_others

MAX_TAGS = 12


def parse_tags(names: Iterable[str]) -> list[str]:
    """Return each name once, spaced evenly, in the order given.

    Raises: ValidationError under "tags".
    """
    tidy = (re.sub(" +", " ", name).strip(" ") for name in names)
    unique = {name.casefold(): name for name in tidy if name}
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
    """Return the tags of these names, making those that are new. Case makes no new tag."""
    # Compared here, since the databases fold case each in its own way; a site has few tags.
    known = {tag.name.casefold(): tag for tag in Tag.objects.all()}
    # In one order for all, so that two authors of the same new tags never wait for each other.
    wanted = sorted((name.casefold(), name) for name in names)
    return [known.get(key) or _new_tag(name) for key, name in wanted]


def _new_tag(name: str) -> Tag:
    return Tag.objects.create(name=name, slug=free_slug(Tag, name, fallback="tag"))


def free_slug(model: type[Model], text: str, *, fallback: str, row: Any = None) -> str:
    """Return a slug made of `text` that no other row has or was public under: stem, stem-2, ...

    `row`: whose own one may stay. Queries: 2, or up to 4 where the stem is taken.
    """
    stem = slug_stem(text, fallback=fallback, most=100 if model is Post else 60)
    if is_free(model, stem, row):
        return stem
    taken = slugs_of_others(model, stem, row)
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(slug for slug in numbered if slug not in taken)


def slug_stem(text: str, *, fallback: str, most: int) -> str:
    """Return what an address can show of a text; of one in another script, a digest."""
    if stem := slugify(text)[:most].strip("-_"):
        return stem
    digest = sha256(text.casefold().encode("utf-8", "surrogatepass")).hexdigest()
    return f"{fallback}-{digest[:8]}"
