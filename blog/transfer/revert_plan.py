"""What would go if an import were taken back, what would stay, and what stands in the way.

Reads only; reverting.py acts on it, admin.py shows it. The comments' part is in
comments/transfer/reverting.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from blog.models import (
    Attachment,
    Category,
    FormerSlug,
    OldAddress,
    Picture,
    Post,
    PostKind,
    ReviewNote,
    Series,
    Tag,
)
from comments.models import Comment, ModerationLogEntry, Thread
from comments.transfer.records import ImportRun, RunStatus
from comments.transfer.reverting import (
    changed_since,
    comments_built_on,
    comments_judged_since,
    comments_of,
    in_parts,
    made_by,
)

MOST_NAMED = 20
# What a text says of an uploaded file: the end of its address.
FILE_IN_TEXT = re.compile(r"(?:pictures|files)/[^\s\"'<>()\[\]?#]+")


@dataclass(frozen=True)
class Obstacle:
    """One kind of thing that was built on an import. Shape: `first` are some of `count` rows."""

    reason: str
    count: int
    first: list[Any]

    @property
    def more(self) -> int:
        return self.count - len(self.first)


@dataclass
class Plan:
    """Shape: lists hold keys; `refusal` is a sentence, or empty."""

    run: ImportRun
    refusal: str = ""
    obstacles: list[Obstacle] = field(default_factory=list)
    comments: int = 0
    posts: list[int] = field(default_factory=list)
    pages: int = 0
    old_addresses: int = 0
    attachments: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    categories: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    series: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    staying: list[Any] = field(default_factory=list)

    @property
    def is_possible(self) -> bool:
        return not self.refusal and not self.obstacles

    def counts(self) -> dict[str, int]:
        """Return how many rows of each kind go, by the kind's name in reports."""
        counts = {
            "posts": len(self.posts) - self.pages,
            "pages": self.pages,
            "comments": self.comments,
            "redirects": self.old_addresses,
            "attachments": len(self.attachments),
            "pictures": len(self.pictures),
            "categories": len(self.categories),
            "tags": len(self.tags),
            "series": len(self.series),
            "users": len(self.people),
        }
        return {kind: count for kind, count in counts.items() if count}


def plan_for(run: ImportRun) -> Plan:
    """Return what taking this import back means now. Queries: some 20, however much it made."""
    plan = Plan(run, refusal=_refusal(run))
    if plan.refusal:
        return plan
    plan.obstacles = [each for each in _obstacles(run) if each.count]
    posts = posts_of(run)
    plan.posts = _keys(posts)
    plan.pages = posts.filter(kind=PostKind.PAGE).count()
    plan.comments = comments_of(run).count()
    plan.old_addresses = OldAddress.objects.filter(post__in=posts).count()
    plan.attachments, plan.pictures, kept = _files(run)
    plan.categories, kept_categories = _categories(run)
    plan.tags, kept_tags = _tags(run)
    plan.series, kept_series = _series(run)
    plan.people, kept_people = _people(run, plan.pictures)
    plan.staying = [*kept_people, *kept_categories, *kept_tags, *kept_series, *kept]
    return plan


def posts_of(run: ImportRun) -> QuerySet[Post]:
    return Post.objects.filter(pk__in=made_by(run, "post"))


def threads_of(run: ImportRun) -> QuerySet[Thread]:
    """Return the threads that go with the run's posts."""
    return Thread.objects.filter(post__in=posts_of(run))


def _refusal(run: ImportRun) -> str:
    if run.status == RunStatus.RUNNING and not run.is_cut_off:
        return _(
            "This import is running, or was cut off a moment ago. Let it end, or come back in a "
            "quarter of an hour; then it can be reverted."
        )
    if run.status == RunStatus.REVERTED:
        return _("This import was reverted already, by %(name)s.") % {
            "name": run.reverted_by or _("somebody who has left")
        }
    return ""


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


# --- what stands in the way -----------------------------------------------------------------


def _obstacles(run: ImportRun) -> list[Obstacle]:
    posts = posts_of(run)
    changed = posts.filter(pk__in=changed_since(run, "post", Post.objects.values("version")))
    # Beside a post, which is the version that it was: a draft of its next one, or a note on that.
    noted = ReviewNote.objects.filter(post__in=posts).values("post")
    written = posts.filter(Q(text_version__gt=1) | Q(pk__in=noted)).exclude(pk__in=changed)
    below = Post.objects.filter(parent__in=posts).exclude(pk__in=posts)
    files = Attachment.objects.filter(post__in=posts).exclude(pk__in=made_by(run, "attachment"))
    comments = comments_built_on(run, threads_of(run)).select_related("thread")
    judged = comments_judged_since(run).select_related("thread")
    return [
        _obstacle(_("Comments that came later, here or by another import"), comments),
        _obstacle(_("Its comments that were moderated, edited or deleted here since"), judged),
        _obstacle(_("Its posts and pages that were changed here since"), changed),
        _obstacle(_("Its posts and pages beside which somebody has written here since"), written),
        _obstacle(_("Pages that stand below its pages"), below),
        _obstacle(_("Files of another import that belong to its posts"), files),
    ]


def _obstacle(reason: str, rows: QuerySet[Any]) -> Obstacle:
    first = list(rows.order_by("pk")[: MOST_NAMED + 1])
    count = len(first) if len(first) <= MOST_NAMED else rows.count()
    return Obstacle(reason, count, first[:MOST_NAMED])


# --- what goes, and what stays because somebody else has it ---------------------------------


def _files(run: ImportRun) -> tuple[list[int], list[int], list[Any]]:
    """Return attachments and pictures that go, and those that a post of others shows."""
    attachments = Attachment.objects.filter(pk__in=made_by(run, "attachment"))
    others = Attachment.objects.exclude(pk__in=made_by(run, "attachment"))
    pictures = Picture.objects.filter(
        Q(attachments__in=attachments) | Q(pk__in=made_by(run, "picture"))
    ).distinct()
    files = attachments.exclude(file="")
    if not (pictures.exists() or files.exists()):
        return _keys(attachments), [], []
    posts = Post.objects.exclude(pk__in=posts_of(run))
    shown = _files_in(posts)
    used = Q(cover=OuterRef("pk"))
    in_use = Exists(posts.filter(used)) | Exists(others.filter(picture=OuterRef("pk")))
    kept_pictures = {
        picture.pk: picture
        for picture in pictures.annotate(in_use=in_use)
        if picture.in_use or picture.file.name in shown
    }
    kept_files = {each.pk: each for each in files if each.file.name in shown}
    return (
        [pk for pk in _keys(attachments) if pk not in kept_files],
        [pk for pk in _keys(pictures) if pk not in kept_pictures],
        [*kept_files.values(), *kept_pictures.values()],
    )


def _files_in(posts: QuerySet[Post]) -> set[str]:
    """Return the names of the uploaded files that these posts' texts show or link to."""
    texts = posts.filter(Q(body__contains="pictures/") | Q(body__contains="files/"))
    names: set[str] = set()
    for body in texts.order_by().values_list("body", flat=True).iterator(chunk_size=100):
        for address in FILE_IN_TEXT.findall(body):
            names |= {address, unquote(address)}
    return names


def _categories(run: ImportRun) -> tuple[list[int], list[Any]]:
    """A category stays with a post of others on it, or anything that stays within it."""
    own = Category.objects.filter(pk__in=made_by(run, "category"))
    others = Post.categories.through.objects.exclude(post__in=posts_of(run))
    used = set(others.filter(category__in=own).values_list("category", flat=True))
    within = Category.objects.filter(parent__in=own).exclude(pk__in=own)
    used |= {category.parent_id for category in within if category.parent_id}
    return _divided(own, _with_those_above(used, dict(own.values_list("pk", "parent"))))


def _with_those_above(keys: Iterable[int], parents: dict[int, int | None]) -> set[int]:
    found: set[int] = set()
    for key in keys:
        above: int | None = key
        while above in parents and above not in found:
            found.add(above)
            above = parents[above]
    return found


def _tags(run: ImportRun) -> tuple[list[int], list[Any]]:
    own = Tag.objects.filter(pk__in=made_by(run, "tag"))
    others = Post.tags.through.objects.exclude(post__in=posts_of(run))
    return _divided(own, set(others.filter(tag__in=own).values_list("tag", flat=True)))


def _series(run: ImportRun) -> tuple[list[int], list[Any]]:
    own = Series.objects.filter(pk__in=made_by(run, "series"))
    others = Post.objects.exclude(pk__in=posts_of(run)).filter(series__in=own).order_by()
    return _divided(own, set(others.values_list("series", flat=True)))


def _people(run: ImportRun, pictures: list[int]) -> tuple[list[int], list[Any]]:
    """An account goes that owns nothing else and that nobody was ever, or can be, signed in to."""
    own = get_user_model().objects.filter(pk__in=made_by(run, "user"))
    unused = own.filter(
        last_login=None, is_superuser=False, password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    going: dict[Any, QuerySet[Any]] = {
        Post: posts_of(run),
        Thread: threads_of(run),
        Comment: comments_of(run),
        ModerationLogEntry: ModerationLogEntry.objects.filter(comment__in=comments_of(run)),
    }
    for name, model in _possessions():
        rows = model._base_manager.filter(**{name: OuterRef("pk")})
        unused = unused.exclude(Exists(rows.exclude(pk__in=going.get(model, rows.none()))))
    going_pictures = set(pictures)
    uploaded = Picture.objects.filter(uploader__in=own).values_list("uploader", "pk")
    uploaders = {uploader for uploader, pk in uploaded if pk not in going_pictures}
    return _divided(own, set(_keys(own)) - set(_keys(unused)) | uploaders)


def _possessions() -> list[tuple[str, Any]]:
    """Return what may belong to an account, as (field, model): all that points to it, but for
    parts of the account itself, and pictures, which may go as well.
    """
    aside = (EmailAddress, FormerSlug, Picture)
    relations: list[Any] = get_user_model()._meta.get_fields(include_hidden=True)
    return [
        (relation.field.name, relation.related_model)
        for relation in relations
        if (relation.one_to_many or relation.one_to_one)
        and relation.auto_created
        and not relation.related_model._meta.auto_created
        and relation.related_model not in aside
    ]


def _divided(own: QuerySet[Any], kept: set[int]) -> tuple[list[int], list[Any]]:
    """Return the keys of what goes, and the rows that stay."""
    stays = [row for part in in_parts(sorted(kept)) for row in own.filter(pk__in=part)]
    return [pk for pk in _keys(own) if pk not in kept], stays
