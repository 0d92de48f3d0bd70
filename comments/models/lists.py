"""The editors' lists of words and domains."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ListKind(models.TextChoices):
    WORD = "word", _("word or phrase")
    DOMAIN = "domain", _("domain")


class ListEffect(models.TextChoices):
    HOLD = "hold", _("hold for an editor")
    SPAM = "spam", _("treat as spam")


class ListEntry(models.Model):
    """A word or a domain that editors watch for. spam/lists.py matches them."""

    kind = models.CharField(_("kind"), max_length=6, choices=ListKind.choices)
    pattern = models.CharField(
        _("word or domain"),
        max_length=200,
        help_text=_(
            "A whole word or phrase, or a domain such as example.com (its subdomains too)."
        ),
    )
    effect = models.CharField(
        _("effect"), max_length=4, choices=ListEffect.choices, default=ListEffect.HOLD
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("listed word or domain")
        verbose_name_plural = _("word and domain lists")
        constraints = [models.UniqueConstraint(fields=["kind", "pattern"], name="list_entry_once")]

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        """Refuse a pattern that has no word in it: it could never match."""
        if not any(char.isalnum() for char in self.pattern):
            raise ValidationError({"pattern": _("Write at least one letter or digit.")})
