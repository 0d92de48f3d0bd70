"""Who may keep a page and for how long: Cache-Control, Vary, ETag, 304.

A page that depends on nothing but the address may be kept by everybody, asked after each time, and
known by its ETag. As soon as a cookie of ours came along it is that reader's alone.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)
from django.views.decorators.http import require_safe

from blog import unlocking
from comments import guests
from comments.readers import SORT_COOKIE

View = Callable[..., HttpResponse]

# Of all settings, those that a page shows or is shaped by.
SHOWN_SETTINGS = (
    "SITE_NAME",
    "SITE_TAGLINE",
    "LANGUAGE_CODE",
    "TIME_ZONE",
    "MEDIA_URL",
    "COMMENTS_CHECKS",
    "COMMENTS_MAX_LENGTH",
    "COMMENTS_PAGE_SIZE",
)
PART_OF_A_RELEASE = frozenset([".py", ".html", ".css", ".js", ".svg", ".mo"])


def reader_page(view: View) -> View:
    """Make a view one of the pages that readers read: safe methods, cached as said above."""

    @require_safe
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.has_header("Cache-Control"):
            # The view knows better: what stands behind a password is nobody's to keep.
            patch_vary_headers(response, ["Cookie"])
            return response
        if is_shared(request):
            response = _known_by_its_etag(request, response)
        whose = "public" if is_shared(request) else "private"
        patch_cache_control(response, max_age=0, must_revalidate=True, **{whose: True})
        patch_vary_headers(response, ["Cookie"])
        return response

    return page


def is_shared(request: HttpRequest) -> bool:
    """Tell whether this reader sees what every stranger sees."""
    return are_strangers(request.COOKIES)


def are_strangers(cookies: Mapping[str, str]) -> bool:
    """Tell whether no cookie is ours."""
    ours = (settings.SESSION_COOKIE_NAME, guests.COOKIE, unlocking.COOKIE, SORT_COOKIE)
    return not any(name in cookies for name in ours)


def not_modified(request: HttpRequest, etag: str) -> HttpResponse | None:
    """Return the answer for a reader who has this very page already, before it is made."""
    if not is_shared(request):
        return None
    response = get_conditional_response(request, etag=etag)
    if response is not None:
        response["ETag"] = etag
    return response


def _known_by_its_etag(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200:
        return response
    if not response.has_header("ETag"):
        set_response_etag(response)
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return cast(HttpResponse, answer)


def etag_of(*parts: Any) -> str:
    return f'"{key_of(*parts)}"'


def key_of(*parts: Any) -> str:
    """Return a key that is another one under another release, other settings or other parts."""
    in_force = [getattr(settings, name) for name in SHOWN_SETTINGS]
    return sha256(repr((release(), in_force, parts)).encode("utf-8", "replace")).hexdigest()[:32]


def release() -> str:
    """Return a digest of the code and templates that make the pages."""
    return _digest_of_files() if not settings.DEBUG else _digest_of_files.__wrapped__()


@lru_cache(maxsize=1)
def _digest_of_files() -> str:
    """Read every file of the release once a process: no number to forget to raise."""
    digest, root = sha256(), Path(settings.BASE_DIR)
    for path in sorted(_files(root)):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(root: Path) -> list[Path]:
    folders = ("accounts", "blog", "comments", "config", "static", "templates")
    paths = (path for folder in folders for path in (root / folder).rglob("*"))
    return [path for path in paths if path.suffix in PART_OF_A_RELEASE]
