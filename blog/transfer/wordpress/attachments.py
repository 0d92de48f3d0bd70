"""The attachments of a WordPress export -> Attachment rows, with their files where those are had.

An export names files and holds none: `files` is where they come from, if anywhere. Without them an
attachment is a link to where it was, and a later run with files makes it whole.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from blog.models import Attachment, Picture, Post
from blog.transfer.files import Source, Unavailable, keep
from blog.transfer.lines import tidy_line
from blog.transfer.text.conversion import Image, excerpt_text
from blog.transfer.text.picture_addresses import COPY
from blog.transfer.wordpress.memory import Memory, digest_of
from blog.transfer.wxr.reading import Item, instant
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, UPDATED, Report

KIND = "attachment"
URL_LENGTH = 2000


class Attachments:
    """Those of one source. Shape: numbers are the source's own, as text."""

    def __init__(
        self, memory: Memory, report: Report, files: Source | None, own_hosts: set[str]
    ) -> None:
        self.memory = memory
        self.report = report
        self.files = files
        self.own_hosts = own_hosts
        self.numbers_of: defaultdict[str, list[str]] = defaultdict(list)
        # Of a file's address without host and size: a text shows smaller copies of a picture.
        self.by_file: dict[int, int] = {}

    # --- coming in ------------------------------------------------------------------------------

    def take(self, item: Item, uploader: Any) -> None:
        """Store what an item says of a file, and the file itself where it can be had."""
        known = self.memory.recall(KIND, item.post_id)
        row = Attachment.objects.filter(pk=known.object_id).first() if known else None
        digest = digest_of(item.title, item.content, item.excerpt, item.attachment_url, item.meta)
        change = CREATED if row is None else UNCHANGED
        attachment = row or Attachment()
        if row is None or known is None or known.digest != digest:
            change = UPDATED if row else CREATED
            _describe(attachment, item)
        if self._fetch(attachment, uploader, dict(item.meta), item.line) or change != UNCHANGED:
            attachment.save()
            self.memory.keep(KIND, item.post_id, attachment, digest=digest)
        self._note(item.parent, item.post_id, attachment)
        self.report.took("attachments", change)

    def _note(self, parent: str, number: str, attachment: Attachment) -> None:
        if parent not in {"", "0"}:
            self.numbers_of[parent].append(number)
        self.by_file[_file_key(attachment.source_url)] = attachment.pk

    def _fetch(
        self, attachment: Attachment, uploader: Any, meta: dict[str, str], line: int | None
    ) -> bool:
        """Get a file that is not here yet; tell whether it has come."""
        if self.files is None or attachment.picture_id or attachment.file:
            return False
        url = attachment.source_url
        try:
            found = self.files.get(url, meta.get("_wp_attached_file", ""))
            keep(
                found,
                alt=attachment.alt,
                caption=attachment.caption,
                uploader=uploader,
                attachment=attachment,
            )
        except Unavailable as missing:
            self.report.skip(f"the file of an attachment: {missing.reason}", line=line, what=url)
            return False
        self.report.took("files", CREATED)
        return True

    # --- asked for by posts ---------------------------------------------------------------------

    def image(self, number: str) -> Image | None:
        """Return a picture by its number, as galleries name it."""
        attachment = self._numbered(number)
        return _image(attachment) if attachment else None

    def attached(self, post_number: str) -> list[Image]:
        """Return the pictures that were uploaded to a post, in the file's order."""
        found = (self._numbered(number) for number in self.numbers_of.get(post_number, ()))
        return [_image(each) for each in found if each and _looks_like_a_picture(each)]

    def picture(self, number: str) -> Picture | None:
        attachment = self._numbered(number) if number else None
        return attachment.picture if attachment else None

    def adopt(self, post_number: str, post: Post) -> None:
        """Say to which post the attachments belong that were uploaded to it."""
        if numbers := self.numbers_of.get(post_number):
            rows = ImportMap.objects.known(self.memory.run.source, KIND, numbers).values()
            Attachment.objects.filter(pk__in=[row.object_id for row in rows]).update(post=post)

    def own_addresses(self, urls: Iterable[str], uploader: Any, line: int) -> dict[str, str]:
        """Return, for pictures that a text shows and that are here, their addresses here."""
        by_url = {url: self.by_file.get(_file_key(url)) for url in urls}
        for url in [url for url, row in by_url.items() if row is None and self._is_own(url)]:
            by_url[url] = self._shown_only(url, uploader, line)
        rows = Attachment.objects.filter(
            pk__in=filter(None, by_url.values()), picture__isnull=False
        )
        here = (
            {row.pk: row for row in rows.select_related("picture")} if any(by_url.values()) else {}
        )
        return {
            url: here[row].picture.file.url  # type: ignore[union-attr]
            for url, row in by_url.items()
            if row in here
        }

    def _shown_only(self, url: str, uploader: Any, line: int) -> int | None:
        """Bring a picture that a text shows and the file lists nowhere, unless it is here."""
        external_id = f"url:{digest_of(url)[:40]}"
        if known := self.memory.recall(KIND, external_id):
            return known.object_id
        attachment = Attachment(source_url=url[:URL_LENGTH])
        if not self._fetch(attachment, uploader, {}, line):
            return None
        attachment.save()
        self.memory.keep(KIND, external_id, attachment)
        self.report.took("attachments", CREATED)
        return attachment.pk

    def _is_own(self, url: str) -> bool:
        try:
            return urlsplit(url).hostname in self.own_hosts
        except ValueError:
            return False

    def _numbered(self, number: str) -> Attachment | None:
        known = self.memory.recall(KIND, number)
        rows = Attachment.objects.select_related("picture")
        return rows.filter(pk=known.object_id).first() if known else None


def _describe(attachment: Attachment, item: Item) -> None:
    meta = dict(item.meta)
    attachment.source_url = item.attachment_url.replace("\x00", "")[:URL_LENGTH]
    attachment.title = tidy_line(excerpt_text(item.title), 300)
    attachment.alt = tidy_line(meta.get("_wp_attachment_image_alt", ""), 300)
    attachment.caption = excerpt_text(item.excerpt)
    attachment.description = excerpt_text(item.content)
    attachment.uploaded_at = instant(item.date_gmt, item.date, item.pub_date)


def _image(attachment: Attachment) -> Image:
    url = attachment.picture.file.url if attachment.picture else attachment.source_url
    return Image(url=url, alt=attachment.alt, caption=attachment.caption)


def _looks_like_a_picture(attachment: Attachment) -> bool:
    ending = attachment.source_url.partition("?")[0].rpartition(".")[2].lower()
    return attachment.picture_id is not None or ending in {"jpg", "jpeg", "png", "gif", "webp"}


def _file_key(url: str) -> int:
    """Return a number for the file that an address stands for, whatever its size or host's www."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return 0
    return hash((host, COPY.sub("", parts.path)))
