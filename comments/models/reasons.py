"""Why editors decide as they do: a list that they keep themselves."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_REASONS_WITH_A_KEY = 9


class Reason(models.Model):
    """A reason that the log names by its code, so that it may be renamed and put aside."""

    code = models.SlugField(
        _("code"), max_length=40, unique=True, help_text=_("Stands in the log and never changes.")
    )
    label = models.CharField(_("reason"), max_length=80)
    key = models.CharField(
        _("key"),
        max_length=1,
        blank=True,
        validators=[RegexValidator(r"^[1-9]$", _("A digit from 1 to 9."))],
        help_text=_("The digit that chooses it, right after the key of the act."),
    )
    text_for_author = models.TextField(
        _("text for the author"),
        max_length=2000,
        blank=True,
        help_text=_("Offered for the letter to the author; can be changed each time."),
    )
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["position", "label"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=~models.Q(key=""),
                name="reason_key_once",
                violation_error_message=_("Another reason has this key."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse to give an old reason another code. Raises: ValidationError."""
        if self.pk and not Reason.objects.filter(pk=self.pk, code=self.code).exists():
            raise ValidationError({"code": _("The log names this reason by its code.")})
