"""What was done with posts, by whom: the log that publishing/ writes in each act's transaction."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.posts import Post
from blog.states import Act, PostStatus


class PublishingLogEntry(models.Model):
    """One act on one post. Rows are added, never changed: on PostgreSQL a trigger sees to it."""

    # No constraint: the log outlives the post and the account untouched.
    post = models.ForeignKey(
        Post,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="log",
        verbose_name=_("post"),
    )
    post_title = models.CharField(_("title then"), max_length=200, blank=True)
    # Null is the site itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,  # publishing_by_actor
        related_name="+",
        verbose_name=_("account"),
    )
    actor_name = models.CharField(_("who"), max_length=80, blank=True)
    act = models.CharField(_("act"), max_length=10, choices=Act.choices)
    old_status = models.CharField(_("from"), max_length=10, choices=PostStatus.choices, blank=True)
    new_status = models.CharField(_("to"), max_length=10, choices=PostStatus.choices)
    # The moment that a post or its changes were scheduled for, or waited for until this act; of an
    # address, what it was; of an author, who it was and is.
    detail = models.CharField(max_length=200, blank=True)
    # The number of the revision that it was about; 0 where there was none.
    revision = models.PositiveIntegerField(default=0)
    reason = models.CharField(_("why"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("entry of the publishing log")
        verbose_name_plural = _("publishing log")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["actor"], condition=Q(actor__isnull=False), name="publishing_by_actor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name or _('the site')}: {self.get_act_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The publishing log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The publishing log is append-only.")
