"""The quickest way out: the page of a post that every stranger sees, kept with its headers.

A middleware, so that a page that is kept passes none of what makes one. Whether it is still true is
asked of the database each time, in one query for all that the page shows (facts.py). So nothing is
ever invalidated, and a scheduled post appears at its minute.
"""

import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.utils.cache import get_conditional_response, patch_vary_headers

from blog.caching import is_shared, release
from blog.facts import Facts, facts_of
from blog.packing import Packed, pack
from comments.forms import token_for
from comments.paging import FIRST, Place

ADDRESS = re.compile(r"/posts/([-\w]+)/")
# The last on the page: the form stands below the comments.
TOKEN = b'name="token" value="'
KEEP_SECONDS = 60 * 60 * 24
# More than a page can weigh, and less than a cache in memory should hold of one.
MOST_BYTES = 4_000_000
# Places in a discussion that are kept of a post at once, beside the first page of each sort: any
# number names one, so there are as many as somebody asks for.
MOST_PLACES = 64
RECOUNTED = frozenset(["Content-Length"])


class Kept(NamedTuple):
    """Shape: from `start` to `end` stands the hidden key of the form on the page, or nothing;
    `packed` is what stands around it, compressed, once somebody has asked for that.
    """

    facts: str
    headers: list[tuple[str, str]]
    content: bytes
    start: int
    end: int
    packed: Packed | None = None


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    def answer(request: HttpRequest) -> HttpResponse:
        found = ADDRESS.fullmatch(request.path_info)
        if found is None or request.method not in ("GET", "HEAD") or not is_shared(request):
            return get_response(request)
        facts = facts_of(found[1])
        if facts is None or facts.is_locked:
            return get_response(request)
        place = Place.asked_for(request.GET) if request.GET else FIRST
        address, key = _address(request, place), f"{facts.key}{place.query}"
        kept = cache.get(address)
        if kept is not None and kept.facts == key:
            if accepts_gzip(request) and kept.packed is None:
                kept = kept._replace(
                    packed=pack(kept.content[: kept.start], kept.content[kept.end :])
                )
                cache.set(address, kept, KEEP_SECONDS)
            return _again(request, kept, facts)
        # For the view, which need not ask again.
        request.post_facts = facts  # type: ignore[attr-defined]
        response = get_response(request)
        if _is_everybodys(response):
            cache.set(address, _keep(key, response), KEEP_SECONDS)
        return response

    return answer


def _address(request: HttpRequest, place: Place) -> str:
    """Return where a page is kept: two readers who ask alike are given the same.

    Another release keeps its pages elsewhere; it might not read what this one has written.
    """
    query = place.query
    shelf = query if place.is_first else f"#{zlib.crc32(query.encode()) % MOST_PLACES}"
    where = f"{request.scheme}:{request.get_host()}{request.path_info}{shelf}"
    return f"kept:{release()[:12]}:{where}"


def _is_everybodys(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and "public" in response.get("Cache-Control", "")
        and not response.cookies
        and len(response.content) <= MOST_BYTES
    )


def _keep(key: str, response: HttpResponse) -> Kept:
    headers = [(name, value) for name, value in response.items() if name not in RECOUNTED]
    content = response.content
    start = content.rfind(TOKEN)
    if start < 0:
        return Kept(key, headers, content, 0, 0)
    start += len(TOKEN)
    return Kept(key, headers, content, start, content.index(b'"', start))


def _again(request: HttpRequest, kept: Kept, facts: Facts) -> HttpResponse:
    """Give a kept page to another reader, with a hidden key of their own in its form.

    The key says when the form was made, and nobody has been writing since the page was kept.
    """
    headers = dict(kept.headers)
    etag = headers["ETag"]
    response = get_conditional_response(request, etag=etag)
    if response is None:
        token = token_for(facts.thread_id).encode() if kept.end else b""
        if kept.packed is not None and accepts_gzip(request):
            content = kept.packed.around(token)
            # As Django's own does it: compressed, it is the same page and not the same bytes.
            headers |= {"Content-Encoding": "gzip", "ETag": f"W/{etag}"}
        else:
            whole = memoryview(kept.content)
            content = b"".join([whole[: kept.start], token, whole[kept.end :]])
        response = HttpResponse(content)
        headers["Content-Length"] = str(len(content))
    for name, value in headers.items():
        response.headers[name] = value
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def accepts_gzip(request: HttpRequest) -> bool:
    return re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None
