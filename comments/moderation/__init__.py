"""The one door: submit(), edit(), delete(), undelete() for authors; moderate(), revise(), undo()
and answer() for editors. Nothing else writes a status.

(transfer/intake.py is its wide leaf, for what was judged elsewhere.)

Every act is one transaction: the thread's row is locked first (so acts on one thread queue up and
never deadlock), then the comment, its log row, the counters and the version change together.
What must happen afterwards goes through transaction.on_commit.
"""

from comments.barring import Banned
from comments.moderation.admitting import ParentGone, ThreadClosed, submit
from comments.moderation.answering import answer, reply_left, reply_taken
from comments.moderation.deciding import (
    moderate,
    moderate_all,
    moderate_many,
    newest_entry,
    newest_report,
)
from comments.moderation.deleting import delete, undelete
from comments.moderation.editing import edit
from comments.moderation.many import MOST_AT_ONCE, BulkResult, TooMany
from comments.moderation.moving import CannotMove, move_branch, moved_from
from comments.moderation.revising import revise
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.standing import not_overtaken, what_undid
from comments.moderation.storing import prove_address
from comments.moderation.undoing import (
    UndoPlan,
    can_be_undone,
    plan_undo,
    plan_undo_many,
    undo,
    undo_many,
)

__all__ = [
    "MOST_AT_ONCE",
    "Banned",
    "BulkResult",
    "CannotMove",
    "ParentGone",
    "Seen",
    "StaleComment",
    "ThreadClosed",
    "TooMany",
    "UndoPlan",
    "answer",
    "can_be_undone",
    "delete",
    "edit",
    "moderate",
    "moderate_all",
    "moderate_many",
    "move_branch",
    "moved_from",
    "newest_entry",
    "newest_report",
    "not_overtaken",
    "plan_undo",
    "plan_undo_many",
    "prove_address",
    "reply_left",
    "reply_taken",
    "revise",
    "submit",
    "undelete",
    "undo",
    "undo_many",
    "what_undid",
]
