"""The editors' rules for all discussions of the site: one row, changed in the admin."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.threads import FAR_AWAY, ClosesFrom, Thread
from comments.status import Status

ONLY = 1
# What its author may still change. What an editor removed is the editor's to give back.
CHANGEABLE = frozenset({Status.PENDING, Status.APPROVED, Status.SPAM})
MOST_MINUTES = 60 * 24 * 30


class HeldPeople(models.TextChoices):
    """Whose comments wait for an editor, whatever else is said of them."""

    NOBODY = "nobody", _("nobody")
    UNPROVED = "unproved", _("guests, whose address is not proved")
    NEWCOMERS = "newcomers", _("guests, and accounts until some of their comments were approved")
    EVERYONE = "everyone", _("everyone")


class LearnerMode(models.TextChoices):
    """How much the learner may do. Until it has seen enough it only advises, whatever is set."""

    OFF = "off", _("off")
    ADVISE = "advise", _("advise editors, decide nothing")
    ACT = "act", _("hold and file as spam")


class DiscussionRules(models.Model):
    edit_minutes = models.PositiveIntegerField(
        _("minutes to edit"),
        default=15,
        validators=[MaxValueValidator(MOST_MINUTES)],
        help_text=_("How long people may change or delete their own comment. 0: not at all."),
    )
    proved_edit_minutes = models.PositiveIntegerField(
        _("minutes to edit, address proved"),
        default=60 * 24,
        validators=[MaxValueValidator(MOST_MINUTES)],
        help_text=_("The same for accounts, and for guests who confirmed their address."),
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("days until a discussion closes"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(3650)],
        help_text=_("0: never by itself. A single discussion may have a rule of its own."),
    )
    close_counts_from = models.CharField(
        _("counted from"),
        max_length=11,
        choices=ClosesFrom.choices,
        default=ClosesFrom.PUBLICATION,
    )
    authors_moderate = models.BooleanField(
        _("authors moderate their own posts"),
        default=False,
        help_text=_(
            "The author of a page may hold and reject comments under it. Editors stand above them."
        ),
    )

    # --- who waits for an editor ---
    held_people = models.CharField(
        _("wait for an editor"),
        max_length=9,
        choices=HeldPeople.choices,
        default=HeldPeople.NEWCOMERS,
    )
    newcomer_approvals = models.PositiveSmallIntegerField(
        _("approved comments of a newcomer"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("So many of an account's comments are approved before it is no newcomer."),
    )
    hold_after_days = models.PositiveSmallIntegerField(
        _("days until a page is old"),
        default=0,
        validators=[MaxValueValidator(3650)],
        help_text=_("Comments on older pages wait for an editor. 0: no page is old."),
    )
    # --- limits; where none is set, what the server's settings say ---
    max_links = models.PositiveSmallIntegerField(
        _("links"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1000)],
        help_text=_("Comments with more wait, with three times as many they are spam."),
    )
    min_seconds = models.FloatField(
        _("seconds to write"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(600)],
        help_text=_("What guests wrote faster waits."),
    )
    flood_limit = models.PositiveSmallIntegerField(
        _("comments from one source"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    flood_window_seconds = models.PositiveIntegerField(
        _("within seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
    )
    # --- before a comment is sent ---
    nudges = models.BooleanField(
        _("ask once"),
        default=False,
        help_text=_("Whoever sends what looks like spam, shouting or a slip is asked once."),
    )
    # --- the learner ---
    learner_mode = models.CharField(
        _("the learner may"), max_length=6, choices=LearnerMode.choices, default=LearnerMode.ACT
    )
    # Null: chosen from the site's own recent decisions.
    ham_cutoff = models.FloatField(_("good below"), null=True, blank=True)
    spam_cutoff = models.FloatField(_("spam above"), null=True, blank=True)
    # --- what is kept ---
    keep_facts_days = models.PositiveSmallIntegerField(
        _("days that addresses are kept"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_(
            "Then the network address of a comment is shortened, and the browser, the page it came "
            "from and what else was sent along is cleared."
        ),
    )

    class Meta:
        verbose_name = _("rules for discussions")
        verbose_name_plural = _("rules for discussions")
        constraints = [models.CheckConstraint(condition=models.Q(pk=ONLY), name="rules_are_one")]

    def __str__(self) -> str:
        return str(_("Rules for discussions"))

    @classmethod
    def in_force(cls) -> "DiscussionRules":
        """Return the one row, or the defaults while nobody has changed them. Queries: 1."""
        return cls.objects.filter(pk=ONLY).first() or cls(pk=ONLY)

    def edit_window(self, *, is_proved: bool) -> timedelta:
        return timedelta(minutes=self.proved_edit_minutes if is_proved else self.edit_minutes)

    def closing_of(self, thread: Thread) -> datetime | None:
        """Return when a thread closes by itself: by its own rule, or else by this one."""
        if thread.close_after_days is not None:
            return thread.closing_after(thread.close_after_days, thread.close_counts_from)
        return thread.closing_after(self.close_after_days, self.close_counts_from)

    @classmethod
    def closing_in_force(cls, thread: Thread) -> datetime | None:
        """Return the same under the rules in force.

        Queries: 1 where the thread is public and has no rule of its own, else none.
        """
        is_known = thread.public_at is None or thread.close_after_days is not None
        return (cls() if is_known else cls.in_force()).closing_of(thread)

    def closing_as_sql(self) -> Case | None:
        """Return the same as an expression, for threads without a rule of their own."""
        if not self.close_after_days:
            return None
        since: F | Greatest = F("public_at")
        known = Q(public_at__lt=FAR_AWAY)
        if self.close_counts_from == ClosesFrom.COMMENT:
            since = Greatest("public_at", Coalesce("last_comment_at", "public_at"))
            known &= Q(last_comment_at=None) | Q(last_comment_at__lt=FAR_AWAY)
        days = Value(timedelta(days=self.close_after_days))
        then = models.ExpressionWrapper(since + days, output_field=models.DateTimeField())
        return Case(When(known, then=then), default=None)

    def lets_change(
        self, status: str, created_at: datetime, *, is_proved: bool, now: datetime | None = None
    ) -> bool:
        """Tell whether its author may change or delete a comment by now. Pure.

        `is_proved`: written with an account, or the guest's address was confirmed.
        """
        age = (now or timezone.now()) - created_at
        return status in CHANGEABLE and age < self.edit_window(is_proved=is_proved)
