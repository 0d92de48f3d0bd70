"""Posts that were written elsewhere: stored as they are given, status and dates and all."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from blog.models import Act, Category, Post, Tag
from blog.publishing.around import thread_facts
from blog.publishing.labels import free_slug, slug_stem
from blog.publishing.log import note_act
from blog.publishing.moving import date_by_status
from blog.publishing.picture_uses import keep_uses_true
from blog.publishing.texts import typeset
from comments.models import Thread
from comments.openness import keep_closing_true


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
    one. Since when it is public, and what feeds call it, follows where it is not said. An empty
    slug follows the title, one that is taken gets a number; with `keeps_slug` the caller knows that
    it is free and one of ours. Nothing is told to anybody.

    Raises: ValidationError by field.
    """
    wanted = post.slug or slug_stem(post.title, fallback=post.kind, most=100)
    with transaction.atomic():
        is_own = post.pk is not None and Post.objects.filter(pk=post.pk, slug=wanted).exists()
        if not is_own and not keeps_slug:
            post.slug = free_slug(Post, wanted, fallback=post.kind)
        derived = ["author", "thread", "cover", "parent"]
        post.full_clean(exclude=derived, validate_unique=False, validate_constraints=False)
        typeset(post)
        date_by_status(post, post.published_at)
        is_new = post.pk is None
        post.version += not is_new
        post.thread = _received_thread(post)
        post.save()
        post.tags.set(tags)
        post.categories.set(categories)
        if is_new:
            note_act(Act.RECEIVE, post, actor=None)
        keep_uses_true(post)
    return post


def _received_thread(post: Post) -> Thread:
    """Return the post's thread with its facts true. Its counters are the discussion's own."""
    thread = post.thread if hasattr(post, "thread") else Thread()
    facts = {**thread_facts(post), "is_open": thread.is_open}
    if thread._state.adding:
        thread = Thread.objects.create(pk=thread.pk, **facts)
    else:
        Thread.objects.filter(pk=thread.pk).update(**facts, version=F("version") + 1)
        thread.refresh_from_db()
    keep_closing_true(thread)
    return thread
