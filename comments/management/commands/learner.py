"""`manage.py learner`: what the learner has learnt, whether that is right, and all of it anew."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from comments.learning.report import Report, read_report
from comments.learning.upkeep import catch_up, rebuild, verify


class Command(BaseCommand):
    help = (
        "status: what the learner has seen, what it does and how well. verify: compare what it "
        "learnt from with the log, and what is stored of its model with what that makes; ends "
        "with 1 if there is a fault. rebuild: make all of it anew from the log."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["status", "verify", "rebuild"])

    def handle(self, *args: Any, **options: Any) -> None:
        {"status": self._status, "verify": self._verify, "rebuild": self._rebuild}[
            options["what"]
        ]()

    def _status(self) -> None:
        while not catch_up():
            pass
        self._tell(read_report())

    def _tell(self, report: Report) -> None:
        record = report.record
        self.stdout.write(
            f"The learner is {report.doing}." + (f" ({report.why})" * bool(report.why))
        )
        self.stdout.write(f"Learnt from: {report.ham:,} good comments, {report.spam:,} spam.")
        self.stdout.write(f"Good below {report.good_below:.4f}, spam from {report.spam_above:.4f}.")
        self.stdout.write(f"Precision {_share(record.precision)}, recall {_share(record.recall)}.")
        for line in report.lines:
            people = "spam" if line.is_spam else "good"
            self.stdout.write(
                f"Of {line.total} that people called {people}, it would call {line.good} good, "
                f"hold {line.held} and file {line.spam} as spam."
            )
        against = report.against
        self.stdout.write(
            f"Over {against.count} decisions its errors weigh {against.learner:.0f}, those of the "
            f"rules {against.rules:.0f}."
        )

    def _verify(self) -> None:
        with _progress() as tell:
            faults = list(verify(tell))
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError("The learner is not what the log makes it. Run: learner rebuild")
        self.stdout.write("The learner is what the log makes it.")

    def _rebuild(self) -> None:
        with _progress() as tell:
            done = rebuild(tell)
        self.stdout.write(
            f"{done.looked:,} comments were looked at; {done.wrong:,} of them did not teach what "
            "the log says, and do now."
        )
        self._tell(read_report())


def _share(share: float | None) -> str:
    return "not known yet" if share is None else f"{share:.1%}"


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Show how far it is, on stderr and only to somebody who looks at a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("Comments"), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        yield lambda count: progress.advance(bar, count)
