"""The one door for a post's text and status: create_draft(), save(), publish(), unpublish().

Each is one transaction in which the post, its HTML, its tags, its version and its thread's title,
address, owner and visibility change together. What fields mean is said in models.py.
"""

import logging
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Model, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from blog import markup
from blog.markup_html import render_html
from blog.models import Category, Picture, Post, PostStatus, Tag
from comments.models import Markup, Thread
from comments.openness import keep_closing_true

logger = logging.getLogger("parley.publishing")

WORDS_A_MINUTE = 220
MAX_TAGS = 12
# What an author writes; everything else about a post follows from it or from the acts below.
WRITTEN = frozenset(
    ["title", "slug", "excerpt", "body", "author_note", "source_line", "cover", "tags"]
)


class StalePost(Exception):
    """The post is no longer what its author had before them; nothing was written.

    Shape: `post` as it stands now.
    """

    def __init__(self, post: Post, seen_version: int) -> None:
        super().__init__(f"Post {post.pk} is at version {post.version}, not {seen_version}.")
        self.post = post
        self.seen_version = seen_version


# --- the text -------------------------------------------------------------------------------


def create_draft(author: Any, *, creation_key: str | None = None, **fields: Any) -> Post:
    """Start a post that only its author sees, with its thread. An empty slug follows the title.

    `creation_key`: what is started twice under one key is refused the second time.

    Raises: ValidationError by field.
    """
    post = Post(author=author, creation_key=creation_key)
    tags = _assign(post, fields)
    with _races_told(), transaction.atomic():
        post.thread = Thread.objects.create(**_thread_facts(post))
        post.save()
        post.tags.set(tags_named(tags))
    _note("started", post, author)
    return post


def save(post: Post, fields: dict[str, Any], *, actor: Any, seen_version: int) -> Post:
    """Write new `fields` into a post that is still at `seen_version`; return it as it is now.

    Raises: StalePost; ValidationError by field.
    """
    with _races_told(), transaction.atomic():
        current = _claimed(post, seen_version)
        tags = _assign(current, fields)
        current.updated_at = timezone.now()
        current.save()
        if "tags" in fields:
            current.tags.set(tags_named(tags))
        _keep_thread_true(current)
    _note("saved", current, actor)
    return current


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


def _assign(post: Post, fields: dict[str, Any]) -> list[str]:
    """Put the fields into the post, judge and typeset it; return the names of its tags."""
    if unknown := fields.keys() - WRITTEN:
        raise TypeError(f"A post's author does not write: {', '.join(sorted(unknown))}.")
    old_slug = post.slug
    for name in fields.keys() - {"tags"}:
        setattr(post, name, fields[name])
    post.slug = _slug_of(post, old_slug)
    derived = ["author", "thread", "cover", "creation_key"]
    post.full_clean(exclude=derived, validate_constraints=False)
    typeset(post)
    return parse_tags(fields.get("tags", ()))


def _slug_of(post: Post, old_slug: str) -> str:
    """Return the address a post asks for: its own, one that follows its title, or the fixed one."""
    if _first_published(post) is None:
        return post.slug or free_slug(Post, post.title, fallback="post")
    if post.slug not in {"", old_slug}:
        raise ValidationError({"slug": slug_is_fixed()})
    return old_slug


def slug_is_fixed() -> str:
    return _("The post was public at its address, and others may point to it: it stays.")


def _claimed(post: Post, seen_version: int) -> Post:
    """Raise the version of a post that is still at `seen_version`, and lock it by doing so."""
    claim = Post.objects.filter(pk=post.pk, version=seen_version).update(version=F("version") + 1)
    current = Post.objects.select_related("thread", "author", "cover").get(pk=post.pk)
    if not claim:
        raise StalePost(current, seen_version)
    return current


@contextmanager
def _races_told() -> Iterator[None]:
    """Tell of an address or a tag that somebody else took in the same moment."""
    try:
        yield
    except IntegrityError as error:
        raise ValidationError(
            _("Somebody took this address or made one of these tags just now. Please send again.")
        ) from error


# --- the status -----------------------------------------------------------------------------


def publish(post: Post, *, actor: Any, at: datetime | None = None) -> Post:
    """Make a post public; its date is that of its first publication. Twice is once.

    `at`: when, if not now. In the past for content that comes from elsewhere; an instant to come
    schedules the post, which is then public by itself. A scheduled post is published now.

    Raises: ValidationError while there is nothing to read.
    """
    with transaction.atomic():
        current = _locked(post)
        if current.is_published():
            return current
        if not current.body.strip():
            raise ValidationError({"body": nothing_to_read()})
        current.published_at = at or _first_published(current) or timezone.now()
        _set_status(current, PostStatus.PUBLISHED)
    _note("published", current, actor)
    return current


def _first_published(post: Post) -> datetime | None:
    """Return when a post was public first. A date that has not come yet is none."""
    date = post.published_at
    return date if date is not None and date <= timezone.now() else None


def unpublish(post: Post, *, actor: Any) -> Post:
    """Take a post back to its author's desk, discussion and all. Twice is once."""
    with transaction.atomic():
        current = _locked(post)
        if current.status == PostStatus.DRAFT:
            return current
        _set_status(current, PostStatus.DRAFT)
    _note("unpublished", current, actor)
    return current


def nothing_to_read() -> str:
    return _("Write something before you publish.")


def _locked(post: Post) -> Post:
    return Post.objects.select_for_update(of=("self",)).select_related("thread").get(pk=post.pk)


def _set_status(post: Post, status: PostStatus) -> None:
    post.status = status
    post.version += 1
    post.updated_at = timezone.now()
    post.save(update_fields=["status", "published_at", "version", "updated_at"])
    _keep_thread_true(post)


def _note(act: str, post: Post, actor: Any) -> None:
    logger.info("Post %s (%s) was %s by account %s.", post.pk, post.slug, act, actor.pk)


# --- what comes from elsewhere --------------------------------------------------------------


def receive(
    post: Post,
    *,
    tags: Iterable[Tag],
    categories: Iterable[Category] = (),
    keeps_slug: bool = False,
) -> Post:
    """Store a post that was written elsewhere, new or again, with its thread, as it is given.

    Unlike an author, an import knows status, dates, password and address; whether the discussion
    is open, and the number of a new one, are taken from `post.thread`, saved or not, where there is
    one. An empty slug follows the title, one that is taken gets a number; with `keeps_slug` the
    caller knows that it is free and one of ours. Nothing is told to anybody.

    Raises: ValidationError by field.
    """
    wanted = post.slug or _slug_stem(post.title, fallback=post.kind, most=100)
    with transaction.atomic():
        is_own = post.pk is not None and Post.objects.filter(pk=post.pk, slug=wanted).exists()
        if not is_own and not keeps_slug:
            post.slug = free_slug(Post, wanted, fallback=post.kind)
        derived = ["author", "thread", "cover", "parent"]
        post.full_clean(exclude=derived, validate_unique=False, validate_constraints=False)
        typeset(post)
        post.version += post.pk is not None
        post.thread = _received_thread(post)
        post.save()
        post.tags.set(tags)
        post.categories.set(categories)
    return post


def _received_thread(post: Post) -> Thread:
    """Return the post's thread with its facts true. Its counters are the discussion's own."""
    thread = post.thread if hasattr(post, "thread") else Thread()
    facts = {**_thread_facts(post), "is_open": thread.is_open}
    if thread._state.adding:
        thread = Thread.objects.create(pk=thread.pk, **facts)
    else:
        Thread.objects.filter(pk=thread.pk).update(**facts, version=F("version") + 1)
        thread.refresh_from_db()
    keep_closing_true(thread)
    return thread


# --- what stands around a post ----------------------------------------------------------------


def _thread_facts(post: Post) -> dict[str, Any]:
    return {
        "title": post.title,
        "url": post.get_absolute_url(),
        "owner_id": post.author_id,
        "public_at": _public_at(post),
    }


def _public_at(post: Post) -> datetime | None:
    """Return when everybody may take part. Behind a password a discussion is not everybody's."""
    is_public = post.status == PostStatus.PUBLISHED and not post.password
    return post.published_at if is_public else None


def _keep_thread_true(post: Post) -> None:
    facts = _thread_facts(post)
    if any(getattr(post.thread, name) != value for name, value in facts.items()):
        Thread.objects.filter(pk=post.thread_id).update(**facts, version=F("version") + 1)
        post.thread.refresh_from_db()
        keep_closing_true(post.thread)


def touch_posts_of(related: Tag | Category | Picture) -> None:
    """Raise the version of every post that shows this tag, category or picture, cover or not."""
    match related:
        case Tag():
            shown_by = Q(tags=related)
        case Category():
            shown_by = Q(categories=related)
        case Picture():
            shown_by = Q(cover=related) | Q(body__contains=related.file.name)
    Post.objects.filter(shown_by).update(version=F("version") + 1)


def parse_tags(names: Iterable[str]) -> list[str]:
    """Return each name once, spaced evenly, in the order given.

    Raises: ValidationError under "tags".
    """
    tidy = (re.sub(" +", " ", name).strip(" ") for name in names)
    unique = {name.casefold(): name for name in tidy if name}
    if len(unique) > MAX_TAGS:
        message = _("That is more than %(most)s tags; please keep those that say most.")
        raise ValidationError({"tags": message % {"most": MAX_TAGS}})
    for name in unique.values():
        try:
            Tag(name=name).clean_fields(exclude=["slug"])
        except ValidationError as error:
            raise ValidationError({"tags": error.messages}) from error
    return list(unique.values())


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Return the tags of these names, making those that are new. Case makes no new tag."""
    # Compared here, since the databases fold case each in its own way; a site has few tags.
    known = {tag.name.casefold(): tag for tag in Tag.objects.all()}
    # In one order for all, so that two authors of the same new tags never wait for each other.
    wanted = sorted((name.casefold(), name) for name in names)
    return [known.get(key) or _new_tag(name) for key, name in wanted]


def _new_tag(name: str) -> Tag:
    return Tag.objects.create(name=name, slug=free_slug(Tag, name, fallback="tag"))


def free_slug(model: type[Model], text: str, *, fallback: str) -> str:
    """Return a slug made of `text` that no row of `model` has: stem, stem-2, stem-3 and so on."""
    stem = _slug_stem(text, fallback=fallback, most=100 if model is Post else 60)
    if not model._default_manager.filter(slug=stem).exists():
        return stem
    rows = model._default_manager.filter(slug__startswith=stem)
    taken = set(rows.values_list("slug", flat=True))
    number = 2
    slug = stem
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _slug_stem(text: str, *, fallback: str, most: int) -> str:
    """Return what an address can show of a text; of one in another script, a digest."""
    if stem := slugify(text)[:most].strip("-_"):
        return stem
    digest = sha256(text.casefold().encode("utf-8", "surrogatepass")).hexdigest()
    return f"{fallback}-{digest[:8]}"
