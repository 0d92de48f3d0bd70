"""Two people wrote from the same text: neither loses a word, whatever becomes of the post.

What they are shown and may do about it is blog/room/conflict.py's; the merge itself is a pure
matter of merging.py.
"""

from typing import Any

from django.db import transaction

from blog.models import Post, Revision, RevisionKind
from blog.publishing.copies import check_size
from blog.publishing.revisions import NEVER_THE_POSTS, as_of, record, record_before, record_kept
from blog.words import Words, packed, words_of, working_copy_of


def set_aside(post: Post, fields: dict[str, Any], *, actor: Any, seen_version: int) -> Revision:
    """Keep in the history what could not be saved, and what stands in its way. Twice is once.

    The post stays as it is, and so does its version: nobody's words changed.

    Raises: ValidationError by field for what no row can hold.
    """
    with transaction.atomic():
        current = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
        own, copy = words_of(current), working_copy_of(current)
        record_before(current, own)
        if copy is not None:
            record_kept(current, copy, text_version=current.text_version)
        latest = copy.words if copy else own
        mine = latest | _written_in(current, seen_version, latest) | packed(fields)
        check_size(fields, mine["markup"])
        for each in current.revisions.order_by("-number")[:2]:
            if each.words == mine and each.actor_id == actor.pk:
                return each
        kept = RevisionKind.KEPT
        return record(current, mine, kept, actor=actor, text_version=NEVER_THE_POSTS)


def _written_in(post: Post, seen_version: int, latest: Words) -> Words:
    """Return what the sender's text is written in: it may have been converted since they began."""
    before = None if seen_version == post.text_version else as_of(post, seen_version)
    return {"markup": (before.words if before else latest)["markup"]}
