"""Python on a site's data, without the second that Django takes to start.

`python -m tests.shells` in a site's environment starts it once. What it reads, a line of JSON for
each piece of code, runs in a fork of it: as fresh as a process of its own, and as soon gone.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


class Shell:
    """The process that forks, for one site. It starts with the first piece of code."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self._process: subprocess.Popen[str] | None = None

    def run(self, code: str) -> tuple[int, str, str]:
        """Run Python with every model imported; return exit code, standard output and error."""
        process = self._process = self._process or self._started()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(code) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self._process = None
            return process.wait() or 1, "", "Django did not start, or ended."
        status, out, error = json.loads(answer)
        return status, out, error

    def close(self) -> None:
        if self._process is not None:
            # At the end of its input it ends.
            self._process.communicate()
            self._process = None

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.shells"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            status = _run(json.loads(line), out, error)
            print(json.dumps([status, _read(out), _read(error)]), flush=True)


def _run(code: str, out: IO[bytes], error: IO[bytes]) -> int:
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.dup2(out.fileno(), 1)
    os.dup2(error.fileno(), 2)
    status = 0
    try:
        call_command("shell", command=code, verbosity=0)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


if __name__ == "__main__":
    main()
