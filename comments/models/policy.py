"""What the editors' page of rules writes beside the rules: who changed what, and when."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.threads import Thread


class RulesChange(models.Model):
    """One saving of the site's rules, or of one discussion's. Rows are added, never changed."""

    # Null: the rules of the site.
    thread = models.ForeignKey(
        Thread, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("thread")
    )
    # No constraint: what was changed outlives the account that did it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("account"),
    )
    actor_name = models.CharField(_("who"), max_length=80, blank=True)
    # Shape: {field: [before, after]}.
    changes = models.JSONField(_("changes"), default=dict)
    # What the rehearsal told before it was saved; null where none was made.
    rehearsal = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("change of rules")
        verbose_name_plural = _("changes of rules")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.actor_name}: {', '.join(self.changes)}"
