"""WordPress exports -> this site: people, shelves and files first, then posts with their comments.

A blog may come in several files that refer to one another, so each step goes through all of them.
A file is read three times: to prove it whole before anything is written, for what posts refer to,
and for the posts. Each item is a transaction, each batch of comments too, so that a run may be
cut off anywhere; what is known and unchanged is left. Nothing is told to anybody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from blog.storing import unkept_on_failure
from blog.transfer.downloading import own_hosts_of
from blog.transfer.files import Source
from blog.transfer.text.reusable import KeptTexts
from blog.transfer.wordpress.attachments import Attachments
from blog.transfer.wordpress.comment_intake import CommentIntake
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wordpress.people import People
from blog.transfer.wordpress.post_intake import PostIntake
from blog.transfer.wordpress.posts import FROM_PARLEY
from blog.transfer.wordpress.shelves import Shelves
from blog.transfer.wxr.reading import (
    Author,
    CommentBatch,
    Header,
    Item,
    Term,
    instant,
    read,
)
from comments.transfer.report import Report
from comments.transfer.running import Running


def source_of(header: Header, path: Path) -> str:
    """Return the name under which the ids of a file are remembered: the blog's own address."""
    for address in (header.base_blog_url, header.base_site_url, header.link):
        parts = _parts(address)
        if parts and parts.hostname:
            port = f":{parts.port}" if parts.port else ""
            host = parts.hostname.removeprefix("www.")
            return f"wordpress:{host}{port}{parts.path.rstrip('/')}".lower()
    return f"wordpress:{path.name}"


def _parts(address: str) -> Any:
    try:
        parts = urlsplit(address.strip())
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


@dataclass
class Export:
    """One file of a blog, and the run that it is."""

    running: Running
    path: Path
    header: Header

    @property
    def source(self) -> str:
        return self.running.run.source

    @property
    def hosts(self) -> set[str]:
        """Return the hosts that the blog has its files on, as far as the file tells."""
        return own_hosts_of(self.header.base_blog_url, self.header.base_site_url, self.header.link)

    @property
    def host(self) -> str:
        parts = _parts(self.header.base_blog_url) or _parts(self.header.link)
        return (parts and parts.hostname) or "imported"

    @property
    def date(self) -> datetime:
        """Return when the export was made: the same in each run over it."""
        made_at = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        return instant("", "", self.header.published) or made_at


class _Turns(Report):
    """Hands on what is told to the report of the file whose turn it is."""

    def __init__(self, current: Report) -> None:
        super().__init__()
        self.current = current

    def took(self, kind: str, change: str, *, status: str = "") -> None:
        self.current.took(kind, change, status=status)

    def skip(self, reason: str, *, line: int | None = None, what: str = "") -> None:
        self.current.skip(reason, line=line, what=what)

    def note(self, words: str, *, line: int | None = None) -> None:
        self.current.note(words, line=line)


class WordPressImport:
    """One run over the files of one blog: what they have in common, and each in its turn.

    Shape: `files` is where pictures come from, `hosts` are those that are the blog's own, `types`
    kinds of items that are taken as posts besides posts.
    """

    def __init__(
        self,
        exports: list[Export],
        *,
        files: Source | None = None,
        hosts: set[str],
        owners: dict[str, Any],
        types: frozenset[str] = frozenset(),
    ) -> None:
        first = exports[0]
        self.types = types
        self.memory = Memory(first.running.run)
        self.report = _Turns(first.running.report)
        is_from_parley = FROM_PARLEY in first.header.generator
        self.people = People(
            self.memory, self.report, first.host, owners, is_from_parley=is_from_parley
        )
        self.shelves = Shelves(self.memory, self.report)
        self.reusable = KeptTexts()
        self.attachments = Attachments(self.memory, self.report, files, hosts)
        self.parts = [_Part(self, export) for export in exports]

    def take(self) -> None:
        """Import them. Raises: NotReadable, OSError; what is committed by then stays."""
        with unkept_on_failure():
            for part in self._in_turn():
                part.take_what_posts_need()
            self.attachments.gather()
            for part in self._in_turn():
                part.take_posts()
            for part in self._in_turn():
                part.take_comments_of_files()
            for part in self._in_turn():
                part.posts.place_pages()

    def _in_turn(self) -> Iterator["_Part"]:
        """Yield each file; what is brought from then on is counted as its own."""
        for part in self.parts:
            self.memory.run, self.report.current = part.running.run, part.running.report
            yield part


def by_blog(exports: Iterable[Export]) -> list[list[Export]]:
    """Return the files of each blog together, in their order."""
    blogs: defaultdict[str, list[Export]] = defaultdict(list)
    for export in exports:
        blogs[export.source].append(export)
    return list(blogs.values())


class _Part:
    """One file of a blog in its turn."""

    def __init__(self, blog: WordPressImport, export: Export) -> None:
        self.export = export
        self.running = export.running
        self.report = self.running.report
        self.people = blog.people
        self.shelves = blog.shelves
        self.reusable = blog.reusable
        self.attachments = blog.attachments
        self.position = 0  # of the last comment taken
        self.has_comments_of_files = False
        self.fallback = export.date
        self.posts = PostIntake(
            blog.memory,
            self.report,
            blog.people,
            blog.shelves,
            blog.attachments,
            self.fallback,
            blog.types,
            is_from_parley=FROM_PARLEY in export.header.generator,
            reusable=blog.reusable.get,
        )

    # --- first: what posts refer to -------------------------------------------------------------

    def take_what_posts_need(self) -> None:
        terms: list[Term] = []
        for event in read(self.export.path, on_bytes=self.running.advance):
            match event:
                case Author():
                    self._take_author(event)
                case Term():
                    terms.append(event)
                case Item(type="attachment"):
                    self._take_attachment(event)
                case Item(type="wp_block", status="publish", password=""):
                    self.reusable.keep(event.post_id, event.content)
        self.shelves.take(terms)

    @transaction.atomic
    def _take_author(self, author: Author) -> None:
        self.people.take(author)

    @transaction.atomic
    def _take_attachment(self, item: Item) -> None:
        if self.posts.is_new("attachment", item):
            self.attachments.take(item, self.people.named(item.creator))

    # --- then: posts, each with its comments ----------------------------------------------------

    def take_posts(self) -> None:
        comments, post = self._comments(), None
        for event in read(self.export.path, on_bytes=self.running.advance):
            match event:
                case Item():
                    post = self.posts.take(event)
                case CommentBatch() if post is not None:
                    comments.take(event.comments, post)
                case CommentBatch(item=Item(type="attachment")):
                    self.has_comments_of_files = True
                case CommentBatch():
                    self.report.skipped["comments of items that were left out"] += len(
                        event.comments
                    )
        comments.finish()
        self.position = comments.position

    def take_comments_of_files(self) -> None:
        """Give comments on a file to the post that it was uploaded to, once all posts are here."""
        if not self.has_comments_of_files:
            return
        comments = self._comments()
        for event in read(self.export.path):
            if isinstance(event, CommentBatch) and event.item.type == "attachment":
                post = self.posts.known(event.item.parent)
                if post is not None:
                    comments.take(event.comments, post)
                else:
                    self._skip_comments_of_no_post(event)
        comments.finish()

    def _skip_comments_of_no_post(self, batch: CommentBatch) -> None:
        for comment in batch.comments:
            self.report.skip("comments on files that belong to no post", line=comment.line)

    def _comments(self) -> CommentIntake:
        return CommentIntake(
            self.running.run,
            self.report,
            self.people,
            self.fallback,
            self.position,
            self.posts.is_from_parley,
        )
