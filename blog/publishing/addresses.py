"""Addresses: which may be had, and what becomes of one that is given up.

A slug under which something was public stays its owner's for good: blog/former.py leads readers on
from it, and nobody else is given it. One that readers never saw leaves nothing behind.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from blog.models import Act, Category, FormerSlug, Post, PostKind, Series, SlugKind, Tag
from blog.publishing.log import note_act
from blog.states import READABLE

# Acts that bring a post before readers at once.
SHOWING = (Act.PUBLISH, Act.APPEAR, Act.UNLIST, Act.ARCHIVE)


def kind_of(model: type[Model]) -> SlugKind:
    kinds: dict[type[Model], SlugKind] = {
        Post: SlugKind.POST,
        Tag: SlugKind.TAG,
        Category: SlugKind.CATEGORY,
        Series: SlugKind.SERIES,
        get_user_model(): SlugKind.AUTHOR,
    }
    return kinds[model]


# --- which may be had -------------------------------------------------------------------------


def refuse_slug(row: Any, slug: str | None = None) -> None:
    """Refuse a slug, or the row's own, where another page answers or another's once did.

    Queries: 1, or 2 to tell whose it is. Raises: ValidationError on `slug`.
    """
    slug = row.slug if slug is None else slug
    if is_reserved(route_of(type(row), row), slug):
        message = _("Another page of this site answers at this address. Please choose another.")
        raise ValidationError({"slug": message})
    former = _others(type(row), row)[1].filter(slug=slug).first()
    if former is not None:
        raise ValidationError({"slug": _whose(former)})


def is_reserved(route: str, slug: str) -> bool:
    """Tell whether the address that a slug makes on this route is another's, or none at all."""
    try:
        path = reverse(route, args=[slug]).removeprefix(get_script_prefix())
        match = resolve(f"/{path}")
    except (NoReverseMatch, Resolver404):
        return True
    return (match.view_name, match.kwargs.get("slug")) != (route, slug)


def route_of(model: type[Model], row: Any = None) -> str:
    if model is Post:
        return f"blog:{row.kind if row is not None else PostKind.POST}"
    return f"blog:{kind_of(model)}"


def is_free(model: type[Model], slug: str, row: Any = None) -> bool:
    """Tell whether no row but this one has a slug or had it before readers. Queries: up to 2."""
    if is_reserved(route_of(model, row), slug):
        return False
    return not any(rows.filter(slug=slug).exists() for rows in _others(model, row))


def _others(model: type[Model], row: Any) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Return all other rows of a model, and the slugs that these gave up."""
    kind, pk = kind_of(model), row.pk if row is not None else None
    live, former = model._default_manager.all(), FormerSlug.objects.filter(kind=kind)
    return (live.exclude(pk=pk), former.exclude(**{kind: pk})) if pk else (live, former)


def _whose(former: FormerSlug) -> str | SafeString:
    """Say whose address this was; of what is not public now, not what it is."""
    owner = getattr(former, former.kind)
    if former.kind == SlugKind.POST and not owner.is_findable():
        return _(
            "Another post was public at this address and may be again, so that links to it would "
            "lead to this one instead. Please choose another."
        )
    sentence = _(
        "This was the address of {link}, and links to it lead there: they would break. "
        "Please choose another."
    )
    link = format_html('<a href="{}"><bdi>{}</bdi></a>', owner.get_absolute_url(), owner)
    return format_html(sentence, link=link)


# --- what is given up -------------------------------------------------------------------------


def give_up(row: Any, old_slug: str, *, was_public: bool) -> None:
    """Keep for a renamed row the slug that it was public under; what it has again is not former.

    The caller holds the row. Queries: up to 3.
    """
    kind = kind_of(type(row))
    FormerSlug.objects.filter(kind=kind, slug=row.slug).delete()
    if was_public:
        FormerSlug.objects.update_or_create(kind=kind, slug=old_slug, defaults={kind: row})


def keep_known(post: Post, rows: Iterable[Any]) -> None:
    """Remember under which slugs readers met what a post shows no longer: a name, a label.

    Nothing else tells of that once it is renamed. Queries: 0 or 1.
    """
    if post.kind == PostKind.POST and was_ever_public(post):
        kinds = [(kind_of(type(row)), row) for row in rows]
        known = [FormerSlug(kind=kind, slug=row.slug, **{kind: row}) for kind, row in kinds]
        FormerSlug.objects.bulk_create(known, ignore_conflicts=True)


def leave_series(post: Post, old_series: int | None) -> None:
    """Remember the series that a post was part of, if it is no more. Queries: 0, or 2."""
    if old_series is not None and old_series != post.series_id:
        keep_known(post, Series.objects.filter(pk=old_series))


def follow_rename(post: Post, old_slug: str, *, actor: Any) -> None:
    """Let the address that a post had lead to it, if it was ever public there; write it down.

    Queries: none where nothing changed, else up to 7.
    """
    if post.slug == old_slug:
        return
    give_up(post, old_slug, was_public=_was_public_here(post))
    if was_ever_public(post):
        note_act(Act.RENAME, post, actor=actor, detail=address_of(post.kind, old_slug))


def keep_feed_id(post: Post, old_slug: str) -> None:
    """Fix what feed readers know a post by, once they do; until then it follows the address."""
    old = address_of(post.kind, old_slug)
    if was_ever_public(post):
        post.feed_id = post.feed_id or old
    elif post.feed_id == old:
        post.feed_id = post.get_absolute_url()


def was_ever_public(post: Post) -> bool:
    return post.first_public_at is not None and post.first_public_at <= timezone.now()


def address_of(kind: str, slug: str) -> str:
    return reverse(f"blog:{PostKind(kind)}", args=[slug])


def _was_public_here(post: Post) -> bool:
    """Tell whether a post that is about to be told of as renamed was public under its old slug.

    Queries: none for what is public or never was, else 2.
    """
    if not was_ever_public(post):
        return False
    if post.status in READABLE and not post.is_scheduled():
        return True
    renamed = post.log.filter(act=Act.RENAME).order_by("-pk").first()
    if renamed is None:
        return True
    was_out = renamed.new_status in READABLE
    if was_out and post.published_at and post.published_at <= renamed.created_at:
        return True
    if post.published_at and renamed.created_at < post.published_at <= timezone.now():
        # Its moment came, whether or not anybody had told of that before it was taken back.
        return True
    return post.log.filter(pk__gt=renamed.pk, act__in=SHOWING).exists()
