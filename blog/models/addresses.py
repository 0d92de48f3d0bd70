"""Where posts were before: files and addresses that came along, and what was given up here."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.labels import Category, Series, Tag
from blog.models.pictures import Picture
from blog.models.posts import Post
from blog.old_paths import file_path


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


class SlugKind(models.TextChoices):
    """Whose address a slug was. One word may have named a tag and a post."""

    POST = "post", _("post")
    TAG = "tag", _("tag")
    CATEGORY = "category", _("category")
    SERIES = "series", _("series")
    AUTHOR = "author", _("author")


class FormerSlug(models.Model):
    """A slug under which something was public, and is not any more: whoever asks is led on.

    It knows whose it was, not what came after it: a chain of renamings is one step for a reader.
    It may be the slug that a label or a person has still, of which no post tells any more that it
    was public.
    """

    kind = models.CharField(max_length=8, choices=SlugKind.choices)
    slug = models.SlugField(max_length=120)
    post = models.ForeignKey(
        Post, models.CASCADE, null=True, blank=True, related_name="former_slugs"
    )
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="former_slugs")
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="former_slugs"
    )
    series = models.ForeignKey(
        Series, models.CASCADE, null=True, blank=True, related_name="former_slugs"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="one_owner_of_a_former_slug"),
            models.CheckConstraint(
                condition=Q(kind="post", post__isnull=False)
                | Q(kind="tag", tag__isnull=False)
                | Q(kind="category", category__isnull=False)
                | Q(kind="series", series__isnull=False)
                | Q(kind="author", author__isnull=False),
                name="former_slug_was_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class FormerLabel(models.Model):
    """What a tag or a category was known by before it was renamed or merged.

    Whatever was written before that (a form, a working copy, a plan, a revision) still means it: a
    tag by its folded name, a category by its key.
    """

    kind = models.CharField(max_length=8, choices=SlugKind.choices)
    known_by = models.CharField(max_length=180)
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("former label")
        verbose_name_plural = _("former labels")
        constraints = [
            models.UniqueConstraint(fields=["kind", "known_by"], name="one_label_known_by"),
            models.CheckConstraint(
                condition=Q(kind="tag", tag__isnull=False)
                | Q(kind="category", category__isnull=False),
                name="former_label_is_somethings",
            ),
        ]

    def __str__(self) -> str:
        return self.known_by
