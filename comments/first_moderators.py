"""A page's author as the first moderator of its discussion, where the site's rules allow it.

They hold and reject, and take that back; editors stand above them, so what an editor decided or
wrote is out of their reach. This says who may do what and sees to it under the thread's lock; the
acts are moderation's, and first_moderator_views.py asks for them.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from comments.editors import editors
from comments.finding import locked_thread
from comments.models import Comment, DiscussionRules, ModerationLogEntry, Thread
from comments.moderation import Seen, StaleComment, moderate, undo
from comments.status import Action, IllegalTransition, Status, allowed
from comments.turns import turn

MAY_MODERATE = "comments.moderate_comment"
ACTS = (Action.HOLD, Action.REJECT)
# What counts as a decision about a comment; a note or other words do not.
DECISIONS = (
    *(Action.APPROVE, Action.HOLD, Action.REJECT, Action.MARK_SPAM),
    *(Action.DISMISS, Action.UNDO),
)
# What waits or is public. Spam, and what others removed, is the editors' alone.
LISTED = Q(status=Status.PENDING) | Q(approved_revision__isnull=False)


class Overruled(Exception):
    """An editor's word is in force on this comment, or the author may not moderate here."""


# --- who may ------------------------------------------------------------------------------------


def is_first_moderator(thread: Thread, user: Any) -> bool:
    """Tell whether somebody moderates a discussion as its page's author.

    Queries: 1 for the page's author, none for others.
    """
    if not user.is_authenticated or thread.owner_id != user.pk:
        return False
    return DiscussionRules.in_force().authors_moderate


def may_moderate_here(user: Any, comment: Comment) -> bool:
    """Tell whether a page's author may decide about a comment under it. Queries: up to 3."""
    return is_first_moderator(comment.thread, user) and bool(within_reach(user, [comment]))


def within_reach(user: Any, comments: Collection[Comment]) -> frozenset[int]:
    """Return the ids of those comments that editors leave to the page's author. Queries: 2."""
    deciders = newest_deciders(comments)
    people = {*(each.author_id for each in comments), *deciders.values()}
    above = editors_among({each for each in people if each not in (None, user.pk)})
    return frozenset(
        each.pk
        for each in comments
        if each.author_id not in above
        and deciders.get(each.pk) not in above
        and _is_theirs(each, deciders, user)
    )


def _is_theirs(comment: Comment, deciders: dict[int, int | None], user: Any) -> bool:
    if comment.status == Status.REJECTED:
        return deciders.get(comment.pk) == user.pk
    return comment.status == Status.PENDING or comment.is_public()


def open_to(user: Any, keys: Collection[int]) -> QuerySet[Comment]:
    """Select of these the public comments that editors leave to the page's author.

    The same as within_reach(), for who asks it of a whole page in a query of their own.
    """
    decisions = ModerationLogEntry.objects.filter(comment=OuterRef("pk"), action__in=DECISIONS)
    newest = decisions.order_by("-pk").values("actor_id")[:1]
    return (
        Comment.objects.public()
        .filter(pk__in=keys)
        .annotate(decider=Subquery(newest))
        .filter(_is_below("author", user), _is_below("decider", user))
    )


def _is_below(column: str, user: Any) -> Q:
    nobody_else = Q(**{f"{column}__isnull": True}) | Q(**{column: user.pk})
    return nobody_else | Q(Exists(_who_may_not().filter(pk=OuterRef(column))))


def newest_deciders(comments: Iterable[Comment]) -> dict[int, int | None]:
    """Return whose decision stands on each comment. Queries: 1.

    Shape: those that nobody decided about are missing; None is the site itself.
    """
    keys = [each.pk for each in comments]
    entries = ModerationLogEntry.objects.filter(comment__in=keys, action__in=DECISIONS)
    # Of several about one comment the last one stays.
    return dict(entries.order_by("pk").values_list("comment_id", "actor_id"))


def editors_among(people: set[Any]) -> set[Any]:
    """Return who of these accounts may moderate, by now. Queries: 1, none for nobody.

    Of an account that is gone nobody knows what it was: it may have been an editor's.
    """
    if not people:
        return set()
    return people - set(_who_may_not().filter(pk__in=people).values_list("pk", flat=True))


def _who_may_not() -> QuerySet[Any]:
    """Select the accounts that are no editor's."""
    return get_user_model().objects.exclude(Exists(editors().filter(pk=OuterRef("pk"))))


def acts_for(user: Any, comment: Comment) -> tuple[Action, ...]:
    """Return what a page's author may do with a comment as it stands."""
    if not may_moderate_here(user, comment):
        return ()
    return tuple(act for act in ACTS if allowed(Status(comment.status), act))


def undoable(user: Any, comment: Comment) -> ModerationLogEntry | None:
    """Return this author's own act on a comment, where nobody acted since. Queries: up to 3."""
    newest = comment.log.order_by("-pk").first()
    if newest is None or newest.actor_id != user.pk or newest.action not in ACTS:
        return None
    return newest if is_first_moderator(comment.thread, user) else None


# --- what they do -------------------------------------------------------------------------------


def act(
    comment: Comment, action: Action, *, actor: Any, seen: Seen, reason: str = "", note: str = ""
) -> ModerationLogEntry:
    """Hold or reject a comment as it was `seen`, unless an editor decided about it.

    Raises: StaleComment, Overruled, IllegalTransition.
    """
    with turn():
        current = _locked(comment, seen)
        if action not in ACTS:
            raise IllegalTransition(f"A page's author does not do this: {action}.")
        if not may_moderate_here(actor, current):
            raise Overruled
        return moderate(current, action, actor=actor, seen=seen, reason=reason, note=note)


def take_back(comment: Comment, *, actor: Any, seen: Seen) -> ModerationLogEntry:
    """Undo what this author did last to a comment as it was `seen`.

    Raises: StaleComment, Overruled.
    """
    with turn():
        entry = undoable(actor, _locked(comment, seen))
        if entry is None:
            raise Overruled
        return undo(entry, actor=actor)


def _locked(comment: Comment, seen: Seen) -> Comment:
    """Return a comment as it stands while nobody else acts on its thread. Raises: StaleComment."""
    locked_thread(comment.thread_id)
    current = Comment.objects.select_related("thread").get(pk=comment.pk)
    if Seen.of(current) != seen:
        raise StaleComment(current, seen)
    return current
