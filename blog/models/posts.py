"""Posts: fields, constraints, and the querysets of what is public, in lists and new."""

from collections.abc import Iterable, Set
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject, Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line, validate_visible
from blog.models.arrays import JSONArrayAgg
from blog.models.caps import (
    EXCERPT_MAX_LENGTH,
    NOTE_MAX_LENGTH,
    validate_body,
    validate_html,
    validate_note,
)
from blog.models.labels import Category, Series, Tag
from blog.models.pictures import Picture, copies_of
from blog.states import FINDABLE, READABLE, PostStatus
from comments.models import Markup, Thread


class PostKind(models.TextChoices):
    """A post has its place in time and in feeds; a page stands apart, like "About"."""

    POST = "post", _("post")
    PAGE = "page", _("page")


class PostQuerySet(models.QuerySet["Post"]):
    def readable(self, now: datetime | None = None) -> "PostQuerySet":
        """What whoever has its address may read, pages too, newest first: all that is public.

        Of one with a password everybody may read the title; unlocking.py guards the rest.
        """
        return self._out(READABLE, now)

    def findable(self, now: datetime | None = None) -> "PostQuerySet":
        """What the sitemap and the tree of pages name. It may be old, and kept for the record."""
        return self._out(FINDABLE, now)

    def listed(self, now: datetime | None = None) -> "PostQuerySet":
        """What stands in the lists of tags, categories, authors and series: no pages."""
        return self.findable(now).filter(kind=PostKind.POST)

    def published(self, now: datetime | None = None) -> "PostQuerySet":
        """What is neither unlisted nor archived, pages too."""
        return self._out({PostStatus.PUBLISHED}, now)

    def current(self, now: datetime | None = None) -> "PostQuerySet":
        """What stands on the home page, in feeds, and next to other posts: no pages."""
        return self.published(now).filter(kind=PostKind.POST)

    def _out(self, statuses: Set[str], now: datetime | None) -> "PostQuerySet":
        """The only definition of public. What is scheduled is so by itself at its moment."""
        # One is asked for in the words that lead a database straight into the index.
        only = {"status": min(statuses)} if len(statuses) == 1 else {"status__in": sorted(statuses)}
        come = self.filter(published_at__lte=now or timezone.now(), **only)
        return come.order_by("-published_at", "-pk")

    def of(self, person: Any) -> "PostQuerySet":
        """What this person wrote, alone or with others."""
        together = Post.coauthors.through.objects.filter(user=person.pk).values("post")
        return self.filter(Q(author=person.pk) | Q(pk__in=together))

    def for_reading(self, now: datetime | None = None) -> "PostQuerySet":
        """With all that stands in a post's own row of the page, tags and comments excepted."""
        earlier, later = _earlier(now), _later(now)
        return self.select_related("author", "thread", "cover", "series").annotate(
            **_in_series(now),
            previous_slug=Subquery(earlier.values("slug")[:1]),
            previous_title=Subquery(earlier.values("title")[:1]),
            next_slug=Subquery(later.values("slug")[:1]),
            next_title=Subquery(later.values("title")[:1]),
            cover_copies=copies_of("cover"),
            coauthor_rows=_coauthors(),
        )

    def with_coauthors(self) -> "PostQuerySet":
        """With who wrote along, which byline() shows without asking again."""
        return self.annotate(coauthor_rows=_coauthors())

    def with_cover_copies(self) -> "PostQuerySet":
        """With what pages offer of a post's cover (`cover_copies`)."""
        return self.annotate(cover_copies=copies_of("cover"))

    def with_labels(self) -> "PostQuerySet":
        """With names and slugs of a post's tags and categories (`tag_rows`, `category_rows`)."""
        return self.annotate(
            tag_rows=_labels(Post.tags.through, "tag"),
            category_rows=_labels(Post.categories.through, "category"),
        )

    def with_files(self) -> "PostQuerySet":
        """With how many files came along with a post (`files_count`)."""
        itself = Post.objects.filter(pk=OuterRef("pk")).order_by()
        count = Count("attachments", filter=~Q(attachments__file=""))
        return self.annotate(
            files_count=Subquery(itself.values("pk").annotate(n=count).values("n"))
        )

    def for_listing(self) -> "PostQuerySet":
        """With what a list shows of each post, and without the texts it does not."""
        texts = ("body", "body_html", "author_note", "author_note_html", "source_line_html")
        related = self.select_related("author", "thread", "cover").prefetch_related("tags")
        return related.with_cover_copies().with_coauthors().defer(*texts)


def _labels(through: type[models.Model], name: str) -> Subquery:
    """Return an expression: a list of {"name", "slug"}, or null for none."""
    of_post = through._default_manager.filter(post=OuterRef("pk")).order_by().values("post")
    label = JSONObject(name=f"{name}__name", slug=f"{name}__slug")
    return Subquery(of_post.annotate(labels=JSONArrayAgg(label)).values("labels"))


def _coauthors() -> Subquery:
    """Return an expression: a list of {"id", "name", "slug"}, or null for none."""
    through: type[models.Model] = Post.coauthors.through
    of_post = through._default_manager.filter(post=OuterRef("pk")).order_by().values("post")
    person = JSONObject(id="user", name="user__display_name", slug="user__slug")
    return Subquery(of_post.annotate(people=JSONArrayAgg(person)).values("people"))


def rows_of(people: Iterable[Any]) -> list[dict[str, Any]]:
    """Return people in the shape that a post is read with them (`coauthor_rows`)."""
    return [{"id": each.pk, "name": each.display_name, "slug": each.slug} for each in people]


# The bound that both ends share lets the database start in the index where this post stands.
def _earlier(now: datetime | None) -> PostQuerySet:
    at, pk = OuterRef("published_at"), OuterRef("pk")
    # First, since of two upper bounds SQLite starts in the index at the one that it meets first.
    older = Post.objects.filter(published_at__lte=at).current(now)
    return older.filter(Q(published_at__lt=at) | Q(pk__lt=pk))


def _later(now: datetime | None) -> PostQuerySet:
    at, pk = OuterRef("published_at"), OuterRef("pk")
    newer = Post.objects.current(now).filter(published_at__gte=at)
    return newer.filter(Q(published_at__gt=at) | Q(pk__gt=pk)).order_by("published_at", "pk")


def _in_series(now: datetime | None) -> dict[str, Subquery]:
    """Return where a post stands in its series: among the parts that everybody may read, alone."""
    parts = Post.objects.listed(now).filter(series=OuterRef("series")).order_by()
    at, pk = OuterRef("series_position"), OuterRef("pk")
    before = parts.filter(Q(series_position__lt=at) | Q(series_position=at, pk__lt=pk))
    after = parts.filter(Q(series_position__gt=at) | Q(series_position=at, pk__gt=pk))
    named = JSONObject(slug="slug", title="title")
    return {
        "parts_before": Subquery(_count(before)),
        "parts": Subquery(_count(parts)),
        "part_before": Subquery(before.order_by("-series_position", "-pk").values(one=named)[:1]),
        "part_after": Subquery(after.order_by("series_position", "pk").values(one=named)[:1]),
    }


def _count(parts: PostQuerySet) -> Any:
    return parts.values("series").annotate(number=Count("pk")).values("number")


class Post(models.Model):
    kind = models.CharField(
        _("kind"), max_length=4, choices=PostKind.choices, default=PostKind.POST, editable=False
    )
    # Empty in a draft that has none yet; publishing asks for it.
    title = models.CharField(
        _("title"), max_length=200, blank=True, validators=[validate_single_line, validate_visible]
    )
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    excerpt = models.CharField(
        _("standfirst"),
        max_length=EXCERPT_MAX_LENGTH,
        blank=True,
        validators=[validate_single_line],
    )
    # validate_body judges Markdown, validate_html what came as HTML: see clean().
    body = models.TextField(_("text"), blank=True)
    markup = models.CharField(
        _("written in"),
        max_length=8,
        choices=Markup.choices,
        default=Markup.MARKDOWN,
        editable=False,
    )
    body_html = models.TextField(editable=False, blank=True)
    author_note = models.TextField(
        _("author's note"), max_length=NOTE_MAX_LENGTH, blank=True, validators=[validate_note]
    )
    author_note_html = models.TextField(editable=False, blank=True)
    source_line = models.CharField(
        _("source line"), max_length=500, blank=True, validators=[validate_single_line]
    )
    source_line_html = models.TextField(editable=False, blank=True)
    markup_version = models.PositiveSmallIntegerField(editable=False, default=0)
    reading_minutes = models.PositiveSmallIntegerField(editable=False, default=1)

    cover = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover")
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="posts", verbose_name=_("categories")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="posts", verbose_name=_("tags"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", verbose_name=_("author")
    )
    coauthors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("co-authors")
    )
    series = models.ForeignKey(
        Series,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("series"),
    )
    series_position = models.PositiveIntegerField(_("part"), default=0)
    # Derived from text and cover: what the library counts, and what a changed picture touches.
    pictures = models.ManyToManyField(Picture, blank=True, related_name="posts", editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=PostStatus.choices, default=PostStatus.DRAFT
    )
    # To come for a scheduled post, which is public by itself from then on.
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    # Since when somebody may know its address; null for what was never before readers.
    first_public_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What feed readers know it by, fixed when it is public first: a path, or an id from elsewhere.
    feed_id = models.CharField(max_length=500, blank=True, editable=False)
    trashed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Hashed like an account's; empty for a post that asks for none.
    password = models.CharField(_("password"), max_length=128, blank=True, editable=False)
    is_sticky = models.BooleanField(_("stays on top of the first page"), default=False)
    # A page may stand below another, at a place among its siblings.
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("below the page"),
    )
    position = models.IntegerField(_("place among its siblings"), default=0)
    # One thread a post: the only line between the two worlds. PROTECT: a discussion is not
    # thrown away by deleting what it is about.
    thread = models.OneToOneField(Thread, models.PROTECT, related_name="post")
    # Incremented by every visible change; part of each cache key and of the page's ETag.
    version = models.PositiveIntegerField(default=1, editable=False)
    # Incremented whenever anybody writes, in the working copy too, and by nothing else: an
    # author's form carries the one it was opened with, so that no edit overwrites another unseen.
    text_version = models.PositiveIntegerField(default=1, editable=False)
    # Of the form that the post was made with: the same form makes no second one.
    creation_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        permissions = [
            ("publish_post", "Can publish posts"),
            ("edit_others_posts", "Can edit the posts of others"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=PostStatus.PUBLISHED) | Q(published_at__isnull=False),
                name="published_post_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(status=PostStatus.TRASH) | Q(trashed_at__isnull=True),
                name="trashed_post_is_in_the_trash",
            ),
        ]
        indexes = [
            # feeds, previous and next, lists
            models.Index(fields=["kind", "status", "-published_at", "-id"], name="post_published"),
            # the home page, where some stay on top
            models.Index(
                fields=["kind", "status", "-is_sticky", "-published_at", "-id"], name="post_home"
            ),
            # an author's page
            models.Index(fields=["author", "status", "-published_at"], name="post_by_author"),
            # lists of the writing room, of one person and of all
            models.Index(fields=["author", "-updated_at", "-id"], name="post_own_changed"),
            models.Index(fields=["-updated_at", "-id"], name="post_changed"),
            models.Index(fields=["status", "-updated_at", "-id"], name="post_changed_in_state"),
            models.Index(
                fields=["author", "status", "-updated_at", "-id"], name="post_own_in_state"
            ),
            models.Index(Lower("title"), "id", name="post_titled"),
            models.Index("author", Lower("title"), "id", name="post_own_titled"),
            models.Index(fields=["-published_at", "-id"], name="post_dated"),
            models.Index(fields=["author", "-published_at", "-id"], name="post_own_dated"),
            # a series in its order
            models.Index(fields=["series", "series_position", "id"], name="post_in_series"),
            # what has been in the trash for long
            models.Index(
                fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="post_trashed"
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(_("Untitled"))

    def get_absolute_url(self) -> str:
        return reverse(f"blog:{self.kind}", args=[self.slug])

    def clean(self) -> None:
        """Judge the text by what it is written in. Raises: ValidationError on `body`."""
        judge = validate_html if self.markup == Markup.HTML else validate_body
        try:
            judge(self.body)
        except ValidationError as error:
            raise ValidationError({"body": error.error_list}) from error

    def is_published(self) -> bool:
        return self.status == PostStatus.PUBLISHED and self._has_come()

    def is_readable(self) -> bool:
        """Tell whether whoever has its address may read it, a password aside."""
        return self.status in READABLE and self._has_come()

    def is_findable(self) -> bool:
        return self.status in FINDABLE and self._has_come()

    def _has_come(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()

    def byline(self) -> list[Any]:
        """Return who wrote it, the author first, then the others by name.

        Queries: 1, or none for a post that was read with its co-authors.
        """
        model = get_user_model()
        rows = sorted(self._coauthors(), key=itemgetter("name", "id"))
        others = [model(pk=row["id"], display_name=row["name"], slug=row["slug"]) for row in rows]
        return [self.author, *(person for person in others if person.pk != self.author_id)]

    def coauthor_ids(self) -> set[int]:
        """Return the keys of who wrote along. Queries: as byline()."""
        return {row["id"] for row in self._coauthors()}

    def _coauthors(self) -> list[dict[str, Any]]:
        if hasattr(self, "coauthor_rows"):
            return self.coauthor_rows or []
        return rows_of(self.coauthors.all()) if self.pk else []

    def is_scheduled(self) -> bool:
        return self.status == PostStatus.PUBLISHED and not self.is_published()
