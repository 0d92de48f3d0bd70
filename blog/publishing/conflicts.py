"""Two people wrote from the same text: neither loses a word, whatever becomes of the post.

What they are shown and may do about it is blog/room/conflict.py's; the merge itself is a pure
matter of merging.py.
"""

from typing import Any

from django.db import transaction

from blog.models import Post, Revision, RevisionKind
from blog.publishing.copies import check_size
from blog.publishing.revisions import NEVER_THE_POSTS, record, record_before, record_kept
from blog.words import packed, words_of, working_copy_of


def set_aside(post: Post, fields: dict[str, Any], *, actor: Any) -> Revision:
    """Keep in the history what could not be saved, and what stands in its way. Twice is once.

    The post stays as it is, and so does its version: nobody's words changed.

    Raises: ValidationError by field for what no row can hold.
    """
    check_size(fields, post.markup)
    with transaction.atomic():
        current = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
        own, copy = words_of(current), working_copy_of(current)
        mine = (copy.words if copy else own) | packed(fields)
        record_before(current, own)
        if copy is not None:
            record_kept(current, copy, text_version=current.text_version)
        for each in current.revisions.order_by("-number")[:2]:
            if each.words == mine:
                return each
        kept = RevisionKind.KEPT
        return record(current, mine, kept, actor=actor, text_version=NEVER_THE_POSTS)
