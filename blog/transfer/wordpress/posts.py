"""An item of a WordPress export -> what a Post is made of, and what the item is at all: pure.

Where it was to be read is said in old_addresses.py.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import unquote

from django.contrib.auth.hashers import make_password
from django.utils.text import slugify
from django.utils.translation import gettext as _

from blog.markup_html import is_shown_as_typed
from blog.models import EXCERPT_MAX_LENGTH, Post, PostKind, PostStatus
from blog.states import OUT
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import excerpt_text, title_text
from blog.transfer.wxr.reading import Item, instant
from comments.markup import strip_controls
from comments.models import Markup

STATUSES = {
    "publish": PostStatus.PUBLISHED,
    "future": PostStatus.PUBLISHED,
    "draft": PostStatus.DRAFT,
    "pending": PostStatus.REVIEW,
    "private": PostStatus.PRIVATE,
    "trash": PostStatus.TRASH,
}
TITLE_LENGTH = 200
SOURCE_LENGTH = 500
FEED_ID_LENGTH = 500
# Of a post that was written in Parley: what WordPress has no place for. Our own export writes them.
MARKDOWN_META = "_parley_markdown"
NOTE_META = "_parley_author_note"
SOURCE_META = "_parley_source_line"
OLD_ADDRESS_META = "_parley_old_address"
STATUS_META = "_parley_status"
COMMENTS_META = "_parley_comments"
# States that WordPress has no word for, and the one that it has instead.
TOLD_BESIDE = {PostStatus.UNLISTED: "private", PostStatus.ARCHIVED: "publish"}
FROM_PARLEY = "from=parley"


@dataclass(frozen=True)
class Written:
    """What an item says, in our terms. Shape: `published_at` is None for what has no date."""

    kind: PostKind
    title: str
    slug: str
    excerpt: str
    body: str
    markup: Markup
    status: PostStatus
    published_at: datetime | None
    updated_at: datetime | None
    password: str
    is_sticky: bool
    is_open: bool
    position: int
    author_note: str
    source_line: str

    def put_into(self, post: Post, *, fallback: datetime) -> None:
        """Set what an item says of a post, new or known."""
        post.kind, post.title, post.excerpt = self.kind, self.title, self.excerpt
        post.body, post.markup = self.body, self.markup
        post.status, post.published_at = self.status, self.published_at
        post.slug = post.slug or self.slug
        post.author_note, post.source_line = self.author_note, self.source_line
        post.password = make_password(self.password) if self.password else ""
        post.is_sticky, post.position = self.is_sticky, self.position
        post.created_at = self.published_at or self.updated_at or fallback
        post.updated_at = self.updated_at or post.created_at


def written(item: Item, html: str, *, exported_at: datetime) -> Written:
    """Return what an item says; `html` is its converted text."""
    meta = dict(item.meta)
    markdown = meta.get(MARKDOWN_META)
    at = instant(item.date_gmt, item.date, item.pub_date)
    status = _status(item, at, exported_at)
    has_date = status in OUT
    return Written(
        kind=kind_of(item),
        title=_title(item, html),
        slug=slugify(re.sub(r"[/.]+", "-", unquote(item.name)))[:100].strip("-_"),
        excerpt=tidy_line(excerpt_text(item.excerpt), EXCERPT_MAX_LENGTH),
        body=html if markdown is None else markdown,
        markup=Markup.HTML if markdown is None else Markup.MARKDOWN,
        status=status,
        published_at=at if has_date else None,
        updated_at=instant(item.modified_gmt, item.modified) or at,
        password=item.password,
        is_sticky=item.is_sticky,
        is_open=meta.get(COMMENTS_META, item.comment_status) == "open",
        position=_number(item.menu_order),
        author_note=meta.get(NOTE_META, ""),
        source_line=tidy_line(meta.get(SOURCE_META, ""), SOURCE_LENGTH),
    )


def remarks(item: Item, said: Written) -> list[str]:
    """Return what a person should know of how an item was read."""
    found = []
    if len(excerpt_text(item.excerpt)) > EXCERPT_MAX_LENGTH:
        found.append(f"its excerpt was cut at {EXCERPT_MAX_LENGTH:,} characters")
    is_kept_back = said.status == PostStatus.DRAFT
    if is_kept_back and item.status == "future":
        found.append("waited there for a date that had passed or was none, came as a draft")
    elif is_kept_back and item.status in {"publish", "private"}:
        found.append("published there, has no date, came as a draft")
    if said.markup == Markup.HTML and is_shown_as_typed(said.body):
        found.append("too long, or of too many parts, to be typeset: its HTML is shown as it is")
    return found


def _status(item: Item, at: datetime | None, exported_at: datetime) -> PostStatus:
    status = STATUSES.get(item.status, PostStatus.DRAFT)
    beside = dict(item.meta).get(STATUS_META)
    told = (each for each, word in TOLD_BESIDE.items() if (each, word) == (beside, item.status))
    status = next(told, status)
    if status in OUT and at is None:
        return PostStatus.DRAFT
    # Scheduled, and its hour had come when the file was made: WordPress had missed it.
    if item.status == "future" and at is not None and at <= exported_at:
        return PostStatus.DRAFT
    return status


def feed_id_of(item: Item) -> str:
    """Return what feeds there called an item; one too long to be kept is none."""
    guid = strip_controls(item.guid).strip()
    return guid if len(guid) <= FEED_ID_LENGTH else ""


def kind_of(item: Item) -> PostKind:
    return PostKind.PAGE if item.type == "page" else PostKind.POST


def _title(item: Item, html: str) -> str:
    """Return the title, or the first words where there is none: a link needs some words.

    Everybody may read the title of a post with a password, and nobody a word of its text.
    """
    title = tidy_line(title_text(item.title), TITLE_LENGTH)
    if is_visible(title):
        return title
    if item.password:
        return _("Protected")
    words = tidy_line(excerpt_text(html), 60)
    return words if is_visible(words) else _("Untitled")


def _number(text: str) -> int:
    """Return a place among siblings; what is no such number is 0."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        return 0
    return int(text)


# --- which item it is -----------------------------------------------------------------------

PLACES = 8
UNKNOWN = "-" * PLACES


def identity_of(item: Item) -> str:
    """Return what tells an item from another blog's of the same number, in short.

    Shape: a part for its guid, one for its date; a date that may still change is none.
    """
    guid = re.sub(r"^https?://(www\.)?", "", item.guid.strip().lower())
    is_dated = item.status in {"publish", "private", "inherit"}
    at = instant(item.date_gmt, item.date, item.pub_date) if is_dated else None
    return _short(guid) + _short(at.isoformat() if at else "")


def _short(told: str) -> str:
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:PLACES] if told else UNKNOWN


def is_another(identity: str, known: str) -> bool:
    """Tell whether two identities are surely not of one item. Shape: empty for one not known."""
    if not known:
        return False
    pairs = ((each[:PLACES], each[PLACES:]) for each in (identity, known))
    return any(UNKNOWN not in both and both[0] != both[1] for both in zip(*pairs, strict=True))
