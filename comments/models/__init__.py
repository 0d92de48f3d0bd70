"""Threads, comments and the log of every act on them: fields, constraints, indexes.

Rows are changed by moderation/ only (the one door); reading.py turns them into pages. A thread
belongs to whatever page has its `url`; comments know nothing of posts.
"""

from comments.models.checks import (
    CheckHealth,
    EgressEntry,
    Feedback,
    Outcome,
    RetentionProgress,
    SentFields,
    UncheckedComment,
)
from comments.models.comments import (
    PATH_LEVELS,
    PATH_SEGMENT,
    AuthorMark,
    Comment,
    CommentKind,
    CommentQuerySet,
    CommentRevision,
    Markup,
    path_segment,
)
from comments.models.desk import ListsVersion, OutgoingLetter, Presence, SearchProgress
from comments.models.learner import Label, LearnerCheckpoint, LearnerExample, LearnerState
from comments.models.lists import ListEffect, ListEntry, ListKind
from comments.models.log import RECHECKED, ModerationLogEntry
from comments.models.moves import CommentMove
from comments.models.policy import RulesChange
from comments.models.readers import HelpfulMark, Mute, ThreadVisit
from comments.models.reasons import Reason
from comments.models.reports import Report, ReportReason
from comments.models.rules import DiscussionRules, HeldPeople, LearnerMode
from comments.models.sanctions import Sanction, SanctionKind, SanctionTarget
from comments.models.threads import ClosesFrom, Thread

# Django finds an app's models here; those of transfer/ stand in a room of their own.
from comments.transfer.records import ImportMap, ImportRun

__all__ = [
    "PATH_LEVELS",
    "PATH_SEGMENT",
    "RECHECKED",
    "AuthorMark",
    "CheckHealth",
    "ClosesFrom",
    "Comment",
    "CommentKind",
    "CommentMove",
    "CommentQuerySet",
    "CommentRevision",
    "DiscussionRules",
    "EgressEntry",
    "Feedback",
    "HeldPeople",
    "HelpfulMark",
    "ImportMap",
    "ImportRun",
    "Label",
    "LearnerCheckpoint",
    "LearnerExample",
    "LearnerMode",
    "LearnerState",
    "ListEffect",
    "ListEntry",
    "ListKind",
    "ListsVersion",
    "Markup",
    "ModerationLogEntry",
    "Mute",
    "Outcome",
    "OutgoingLetter",
    "Presence",
    "Reason",
    "Report",
    "ReportReason",
    "RetentionProgress",
    "RulesChange",
    "Sanction",
    "SanctionKind",
    "SanctionTarget",
    "SearchProgress",
    "SentFields",
    "Thread",
    "ThreadVisit",
    "UncheckedComment",
    "path_segment",
]
