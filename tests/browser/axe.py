"""axe-core in the pages of the browser tests: what it finds is a list of faults.

The script comes in a Python package of its own, pinned and hashed in requirements/axe.txt and
fetched once a run by pip, which every machine with a virtual environment has.
"""

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
RUN = "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"

# Colours on their way from one to the other have a contrast that nobody ever reads.
BE_STILL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  const passing = document.getAnimations().filter(
    (each) => each.effect.getComputedTiming().endTime !== Infinity
  );
  await Promise.allSettled(passing.map((each) => each.finished));
}"""


@cache
def script() -> str:
    """Return axe-core. Skips the test where it cannot be had."""
    with tempfile.TemporaryDirectory(prefix="parley-axe-") as folder:
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-input", "--no-deps", "--require-hashes", "--target", folder),
            *("--requirement", str(ROOT / "requirements" / "axe.txt")),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        found = next(Path(folder).rglob("axe.min.js"), None)
        if found is None:
            pytest.skip(f"axe-core could not be installed: {done.stderr.strip()[-300:]}")
        return found.read_text("utf-8")


def faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it stands, by all its rules."""
    # Run as the browser's own code is: the page's policy lets in no script that is not its own.
    page.evaluate(script())
    page.evaluate(BE_STILL)
    return [
        f"{found['impact']}: {found['help']} ({found['id']}): "
        + "; ".join(f"{' '.join(map(str, node['target']))} {node['html'][:120]}" for node in nodes)
        for found in page.evaluate(RUN)
        if (nodes := found["nodes"])
    ]
