"""Slugs that something was public under before: said with whose they were, and taken where free.

A site that moves keeps the addresses that it gave up; one that is another's by now is told of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from blog.models import FormerSlug, SlugKind
from blog.publishing.addresses import is_free, kind_of
from blog.transfer.site.contents import Contents
from blog.transfer.site.layout import key_of
from comments.transfer.report import Report

Slugs = dict[str, datetime]


def former_slugs(kind: SlugKind, rows: Sequence[Any]) -> defaultdict[int, Slugs]:
    """Return by the key of each row since when which slugs are former. Queries: 1."""
    found: defaultdict[int, Slugs] = defaultdict(dict)
    former = FormerSlug.objects.filter(kind=kind, **{f"{kind}__in": rows}).order_by("slug")
    for pk, slug, at in former.values_list(kind, "slug", "created_at"):
        found[pk][slug] = at
    return found


def paths_of(kind: str, slugs: Mapping[str, Any]) -> set[str]:
    """Return where a post or a page stood under these slugs. Pure."""
    return {f"/{key_of(kind, slug)}/" for slug in slugs}


class FormerSlugs:
    """Takes those of a zip, whatever comes first."""

    def __init__(self, contents: Contents, report: Report) -> None:
        self.report = report
        self.in_the_zip: dict[str, set[str]] = {
            SlugKind.POST: contents.slugs,
            SlugKind.TAG: contents.tags,
            SlugKind.CATEGORY: contents.categories,
            SlugKind.SERIES: contents.series,
            SlugKind.AUTHOR: contents.people,
        }

    def take(self, row: Any, slugs: Slugs) -> None:
        kind = kind_of(type(row))
        for slug, at in sorted(slugs.items()):
            if slug == row.slug:
                continue
            if slug in self.in_the_zip[kind] or not is_free(type(row), slug, row):
                self.report.note(f"{kind} {row.slug} was once at {slug}, which is another's now")
            else:
                since = {kind: row, "created_at": at}
                FormerSlug.objects.get_or_create(kind=kind, slug=slug, defaults=since)
