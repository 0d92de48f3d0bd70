"""An anonymous reader's post page: bytes, queries, and time with and without the cache.

Times are ratios within one run; the page with 120 comments and nothing cached is 1.
"""

import gzip
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import Figure
from blog.models import Post
from comments.models import Comment, Thread, path_segment
from comments.publicity import make_true
from comments.status import Status

BUSY = "two-hundred-days-by-bicycle"
LARGE = 2_000
LIMIT_BYTES = 60_000


def measure() -> Iterator[Figure]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("demo", verbosity=0)
    client = Client(headers={"Host": "localhost"})
    page = client.get(f"/posts/{BUSY}/")
    yield from _weights(page.content)
    yield from _queries(client, f"/posts/{BUSY}/", "120 comments")
    cold = _seconds(lambda: (cache.clear(), client.get(f"/posts/{BUSY}/")))
    warm = _seconds(lambda: client.get(f"/posts/{BUSY}/"))
    etag = {"If-None-Match": page["ETag"]}
    same = _seconds(lambda: client.get(f"/posts/{BUSY}/", headers=etag))
    yield Figure("120 comments, nothing cached", cold * 1000, "ms")
    yield Figure("120 comments, from the cache", warm / cold, "of it", 0.5)
    yield Figure("120 comments, not modified (304)", same / cold, "of it", 0.3)
    yield from _large_thread(client, cold)


def _large_thread(client: Client, cold: float) -> Iterator[Figure]:
    last = _fill_thread(BUSY, LARGE)
    address = f"/posts/{BUSY}/?after={last - LARGE // 2}"
    what = f"a page in the middle of {LARGE:,} comments"
    yield from _queries(client, address, what)
    large = _seconds(lambda: (cache.clear(), client.get(address)))
    yield Figure(f"{what}, nothing cached", large / cold, "of it", 4)


def _fill_thread(slug: str, count: int) -> int:
    """Add root comments as fast as rows can be written; return the last one's number.

    The door's work is not measured here.
    """
    thread = Post.objects.get(slug=slug).thread
    first = thread.last_number + 1
    Comment.objects.bulk_create(_remark(thread, number) for number in range(first, first + count))
    thread.last_number += count
    thread.approved_count += count
    thread.version += 1
    thread.save()
    return thread.last_number


def _remark(thread: Thread, number: int) -> Comment:
    comment = Comment(
        thread=thread,
        number=number,
        path=path_segment(number),
        status=Status.APPROVED,
        author_name=f"Reader {number}",
        body="A remark.",
        body_html="<p>A remark.</p>\n",
        markup_version=1,
        submission_key=f"bench {number}",
        created_at=timezone.now(),
    )
    make_true(comment)
    return comment


def _weights(html: bytes) -> Iterator[Figure]:
    """Compressed as on the wire: the page, and the style sheets and scripts it asks for."""
    total = len(gzip.compress(html, 6))
    yield Figure("the page itself, compressed", total, "bytes")
    for name in re.findall(rf'"{settings.STATIC_URL}([^"]+\.(?:css|js))"', html.decode()):
        total += len(gzip.compress((settings.STATIC_ROOT / name).read_bytes(), 9))
    yield Figure("with style sheet and scripts", total, "bytes", LIMIT_BYTES)


def _queries(client: Client, address: str, what: str) -> Iterator[Figure]:
    cache.clear()
    with CaptureQueriesContext(connection) as cold:
        client.get(address)
    with CaptureQueriesContext(connection) as warm:
        client.get(address)
    yield Figure(f"{what}: queries, nothing cached", len(cold), "queries", 4)
    yield Figure(f"{what}: queries, from the cache", len(warm), "queries", 4)


def _seconds(act: Callable[[], Any]) -> float:
    timings = []
    for _round in range(7):
        start = time.perf_counter()
        act()
        timings.append(time.perf_counter() - start)
    return min(timings)
