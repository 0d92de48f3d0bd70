"""The discussion under one page: whose it is, who may read it, when it takes comments."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.handles import with_key

# Readers are told this long before a discussion closes by itself.
CLOSES_SOON = timedelta(days=14)
# Some days after a later instant there may be no date any more that could be read.
FAR_AWAY = datetime(9900, 1, 1, tzinfo=UTC)


class ThreadQuerySet(models.QuerySet["Thread"]):
    def public(self) -> "ThreadQuerySet":
        """Those whose page everybody may read by now."""
        return self.filter(public_at__lte=timezone.now())


class ClosesFrom(models.TextChoices):
    """What the days until a discussion closes are counted from."""

    PUBLICATION = "publication", _("the publication of the page")
    COMMENT = "comment", _("the last comment")


class Thread(models.Model):
    """The discussion under one page. The page's owner keeps title, url and openness true."""

    title = models.CharField(_("title"), max_length=300)
    url = models.CharField(_("address"), max_length=500, help_text=_("Path of the page."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    # Null while nobody may read the page. An instant to come makes a scheduled page's thread
    # public when its time has come, with nobody there to do it.
    public_at = models.DateTimeField(_("public since"), null=True, blank=True)
    is_open = models.BooleanField(_("open for comments"), default=True)
    # No list names its page; nor does anything that leads on from the thread's number (handles.py).
    is_unlisted = models.BooleanField(_("its page is unlisted"), default=False, editable=False)
    # Its page is kept for the record: whatever else is said here, nobody adds to it.
    is_archived = models.BooleanField(_("its page is archived"), default=False, editable=False)
    # Since when and why somebody closed it by hand; readers are told both.
    closed_at = models.DateTimeField(_("closed since"), null=True, blank=True, editable=False)
    closing_note = models.CharField(_("why it is closed"), max_length=200, blank=True)
    # Null: as the site's rules say. 0: never by itself.
    close_after_days = models.PositiveSmallIntegerField(
        _("closes after days"), null=True, blank=True
    )
    close_counts_from = models.CharField(
        _("counted from"), max_length=11, choices=ClosesFrom.choices, blank=True
    )
    # Derived from the rules in force, the publication and the last comment.
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True, editable=False)
    last_comment_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_premoderated = models.BooleanField(_("every comment waits for an editor"), default=False)
    # Whose comments wait here, and how many links they may have; empty: as the site's rules say.
    held_people = models.CharField(_("wait for an editor"), max_length=9, blank=True)
    max_links = models.PositiveSmallIntegerField(_("links"), null=True, blank=True)
    # The least time between two comments of one person; 0 is off.
    slow_seconds = models.PositiveIntegerField(_("seconds between comments"), default=0)
    # Since when and why it is premoderated or slow.
    cooled_at = models.DateTimeField(_("cooled since"), null=True, blank=True, editable=False)
    cooling_note = models.CharField(_("why it is cooled"), max_length=200, blank=True)
    # The comment that the page's author wants to be read first, by its number.
    pinned_number = models.PositiveIntegerField(_("pinned comment"), null=True, blank=True)
    # Derived, and kept in the transaction of every act: counters, the last number given out, and
    # the version that each visible change increments (the key of every cache).
    approved_count = models.PositiveIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    # How many readers have marked anything here as helpful.
    marker_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[ThreadQuerySet] = ThreadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def handle(self) -> str:
        """What names it in addresses."""
        return with_key(self.pk) if self.is_unlisted else str(self.pk)

    @property
    def is_public(self) -> bool:
        return self.public_at is not None and self.public_at <= timezone.now()

    def accepts_comments(self) -> bool:
        return self.is_public and self.is_open and not self.is_archived and not self.has_run_out()

    def has_run_out(self) -> bool:
        """Tell whether the days it was open for are over."""
        return self.closes_at is not None and self.closes_at <= timezone.now()

    def closes_soon(self) -> bool:
        """Tell whether it closes by itself before long: by the clock, not by the version."""
        if not self.accepts_comments() or self.closes_at is None:
            return False
        return self.closes_at <= timezone.now() + CLOSES_SOON

    def closing_after(self, days: int, counts_from: str) -> datetime | None:
        """Return when it closes under a rule. None: never by itself, or nobody reads it yet."""
        if not days or self.public_at is None:
            return None
        since = self.public_at
        if counts_from == ClosesFrom.COMMENT and self.last_comment_at is not None:
            since = max(since, self.last_comment_at)
        return since + timedelta(days=days) if since < FAR_AWAY else None

    @property
    def slow_interval(self) -> str:
        """How often one person may post, in words."""
        return interval_in_words(self.slow_seconds)

    @property
    def is_cooled(self) -> bool:
        return self.is_premoderated or self.slow_seconds > 0


def interval_in_words(seconds: int) -> str:
    """Return "minute", "10 minutes", "hour": what may follow "every"."""
    if seconds and seconds % 86_400 == 0:
        days = seconds // 86_400
        return ngettext("day", "%(count)s days", days) % {"count": days}
    if seconds and seconds % 3_600 == 0:
        hours = seconds // 3_600
        return ngettext("hour", "%(count)s hours", hours) % {"count": hours}
    if seconds and seconds % 60 == 0:
        minutes = seconds // 60
        return ngettext("minute", "%(count)s minutes", minutes) % {"count": minutes}
    return ngettext("second", "%(count)s seconds", seconds) % {"count": seconds}
