"""What posts are found by: tags, the shelves of categories, and series with their own order."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line, validate_visible


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


class Series(models.Model):
    """Posts that belong together, in an order that their author gives them."""

    title = models.CharField(
        _("title"), max_length=120, validators=[validate_single_line, validate_visible]
    )
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("blog:series", args=[self.slug])
