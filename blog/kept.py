"""The quickest way out: the page of a post that every stranger sees, kept with its headers.

It stands before Django, so that a page that is kept passes none of what makes one. Whether it is
still true is asked of the database each time, in one query for all that the page shows (facts.py).
So nothing is ever invalidated, and a scheduled post appears at its minute. After a new comment a
page is made anew of its shell (strangers.py), here as well.
"""

import logging
import re
import zlib
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from io import BytesIO
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest, get_str_from_wsgi
from django.db import DEFAULT_DB_ALIAS, connections
from django.db import Error as DatabaseError
from django.http import HttpRequest, QueryDict, parse_cookie
from django.urls import set_script_prefix

from blog.caching import are_strangers, is_shared, key_of
from blog.facts import Facts, facts_of
from blog.held import Environ, Headers, Held, Kept, Shelf
from blog.strangers import Asked, shell_of
from comments.forms import token_for
from comments.paging import FIRST, Place

logger = logging.getLogger("parley.blog")

Application = Callable[[Environ, Any], Iterable[bytes]]

ADDRESS = re.compile(r"/posts/([-a-zA-Z0-9_]+)/")
# What tells Django under which name the site is asked for.
OF_ORIGIN = (
    "wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT",
    "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
)  # fmt: skip
MOST_ORIGINS = 100
# Asked of seldom, and answered behind: another encoding, a site below a path, two conditions.
SELDOM = ("CONTENT_TYPE", "SCRIPT_NAME", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")
# Where stands for the view what it need not read again.
ASKED = "parley.asked"
# The last on the page: the form stands below the comments.
TOKEN = b'name="token" value="'
KEEP_SECONDS = 60 * 60 * 24
# More than a page can weigh, and less than a cache in memory should hold of one.
MOST_BYTES = 4_000_000
# Places in a discussion that are kept of a post at once, beside the first page of each sort: any
# number names one, so there are as many as somebody asks for.
MOST_PLACES = 64

# What the cache gave, ready to be sent again. A cache that gives nothing leaves this empty, too.
shelf = Shelf()
_making = [Lock() for _lock in range(64)]


class KeptPages:
    """A WSGI application around another one: gives again what that one gave to a stranger."""

    def __init__(self, application: Application) -> None:
        self.application = application
        # Another release keeps its pages elsewhere; it might not read what this one has written.
        self.shelves = f"kept:{key_of()[:12]}:"
        self.origin = lru_cache(maxsize=MOST_ORIGINS)(_origin)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        # While somebody works on the templates, each page is made of them as they are.
        asked = None if settings.DEBUG else self._asked(environ)
        if asked is None:
            return self.application(environ, start_response)
        query = "" if asked.place is FIRST else asked.place.query
        address, shown = f"{self.shelves}{_shelf_of(asked, query)}", (*asked.facts.shown, query)
        held = _held(address, shown)
        if held is None:
            # One thread makes it, and all others that ask meanwhile wait for that.
            with _making[zlib.crc32(address.encode()) % len(_making)]:
                held = _held(address, shown)
                if held is None and (made := _made_anew(asked, shown)) is not None:
                    held = _put(address, made)
        if held is not None:
            _look_to_the_connection()
            make_key = partial(token_for, asked.facts.thread_id)
            return held.send(environ, start_response, make_key)
        environ[ASKED] = asked
        return self._have_made(environ, start_response, address, shown)

    def _have_made(
        self, environ: Environ, start_response: Any, address: str, shown: tuple[Any, ...]
    ) -> Iterable[bytes]:
        """Have the page made with all around it, keep it if it is everybody's, and send it."""
        # To be kept as it is: it is compressed on its way out.
        accepted = environ.pop("HTTP_ACCEPT_ENCODING", "")
        said: list[tuple[str, Headers]] = []
        response = self.application(environ, lambda status, headers: said.append((status, headers)))
        ((status, headers),) = said
        if not _is_everybodys(status, headers):
            start_response(status, headers)
            return response
        try:
            content = b"".join(response)
        finally:
            if hasattr(response, "close"):
                response.close()
        environ["HTTP_ACCEPT_ENCODING"] = accepted
        if (shell := shell_of(environ[ASKED])) is not None:
            shell.headers = headers
        kept, key = _cut(content, headers, shown)
        return _put(address, kept).send(environ, start_response, lambda: key)

    def _asked(self, environ: Environ) -> Asked | None:
        """Return which post a stranger asks for, if everybody may read it.

        For all else what is behind has an answer: no such post, a password, no database, an address
        that cannot be read.
        """
        found = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        if found is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        if any(map(environ.get, SELDOM)):
            return None
        # Read as Django reads them: whom it takes for a reader of ours is no stranger here.
        cookies = get_str_from_wsgi(environ, "HTTP_COOKIE", "")
        if cookies and not are_strangers(parse_cookie(cookies)):
            return None
        origin = self.origin(*map(environ.get, OF_ORIGIN))
        _look_to_the_connection()
        try:
            facts = _public_facts(found[1]) if origin else None
            named = environ.get("QUERY_STRING")
            place = Place.asked_for(QueryDict(named)) if named else FIRST
        except (DatabaseError, SuspiciousOperation):
            return None
        return None if facts is None else Asked(facts, place, f"{origin}{found[0]}")


# --- who is given a kept page -----------------------------------------------------------------


def _look_to_the_connection() -> None:
    """Close it if it is broken or too old, as Django does when a request begins and when it ends.

    There is one; Django looks for others each time.
    """
    connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()


def _origin(*values: str | None) -> str | None:
    """Return where a site is reached, as Django sees it, or nothing where it is not ours."""
    given = {
        name: value for name, value in zip(OF_ORIGIN, values, strict=True) if value is not None
    }
    request = WSGIRequest({"REQUEST_METHOD": "GET", "wsgi.input": BytesIO(), **given})
    try:
        return f"{request.scheme}:{request.get_host()}"
    except SuspiciousOperation:
        return None


def _public_facts(slug: str) -> Facts | None:
    facts = facts_of(slug)
    return None if facts is None or facts.is_locked else facts


def asked_of(request: HttpRequest, slug: str) -> Asked | None:
    """Return what a stranger asks for to the view, if everybody may read it.

    Queries: none for who came this way, else 1.
    """
    if not is_shared(request):
        return None
    asked: Asked | None = request.META.get(ASKED)
    if asked is None and (facts := _public_facts(slug)):
        # With the prefix of a site below a path, which all links of the page have, too.
        seen_at = f"{request.scheme}:{request.get_host()}{request.path}"
        asked = Asked(facts, Place.asked_for(request.GET), seen_at)
    return asked


# --- what is kept -----------------------------------------------------------------------------


def _shelf_of(asked: Asked, query: str) -> str:
    """Return where a page is kept: two readers who ask alike are given the same."""
    if not asked.place.is_first:
        query = f"#{zlib.crc32(query.encode()) % MOST_PLACES}"
    return f"{asked.seen_at}{query}"


def _held(address: str, shown: tuple[Any, ...]) -> Held | None:
    held = shelf.get(address)
    if held is not None and held.facts == shown:
        return held
    try:
        kept = cache.get(address)
    except Exception:
        # Whatever a cache raises that is down: a page can be made without one.
        logger.exception("The cache cannot be read.")
        return None
    if kept is None or kept.facts != shown:
        return None
    held = Held(kept)
    shelf.put(address, held)
    return held


def _put(address: str, kept: Kept) -> Held:
    try:
        if kept.size <= MOST_BYTES:
            cache.set(address, kept, KEEP_SECONDS)
    except Exception:
        logger.exception("The cache cannot be written.")
    return Held(kept)


def _made_anew(asked: Asked, shown: tuple[Any, ...]) -> Kept | None:
    """Return a page that differs from one that was sent in nothing but its comments.

    Queries: those of read_page(), which the view has no need to ask again.
    """
    # The last request of this thread may have come below a path; this one did not.
    set_script_prefix("/")
    try:
        shell = shell_of(asked)
        if shell is None or not shell.headers:
            return None
        before, after = shell.filled(asked.page)
    except Exception:
        # Whatever it is: Django has a page that says so, and this has none.
        logger.exception("A page could not be made anew of its shell.")
        return None
    headers = [pair for pair in shell.headers if pair[0].lower() != "etag"]
    return Kept(shown, [*headers, ("ETag", asked.etag)], before.encode(), after.encode())


def _is_everybodys(status: str, headers: Headers) -> bool:
    values = {name.lower(): value for name, value in headers}
    is_public = "public" in values.get("cache-control", "")
    return status.startswith("200") and is_public and "set-cookie" not in values


def _cut(content: bytes, headers: Headers, shown: tuple[Any, ...]) -> tuple[Kept, str]:
    """Return a page as it is kept, and the hidden key that it had."""
    start = content.rfind(TOKEN)
    if start < 0:
        return Kept(shown, headers, content, b""), ""
    start += len(TOKEN)
    end = content.index(b'"', start)
    return Kept(shown, headers, content[:start], content[end:]), content[start:end].decode()
