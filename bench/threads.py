"""Reading threads: queries, and pages as parts of what the same gunicorn can send at all.

F is the floor: a program that sends the same bytes and does nothing else. Two processes, eight
connections, no compression; each figure is the median of turns taken one after the other.
BENCH_TOTAL, BENCH_ROUNDS and BENCH_TURN_SECONDS make it shorter, to try it out.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import Figure
from bench._contest import (
    Answer,
    ask,
    contest,
    cost_of,
    floor,
    loaders_share,
    page,
    part_of,
)
from bench._seeded import CHAIN, LARGE, SIZES, TOTAL, Seeded, seed, threads
from comments.models import Comment
from tests.servers import Site

NOTHING_CACHED = {"CACHE_URL": "dummycache://"}
SMALL_TOTAL = min(10_000, TOTAL // 10)
SHOWN = re.compile(rb'<li class="comment')
# Where a branch that is folded goes on, or else the next page of a discussion.
FOLLOWING = (
    re.compile(rb'<li class="more"><a href="(/[^"#]*\?[^"#]+)'),
    re.compile(rb'<a rel="next" href="(/[^"#]*\?[^"#]+)'),
)
MOST_PAGES = 500


def measure() -> Iterator[Figure]:
    made = threads()
    yield from _queries([made.by_size[size] for size in SIZES], made.chain)
    connection.close()
    with ExitStack() as stack:
        plain, uncached = (stack.enter_context(_site(env)) for env in ({}, NOTHING_CACHED))
        yield from _against_the_floor(plain, uncached, made.by_size[50])
        yield from _growth(uncached, made.by_size[200], made.large, made.chain)
        yield from _among_others(uncached, made.by_size[50])
    with ExitStack() as stack:
        size = {"COMMENTS_PAGE_SIZE": "1000"}
        plain, uncached = (stack.enter_context(_site(env)) for env in (size, size | NOTHING_CACHED))
        yield from _against_the_floor(plain, uncached, made.by_size[1_000])


def _site(env: dict[str, str]) -> Site:
    """Return a site on the data of this run."""
    return Site(var_dir=settings.VAR_DIR, env=env)


# --- queries ----------------------------------------------------------------------------------


def _queries(by_size: list[Seeded], chain: Seeded) -> Iterator[Figure]:
    # Django asks this database once a process what it can do; that is no part of any page.
    assert connection.features.supports_json_field
    stranger, reader = _client(), _client()
    people = get_user_model().objects
    reader.force_login(people.create_user("bench-reader@example.org", display_name="Bea"))
    for each in by_size:
        what = f"{each.comments:,} comments"
        yield Figure(f"{what}: queries for a stranger", _most(stranger, each.url), "queries", 4)
        yield Figure(f"{what}: queries, signed in", _most(reader, each.url), "queries", 7)
    what = f"a chain of {CHAIN:,}"
    yield Figure(f"{what}: queries for a stranger", _most(stranger, chain.url), "queries", 4)
    yield Figure(f"{what}: queries, signed in", _most(reader, chain.url), "queries", 7)


def _client() -> Client:
    return Client(headers={"Host": "localhost"})


def _most(client: Client, url: str) -> int:
    """Return the queries of a first visit with nothing cached, or of the next if it has more."""
    cache.clear()
    counts = []
    for _visit in range(2):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
        assert answer.status_code == 200, url
        counts.append(len(queries))
    return max(counts)


# --- parts of F -------------------------------------------------------------------------------


def _against_the_floor(plain: Site, uncached: Site, thread: Seeded) -> Iterator[Figure]:
    cold, answer = page(uncached, thread.url)
    _require_shown(answer, thread)
    warm, kept = page(plain, thread.url)
    same, unchanged = page(plain, thread.url, If_None_Match=kept.header("ETag"))
    with floor({"/cold": answer, "/warm": kept, "/same": unchanged}) as sender:
        floors = [page(sender, path)[0] for path in ("/cold", "/warm", "/same")]
        contest([floors[0], cold, floors[1], warm, floors[2], same])
    what = f"{thread.comments:,} comments"
    least = {50: (0.15, 0.4, 0.5), 1_000: (0.07, 0.5, None)}[thread.comments]
    yield Figure(f"{what}: F", floors[0].rate, "answers/s")
    yield Figure(f"{what}: the page", len(answer.body), "bytes")
    names = ("nothing cached", "cached", "not modified (304)")
    for name, one, its, at_least in zip(names, (cold, warm, same), floors, least, strict=True):
        yield Figure(f"{what}, {name}", one.rate, "answers/s")
        yield Figure(f"{what}, {name}", part_of(one, its), "of F", at_least=at_least)
        yield Figure(f"{what}, {name}: processor", cost_of(one, its), "of F's")
    yield Figure(f"{what}: asking took at most", loaders_share(floors), "of one core")


def _require_shown(answer: Answer, thread: Seeded) -> None:
    assert _shown(answer) == thread.comments, f"{_shown(answer)} of {thread.comments} shown"


def _shown(answer: Answer) -> int:
    return len(SHOWN.findall(answer.body))


# --- growth -----------------------------------------------------------------------------------


def _growth(site: Site, whole: Seeded, large: Seeded, chain: Seeded) -> Iterator[Figure]:
    """Compare pages out of large threads with the page of a thread that fits one."""
    last, pages = _last_page(site, chain.url)
    middle = Comment.objects.filter(thread=large.thread, depth=0, number__gte=LARGE // 2)
    after = middle.order_by("number").values_list("number", flat=True)[0]
    connection.close()
    paths = {
        "its first page": large.url,
        "a page in its middle": f"{large.url}?after={after}",
        "newest first": f"{large.url}?sort=newest",
        "most replies first": f"{large.url}?sort=replies",
        "most helpful first": f"{large.url}?sort=best",
        "chain": chain.url,
        "chain's last": last,
    }
    base, answer = page(site, whole.url)
    _require_shown(answer, whole)
    asked = {name: page(site, path) for name, path in paths.items()}
    contest([base, *(contender for contender, _answer in asked.values())])
    yield Figure(f"{whole.comments} comments, nothing cached", base.rate, "answers/s")
    of_chain = {
        "chain": f"a chain of {CHAIN:,}, its first page",
        "chain's last": f"a chain of {CHAIN:,}, the last of its {pages:,} pages",
    }
    for name, (contender, shown) in asked.items():
        what = of_chain.get(name, f"of {LARGE:,} comments, {name}")
        is_bounded = name in {"its first page", *of_chain}
        yield Figure(f"{what}: comments shown", _shown(shown), "comments", 200)
        slower = 1 / part_of(contender, base)
        limit = 1.3 if is_bounded else None
        yield Figure(f"{what}: time", slower, f"of {whole.comments} alone", limit)
        yield Figure(f"{what}: processor", cost_of(contender, base), f"of {whole.comments} alone")


def _last_page(site: Site, url: str) -> tuple[str, int]:
    """Follow the links further into a discussion to their end; return it, and how many led there.

    Raises: AssertionError where they lead round in a circle.
    """
    path, seen = url, {url}
    while following := _following(ask(site, path)):
        assert following not in seen, f"{path} leads back to {following}"
        assert len(seen) < MOST_PAGES, "no end of pages"
        path = following
        seen.add(path)
    return path, len(seen)


def _following(answer: Answer) -> str | None:
    found = next(filter(None, (pattern.search(answer.body) for pattern in FOLLOWING)), None)
    return found[1].decode().replace("&amp;", "&") if found else None


def _among_others(crowded: Site, thread: Seeded) -> Iterator[Figure]:
    """Compare the same page in a large and in a small database."""
    small = Site(env=NOTHING_CACHED)
    with small:
        alone = seed("50", "--total", str(SMALL_TOTAL), env=small.env)[0]
        one, _answer = page(crowded, thread.url)
        other, _answer = page(small, alone.url)
        contest([other, one])
    what = f"50 comments among {TOTAL:,}"
    yield Figure(f"{what}: time", 1 / part_of(one, other), f"of among {SMALL_TOTAL:,}", 1.2)
    yield Figure(f"{what}: processor", cost_of(one, other), f"of among {SMALL_TOTAL:,}")
