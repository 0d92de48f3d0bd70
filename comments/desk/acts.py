"""What an editor may do to a comment, with the key and the words of each act. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.status import Action, Status, allowed


class Button(NamedTuple):
    action: Action
    label: str
    key: str

    @property
    def done(self) -> str:
        return str(DONE[self.action])


BUTTONS = {
    Action.APPROVE: (_("Approve"), "a"),
    Action.DISMISS: (_("Keep"), "a"),
    Action.HOLD: (_("Hold"), "h"),
    Action.REJECT: (_("Reject"), "r"),
    Action.MARK_SPAM: (_("Spam"), "s"),
}
# What is said once it is done.
DONE = {
    Action.APPROVE: _("Approved"),
    Action.DISMISS: _("Kept"),
    Action.HOLD: _("Held"),
    Action.REJECT: _("Rejected"),
    Action.MARK_SPAM: _("Marked as spam"),
    Action.NOTE: _("Noted"),
    Action.REVISE: _("Changed"),
    Action.MOVE: _("Moved"),
    Action.UNDO: _("Undone"),
}
DECISIONS = (*BUTTONS, Action.NOTE)


def buttons_for(comment: Comment) -> list[Button]:
    """Return the acts that lead on from where a comment is; reports alone can be set aside."""
    status = Status(comment.status)
    return [
        Button(action, str(label), key)
        for action, (label, key) in BUTTONS.items()
        if allowed(status, action) and (action != Action.DISMISS or is_kept(comment))
    ]


def is_kept(comment: Comment) -> bool:
    """Tell whether "it may stay" is an answer to reports here."""
    return comment.status == Status.APPROVED and comment.open_reports > 0


def bulk_buttons(statuses: Iterable[Status], *, are_reported: bool) -> list[Button]:
    """Return the acts that lead on from any of these statuses, with the keys for a selection.

    What was reported is public as a rule: it is kept, not approved again.
    """
    needless = Action.APPROVE if are_reported else Action.DISMISS
    return [
        Button(action, str(label), key.upper())
        for action, (label, key) in BUTTONS.items()
        if action != needless and any(allowed(status, action) for status in statuses)
    ]
