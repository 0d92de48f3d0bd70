"""Who looks at a draft besides its author: notes on it, links for outsiders, who is in it now."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line, validate_visible
from blog.models.caps import NOTE_MAX_LENGTH
from blog.models.posts import Post


def new_key() -> str:
    return get_random_string(22)


class ShareLink(models.Model):
    """A signed address under which an outsider reads a draft, until it expires or is revoked."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="share_links")
    # Signed, it is the address; here it lets one be revoked.
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    label = models.CharField(
        _("for whom"), max_length=80, blank=True, validators=[validate_single_line]
    )
    takes_notes = models.BooleanField(_("notes may be left"), default=True)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("until"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_count = models.PositiveIntegerField(default=0, editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("link to a draft")
        verbose_name_plural = _("links to drafts")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.label or self.key[:6]

    def is_live(self, now: datetime | None = None) -> bool:
        return self.revoked_at is None and self.expires_at > (now or timezone.now())


class ReviewNote(models.Model):
    """What a reader of a draft says to its author, on a paragraph or on the whole."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="notes")
    # The paragraph's own words at that time; empty for a note on the whole. By them it is found
    # again in a text that has changed.
    quote = models.TextField(blank=True)
    # Which paragraph it was, counted from 0.
    paragraph = models.PositiveIntegerField(null=True, blank=True)
    text_version = models.PositiveIntegerField(default=0)
    body = models.TextField(_("note"), max_length=NOTE_MAX_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author_name = models.CharField(
        _("name"), max_length=80, validators=[validate_single_line, validate_visible]
    )
    # Of an outsider: the link that they came by.
    share_link = models.ForeignKey(
        ShareLink, models.SET_NULL, null=True, blank=True, related_name="notes"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Of the form that it was sent with: the same form makes no second one.
    creation_key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("note on a draft")
        verbose_name_plural = _("notes on drafts")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.body[:60]


class EditorPresence(models.Model):
    """Somebody has a post open to write in it, and was there a moment ago."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="presences", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], name="one_presence_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.post_id}"
