"""What posts are found by: tags, the shelves of categories, and series with their own order."""

import unicodedata
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line, validate_visible


def folded_name(name: str) -> str:
    """Return what names of one tag have in common: case and the ways to write an accent undone.

    Here and not in the databases, which fold case each in its own way.
    Source: Unicode Standard, section 3.13, D145.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


class Tag(models.Model):
    name = models.CharField(
        _("name"), max_length=60, unique=True, validators=[validate_single_line]
    )
    # Derived from it. Not unique: an import may bring two that differ in case alone.
    key = models.CharField(max_length=180, editable=False)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        indexes = [
            # what somebody types
            models.Index(fields=["key"], name="tag_by_key"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Derive `key`."""
        self.key = folded_name(self.name)
        if (update_fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*update_fields, "key"}
        super().save(*args, **kwargs)

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
