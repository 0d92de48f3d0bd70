"""What every act is made of: a compare-and-set, a row of the log, the counters of the thread."""

from copy import copy
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from comments.finding import NO_ID
from comments.models import PATH_LEVELS, Comment, DiscussionRules, ModerationLogEntry, Thread
from comments.moderation.seen import Seen, StaleComment
from comments.prepared import PreparedChange, PreparedInsert, PreparedUpdate
from comments.publicity import publicity_of
from comments.status import Action, Status

PUBLICITY = ("approved_revision", "standing_html", "meta_html", "meta_stamp")
COUNTED = ("last_number", "approved_count", "version", "last_comment_at", "closes_at")
ENTRIES = PreparedInsert(ModerationLogEntry)
COUNTERS = PreparedUpdate(Thread, COUNTED)
# No comment stands there.
NO_PATH = "~~"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def move(thread: Thread, old: Comment, seen: Seen, status: Status, **values: Any) -> Comment:
    """Give a comment another status and what readers see by it; return it as it is then."""
    comment = copy(old)
    comment.status = status
    # What readers see is made of the new values, and some of it may be given.
    for name, value in {"standing_html": "", **values}.items():
        setattr(comment, name, value)
    for name, value in publicity_of(comment).items():
        setattr(comment, name, values.get(name, value))
    if comment.is_public() and not comment.shown_version:
        comment.shown_version = thread.version + 1
    written = ("status", "shown_version", *PUBLICITY, *values)
    compare_and_set(old, seen, **{name: getattr(comment, name) for name in written})
    return comment


def compare_and_set(comment: Comment, seen: Seen, **values: Any) -> None:
    changed = Comment.objects.filter(
        pk=comment.pk, status=seen.status, revision=seen.revision
    ).update(**values)
    if not changed:
        raise StaleComment(Comment.objects.select_related("thread").get(pk=comment.pk), seen)


def write_log(
    comment: Comment,
    *,
    action: Action,
    old_status: str,
    actor: Any,
    actor_name: str = "",
    findings: list[dict] | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> ModerationLogEntry:
    entry = ModerationLogEntry(
        comment=comment,
        actor=actor,
        actor_name=actor_name or (actor.get_short_name() if actor else ""),
        action=action,
        old_status=old_status,
        new_status=comment.status,
        revision=comment.revision,
        findings=findings or [],
        created_at=at or timezone.now(),
        **fields,
    )
    ENTRIES.store(entry)
    return entry


def count(thread: Thread, comment: Comment, *, was_public: bool) -> None:
    """Write the locked thread: counters, last number, and every visible change as a version.

    Public comments show, and a tombstone says whether its author deleted it; all else changes
    nothing on the page.
    """
    step = int(comment.is_public()) - int(was_public)
    is_new_tombstone = comment.status == Status.DELETED and comment.living_replies > 0
    if step and (above := comment.ancestor_paths()):
        _living_replies(step, len(above)).make(thread.pk, *above)
    if was_public or comment.is_public() or is_new_tombstone:
        thread.approved_count += step
        thread.version += 1
    if step > 0:
        thread.last_comment_at = max(comment.created_at, thread.last_comment_at or LONG_AGO)
        if thread.closes_at is not None:
            thread.closes_at = DiscussionRules.closing_in_force(thread)
    COUNTERS.store(thread)


@lru_cache(maxsize=2 * PATH_LEVELS)
def _living_replies(step: int, levels: int) -> PreparedChange:
    """Return the change of the counters of so many comments above one."""

    def above(thread_id: int, *paths: str) -> QuerySet[Comment]:
        return Comment.objects.filter(thread=thread_id, path__in=paths).order_by()

    changes = {"living_replies": F("living_replies") + step}
    return PreparedChange(changes, above, NO_ID, *(f"{NO_PATH}{at}" for at in range(levels)))


# --- what is no act ---------------------------------------------------------------------------


def prove_address(comment: Comment) -> None:
    """Write down that whoever reads letters to a guest's address is its author. Queries: 1."""
    Comment.objects.filter(pk=comment.pk, author=None, email_proved_at=None).exclude(
        status=Status.DELETED
    ).update(email_proved_at=timezone.now())
