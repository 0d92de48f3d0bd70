"""Posts as they come from elsewhere, for tests of what readers see of them."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from blog.models import Post, PostKind, PostStatus, Tag
from blog.publishing import receive
from comments.models import Markup

_numbers = count(1)


def _scheduled() -> dict[str, Any]:
    return {"published_at": timezone.now() + timedelta(hours=1)}


# state -> the fields that make it. All but READ are not to be seen by readers.
STATES: dict[str, Callable[[], dict[str, Any]]] = {
    "published": dict,
    "unlisted": lambda: {"status": PostStatus.UNLISTED},
    "archived": lambda: {"status": PostStatus.ARCHIVED},
    "draft": lambda: {"status": PostStatus.DRAFT},
    "review": lambda: {"status": PostStatus.REVIEW},
    "private": lambda: {"status": PostStatus.PRIVATE},
    "trash": lambda: {"status": PostStatus.TRASH},
    "scheduled": _scheduled,
}
READ = ["published", "unlisted", "archived"]
HIDDEN = [state for state in STATES if state not in READ]


def receive_post(
    author: Any,
    *,
    tags: Any = (),
    categories: Any = (),
    password: str = "",
    published_in: timedelta = timedelta(days=-1),
    **fields: Any,
) -> Post:
    """Store a public post as it comes from elsewhere; `published_in` counts from now."""
    defaults: dict[str, Any] = {
        "title": f"Received {next(_numbers)}",
        "kind": PostKind.POST,
        "body": "<p>A received text.</p>",
        "markup": Markup.HTML,
        "status": PostStatus.PUBLISHED,
        "published_at": timezone.now() + published_in,
        "password": make_password(password) if password else "",
    }
    post = Post(author=author, **defaults | fields)
    named = [Tag.objects.get_or_create(name=name, slug=name)[0] for name in tags]
    return receive(post, tags=named, categories=categories)


def received_again(post: Post, **fields: Any) -> Post:
    """Store a post that came from elsewhere once more, changed there meanwhile."""
    post = Post.objects.select_related("thread").get(pk=post.pk)
    for name, value in fields.items():
        setattr(post, name, value)
    return receive(post, tags=list(post.tags.all()), categories=list(post.categories.all()))


def put_into(post: Post, state: str) -> Post:
    """Bring a received post into one of STATES."""
    return received_again(post, **STATES[state]())
