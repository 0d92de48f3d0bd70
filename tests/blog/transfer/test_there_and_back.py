"""A WordPress blog comes in, goes out, comes into an empty site and goes out again: the same.

By the commands alone, each site in a folder of its own, as a person would move.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Folder:
    """An empty site in a folder: `folder("export", …)` runs a command on it."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self.path = path
        self("migrate", "--verbosity", "0")

    def __call__(self, *words: str | Path) -> str:
        environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(self.path)}
        command = [sys.executable, "manage.py", *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def first(tmp_path: Path, shared_data: Path) -> Folder:
    site = Folder(tmp_path / "first")
    site("import_wxr", shared_data / "imports" / "theme-unit-test-2021.xml")
    return site


@pytest.mark.once
def test_by_our_own_file_every_entry_comes_back_byte_for_byte(first: Folder, tmp_path: Path):
    first("export", "--to", tmp_path / "first.zip")
    second = Folder(tmp_path / "second")
    second("import_site", tmp_path / "first.zip")
    second("export", "--to", tmp_path / "second.zip")
    before, after = entries(tmp_path / "first.zip"), entries(tmp_path / "second.zip")
    assert len(before) > 51 + 21
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["site.json"]


@pytest.mark.once
def test_by_wordpress_own_file_every_line_but_its_date_comes_back(first: Folder, tmp_path: Path):
    first("export", "--wxr", tmp_path / "first.xml")
    second = Folder(tmp_path / "second")
    second("import_wxr", tmp_path / "first.xml")
    second("export", "--wxr", tmp_path / "second.xml")
    before, after = lines(tmp_path / "first.xml"), lines(tmp_path / "second.xml")
    assert len(before) > 1000
    assert before == after


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lines(path: Path) -> list[str]:
    """Return the lines of a file without the date of the channel, which is when it was made."""
    head, items, rest = path.read_text(encoding="utf-8").partition("<item>")
    dated = [line for line in head.splitlines() if "<pubDate>" not in line]
    return [*dated, *(items + rest).splitlines()]
