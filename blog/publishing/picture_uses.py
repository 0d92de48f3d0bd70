"""Which pictures a post shows or is about to show: Post.pictures, kept true in each act.

Its text and cover count, what is written beside it, and what is scheduled to become it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from blog.markup_pictures import file_name
from blog.models import Picture, Post, ScheduledChange, WorkingCopy


def keep_uses_true(post: Post) -> None:
    """Write down which pictures a stored post shows. Queries: 4, and 1 or 2 when they changed."""
    words = list(_words_beside(post))
    texts = [post.body, *(each.get("body", "") for each in words)]
    covers = {post.cover_id, *(each.get("cover") for each in words)} - {None}
    post.pictures.set(_pictures(texts, covers))


def keep_uses_true_if_changed(post: Post, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Do so when other pictures are named than before: most of what is typed names none."""
    if _named(old) != _named(new):
        keep_uses_true(post)


def names_in(text: str) -> set[str]:
    """Return the file names of our own media that a text, Markdown or HTML, speaks of."""
    if settings.MEDIA_URL not in text:
        return set()
    addresses = re.findall(rf"{re.escape(settings.MEDIA_URL)}[\w./%-]{{1,250}}", text)
    # A full stop behind an address is the sentence's.
    return {file_name(address).rstrip(".") for address in addresses}


def posts_showing(picture: Picture) -> QuerySet[Post]:
    """Return the posts that show a picture, or will by what is written beside them."""
    through: Any = Post.pictures.through
    noted = through.objects.filter(picture=picture.pk).values("post")
    return Post.objects.filter(Q(pk__in=noted) | Q(cover=picture.pk))


def is_named_anywhere(picture: Picture) -> bool:
    """Look into the texts themselves: before something is thrown away nothing may be missed."""
    name = str(picture.file)
    return (
        posts_showing(picture).exists()
        or Post.objects.filter(body__contains=name).exists()
        or WorkingCopy.objects.filter(words__body__icontains=name).exists()
        or ScheduledChange.objects.filter(revision__words__body__icontains=name).exists()
    )


def _words_beside(post: Post) -> Iterator[dict[str, Any]]:
    yield from WorkingCopy.objects.filter(post=post.pk).values_list("words", flat=True)
    scheduled = ScheduledChange.objects.filter(post=post.pk)
    yield from (change.revision.words for change in scheduled.select_related("revision"))


def _pictures(texts: Iterable[str], covers: set[Any]) -> QuerySet[Picture]:
    names = set().union(*map(names_in, texts))
    if not names and not covers:
        return Picture.objects.none()
    return Picture.objects.filter(Q(file__in=names) | Q(pk__in=covers)).only("pk")


def _named(words: dict[str, Any]) -> tuple[set[str], Any]:
    return names_in(words.get("body") or ""), words.get("cover")
