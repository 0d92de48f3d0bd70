"""Which acts stand, and so which can be taken back. Asked of the log alone."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from comments.models import Comment, ModerationLogEntry
from comments.moderation.seen import Seen, StaleComment
from comments.status import Action


def what_undid() -> QuerySet[ModerationLogEntry]:
    """Return what undid a row, for a subquery.

    It is asked of the comment too, by its index. Few rows undo others, so that SQLite, once
    somebody has run ANALYZE, reads the whole log rather than ask the index on `undoes`.
    """
    return ModerationLogEntry.objects.filter(comment=OuterRef("comment"), undoes=OuterRef("pk"))


def not_undone(acts: QuerySet[ModerationLogEntry]) -> QuerySet[ModerationLogEntry]:
    return acts.filter(~Exists(what_undid()))


def not_overtaken(acts: QuerySet[ModerationLogEntry]) -> QuerySet[ModerationLogEntry]:
    """Narrow acts to those that can be taken back: nobody undid them, and none stands after them.

    A note changes nothing, so it is none. Nor is an act that was undone, or what undid it: the
    comment is again what it was, and so one act after another is taken back.
    """
    return not_undone(acts).filter(~Exists(_later()))


def _later() -> QuerySet[ModerationLogEntry]:
    acts: QuerySet[Any] = ModerationLogEntry.objects.exclude(action=Action.NOTE)
    later = acts.filter(comment=OuterRef("comment"), pk__gt=OuterRef("pk"))
    # What undoes an undoing does the act again.
    is_act = ~Q(action=Action.UNDO) | Q(undoes__action=Action.UNDO)
    return not_undone(later.filter(is_act))


def be_newest(entry: ModerationLogEntry, done: Seen) -> None:
    """Refuse to undo an act that others followed. Raises: StaleComment."""
    if not not_overtaken(ModerationLogEntry.objects.filter(pk=entry.pk)).exists():
        raise StaleComment(Comment.objects.get(pk=entry.comment_id), done, known=entry)
