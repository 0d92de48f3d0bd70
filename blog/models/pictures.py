"""Uploaded pictures, and the smaller copies of them that pages offer."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line
from blog.models.arrays import JSONArrayAgg


class PictureQuerySet(models.QuerySet["Picture"]):
    def with_copies(self) -> "PictureQuerySet":
        """With the smaller copies that pages offer (`copies`)."""
        return self.annotate(copies=copies_of("pk"))


def copies_of(key: str) -> Subquery:
    """Return an expression: a list of {"format", "width", "file"} of the picture of this key."""
    rows = Rendition._default_manager.filter(picture=OuterRef(key)).order_by().values("picture")
    one = JSONObject(format="format", width="width", file="file")
    return Subquery(rows.annotate(list=JSONArrayAgg(one)).values("list"))


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
    # Beside a text that says it all: then it has no words of its own, by its author's decision.
    is_decorative = models.BooleanField(_("only decoration"), default=False)
    caption = models.CharField(
        _("caption"), max_length=300, blank=True, validators=[validate_single_line]
    )
    credit = models.CharField(
        _("credit"), max_length=200, blank=True, validators=[validate_single_line]
    )
    # What must stay in sight when the picture is cut, in hundredths of its width and height.
    focal_x = models.PositiveSmallIntegerField(default=50, validators=[MaxValueValidator(100)])
    focal_y = models.PositiveSmallIntegerField(default=50, validators=[MaxValueValidator(100)])
    # Of the stored file: the same picture twice is one.
    digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    size = models.PositiveIntegerField(_("bytes"), default=0, editable=False)
    # Null until its smaller copies are made; after some failures nobody tries any more.
    rendered_at = models.DateTimeField(null=True, blank=True, editable=False)
    render_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PictureQuerySet] = PictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes = [
            # the library, newest first
            models.Index(fields=["-created_at", "-id"], name="picture_newest"),
            # by the name that a text has of it
            models.Index(fields=["file"], name="picture_by_file"),
            # what waits for its smaller copies
            models.Index(
                fields=["id"], condition=Q(rendered_at__isnull=True), name="picture_unrendered"
            ),
        ]

    def __str__(self) -> str:
        return self.alt or str(self.file)


class Rendition(models.Model):
    """A copy of a picture in another width or format, made beside the requests."""

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=4)  # "avif", "webp", "jpg" or "png"
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(upload_to="pictures/%Y/%m", max_length=255)

    class Meta:
        verbose_name = _("copy of a picture")
        verbose_name_plural = _("copies of pictures")
        constraints = [
            models.UniqueConstraint(
                fields=["picture", "format", "width"], name="one_rendition_a_width"
            )
        ]

    def __str__(self) -> str:
        return str(self.file)
