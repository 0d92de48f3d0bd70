"""Replay the moderation log and count everything anew: does what is stored follow from it?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from comments.models import Comment, Thread
from comments.verifying import Verification

MOST_TOLD = 200


class Command(BaseCommand):
    help = (
        "Replays the moderation log of every comment and compares where it leads, and every "
        "counter, with what is stored. Changes nothing. Ends with 1 where something is not so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--thread", metavar="ID", type=int, help="look at this thread alone")

    def handle(self, *args: Any, **options: Any) -> None:
        thread_id = options["thread"]
        if thread_id is not None and not Thread.objects.filter(pk=thread_id).exists():
            raise CommandError(f"There is no thread {thread_id}.")
        verification = Verification()
        found = 0
        with self._progress(thread_id, verification):
            for fault in verification.faults(thread_id):
                found += 1
                if found <= MOST_TOLD:
                    self.stderr.write(str(fault))
        read = f"{verification.comments:,} comments, {verification.entries:,} rows of the log"
        if found:
            more = f" The first {MOST_TOLD} stand above." if found > MOST_TOLD else ""
            raise CommandError(f"{read}: {found:,} things are not so.{more}")
        self.stdout.write(f"{read}: everything is as the log says.")

    @staticmethod
    def _progress(thread_id: int | None, verification: Verification) -> Progress:
        """Show how far it is, on stderr and only to somebody who looks at a terminal."""
        console = Console(stderr=True)
        columns = (TextColumn("Comments"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=console, disable=not console.is_terminal)
        comments = Comment.objects.all()
        if thread_id is not None:
            comments = comments.filter(thread=thread_id)
        bar = progress.add_task("", total=comments.count())
        verification.told = lambda count: progress.advance(bar, count)
        return progress
