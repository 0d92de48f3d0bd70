"""An import that is killed, and killed again, ends as one that was not: kill -9, real databases."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.blog.pictures import picture_bytes
from tests.blog.transfer.forking import Forking
from tests.blog.transfer.wordpress_files import Blog, document, item_head, post, write
from tests.servers import Site

KILLS = 20
IN_A_ROW = 5
SEED = 1867
# Units: seconds. After a statement was begun: within it, between it and the next, in a commit.
LATER = 0.02


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("export") / "blog.xml", Blog(posts=45, comments=700))


def facts_of(forking: Forking, folder: Path, report: Path) -> dict[str, Any]:
    """Return all that stands in a site, and what was reported but for what tells runs apart."""
    said = json.loads(report.read_text())
    del said["changes"]
    said["notes"].sort(key=str)
    return {**forking.standing(folder / "standing.json"), "report": said}


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return what the one has and the other has not, row by row."""
    told = []
    for name in sorted(found.keys() | expected.keys()):
        ours, theirs = (set(map(str, _rows(each.get(name)))) for each in (found, expected))
        told += [f"{name}: only here {row}" for row in sorted(ours - theirs)]
        told += [f"{name}: only there {row}" for row in sorted(theirs - ours)]
        if found.get(name) != expected.get(name) and ours == theirs:
            told.append(f"{name}: {found.get(name)} != {expected.get(name)}")
    return told


def _rows(table: Any) -> Any:
    return table.items() if isinstance(table, dict) else table or ()


@pytest.fixture
def clean(
    server_url: str | None, export: Path, tmp_path: Path
) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Return what one undisturbed import leaves, and how many statements it wrote with."""
    site = Site(server_url=server_url)
    forking = Forking(site.env)
    try:
        done = forking.run(export, report=tmp_path / "clean.json")
        assert done["ended"] == 0
        yield facts_of(forking, tmp_path, tmp_path / "clean.json"), done["wrote"]
    finally:
        forking.close()
        site.close()


def test_killed_at_twenty_points_and_run_again_it_ends_as_one_clean_run(
    server_url: str | None, export: Path, tmp_path: Path, clean: Any
) -> None:
    expected, wrote = clean
    assert len(expected["post"]) == 45
    assert expected["report"]["tombstones"] > 0
    random, killed, databases = Random(SEED), 0, 0
    while killed < KILLS:
        # Half of them anywhere, half of them while comments are written.
        kind = ("any", "comments")[databases % 2]
        databases += 1
        assert databases <= 2 * KILLS / IN_A_ROW, "the imports end before they can be killed"
        site = Site(server_url=server_url)
        forking = Forking(site.env)
        try:
            points = sorted(random.sample(range(1, wrote[kind]), IN_A_ROW))
            for before, point in zip([0, *points], points, strict=False):
                # What was written before is there already, and is not written again.
                at, seconds = max(point - before, 1), random.uniform(0, LATER)
                killed += forking.kill(export, kind=kind, at=at, seconds=seconds)
            report = tmp_path / "report.json"
            # The last one is a process of its own altogether: it knows nothing from memory.
            site.manage("import_wxr", str(export), "--report", str(report))
            found = facts_of(forking, tmp_path, report)
            assert differences(found, expected) == [], (kind, points)
        finally:
            forking.close()
            site.close()


def test_another_process_knows_what_one_before_it_brought(
    server_url: str | None, tmp_path: Path
) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    for name in ("listed", "shown"):
        (uploads / f"{name}.png").write_bytes(picture_bytes("PNG", (8, 6)))
    address = "https://old.example/wp-content/uploads"
    listed = item_head(id=2, type="attachment", attachment_url=f"{address}/listed.png")
    content = "".join(f'<img src="{address}/{name}.png">' for name in ("listed", "shown"))
    path = tmp_path / "export.xml"
    path.write_text(document(post(1, content=content), f"{listed}</item>\n"))
    site = Site(server_url=server_url)
    forking = Forking(site.env)
    try:
        command = ("import_wxr", str(path), "--media", str(uploads))
        site.manage(*command)
        before = forking.standing(tmp_path / "before.json")
        assert len(before["picture"]) == 2
        said = site.manage(*command)
        assert "created" not in said
        assert "updated" not in said
        after = forking.standing(tmp_path / "after.json")
        del before["importrun"], after["importrun"]
        assert after == before
    finally:
        forking.close()
        site.close()
