"""The addresses of authors' pages: what accounts/ asks for, by the paths that the settings name."""

from typing import Any

from django.utils import timezone

from blog.models import Post, PostKind
from blog.publishing.addresses import give_up, refuse_slug


def check_slug(user: Any, slug: str) -> None:
    """Refuse a short name under which somebody else published. Raises: ValidationError on `slug`.

    Queries: 1 or 2.
    """
    refuse_slug(user, slug)


def when_renamed(user: Any, old_slug: str) -> None:
    """Let the page that an author had lead to the one they have. Queries: up to 4."""
    posts = Post.objects.of(user).filter(kind=PostKind.POST)
    was_public = posts.filter(first_public_at__lte=timezone.now()).exists()
    give_up(user, old_slug, was_public=was_public)
