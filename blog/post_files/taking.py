"""What a file's head says -> a post's words, and in words what is not taken.

Nobody becomes an author, and no post public, by what stands in a file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from blog import policy
from blog.models import Category, Post, Series
from blog.post_files.front_matter import Opened
from comments.models import Markup

# A post's words by the names that Hugo, Jekyll, Ghost, Zola and Bear Blog have for them. The first
# that a file has is taken.
NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "slug": ("slug", "link"),
    "excerpt": ("excerpt", "description", "summary", "custom_excerpt", "meta_description"),
    "tags": ("tags", "tag", "keywords"),
    "categories": ("categories", "category"),
    "series": ("series",),
    "series_position": ("series_position", "series_order", "part"),
    "cover": ("cover", "image", "featured_image", "feature_image", "thumbnail"),
    "author_note": ("author_note",),
    "source_line": ("source_line",),
    "markup": ("markup",),
}
# What is said here by people who may, and never by a file.
DECIDED_HERE = frozenset([
    "author", "authors", "coauthors", "co_authors", "status", "draft", "published", "visibility",
    "date", "lastmod", "updated", "modified", "publishdate", "published_date", "date_published",
    "published_at", "created_at", "updated_at", "expirydate", "id", "uuid", "guid", "feed_id",
    "password", "is_sticky", "featured", "version", "text_version", "thread", "creation_key",
    "first_public_at", "origin", "sequence",
])  # fmt: skip
# Heads within the head, where some keep what is not the generator's own.
WITHIN = ("params", "extra", "taxonomies")
# What no column takes, and no text has.
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
MOST_TOLD = 12
NOTHING: Any = object()


@dataclass
class Taken:
    """Shape: `fields` as publishing/ takes them; `told` are whole sentences for the sender."""

    fields: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def taken_from(opened: Opened, user: Any, post: Post) -> Taken:
    """Return what of a file becomes the words of a post, old or new. Queries: up to 4."""
    head = _flat(opened.head)
    taken = Taken({"body": opened.body, "markup": Markup.MARKDOWN})
    used = set()
    for name, keys in NAMES.items():
        key = next((key for key in keys if key in head), None)
        if key is None:
            continue
        used.add(key)
        value = _taken(name, head[key], user, taken)
        if value is not NOTHING:
            taken.fields[name] = value
    closed = taken.fields.keys() - policy.fields_open_to(user, post)
    taken.fields = {name: taken.fields[name] for name in taken.fields.keys() - closed}
    _tell_of_the_rest(head.keys() - used, taken)
    return taken


def _flat(head: dict[str, Any]) -> dict[str, Any]:
    """Return a head with the heads within it, where it does not say the same itself."""
    flat: dict[str, Any] = {}
    for within in WITHIN:
        inner = head.get(within)
        if isinstance(inner, dict):
            flat |= {_key(key): value for key, value in inner.items()}
    return flat | {
        _key(key): value
        for key, value in head.items()
        if not (key in WITHIN and isinstance(value, dict))
    }


def _key(key: Any) -> str:
    return str(key).strip().lower().replace("-", "_")


def _tell_of_the_rest(keys: set[str], taken: Taken) -> None:
    ours = sorted(keys & DECIDED_HERE)
    if ours:
        message = _("Decided here and not by a file: %(names)s.")
        taken.told.append(message % {"names": _listed(ours)})
    if others := sorted(keys - DECIDED_HERE):
        message = _("Not taken, since a post here has no such thing: %(names)s.")
        taken.told.append(message % {"names": _listed(others)})


def _listed(names: list[str]) -> str:
    shown = [NO_TEXT.sub("\ufffd", name)[:40] for name in names[:MOST_TOLD]]
    return ", ".join([*shown, "…"] if len(names) > MOST_TOLD else shown)


# --- one by one ---------------------------------------------------------------------------------


def _taken(name: str, value: Any, user: Any, taken: Taken) -> Any:
    if value is None:
        return NOTHING
    take: dict[str, Callable[[Any, Any, Taken], Any]] = {
        "slug": _slug,
        "tags": _tags,
        "categories": _categories,
        "series": _series,
        "series_position": _position,
        "cover": _cover,
        "author_note": _text,
        "markup": _markup,
    }
    if name in take:
        return take[name](value, user, taken)
    line = _text(value, user, taken)
    return line if line is NOTHING else _on_one_line(line)


def _on_one_line(text: str) -> str:
    parts = (part.strip(" \t") for part in text.split("\n"))
    return " ".join(part for part in parts if part)


def _text(value: Any, user: Any, taken: Taken) -> Any:
    match value:
        case bool():
            return str(value).lower()
        case str() if not NO_TEXT.search(value):
            return value.strip()
        case int() | float():
            return str(value)
        case date() | datetime():
            return value.isoformat()
    taken.told.append(_("Not taken, since it is no text: %(what)s.") % {"what": _shown(value)})
    return NOTHING


def _shown(value: Any) -> str:
    return NO_TEXT.sub("\ufffd", str(value)[:60])


def _list(value: Any) -> list[str]:
    """Return the texts of a list, however it is written."""
    items = value if isinstance(value, list) else str(value).split(",")
    texts = (str(item).strip() for item in items if isinstance(item, str | int | float))
    return [text for text in texts if text and not NO_TEXT.search(text)]


def _tags(value: Any, user: Any, taken: Taken) -> Any:
    if isinstance(value, dict):
        return _text(value, user, taken)
    return _list(value)


def _slug(value: Any, user: Any, taken: Taken) -> Any:
    text = str(value).strip().strip("/").rpartition("/")[2]
    if re.fullmatch(r"[-a-zA-Z0-9_]{1,120}", text):
        return text
    made = slugify(text)[:100]
    message = _("The address “%(slug)s” is none that a post here can have.")
    taken.told.append(message % {"slug": _shown(value)})
    return made or NOTHING


def _categories(value: Any, user: Any, taken: Taken) -> Any:
    wanted = _list(value)
    by_name: dict[str, Category] = {}
    for category in Category.objects.order_by("-pk"):
        by_name |= {category.slug.casefold(): category, category.name.casefold(): category}
    found = {name: by_name.get(name.casefold()) for name in wanted}
    if missing := [name for name, category in found.items() if category is None]:
        message = _("There is no such category here: %(names)s.")
        taken.told.append(message % {"names": _listed(missing)})
    return list({category.pk: category for category in found.values() if category}.values())


def _series(value: Any, user: Any, taken: Taken) -> Any:
    wanted = value if isinstance(value, str) else next(iter(_list(value)), "")
    if not wanted or NO_TEXT.search(wanted):
        return None
    found = Series.objects.filter(title=wanted).order_by("pk").first()
    found = found or Series.objects.filter(slug=wanted[:80]).first()
    if found is None:
        taken.told.append(_("There is no such series here: %(name)s.") % {"name": _shown(wanted)})
    return found or NOTHING


def _position(value: Any, user: Any, taken: Taken) -> Any:
    text = str(value)
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else NOTHING


def _cover(value: Any, user: Any, taken: Taken) -> Any:
    """Return a picture of this site that the sender may use."""
    source = value.get("image") or value.get("src") if isinstance(value, dict) else value
    if not source:
        return None
    name = str(source).removeprefix(settings.MEDIA_URL)[:200]
    if NO_TEXT.search(name) is None:
        found = policy.pictures_of(user).filter(file=name).first()
        if found is not None:
            return found
    taken.told.append(
        _("The cover is no picture of yours here: %(name)s.") % {"name": _shown(name)}
    )
    return NOTHING


def _markup(value: Any, user: Any, taken: Taken) -> Any:
    return Markup.HTML if str(value).strip().lower() == "html" else Markup.MARKDOWN
