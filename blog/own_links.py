"""Where links in a text lead that stay on this site: what is there, for a reader who follows them.

Asked for all at once: each kind of target costs one query, however many links there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from blog.models import (
    Attachment,
    Category,
    FormerSlug,
    OldAddress,
    Picture,
    Post,
    PostQuerySet,
    PostStatus,
    Rendition,
    Series,
    SlugKind,
    Tag,
)
from blog.old_paths import candidates

# What more there is of is not looked for: nobody mends so many at once.
MOST_TARGETS = 300
MOST_TEXTS = 20
READABLE = frozenset([PostStatus.UNLISTED, PostStatus.ARCHIVED])
POSTS = frozenset(["post", "page"])
# view -> the rows that it shows by a slug, and what a former slug of them is filed under.
LABELS: dict[str, tuple[Any, str]] = {
    "tag": (Tag, SlugKind.TAG),
    "category": (Category, SlugKind.CATEGORY),
    "series": (Series, SlugKind.SERIES),
    "author": (get_user_model(), SlugKind.AUTHOR),
}
# Of a post's page, whatever its text is.
PAGE_ANCHORS = ("comment", "respond", "thread", "discussion", "content", "fn")


@dataclass(frozen=True)
class Trouble:
    """A link, and what a reader finds there. `is_hard`: nothing."""

    href: str
    why: str
    is_hard: bool = True


@dataclass(frozen=True)
class _Target:
    href: str
    parts: SplitResult
    view: str
    slug: str


def troubles(
    hrefs: Iterable[str], hosts: frozenset[str], anchors: set[str], known: PostQuerySet
) -> list[Trouble]:
    """Return the links that do not lead where their author means.

    `hosts`: under which this site is asked for. `anchors`: of the text itself. `known`: the posts
    that the author may know of besides those that are everybody's; of others nothing is told.
    Queries: up to 15, however many links there are.
    """
    found: list[Trouble] = []
    targets: list[_Target] = []
    for href in list(dict.fromkeys(hrefs))[:MOST_TARGETS]:
        if href.startswith("#"):
            found += _within(href, anchors)
        elif (parts := own_address(href, hosts)) is not None:
            targets.append(_target(href, parts))
    found += _posts(targets, known.order_by())
    return found + [trouble for look in LOOKS for trouble in look(targets)]


def own_address(href: str, hosts: frozenset[str]) -> SplitResult | None:
    """Return the parts of an address on this site; None for one elsewhere."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    if parts.scheme not in {"", "http", "https"} or (parts.netloc and parts.netloc not in hosts):
        return None
    return parts if parts.path.startswith("/") else None


def _within(href: str, anchors: set[str]) -> list[Trouble]:
    anchor = unquote(href[1:])
    if not anchor or anchor in anchors or anchor.startswith(PAGE_ANCHORS):
        return []
    return [Trouble(href, _("there is no such place in this text"))]


def _target(href: str, parts: SplitResult) -> _Target:
    path = unquote(parts.path)
    if path.startswith(settings.MEDIA_URL):
        return _Target(href, parts, "media", path.removeprefix(settings.MEDIA_URL))
    if path.startswith(settings.STATIC_URL):
        return _Target(href, parts, "", "")
    for each in (path, f"{path}/"):
        try:
            match = resolve(each)
        except (Resolver404, ValueError):
            continue
        view = match.url_name if match.app_names == ["blog"] else ""
        return _Target(href, parts, view or "", str(match.kwargs.get("slug", "")))
    return _Target(href, parts, "nowhere", "")


# --- a look for each kind of target -------------------------------------------------------------


def _posts(targets: list[_Target], known: PostQuerySet) -> list[Trouble]:
    wanted = [target for target in targets if target.view in POSTS]
    if not wanted:
        return []
    columns = ("slug", "kind", "status", "published_at")
    everybodys = Post.objects.readable().order_by()
    told_of = Q(pk__in=everybodys.values("pk")) | Q(pk__in=known.values("pk"))
    rows = Post.objects.filter(told_of, slug__in={target.slug for target in wanted}).only(*columns)
    posts = {(row.kind, row.slug): row for row in rows}
    missing = [target for target in wanted if (target.view, target.slug) not in posts]
    there = [
        (target, posts[key]) for target in wanted if (key := (target.view, target.slug)) in posts
    ]
    told = [_of_post(target, post) for target, post in there]
    return [each for each in told if each] + _moved(missing, SlugKind.POST) + _places(there, known)


def _of_post(target: _Target, post: Post) -> Trouble | None:
    if post.is_published() or post.status in READABLE:
        return None
    if post.is_scheduled():
        return Trouble(target.href, _("that post is not public yet"), is_hard=False)
    why = _("readers do not find that post: it is %(state)s")
    return Trouble(target.href, why % {"state": post.get_status_display()})


def _places(there: list[tuple[_Target, Post]], known: PostQuerySet) -> list[Trouble]:
    """Look for the places within other posts, as far as their texts are to be read."""
    named = [
        (target, post) for target, post in there if target.parts.fragment.startswith("section-")
    ]
    keys = {post.pk for _target, post in named[:MOST_TEXTS]}
    if not keys:
        return []
    read = Post.objects.filter(Q(password="") | Q(pk__in=known.values("pk")), pk__in=keys)
    texts = dict(read.values_list("pk", "body_html"))
    why = _("that post has no such place any more")
    return [
        Trouble(target.href, why, is_hard=False)
        for target, post in named
        if post.pk in texts and f'id="{unquote(target.parts.fragment)}"' not in texts[post.pk]
    ]


def _labels(targets: list[_Target]) -> list[Trouble]:
    found: list[Trouble] = []
    for view, (model, kind) in LABELS.items():
        wanted = [target for target in targets if target.view == view]
        if wanted:
            slugs = {target.slug for target in wanted}
            rows = model._default_manager.filter(slug__in=slugs)
            known = set(rows.values_list("slug", flat=True))
            found += _moved([target for target in wanted if target.slug not in known], kind)
    return found


def _moved(missing: list[_Target], kind: str) -> list[Trouble]:
    """Tell of addresses that lead on, and of those that lead nowhere."""
    if not missing:
        return []
    slugs = {target.slug for target in missing}
    former = FormerSlug.objects.filter(kind=kind, slug__in=slugs)
    led_on = set(former.values_list("slug", flat=True))
    moved, gone = _("it has another address now"), _("there is nothing at this address")
    return [
        Trouble(each.href, moved if each.slug in led_on else gone, is_hard=each.slug not in led_on)
        for each in missing
    ]


def _files(targets: list[_Target]) -> list[Trouble]:
    wanted = [target for target in targets if target.view == "media"]
    missing = {target.slug for target in wanted}
    for model in (Picture, Attachment, Rendition):
        if missing:
            rows = model._default_manager.filter(file__in=missing)
            missing -= set(rows.values_list("file", flat=True))
    why = _("there is no such file")
    return [Trouble(target.href, why) for target in wanted if target.slug in missing]


def _nowhere(targets: list[_Target]) -> list[Trouble]:
    """Look among addresses of other days, and tell of those that nothing answers."""
    wanted = {
        target: candidates(target.parts.path, target.parts.query)
        for target in targets
        if target.view == "nowhere"
    }
    if not wanted:
        return []
    paths = {path for paths in wanted.values() for path in paths}
    readable = Post.objects.readable().order_by().values("pk")
    rows = OldAddress.objects.filter(path__in=paths, post__in=readable)
    led_on = set(rows.values_list("path", flat=True))
    why = _("there is nothing at this address")
    return [Trouble(each.href, why) for each, paths in wanted.items() if not led_on & set(paths)]


LOOKS: tuple[Callable[[list[_Target]], list[Trouble]], ...] = (_labels, _files, _nowhere)
