"""A comment's life: its statuses, the acts that change them, and which act is legal when.

Pure: no database, no request. moderation/ is the only caller that acts on it.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    PENDING = "pending", _("pending")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    SPAM = "spam", _("spam")
    DELETED = "deleted", _("deleted by its author")


class Action(TextChoices):
    SUBMIT = "submit", _("submitted")
    APPROVE = "approve", _("approved")
    HOLD = "hold", _("held")
    REJECT = "reject", _("rejected")
    MARK_SPAM = "mark_spam", _("marked as spam")
    DELETE = "delete", _("deleted")
    EDIT = "edit", _("edited")
    UNDO = "undo", _("undid")
    IMPORT = "import", _("imported")
    # What leaves the status as it is.
    REVISE = "revise", _("edited by an editor")
    DISMISS = "dismiss", _("kept")
    NOTE = "note", _("noted")
    MOVE = "move", _("moved")


PENDING, APPROVED, REJECTED, SPAM, DELETED = Status

# (status before, action) -> the statuses it may lead to. A pair that is missing is illegal.
# `None` is "not there yet". A deleted comment has lost its words, so nothing that is done here
# leads out of it but undoing that, by the one who still has them: its author, for a minute.
TRANSITIONS: dict[tuple[Status | None, Action], frozenset[Status]] = {
    (None, Action.SUBMIT): frozenset({PENDING, APPROVED, SPAM}),
    # What comes from elsewhere has its history behind it, and may come again with more of it, or
    # with other words.
    (None, Action.IMPORT): frozenset({PENDING, APPROVED, REJECTED, SPAM, DELETED}),
    (PENDING, Action.IMPORT): frozenset(Status),
    (APPROVED, Action.IMPORT): frozenset(Status),
    (REJECTED, Action.IMPORT): frozenset(Status),
    (SPAM, Action.IMPORT): frozenset(Status),
    (DELETED, Action.IMPORT): frozenset(Status),
    (PENDING, Action.APPROVE): frozenset({APPROVED}),
    (PENDING, Action.REJECT): frozenset({REJECTED}),
    (PENDING, Action.MARK_SPAM): frozenset({SPAM}),
    (PENDING, Action.DELETE): frozenset({DELETED}),
    (PENDING, Action.EDIT): frozenset({PENDING, SPAM}),
    (PENDING, Action.UNDO): frozenset({PENDING, APPROVED, REJECTED, SPAM}),
    (APPROVED, Action.HOLD): frozenset({PENDING}),
    (APPROVED, Action.REJECT): frozenset({REJECTED}),
    (APPROVED, Action.MARK_SPAM): frozenset({SPAM}),
    (APPROVED, Action.DELETE): frozenset({DELETED}),
    (APPROVED, Action.EDIT): frozenset({APPROVED, PENDING, SPAM}),
    (APPROVED, Action.UNDO): frozenset({PENDING, APPROVED, REJECTED, SPAM}),
    (REJECTED, Action.APPROVE): frozenset({APPROVED}),
    (REJECTED, Action.HOLD): frozenset({PENDING}),
    (REJECTED, Action.MARK_SPAM): frozenset({SPAM}),
    (REJECTED, Action.DELETE): frozenset({DELETED}),
    (REJECTED, Action.UNDO): frozenset({PENDING, APPROVED, REJECTED, SPAM}),
    (SPAM, Action.APPROVE): frozenset({APPROVED}),
    (SPAM, Action.HOLD): frozenset({PENDING}),
    (SPAM, Action.REJECT): frozenset({REJECTED}),
    (SPAM, Action.DELETE): frozenset({DELETED}),
    (SPAM, Action.EDIT): frozenset({SPAM}),
    (SPAM, Action.UNDO): frozenset({PENDING, APPROVED, REJECTED, SPAM}),
    (DELETED, Action.UNDO): frozenset({PENDING, APPROVED, REJECTED, SPAM}),
    # An editor's own words, an answer to reports, another place: of anything that has words left.
    **{
        (status, action): frozenset({status})
        for status in (PENDING, APPROVED, REJECTED, SPAM)
        for action in (Action.REVISE, Action.DISMISS, Action.MOVE)
    },
    **{(status, Action.NOTE): frozenset({status}) for status in Status},
}

# What a moderator may do; the others belong to the comment's author or to the door itself.
MODERATOR_ACTIONS = (Action.APPROVE, Action.HOLD, Action.REJECT, Action.MARK_SPAM)


class IllegalTransition(ValueError):
    """The action cannot be done to a comment in this status."""


def allowed(before: Status | None, action: Action) -> frozenset[Status]:
    """Return the statuses that `action` may lead to from `before`; empty means illegal."""
    return TRANSITIONS.get((before, action), frozenset())


def target(before: Status, action: Action) -> Status:
    """Return the one status that a moderator's or author's `action` leads to.

    Raises: IllegalTransition.
    """
    goals = allowed(before, action)
    if len(goals) != 1:
        raise IllegalTransition(f"A comment that is {before} cannot be: {action}.")
    return next(iter(goals))
