"""The quickest way out: the page of a post that every stranger sees, kept with its headers.

A middleware, so that a page that is kept passes none of what makes one. Whether it is still true is
asked of the database each time, in one query for all that the page shows: versions, names, what
stands beside it. So nothing is ever invalidated, and a scheduled post appears at its minute.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from blog.caching import is_shared, key_of
from blog.models import Post, PostKind
from blog.prepared import Prepared
from comments.forms import make_token
from comments.models import Thread
from comments.paging import Place

ADDRESS = re.compile(r"/posts/([-\w]+)/")
TOKEN = re.compile(rb'name="token" value="([\w:-]+)"')
KEEP_SECONDS = 60 * 60 * 24
# More than a page can weigh, and less than a cache in memory should hold of one.
MOST_BYTES = 4_000_000


class Kept(NamedTuple):
    """Shape: `token` is the hidden key of the form on the page, b"" where there is none."""

    facts: str
    headers: list[tuple[str, str]]
    content: bytes
    token: bytes
    thread_id: int


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    def answer(request: HttpRequest) -> HttpResponse:
        found = ADDRESS.fullmatch(request.path_info)
        if found is None or request.method not in ("GET", "HEAD") or not is_shared(request):
            return get_response(request)
        row = FACTS.row(found[1], timezone.now())
        if row is None:
            return get_response(request)
        facts = key_of(row)
        address = key_of(request.scheme, request.get_host(), found[1], Place.asked_for(request.GET))
        kept = cache.get(f"kept:{address}")
        if kept is not None and kept.facts == facts:
            return _again(request, kept)
        response = get_response(request)
        if _is_everybodys(response):
            cache.set(f"kept:{address}", _keep(facts, response, row[0]), KEEP_SECONDS)
        return response

    return answer


def _facts(slug: str, now: datetime) -> QuerySet[Any, Any]:
    """Return all that a post's page shows and that can change: the post, and what is beside."""
    posts = Post.objects.published(now).for_reading(now).with_files()
    return posts.filter(kind=PostKind.POST, slug=slug).order_by().values_list(
        "thread_id", "pk", "version", "password", "thread__version", "thread__is_open",
        _flag(thread__public_at__lte=now), _flag(thread__closes_at__lte=now),
        "author__display_name", "author__slug",
        "previous_slug", "previous_title", "next_slug", "next_title", "files_count",
    )  # fmt: skip


def _flag(**condition: Any) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**condition), output_field=BooleanField(null=True))


FACTS = Prepared(_facts)


# --- keeping and giving -------------------------------------------------------------------------


def _is_everybodys(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and "public" in response.get("Cache-Control", "")
        and not response.cookies
        and len(response.content) <= MOST_BYTES
    )


def _keep(facts: str, response: HttpResponse, thread_id: int) -> Kept:
    found = TOKEN.search(response.content)
    token = found[1] if found else b""
    return Kept(facts, list(response.items()), response.content, token, thread_id)


def _again(request: HttpRequest, kept: Kept) -> HttpResponse:
    """Give a kept page to another reader, with a hidden key of their own in its form.

    The key says when the form was made, and nobody has been writing since the page was kept.
    """
    headers = dict(kept.headers)
    if (answer := get_conditional_response(request, etag=headers["ETag"])) is not None:
        response = answer
    else:
        fresh = make_token(Thread(pk=kept.thread_id)).encode() if kept.token else b""
        response = HttpResponse(kept.content.replace(kept.token, fresh) if fresh else kept.content)
    for name, value in headers.items():
        if name != "Content-Length":
            response.headers[name] = value
    return response
