"""The editors' rules for all discussions of the site: one row, changed in the admin."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.threads import ClosesFrom
from comments.status import Status

ONLY = 1
# What its author may still change. What an editor removed is the editor's to give back.
CHANGEABLE = frozenset({Status.PENDING, Status.APPROVED, Status.SPAM})
MOST_MINUTES = 60 * 24 * 30


class DiscussionRules(models.Model):
    edit_minutes = models.PositiveIntegerField(
        _("minutes to edit"),
        default=15,
        validators=[MaxValueValidator(MOST_MINUTES)],
        help_text=_("How long people may change or delete their own comment. 0: not at all."),
    )
    proved_edit_minutes = models.PositiveIntegerField(
        _("minutes to edit, address proved"),
        default=60 * 24,
        validators=[MaxValueValidator(MOST_MINUTES)],
        help_text=_("The same for accounts, and for guests who confirmed their address."),
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("days until a discussion closes"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(3650)],
        help_text=_("0: never by itself. A single discussion may have a rule of its own."),
    )
    close_counts_from = models.CharField(
        _("counted from"),
        max_length=11,
        choices=ClosesFrom.choices,
        default=ClosesFrom.PUBLICATION,
    )

    class Meta:
        verbose_name = _("rules for discussions")
        verbose_name_plural = _("rules for discussions")
        constraints = [models.CheckConstraint(condition=models.Q(pk=ONLY), name="rules_are_one")]

    def __str__(self) -> str:
        return str(_("Rules for discussions"))

    @classmethod
    def in_force(cls) -> "DiscussionRules":
        """Return the one row, or the defaults while nobody has changed them. Queries: 1."""
        return cls.objects.filter(pk=ONLY).first() or cls(pk=ONLY)

    def edit_window(self, *, is_proved: bool) -> timedelta:
        return timedelta(minutes=self.proved_edit_minutes if is_proved else self.edit_minutes)

    def lets_change(
        self, status: str, created_at: datetime, *, is_proved: bool, now: datetime | None = None
    ) -> bool:
        """Tell whether its author may change or delete a comment by now. Pure.

        `is_proved`: written with an account, or the guest's address was confirmed.
        """
        age = (now or timezone.now()) - created_at
        return status in CHANGEABLE and age < self.edit_window(is_proved=is_proved)
