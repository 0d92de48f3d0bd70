"""Servers measured against each other: turn by turn within one run, and each against its floor.

Machines differ and are busy with other things, so nothing here is told in milliseconds that could
be told as a part of something else, measured a moment before.
"""

import base64
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import repeat
from pathlib import Path

from bench import _load
from bench._load import BODILESS, Load, Loader, LoadError
from tests.servers import Site

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 5))
TURN_SECONDS = float(os.environ.get("BENCH_TURN_SECONDS", 1.5))
# Of a slow page fewer come in one turn, and a rate of three answers is none.
FEWEST = 24
# What gunicorn adds by itself; the floor always says how long its answers are.
OF_GUNICORN = frozenset({"server", "date", "connection", "transfer-encoding", "content-length"})


@dataclass
class Contender:
    """One thing to ask of one server. Shape: `requests` gives what is sent in one turn; `require`
    looks at what came back.
    """

    site: Site
    requests: Callable[[], Iterator[bytes]]
    require: Callable[[Load], Load]
    loads: list[Load] = field(default_factory=list)
    # Seconds of the server's processes an answer, turn by turn.
    costs: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        before = processor(self.site)
        loader = Loader(self.site.port, self.requests())
        try:
            load = self.require(loader.run(TURN_SECONDS, fewest=FEWEST))
        except LoadError as error:
            raise LoadError(f"{error}\nThe server wrote:\n{self.site.log()[-3_000:]}") from error
        self.loads.append(load)
        self.costs.append((processor(self.site) - before) / load.kinds.total())

    @property
    def rate(self) -> float:
        """Return answers a second: the median of the turns."""
        return statistics.median(load.rate for load in self.loads)


@dataclass(frozen=True)
class Answer:
    """What a server answers to one request. Shape: `headers` as they came, in order."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next(value for key, value in self.headers if key.lower() == name.lower())


def contest(contenders: Sequence[Contender]) -> None:
    """Let each take its turn, ROUNDS times. A first turn of all is for warming up and not kept."""
    for each in contenders:
        each.take_turn()
        each.loads.clear()
        each.costs.clear()
    for _round in range(ROUNDS):
        for each in contenders:
            each.take_turn()


def part_of(one: Contender, other: Contender) -> float:
    """Return the rate of one as a part of another's: the median of what the rounds said."""
    pairs = zip(one.loads, other.loads, strict=True)
    return statistics.median(mine.rate / its.rate for mine, its in pairs)


def cost_of(one: Contender, other: Contender) -> float:
    """Return what an answer of one takes of the processor, in terms of another's."""
    return statistics.median(a / b for a, b in zip(one.costs, other.costs, strict=True))


def loaders_share(contenders: Sequence[Contender]) -> float:
    """Return the part of one core that asking took, at the most."""
    return max(load.processor / load.seconds for each in contenders for load in each.loads)


# --- pages ------------------------------------------------------------------------------------


def page(site: Site, path: str, **headers: str) -> tuple[Contender, Answer]:
    """Return the asking for one page of a site, and what it answers; only that will do then."""
    answer = ask(site, path, **headers)
    request = _load.get(path, site.port, **headers)

    def require(load: Load) -> Load:
        return load.require(answer.status, len(answer.body))

    return Contender(site, lambda: repeat(request), require), answer


def ask(site: Site, path: str, **headers: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", site.port, timeout=120)
    try:
        connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", f"localhost:{site.port}")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.reason, response.getheaders(), response.read())
    finally:
        connection.close()


@contextmanager
def floor(answers: dict[str, Answer]) -> Iterator[Site]:
    """Serve these answers by a program that does nothing else, on the same gunicorn."""
    held = {
        path: (
            f"{answer.status} {answer.reason}",
            [pair for pair in answer.headers if pair[0].lower() not in OF_GUNICORN]
            + [("Content-Length", str(len(answer.body)))] * (answer.status not in BODILESS),
            base64.b64encode(answer.body).decode(),
        )
        for path, answer in answers.items()
    }
    with tempfile.TemporaryDirectory(prefix="parley-floor-") as folder:
        path = Path(folder) / "answers.json"
        path.write_text(json.dumps(held))
        env = {"FLOOR_ANSWERS": str(path)}
        with Site(env=env, var_dir=Path(folder), application="bench._floor:application") as site:
            yield site


def processor(site: Site) -> float:
    """Return the seconds of processor that a server's processes used so far. Source: proc(5).

    Those that are gone count through the one that started them.
    """
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # Each site is a session of its own, named by the process that started it.
        if int(fields[3]) == site.pid:
            is_first = int(path.parent.name) == site.pid
            ticks += sum(map(int, fields[11 : 15 if is_first else 13]))
    return ticks / os.sysconf("SC_CLK_TCK")
