"""`manage.py verify_log`: does the log lead to every comment as it is, and are all counters right?

Reads only, and stops nobody from commenting or moderating meanwhile.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from comments.models import Comment, Thread
from comments.verifying import verify


class Command(BaseCommand):
    help = (
        "Replay the log of every comment and compare it with the comment; count the counters of "
        "comments and threads anew. Prints each fault and ends with 1 if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--thread", metavar="ID", type=int, help="look at this thread alone, by its number"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        total, thread_id = _total(options["thread"]), options["thread"]
        found = 0
        with _progress(total) as tell:
            for fault in verify(thread_id, tell):
                self.stdout.write(f"{fault.about}: {fault.says}")
                found += 1
        if found:
            raise CommandError(f"{found:,} faults in {total:,} comments and their threads.")
        self.stdout.write(f"The log and the counters of {total:,} comments are right.")


def _total(thread_id: int | None) -> int:
    """Return how many comments there are to look at. Raises: CommandError."""
    if thread_id is None:
        return Comment.objects.count()
    if not Thread.objects.filter(pk=thread_id).exists():
        raise CommandError(f"There is no thread {thread_id}.")
    return Comment.objects.filter(thread=thread_id).count()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show how far it is, on stderr and only to somebody who looks at a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("Comments"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=total)
        yield lambda count: progress.advance(bar, count)
