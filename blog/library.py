"""The pictures that somebody may use: found, counted by use, shown again when changed, removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from blog import media, policy, publishing
from blog.models import Picture, Post
from blog.publishing.picture_uses import is_named_anywhere, posts_showing
from blog.states import OUT

A_PAGE = 24
MOST_POSTS = 50
SEARCHED = ("alt", "caption", "credit", "file")


class InUse(Exception):
    """A post shows the picture, so it stays."""


@dataclass(frozen=True)
class LibraryPage:
    """Some pictures, newest first. Shape: `next_after` is the key to go on from, if there are more.

    Each has `copies`, `post_count` (posts that show it) and `out_count` (of them, not drafts).
    """

    pictures: list[Picture]
    next_after: int | None


def page_of(user: Any, *, words: str = "", only: str = "", after: int | None = None) -> LibraryPage:
    """Return a page of the pictures that this person may use. Queries: 3 at most."""
    found = policy.pictures_of(user)
    for word in words.split()[:8]:
        found = found.filter(_says(word))
    if only == "unused":
        found = found.filter(posts=None, attachments=None)
    if only == "silent":
        found = found.filter(alt="", is_decorative=False)
    newest = _after(found, after).order_by("-created_at", "-pk")
    # Keys alone are sorted: what is counted and read along with each would be for all of them.
    keys = list(newest.values_list("pk", flat=True)[: A_PAGE + 1])
    is_more = len(keys) > A_PAGE
    return LibraryPage(_with_facts(keys[:A_PAGE]), keys[A_PAGE - 1] if is_more else None)


def _with_facts(keys: list[int]) -> list[Picture]:
    pictures = _counted(Picture.objects.filter(pk__in=keys).with_copies())
    return list(pictures.select_related("uploader").order_by("-created_at", "-pk"))


def _says(word: str) -> Q:
    says = Q()
    for name in SEARCHED:
        says |= Q(**{f"{name}__icontains": word})
    return says


def _after(pictures: QuerySet[Picture], pk: int | None) -> QuerySet[Picture]:
    at = Picture.objects.filter(pk=pk).values_list("created_at", flat=True).first() if pk else None
    if at is None:
        return pictures
    return pictures.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))


def _counted(pictures: QuerySet[Picture]) -> QuerySet[Picture]:
    uses: Any = Post.pictures.through.objects
    mine = uses.filter(picture=OuterRef("pk")).order_by().values("picture")
    every = mine.annotate(n=Count("post")).values("n")
    out = mine.filter(post__status__in=OUT).annotate(n=Count("post")).values("n")
    return pictures.annotate(
        post_count=Coalesce(Subquery(every), 0), out_count=Coalesce(Subquery(out), 0)
    )


@dataclass(frozen=True)
class Uses:
    """Where a picture is shown. Shape: `posts` are those that this person may read, at most
    MOST_POSTS; each has `is_shown`: false where only the draft of its next version shows it.
    """

    posts: Sequence[Post]
    others: int
    is_imported: bool

    @property
    def is_any(self) -> bool:
        return bool(self.posts or self.others or self.is_imported)


def uses_of(picture: Picture, user: Any) -> Uses:
    """Return where a picture is used, as far as this person may know. Queries: 3."""
    posts = posts_showing(picture)
    itself = Q(cover=picture.pk) | Q(body__contains=str(picture.file))
    shown = ExpressionWrapper(itself, output_field=BooleanField())
    readable = policy.readable_by(user).filter(pk__in=posts.values("pk"))
    readable = readable.annotate(is_shown=shown).order_by("-updated_at", "-pk")
    listed = list(readable.only("title", "slug", "kind", "status", "published_at")[:MOST_POSTS])
    is_imported = picture.attachments.exists()
    return Uses(listed, posts.count() - len(listed), is_imported)


def remove_unused(picture: Picture) -> None:
    """Remove a picture that no post shows, not even in a draft of its next version.

    One that came with an import stays, too: its old address leads to it.

    Raises: InUse.
    """
    with transaction.atomic():
        locked = Picture.objects.select_for_update().get(pk=picture.pk)
        if is_named_anywhere(locked) or locked.attachments.exists():
            raise InUse
        media.delete(locked)


def remove(picture: Picture) -> None:
    """Remove a picture whatever shows it; the posts that did are other pages then."""
    with transaction.atomic():
        keys = list(posts_showing(picture).values_list("pk", flat=True))
        media.delete(picture)
        publishing.typeset_again(keys)
