"""Fills a database with posts and their histories, for bench/_writing_turns.py.

What a site has more of the longer it stands grows with the posts: tags, authors, copies beside
them. What somebody looks for in particular does not: what waits for review, what is scheduled.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from blog.models import Category, Post, PostKind, PostStatus, Revision, Series, Tag, WorkingCopy
from blog.models.labels import folded_name
from blog.words import words_of
from comments.models import Thread

BEGAN = datetime(2015, 1, 1, tzinfo=UTC)
LATER = datetime(2090, 1, 1, tzinfo=UTC)
# So many there are among few posts and among many.
FEW = 20
A_BATCH = 2_000
WORDS = [
    "bread", "flour", "water", "salt", "rye", "wheat", "oven", "stone", "crust", "crumb", "starter",
    "mill", "grain", "field",
]  # fmt: skip
BODY = "\n\n".join(f"On {a} and {b}, once *more*." for a in WORDS for b in WORDS[:4])
STATUSES = [PostStatus.PUBLISHED] * 8 + [PostStatus.DRAFT, PostStatus.ARCHIVED]


@dataclass(frozen=True)
class Cast:
    """Alice wrote nine posts of ten, Mona edits."""

    alice: Any
    mona: Any


def seed(posts: int, revisions: int) -> Cast:
    cast = Cast(_person("Alice", "Author"), _person("Mona", "Editor"))
    others = [_person(f"Writer {n}", "Author") for n in range(max(posts // 2_000, 2))]
    _posts(posts, cast.alice, others)
    _labels(posts)
    _copies(posts, cast.alice)
    _histories(revisions // posts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def _person(name: str, role: str) -> Any:
    address = f"{name.lower().replace(' ', '')}@example.org"
    person = get_user_model().objects.create_user(address, display_name=name)
    person.groups.add(Group.objects.get(name=role))
    return person


def _posts(posts: int, alice: Any, others: list[Any]) -> None:
    for start in range(0, posts, A_BATCH):
        numbers = range(start, min(start + A_BATCH, posts))
        made = [_post(n, alice if n % 10 else others[n // 10 % len(others)]) for n in numbers]
        threads = Thread.objects.bulk_create(
            Thread(title=post.title, url=post.get_absolute_url(), owner_id=post.author_id)
            for post in made
        )
        for post, thread in zip(made, threads, strict=True):
            post.thread = thread
        Post.objects.bulk_create(made)


def _post(n: int, author: Any) -> Post:
    at = BEGAN + timedelta(minutes=37 * n)
    status = STATUSES[n % 10] if n >= 5 * FEW else PostStatus.DRAFT
    if n < FEW:
        status = PostStatus.REVIEW
    if FEW <= n < 2 * FEW:
        status = PostStatus.PUBLISHED
    if 2 * FEW <= n < 3 * FEW:
        status = PostStatus.TRASH
    is_dated = status in {PostStatus.PUBLISHED, PostStatus.ARCHIVED}
    return Post(
        kind=PostKind.PAGE if 3 * FEW <= n < 4 * FEW else PostKind.POST,
        author=author,
        title=f"{WORDS[n % 14].title()} and {WORDS[n // 14 % 14]}, part {n}",
        slug=f"same-{n}" if n else "same",
        excerpt="Of what it is made.",
        body=BODY,
        body_html=f"<p>{BODY}</p>",
        status=status,
        published_at=(LATER if FEW <= n < 2 * FEW else at) if is_dated else None,
        first_public_at=at if is_dated else None,
        created_at=at,
        updated_at=at,
    )


def _labels(posts: int) -> None:
    number = max(posts // 25, FEW)
    names = ((f"Tag {n}", f"tag-{n}") for n in range(number))
    Tag.objects.bulk_create(
        Tag(name=name, key=folded_name(name), slug=slug) for name, slug in names
    )
    common = Tag.objects.create(name="Common", slug="common")
    rare = Tag.objects.create(name="Rare", slug="rare")
    shelf = Category.objects.create(name="Shelf", slug="shelf")
    series = Series.objects.create(title="In parts", slug="in-parts")
    tags = list(Tag.objects.exclude(slug__in=["common", "rare"]).values_list("pk", flat=True))
    keys = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    _join(Post.tags.through, "tag_id", ((key, tags[at % number]) for at, key in enumerate(keys)))
    _join(Post.tags.through, "tag_id", ((key, common.pk) for key in keys[::2]))
    _join(Post.tags.through, "tag_id", ((key, rare.pk) for key in keys[-400::20]))
    _join(Post.categories.through, "category_id", ((key, shelf.pk) for key in keys[::3]))
    Post.objects.filter(pk__in=keys[:FEW]).update(series=series)
    mona = get_user_model().objects.get(display_name="Mona")
    _join(Post.coauthors.through, "user_id", ((key, mona.pk) for key in keys[::100]))


def _join(through: Any, column: str, pairs: Iterator[tuple[int, int]]) -> None:
    rows = (through(post_id=post, **{column: label}) for post, label in pairs)
    through.objects.bulk_create(rows, batch_size=A_BATCH)


def _copies(posts: int, alice: Any) -> None:
    """Let one post in fifty have changes that are not public yet."""
    for post in Post.objects.filter(author=alice).order_by("pk")[: max(posts // 50, 3 * FEW)]:
        words = words_of(post) | {"body": f"{BODY}\n\nMore."}
        WorkingCopy.objects.create(post=post, words=words, title=post.title, editor=alice)


def _histories(each: int) -> None:
    """Give every post so many revisions, in one statement for each."""
    words = json.dumps(words_of(Post.objects.order_by("-pk")[0]))
    cast = "::jsonb" if connection.vendor == "postgresql" else ""
    insert = f"""
        INSERT INTO {Revision._meta.db_table} (post_id, number, kind, words, changed, text_version,
            restored_from, reason, actor_id, actor_name, created_at)
        SELECT id, %s, 'save', %s{cast}, '["body"]'{cast}, 1, NULL, '', author_id, 'Alice',
            created_at FROM {Post._meta.db_table}
        """  # noqa: S608 (the names are our own)
    with connection.cursor() as cursor:
        for number in range(1, each + 1):
            cursor.execute(insert, [number, words])
