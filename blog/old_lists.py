"""What the lists and feeds of a WordPress blog were called, and which of ours they have become.

Asked last of all, by redirects.py: a post that had such an address comes first.
"""

import re
from typing import Any
from urllib.parse import quote, unquote

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from blog.former import posts_of
from blog.models import Category, FormerSlug, Tag
from comments.transfer.records import ImportMap

FEED = re.compile(r"/(feed|rss2?|feed/(rss2?|rdf))/?")
# A category is named with those above it; what is asked for is the last.
LIST = re.compile(
    r"(/(?P<of>category|tag|author)/(?:[^/]+/)*?(?P<slug>[^/]+))?"
    r"(?:/page/(?P<page>[1-9][0-9]{0,4}))?(?:/feed(?:/(?:atom|rss2?|rdf))?)?/?"
)
# Several blogs may have come here, each with another of this name.
MOST_ROWS = 10
# By the kind under which an import remembers what it was called there.
KINDS = {"category": "category", "tag": "tag", "author": "user"}


def list_at(path: str) -> str | None:
    """Return the address of our list for that of WordPress's, if we have it.

    Shape: `path` as it stands in the address. Queries: 0 or 1, and up to 3 for each found.
    """
    path = unquote(path)
    if FEED.fullmatch(path):
        return reverse("blog:rss")
    match = LIST.fullmatch(path)
    if match is None or not (match["of"] or match["page"]) or "\x00" in path:
        return None
    target = _of(match["of"], match["slug"]) if match["of"] else reverse("blog:home")
    return f"{target}?page={match['page']}" if target and match["page"] else target


def _of(of: str, slug: str) -> str | None:
    """Return the list of whom or what had this name there; else of what it is or was here."""
    there = ImportMap.objects.filter(kind=KINDS[of], external_id__in=_spellings(slug))
    before = FormerSlug.objects.filter(kind=of, slug=slug)
    named = Q(pk__in=there.values("object_id")) | Q(slug=slug) | Q(pk__in=before.values(of))
    rows: Any = _rows(of).filter(named).order_by("pk")[:MOST_ROWS]
    # Nobody is told of what only hidden posts have, nor of who has published nothing.
    return next((each.get_absolute_url() for each in rows if posts_of(each).exists()), None)


def _spellings(slug: str) -> set[str]:
    """Return how a file may have written it: WordPress keeps other scripts with percent signs."""
    return {slug, slug.lower(), quote(slug).lower()}


def _rows(of: str) -> QuerySet[Model]:
    models: dict[str, type[Model]] = {"author": get_user_model(), "category": Category, "tag": Tag}
    return models[of]._default_manager.all()
