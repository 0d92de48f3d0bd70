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
        before = _held(post)
        if not keeps_slug and (before is None or before.slug != wanted):
            post.slug = free_slug(Post, wanted, fallback=post.kind)
        derived = ["author", "thread", "cover", "parent"]
        post.full_clean(exclude=derived, validate_unique=False, validate_constraints=False)
        typeset(post)
        date_by_status(post, post.published_at)
        post.version += before is not None
        post.thread = _received_thread(post)
        post.save()
        post.tags.set(tags)
        post.categories.set(categories)
        if before is None or before.status != post.status:
            old_status = before.status if before else ""
            note_act(Act.RECEIVE, post, actor=None, old_status=old_status)
        keep_uses_true(post)
    return post


def _held(post: Post) -> Post | None:
    """Return what is stored of a post by now, held until the transaction ends. Queries: 0 or 1."""
    same = Post.objects.select_for_update().filter(pk=post.pk)
    return same.only("slug", "status").first() if post.pk else None


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
