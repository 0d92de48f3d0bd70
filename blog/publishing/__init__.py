"""The one door for a post's text and status; nothing else writes either.

texts.py starts a post and saves into it; copies.py keeps what is written beside it and publishes
that as one; conflicts.py keeps what could not be saved; restoring.py writes again what was written
once; moving.py changes the status, locking.py the password; reviewing.py lays a draft before the
editors; labelling.py labels many posts, relabelling.py renames the labels; receiving.py stores what
comes from elsewhere; again.py typesets what nobody has written in.

Each act is one transaction in which the post, its HTML, its labels, its version, its log and its
thread's title, address, owner and visibility change together.
"""

from blog.publishing.again import show_again, typeset_again
from blog.publishing.around import touch_posts_of
from blog.publishing.conflicts import set_aside
from blog.publishing.copies import (
    discard_changes,
    keep,
    publish_changes,
    schedule_changes,
    standing,
    unschedule_changes,
)
from blog.publishing.labelling import hand_over, relabel
from blog.publishing.labels import free_slug, parse_tags, tags_named
from blog.publishing.locking import remove_password, set_password
from blog.publishing.moving import (
    archive,
    make_private,
    move,
    nothing_to_read,
    publish,
    recover,
    request_changes,
    schedule,
    trash,
    unlist,
    unpublish,
    withdraw,
)
from blog.publishing.receiving import receive
from blog.publishing.restoring import Restored, restore, write_anew
from blog.publishing.reviewing import approve, submit
from blog.publishing.revisions import as_of
from blog.publishing.texts import (
    StalePost,
    create_draft,
    needs_a_title,
    save,
    typeset,
    typeset_unjudged,
)
from blog.states import IllegalMove

__all__ = [
    "IllegalMove",
    "Restored",
    "StalePost",
    "approve",
    "archive",
    "as_of",
    "create_draft",
    "discard_changes",
    "free_slug",
    "hand_over",
    "keep",
    "make_private",
    "move",
    "needs_a_title",
    "nothing_to_read",
    "parse_tags",
    "publish",
    "publish_changes",
    "receive",
    "recover",
    "relabel",
    "remove_password",
    "request_changes",
    "restore",
    "save",
    "schedule",
    "schedule_changes",
    "set_aside",
    "set_password",
    "show_again",
    "standing",
    "submit",
    "tags_named",
    "touch_posts_of",
    "trash",
    "typeset",
    "typeset_again",
    "typeset_unjudged",
    "unlist",
    "unpublish",
    "unschedule_changes",
    "withdraw",
    "write_anew",
]
