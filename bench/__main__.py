"""Run the measures and print a table: `python -m bench [name ...]`, or `make bench`.

Works in a temporary folder, never on the data in var/; the figures are written there, into
var/bench.json, where those of other measures stay. Ends with 1 if a figure is outside its limits
or a measure failed.
"""

import importlib
import json
import os
import pkgutil
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import django
from rich.console import Console
from rich.table import Table

import bench
from bench import Figure
from tests.servers import ROOT, SITE_VARIABLES, remove_templates

console = Console()
KEPT = ROOT / "var" / "bench.json"


def main() -> int:
    names = [module.name for module in pkgutil.iter_modules(bench.__path__)]
    names = sorted(name for name in names if not name.startswith("_"))
    wanted = sys.argv[1:] or names
    if unknown := set(wanted) - set(names):
        console.print(f"No such measure: {', '.join(sorted(unknown))}. There are: {_listed(names)}")
        return 2
    if not wanted:
        console.print("There is no measure in bench/ yet.")
        return 0
    folder = _set_environment()
    console.print(_machine())
    try:
        verdicts = [_run(name) for name in wanted]
        return int(not all(verdicts))
    finally:
        remove_templates()
        shutil.rmtree(folder, ignore_errors=True)


def _run(name: str) -> bool:
    """Run one measure, print what it found, and tell whether all is within the limits."""
    started = time.perf_counter()
    try:
        module = importlib.import_module(f"bench.{name}")
        title = (module.__doc__ or name).strip().splitlines()[0].rstrip(".")
        with console.status(f"{name}: {title}"):
            figures = list(module.measure())
    except Exception:
        console.print(f"[bold red]{name} failed[/]")
        traceback.print_exc()
        return False
    seconds = time.perf_counter() - started
    console.print(_table(f"{name}: {title} ({seconds:.1f} s)", figures))
    keep(KEPT, name, figures, seconds)
    return all(figure.is_within for figure in figures)


def _table(title: str, figures: list[Figure]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("at least", justify="right")
    table.add_column("at most", justify="right")
    for figure in figures:
        limits = [
            "" if limit is None else _number(limit) for limit in (figure.at_least, figure.at_most)
        ]
        style = "" if figure.is_within else "bold red"
        table.add_row(figure.what, _number(figure.value), figure.unit, *limits, style=style)
    return table


def keep(path: Path, name: str, figures: list[Figure], seconds: float) -> None:
    """Write a measure's figures into a file of JSON in which those of other measures stay."""
    try:
        measures = json.loads(path.read_text())
    except (OSError, ValueError):
        measures = {}
    measures[name] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "seconds": round(seconds, 1),
        "figures": [{**figure._asdict(), "is_within": figure.is_within} for figure in figures],
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(measures, indent=2) + "\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _set_environment() -> str:
    for name in SITE_VARIABLES:
        os.environ.pop(name, None)
    folder = tempfile.mkdtemp(prefix="parley-bench-")
    os.environ |= {"VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
    # What a site would tell in its console is not what a measure is read for.
    os.environ["LOG_LEVEL"] = "WARNING"
    django.setup()
    return folder


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none yet"


if __name__ == "__main__":
    sys.exit(main())
