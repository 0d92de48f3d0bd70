"""What was written: the copy an author works on, and each text that was meant to stay.

Both hold a post's words as one JSON object, in the shape that blog/words.py says. publishing/
alone writes them.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.posts import Post


class WorkingCopy(models.Model):
    """What is being written and is not the post yet: of one that is out, its next version.

    There is one a post, and none where the post itself is what was written last. Its version is
    the post's `text_version`.
    """

    post = models.OneToOneField(Post, models.CASCADE, related_name="working_copy")
    words = models.JSONField()
    # Out of `words`, for lists.
    title = models.CharField(max_length=300, blank=True)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # Saved by a person, not only kept while they were typing.
    is_saved = models.BooleanField(default=False)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        # also the index of what somebody was writing last
        indexes = [models.Index(fields=["editor", "-saved_at"], name="working_copies_of_editor")]

    def __str__(self) -> str:
        return self.title


class RevisionKind(models.TextChoices):
    """How a text came to be."""

    START = "start", _("started")
    SAVE = "save", _("saved")
    # Kept while somebody was typing, before another person or a long pause.
    KEPT = "kept", _("kept while writing")
    PUBLISH = "publish", _("published")
    RESTORE = "restore", _("restored")
    MERGE = "merge", _("merged")
    CONVERT = "convert", _("converted")
    RECEIVE = "receive", _("received from elsewhere")


class Revision(models.Model):
    """A post's words as they once were. Rows are added, never changed."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=RevisionKind.choices)
    words = models.JSONField()
    # Names of the fields that differ from the revision before.
    changed = models.JSONField(default=list)
    # The post's `text_version` that this was.
    text_version = models.PositiveIntegerField()
    restored_from = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(_("who"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["post", "-number"]
        constraints = [
            # also the index of a post's history, newest first
            models.UniqueConstraint(fields=["post", "number"], name="one_revision_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}, {self.number}"


class ScheduledChange(models.Model):
    """A text that becomes a post's at a moment to come, whatever is written in the meantime."""

    post = models.OneToOneField(Post, models.CASCADE, related_name="scheduled_change")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    publish_at = models.DateTimeField(_("when"), db_index=True)
    scheduler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("scheduled change")
        verbose_name_plural = _("scheduled changes")

    def __str__(self) -> str:
        return f"{self.revision} at {self.publish_at}"
