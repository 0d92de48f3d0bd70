"""What readers see of a post made anew, though nobody wrote in it: its text stays as it is.

When a picture has other words or more copies, and when typesetting itself has changed. The text's
own version and date stay, so that no author finds a conflict.
"""

import logging
import time
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from blog.markup import MARKUP_VERSION
from blog.models import Picture, Post
from blog.publishing.picture_uses import keep_uses_true, posts_showing
from blog.publishing.texts import typeset

logger = logging.getLogger("parley.publishing")

DERIVED = ("body_html", "author_note_html", "source_line_html", "reading_minutes")
RENEWED_A_LOOK = 50
SECONDS_A_LOOK = 5.0

# Of this process: whether it has seen that every post is typeset as it would do it.
_is_all_new = False


def show_again(picture: Picture) -> None:
    """Typeset the posts whose text shows a picture; tell caches that all that show it are others.

    A cover stands in no text, and one picture may be that of very many.
    """
    showing = posts_showing(picture)
    # An address may be written in several ways, of which its last part is the same in all.
    in_text = Q(body__contains=str(picture.file).rpartition("/")[2])
    others = showing.exclude(in_text).values("pk")
    Post.objects.filter(pk__in=others).update(version=F("version") + 1)
    typeset_again(showing.filter(in_text).values_list("pk", flat=True))


def typeset_again(keys: Iterable[int], *, always: bool = True) -> None:
    """Typeset posts one by one. Not `always`: those that come out the same stay what they are."""
    for key in sorted(keys):
        with transaction.atomic():
            post = Post.objects.select_for_update(of=("self",)).filter(pk=key).first()
            if post is not None:
                _typeset(post, always=always)


def _typeset(post: Post, *, always: bool) -> None:
    before = [getattr(post, name) for name in DERIVED]
    try:
        typeset(post)
    except ValidationError:  # by rules that are younger than the post; what readers have stays
        logger.exception("The post %s could not be typeset again.", post.pk)
        for name, value in zip(DERIVED, before, strict=True):
            setattr(post, name, value)
        post.markup_version = MARKUP_VERSION
    post.version += always or before != [getattr(post, name) for name in DERIVED]
    post.save(update_fields=[*DERIVED, "markup_version", "version"])
    keep_uses_true(post)


def renew_outdated() -> int:
    """Typeset some posts that an older version of this site has typeset; return how many.

    Once there are none, this process does not ask again: what it stores is new.
    """
    global _is_all_new
    if _is_all_new:
        return 0
    outdated = Post.objects.filter(markup_version__lt=MARKUP_VERSION).order_by("pk")
    keys = list(outdated.values_list("pk", flat=True)[:RENEWED_A_LOOK])
    _is_all_new = not keys
    until = time.monotonic() + SECONDS_A_LOOK
    for number, key in enumerate(keys, start=1):
        typeset_again([key], always=False)
        if time.monotonic() > until:
            return number
    return len(keys)
