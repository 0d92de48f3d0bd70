"""A comment: its place in the thread, its words, who wrote it; and the texts it had before."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.models.rules import DiscussionRules
from comments.models.threads import Thread
from comments.networks import is_shortened, shown
from comments.status import Status

# A path is the numbers from the root down, each in base 36 and five places wide: 60 million
# comments a thread, and text order is reading order.
PATH_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PATH_SEGMENT = 5
PATH_LEVELS = 40


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

    def public(self) -> "CommentQuerySet":
        """What everybody may read: approved, or edited since while the approved text stands."""
        return self.filter(approved_revision__isnull=False)

    def shown(self) -> "CommentQuerySet":
        """What stands on the page: public ones, and tombstones that hold up living replies."""
        return self.filter(Q(approved_revision__isnull=False) | Q(living_replies__gt=0))


class Comment(models.Model):
    # The constraints on what is in one thread are indexes of it; each more is written each time.
    thread = models.ForeignKey(
        Thread,
        models.PROTECT,
        related_name="comments",
        db_index=False,
        verbose_name=_("thread"),
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
    # The revision that readers see: this one while it is approved; the last approved one while an
    # edit of it waits for an editor; null as soon as nobody is to see any.
    approved_revision = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # The HTML of that revision while the newest waits; else empty.
    standing_html = models.TextField(blank=True, editable=False)
    # The thread's version when this first became public. A reader who knows the thread up to a
    # version has not seen what came with a later one. 0: from before this was kept.
    shown_version = models.PositiveIntegerField(default=0, editable=False)
    # Public comments below this one. Decides whether a removed comment leaves a tombstone.
    living_replies = models.PositiveIntegerField(default=0, editable=False)

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        db_index=False,  # comment_by_author
        verbose_name=_("account"),
    )
    author_name = models.CharField(_("name"), max_length=80)
    author_email = models.EmailField(_("e-mail address"), blank=True)
    author_website = models.URLField(_("website"), blank=True)
    # How much the checks had against it; the riskiest may be looked at first.
    risk = models.PositiveSmallIntegerField(_("risk"), default=0, editable=False)
    # Words that the queues are filtered by: linked domains, checks that fired, networks, language
    # (facets.py).
    facets = models.TextField(blank=True, editable=False)
    # The open reports by readers, and since when there is one.
    open_reports = models.PositiveIntegerField(default=0, editable=False)
    reported_at = models.DateTimeField(null=True, blank=True, editable=False)

    author_mark = models.CharField(
        max_length=6, choices=AuthorMark.choices, blank=True, default=AuthorMark.NONE
    )

    body = models.TextField(_("comment"))
    markup = models.CharField(
        max_length=8, choices=Markup.choices, default=Markup.MARKDOWN, editable=False
    )
    body_html = models.TextField(editable=False)
    # The line above the words as readers see it, rendered when written; good while its stamp is
    # the one in force (drawing.py).
    meta_html = models.TextField(blank=True, editable=False)
    meta_stamp = models.CharField(max_length=12, blank=True, editable=False)
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

    # Readers who marked it as helpful, the readers who had marked something before it came, and
    # what follows from both for the order of the best (helpful.py).
    helpful_count = models.PositiveIntegerField(_("found helpful by"), default=0, editable=False)
    markers_before = models.PositiveIntegerField(default=0, editable=False)
    score = models.FloatField(default=0.0, editable=False)

    # When whoever reads letters to this address confirmed that it was them. Guests only.
    email_proved_at = models.DateTimeField(
        _("address proved"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    # Whether an editor changed the words; readers are told.
    is_edited_by_editor = models.BooleanField(default=False, editable=False)

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
                condition=(
                    Q(status=Status.APPROVED, approved_revision=F("revision"))
                    | Q(status=Status.PENDING, approved_revision__lt=F("revision"))
                    | Q(approved_revision__isnull=True) & ~Q(status=Status.APPROVED)
                ),
                name="comment_approved_is_public",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="comment_not_own_parent"
            ),
        ]
        indexes = [
            # sorts of a discussion too long for one page: its first comments, by one figure
            models.Index(
                fields=["thread", "-living_replies", "path"],
                condition=Q(depth=0),
                name="comment_most_replied",
            ),
            models.Index(
                fields=["thread", "-score", "path"], condition=Q(depth=0), name="comment_best"
            ),
            # where a page of such a discussion ends
            models.Index(fields=["thread", "path"], condition=Q(depth=0), name="comment_roots"),
            # people whom a text calls by name
            models.Index(fields=["thread", "author_name"], name="comment_by_name"),
            # "new comments" of an open page
            models.Index(fields=["thread", "shown_version"], name="comment_shown_since"),
            # the moderation queue: one status, newest or oldest first
            models.Index(fields=["status", "-created_at", "-id"], name="comment_queue"),
            # the same queue, those first that the checks had most against
            models.Index(
                fields=["-risk", "created_at", "id"],
                condition=Q(status=Status.PENDING),
                name="comment_riskiest",
            ),
            # what readers reported: the longest waiting first, or the most often reported
            models.Index(
                fields=["reported_at", "id"],
                condition=Q(reported_at__isnull=False),
                name="comment_reported",
            ),
            models.Index(
                fields=["-open_reports", "reported_at", "id"],
                condition=Q(reported_at__isnull=False),
                name="comment_most_reported",
            ),
            # flood: what came from this network address of late
            models.Index(fields=["ip_address", "created_at"], name="comment_by_address"),
            # repeated text: the same words of late
            models.Index(fields=["body_digest", "created_at"], name="comment_by_words"),
            # an author's record, since when too; and the first-time check
            models.Index(
                fields=["author", "status", "created_at"],
                condition=Q(author__isnull=False),
                name="comment_by_author",
            ),
            models.Index(fields=["author_email", "status", "created_at"], name="comment_by_email"),
        ]

    def __str__(self) -> str:
        return _("%(name)s on “%(thread)s”") % {"name": self.author_name, "thread": self.thread}

    def get_absolute_url(self) -> str:
        return reverse("comments:permalink", args=[self.thread.handle, self.number])

    @property
    def anchor(self) -> str:
        return f"comment-{self.number}"

    def is_approved(self) -> bool:
        return self.status == Status.APPROVED

    def is_public(self) -> bool:
        return self.approved_revision is not None

    @property
    def public_html(self) -> str:
        """The words that readers see."""
        return self.standing_html or self.body_html

    @property
    def shown_address(self) -> str:
        """The network address, or the network where no more of it is kept; nothing for none."""
        return shown(self.ip_address) if self.ip_address else ""

    @property
    def is_address_shortened(self) -> bool:
        return self.ip_address is not None and is_shortened(self.ip_address)

    @property
    def is_proved(self) -> bool:
        """Whether the address it was written under is known to be its author's."""
        return self.author_id is not None or self.email_proved_at is not None

    def is_changeable(self, rules: DiscussionRules) -> bool:
        """Tell whether its author may still edit or delete it. Queries: 0, for `rules` are read."""
        return rules.lets_change(self.status, self.created_at, is_proved=self.is_proved)

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
    # Whether readers ever saw it; what they did not see is not in the public history.
    was_public = models.BooleanField(_("was public"), default=False)

    class Meta:
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")
        constraints = [
            models.UniqueConstraint(fields=["comment", "revision"], name="revision_of_comment")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}:{self.revision}"
