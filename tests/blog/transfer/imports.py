"""Runs `import_wxr` on exports made by hand, for tests that look at one part of it."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tests.blog.transfer.wordpress_files import document


def bring(folder: Path, *parts: str, export: str = "", **options: Any) -> dict[str, Any]:
    """Import an export of these parts, or one given whole; return the report."""
    path, report = folder / "export.xml", folder / "report.json"
    path.write_text(export or document(*parts), encoding="utf-8")
    call_command("import_wxr", path, report=report, verbosity=0, **options)
    said: dict[str, Any] = json.loads(report.read_text())
    return said


def notes_of(report: dict[str, Any]) -> str:
    """Return all notes, each with its line in front."""
    return "\n".join(f"{note['line']}: {note['what']}" for note in report["notes"])
