"""A post's states and the acts that lead from one to another: pure, and all of it on a screen.

publishing/ performs them, policy.py says who may. A post that is published at an instant to come
is scheduled: a state of its own for people, none for the database.
"""

from django.db.models import TextChoices
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
    PURGE = "purge", _("removed for good")


_S = PostStatus
_ANY_BUT_TRASH = frozenset(_S) - {_S.TRASH}
# What has been, or is about to be, before readers.
OUT = frozenset([_S.PUBLISHED, _S.UNLISTED, _S.PRIVATE, _S.ARCHIVED])

# act -> from which states, into which.
MOVES: dict[Act, tuple[frozenset[PostStatus], PostStatus]] = {
    Act.SUBMIT: (frozenset([_S.DRAFT]), _S.REVIEW),
    Act.WITHDRAW: (frozenset([_S.REVIEW]), _S.DRAFT),
    Act.RETURN: (frozenset([_S.REVIEW]), _S.DRAFT),
    Act.PUBLISH: (frozenset(_S), _S.PUBLISHED),
    Act.SCHEDULE: (frozenset([_S.DRAFT, _S.REVIEW, _S.PUBLISHED, _S.PRIVATE]), _S.PUBLISHED),
    Act.UNPUBLISH: (frozenset(_S), _S.DRAFT),
    Act.UNLIST: (_ANY_BUT_TRASH, _S.UNLISTED),
    Act.MAKE_PRIVATE: (_ANY_BUT_TRASH, _S.PRIVATE),
    Act.ARCHIVE: (frozenset([_S.PUBLISHED, _S.UNLISTED]), _S.ARCHIVED),
    Act.TRASH: (_ANY_BUT_TRASH, _S.TRASH),
    Act.RESTORE: (frozenset([_S.TRASH]), _S.DRAFT),
}
