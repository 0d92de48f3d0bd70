"""Where comments stood before they were moved, so that old links still lead to them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.threads import Thread


class CommentMove(models.Model):
    """A place that a comment has left. Numbers are given out once, so nothing else stands there."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("place before a move")
        verbose_name_plural = _("places before a move")
        constraints = [
            models.UniqueConstraint(fields=["thread", "number"], name="comment_stood_there_once")
        ]

    def __str__(self) -> str:
        return f"{self.thread_id}/{self.number}: {self.comment_id}"
