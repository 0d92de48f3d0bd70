"""What the export says of each kind of row, as plain data: everything by its name, and no ids but
the numbers of threads, which stand in the addresses of comments.

shapes.py reads the same back. Each function takes a batch of rows and makes few queries for it.
"""

import re
from collections.abc import Container, Iterator, Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db.models import F, prefetch_related_objects

from blog.models import (
    Attachment,
    Category,
    Claim,
    OldAddress,
    Picture,
    Post,
    Series,
    SlugKind,
    Tag,
)
from blog.states import FINDABLE
from blog.transfer.site.comment_rows import slugs_of
from blog.transfer.site.former_slugs import former_slugs, paths_of
from blog.transfer.site.layout import key_of
from blog.transfer.site.origins import origins
from comments.models import (
    DiscussionRules,
    ListEntry,
    Mute,
    Reason,
    Sanction,
    SanctionTarget,
    Thread,
)

Row = dict[str, Any]

USER_COLUMNS = ("slug", "email", "display_name", "bio", "website", "is_active", "is_staff",
                "is_superuser", "date_joined")  # fmt: skip
PICTURE_COLUMNS = (
    "width", "height", "alt", "is_decorative", "caption", "credit", "focal_x", "focal_y",
    "created_at",
)  # fmt: skip
ATTACHMENT_COLUMNS = ("source_url", "title", "alt", "caption", "description", "uploaded_at")
# How a discussion runs; the rest of that follows from these and from the site's rules.
RUNNING_COLUMNS = (
    "is_open", "closed_at", "closing_note", "close_after_days", "close_counts_from",
    "is_premoderated", "slow_seconds", "cooled_at", "cooling_note", "pinned_number",
    "held_people", "max_links",
)  # fmt: skip
COUNTED_COLUMNS = ("last_number", "marker_count", "last_comment_at")
THREAD_COLUMNS = ("title", "url", "public_at", *RUNNING_COLUMNS, *COUNTED_COLUMNS, "created_at")
RULES_COLUMNS = (
    "edit_minutes", "proved_edit_minutes", "close_after_days", "close_counts_from",
    "authors_moderate", "held_people", "newcomer_approvals", "hold_after_days", "max_links",
    "min_seconds", "flood_limit", "flood_window_seconds", "nudges", "learner_mode", "ham_cutoff",
    "spam_cutoff", "keep_facts_days",
)  # fmt: skip
LIST_COLUMNS = ("kind", "pattern", "effect", "note", "hits", "last_hit_at", "created_at")
REASON_COLUMNS = ("code", "label", "key", "text_for_author", "is_active", "position")
MEASURE_COLUMNS = (
    "kind", "target", "reason", "note", "message", "ends_at", "created_at", "actor_name",
    "lifted_at", "lifted_by_name", "batch",
)  # fmt: skip
# What a post's file says under "params": Hugo keeps such things and makes nothing of them.
POST_COLUMNS = (
    "kind", "status", "markup", "password", "is_sticky", "author_note", "source_line",
    "published_at", "first_public_at", "feed_id", "trashed_at", "created_at", "updated_at",
    "creation_key", "series_position",
)  # fmt: skip


def _of(row: Any, names: tuple[str, ...]) -> Row:
    return {name: getattr(row, name) for name in names}


# --- people -----------------------------------------------------------------------------------


def groups(batch: list[Group]) -> Iterator[Row]:
    prefetch_related_objects(batch, "permissions__content_type")
    for group in batch:
        yield {"name": group.name, "permissions": permission_names(group.permissions.all())}


def users(batch: list[Any]) -> Iterator[Row]:
    """Describe people, without anything they could sign in with."""
    prefetch_related_objects(batch, "groups", "user_permissions__content_type")
    proved = EmailAddress.objects.filter(
        user__in=batch, verified=True, email__iexact=F("user__email")
    )
    proved_ids = set(proved.values_list("user_id", flat=True))
    known = origins("user", {user.pk: 0 for user in batch})
    former = former_slugs(SlugKind.AUTHOR, batch)
    for user in batch:
        yield {
            **_of(user, USER_COLUMNS),
            "is_proved": user.pk in proved_ids,
            "groups": sorted(group.name for group in user.groups.all()),
            "permissions": permission_names(user.user_permissions.all()),
            "former_slugs": former[user.pk],
            "origin": known[user.pk],
        }


def mutes(batch: list[Mute]) -> Iterator[Row]:
    prefetch_related_objects(batch, "user", "muted")
    for mute in batch:
        yield {
            "user": mute.user.slug,
            "muted": mute.muted.slug,
            "created_at": mute.created_at,
        }


def permission_names(permissions: Any) -> list[str]:
    """Return permissions as code asks for them: "blog.add_post"."""
    return sorted(name_of(permission) for permission in permissions)


def name_of(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


# --- shelves ----------------------------------------------------------------------------------


def categories(batch: list[Category]) -> Iterator[Row]:
    prefetch_related_objects(batch, "parent")
    known = origins("category", {category.pk: 0 for category in batch})
    former = former_slugs(SlugKind.CATEGORY, batch)
    for category in batch:
        yield {
            **_of(category, ("slug", "name", "description")),
            "parent": category.parent.slug if category.parent else None,
            "former_slugs": former[category.pk],
            "origin": known[category.pk],
        }


def tags(batch: list[Tag]) -> Iterator[Row]:
    known = origins("tag", {tag.pk: 0 for tag in batch})
    former = former_slugs(SlugKind.TAG, batch)
    for tag in batch:
        row = {**_of(tag, ("slug", "name")), "former_slugs": former[tag.pk]}
        yield row | {"origin": known[tag.pk]}


def series(batch: list[Series]) -> Iterator[Row]:
    former = former_slugs(SlugKind.SERIES, batch)
    for row in batch:
        yield {**_of(row, ("slug", "title", "description")), "former_slugs": former[row.pk]}


# --- files ------------------------------------------------------------------------------------


def pictures(batch: list[Picture]) -> Iterator[Row]:
    uploaders = slugs_of({picture.uploader_id for picture in batch if picture.uploader_id})
    known = origins("picture", {picture.pk: 0 for picture in batch})
    for picture in batch:
        yield {
            "file": picture.file.name,
            **_of(picture, PICTURE_COLUMNS),
            "uploader": uploaders.get(picture.uploader_id or 0),
            "origin": known[picture.pk],
        }


def attachments(batch: list[Attachment], posts: dict[int, str]) -> Iterator[Row]:
    """Describe attachments; `posts` are the keys of all posts by their ids."""
    prefetch_related_objects(batch, "picture")
    known = origins("attachment", {attachment.pk: 0 for attachment in batch})
    for attachment in batch:
        yield {
            **_of(attachment, ATTACHMENT_COLUMNS),
            "post": posts.get(attachment.post_id or 0),
            "picture": attachment.picture.file.name if attachment.picture else None,
            "file": attachment.file.name,
            "origin": known[attachment.pk],
        }


# --- posts ------------------------------------------------------------------------------------


def posts_by_id(ids: Sequence[int]) -> dict[int, Post]:
    """Return posts with all that describes them. Queries: 8."""
    found = Post.objects.select_related("author", "thread", "cover", "parent", "series")
    beside = ("tags", "categories", "coauthors", "old_addresses")
    posts = found.prefetch_related(*beside).in_bulk(ids)
    known = origins("post", {post.pk: post.version for post in posts.values()})
    former = former_slugs(SlugKind.POST, [*posts.values()])
    for post in posts.values():
        post.origin = known[post.pk]  # type: ignore[attr-defined]
        post.former = former[post.pk]  # type: ignore[attr-defined]
    return posts


def post(post: Post, sequence: int, aliases: Container[str]) -> Row:
    """Return the head of a post's file: what Hugo knows, then under "params" what it does not.

    Shape: `aliases` are those old and former addresses of any post that Hugo can lead on from.
    """
    old_addresses = {old.path: old_address(old) for old in post.old_addresses.all()}
    former: dict[str, Any] = post.former  # type: ignore[attr-defined]
    places = {*old_addresses, *paths_of(post.kind, former)}
    date = {"date": post.published_at} if post.published_at else {}
    weight = {"weight": post.position} if post.position else {}
    return {
        "title": post.title,
        **date,
        "lastmod": post.updated_at,
        "draft": is_held_back(post),
        "slug": post.slug,
        "url": post.get_absolute_url(),
        "description": post.excerpt,
        "tags": sorted(tag.name for tag in post.tags.all()),
        "categories": sorted(category.name for category in post.categories.all()),
        "aliases": sorted(path for path in places if path in aliases),
        **weight,
        "params": {
            **_of(post, POST_COLUMNS),
            "sequence": sequence,
            "author": post.author.slug,
            "coauthors": sorted(person.slug for person in post.coauthors.all()),
            "series": post.series.slug if post.series else None,
            "parent": key_of(post.parent.kind, post.parent.slug) if post.parent else None,
            "cover": post.cover.file.name if post.cover else None,
            "tag_slugs": sorted(tag.slug for tag in post.tags.all()),
            "category_slugs": sorted(category.slug for category in post.categories.all()),
            "former_slugs": former,
            "old_addresses": old_addresses,
            "thread": {
                "number": post.thread_id,
                **_of(post.thread, (*RUNNING_COLUMNS, *COUNTED_COLUMNS, "created_at")),
            },
            "origin": post.origin,  # type: ignore[attr-defined]
        },
    }


def old_address(old: OldAddress) -> Row:
    return {"claim": Claim(old.claim).name.lower(), "created_at": old.created_at}


def is_held_back(post: Post) -> bool:
    """Tell whether Hugo must not list it: what not everybody may find, now or when it is due."""
    return post.status not in FINDABLE or bool(post.password)


def thread(thread: Thread) -> Row:
    """Describe a discussion under a page that is none of ours."""
    owner = thread.owner.slug if thread.owner else None
    return {"number": thread.pk, **_of(thread, THREAD_COLUMNS), "owner": owner}


def lists(batch: list[ListEntry]) -> Iterator[Row]:
    for entry in batch:
        yield _of(entry, LIST_COLUMNS)


def rules(batch: list[DiscussionRules]) -> Iterator[Row]:
    for row in batch:
        yield _of(row, RULES_COLUMNS)


# --- what the desk keeps ----------------------------------------------------------------------


def reasons(batch: list[Reason]) -> Iterator[Row]:
    for reason in batch:
        yield _of(reason, REASON_COLUMNS)


def measures(batch: list[Sanction]) -> Iterator[Row]:
    """Describe measures; one against an account that is gone is against nobody by now."""
    ids = {measure.user_id for measure in batch} | {measure.actor_id for measure in batch}
    people = slugs_of({*filter(None, ids), *filter(None, map(_account, batch))})
    for measure in batch:
        account = _account(measure)
        yield {
            **_of(measure, MEASURE_COLUMNS),
            "value": measure.value if account is None else people.get(account),
            "user": people.get(measure.user_id or 0),
            "actor": people.get(measure.actor_id or 0),
        }


def _account(measure: Sanction) -> int | None:
    """Return the id of the account that a measure is against; 0 for one that no id is known of."""
    if measure.target != SanctionTarget.ACCOUNT:
        return None
    return int(measure.value) if re.fullmatch("[0-9]{1,18}", measure.value) else 0
