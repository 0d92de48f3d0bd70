"""The editors' lists of words, domains and networks."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ListKind(models.TextChoices):
    WORD = "word", _("word or phrase")
    DOMAIN = "domain", _("domain")
    NETWORK = "network", _("network")
    REGEX = "regex", _("regular expression")


class ListEffect(models.TextChoices):
    HOLD = "hold", _("hold for an editor")
    SPAM = "spam", _("treat as spam")


class ListEntry(models.Model):
    """A word, domain or network that editors watch for. spam/lists.py matches them."""

    kind = models.CharField(_("kind"), max_length=7, choices=ListKind.choices)
    pattern = models.CharField(
        _("what to look for"),
        max_length=200,
        help_text=_(
            "A whole word or phrase, a domain such as example.com (its subdomains too), a network "
            "such as 192.0.2.0/24, or a regular expression."
        ),
    )
    effect = models.CharField(
        _("effect"), max_length=4, choices=ListEffect.choices, default=ListEffect.HOLD
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    # How often it was found in a comment that came or was edited, and when that was last.
    hits = models.PositiveIntegerField(_("hits"), default=0, editable=False)
    last_hit_at = models.DateTimeField(_("last hit"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("list entry")
        verbose_name_plural = _("lists of words, domains and networks")
        constraints = [models.UniqueConstraint(fields=["kind", "pattern"], name="list_entry_once")]

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        """Refuse a word that has no letter in it: it could never be found."""
        # What its field or the form refused is empty here, and has its error.
        is_word = self.kind == ListKind.WORD and self.pattern
        if is_word and not any(char.isalnum() for char in self.pattern):
            raise ValidationError({"pattern": _("Write at least one letter or digit.")})
