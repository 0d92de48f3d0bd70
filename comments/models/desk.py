"""What the desk keeps beside the log: who is looking at what, letters on their way, a clock."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.log import ModerationLogEntry
from comments.models.sanctions import Sanction


class Presence(models.Model):
    """Which comment an editor has before them. Expires by itself, and is no part of any history."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence at the desk")
        verbose_name_plural = _("presences at the desk")

    def __str__(self) -> str:
        return f"{self.name}: {self.comment_id}"


class OutgoingLetter(models.Model):
    """A letter that an act has caused. It waits a while, so that undoing the act withdraws it."""

    entry = models.ForeignKey(
        ModerationLogEntry, models.CASCADE, null=True, blank=True, related_name="letters"
    )
    sanction = models.ForeignKey(
        Sanction, models.CASCADE, null=True, blank=True, related_name="letters"
    )
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    due_at = models.DateTimeField(_("to be sent"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, withdrawn_at=None),
                name="letter_is_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class ListsVersion(models.Model):
    """Counts the changes of lists and measures, so that every process knows when to read anew."""

    number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="lists_version_is_one")]

    def __str__(self) -> str:
        return str(self.number)


class SearchProgress(models.Model):
    """Up to which row of the log SQLite's index for searching knows the comments."""

    last_entry = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="search_progress_is_one")]

    def __str__(self) -> str:
        return str(self.last_entry)
