"""Links under which an outsider reads a draft: signed, of limited life, and to be taken back.

The address holds the post's number and the link's key under a signature, so that no guess asks the
database anything; the row says whether it still opens. Whatever is wrong with one, the answer is
the same: that there is nothing.
"""

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from blog import policy
from blog.models import Post, ShareLink

SALT = "blog.share"
MOST_OF_A_POST = 100


def make_link(
    post: Post, *, maker: Any, expires_at: datetime, label: str, takes_notes: bool
) -> ShareLink:
    return ShareLink.objects.create(
        post=post, maker=maker, expires_at=expires_at, label=label, takes_notes=takes_notes
    )


def revoke(link: ShareLink) -> None:
    """Close a link for good. Twice is once."""
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def links_to(post: Post) -> QuerySet[ShareLink]:
    return post.share_links.select_related("maker", "post")


def is_full(post: Post) -> bool:
    """Tell whether there are as many open links as anybody keeps an eye on. Queries: 1."""
    live = post.share_links.filter(revoked_at=None, expires_at__gt=timezone.now())
    return live.count() >= MOST_OF_A_POST


def address_of(link: ShareLink) -> str:
    return reverse("blog:shared", args=[_signer().sign(f"{link.post_id}.{link.key}")])


def opened_by(token: str) -> ShareLink | None:
    """Return the link that an address is of, with its post, if it opens. Queries: up to 4."""
    try:
        number, _dot, key = _signer().unsign(token).partition(".")
    except signing.BadSignature:
        return None
    links = ShareLink.objects.select_related("post__author", "post__cover", "post__thread", "maker")
    found = links.filter(post=int(number), key=key).first()
    return found if found is not None and found.is_live() and is_backed(found) else None


def is_backed(link: ShareLink) -> bool:
    """Tell whether whoever made a link could still make it: nobody shows what they may not see.

    Who left, or writes there no more, or has it in the trash, shows it to nobody else either.
    """
    return link.maker is not None and policy.may_share(link.maker, link.post)


def count_opening(link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(
        opened_count=F("opened_count") + 1, opened_at=timezone.now()
    )


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)
