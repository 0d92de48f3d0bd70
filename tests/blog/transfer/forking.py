"""A process of the site that forks an import for each line it is told, ready to be killed.

`python -m tests.blog.transfer.forking`, with the site's environment. Each import is a process of
its own, which dies of kill -9 as any other does; only the second that Django takes to start is
paid once. Killing.run() speaks with it.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
COMMENTS = ('"comments_comment"', '"comments_moderationlogentry"')


class Forking:
    """The other side: starts the process, tells it what to do, and hears what comes of it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.blog.transfer.forking"],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=60)
        assert self.process.stdout
        self.process.stdout.close()

    def run(self, path: Path, *, report: Path | None = None) -> dict[str, Any]:
        """Import to the end; return how many statements wrote, of all and of comments."""
        self._tell({"import": str(path), "report": report and str(report)})
        return {**self._hear("pid"), **self._hear("wrote"), **self._hear("ended")}

    def kill(self, path: Path, *, kind: str, at: int, seconds: float) -> bool:
        """Kill an import so long after it came to its nth statement; tell whether it still ran."""
        self._tell({"import": str(path), "kind": kind, "at": at})
        pid = self._hear("pid")["pid"]
        heard = self._hear()
        if "reached" in heard:
            time.sleep(seconds)
            os.kill(pid, 9)
        while "ended" not in heard:
            heard = self._hear()
        return os.WIFSIGNALED(heard["ended"])

    def standing(self, path: Path) -> Any:
        """Return standing() of the site, by way of a file."""
        self._tell({"standing": str(path)})
        self._hear("pid")
        assert self._hear("ended")["ended"] == 0
        return json.loads(path.read_text())

    def _tell(self, order: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def _hear(self, name: str = "") -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        heard: dict[str, Any] = json.loads(line) if line else {}
        assert heard
        assert not name or name in heard, heard
        return heard


# ---- The process itself -------------------------------------------------------------------------


def main() -> None:
    for line in sys.stdin:
        # The child leaves by _exit(), so that nothing of the parent's is written twice.
        if pid := os.fork():
            _, status = os.waitpid(pid, 0)
            _say(ended=status)
        else:
            _obey(json.loads(line))


def _obey(order: dict[str, Any]) -> None:
    _say(pid=os.getpid())
    code = 1
    try:
        if "standing" in order:
            Path(order["standing"]).write_text(json.dumps(standing(), default=str))
        else:
            _import(order)
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        raise
    finally:
        os._exit(code)


def _import(order: dict[str, Any]) -> None:
    wrote: Counter[str] = Counter()

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            kinds = ["any", *(["comments"] if any(name in sql for name in COMMENTS) else [])]
            wrote.update(kinds)
            if order.get("kind") in kinds and wrote[order["kind"]] == order["at"]:
                _say(reached=order["at"])
        return execute(sql, *rest)

    report = Path(order["report"]) if order.get("report") else None
    with connection.execute_wrapper(watch):
        call_command("import_wxr", order["import"], report=report, verbosity=0)
    _say(wrote=dict(wrote))


def _say(**told: Any) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    import blog.management.commands.import_wxr  # noqa: F401 - loaded before the first fork
    from tests.blog.transfer.standing import standing

    main()
