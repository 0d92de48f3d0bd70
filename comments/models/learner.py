"""What the learner has learnt from, in order, and its state at some points on the way.

The model is a fold over the examples in their order, so every process makes the same of them.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment


class Label(models.TextChoices):
    HAM = "ham", _("good")
    SPAM = "spam", _("spam")


class LearnerState(models.Model):
    """One row, locked by whoever changes the examples."""

    # The last place that an example ever had; those that follow on it are new.
    number = models.PositiveBigIntegerField(default=0)
    # Raised where an example comes, goes or changes that others may have been folded after. What a
    # process holds is good for one epoch.
    epoch = models.PositiveBigIntegerField(default=0)
    # Why it stands down by itself, and since when; null while it does not.
    stood_down_at = models.DateTimeField(null=True, blank=True)
    stood_down_why = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learner")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="learner_state_is_one")]

    def __str__(self) -> str:
        return str(self.number)


class LearnerExample(models.Model):
    """One comment as an editor's standing decision labelled it."""

    # Its place in the fold: that of the row of the log that decided it, so that the same decisions
    # stand in the same order whenever they came to be here.
    order = models.PositiveBigIntegerField(unique=True)
    comment = models.OneToOneField(Comment, models.CASCADE, related_name="example")
    # The row of the log that decided it. No constraint: imports are taken back with their log.
    entry_id = models.BigIntegerField(db_index=True)
    # The words that were decided on.
    revision = models.PositiveIntegerField()
    label = models.CharField(max_length=4, choices=Label.choices)
    # What the checks beside the learner had said of it, to compare the learner with.
    rules_verdict = models.CharField(max_length=6, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("example")
        verbose_name_plural = _("examples")

    def __str__(self) -> str:
        return f"{self.order}: {self.label}"


class LearnerCheckpoint(models.Model):
    """The model's state after the examples up to one of them, to go on from."""

    upto = models.PositiveBigIntegerField(unique=True)
    data = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("checkpoint of the learner")
        verbose_name_plural = _("checkpoints of the learner")

    def __str__(self) -> str:
        return str(self.upto)
