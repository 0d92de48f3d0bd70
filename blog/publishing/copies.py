"""What is written beside a post, and becomes it as one.

keep() is called every few seconds while somebody types: it judges nothing but size, changes nothing
that a reader could see, and never a status.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import (
    BODY_MAX_LENGTH,
    Act,
    Post,
    Revision,
    RevisionKind,
    ScheduledChange,
    WorkingCopy,
)
from blog.publishing.around import locked
from blog.publishing.log import note_act
from blog.publishing.picture_uses import keep_uses_true, keep_uses_true_if_changed
from blog.publishing.revisions import record, record_before, record_kept
from blog.publishing.texts import (
    WRITTEN,
    claimed,
    drop_plan,
    open_to,
    races_told,
    write_into,
)
from blog.states import OUT
from blog.words import (
    TEXTS,
    Words,
    differing,
    latest_words,
    packed,
    unpacked,
    words_of,
    working_copy_of,
)
from comments.models import Markup

# A pause after which what was there before is worth keeping by itself.
PAUSE = timedelta(minutes=10)
# Fewer words are typed again faster than they are looked for.
MOST_GONE = 20
MOST_CHARACTERS = {Markup.MARKDOWN: BODY_MAX_LENGTH, Markup.HTML: 4_000_000}
LINE_MOST = 4000


def keep(
    post: Post,
    fields: dict[str, Any],
    *,
    actor: Any,
    seen_version: int,
    is_saved: bool = False,
    kind: RevisionKind = RevisionKind.SAVE,
    reason: str = "",
    restored_from: int | None = None,
) -> Post:
    """Write `fields` beside a post whose text is still at `seen_version`; return the post.

    `is_saved`: somebody asked for it, so it is a revision too.

    Raises: StalePost; ValidationError by field for what no row can hold.
    """
    check_size(fields, fields.get("markup", post.markup))
    with transaction.atomic():
        current = claimed(post, seen_version)
        before = working_copy_of(current)
        own = words_of(current)
        words = (before.words if before else own) | packed(open_to(actor, current, fields))
        if before is not None:
            _keep_from_being_lost(current, before, own, actor, by=words["body"])
        if is_saved:
            record_before(current, own)
            record(current, words, kind, actor=actor, reason=reason, restored_from=restored_from)
        _store(current, words, own, actor=actor, is_saved=is_saved)
        keep_uses_true_if_changed(current, before.words if before else own, words)
    return current


def standing(post: Post, fields: dict[str, Any]) -> Post | None:
    """Return a post as it is now if it says what `fields` say, its copy or else itself.

    The post is held for that: its version is that of the words that were compared.
    """
    with transaction.atomic():
        current = locked(post)
        latest = latest_words(current)
        return None if differing(latest, latest | packed(fields)) else current


def check_size(fields: dict[str, Any], markup: str) -> None:
    """Refuse what no row can hold. Raises: ValidationError by field."""
    if unknown := fields.keys() - WRITTEN:
        raise TypeError(f"A post's author does not write: {', '.join(sorted(unknown))}.")
    for name in TEXTS:
        text = fields.get(name, "")
        most = MOST_CHARACTERS[Markup(markup)] if name == "body" else LINE_MOST
        if len(text) > most:
            message = _("This is longer than %(most)s characters.") % {"most": most}
            raise ValidationError({name: message})
        if "\x00" in text:
            raise ValidationError({name: _("There is a NUL byte in the text; please remove it.")})
    tags = ", ".join(fields.get("tags", ()))
    if len(tags) > LINE_MOST or "\x00" in tags:
        message = _("The tags cannot be stored like this; please look at them.")
        raise ValidationError({"tags": message})


def _keep_from_being_lost(
    post: Post, copy: WorkingCopy, own: Words, actor: Any, *, by: str
) -> None:
    """Make a revision of what somebody else wrote, or this person before a pause.

    Or at once, where hardly anything of it is left `by` what is kept now: an accident looks so.
    """
    is_other = copy.editor_id != getattr(actor, "pk", None)
    is_old = timezone.now() - copy.saved_at > PAUSE
    if is_other or is_old or _is_mostly_gone(copy.words["body"], by):
        record_before(post, own)
        record_kept(post, copy, text_version=post.text_version - 1)


def _is_mostly_gone(old: str, new: str) -> bool:
    """Tell whether more than half the words of a text went in the second between two saves."""
    words = Counter(old.split())
    gone = (words - Counter(new.split())).total()
    return gone > MOST_GONE and gone * 2 > words.total()


def _store(post: Post, words: dict[str, Any], own: dict[str, Any], **facts: Any) -> None:
    """Store the copy; one that says what the post says is none."""
    if not differing(own, words):
        WorkingCopy.objects.filter(post=post.pk).delete()
        return
    actor = facts.pop("actor")
    WorkingCopy.objects.update_or_create(
        post=post,
        defaults={
            "words": words,
            "title": str(words.get("title", ""))[:300],
            "editor": actor,
            "saved_at": timezone.now(),
            **facts,
        },
    )


# --- from the copy into the post --------------------------------------------------------------


def take_over(post: Post, *, actor: Any) -> None:
    """Make a locked post say what was written beside it, if anything was.

    The text stays at its version: whoever has it open has this very text before them.

    Raises: ValidationError by field.
    """
    copy = working_copy_of(post)
    if copy is not None:
        _become(post, copy.words, actor=actor)
        copy.delete()


def publish_changes(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Show readers, as one, what was written beside a post that is out. Nothing there is nothing.

    Raises: ValidationError by field while it is not fit to be read.
    """
    with races_told(), transaction.atomic():
        current = locked(post)
        # What was taken back in this very moment has no readers to be shown anything.
        if current.status in OUT and working_copy_of(current) is not None:
            take_over(current, actor=actor)
            ScheduledChange.objects.filter(post=current).delete()
            note_act(Act.CHANGE, current, actor=actor, reason=reason)
    return current


def schedule_changes(post: Post, *, actor: Any, at: datetime, reason: str = "") -> Post:
    """Let what is written beside a post now become it at a moment to come.

    What is written after that is the version after it.

    Raises: ValidationError by field while it is not fit to be read.
    """
    with races_told(), transaction.atomic():
        current = locked(post)
        copy = working_copy_of(current)
        if copy is None or current.status not in OUT:
            raise ValidationError(_("There are no changes to schedule."))
        _try_out(current, copy.words)
        record_before(current, words_of(current))
        revision = record(current, copy.words, RevisionKind.SAVE, actor=actor, reason=reason)
        ScheduledChange.objects.update_or_create(
            post=current, defaults={"revision": revision, "publish_at": at, "scheduler": actor}
        )
        note_act(Act.SCHEDULE_CHANGE, current, actor=actor, detail=at.isoformat(), reason=reason)
    return current


def unschedule_changes(post: Post, *, actor: Any) -> Post:
    """Let scheduled changes be changes again, of no moment. Twice is once."""
    with transaction.atomic():
        current = locked(post)
        if drop_plan(current, actor=actor):
            keep_uses_true(current)
    return current


def publish_due_change(change: ScheduledChange, *, now: datetime) -> bool:
    """Make a scheduled text the post's, once. What was written since stays beside it.

    Raises: ValidationError by field when the text is not fit to be read any more; IntegrityError
    when somebody was quicker with an address or a label: asked again, that is known.
    """
    with transaction.atomic():
        current = locked(change.post)
        due = ScheduledChange.objects.filter(pk=change.pk, publish_at__lte=now)
        if not due.exists():
            return False
        words = Revision.objects.get(pk=change.revision_id).words
        _become(current, words, actor=change.scheduler)
        copy = working_copy_of(current)
        if copy is not None and not differing(copy.words, words):
            copy.delete()
        due.delete()
        note_act(Act.CHANGE, current, actor=change.scheduler, detail=change.publish_at.isoformat())
    return True


def hold_back_change(change: ScheduledChange, *, why: str) -> None:
    """Take off the schedule what is not fit to be read; the words stay beside the post."""
    with transaction.atomic():
        current = locked(change.post)
        same = ScheduledChange.objects.filter(pk=change.pk, publish_at=change.publish_at)
        if not same.exists():
            return
        if working_copy_of(current) is None:
            words = Revision.objects.get(pk=change.revision_id).words
            _store(current, words, words_of(current), actor=change.scheduler, is_saved=True)
        same.delete()
        note_act(Act.UNSCHEDULE_CHANGE, current, actor=None, reason=why[:1000])


def discard_changes(post: Post, *, actor: Any, seen_version: int) -> Post:
    """Give up what was written beside a post; it stays in the history. Raises: StalePost."""
    with transaction.atomic():
        current = claimed(post, seen_version)
        copy = working_copy_of(current)
        if copy is not None:
            record_before(current, words_of(current))
            record_kept(current, copy, text_version=seen_version)
            copy.delete()
        drop_plan(current, actor=actor)
        keep_uses_true(current)
    return current


def _become(post: Post, words: dict[str, Any], *, actor: Any) -> None:
    record_before(post, words_of(post))
    write_into(post, unpacked(words), actor=actor)
    record(post, words_of(post), RevisionKind.PUBLISH, actor=actor)


def _try_out(post: Post, words: dict[str, Any]) -> None:
    """Find out now what would keep these words from being published then."""
    point = transaction.savepoint()
    try:
        write_into(locked(post), unpacked(words), actor=None)
    finally:
        transaction.savepoint_rollback(point)
