"""`manage.py spam_bench FILE…`: how well the learner does on comments that people have judged."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from comments.spam.learner.labelled import NotLabelled, read_labelled
from comments.spam.learner.trials import PROTOCOLS, Material, NotEnough, Told

Results = dict[str, list[Told]]


class Command(BaseCommand):
    help = (
        "Measure the learner on labelled files: CSV of the YouTube Spam Collection, or JSON Lines "
        "of text and label. It is the real one with its own settings; no database is asked."
    )
    # The site itself need not be in order for that.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="FILE", type=Path, nargs="+")
        parser.add_argument("--protocol", choices=[*PROTOCOLS, "all"], default="all")
        parser.add_argument(
            "--ham",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help="for shift: ham of another place, JSON Lines of text; may be given several times",
        )
        parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures here too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            results = _measured(_material(options["files"], options["ham"]), options["protocol"])
            console = Console(file=cast(TextIO, self.stdout))
            for protocol, figures in results.items():
                console.print(_table(protocol, figures))
            if options["json"]:
                options["json"].write_text(_as_json(results))
        except (NotLabelled, NotEnough, OSError) as error:
            raise CommandError(str(error)) from error


def _material(files: list[Path], ham: list[Path]) -> Material:
    """A file that holds nothing but ham is of another place too."""
    corpora = [read_labelled(path) for path in files]
    local = [read_labelled(path, label=False) for path in ham]
    local += [corpus for corpus in corpora if corpus.is_ham]
    comments = [comment for corpus in local for comment in corpus.comments]
    return Material([corpus for corpus in corpora if not corpus.is_ham], comments)


def _measured(material: Material, protocol: str) -> Results:
    if protocol != "all":
        return {protocol: PROTOCOLS[protocol](material)}
    results, lacking = {}, []
    for name, measure in PROTOCOLS.items():
        try:
            results[name] = measure(material)
        except NotEnough as error:
            lacking.append(str(error))
    if not results:
        raise NotEnough(" ".join(lacking))
    return results


def _table(protocol: str, figures: list[Told]) -> Table:
    table = Table(title=protocol, title_justify="left", title_style="bold")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("unit")
    for figure in figures:
        between = f"{figure.low:.4g} to {figure.high:.4g}" if figure.low is not None else ""
        table.add_row(figure.what, f"{figure.value:.4g}", between, figure.unit)
    return table


def _as_json(results: Results) -> str:
    """JSON has no word for what is not a number: null."""
    rows = {
        name: [
            {key: None if value != value else value for key, value in asdict(figure).items()}
            for figure in figures
        ]
        for name, figures in results.items()
    }
    return json.dumps(rows, indent=2, allow_nan=False) + "\n"
