"""What was imported and by which run: the memory that makes an import resumable and revertible.

`blog` keeps its posts in the same map. Nothing here knows what a row stands for: `kind` and
`object_id` do, and whoever wrote them reads them.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A run says every so often that somebody holds it. One file may take minutes to fetch.
BETWEEN_SIGNS = timedelta(seconds=20)
SURELY_CUT_OFF = timedelta(minutes=15)


class RunStatus(models.TextChoices):
    RUNNING = "running", _("running, or cut off")
    FINISHED = "finished", _("finished")
    FAILED = "failed", _("failed")
    REVERTED = "reverted", _("reverted")


class ImportRun(models.Model):
    """One run of one import command over one file."""

    format = models.CharField(_("format"), max_length=20)
    source = models.CharField(_("source"), max_length=200)
    file_name = models.CharField(_("file"), max_length=255)
    file_size = models.BigIntegerField(_("size in bytes"))
    status = models.CharField(
        _("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING
    )
    # As report.Report writes it: counts, what was skipped and why, notes with their lines.
    report = models.JSONField(_("report"), default=dict, blank=True)
    reverted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # The last sign of life of the process that runs it: nothing says that one was killed.
    alive_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_cut_off(self) -> bool:
        """Tell whether nobody holds a run that has not ended."""
        silent = timezone.now() - self.alive_at
        return self.status == RunStatus.RUNNING and silent > SURELY_CUT_OFF

    def show_life(self) -> None:
        """Say that the run is held, once in a while. Queries: 1 or none."""
        now = timezone.now()
        if now - self.alive_at > BETWEEN_SIGNS:
            self.alive_at = now
            self.save(update_fields=["alive_at"])


class ImportMapQuerySet(models.QuerySet["ImportMap"]):
    def of(self, source: str, kind: str) -> "ImportMapQuerySet":
        return self.filter(source=source, kind=kind)

    def known(self, source: str, kind: str, external_ids: Any) -> dict[str, "ImportMap"]:
        """Return the rows of these external ids, by external id. Queries: 1 for each 500."""
        wanted = list(dict.fromkeys(external_ids))
        found: dict[str, ImportMap] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            for row in self.of(source, kind).filter(external_id__in=part):
                found[row.external_id] = row
        return found


class ImportMap(models.Model):
    """That what `source` calls `kind` `external_id` is our row `object_id`.

    Decides create, update or leave: unknown is created; known under the same `digest` is left;
    known under another is updated, unless somebody here has changed it since.
    """

    source = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)
    object_id = models.PositiveBigIntegerField()
    # Of what the file said of it; empty when only its absence is known (a missing parent).
    digest = models.CharField(max_length=64, blank=True)
    # Its place in the file: what stands later in a file is not known yet, in each run anew.
    position = models.PositiveBigIntegerField(default=0)
    # The version our row had when the import left it: another one means somebody changed it.
    left_at_version = models.PositiveIntegerField(default=0)
    # Made by the run, not found here: only such rows may a revert take away.
    is_made = models.BooleanField(default=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")

    objects: ClassVar[ImportMapQuerySet] = ImportMapQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "external_id"], name="imported_once")
        ]
        indexes = [
            # where one of our rows came from; what a run made
            models.Index(fields=["kind", "object_id"], name="import_of_object"),
            models.Index(fields=["run", "kind"], name="import_by_run"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.external_id}"
