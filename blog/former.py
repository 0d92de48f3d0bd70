"""Addresses given up here: where that is now which was public under one, if it is there to be read.

publishing/addresses.py keeps them; redirects.py asks, and only about what was not found. They know
whose they were, so that any number of renamings is one step.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import ResolverMatch, reverse

from blog import trees
from blog.models import Category, FormerSlug, Post, PostKind, PostQuerySet, Series, SlugKind, Tag

ROUTES = {
    "blog:post": SlugKind.POST,
    "blog:page": SlugKind.POST,
    "blog:unlock_post": SlugKind.POST,
    "blog:unlock_page": SlugKind.POST,
    "blog:tag": SlugKind.TAG,
    "blog:category": SlugKind.CATEGORY,
    "blog:series": SlugKind.SERIES,
    "blog:author": SlugKind.AUTHOR,
}
UNLOCKING = frozenset(["blog:unlock_post", "blog:unlock_page"])


def moved_to(matches: Sequence[ResolverMatch]) -> str | None:
    """Return the address of what once was at one of these, the first that is there now.

    Queries: none for other routes, else 1, and up to 3 for what is found.
    """
    asked = [match for match in matches if match.view_name in ROUTES]
    if not asked:
        return None
    named = Q()
    for match in asked:
        named |= Q(kind=ROUTES[match.view_name], slug=match.kwargs["slug"])
    owners = ("post", "tag", "category", "series", "author")
    rows = FormerSlug.objects.filter(named).select_related(*owners)
    found = {(row.kind, row.slug): getattr(row, row.kind) for row in rows}
    for match in asked:
        owner = found.get((ROUTES[match.view_name], match.kwargs["slug"]))
        # What is remembered by the slug that it has still is where it was.
        if owner is None or owner.slug == match.kwargs["slug"]:
            continue
        if _is_there(owner, match.view_name):
            return reverse(match.view_name, args=[owner.slug])
    return None


def _is_there(owner: Any, route: str) -> bool:
    """Tell whether everybody may read what it is called now: of all else nobody hears."""
    if isinstance(owner, Post):
        of_this_kind = PostKind.PAGE if route.endswith("page") else PostKind.POST
        return owner.kind == of_this_kind and owner.is_readable()
    return posts_of(owner).exists()


def posts_of(owner: Any) -> PostQuerySet:
    """Return the public posts that stand on the page of a tag, a category, a series, an author.

    Queries: none by itself, 1 for a category.
    """
    listed = Post.objects.listed()
    match owner:
        case Tag():
            return listed.filter(tags=owner)
        case Category():
            shelves = [each.pk for each in trees.all_below(owner, trees.all_categories())]
            return listed.filter(pk__in=on_shelves(shelves))
        case Series():
            return listed.filter(series=owner)
        case _:
            return listed.of(owner)


def on_shelves(shelves: Sequence[int]) -> Any:
    """Return the keys of what stands on these. As a subquery: on two of them it is one post."""
    return Post.categories.through.objects.filter(category__in=shelves).values("post")
