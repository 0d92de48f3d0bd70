"""Run the whole suite on SQLite and again on PostgreSQL: `python -m tests`, or `make test`.

Installs PostgreSQL, Chromium and fonts first where it may (Debian, as root) and otherwise says
what is missing. `--db sqlite` or `--db postgresql` runs one of the two; all other arguments go to
pytest. Where both are run, the tests marked `once` are left out on the second. The PostgreSQL is
a temporary cluster that is removed at the end, Ctrl-C or not.
"""

import argparse
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.servers import ROOT, SITE_VARIABLES, PostgresCluster, ServerError, find_postgres

DATABASES = ("sqlite", "postgresql")
# What the second database is asked: nothing that the first has answered for both.
NOT_AGAIN = ["-m", "not once"]


@dataclass(frozen=True)
class Outcome:
    """One run of the suite: on what, how it ended, what it counted, how long it took."""

    database: str
    exit_code: int
    counts: dict[str, int]
    seconds: float
    note: str = ""

    def __str__(self) -> str:
        counted = ", ".join(f"{n} {name}" for name, n in self.counts.items() if n)
        verdict = "passed" if self.exit_code == 0 else "FAILED"
        details = "; ".join(part for part in (counted, self.note) if part) or "nothing ran"
        return f"{self.database:<11} {verdict}  {details}  ({self.seconds:.0f} s)"


def main() -> int:
    options, pytest_arguments = _parse(sys.argv[1:])
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _leave)
    # A shell without job control starts what runs in its background with Ctrl-C ignored, which
    # is inherited; the launcher stops pytest by it, so it has to work.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    wanted = [options.db] if options.db else list(DATABASES)
    install_missing(postgres="postgresql" in wanted)
    outcomes = []
    try:
        for database in wanted:
            say(f"The suite on {database}")
            outcomes.append(RUNS[database]([*(NOT_AGAIN if outcomes else []), *pytest_arguments]))
    except KeyboardInterrupt:
        print("\nStopped by hand.", file=sys.stderr)
        return 130
    say("Both databases" if len(outcomes) > 1 else "Result")
    print(*outcomes, sep="\n")
    return int(any(outcome.exit_code for outcome in outcomes))


def run_on_sqlite(arguments: list[str]) -> Outcome:
    return run_pytest("sqlite", arguments, {})


def run_on_postgresql(arguments: list[str]) -> Outcome:
    if find_postgres() is None:
        note = "not run: PostgreSQL is not installed (on Debian or Ubuntu: apt install postgresql)"
        return Outcome("postgresql", int(is_ci()), {}, 0, note)
    try:
        with PostgresCluster() as cluster:
            return run_pytest("postgresql", arguments, {"DATABASE_URL": cluster.url("parley")})
    except ServerError as error:
        return Outcome("postgresql", 1, {}, 0, str(error))


def run_pytest(database: str, arguments: list[str], env: dict[str, str]) -> Outcome:
    """Run pytest over the cores in an environment that holds nothing of the shell's site."""
    clean = {name: value for name, value in os.environ.items() if name not in SITE_VARIABLES}
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parley-summary-") as folder:
        summary = Path(folder) / "counts.json"
        command = [sys.executable, "-m", "pytest", *_spread(arguments), *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=clean | env | {"PARLEY_TEST_SUMMARY": str(summary)}
        )
        try:
            exit_code = process.wait()
        except BaseException:
            # Ctrl-C has reached pytest as well; let it clean up after itself.
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            raise
        counts = json.loads(summary.read_text()) if summary.exists() else {}
    outcome = Outcome(database, exit_code, counts, time.monotonic() - started)
    return _second(outcome) if arguments[: len(NOT_AGAIN)] == NOT_AGAIN else outcome


def _second(outcome: Outcome) -> Outcome:
    """Say what was left out; a choice of tests that are all marked `once` has not failed."""
    left = outcome.exit_code != pytest.ExitCode.NO_TESTS_COLLECTED
    exit_code = outcome.exit_code if left else 0
    return replace(outcome, exit_code=exit_code, note="without those marked once")


def _spread(arguments: list[str]) -> list[str]:
    if any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments):
        return ["--durations=15"]
    workers = max(2, os.cpu_count() or 2)
    # By file: a site or a browser that the tests of one module share is started once.
    return ["--durations=15", "--numprocesses", str(workers), "--dist", "loadfile"]


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("--db", choices=DATABASES, help="run on this database only")
    return parser.parse_known_args(arguments)


# ---- What the machine lacks ---------------------------------------------------------------------


def install_missing(*, postgres: bool) -> None:
    """Install what the suite needs beside Python, or say what to install."""
    packages = [
        *(["postgresql"] if postgres and find_postgres() is None else []),
        *(["chromium"] if not _has("chromium", "chromium-browser", "google-chrome") else []),
        *(["libatomic1"] if not _has_libatomic() else []),
        *(["fonts-dejavu-core"] if not _has_fonts() else []),
    ]
    if not packages:
        return
    names = " ".join(packages)
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        say(f"Not installed: {names}. Tests that need them are skipped; install them to run all.")
        return
    say(f"Installing {names}")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, env=env, stdin=subprocess.DEVNULL).returncode:
            print(f"{' '.join(command)} failed; the tests that need it will be skipped.")
            return


def _has(*programs: str) -> bool:
    return any(shutil.which(program) for program in programs)


def _has_libatomic() -> bool:
    """Tell whether Playwright's driver, which is linked against libatomic, can start."""
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


def _has_fonts() -> bool:
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/System/Library")]
    return sys.platform == "darwin" or any(
        next(folder.rglob(pattern), None)
        for folder in folders
        for pattern in ("*.ttf", "*.otf")
        if folder.is_dir()
    )


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def say(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


def _leave(number: int, _frame: object) -> None:
    # As an exception it runs every `finally` on the way out: nothing is left running.
    raise KeyboardInterrupt


RUNS: dict[str, Callable[[list[str]], Outcome]] = {
    "sqlite": run_on_sqlite,
    "postgresql": run_on_postgresql,
}

if __name__ == "__main__":
    sys.exit(main())
