"""How every import command runs: an ImportRun a file, a progress bar, a dry run, a report.

The commands say what to read; this says what a run is. Used by `blog` as well.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from comments.transfer.records import ImportRun, RunStatus
from comments.transfer.report import Report
from comments.transfer.trying import trying_out


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
    """Run an import of one file. Raises: CommandError, as running_all() does."""
    with running_all(command, options, format=format, files=[(source, path)]) as (only,):
        yield only


@contextmanager
def running_all(
    command: BaseCommand, options: dict[str, Any], *, format: str, files: list[tuple[str, Path]]
) -> Iterator[list[Running]]:
    """Run an import of files: what happens inside is recorded, shown and reported for each.

    A run that was cut off goes on as itself. A dry run is the real one over all of the files, on
    what is thrown away at its end, so its report is exact. Shape: `files` are (source, path).

    Raises: CommandError, in words, for whatever made it stop. What was committed by then stays.
    """
    require_writable(options["report"])
    with trying_out() if options["dry_run"] else nullcontext():
        all_ = [Running(run, Report(), _pass) for run in _runs_of(format, files)]
        try:
            for each in all_:
                each.run.save()
            with _progress(command, all_):
                _show_life_of(all_)
                yield all_
            _finish(all_, RunStatus.FINISHED)
        except BaseException as error:
            if not options["dry_run"]:
                for each in all_:
                    each.report.note(f"stopped: {error or type(error).__name__}")
                _finish(all_, RunStatus.FAILED)
            raise
    for each in all_:
        _tell(command, options, each)
    if options["report"]:
        write_report(options["report"], _as_json(all_))


def _pass(_bytes: int) -> None:
    """Show nobody how far a file is read."""


def _runs_of(format: str, files: list[tuple[str, Path]]) -> list[ImportRun]:
    runs: list[ImportRun] = []
    for source, path in files:
        runs.append(_run_of(format, source[:200], path, others=runs))
    return runs


def _run_of(format: str, source: str, path: Path, *, others: list[ImportRun]) -> ImportRun:
    facts = {"format": format, "source": source, "file_name": path.name[:255]}
    size = path.stat().st_size if path.is_file() else 0
    left = ImportRun.objects.filter(
        **facts, file_size=size, status__in=(RunStatus.RUNNING, RunStatus.FAILED)
    )
    going_on = left.exclude(pk__in=[run.pk for run in others if run.pk]).first()
    run = going_on or ImportRun(**facts, file_size=size)
    run.status, run.alive_at = RunStatus.RUNNING, timezone.now()
    return run


@contextmanager
def _progress(command: BaseCommand, all_: list[Running]) -> Iterator[None]:
    """Show how far each file is read, where somebody looks: never in a log or a pipe."""
    if not (sys.stderr.isatty() and getattr(command.stdout, "isatty", bool)()):
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        for each in all_:
            task = progress.add_task(each.run.file_name, total=each.run.file_size or None)
            each.advance = partial(progress.advance, task)
        yield


def _show_life_of(all_: list[Running]) -> None:
    """Let each step through one of the files say that all of these runs are held."""
    for each in all_:
        each.advance = partial(_step, all_, each.advance)


def _step(all_: list[Running], advance: Callable[[int], None], count: int) -> None:
    advance(count)
    for each in all_:
        each.run.show_life()


def _finish(all_: list[Running], status: RunStatus) -> None:
    for each in all_:
        each.run.report = each.report.as_json()
        each.run.status = status
        each.run.finished_at = timezone.now()
        each.run.save()


def _tell(command: BaseCommand, options: dict[str, Any], running: Running) -> None:
    if options["verbosity"]:
        run = running.run
        done = "Nothing was written. It would be" if options["dry_run"] else "Imported"
        command.stdout.write(f"{done}, from {run.file_name} ({run.source}):")
        for line in running.report.lines():
            command.stdout.write(f"  {line}")


# --- the report as a file -------------------------------------------------------------------


def require_writable(path: Path | None) -> None:
    """See that a report can be written, before there is anything to report.

    Raises: CommandError.
    """
    if path is None:
        return
    is_new = not path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        raise CommandError(f"The report cannot be written, so nothing was done: {error}") from error
    if is_new:
        path.unlink()


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Write a report as JSON. Raises: CommandError when that cannot be."""
    text = json.dumps(report, indent=2, ensure_ascii=False, default=str)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report could not be written: {error}") from error


def _as_json(all_: list[Running]) -> dict[str, Any]:
    """Return the report of a file; of several their sum, and each under "files"."""
    if len(all_) == 1:
        return all_[0].report.as_json()
    total = Report()
    for each in all_:
        total.add(each.report, file=each.run.file_name)
    told = [
        {"file": each.run.file_name, "source": each.run.source, **each.report.as_json()}
        for each in all_
    ]
    return {**total.as_json(), "files": told}
