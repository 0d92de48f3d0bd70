"""The admin of the discussion: the ordinary lists for editors, who are let in by one permission.

Nothing here changes a comment: desk/ takes the decisions and moderation/ carries them out. The log
is read-only for everybody; only what editors keep (lists, reasons, rules) is edited in Django's
usual way.
"""

from comments.admin.comments import CommentAdmin
from comments.admin.lists import ListEntryAdmin
from comments.admin.log import ModerationLogAdmin
from comments.admin.people import SanctionAdmin
from comments.admin.reasons import ReasonAdmin
from comments.admin.rules import DiscussionRulesAdmin
from comments.admin.rules_changes import RulesChangeAdmin
from comments.admin.threads import ThreadAdmin

__all__ = [
    "CommentAdmin",
    "DiscussionRulesAdmin",
    "ListEntryAdmin",
    "ModerationLogAdmin",
    "ReasonAdmin",
    "RulesChangeAdmin",
    "SanctionAdmin",
    "ThreadAdmin",
]
