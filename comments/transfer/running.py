"""How every import command runs: one ImportRun, a progress bar, a dry run, a report at the end.

The commands say what to read; this says what a run is. Used by `blog` as well.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from comments.transfer.records import ImportRun, RunStatus
from comments.transfer.report import Report


@dataclass
class Running:
    """What an importer has in hand. Units: `advance(bytes)` moves the progress bar."""

    run: ImportRun
    report: Report
    advance: Callable[[int], None]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what every import command understands."""
    parser.add_argument(
        "--dry-run", action="store_true", help="print the report and write nothing at all"
    )
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="write the report as JSON to this file, too"
    )


def add_source(parser: ArgumentParser) -> None:
    """Add the choice of a name for imports whose ids are the file's own."""
    parser.add_argument(
        "--source",
        metavar="NAME",
        default="",
        help="the name that ids of the file belong to; by default the address it came from",
    )


@contextmanager
def running(
    command: BaseCommand, options: dict[str, Any], *, format: str, source: str, path: Path
) -> Iterator[Running]:
    """Run an import of one file: what happens inside is recorded, shown and reported.

    A run that was cut off goes on as itself. A dry run is the real one in a transaction that is
    never committed, so its report is exact; other writers wait for it on SQLite.

    Raises: CommandError, in words, for whatever made it stop. What was committed by then stays.
    """
    run = _run_of(format, source[:200], path)
    report = Report()
    try:
        with _dry(options["dry_run"]):
            run.save()
            with _progress(command, run) as advance:
                yield Running(run, report, advance)
            _finish(run, report, RunStatus.FINISHED)
    except BaseException as error:
        if not options["dry_run"]:
            report.note(f"stopped: {error or type(error).__name__}")
            _finish(run, report, RunStatus.FAILED)
        raise
    _tell(command, options, run, report)


def _run_of(format: str, source: str, path: Path) -> ImportRun:
    facts = {"format": format, "source": source, "file_name": path.name[:255]}
    size = path.stat().st_size if path.is_file() else 0
    going_on = ImportRun.objects.filter(
        **facts, file_size=size, status__in=(RunStatus.RUNNING, RunStatus.FAILED)
    ).first()
    run = going_on or ImportRun(**facts, file_size=size)
    run.status = RunStatus.RUNNING
    return run


@contextmanager
def _dry(is_dry: bool) -> Iterator[None]:
    if not is_dry:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _progress(command: BaseCommand, run: ImportRun) -> Iterator[Callable[[int], None]]:
    """Show how far the file is read, where somebody looks: never in a log or a pipe."""
    if not (sys.stderr.isatty() and getattr(command.stdout, "isatty", bool)()):
        yield lambda count: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(run.file_name, total=run.file_size or None)
        yield lambda count: progress.advance(task, count)


def _finish(run: ImportRun, report: Report, status: RunStatus) -> None:
    run.report = report.as_json()
    run.status = status
    run.finished_at = timezone.now()
    run.save()


def _tell(command: BaseCommand, options: dict[str, Any], run: ImportRun, report: Report) -> None:
    if options["verbosity"]:
        done = "Nothing was written. It would be" if options["dry_run"] else "Imported"
        command.stdout.write(f"{done}, from {run.file_name} ({run.source}):")
        for line in report.lines():
            command.stdout.write(f"  {line}")
    if options["report"]:
        write_report(options["report"], report)


def write_report(path: Path, report: Report) -> None:
    """Write the report as JSON. Raises: CommandError when that cannot be."""
    text = json.dumps(report.as_json(), indent=2, ensure_ascii=False, default=str)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report could not be written: {error}") from error
