"""What is stored of posts and around them; which file has it is said by what each is about.

publishing/ is the one door for a post's text and status; feeds, pages and the sitemap all read
through `Post.objects.readable()`.
"""

from blog.models.addresses import (
    Attachment,
    Claim,
    FormerLabel,
    FormerSlug,
    OldAddress,
    SlugKind,
)
from blog.models.caps import (
    BODY_MAX_LENGTH,
    EXCERPT_MAX_LENGTH,
    MAX_FOOTNOTES,
    NOTE_MAX_LENGTH,
    validate_body,
    validate_html,
    validate_note,
)
from blog.models.labels import Category, Series, Tag, folded_name
from blog.models.pictures import Picture, Rendition
from blog.models.posts import Post, PostKind, PostQuerySet, rows_of
from blog.models.publishing_log import PublishingLogEntry
from blog.models.reviewing import EditorPresence, ReviewNote, ShareLink
from blog.models.texts import Revision, RevisionKind, ScheduledChange, WorkingCopy
from blog.states import Act, PostStatus

__all__ = [
    "BODY_MAX_LENGTH",
    "EXCERPT_MAX_LENGTH",
    "MAX_FOOTNOTES",
    "NOTE_MAX_LENGTH",
    "Act",
    "Attachment",
    "Category",
    "Claim",
    "EditorPresence",
    "FormerLabel",
    "FormerSlug",
    "OldAddress",
    "Picture",
    "Post",
    "PostKind",
    "PostQuerySet",
    "PostStatus",
    "PublishingLogEntry",
    "Rendition",
    "ReviewNote",
    "Revision",
    "RevisionKind",
    "ScheduledChange",
    "Series",
    "ShareLink",
    "SlugKind",
    "Tag",
    "WorkingCopy",
    "folded_name",
    "rows_of",
    "validate_body",
    "validate_html",
    "validate_note",
]
