"""What readers tell the editors about a comment: a row of its own, never a status."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.log import ModerationLogEntry


class ReportReason(models.TextChoices):
    """Why a reader reports a comment, in the reader's words."""

    SPAM = "spam", _("It is advertising or spam")
    ABUSE = "abuse", _("It attacks or insults somebody")
    PERSONAL_DATA = "personal_data", _("It gives away somebody's personal data")
    ILLEGAL = "illegal", _("It is against the law")
    OFF_TOPIC = "off_topic", _("It has nothing to do with the page")
    OTHER = "other", _("Something else")


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        """Those that no editor has looked at yet."""
        return self.filter(settled_by=None)


class Report(models.Model):
    """One reader's word about one comment. An editor's next act on the comment settles it."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Who it was, as a digest: the account, or what is known of a guest. One word each.
    reporter_key = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=40, choices=ReportReason.choices)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    settled_by = models.ForeignKey(
        ModerationLogEntry, models.SET_NULL, null=True, blank=True, related_name="settled"
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[ReportQuerySet] = ReportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reporter_key"],
                condition=Q(settled_by=None),
                name="report_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.reason}"
