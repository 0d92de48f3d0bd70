"""What editors do about people: warned, premoderated, suspended, banned; and since when and why."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SanctionKind(models.TextChoices):
    WARN = "warn", _("warned")
    PREMODERATE = "premoderate", _("every comment waits")
    SUSPEND = "suspend", _("suspended")
    BAN = "ban", _("banned")


class SanctionTarget(models.TextChoices):
    ACCOUNT = "account", _("account")
    EMAIL = "email", _("e-mail address")
    DOMAIN = "domain", _("e-mail domain")
    NETWORK = "network", _("network")


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self, at: datetime | None = None) -> "SanctionQuerySet":
        """Those that were neither lifted nor have run out."""
        at = at or timezone.now()
        return self.filter(lifted_at=None).filter(Q(ends_at=None) | Q(ends_at__gt=at))


class Sanction(models.Model):
    """One measure against one target. It is lifted, never deleted: the rows are their own log.

    Shape: `value` as it is compared: an account's id, a folded address, a folded domain, a network
    in CIDR notation. `batch` is shared with the comments that were rejected in the same act.
    """

    kind = models.CharField(_("measure"), max_length=11, choices=SanctionKind.choices)
    target = models.CharField(_("against"), max_length=7, choices=SanctionTarget.choices)
    value = models.CharField(_("who"), max_length=254)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    message = models.TextField(_("text for the person"), max_length=2000, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    # As in the log: the row outlives the account untouched.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("by"),
    )
    actor_name = models.CharField(_("by"), max_length=80)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by_name = models.CharField(_("lifted by"), max_length=80, blank=True)
    batch = models.UUIDField(null=True, blank=True, db_index=True)

    objects: ClassVar[SanctionQuerySet] = SanctionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures against people")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["target", "value"], name="sanction_by_target")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None and (self.ends_at is None or self.ends_at > timezone.now())
