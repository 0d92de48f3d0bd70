"""What one reader with an account has done or wants, beside the comments themselves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.threads import Thread


class HelpfulMark(models.Model):
    """A reader found a comment helpful."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="helpful_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("helpful mark")
        verbose_name_plural = _("helpful marks")
        constraints = [
            models.UniqueConstraint(fields=["user", "comment"], name="helpful_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.comment_id}"


class Mute(models.Model):
    """A reader does not want to read another one. Nobody else notices."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("muted reader")
        verbose_name_plural = _("muted readers")
        constraints = [
            models.UniqueConstraint(fields=["user", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(user=F("muted")), name="mute_is_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.muted_id}"


class ThreadVisit(models.Model):
    """Up to which version of a thread a reader knows it, on whatever device.

    Shape: what came after `since_version` is new; `seen_version` becomes that with the next visit,
    which is one that starts some time after `seen_at`.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="visits")
    since_version = models.PositiveIntegerField()
    seen_version = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(fields=["user", "thread"], name="visit_of_reader_to_thread")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.thread_id} {self.seen_version}"
