"""`manage.py seed_threads SIZE…`: posts with made-up discussions of any size, to measure.

For databases that may hold such things. A million comments take a minute or two, because a pool
of TEXTS texts is rendered once and used over and over, and because the threads that only fill up
to a --total are copies of one. The same --seed makes the same people say the same things in the
same places; the comments' instants are counted back from now.
"""

import json
import logging
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count as counting
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from blog import publishing
from blog.models import Post
from comments.models import Comment, Thread
from comments.seeding.findings import report_some
from comments.seeding.rows import Filling, copy
from comments.seeding.shape import Shape, apart, chain, talk
from comments.seeding.texts import write_texts
from comments.status import Status

Shaping = Callable[[Random, int], Shape]

TEXTS = 2_000
FILLER_SIZE = 1_000
AT_ONCE = 25
LARGEST = 10_000_000
DAYS = 30
# Nobody can sign in as them: the account has no password and its address is nobody's.
AUTHOR = {"email": "seeds@example.org", "display_name": "Sam Seed"}
BODY = "This post is here for its discussion, which was made up by `manage.py seed_threads`."


def comments_count(text: str) -> int:
    """Read a number of comments. Raises: ArgumentTypeError."""
    if text.isascii() and text.isdigit() and 0 < int(text[:20]) <= LARGEST:
        return int(text)
    raise ArgumentTypeError(
        f"{text[:40]!r} is no number of comments: write a whole one from 1 to {LARGEST}."
    )


class Command(BaseCommand):
    help = (
        "Publish a post with a made-up discussion for each SIZE, for trying out and measuring: "
        "20 to 150 words a comment, 60 % top-level, to depth 8. Prints their addresses."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "sizes",
            metavar="SIZE",
            nargs="*",
            type=comments_count,
            help="comments in a thread; one post for each",
        )
        parser.add_argument(
            "--total",
            metavar="N",
            type=comments_count,
            help=f"add threads of {FILLER_SIZE} until the site holds N comments in all",
        )
        parser.add_argument(
            "--chain",
            metavar="N",
            type=comments_count,
            help="add a thread of N comments in which each answers the last",
        )
        parser.add_argument(
            "--held",
            metavar="N",
            type=comments_count,
            help="add N comments that wait for an editor, and half as many spam and rejected ones; "
            "readers report a tenth as many of those that are public. These are not in --total",
        )
        parser.add_argument(
            "--seed", metavar="N", type=int, default=0, help="another one makes up other comments"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print a JSON list of comments, url and thread, fillers for --total left out",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shapes, fillers = _plan(options)
        logging.getLogger("parley").setLevel(logging.WARNING)
        _make_room()
        held = _held(options["held"] or 0)
        total = sum(count for _what, count, _shape in shapes) + sum(fillers)
        total += sum(count for _status, count in held)
        with _progress(total) as tell:
            seeding = Seeding(options["seed"], min(total, TEXTS), tell)
            made = [
                {"comments": count, "url": post.get_absolute_url(), "thread": post.thread_id}
                for what, count, shape in shapes
                for post in [seeding.publish(f"{what} of {count:,} comments", count, shape)]
            ]
            seeding.fill_up(fillers)
            for status, count in held:
                seeding.hold(status, count)
            report_some(seeding.rng, (options["held"] or 0) // 10)
        if options["json"]:
            self.stdout.write(json.dumps(made))
            return
        for each in made:
            self.stdout.write(f"{each['comments']:>10,}  {each['url']}")
        if fillers:
            self.stdout.write(f"{sum(fillers):>10,}  in {len(fillers):,} further threads")


def _plan(options: dict[str, Any]) -> tuple[list[tuple[str, int, Shaping]], list[int]]:
    """Return what, how many and which shape of each thread asked for, and the fillers' sizes.

    Raises: CommandError.
    """
    shapes: list[tuple[str, int, Shaping]]
    shapes = [("A discussion", size, talk) for size in options["sizes"]]
    if options["chain"]:
        shapes.append(("A chain", options["chain"], lambda _rng, count: chain(count)))
    if not (shapes or options["total"] or options["held"]):
        raise CommandError("Say how many comments: sizes of threads, --chain, --held or --total.")
    left = 0
    if options["total"]:
        there = Comment.objects.count()
        asked = sum(count for _what, count, _shape in shapes)
        left = options["total"] - there - asked
        if left < 0:
            raise CommandError(
                f"--total {options['total']} is too few: {there} comments are there already, and "
                f"{asked} are asked for."
            )
    whole, rest = divmod(left, FILLER_SIZE)
    return shapes, [FILLER_SIZE] * whole + [rest] * bool(rest)


def _held(count: int) -> list[tuple[Status, int]]:
    """Return how many of which status are held, in threads of FILLER_SIZE at most."""
    shares = {Status.PENDING: count, Status.SPAM: count // 2, Status.REJECTED: count // 2}
    return [
        (status, min(FILLER_SIZE, share - start))
        for status, share in shares.items()
        for start in range(0, share, FILLER_SIZE)
    ]


class Seeding:
    """Publishes posts with made-up discussions, one after the other, all by one author."""

    def __init__(self, seed: int, texts: int, tell: Callable[[int], None]) -> None:
        self.rng = Random(seed)
        self.tell = tell
        self.texts = write_texts(self.rng, texts)
        self.author = _author()
        self.now = timezone.now()
        self.since = self.now - timedelta(days=DAYS)
        self.posts = counting()

    def publish(
        self, title: str, count: int, shape: Shaping, status: Status = Status.APPROVED
    ) -> Post:
        """Fill the discussion of a draft, where nobody else writes, and publish it then."""

        def fill(thread: Thread) -> None:
            made, when = shape(self.rng, count), (self.since, self.now)
            Filling(thread, made, self.texts, self.rng, *when, status).store(self.tell)

        return self._publish(title, fill)

    def hold(self, status: Status, count: int) -> None:
        """Publish a post with comments that no reader sees."""
        what = f"{count:,} comments that are {status}"
        self.publish(what, count, lambda _rng, count: apart(count), status)

    def fill_up(self, sizes: list[int]) -> None:
        """Publish threads of these sizes, the same discussion for each size."""
        made: dict[int, Thread] = {}
        titled = [(f"Filler {number}", size) for number, size in enumerate(sizes, start=1)]
        for start in range(0, len(titled), AT_ONCE):
            # Each commit writes every page of every index that it touched.
            with transaction.atomic():
                for title, size in titled[start : start + AT_ONCE]:
                    self._publish_again(title, size, made)

    def _publish_again(self, title: str, size: int, made: dict[int, Thread]) -> None:
        if size in made:
            self._publish(title, partial(copy, made[size]))
            self.tell(size)
        else:
            made[size] = self.publish(title, size, talk).thread

    def _publish(self, title: str, fill: Callable[[Thread], None]) -> Post:
        post = publishing.create_draft(self.author, title=title, body=BODY)
        fill(post.thread)
        # No two at the same instant, as in life: what stands beside a post is found by it.
        at = self.since - timedelta(minutes=next(self.posts))
        return publishing.publish(post, actor=self.author, at=at)


def _make_room() -> None:
    """Let SQLite keep more of the indexes in memory than a server's processes should each."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -400000")


def _author() -> Any:
    people = get_user_model().objects
    author = people.filter(email=AUTHOR["email"]).first()
    if author is None:
        author = people.create_user(**AUTHOR)
        author.groups.add(Group.objects.get(name="Author"))
    return author


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show how far it is, on stderr and only to somebody who looks at a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("Comments"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=total)
        yield lambda count: progress.advance(bar, count)
