"""Times the desk on one database, for bench/desk.py, which runs this in a process for each.

Run with VAR_DIR set: `python -m bench._desk_turns COMMENTS PENDING BULK…`. Prints JSON: for each
page and act the milliseconds (the median) and the queries, and those of one indexed query of 50
rows that was asked in between.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import django

django.setup()

# The models can be imported from here on.
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from comments.desk.filters import Filters  # noqa: E402
from comments.desk.queues import Order, Queue, read_page  # noqa: E402
from comments.models import Comment  # noqa: E402
from comments.moderation import Seen, moderate_many, undo_many  # noqa: E402
from comments.status import Action, Status  # noqa: E402
from config.frames import with_room  # noqa: E402

TURNS = 15
BULK_TURNS = 3
ROWS = 50


def main() -> None:
    comments, pending, *bulk = map(int, sys.argv[1:])
    seed(comments, pending)
    editor = sign_in()
    assert connection.features.supports_json_field
    told = {"pages": pages(editor), "bulk": {count: acts(count) for count in bulk}}
    json.dump(told, sys.stdout)


def seed(comments: int, pending: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command(
        "seed_threads",
        "--total",
        str(comments),
        "--held",
        str(pending),
        "--json",
        stdout=sys.stderr,
    )
    call_command("renew_comments", stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def sign_in() -> Client:
    mona = get_user_model().objects.create_user("mona@example.org", display_name="Mona")
    mona.groups.add(Group.objects.get(name="Editor"))
    client = Client(headers={"Host": "localhost"})
    client.force_login(mona)
    return client


# --- pages ------------------------------------------------------------------------------------


def pages(editor: Client) -> dict[str, Any]:
    return {
        f"{queue.value}, {what}": timed_beside(lambda address=address: get(editor, address))
        for queue in Queue
        for what, address in addresses(queue).items()
    }


def addresses(queue: Queue) -> dict[str, str]:
    """Return the addresses of a queue's first page and of the one after it."""
    first = reverse("admin:desk_queue", args=[queue.value])
    page = read_page(queue, next(iter(Order)), Filters())
    return {"first page": first} | (
        {"next page": f"{first}?after={page.after}"} if page.after else {}
    )


@with_room
def get(editor: Client, address: str) -> None:
    answer = editor.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def timed_beside(act: Callable[[], Any]) -> dict[str, float]:
    """Time an act and, turn by turn, the query that it is compared with."""
    act()
    with CaptureQueriesContext(connection) as queries:
        act()
    asked = len(queries)
    taken, base = [], []
    for _turn in range(TURNS):
        taken.append(milliseconds(act))
        base.append(milliseconds(one_query))
    return {"ms": median(taken), "base_ms": median(base), "queries": asked}


def one_query() -> None:
    rows = Comment.objects.filter(status=Status.PENDING).order_by("created_at", "pk")[:ROWS]
    assert list(rows)


def milliseconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


# --- acts -------------------------------------------------------------------------------------


def acts(count: int) -> dict[str, float]:
    """Approve so many of the longest waiting at once, and undo it; several times."""
    taken, undone, base = [], [], []
    # Of what nobody decided, nothing is learnt.
    editor = get_user_model().objects.filter(email="mona@example.org").first()
    assert editor is not None
    for _turn in range(BULK_TURNS):
        chosen = [(comment, Seen.of(comment)) for comment in waiting(count)]
        assert len(chosen) == count
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            result = moderate_many(chosen, Action.APPROVE, actor=editor)
            taken.append((time.perf_counter() - started) * 1000)
        assert len(result.done) == count
        undone.append(milliseconds(partial(undo_many, result.batch, actor=editor)))
        base.append(milliseconds(one_query))
    return {
        "ms": median(taken),
        "undo_ms": median(undone),
        "base_ms": median(base),
        "queries": len(queries),
    }


def waiting(count: int) -> list[Comment]:
    rows = Comment.objects.filter(status=Status.PENDING).order_by("created_at", "pk")
    return list(rows.only("pk", "thread_id", "status", "revision")[:count])


if __name__ == "__main__":
    cache.clear()
    main()
