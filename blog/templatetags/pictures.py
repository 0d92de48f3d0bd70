"""Pictures in templates: `{% picture %}`, the same <picture> as in texts."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from blog.markup_pictures import (
    SIZES,
    THUMB_SIZES,
    as_html,
    caption_of,
    image_of,
    shown,
    sources_of,
)
from blog.models import Picture, Post

register = template.Library()

FIRST = {"fetchpriority": "high", "decoding": "async"}
LATER = {"loading": "lazy", "decoding": "async"}


@register.simple_tag
def cover(post: Post, alt: str | None = None) -> SafeString:
    """Show a post's cover before all other pictures. Without `alt` it has its own."""
    if post.cover is None:
        return SafeString()
    copies = getattr(post, "cover_copies", None)
    if not hasattr(post, "cover_copies"):  # not stored, or read for something else
        copies = post.cover.renditions.values("format", "width", "file")
    return _picture(post.cover, copies, alt, SIZES, FIRST)


@register.simple_tag
def thumbnail(picture: Picture, alt: str | None = None) -> SafeString:
    """Show a picture that was read with_copies() in a row of others."""
    return _picture(picture, picture.copies, alt, THUMB_SIZES, LATER)  # type: ignore[attr-defined]


def _picture(
    picture: Picture, copies: Any, alt: str | None, sizes: str, more: dict[str, str]
) -> SafeString:
    seen = shown(picture, copies)
    image = image_of(seen.address, seen.alt if alt is None else alt, seen, sizes) | more
    return as_html(sources_of(seen, sizes), image)


@register.simple_tag
def beneath(picture: Picture) -> SafeString:
    """Show caption and credit of a picture, if it has any."""
    return caption_of(picture.caption, picture.credit)
