"""Writes the site as a WordPress export (WXR 1.2), as far as that format can hold it.

Texts go out as the HTML that readers see; what was written, and what WordPress has no place for,
stands in meta whose keys begin with `_parley_`. Numbers are made here, in a stable order.
"""

import re
from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.utils import timezone

from blog.models import Attachment, Category, Picture, Post, PostStatus, Tag
from blog.old_paths import normalised
from blog.publishing.addresses import address_of
from blog.states import READABLE
from blog.transfer.site.archive import one_snapshot, whole_file
from blog.transfer.site.comment_rows import Row, comment_batches
from blog.transfer.site.writing import Written, batched
from blog.transfer.wordpress.posts import COMMENTS_META, STATUS_META, TOLD_BESIDE
from blog.transfer.wxr.texts import as_html, block, with_whole_addresses
from blog.transfer.wxr.writer import HEAD, Writer, gmt, local, rfc_822
from comments.models import Comment, CommentKind, Markup
from comments.status import Status

APPROVED = {
    Status.APPROVED: "1",
    Status.PENDING: "0",
    Status.SPAM: "spam",
    Status.REJECTED: "trash",
    Status.DELETED: "trash",
}
STATUSES = {
    PostStatus.DRAFT: "draft",
    PostStatus.REVIEW: "pending",
    PostStatus.PRIVATE: "private",
    PostStatus.TRASH: "trash",
    # WordPress lists all that it shows, and closes what it archives in no way of its own. What it
    # was here is told beside it (STATUS_META).
    PostStatus.UNLISTED: "private",
    PostStatus.ARCHIVED: "publish",
}
# Where posts were before: elsewhere, and here under another name.
OLD = ("old_addresses", "former_slugs")
SLUG = re.compile(r"[-\w]{1,200}", re.ASCII)


def write_wxr(target: Path, base_url: str, *, force: bool = False) -> Written:
    """Write the export; `base_url` is where the site is to be read. Raises: CommandError."""
    with one_snapshot(), whole_file(target, force=force) as file:
        export = _Export(Writer(file), base_url)
        export.write()
    return export.written


class _Export:
    """One export. Items are numbered: posts and pages as they were made, then files."""

    def __init__(self, writer: Writer, base_url: str) -> None:
        self.out = writer
        self.base_url = base_url
        self.written = Written()
        rows = list(Post.objects.order_by("pk").values_list("pk", "thread_id"))
        self.item_ids = {pk: at for at, (pk, _thread) in enumerate(rows, start=1)}
        self.threads = [thread for _pk, thread in rows]
        pictures = Picture.objects.order_by("pk").values_list("pk", flat=True)
        # What a picture is called by is its attachment; one that was uploaded here gets a number.
        self.picture_ids: dict[int, int] = {}
        self.attachment_ids: dict[int, int] = {}
        attachments = Attachment.objects.order_by("pk").values_list("pk", "picture_id")
        for number, (pk, picture) in enumerate(attachments, start=len(rows) + 1):
            self.attachment_ids[pk] = number
            if picture:
                self.picture_ids.setdefault(picture, number)
        self.loose = [pk for pk in pictures if pk not in self.picture_ids]
        first = len(rows) + len(self.attachment_ids) + 1
        self.picture_ids |= {pk: number for number, pk in enumerate(self.loose, start=first)}
        authors = get_user_model().objects.filter(posts__isnull=False).distinct()
        self.authors = sorted(authors, key=lambda author: author.slug)
        self.author_ids = {author.pk: at for at, author in enumerate(self.authors, start=1)}
        self.last_comment = 0

    def write(self) -> None:
        self.out.raw(HEAD)
        with self.out.within("channel"):
            self._write_header()
            self._write_authors()
            self._write_categories()
            self._write_tags()
            self._write_posts()
            self._write_files()
        self.out.raw("</rss>\n")
        self._tell_what_is_left_out()

    def _tell_what_is_left_out(self) -> None:
        if elsewhere := Comment.objects.filter(thread__post=None).count():
            self.written.notes.append(
                f"comments on pages that are none of the site's own, left out: {elsewhere:,} "
                "(the zip has them)"
            )

    # --- the channel ----------------------------------------------------------------------------

    def _write_header(self) -> None:
        self.out.text("title", settings.SITE_NAME)
        self.out.text("link", self.base_url)
        self.out.text("description", settings.SITE_TAGLINE)
        self.out.text("pubDate", rfc_822(timezone.now()))
        self.out.text("language", settings.LANGUAGE_CODE)
        self.out.text("wp:wxr_version", "1.2")
        self.out.text("wp:base_site_url", self.base_url)
        self.out.text("wp:base_blog_url", self.base_url)
        self.out.text("generator", "https://wordpress.org/?v=6.0&from=parley")

    def _write_authors(self) -> None:
        for author in self.authors:
            with self.out.within("wp:author"):
                self.out.text("wp:author_id", self.author_ids[author.pk])
                self.out.words("wp:author_login", author.slug)
                self.out.words("wp:author_email", author.email)
                self.out.words(
                    "wp:author_display_name", as_html(author.display_name or author.slug)
                )
        self.written.counts["authors"] = len(self.authors)

    def _write_categories(self) -> None:
        categories = _parents_first(list(Category.objects.order_by("pk")))
        slugs = {category.pk: category.slug for category in categories}
        for number, category in enumerate(categories, start=1):
            with self.out.within("wp:category"):
                self.out.text("wp:term_id", number)
                self.out.words("wp:category_nicename", category.slug)
                self.out.words("wp:category_parent", slugs.get(category.parent_id or 0, ""))
                self.out.words("wp:cat_name", as_html(category.name))
                if category.description:
                    self.out.words("wp:category_description", category.description)
        self.written.counts["categories"] = len(categories)

    def _write_tags(self) -> None:
        tags = sorted(Tag.objects.order_by(), key=lambda tag: tag.slug)
        first = Category.objects.count() + 1
        for number, tag in enumerate(tags, start=first):
            with self.out.within("wp:tag"):
                self.out.text("wp:term_id", number)
                self.out.words("wp:tag_slug", tag.slug)
                self.out.words("wp:tag_name", as_html(tag.name))
        self.written.counts["tags"] = len(tags)

    # --- posts and pages ------------------------------------------------------------------------

    def _write_posts(self) -> None:
        comments = _by_thread(self.threads)
        waiting = next(comments, None)
        for ids in batched(list(self.item_ids)):
            posts = Post.objects.select_related("author", "thread")
            found = posts.prefetch_related("tags", "categories", *OLD).in_bulk(ids)
            for pk in ids:
                post = found[pk]
                with self.out.within("item"):
                    self._write_post(post)
                    if waiting and waiting[0] == post.thread_id:
                        self._write_comments(waiting[1], post.thread_id)
                        waiting = next(comments, None)
                self.written.counts[f"{post.kind}s"] += 1

    def _write_post(self, post: Post) -> None:
        date = post.published_at or post.created_at
        is_dated = post.published_at is not None
        self.out.words("title", as_html(post.title))
        self.out.text("link", f"{self.base_url}{post.get_absolute_url()}")
        self.out.text("pubDate", rfc_822(date))
        self.out.words("dc:creator", post.author.slug)
        known_by = post.feed_id or post.get_absolute_url()
        self._guid(f"{self.base_url}{known_by}" if known_by.startswith("/") else known_by)
        self.out.line("<description></description>")
        self.out.words("content:encoded", block(post.body_html, self.base_url))
        self.out.words("excerpt:encoded", as_html(post.excerpt))
        self.out.text("wp:post_id", self.item_ids[post.pk])
        self.out.text("wp:post_date", local(date))
        self.out.text("wp:post_date_gmt", gmt(date if is_dated else None))
        self.out.text("wp:post_modified", local(post.updated_at))
        self.out.text("wp:post_modified_gmt", gmt(post.updated_at))
        is_open = "open" if post.thread.is_open and not post.thread.is_archived else "closed"
        self.out.text("wp:comment_status", is_open)
        self.out.text("wp:ping_status", is_open)
        self.out.words("wp:post_name", post.slug)
        self.out.text("wp:status", _status(post))
        self.out.text("wp:post_parent", self.item_ids.get(post.parent_id or 0, 0))
        self.out.text("wp:menu_order", post.position)
        self.out.text("wp:post_type", post.kind)
        self.out.words("wp:post_password", "")
        self.out.text("wp:is_sticky", int(post.is_sticky))
        self._write_labels(post)
        for key, value in self._post_meta(post):
            self.out.meta("wp:postmeta", key, value)

    def _guid(self, address: str) -> None:
        self.out.words("guid", address, isPermaLink="false")

    def _write_labels(self, post: Post) -> None:
        for category in sorted(post.categories.all(), key=lambda each: each.slug):
            self.out.words(
                "category", as_html(category.name), domain="category", nicename=category.slug
            )
        for tag in sorted(post.tags.all(), key=lambda each: each.slug):
            self.out.words("category", as_html(tag.name), domain="post_tag", nicename=tag.slug)

    def _post_meta(self, post: Post) -> Iterator[tuple[str, str]]:
        if post.cover_id:
            yield "_thumbnail_id", str(self.picture_ids[post.cover_id])
        for slug in sorted(_old_slugs(post)):
            yield "_wp_old_slug", slug
        if post.markup == Markup.MARKDOWN:
            yield "_parley_markdown", post.body
        if post.status in TOLD_BESIDE and not post.password:
            yield STATUS_META, post.status
            yield COMMENTS_META, "open" if post.thread.is_open else "closed"
        if post.author_note:
            yield "_parley_author_note", post.author_note
        if post.source_line:
            yield "_parley_source_line", post.source_line
        for path in sorted(_old_paths(post)):
            yield "_parley_old_address", path

    # --- comments -------------------------------------------------------------------------------

    def _write_comments(self, rows: Iterator[Row], thread_id: int) -> None:
        numbers = Comment.objects.filter(thread=thread_id).order_by("path")
        ids = {
            number: at
            for at, number in enumerate(
                numbers.values_list("number", flat=True), start=self.last_comment + 1
            )
        }
        for row in rows:
            with self.out.within("wp:comment"):
                self._write_comment(row, ids)
            self.written.counts["comments"] += 1
        self.last_comment += len(ids)

    def _write_comment(self, row: Row, ids: dict[int, int]) -> None:
        kind = row["kind"]
        self.out.text("wp:comment_id", ids[row["number"]])
        self.out.words("wp:comment_author", as_html(row["author_name"]))
        self.out.words("wp:comment_author_email", row["author_email"])
        self.out.text("wp:comment_author_url", row["author_website"])
        self.out.text("wp:comment_author_IP", row["ip_address"] or "")
        self.out.text("wp:comment_date", local(row["created_at"]))
        self.out.text("wp:comment_date_gmt", gmt(row["created_at"]))
        content = with_whole_addresses(row["body_html"], self.base_url)
        self.out.words("wp:comment_content", content)
        self.out.text("wp:comment_approved", APPROVED[Status(row["status"])])
        self.out.text("wp:comment_type", "comment" if kind == CommentKind.COMMENT else kind)
        self.out.text("wp:comment_parent", ids.get(row["parent_number"], 0))
        self.out.text("wp:comment_user_id", self.author_ids.get(row["author_id"], 0))
        for key, value in _comment_meta(row):
            self.out.meta("wp:commentmeta", key, value)

    # --- files ----------------------------------------------------------------------------------

    def _write_files(self) -> None:
        for ids in batched(list(self.attachment_ids)):
            found = Attachment.objects.select_related("picture__uploader").in_bulk(ids)
            for pk in ids:
                with self.out.within("item"):
                    self._write_attachment(found[pk])
        for ids in batched(self.loose):
            pictures = Picture.objects.select_related("uploader").in_bulk(ids)
            for pk in ids:
                with self.out.within("item"):
                    self._write_picture(pictures[pk])
        self.written.counts["attachments"] = len(self.attachment_ids) + len(self.loose)

    def _write_attachment(self, attachment: Attachment) -> None:
        picture = attachment.picture
        name = (picture.file.name if picture else attachment.file.name) or ""
        self._write_file(
            number=self.attachment_ids[attachment.pk],
            title=attachment.title,
            address=self._media_url(name) if name else attachment.source_url,
            name=name,
            at=attachment.uploaded_at or (picture.created_at if picture else None),
            creator=picture.uploader if picture else None,
            post=self.item_ids.get(attachment.post_id or 0, 0),
            caption=attachment.caption,
            description=attachment.description,
            alt=attachment.alt,
        )

    def _write_picture(self, picture: Picture) -> None:
        name = picture.file.name or ""
        self._write_file(
            number=self.picture_ids[picture.pk],
            title=Path(name).stem,
            address=self._media_url(name),
            name=name,
            at=picture.created_at,
            creator=picture.uploader,
            post=0,
            caption=picture.caption,
            description="",
            alt=picture.alt,
        )

    def _media_url(self, name: str) -> str:
        url = default_storage.url(name)
        return f"{self.base_url}{url}" if url.startswith("/") else url

    def _write_file(self, **file: Any) -> None:
        self.out.words("title", as_html(file["title"]))
        self.out.text("link", file["address"])
        self.out.words("dc:creator", file["creator"].slug if file["creator"] else "")
        self._guid(file["address"])
        self.out.words("content:encoded", as_html(file["description"]))
        self.out.words("excerpt:encoded", as_html(file["caption"]))
        self.out.text("wp:post_id", file["number"])
        self.out.text("wp:post_date", local(file["at"]))
        self.out.text("wp:post_date_gmt", gmt(file["at"]))
        self.out.text("wp:comment_status", "closed")
        self.out.text("wp:ping_status", "closed")
        self.out.words("wp:post_name", Path(file["name"] or file["address"]).stem[:200])
        self.out.text("wp:status", "inherit")
        self.out.text("wp:post_parent", file["post"])
        self.out.text("wp:menu_order", 0)
        self.out.text("wp:post_type", "attachment")
        self.out.words("wp:post_password", "")
        self.out.text("wp:is_sticky", 0)
        self.out.text("wp:attachment_url", file["address"])
        if file["name"]:
            self.out.meta("wp:postmeta", "_wp_attached_file", file["name"])
        if file["alt"]:
            self.out.meta("wp:postmeta", "_wp_attachment_image_alt", file["alt"])


def _status(post: Post) -> str:
    """Return WordPress's word. A scrambled password is none that it could ask for: private."""
    if post.password and post.status in READABLE:
        return "private"
    if post.status != PostStatus.PUBLISHED:
        return STATUSES[PostStatus(post.status)]
    return "future" if post.is_scheduled() else "publish"


def _old_paths(post: Post) -> set[str]:
    """Return where the post was to be read before, elsewhere or here."""
    given_up = (address_of(post.kind, former.slug) for former in post.former_slugs.all())
    return {*(old.path for old in post.old_addresses.all()), *map(normalised, given_up)}


def _old_slugs(post: Post) -> set[str]:
    """Return the short names that the post had at its old addresses."""
    paths = (path for path in _old_paths(post) if "?" not in path)
    names = {path.rstrip("/").rpartition("/")[2] for path in paths}
    return {name for name in names if SLUG.fullmatch(name)} - {post.slug}


def _comment_meta(row: Row) -> Iterator[tuple[str, str]]:
    yield "_parley_number", str(row["number"])
    if row["markup"] == Markup.MARKDOWN:
        yield "_parley_markdown", row["body"]
    if row["status"] == Status.DELETED:
        yield "_parley_status", row["status"]


def _by_thread(threads: list[int]) -> Iterator[tuple[int, Iterator[Row]]]:
    """Yield each thread that has comments, with them; they are read as they are asked for."""
    rows = chain.from_iterable(comment_batches(threads, "body_html"))
    return groupby(rows, key=itemgetter("thread_id"))


def _parents_first(categories: list[Category]) -> list[Category]:
    """Return each category after the one it stands within; those of a circle come last."""
    waiting = sorted(categories, key=lambda category: category.slug)
    done: dict[int | None, Category | None] = {None: None}
    ordered: list[Category] = []
    while waiting:
        ready = [category for category in waiting if category.parent_id in done] or waiting
        ordered += ready
        done |= {category.pk: category for category in ready}
        waiting = [category for category in waiting if category.pk not in done]
    return ordered
