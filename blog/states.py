"""A post's states and the acts that lead from one to another: pure, and all of it on a screen.

publishing/ performs them, policy.py says who may. A post that is published at an instant to come
is scheduled: a state of its own for people, none for the database.
"""

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class PostStatus(TextChoices):
    """What becomes of a post. One that is published at an instant to come is scheduled."""

    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", _("published")
    UNLISTED = "unlisted", _("unlisted")
    PRIVATE = "private", _("private")
    ARCHIVED = "archived", _("archived")
    TRASH = "trash", _("in the trash")


class Act(TextChoices):
    """What the log tells of a post."""

    START = "start", _("started")
    RECEIVE = "receive", _("received from elsewhere")
    SUBMIT = "submit", _("submitted for review")
    WITHDRAW = "withdraw", _("taken back from review")
    RETURN = "return", _("returned with a wish for changes")
    PUBLISH = "publish", _("published")
    SCHEDULE = "schedule", _("scheduled")
    UNPUBLISH = "unpublish", _("taken back as a draft")
    UNLIST = "unlist", _("taken out of all lists")
    MAKE_PRIVATE = "private", _("made private")
    ARCHIVE = "archive", _("archived")
    TRASH = "trash", _("put into the trash")
    RESTORE = "restore", _("taken out of the trash")
    # What changes no status.
    APPEAR = "appear", _("became public at its moment")
    CHANGE = "change", _("published changes")
    SCHEDULE_CHANGE = "plan", _("scheduled changes")
    UNSCHEDULE_CHANGE = "unplan", _("took back scheduled changes")
    LOCK = "lock", _("given a password")
    UNLOCK = "unlock", _("freed of its password")
    RENAME = "rename", _("given another address")
    HAND_OVER = "handover", _("handed over to another author")
    PURGE = "purge", _("removed for good")


_S = PostStatus
_ANY_BUT_TRASH = frozenset(_S) - {_S.TRASH}
# What has been, or is about to be, before readers.
OUT = frozenset([_S.PUBLISHED, _S.UNLISTED, _S.PRIVATE, _S.ARCHIVED])
# What lists of tags, people and the sitemap name, and what whoever has its address reads.
FINDABLE = frozenset([_S.PUBLISHED, _S.ARCHIVED])
READABLE = FINDABLE | {_S.UNLISTED}

# act -> from which states, into which. goal_of() knows what else a scheduled post may not.
MOVES: dict[Act, tuple[frozenset[PostStatus], PostStatus]] = {
    Act.SUBMIT: (frozenset([_S.DRAFT]), _S.REVIEW),
    Act.WITHDRAW: (frozenset([_S.REVIEW]), _S.DRAFT),
    Act.RETURN: (frozenset([_S.REVIEW]), _S.DRAFT),
    Act.PUBLISH: (_ANY_BUT_TRASH, _S.PUBLISHED),
    Act.SCHEDULE: (frozenset([_S.DRAFT, _S.REVIEW, _S.PUBLISHED, _S.PRIVATE]), _S.PUBLISHED),
    Act.UNPUBLISH: (OUT, _S.DRAFT),
    Act.UNLIST: (_ANY_BUT_TRASH, _S.UNLISTED),
    Act.MAKE_PRIVATE: (_ANY_BUT_TRASH, _S.PRIVATE),
    Act.ARCHIVE: (frozenset([_S.PUBLISHED, _S.UNLISTED]), _S.ARCHIVED),
    Act.TRASH: (_ANY_BUT_TRASH, _S.TRASH),
    Act.RESTORE: (frozenset([_S.TRASH]), _S.DRAFT),
}
# Moves that are about the moment too: into the state that the post is in, and not for nothing.
_OF_A_MOMENT = frozenset([Act.PUBLISH, Act.SCHEDULE])
# Once more changes nothing, and nobody has to be told. A wish for changes has words to be heard.
TWICE_IS_ONCE = frozenset(MOVES) - {Act.RETURN}


class IllegalMove(ValidationError):
    """The post is not in a state that this act leads on from; the message says so in a sentence."""


def goal_of(act: Act, status: PostStatus, *, is_scheduled: bool = False) -> PostStatus | None:
    """Return where an act leads, or None where it leads nowhere. Pure.

    `is_scheduled`: the post is to be published at an instant to come.
    """
    before, into = MOVES[act]
    if status not in before:
        return None
    if status == into and act not in _OF_A_MOMENT:
        return None
    if status == _S.PUBLISHED and act in _OF_A_MOMENT and not is_scheduled:
        return None
    # What nobody has read yet is nothing to keep for the record.
    return None if is_scheduled and act == Act.ARCHIVE else into


def acts_from(status: PostStatus, *, is_scheduled: bool = False) -> list[Act]:
    """Return the acts that lead on from a state."""
    return [act for act in MOVES if goal_of(act, status, is_scheduled=is_scheduled) is not None]


def way_back(old: PostStatus, new: PostStatus) -> Act | None:
    """Return the act that undoes a move from `old` to `new`, if one does.

    What was thrown away comes back as a draft, whatever it was: nothing goes from the trash
    straight to readers.
    """
    if new == _S.TRASH:
        return Act.RESTORE
    back = [act for act, (before, into) in MOVES.items() if new in before and into == old != new]
    return next((act for act in back if act not in {Act.RETURN, Act.SCHEDULE}), None)


def refusal(act: Act, status: PostStatus, *, is_scheduled: bool = False) -> str:
    """Say why an act does not lead on from a state."""
    if status == _S.TRASH:
        return gettext("The post is in the trash: take it out first.")
    now = {
        _S.DRAFT: gettext("a draft"),
        _S.REVIEW: gettext("in review"),
        _S.PUBLISHED: gettext("scheduled") if is_scheduled else gettext("published"),
        _S.UNLISTED: gettext("unlisted"),
        _S.PRIVATE: gettext("private"),
        _S.ARCHIVED: gettext("archived"),
    }[status]
    facts = {"state": now, "act": act.label}
    return gettext("The post is %(state)s now, so it cannot be %(act)s.") % facts
