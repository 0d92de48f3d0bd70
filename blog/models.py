"""Posts, tags and pictures: fields, constraints, and the one queryset of what is public.

publishing.py is the one door for a post's text and status; feeds, pages and the sitemap all read
through `Post.objects.published()`.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Aggregate, Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line, validate_visible
from blog.old_paths import file_path
from comments.markup import check_caps
from comments.models import Markup, Thread

BODY_MAX_LENGTH = 200_000
EXCERPT_MAX_LENGTH = 1000
NOTE_MAX_LENGTH = 2000
MAX_FOOTNOTES = 500


def validate_body(value: str) -> None:
    """Refuse what no author typed. Thousands of notes take the parsers minutes, not seconds."""
    check_caps(value, max_length=BODY_MAX_LENGTH)
    if value.count("[^") > MAX_FOOTNOTES:
        raise ValidationError(
            _("There are more than %(most)s footnotes and references to them."),
            code="cap",
            params={"most": MAX_FOOTNOTES},
        )


def validate_html(value: str) -> None:
    """Refuse what no database keeps; HTML of any length is shown, and none of it is to be lost."""
    if "\x00" in value:
        raise ValidationError(_("There is a NUL byte in the text; please remove it."), code="nul")


def validate_note(value: str) -> None:
    check_caps(value, max_length=NOTE_MAX_LENGTH)


class Tag(models.Model):
    name = models.CharField(
        _("name"), max_length=60, unique=True, validators=[validate_single_line]
    )
    slug = models.SlugField(_("slug"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("blog:tag", args=[self.slug])


class Category(models.Model):
    """A shelf that posts stand on; shelves stand within shelves. A post may be on several."""

    name = models.CharField(_("name"), max_length=120, validators=[validate_single_line])
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("within"),
    )
    description = models.TextField(_("description"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("blog:category", args=[self.slug])


class Picture(models.Model):
    """An uploaded picture, already decoded and written anew by media.py."""

    file = models.ImageField(
        _("picture"), upload_to="pictures/%Y/%m", width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt = models.CharField(
        _("text for those who cannot see it"),
        max_length=300,
        blank=True,
        validators=[validate_single_line],
    )
    caption = models.CharField(
        _("caption"), max_length=300, blank=True, validators=[validate_single_line]
    )
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.alt or str(self.file)


class PostKind(models.TextChoices):
    """A post has its place in time and in feeds; a page stands apart, like "About"."""

    POST = "post", _("post")
    PAGE = "page", _("page")


class PostStatus(models.TextChoices):
    """What becomes of a post. One that is published at an instant to come is scheduled."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", _("published")
    PRIVATE = "private", _("private")
    TRASH = "trash", _("in the trash")


class PostQuerySet(models.QuerySet["Post"]):
    def published(self, now: datetime | None = None) -> "PostQuerySet":
        """What everybody may read, pages too, newest first. The only definition of public.

        Of one with a password everybody may read the title; unlocking.py guards the rest.
        """
        now = now or timezone.now()
        public = self.filter(status=PostStatus.PUBLISHED, published_at__lte=now)
        return public.order_by("-published_at", "-pk")

    def listed(self, now: datetime | None = None) -> "PostQuerySet":
        """What stands in lists and feeds: public posts, and no pages."""
        return self.published(now).filter(kind=PostKind.POST)

    def editable_by(self, user: Any) -> "PostQuerySet":
        """What this person may write in: their own posts, or all with `blog.edit_others_posts`."""
        if user.has_perm("blog.edit_others_posts"):
            return self
        if user.has_perm("blog.change_post"):
            return self.filter(author=user)
        return self.none()

    def for_reading(self, now: datetime | None = None) -> "PostQuerySet":
        """With all that stands in a post's own row of the page, tags and comments excepted."""
        earlier, later = _earlier(now), _later(now)
        return self.select_related("author", "thread", "cover").annotate(
            previous_slug=Subquery(earlier.values("slug")[:1]),
            previous_title=Subquery(earlier.values("title")[:1]),
            next_slug=Subquery(later.values("slug")[:1]),
            next_title=Subquery(later.values("title")[:1]),
        )

    def with_labels(self) -> "PostQuerySet":
        """With names and slugs of a post's tags and categories (`tag_rows`, `category_rows`)."""
        return self.annotate(
            tag_rows=_labels(Post.tags.through, "tag"),
            category_rows=_labels(Post.categories.through, "category"),
        )

    def with_files(self) -> "PostQuerySet":
        """With how many files came along with a post (`files_count`)."""
        files = (
            Attachment.objects.filter(~Q(file=""), post=OuterRef("pk")).order_by().values("post")
        )
        count = Coalesce(files.annotate(count=Count("pk")).values("count"), Value(0))
        return self.annotate(files_count=count)

    def for_listing(self) -> "PostQuerySet":
        """With what a list shows of each post, and without the texts it does not."""
        texts = ("body", "body_html", "author_note", "author_note_html", "source_line_html")
        related = self.select_related("author", "thread", "cover").prefetch_related("tags")
        return related.defer(*texts)


def _labels(through: type[models.Model], name: str) -> Subquery:
    """Return an expression: a list of {"name", "slug"}, or null for none."""
    of_post = through._default_manager.filter(post=OuterRef("pk")).order_by().values("post")
    label = JSONObject(name=f"{name}__name", slug=f"{name}__slug")
    return Subquery(of_post.annotate(labels=JSONArrayAgg(label)).values("labels"))


class JSONArrayAgg(Aggregate):
    """One JSON array of a group's values, in no order."""

    function = "JSON_GROUP_ARRAY"
    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **extra)


# The bound that both ends share lets the database start in the index where this post stands.
def _earlier(now: datetime | None) -> PostQuerySet:
    at, pk = OuterRef("published_at"), OuterRef("pk")
    older = Post.objects.listed(now).filter(published_at__lte=at)
    return older.filter(Q(published_at__lt=at) | Q(pk__lt=pk))


def _later(now: datetime | None) -> PostQuerySet:
    at, pk = OuterRef("published_at"), OuterRef("pk")
    newer = Post.objects.listed(now).filter(published_at__gte=at)
    return newer.filter(Q(published_at__gt=at) | Q(pk__gt=pk)).order_by("published_at", "pk")


class Post(models.Model):
    kind = models.CharField(
        _("kind"), max_length=4, choices=PostKind.choices, default=PostKind.POST, editable=False
    )
    title = models.CharField(
        _("title"), max_length=200, validators=[validate_single_line, validate_visible]
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
    status = models.CharField(
        _("status"), max_length=10, choices=PostStatus.choices, default=PostStatus.DRAFT
    )
    # To come for a scheduled post, which is public by itself from then on.
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
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
    # Incremented by every visible change; part of each cache key and of the page's ETag. An
    # author's form carries the one it was opened with, so that no edit overwrites another unseen.
    version = models.PositiveIntegerField(default=1, editable=False)
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
        ]
        indexes = [
            # feeds, previous and next, lists
            models.Index(fields=["kind", "status", "-published_at", "-id"], name="post_published"),
            # the home page, where some stay on top
            models.Index(
                fields=["kind", "status", "-is_sticky", "-published_at", "-id"], name="post_home"
            ),
            # an author's page and the author's own list
            models.Index(fields=["author", "status", "-published_at"], name="post_by_author"),
        ]

    def __str__(self) -> str:
        return self.title

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
        return (
            self.status == PostStatus.PUBLISHED
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    def is_scheduled(self) -> bool:
        return self.status == PostStatus.PUBLISHED and not self.is_published()


class Attachment(models.Model):
    """A file that came with a post from elsewhere: what is known of it, and itself once it is here.

    A picture has become one of our own; any other file is kept as it was and only ever downloaded.
    """

    post = models.ForeignKey(
        Post, models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    source_url = models.CharField(_("where it was"), max_length=2000, blank=True)
    # Derived from it: whoever asks there for the file, in whatever size, is led to it.
    source_path = models.CharField(max_length=500, blank=True, db_index=True, editable=False)
    title = models.CharField(_("title"), max_length=300, blank=True)
    alt = models.CharField(_("text for those who cannot see it"), max_length=300, blank=True)
    caption = models.TextField(_("caption"), blank=True)
    description = models.TextField(_("description"), blank=True)
    picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="attachments"
    )
    file = models.FileField(_("file"), upload_to="files/%Y/%m", max_length=255, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded"), null=True, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.title or self.source_url

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Derive `source_path`."""
        self.source_path = file_path(self.source_url)
        if (update_fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*update_fields, "source_path"}
        super().save(*args, **kwargs)


class Claim(models.IntegerChoices):
    """By what right an old address is a post's. Of two claims the smaller number wins."""

    GIVEN = 0  # to it, by somebody here
    LINK = 1  # its own there, where everybody could read it
    HIDDEN = 2  # its own there, where not everybody could
    FORMER = 3  # one that it had before, or that a file of it had


class OldAddress(models.Model):
    """Where a post was to be read before: whoever asks there is led on, for good.

    `path` is as old_paths.normalised() writes it, with the query where that named the post.
    """

    path = models.CharField(_("path"), max_length=500, unique=True)
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="old_addresses", verbose_name=_("post")
    )
    claim = models.PositiveSmallIntegerField(default=Claim.GIVEN, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")

    def __str__(self) -> str:
        return self.path
