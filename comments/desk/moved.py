"""By how much acts change the numbers on the desk's tabs. A page that stays where it is is told, so
that no queue is counted again for it.
"""

import json
from collections import Counter

from comments.desk.queues import Queue
from comments.models import Comment, ModerationLogEntry
from comments.status import Status

Moved = Counter[str]


def moved(entry: ModerationLogEntry, *, is_reported: bool = False) -> Moved:
    """Return what one act changed. What it decides answers all reports, what it undoes may not.

    The row's own comment was read before the act and still says what was reported then.
    """
    change = Moved({entry.old_status: -1})
    change[entry.new_status] += 1
    change[Queue.REPORTED.value] = is_reported - (entry.comment.reported_at is not None)
    return change


def arrived(reply: Comment) -> Moved:
    return Moved({reply.status: 1, Queue.ALL.value: 1})


def taken_or_brought(reply: Comment) -> Moved:
    """Return what changed with a reply that went, or came back, with what it answers."""
    before = Status.APPROVED if reply.status == Status.REJECTED else Status.REJECTED
    return Moved({reply.status: 1, before.value: -1})


def as_json(*changes: Moved) -> str:
    """Return the sum for the script, by queue; nothing where no number changed."""
    total = Moved()
    for change in changes:
        total.update(change)
    told = {queue.value: total[queue.value] for queue in Queue if total[queue.value]}
    return json.dumps(told) if told else ""
