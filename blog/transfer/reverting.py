"""Taking an import back: all that it made goes in one transaction, or nothing does.

revert_plan.py says what that is and what stands in the way. The run stays, with who reverted it;
what others use by now stays too, and is the site's own from then on.
"""

import logging
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Attachment, Category, Picture, Post, Rendition, Series, Tag
from blog.publishing.log import note_removals
from blog.transfer.revert_plan import Plan, plan_for, posts_of, threads_of
from comments.models import Thread
from comments.transfer.records import ImportRun, RunStatus
from comments.transfer.reverting import in_parts, lock_threads, remove_comments

logger = logging.getLogger("parley.transfer")

# What others may have come to use, by its kind in the map of imports.
STAYING_KINDS: dict[str, type[Model]] = {
    "user": get_user_model(),
    "category": Category,
    "tag": Tag,
    "series": Series,
    "attachment": Attachment,
    "picture": Picture,
}


class CannotRevert(Exception):
    """Something stands in the way, or somebody was quicker; nothing was removed.

    Shape: `plan` says what.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"Import {plan.run.pk} cannot be reverted.")
        self.plan = plan


def revert(run_id: int, *, actor: Any) -> Plan:
    """Remove what an import made, unless anything was built on it; return what went.

    Raises: CannotRevert; ImportRun.DoesNotExist.
    """
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        staying = _lock(run)
        plan = plan_for(run)
        if not plan.is_possible:
            raise CannotRevert(plan)
        _note(plan, actor)
        _remove(plan, staying)
        _close(plan, actor)
    logger.info("Import %s (%s) was reverted by account %s.", run.pk, run.file_name, actor.pk)
    return plan


def _lock(run: ImportRun) -> list[int]:
    """Lock posts, then threads, as a post's own acts do: from here on nothing is built on them.

    Returns the threads that stay.
    """
    list(posts_of(run).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    return lock_threads(run, threads_of(run))


def _note(plan: Plan, actor: Any) -> None:
    """Tell in the log of each post, which outlives it, where it went."""
    reason = f"{_('The import was taken back')}: {plan.run.file_name}"[:1000]
    for part in in_parts(plan.posts):
        note_removals(Post.objects.filter(pk__in=part), actor=actor, reason=reason)


def _remove(plan: Plan, staying: list[int]) -> None:
    threads = list(threads_of(plan.run).values_list("pk", flat=True))
    files = _files_of(plan)
    remove_comments(plan.run, staying)
    _delete(Post.objects.all(), plan.posts)
    _delete(Thread.objects.all(), threads)
    _delete(Attachment.objects.all(), plan.attachments)
    _delete(Picture.objects.all(), plan.pictures)
    _delete(Category.objects.all(), plan.categories)
    _delete(Tag.objects.all(), plan.tags)
    _delete(Series.objects.all(), plan.series)
    _delete(get_user_model().objects.all(), plan.people)
    transaction.on_commit(partial(_delete_files, files), robust=True)


def _delete(rows: QuerySet[Any], keys: list[int]) -> None:
    """Delete rows part by part, without the long texts that nobody reads any more."""
    for part in in_parts(keys):
        rows.filter(pk__in=part).only("pk").delete()


def _files_of(plan: Plan) -> list[str]:
    names: list[str] = []
    for model, keys in ((Attachment, plan.attachments), (Picture, plan.pictures)):
        for part in in_parts(keys):
            files = model.objects.filter(pk__in=part).exclude(file="")
            names += files.values_list("file", flat=True)
    for part in in_parts(plan.pictures):
        names += Rendition.objects.filter(picture__in=part).values_list("file", flat=True)
    return names


def _delete_files(names: list[str]) -> None:
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("The file %s of a reverted import could not be removed.", name)


def _close(plan: Plan, actor: Any) -> None:
    """Forget what went, so that the file can be imported again; keep what the run was.

    What stays is still known by its id, and is no longer the run's to take away.
    """
    run = plan.run
    run.rows.filter(is_made=False).delete()
    for kind, model in STAYING_KINDS.items():
        for part in in_parts([row.pk for row in plan.staying if isinstance(row, model)]):
            run.rows.filter(kind=kind, object_id__in=part).update(is_made=False)
    run.rows.filter(is_made=True).delete()
    run.status = RunStatus.REVERTED
    run.reverted_by = actor
    run.report |= {"reverted": {"at": timezone.now().isoformat(), "went": plan.counts()}}
    run.save(update_fields=["status", "reverted_by", "report"])
