"""Times the writing room on one database, for bench/writing_room.py: a process for each.

Run with VAR_DIR set: `python -m bench._writing_turns POSTS REVISIONS`. Prints JSON: for each page
and act the milliseconds (the median), the queries, and beside them one indexed query of 50 rows,
or one written row, asked in between.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from statistics import median
from typing import Any

import django

django.setup()

# The models can be imported from here on.
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils.http import urlencode  # noqa: E402

from bench._writing_seeds import BODY, Cast, seed  # noqa: E402
from blog import publishing  # noqa: E402
from blog.models import Post, PostStatus  # noqa: E402
from blog.room.filters import ListForm  # noqa: E402
from blog.room.finding import find  # noqa: E402
from comments.models import Thread  # noqa: E402
from config.frames import with_room  # noqa: E402

TURNS = int(os.environ.get("WRITING_TURNS", 15))
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
MANY = 100
DEEP_PAGES = 9


def main() -> None:
    posts, revisions = map(int, sys.argv[1:])
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    cast = seed(posts, revisions)
    cache.clear()
    told = {
        "pages": {what: timed(act, one_query) for what, act in pages(cast)},
        "acts": {what: timed(act, one_write) for what, act in acts(cast)},
    }
    json.dump(told, sys.stdout)


def timed(act: Callable[[], Any], beside: Callable[[], Any]) -> dict[str, float]:
    """Time an act and, turn by turn, what it is compared with."""
    act()
    asked: list[str] = []
    with connection.execute_wrapper(partial(noted, asked)):
        act()
    taken, base = [], []
    for _turn in range(TURNS):
        taken.append(milliseconds(act))
        base.append(milliseconds(beside))
    return {"ms": median(taken), "base_ms": median(base), "queries": len(asked)}


def noted(asked: list[str], execute: Callable[..., Any], sql: str, *more: Any) -> Any:
    if not sql.startswith(OF_TRANSACTIONS):
        asked.append(sql)
    return execute(sql, *more)


def milliseconds(act: Callable[[], Any]) -> float:
    """Return how long an act takes; with SQLite, which is in this process, of the processor."""
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    started = clock()
    act()
    return (clock() - started) * 1000


def one_query() -> None:
    assert list(Post.objects.order_by("-pk").defer("body", "body_html")[:50])


def one_write() -> None:
    thread = Thread.objects.order_by("pk")[0]
    Thread.objects.filter(pk=thread.pk).update(version=thread.version + 1)


def signed_in(person: Any) -> Client:
    client = Client(headers={"Host": "localhost"})
    client.force_login(person)
    return client


@with_room
def get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


# --- pages ------------------------------------------------------------------------------------

LISTS = {
    "the list": "",
    "drafts": "state=draft",
    "in review": "state=review",
    "scheduled": "state=scheduled",
    "published": "state=published",
    "trash": "state=trash",
    "changes not yet public": "changes=waiting",
    "pages": "kind=page",
    "a rare tag": "tag=rare",
    "a common tag": "tag=common",
    "a category": "category=shelf",
    "a series": "series=in-parts",
    "a common word": "words=bread",
    "a rare word": "words=part+7",
    "no such word": "words=nowhere",
    "a tag and a word": "tag=common&words=nowhere",
    "by publication": "sort=published",
    "by title": "sort=title",
}


def pages(cast: Cast) -> Iterator[tuple[str, Callable[[], Any]]]:
    here = reverse("blog:my_posts")
    alice, mona = signed_in(cast.alice), signed_in(cast.mona)
    for what, query in LISTS.items():
        yield f"own, {what}", lambda query=query: get(alice, f"{here}?{query}")
        everybodys = f"{here}?whose=all&{query}"
        yield f"all, {what}", lambda address=everybodys: get(mona, address)
    yield "all, of one author", lambda: get(mona, f"{here}?author=Alice")
    deep = f"{here}?{urlencode({'after': deep_place(cast)})}"
    yield f"own, page {DEEP_PAGES + 1}", lambda: get(alice, deep)
    post = Post.objects.filter(author=cast.alice, status=PostStatus.PUBLISHED).order_by("-pk")[0]
    for name in ("edit", "history", "checklist", "quick"):
        address = reverse(f"blog:{name}", args=[post.pk])
        yield name, lambda address=address: get(alice, address)
    yield "home", lambda: get(Client(headers={"Host": "localhost"}), "/")


def deep_place(cast: Cast) -> str:
    wanted = ListForm({}, sees_all=False).wanted(cast.alice)  # type: ignore[arg-type]
    assert wanted is not None
    after = ""
    for _page in range(DEEP_PAGES):
        after = find(wanted, after).after or after
    return after


# --- acts -------------------------------------------------------------------------------------

numbers = count(1)


def acts(cast: Cast) -> Iterator[tuple[str, Callable[[], Any]]]:
    writer = Writer(cast.alice)
    yield "save", writer.save
    yield "autosave", writer.autosave
    yield "publish", writer.publish
    yield "publish changes", writer.publish_changes
    yield "start one of a title that many have", writer.start
    yield f"move {MANY} at once", writer.move_many


class Writer:
    """Alice at work, on posts that have a history."""

    def __init__(self, alice: Any) -> None:
        self.alice = alice
        own = Post.objects.filter(author=alice, working_copy=None).order_by("-pk")
        self.draft = own.filter(status=PostStatus.DRAFT)[0]
        self.out = own.filter(status=PostStatus.PUBLISHED)[1]
        self.many = list(own.filter(status=PostStatus.PUBLISHED)[2 : MANY + 2])
        self.client = signed_in(alice)

    def words(self) -> dict[str, Any]:
        return {"body": f"{BODY}\n\nAgain {next(numbers)}.", "tags": ["Common", "Tag 1"]}

    def save(self) -> None:
        seen = self.draft.text_version
        self.draft = publishing.save(self.draft, self.words(), actor=self.alice, seen_version=seen)

    def autosave(self) -> None:
        seen = self.out.text_version
        self.out = publishing.keep(self.out, self.words(), actor=self.alice, seen_version=seen)

    def publish(self) -> None:
        publishing.publish(self.draft, actor=self.alice)
        publishing.unpublish(self.draft, actor=self.alice)

    def publish_changes(self) -> None:
        self.autosave()
        self.out = publishing.publish_changes(self.out, actor=self.alice)

    def start(self) -> None:
        publishing.create_draft(self.alice, title="Same", body=BODY)

    def move_many(self) -> None:
        chosen = [post.pk for post in self.many]
        for deed in ("unpublish", "publish"):
            data = {"deed": deed, "chosen": chosen}
            answer = self.client.post(reverse("blog:many"), data)
            assert f"Done with {MANY} posts" in " ".join(answer.text.split())


if __name__ == "__main__":
    main()
