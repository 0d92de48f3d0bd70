"""A WordPress export -> this site: people, shelves and files first, then posts with their comments.

The file is read three times: to prove it whole before anything is written, for what posts refer
to, and for the posts. Each item is a transaction, each batch of comments too, so that a run may be
cut off anywhere; what is known and unchanged is left. Nothing is told to anybody.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from blog.models import Post
from blog.transfer.downloading import own_hosts_of
from blog.transfer.files import Source, unkept_on_failure
from blog.transfer.wordpress.attachments import Attachments
from blog.transfer.wordpress.comments import arrival_of
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wordpress.people import People
from blog.transfer.wordpress.post_intake import PostIntake
from blog.transfer.wordpress.posts import FROM_PARLEY
from blog.transfer.wordpress.shelves import Shelves
from blog.transfer.wxr.reading import (
    Author,
    Comment,
    CommentBatch,
    Header,
    Item,
    Term,
    instant,
    read,
)
from comments.transfer.arrivals import Arrival
from comments.transfer.intake import Intake
from comments.transfer.report import Report
from comments.transfer.running import Running

COMMENTS_A_BATCH = 500


def source_of(header: Header, path: Path) -> str:
    """Return the name under which the ids of a file are remembered: the blog's own address."""
    for address in (header.base_blog_url, header.base_site_url, header.link):
        parts = _parts(address)
        if parts and parts.hostname:
            port = f":{parts.port}" if parts.port else ""
            return f"wordpress:{parts.hostname}{port}{parts.path.rstrip('/')}".lower()
    return f"wordpress:{path.name}"


def _parts(address: str) -> Any:
    try:
        parts = urlsplit(address.strip())
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


@dataclass
class Current:
    """The post whose comments are being read, or None for one that was not taken."""

    item: Item
    post: Post | None


@dataclass
class WordPressImport:
    """One run over one file. `types`: kinds of items that are taken as posts besides posts."""

    running: Running
    path: Path
    header: Header
    files: Source | None = None
    owners: dict[str, Any] = field(default_factory=dict)
    types: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.report: Report = self.running.report
        self.memory = Memory(self.running.run)
        hosts = own_hosts_of(self.header.base_blog_url, self.header.base_site_url, self.header.link)
        self.attachments = Attachments(self.memory, self.report, self.files, hosts)
        self.people = People(self.memory, self.report, self._host(), self.owners)
        self.shelves = Shelves(self.memory, self.report)
        self.intake = Intake(self.running.run, self.report)
        self.arrivals: list[Arrival] = []
        self.current: Current | None = None
        self.position = 0
        self.fallback = self._date_of_the_file()
        self.posts = PostIntake(
            self.memory,
            self.report,
            self.people,
            self.shelves,
            self.attachments,
            self.fallback,
            self.types,
            is_from_parley=FROM_PARLEY in self.header.generator,
        )

    def _host(self) -> str:
        parts = _parts(self.header.base_blog_url) or _parts(self.header.link)
        return (parts and parts.hostname) or "imported"

    def _date_of_the_file(self) -> datetime:
        """Return when the export was made: the same in each run over it."""
        made_at = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        return instant("", "", self.header.published) or made_at

    def take(self) -> None:
        """Import the file. Raises: NotReadable, OSError; what is committed by then stays."""
        with unkept_on_failure():
            self._take_what_posts_need()
            self._take_posts()
            self.posts.place_pages()

    # --- first: what posts refer to -------------------------------------------------------------

    def _take_what_posts_need(self) -> None:
        terms: list[Term] = []
        for event in read(self.path, on_bytes=self.running.advance):
            match event:
                case Author():
                    self._take_author(event)
                case Term():
                    self.shelves.take(event)
                    terms.append(event)
                case Item(type="attachment"):
                    self._take_attachment(event)
        with transaction.atomic():
            self.shelves.place(terms)

    @transaction.atomic
    def _take_author(self, author: Author) -> None:
        self.people.take(author)

    @transaction.atomic
    def _take_attachment(self, item: Item) -> None:
        if self.posts.is_new("attachment", item):
            self.attachments.take(item, self.people.named(item.creator))

    # --- then: posts, each with its comments ----------------------------------------------------

    def _take_posts(self) -> None:
        for event in read(self.path, on_bytes=self.running.advance):
            match event:
                case Item():
                    self.current = Current(event, self.posts.take(event))
                case CommentBatch():
                    self._take_comments(event)
        self._admit()
        self.intake.finish()

    # --- comments -------------------------------------------------------------------------------

    def _take_comments(self, batch: CommentBatch) -> None:
        post = self.current.post if self.current else None
        if post is None:
            self.report.skipped["comments of items that were left out"] += len(batch.comments)
            return
        for comment in batch.comments:
            self._take_comment(comment, post)
            if len(self.arrivals) >= COMMENTS_A_BATCH:
                self._admit()

    def _take_comment(self, comment: Comment, post: Post) -> None:
        if not comment.id:
            self.report.skip("comments without an id", line=comment.line)
            return
        self.position += 1
        at: datetime = post.published_at or self.fallback
        self.arrivals.append(
            arrival_of(
                comment,
                post,
                self.people,
                position=self.position,
                fallback=at,
                is_ours=self.posts.is_from_parley,
            )
        )

    def _admit(self) -> None:
        arrivals, self.arrivals = self.arrivals, []
        self.intake.admit(arrivals)
