"""A post's text: started, saved into the post, judged and typeset.

What is written beside a post that is out stands in copies.py, the status in moving.py.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from blog import markup, policy
from blog.markup_html import render_html
from blog.models import Act, Post, RevisionKind, ScheduledChange, validate_note
from blog.publishing.addresses import (
    follow_rename,
    keep_feed_id,
    keep_known,
    leave_series,
    refuse_slug,
    was_ever_public,
)
from blog.publishing.around import keep_thread_true, thread_facts
from blog.publishing.labels import free_slug, parse_tags, slug_stem, tags_named
from blog.publishing.log import note_act
from blog.publishing.picture_uses import keep_uses_true
from blog.publishing.revisions import record, record_before, record_kept
from blog.states import OUT
from blog.words import FIELDS, latest_words, unpacked, words_of, working_copy_of
from comments.models import Markup, Thread

WORDS_A_MINUTE = 220
UNTITLED = "untitled"
# What an author writes; everything else about a post follows from it or from an act.
WRITTEN = frozenset(FIELDS)
# Of what is written: lists of other rows, stored beside the post's own.
LISTS = ("tags", "categories", "coauthors")


class StalePost(Exception):
    """The post is no longer what its author had before them; nothing was written.

    Shape: `post` as it stands now.
    """

    def __init__(self, post: Post, seen_version: int) -> None:
        super().__init__(f"Post {post.pk} is at text {post.text_version}, not {seen_version}.")
        self.post = post
        self.seen_version = seen_version


def create_draft(author: Any, *, creation_key: str | None = None, **fields: Any) -> Post:
    """Start a post that only its author sees, with its thread. An empty slug follows the title.

    `creation_key`: what is started twice under one key is refused the second time.

    Raises: ValidationError by field.
    """
    post = Post(author=author, creation_key=creation_key)
    lists = assign(post, fields)
    with races_told(), transaction.atomic():
        post.thread = Thread.objects.create(**thread_facts(post))
        post.save()
        refuse_slug(post)
        store_lists(post, lists)
        keep_uses_true(post)
        note_act(Act.START, post, actor=author)
    return post


def save(
    post: Post,
    fields: dict[str, Any],
    *,
    actor: Any,
    seen_version: int,
    kind: RevisionKind = RevisionKind.SAVE,
    reason: str = "",
    restored_from: int | None = None,
) -> Post:
    """Write new `fields` into a post whose text is still at `seen_version`; return it as it is now.

    Of a post that is out, readers see it at once. What was written beside it is part of what the
    author had before them, and gives way.

    Raises: StalePost; ValidationError by field.
    """
    with races_told(), transaction.atomic():
        current = claimed(post, seen_version)
        if current.status in OUT and post.status not in OUT:
            # Published in this very moment: who writes in a draft does not write to readers.
            current.text_version = seen_version
            raise StalePost(current, seen_version)
        fields = open_to(actor, current, fields)
        record_before(current, words_of(current))
        _give_way(current, actor)
        write_into(current, fields, actor=actor)
        words = words_of(current)
        record(current, words, kind, actor=actor, reason=reason, restored_from=restored_from)
    return current


def _give_way(post: Post, actor: Any) -> None:
    """Remove what was written beside a post; what somebody else wrote there, into its history.

    What was planned for later was planned of an older text: it would overwrite this one.
    """
    drop_plan(post, actor=actor)
    copy = working_copy_of(post)
    if copy is None:
        return
    if copy.editor_id != getattr(actor, "pk", None):
        record_kept(post, copy, text_version=post.text_version - 1)
    copy.delete()


def drop_plan(post: Post, *, actor: Any) -> bool:
    """Take scheduled changes of a held post off the plan; return whether there were any."""
    is_dropped = bool(ScheduledChange.objects.filter(post=post).delete()[0])
    if is_dropped:
        note_act(Act.UNSCHEDULE_CHANGE, post, actor=actor)
    return is_dropped


def open_to(actor: Any, post: Post, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with who writes along as it stands, where that is not the actor's to say.

    The one thing that is asked again here: words come by many ways, forms, merges, older texts,
    files, and each brings the whole text. Queries: 0, for who may not say it up to 6.
    """
    if actor is None or "coauthors" not in fields or policy.may_choose_coauthors(actor, post):
        return fields
    return fields | unpacked({"coauthors": latest_words(post)["coauthors"]})


def write_into(current: Post, fields: dict[str, Any], *, actor: Any) -> None:
    """Write fields into a post that the caller has locked. Raises: ValidationError by field."""
    old_slug, old_series = current.slug, current.series_id
    lists = assign(current, fields)
    keep_feed_id(current, old_slug)
    current.version += 1
    current.updated_at = timezone.now()
    current.save()
    if current.slug != old_slug:
        # Once it is stored: whoever gave this address up in the same moment was waited for.
        refuse_slug(current)
        follow_rename(current, old_slug, actor=actor)
    store_lists(current, lists)
    leave_series(current, old_series)
    keep_uses_true(current)
    keep_thread_true(current)


def typeset(post: Post) -> None:
    """Derive from a post's text all that pages show of it. Saves nothing.

    Raises: ValidationError by field.
    """
    render = render_html if post.markup == Markup.HTML else markup.render_body
    try:
        post.body_html = render(post.body)
    except ValidationError as error:
        raise ValidationError({"body": error}) from error
    post.author_note_html = markup.render_note(post.author_note)
    post.source_line_html = markup.render_line(post.source_line)
    post.markup_version = markup.MARKUP_VERSION
    words = markup.words_in(post.body_html)
    post.reading_minutes = min(max(1, math.ceil(words / WORDS_A_MINUTE)), 32_767)


def typeset_unjudged(post: Post) -> None:
    """Typeset what was judged by nothing but its size: the parsers rely on the caps. Saves nothing.

    Raises: ValidationError by field, or of the note.
    """
    post.clean()
    validate_note(post.author_note)
    typeset(post)


def assign(post: Post, fields: dict[str, Any]) -> dict[str, list[Any]]:
    """Put the fields into the post, judge and typeset it; return its lists, to be stored after it.

    A draft may be without a title; what readers see or are about to may not.
    """
    if unknown := fields.keys() - WRITTEN:
        raise TypeError(f"A post's author does not write: {', '.join(sorted(unknown))}.")
    old_slug, old_title = post.slug, post.title
    for name in fields.keys() - set(LISTS):
        setattr(post, name, fields[name])
    post.slug = _slug_of(post, old_slug, old_title)
    judge(post)
    typeset(post)
    lists = {name: list(fields[name]) for name in LISTS if name in fields}
    if "tags" in lists:
        lists["tags"] = parse_tags(lists["tags"])
    return lists


def judge(post: Post) -> None:
    """Refuse what cannot be stored, and of a post that is out what must not be shown.

    Raises: ValidationError by field.
    """
    derived = ["author", "thread", "cover", "creation_key", "series"]
    post.full_clean(exclude=derived, validate_constraints=False)
    if post.status in OUT and not post.title.strip():
        raise ValidationError({"title": needs_a_title()})


def needs_a_title() -> str:
    return _("Give the post a title before you publish.")


def store_lists(post: Post, lists: dict[str, list[Any]]) -> None:
    if "tags" in lists:
        _store_list(post, "tags", tags_named(lists["tags"]))
    if "categories" in lists:
        _store_list(post, "categories", lists["categories"])
    if "coauthors" in lists:
        # Whoever was one when this was written may have become its author since.
        others = [person for person in lists["coauthors"] if person.pk != post.author_id]
        _store_list(post, "coauthors", others)


def _store_list(post: Post, name: str, rows: list[Any]) -> None:
    if was_ever_public(post):
        keep_known(post, {*getattr(post, name).all()} - {*rows})
    getattr(post, name).set(rows)


def claimed(post: Post, seen_version: int) -> Post:
    """Raise the version of a text that is still at `seen_version`, and lock it by doing so.

    Raises: StalePost.
    """
    same = Post.objects.filter(pk=post.pk, text_version=seen_version)
    claim = same.update(text_version=F("text_version") + 1)
    current = Post.objects.select_related("thread", "author", "cover").get(pk=post.pk)
    if not claim:
        raise StalePost(current, seen_version)
    return current


@contextmanager
def races_told() -> Iterator[None]:
    """Tell of an address or a tag that somebody else took in the same moment."""
    try:
        yield
    except IntegrityError as error:
        raise ValidationError(
            _("Somebody took this address or made one of these tags just now. Please send again.")
        ) from error


# --- the address ----------------------------------------------------------------------------


def first_published(post: Post) -> datetime | None:
    """Return when a post was public first. A date that has not come yet is none."""
    date = post.published_at
    return date if date is not None and date <= timezone.now() else None


def _slug_of(post: Post, old_slug: str, old_title: str) -> str:
    """Return the address a post asks for, or one that follows its title.

    Where readers know it, it changes only if somebody says so.
    """
    if was_ever_public(post) or first_published(post) is not None:
        return post.slug or old_slug
    follows = post.slug == old_slug and is_derived(old_slug, old_title)
    if post.slug and not (follows and post.title != old_title):
        return post.slug
    return old_slug if is_derived(old_slug, post.title) else _slug_after(post)


def _slug_after(post: Post) -> str:
    if not post.title.strip():
        return f"{UNTITLED}-{get_random_string(8, 'abcdefghjkmnpqrstuvwxyz23456789')}"
    return free_slug(Post, post.title, fallback="post", row=post)


def is_derived(slug: str, title: str) -> bool:
    """Tell whether nobody chose this address: it was made of the title."""
    if not title.strip():
        return slug.startswith(f"{UNTITLED}-")
    stem = slug_stem(title, fallback="post", most=100)
    return re.fullmatch(re.escape(stem) + "(-[0-9]+)?", slug) is not None
