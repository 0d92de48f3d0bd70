"""A post's words as data: the shape that working copies, revisions, merges and files share.

Shape: a dict of exactly FIELDS. Texts are strings; `markup` a value of Markup; `tags` names in
order; `categories` and `coauthors` sorted keys; `cover` and `series` a key or None;
`series_position` a number.
"""

from copy import copy
from typing import Any

from django.contrib.auth import get_user_model

from blog.models import (
    Category,
    FormerLabel,
    Picture,
    Post,
    Series,
    SlugKind,
    WorkingCopy,
    rows_of,
)

TEXTS = ("title", "slug", "excerpt", "body", "author_note", "source_line")
FIELDS = (
    *TEXTS, "markup", "tags", "cover", "categories", "coauthors", "series", "series_position",
)  # fmt: skip
# What is one other row, and what is several.
SINGLE = {"cover": Picture, "series": Series}
SEVERAL = {"categories": Category, "coauthors": None}

Words = dict[str, Any]


def words_of(post: Post) -> Words:
    """Return what a stored post itself says. Queries: 3."""
    words: Words = {name: getattr(post, name) for name in (*TEXTS, "series_position")}
    words["markup"] = str(post.markup)
    words["tags"] = [tag.name for tag in post.tags.all()]
    words["cover"], words["series"] = post.cover_id, post.series_id
    for name in SEVERAL:
        words[name] = sorted(row.pk for row in getattr(post, name).all())
    return words


def working_copy_of(post: Post) -> WorkingCopy | None:
    """Return what is being written beside a post. Queries: 1."""
    return WorkingCopy.objects.filter(post=post.pk).select_related("editor").first()


def latest_words(post: Post) -> Words:
    """Return what was written last: the working copy, or else the post. Queries: up to 4."""
    kept = working_copy_of(post)
    return words_of(post) | (kept.words if kept else {})


def packed(fields: dict[str, Any]) -> Words:
    """Return the fields that publishing/ takes as they are stored: rows become keys."""
    words = dict(fields)
    for name in SINGLE.keys() & fields.keys():
        words[name] = fields[name].pk if fields[name] else None
    for name in SEVERAL.keys() & fields.keys():
        words[name] = sorted(row.pk for row in fields[name])
    if "tags" in fields:
        words["tags"] = list(fields["tags"])
    if "markup" in fields:
        words["markup"] = str(fields["markup"])
    return words


def unpacked(words: Words) -> dict[str, Any]:
    """Return stored words as the fields that publishing/ takes. What is gone meanwhile is left out.

    Queries: up to 5.
    """
    fields = {name: value for name, value in words.items() if name in FIELDS}
    for name, model in SINGLE.items():
        if name in fields:
            found = model._default_manager.filter(pk=fields[name]).first() if fields[name] else None
            fields[name] = found
    if "categories" in fields:
        fields["categories"] = _categories(fields["categories"])
    if "coauthors" in fields:
        fields["coauthors"] = list(get_user_model().objects.filter(pk__in=fields["coauthors"]))
    return fields


def _categories(keys: list[int]) -> list[Category]:
    """Return the categories of these keys, and what became of those that were merged meanwhile."""
    found = {row.pk: row for row in Category.objects.filter(pk__in=keys)}
    if missing := [str(key) for key in keys if key not in found]:
        before = FormerLabel.objects.filter(kind=SlugKind.CATEGORY, known_by__in=missing)
        became = Category.objects.filter(pk__in=before.values("category"))
        found |= {row.pk: row for row in became}
    return list(found.values())


def differing(old: Words, new: Words) -> list[str]:
    """Return the names of the fields in which two texts differ, in the order of FIELDS."""
    return [name for name in FIELDS if old.get(name) != new.get(name)]


def laid_over(post: Post, words: Words) -> Post:
    """Return a post as it would be with other words, to be shown and never saved.

    Its tags are not the post's but `words["tags"]`; nothing is typeset yet.
    """
    shown = copy(post)
    fields = unpacked(words)
    for name, value in fields.items():
        if name not in {"tags", *SEVERAL}:
            setattr(shown, name, value)
    if "coauthors" in fields:
        shown.coauthor_rows = rows_of(fields["coauthors"])  # type: ignore[attr-defined]
    return shown
