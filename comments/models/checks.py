"""What the checks leave behind: how well each runs, which comment one still owes a verdict, what
left the site for it.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.log import ModerationLogEntry


class CheckHealth(models.Model):
    """How one check has run. Units: `seconds` of all calls together, `slowest` of one."""

    check_path = models.CharField(_("check"), max_length=200, unique=True)
    calls = models.PositiveBigIntegerField(_("calls"), default=0)
    failures = models.PositiveBigIntegerField(_("failures"), default=0)
    seconds = models.FloatField(default=0.0)
    slowest = models.FloatField(default=0.0)
    last_ok_at = models.DateTimeField(_("last answered"), null=True, blank=True)
    last_failed_at = models.DateTimeField(_("last failed"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    # What a service asks its users to be told.
    alert = models.CharField(_("notice"), max_length=300, blank=True)
    # The circuit breaker of a remote check: while it is open, nobody waits for it.
    failed_in_row = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(_("not asked until"), null=True, blank=True)

    class Meta:
        verbose_name = _("health of a check")
        verbose_name_plural = _("health of the checks")

    def __str__(self) -> str:
        return self.check_path


class UncheckedComment(models.Model):
    """A comment that a check still owes a verdict: it failed, or asked to be asked again."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="unchecked")
    check_path = models.CharField(_("check"), max_length=200)
    # The words that were to be checked; other words have a row of their own.
    revision = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    # Null: given up, or settled by an editor.
    due_at = models.DateTimeField(_("to be asked again"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("unchecked comment")
        verbose_name_plural = _("unchecked comments")
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "check_path", "revision"], name="unchecked_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="unchecked_is_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.check_path}"


class Outcome(models.TextChoices):
    """What came of sending something: written after it, so that what was begun is known."""

    BEGUN = "begun", _("sent, no answer known")
    ANSWERED = "answered", _("answered")
    FAILED = "failed", _("failed")


class EgressEntry(models.Model):
    """What of one comment left the site: to whom, when and why. Empty by default."""

    # Null until the comment is stored, and where it never was.
    comment = models.ForeignKey(
        Comment, models.CASCADE, null=True, blank=True, related_name="egress"
    )
    submission_key = models.CharField(max_length=64, db_index=True)
    service = models.CharField(_("to"), max_length=80)
    host = models.CharField(_("host"), max_length=200)
    # "check", "recheck", "report as spam", "report as ham": a code, said in words by egress.py.
    purpose = models.CharField(_("why"), max_length=20)
    # Shape: the names of the fields that were sent.
    fields = models.JSONField(_("what"), default=list)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.BEGUN
    )
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("transmission")
        verbose_name_plural = _("transmissions")

    def __str__(self) -> str:
        return f"{self.service}: {self.purpose}"


class SentFields(models.Model):
    """The fields of a comment as first sent to a service, for reports to it; kept 15 days."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="sent_fields")
    service = models.CharField(max_length=80)
    # Shape: {field: value}.
    fields: Any = models.JSONField(default=dict)
    verdict = models.CharField(max_length=10)
    answer_id = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("sent fields")
        verbose_name_plural = _("sent fields")

    def __str__(self) -> str:
        return f"{self.service}: {self.comment_id}"


class Feedback(models.Model):
    """A report of an editor's decision to a service. It waits a while, like a letter."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="feedback")
    entry = models.ForeignKey(ModerationLogEntry, models.CASCADE, related_name="feedback")
    service = models.CharField(max_length=80)
    label = models.CharField(max_length=4)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("report to a service")
        verbose_name_plural = _("reports to services")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, withdrawn_at=None),
                name="feedback_is_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.label}"


class RetentionProgress(models.Model):
    """Up to which comment the facts of submissions were cleared."""

    last_comment = models.BigIntegerField(default=0)
    # When that one was written; null at the beginning.
    written_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="retention_progress_is_one")]

    def __str__(self) -> str:
        return str(self.last_comment)
