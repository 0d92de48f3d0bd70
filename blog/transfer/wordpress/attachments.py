"""The attachments of a WordPress export -> Attachment rows, with their files where those are had.

An export names files and holds none: `files` is where they come from, if anywhere. Without them an
attachment is a link to where it was, and a later run with files makes it whole.
"""

from collections import defaultdict
from typing import Any

from django.db import transaction

from blog.models import Attachment, Picture, Post
from blog.transfer.files import Found, Source, Unavailable, keep, name_picture
from blog.transfer.lines import tidy_line
from blog.transfer.text.conversion import Image, excerpt_text, title_text
from blog.transfer.text.picture_addresses import image_urls, link_urls, replace_image_urls
from blog.transfer.wordpress.awaited import Awaited, Waiting
from blog.transfer.wordpress.known_files import KIND, SHOWN, KnownFiles, key_of
from blog.transfer.wordpress.memory import Memory, digest_of
from blog.transfer.wordpress.places import NOWHERE
from blog.transfer.wxr.reading import Item, instant
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, UPDATED, Report

AWAITED = "attachment-of"
URL_LENGTH = 2000


class Attachments:
    """Those of one source. Shape: numbers are the source's own, as text.

    First all that is listed comes in; gather() closes that, and then posts ask.
    """

    def __init__(
        self, memory: Memory, report: Report, files: Source | None, own_hosts: set[str]
    ) -> None:
        self.memory = memory
        self.report = report
        self.files = files
        self.own_hosts = own_hosts
        self.awaited = Awaited(memory, AWAITED)
        self.known = KnownFiles()
        self._uploaded: list[tuple[Waiting, int | None]] = []

    # --- coming in ------------------------------------------------------------------------------

    def take(self, item: Item, uploader: Any) -> None:
        """Store what an item says of a file, and the file itself where it can be had."""
        known = self.memory.recall(KIND, item.post_id)
        row = self._row(known) if known else self._shown_before(item)
        digest = digest_of(item.title, item.content, item.excerpt, item.attachment_url, item.meta)
        meta = dict(item.meta)
        change = CREATED if row is None else UNCHANGED
        attachment = row or Attachment()
        if row is None or known is None or known.digest != digest:
            change = UPDATED if row else CREATED
            _describe(attachment, item)
        attached_file = meta.get("_wp_attached_file", "")
        if self._fetch(attachment, uploader, attached_file, item.line) or change != UNCHANGED:
            attachment.save()
            is_made = known is not None or row is None
            self.memory.keep(KIND, item.post_id, attachment, digest=digest, is_made=is_made)
        self._belong(attachment, item)
        self.report.took("attachments", change)

    def _row(self, known: ImportMap | None) -> Attachment | None:
        rows = Attachment.objects.select_related("picture")
        return rows.filter(pk=known.object_id).first() if known else None

    def _shown_before(self, item: Item) -> Attachment | None:
        """Return the file of an item if a text has shown it before it was listed."""
        attachment = self._row(self.memory.recall(KIND, _shown_id(item.attachment_url)))
        if attachment and attachment.picture:
            name_picture(attachment.picture, _alt(item), excerpt_text(item.excerpt))
        return attachment

    def _belong(self, attachment: Attachment, item: Item) -> None:
        """Note to which post it was uploaded, and with which it is."""
        if item.parent not in NOWHERE:
            waiting = Waiting(item.post_id, attachment.pk, item.parent, self.memory.run)
            self._uploaded.append((waiting, attachment.post_id))

    def _wait(self) -> None:
        """Have what was listed wait for its post, unless it is with that already."""
        numbers = {waiting.post_number for waiting, _post in self._uploaded}
        posts = ImportMap.objects.known(self.memory.run.source, "post", numbers)
        here = {number: known.object_id for number, known in posts.items()}
        self.awaited.keep_all(
            [
                each
                for each, post in self._uploaded
                if post is None or post != here.get(each.post_number)
            ]
        )
        self._uploaded = []

    def _fetch(
        self, attachment: Attachment, uploader: Any, attached_file: str, line: int | None
    ) -> Found | None:
        """Get a file that is not here yet; return it if it has come."""
        if self.files is None or attachment.picture_id or attachment.file:
            return None
        url = attachment.source_url
        try:
            found = self.files.get(url, attached_file)
            keep(
                found,
                alt=attachment.alt,
                caption=attachment.caption,
                uploader=uploader,
                attachment=attachment,
            )
        except Unavailable as missing:
            self.report.skip(f"the file of an attachment: {missing.reason}", line=line, what=url)
            return None
        self.report.took("files", CREATED)
        return found

    def gather(self) -> None:
        """Give to posts that are here what came after them, and look at all that is known."""
        self._wait()
        source = self.memory.run.source
        waiting: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for number, post_number, row in self.awaited.all():
            waiting[post_number][number] = row
        for post_number, known in ImportMap.objects.known(source, "post", waiting).items():
            if post := Post.objects.filter(pk=known.object_id).first():
                self._give(waiting[post_number], post)
        self.known = KnownFiles.read(source, self.awaited.all())

    @transaction.atomic
    def _give(self, rows: dict[str, int], post: Post) -> None:
        """Shape: rows are keys of attachments by their numbers."""
        Attachment.objects.filter(pk__in=rows.values()).update(post=post)
        self.awaited.let_go(list(rows))

    # --- asked for by posts ---------------------------------------------------------------------

    def image(self, number: str) -> Image | None:
        """Return a picture by its number, as galleries name it."""
        attachment = self._numbered(number)
        return _image(attachment) if attachment else None

    def attached(self, post_number: str) -> list[Image]:
        """Return the pictures that were uploaded to a post, in the order of their numbers."""
        keys = self.known.of_post(post_number)
        rows = Attachment.objects.select_related("picture").in_bulk(keys) if keys else {}
        found = (rows[key] for key in keys if key in rows)
        return [_image(each) for each in found if _looks_like_a_picture(each)]

    def picture(self, number: str) -> Picture | None:
        attachment = self._numbered(number) if number else None
        return attachment.picture if attachment else None

    def adopt(self, post_number: str, post: Post) -> None:
        """Say to which post the attachments belong that have waited for it."""
        if rows := self.known.no_longer_waiting(post_number):
            self._give(rows, post)

    def own_addresses(self, html: str, uploader: Any, line: int) -> str:
        """Return a text with pictures shown from here, and links to files that lead here."""
        shown, linked = image_urls(html), link_urls(html)
        rows = {url: row for url in (*shown, *linked) if (row := self.known.by_address.find(url))}
        here = Attachment.objects.select_related("picture").in_bulk(set(rows.values()))
        for url in shown:
            is_known = rows.get(url) in here
            found = None if is_known else self._shown_only(url, uploader, line)
            if found:
                rows[url], here[found.pk] = found.pk, found
        new = {url: self._address(url, here[row]) for url, row in rows.items() if row in here}
        return replace_image_urls(html, {url: address for url, address in new.items() if address})

    def _address(self, url: str, attachment: Attachment) -> str:
        """Return where a file is to be had here, or nothing. Only pictures have smaller copies."""
        if attachment.picture:
            return attachment.picture.file.url
        is_itself = self.known.by_address.exact(url) == attachment.pk
        return attachment.file.url if attachment.file and is_itself else ""

    def _shown_only(self, url: str, uploader: Any, line: int) -> Attachment | None:
        """Bring a picture of the blog's own that a text shows and that is listed nowhere."""
        attachment = Attachment(source_url=url)
        found = self._fetch(attachment, uploader, "", line) if self._is_own(url) else None
        if found is None:
            return None
        attachment.source_url = found.url
        attachment.save()
        self.memory.keep(KIND, _shown_id(found.url), attachment)
        self.known.by_address.add(found.url, attachment.pk)
        self.report.took("attachments", CREATED)
        return attachment

    def _is_own(self, url: str) -> bool:
        key = key_of(url)
        return key is not None and key[0] in self.own_hosts and len(url) <= URL_LENGTH

    def _numbered(self, number: str) -> Attachment | None:
        return self._row(self.memory.recall(KIND, number))


def _describe(attachment: Attachment, item: Item) -> None:
    attachment.source_url = item.attachment_url.replace("\x00", "")[:URL_LENGTH]
    attachment.title = tidy_line(title_text(item.title), 300)
    attachment.alt = _alt(item)
    attachment.caption = excerpt_text(item.excerpt)
    attachment.description = excerpt_text(item.content)
    attachment.uploaded_at = instant(item.date_gmt, item.date, item.pub_date)


def _alt(item: Item) -> str:
    return tidy_line(dict(item.meta).get("_wp_attachment_image_alt", ""), 300)


def _image(attachment: Attachment) -> Image:
    url = attachment.picture.file.url if attachment.picture else attachment.source_url
    return Image(url=url, alt=attachment.alt, caption=attachment.caption)


def _looks_like_a_picture(attachment: Attachment) -> bool:
    ending = attachment.source_url.partition("?")[0].rpartition(".")[2].lower()
    return attachment.picture_id is not None or ending in {"jpg", "jpeg", "png", "gif", "webp"}


def _shown_id(url: str) -> str:
    """Return the id of what has no number there: whether a text said http, https or www."""
    return f"{SHOWN}{digest_of(key_of(url))[:40]}"
