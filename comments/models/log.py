"""The log of every act on a comment: append-only."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.status import Action, Status

# In the detail of what the site did itself, because a check answered that had failed: its path.
RECHECKED = "rechecked"


class LogQuerySet(models.QuerySet["ModerationLogEntry"]):
    def judging(self) -> "LogQuerySet":
        """Return the rows that say what the checks found in the words of their revision."""
        of_words = Q(action__in=(Action.SUBMIT, Action.EDIT))
        return self.filter(of_words | Q(actor=None, detail__has_key=RECHECKED))


class ModerationLogEntry(models.Model):
    """One act on one comment. Rows are added, never changed: on PostgreSQL a trigger sees to it."""

    comment = models.ForeignKey(
        Comment, models.PROTECT, related_name="log", verbose_name=_("comment")
    )
    # Null is the system or a guest. No constraint: the log outlives the account untouched.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,  # log_by_actor
        related_name="+",
        verbose_name=_("account"),
    )
    actor_name = models.CharField(_("who"), max_length=80, blank=True)
    action = models.CharField(_("act"), max_length=10, choices=Action.choices)
    old_status = models.CharField(_("from"), max_length=10, choices=Status.choices, blank=True)
    new_status = models.CharField(_("to"), max_length=10, choices=Status.choices)
    revision = models.PositiveIntegerField(_("revision"))
    # The revision that readers saw before; undo gives it back to them.
    public_before = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    # What the author was told; letters wait a while and may have been withdrawn.
    message = models.TextField(_("text for the author"), max_length=2000, blank=True)
    # What undoing needs and no other column holds, such as the place a comment was moved from.
    detail = models.JSONField(null=True, blank=True, editable=False)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    # The acts of one bulk act share it, so that they can be undone as one.
    batch = models.UUIDField(null=True, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    created_at = models.DateTimeField(_("when"), db_index=True)

    objects: ClassVar[LogQuerySet] = LogQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("moderation log")
        ordering = ["pk"]
        # Most acts are a guest's and single: those are in neither.
        indexes = [
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="log_by_actor"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="log_by_batch"),
        ]

    def __str__(self) -> str:
        who = self.actor_name or _("the site")
        return f"{who}: {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The moderation log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The moderation log is append-only.")

    @property
    def is_recheck(self) -> bool:
        return self.actor_id is None and RECHECKED in (self.detail or {})

    @property
    def is_judging(self) -> bool:
        """Whether it says what the checks found: as LogQuerySet.judging()."""
        return self.action in (Action.SUBMIT, Action.EDIT) or self.is_recheck
