"""The one door: submit(), edit(), moderate(), delete(), undelete(), undo(). Nothing else writes a
status.

(transfer/intake.py is its wide leaf, for what was judged elsewhere.)

Every act is one transaction: the thread's row is locked first (so acts on one thread queue up and
never deadlock), then the comment, its log row, the counters and the version change together.
What must happen afterwards goes through transaction.on_commit.
"""

from comments.moderation.admitting import ParentGone, ThreadClosed, submit
from comments.moderation.deciding import BulkResult, moderate, moderate_many
from comments.moderation.editing import edit
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.storing import prove_address
from comments.moderation.undoing import delete, undelete, undo, undo_many

__all__ = [
    "BulkResult",
    "ParentGone",
    "Seen",
    "StaleComment",
    "ThreadClosed",
    "delete",
    "edit",
    "moderate",
    "moderate_many",
    "prove_address",
    "submit",
    "undelete",
    "undo",
    "undo_many",
]
