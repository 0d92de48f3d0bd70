"""Writing in threads: queries, comments stored a second, readers beside writers, nothing lost.

The whole way in over HTTP (form, checks, Markdown, bleach, comment, log, counters) beside a bare
Django view that inserts one row, on the same gunicorn. Letters to guests are composed and thrown
away, but for one figure. BENCH_SECONDS is how long eight write in one thread; BENCH_TOTAL,
BENCH_ROUNDS and BENCH_TURN_SECONDS make the rest shorter, to try it out.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from bench import Figure, _load
from bench._contest import TURN_SECONDS, Contender, contest, cost_of, loaders_share, part_of
from bench._forms import (
    TRUSTING,
    TRUSTING_SETTINGS,
    WITH_LETTERS,
    WITHOUT_LIMITS,
    forms,
    posts,
)
from bench._load import Load, Loader, LoadError
from bench._seeded import LARGE, Seeded, seed, threads
from comments.models import Comment
from tests.servers import PostgresCluster, Site, find_postgres, remove_templates

SECONDS = float(os.environ.get("BENCH_SECONDS", 60))
# More than any server here takes in a second.
MOST_A_SECOND = 6_000
READS_A_WRITE = 19
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def measure() -> Iterator[Figure]:
    yield from _queries()
    yield from _stored_a_second()
    yield from _readers_beside_writers()
    yield from _eight_writers("SQLite", None)
    if find_postgres():
        with PostgresCluster() as cluster:
            try:
                yield from _eight_writers("PostgreSQL", cluster.url())
            finally:
                # Those in the cluster cannot be removed once that is gone.
                remove_templates()


# --- queries ----------------------------------------------------------------------------------


def _queries() -> Iterator[Figure]:
    made = threads()
    # Not those whose pages are measured elsewhere, comment by comment.
    places = {
        "a first comment": (made.by_size[10], None),
        "a reply at depth 1": (made.by_size[10], 1),
        "a reply at depth 100": (made.chain, 100),
        f"a reply among {LARGE:,}": (made.large, LARGE // 2),
    }
    guest, reader = (Client(headers={"Host": "localhost"}) for _client in range(2))
    person = get_user_model().objects.create_user("bench-writer@example.org", display_name="Wim")
    reader.force_login(person)
    for what, (thread, parent) in places.items():
        for who, client in (("a guest", guest), ("signed in", reader)):
            count = max(_queries_of(client, thread, parent) for _post in range(2))
            yield Figure(f"{what}, {who}: queries", count, "queries", 10)
    connection.close()


def _queries_of(client: Client, thread: Seeded, parent: int | None) -> int:
    """Post once, and be public at once, which takes more than to wait for an editor."""
    form = next(forms(thread.thread, settings.SECRET_KEY))
    form |= {"parent": str(parent or "")}
    with override_settings(**TRUSTING_SETTINGS), CaptureQueriesContext(connection) as queries:
        answer = client.post(f"/comments/{thread.thread}/", form)
    assert answer.status_code == 303, answer.content
    comment = Comment.objects.get(body=form["body"])
    assert comment.is_public(), comment.log.get().findings
    asked = [query["sql"] for query in queries]
    return sum(not sql.startswith(OF_TRANSACTIONS) for sql in asked)


# --- comments a second ------------------------------------------------------------------------


def _stored_a_second() -> Iterator[Figure]:
    kinds = {
        "held for an editor": (WITHOUT_LIMITS, 0.2),
        "public at once": (TRUSTING, 0.2),
        "held, a letter written to a folder": (WITH_LETTERS, None),
    }
    with ExitStack() as stack:
        floor = _writing(stack.enter_context(_bare_site()), Seeded(0, "/", 1))
        sites = {what: stack.enter_context(Site(env=env)) for what, (env, _least) in kinds.items()}
        writings = {what: _writing(site, _thread_of(site)) for what, site in sites.items()}
        contest([floor, *writings.values()])
    yield Figure("a bare view that inserts one row", floor.rate, "rows/s")
    for what, one in writings.items():
        least = kinds[what][1]
        yield Figure(f"comments, {what}", one.rate, "comments/s")
        yield Figure(f"comments, {what}", part_of(one, floor), "of the bare view", at_least=least)
        yield Figure(f"comments, {what}: processor", cost_of(one, floor), "of the bare view's")
    yield Figure("asking took at most", loaders_share([floor, *writings.values()]), "of one core")


@contextmanager
def _bare_site() -> Iterator[Site]:
    with (
        tempfile.TemporaryDirectory(prefix="parley-bare-") as folder,
        Site(var_dir=Path(folder), application="bench._bare:application") as site,
    ):
        yield site


def _thread_of(site: Site, size: int = 50) -> Seeded:
    return seed(str(size), env=site.env)[0]


def _writing(site: Site, thread: Seeded) -> Contender:
    waiting = posts(site, thread)

    def requests() -> Iterator[bytes]:
        # Made before the clock runs.
        return iter(list(islice(waiting, int(TURN_SECONDS * MOST_A_SECOND))))

    return Contender(site, requests, lambda load: load.require(303))


# --- readers beside writers -------------------------------------------------------------------


def _readers_beside_writers() -> Iterator[Figure]:
    """A thread longer than its page, so that the page does not grow with what is written."""
    with Site(env=TRUSTING) as site:
        thread = _thread_of(site, 1_000)
        read = _load.get(thread.url, site.port)
        alone = Contender(site, lambda: cycle([read]), lambda load: load.require(200))
        write = posts(site, thread)

        def mixed() -> Iterator[bytes]:
            while True:
                yield next(write)
                yield from [read] * READS_A_WRITE

        both = Contender(site, mixed, _require_both)
        contest([alone, both])
    what = "95 % reads, 5 % writes"
    yield Figure("reads alone", alone.rate, "answers/s")
    yield Figure(what, both.rate, "answers/s")
    yield Figure(what, part_of(both, alone), "of reads alone", at_least=0.5)


def _require_both(load: Load) -> Load:
    statuses = load.statuses()
    if statuses.keys() != {200, 303}:
        raise LoadError(f"Not only pages and comments came back: {statuses}")
    return load


# --- nothing lost -----------------------------------------------------------------------------

# What the database holds of a thread, beside what its counters say.
COUNT = """
from collections import Counter
from django.db.models import Max
import json
thread = Thread.objects.get(pk=%d)
rows = thread.comments
below = Counter()
for comment in rows.public():
    below.update(comment.ancestor_paths())
living = dict(rows.values_list("path", "living_replies"))
print(json.dumps({
    "rows": rows.count(),
    "public": rows.public().count(),
    "approved_count": thread.approved_count,
    "last_number": thread.last_number,
    "highest": rows.aggregate(highest=Max("number"))["highest"],
    "version": thread.version,
    "shown_version": rows.aggregate(shown=Max("shown_version"))["shown"],
    "log": ModerationLogEntry.objects.filter(comment__thread=thread).count(),
    "living_is_true": all(below[path] == count for path, count in living.items()),
}))
"""


def _eight_writers(name: str, server_url: str | None) -> Iterator[Figure]:
    with Site(server_url=server_url, env=TRUSTING) as site:
        thread = _thread_of(site)
        load = Loader(site.port, posts(site, thread)).run(SECONDS)
        found = json.loads(site.shell(COUNT % thread.thread))
        log = site.log()
    statuses = load.statuses()
    taken = statuses[303]
    what = f"{name}, 8 writers on one thread"
    yield Figure(f"{what}: for", load.seconds, "s")
    yield Figure(f"{what}", load.rate, "comments/s")
    yield Figure(f"{what}: taken", taken, "comments")
    yield Figure(f"{what}: not taken", load.kinds.total() - taken, "answers", 0)
    yield Figure(f"{what}: answers of 500 and above", _failures(statuses), "answers", 0)
    yield Figure(f"{what}: lost or twice", abs(found["rows"] - thread.comments - taken), "rows", 0)
    yield Figure(f"{what}: figures that are not true", _untrue(found), "figures", 0)
    yield Figure(f"{what}: “database is locked”", log.count("database is locked"), "times", 0)
    yield Figure(f"{what}: sent again, a process being renewed", load.resent, "requests")


def _failures(statuses: dict[int, int]) -> int:
    return sum(count for status, count in statuses.items() if status >= 500)


def _untrue(found: dict[str, int]) -> int:
    """Count the figures that do not say what the rows say."""
    rows = found["rows"]
    names = ("public", "approved_count", "last_number", "highest", "log")
    wrong = [name for name in names if found[name] != rows]
    return len(wrong) + (not found["living_is_true"]) + (found["shown_version"] > found["version"])
