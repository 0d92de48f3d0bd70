"""An item of a WordPress export -> a Post, its categories and tags, its old addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.auth.hashers import make_password
from django.utils.text import slugify
from django.utils.translation import gettext as _

from blog.models import EXCERPT_MAX_LENGTH, Post, PostKind, PostStatus
from blog.redirects import normalised
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import excerpt_text
from blog.transfer.wxr.reading import Item, instant
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
# Of a post that was written in Parley: what WordPress has no place for. Our own export writes them.
MARKDOWN_META = "_parley_markdown"
NOTE_META = "_parley_author_note"
SOURCE_META = "_parley_source_line"
OLD_ADDRESS_META = "_parley_old_address"
FROM_PARLEY = "from=parley"


@dataclass(frozen=True)
class Written:
    """What an item says, in our terms. Shape: `published_at` is None for what has no date."""

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
        post.title, post.excerpt = self.title, self.excerpt
        post.body, post.markup = self.body, self.markup
        post.status, post.published_at = self.status, self.published_at
        post.slug = post.slug or self.slug
        post.author_note, post.source_line = self.author_note, self.source_line
        post.password = make_password(self.password) if self.password else ""
        post.is_sticky, post.position = self.is_sticky, self.position
        post.created_at = self.published_at or self.updated_at or fallback
        post.updated_at = self.updated_at or post.created_at


def written(item: Item, html: str) -> Written:
    """Return what an item says; `html` is its converted text."""
    meta = dict(item.meta)
    markdown = meta.get(MARKDOWN_META)
    status = STATUSES.get(item.status, PostStatus.DRAFT)
    at = instant(item.date_gmt, item.date, item.pub_date)
    has_date = status in {PostStatus.PUBLISHED, PostStatus.PRIVATE}
    if has_date and at is None:
        status, has_date = PostStatus.DRAFT, False
    return Written(
        title=_title(item, html),
        slug=slugify(unquote(item.name))[:100].strip("-_"),
        excerpt=tidy_line(excerpt_text(item.excerpt), EXCERPT_MAX_LENGTH),
        body=html if markdown is None else markdown,
        markup=Markup.HTML if markdown is None else Markup.MARKDOWN,
        status=status,
        published_at=at if has_date else None,
        updated_at=instant(item.modified_gmt, item.modified) or at,
        password=item.password,
        is_sticky=item.is_sticky,
        is_open=item.comment_status == "open",
        position=_number(item.menu_order),
        author_note=meta.get(NOTE_META, ""),
        source_line=tidy_line(meta.get(SOURCE_META, ""), SOURCE_LENGTH),
    )


def kind_of(item: Item) -> PostKind:
    return PostKind.PAGE if item.type == "page" else PostKind.POST


def _title(item: Item, html: str) -> str:
    """Return the title, or the first words where there is none: a link needs some words."""
    title = tidy_line(excerpt_text(item.title), TITLE_LENGTH)
    if is_visible(title):
        return title
    words = tidy_line(excerpt_text(html), 60)
    return words if is_visible(words) else _("Untitled")


def _number(text: str) -> int:
    """Return a place among siblings; what is no such number is 0."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        return 0
    return int(text)


def old_paths(item: Item, *, is_ours: bool = False) -> list[str]:
    """Return every path at which a post could be read there, normalised, each once.

    `is_ours`: it comes from Parley, which says what its old addresses are; its numbers are none.
    """
    if is_ours:
        return [value for key, value in item.meta if key == OLD_ADDRESS_META and value]
    paths = [_path_of(item.link), normalised("/", f"p={item.post_id}")]
    if item.type == "page":
        paths.append(normalised("/", f"page_id={item.post_id}"))
    paths += _at_old_slugs(item)
    return [path for path in dict.fromkeys(paths) if path and path != "/"]


def _path_of(link: str) -> str:
    parts = urlsplit_or_none(link)
    return normalised(parts.path, parts.query) if parts else ""


def _at_old_slugs(item: Item) -> Sequence[str]:
    """Return the item's link with each slug that it had before in its last place."""
    parts = urlsplit_or_none(item.link)
    slugs = [value for key, value in item.meta if key == "_wp_old_slug" and value]
    if not parts or parts.query:
        return [normalised(f"/{slug}") for slug in slugs]
    folder = parts.path.rstrip("/").rpartition("/")[0]
    return [normalised(f"{folder}/{slug}/") for slug in slugs]


def urlsplit_or_none(address: str) -> Any:
    """Return the parts of an address, or None for what is none."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return None
