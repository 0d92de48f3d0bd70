"""Labels and authors of posts, changed from outside their texts: many at once from the list.

A label changes in the post and in what is written beside it alike, so that neither loses the
other's words; nothing is typeset anew.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import policy
from blog.models import Act, Post, RevisionKind, WorkingCopy
from blog.publishing.addresses import keep_known, leave_series
from blog.publishing.around import keep_thread_true, locked
from blog.publishing.labels import parse_tags
from blog.publishing.log import note_act
from blog.publishing.revisions import record, record_before
from blog.publishing.texts import races_told, store_lists
from blog.words import Words, differing, unpacked, words_of, working_copy_of

LABELS = frozenset(["tags", "categories", "series", "series_position"])


def relabel(post: Post, change: Callable[[Words], Words], *, actor: Any, reason: str = "") -> bool:
    """Change labels of a post; return whether anything changed. Raises: ValidationError.

    `change`: gives the new values of LABELS to words that had others.
    """
    with races_told(), transaction.atomic():
        current = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
        _ask_again(actor, post, current)
        copy, own = working_copy_of(current), words_of(current)
        fresh = _changed(own, change)
        of_copy = _changed(copy.words, change) if copy else fresh
        if not differing(own, fresh) and not (copy and differing(copy.words, of_copy)):
            return False
        record_before(current, own)
        _write_labels(current, fresh, differing(own, fresh))
        record(current, words_of(current), RevisionKind.SAVE, actor=actor, reason=reason)
        if copy is not None:
            _write_beside(copy, of_copy, is_same=not differing(of_copy, fresh))
    return True


def _ask_again(actor: Any, judged: Post, post: Post) -> None:
    """Refuse what was allowed of a draft that readers read by now, where it is not any more."""
    if post.status != judged.status and not policy.may_write(actor, post):
        raise ValidationError(_("The post went elsewhere meanwhile, and is not yours to change."))


def _changed(words: Words, change: Callable[[Words], Words]) -> Words:
    new = change(words)
    if unknown := new.keys() - LABELS:
        raise TypeError(f"These are no labels: {', '.join(sorted(unknown))}.")
    if "tags" in new:
        new["tags"] = parse_tags(new["tags"])
    return words | new


def _write_labels(post: Post, words: Words, names: list[str]) -> None:
    fields, old_series = unpacked({name: words[name] for name in names}), post.series_id
    for name in fields.keys() & {"series", "series_position"}:
        setattr(post, name, fields[name])
    post.version += 1
    post.text_version += 1
    post.updated_at = timezone.now()
    columns = ["series", "series_position", "version", "text_version", "updated_at"]
    post.save(update_fields=columns)
    store_lists(post, {name: fields[name] for name in fields.keys() & {"tags", "categories"}})
    leave_series(post, old_series)


def _write_beside(copy: WorkingCopy, words: Words, *, is_same: bool) -> None:
    """Whoever wrote it, and when, stays as it was: a label is no reason to call it newer."""
    if is_same:
        copy.delete()
        return
    copy.words = words
    copy.save(update_fields=["words"])


def hand_over(post: Post, author: Any, *, actor: Any) -> bool:
    """Make a post another person's, discussion and all; return whether it was not."""
    with transaction.atomic():
        current = locked(post)
        before = current.author
        if before.pk == author.pk:
            return False
        if not author.is_active:
            raise ValidationError(_("This account is closed."))
        # Whose it is is no word of it: who has it open finds no conflict.
        Post.objects.filter(pk=current.pk).update(author=author, version=F("version") + 1)
        current.refresh_from_db()
        current.coauthors.remove(author)
        keep_known(current, [before])
        keep_thread_true(current)
        names = f"{before.get_short_name()} → {author.get_short_name()}"
        note_act(Act.HAND_OVER, current, actor=actor, detail=names)
    return True
