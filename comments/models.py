"""Threads, comments and the log of every act on them: fields, constraints, indexes.

Rows are changed by moderation.py only (the one door); reading.py turns them into pages. A thread
belongs to whatever page has its `url`; comments know nothing of posts.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.status import Action, Status
from comments.transfer.records import ImportMap, ImportRun

# Django finds an app's models here; those of transfer/ stand in a room of their own.
__all__ = [
    "AuthorMark",
    "Comment",
    "CommentKind",
    "CommentRevision",
    "ImportMap",
    "ImportRun",
    "ListEffect",
    "ListEntry",
    "ListKind",
    "Markup",
    "ModerationLogEntry",
    "Thread",
    "path_segment",
]

# A path is the numbers from the root down, each in base 36 and five places wide: 60 million
# comments a thread, and text order is reading order.
PATH_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PATH_SEGMENT = 5
PATH_LEVELS = 40


class ThreadQuerySet(models.QuerySet["Thread"]):
    def public(self) -> "ThreadQuerySet":
        """Those whose page everybody may read by now."""
        return self.filter(public_at__lte=timezone.now())


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
    # Derived, and kept in the transaction of every act: counters, the last number given out, and
    # the version that each visible change increments (the key of every cache).
    approved_count = models.PositiveIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
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
    def is_public(self) -> bool:
        return self.public_at is not None and self.public_at <= timezone.now()

    def accepts_comments(self) -> bool:
        return self.is_public and self.is_open


class AuthorMark(models.TextChoices):
    """What the page says of who wrote a comment, as it was when they wrote it."""

    NONE = "", _("reader")
    AUTHOR = "author", _("author")
    EDITOR = "editor", _("editor")


class CommentKind(models.TextChoices):
    """What stands in a thread: somebody's words, or the note that another page links here."""

    COMMENT = "comment", _("comment")
    PINGBACK = "pingback", _("pingback")
    TRACKBACK = "trackback", _("trackback")


class Markup(models.TextChoices):
    """What a text is written in. HTML comes from elsewhere only; nobody writes it here."""

    MARKDOWN = "markdown", _("Markdown")
    HTML = "html", _("HTML")


class CommentQuerySet(models.QuerySet["Comment"]):
    def approved(self) -> "CommentQuerySet":
        return self.filter(status=Status.APPROVED)

    def shown(self) -> "CommentQuerySet":
        """What stands on the page: approved ones, and tombstones that hold up living replies."""
        return self.filter(Q(status=Status.APPROVED) | Q(living_replies__gt=0))


class Comment(models.Model):
    thread = models.ForeignKey(
        Thread, models.PROTECT, related_name="comments", verbose_name=_("thread")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replies"
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=CommentKind.choices, default=CommentKind.COMMENT
    )
    number = models.PositiveIntegerField(_("number"))
    path = models.CharField(max_length=PATH_SEGMENT * PATH_LEVELS)
    depth = models.PositiveSmallIntegerField(_("depth"), default=0)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    # Approved comments below this one. Decides whether a removed comment leaves a tombstone.
    living_replies = models.PositiveIntegerField(default=0, editable=False)

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("account"),
    )
    author_name = models.CharField(_("name"), max_length=80)
    author_email = models.EmailField(_("e-mail address"), blank=True)
    author_website = models.URLField(_("website"), blank=True)
    author_mark = models.CharField(
        max_length=6, choices=AuthorMark.choices, blank=True, default=AuthorMark.NONE
    )

    body = models.TextField(_("comment"))
    markup = models.CharField(
        max_length=8, choices=Markup.choices, default=Markup.MARKDOWN, editable=False
    )
    body_html = models.TextField(editable=False)
    markup_version = models.PositiveSmallIntegerField(editable=False)
    # Of the text with case and spacing folded: finds the same words posted again.
    body_digest = models.CharField(max_length=32, editable=False)

    # The facts as submitted, for the checks and the editor; never public.
    ip_address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    user_agent = models.CharField(_("browser"), max_length=400, blank=True)
    referrer = models.CharField(_("came from"), max_length=500, blank=True)
    seconds_taken = models.FloatField(_("seconds to write"), null=True, blank=True)
    honeypot = models.CharField(_("honeypot"), max_length=200, blank=True)
    # One form makes one comment: a digest of the form's key and what was in it.
    submission_key = models.CharField(max_length=64, unique=True, editable=False)

    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    objects: ClassVar[CommentQuerySet] = CommentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        permissions = [("moderate_comment", "Can moderate comments")]
        constraints = [
            models.UniqueConstraint(fields=["thread", "number"], name="comment_number_in_thread"),
            models.UniqueConstraint(fields=["thread", "path"], name="comment_path_in_thread"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="comment_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="comment_not_own_parent"
            ),
        ]
        indexes = [
            # the moderation queue: one status, newest or oldest first
            models.Index(fields=["status", "-created_at", "-id"], name="comment_queue"),
            # flood: what came from this network address of late
            models.Index(fields=["ip_address", "created_at"], name="comment_by_address"),
            # repeated text: the same words of late
            models.Index(fields=["body_digest", "created_at"], name="comment_by_words"),
            # an author's record; and the first-time check
            models.Index(fields=["author", "status"], name="comment_by_author"),
            models.Index(fields=["author_email", "status"], name="comment_by_email"),
        ]

    def __str__(self) -> str:
        return _("%(name)s on “%(thread)s”") % {"name": self.author_name, "thread": self.thread}

    def get_absolute_url(self) -> str:
        return reverse("comments:permalink", args=[self.thread_id, self.number])

    @property
    def anchor(self) -> str:
        return f"comment-{self.number}"

    def is_approved(self) -> bool:
        return self.status == Status.APPROVED

    def is_changeable(self) -> bool:
        """Tell whether its author may still edit or delete it: for some minutes, while it lives."""
        window = timedelta(minutes=settings.COMMENTS_EDIT_WINDOW_MINUTES)
        living = self.status in (Status.PENDING, Status.APPROVED, Status.SPAM)
        return living and timezone.now() - self.created_at < window

    def ancestor_paths(self) -> list[str]:
        """Return the paths of the comments above, from the root down."""
        return [self.path[:end] for end in range(PATH_SEGMENT, len(self.path), PATH_SEGMENT)]

    def path_of_reply(self, number: int) -> tuple[str, int]:
        """Return path and depth of a reply to this comment.

        Below PATH_LEVELS a reply stands beside its parent; `parent` still says whom it answers.
        """
        levels = len(self.path) // PATH_SEGMENT
        stem = self.path if levels < PATH_LEVELS else self.path[:-PATH_SEGMENT]
        return stem + path_segment(number), len(stem) // PATH_SEGMENT


def path_segment(number: int) -> str:
    """Return a comment's number as a path segment: base 36, PATH_SEGMENT places.

    Raises: OverflowError above 36 ** PATH_SEGMENT - 1.
    """
    if not 0 < number < 36**PATH_SEGMENT:
        raise OverflowError(f"A thread holds no comment number {number}.")
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = PATH_DIGITS[digit] + digits
    return digits.rjust(PATH_SEGMENT, "0")


class CommentRevision(models.Model):
    """A text that a comment had before an edit."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField(_("revision"))
    body = models.TextField(_("comment"))
    markup = models.CharField(max_length=8, choices=Markup.choices, default=Markup.MARKDOWN)
    body_html = models.TextField()
    replaced_at = models.DateTimeField(_("replaced"))

    class Meta:
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")
        constraints = [
            models.UniqueConstraint(fields=["comment", "revision"], name="revision_of_comment")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}:{self.revision}"


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
        related_name="+",
        verbose_name=_("account"),
    )
    actor_name = models.CharField(_("who"), max_length=80, blank=True)
    action = models.CharField(_("act"), max_length=10, choices=Action.choices)
    old_status = models.CharField(_("from"), max_length=10, choices=Status.choices, blank=True)
    new_status = models.CharField(_("to"), max_length=10, choices=Status.choices)
    revision = models.PositiveIntegerField(_("revision"))
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    # The acts of one bulk act share it, so that they can be undone as one.
    batch = models.UUIDField(null=True, blank=True, db_index=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    created_at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("moderation log")
        ordering = ["pk"]

    def __str__(self) -> str:
        who = self.actor_name or _("the site")
        return f"{who}: {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The moderation log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The moderation log is append-only.")


class ListKind(models.TextChoices):
    WORD = "word", _("word or phrase")
    DOMAIN = "domain", _("domain")


class ListEffect(models.TextChoices):
    HOLD = "hold", _("hold for an editor")
    SPAM = "spam", _("treat as spam")


class ListEntry(models.Model):
    """A word or a domain that editors watch for. spam/lists.py matches them."""

    kind = models.CharField(_("kind"), max_length=6, choices=ListKind.choices)
    pattern = models.CharField(
        _("word or domain"),
        max_length=200,
        help_text=_(
            "A whole word or phrase, or a domain such as example.com (its subdomains too)."
        ),
    )
    effect = models.CharField(
        _("effect"), max_length=4, choices=ListEffect.choices, default=ListEffect.HOLD
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("listed word or domain")
        verbose_name_plural = _("word and domain lists")
        constraints = [models.UniqueConstraint(fields=["kind", "pattern"], name="list_entry_once")]

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        """Refuse a pattern that has no word in it: it could never match."""
        if not any(char.isalnum() for char in self.pattern):
            raise ValidationError({"pattern": _("Write at least one letter or digit.")})
