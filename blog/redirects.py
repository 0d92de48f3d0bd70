"""Old addresses: where posts were to be read before they came here, and the way on from there.

normalised() writes an address the one way in which OldAddress keeps it: an import stores what it
returns, a reader's request is looked up by it. Our own pages come first; see config/urls.py.
"""

import re
import unicodedata
from urllib.parse import parse_qs, quote, unquote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import is_valid_path
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from blog.models import OldAddress, Post

MOST_CHARACTERS = 500
KEEP_SECONDS = 60 * 60 * 24
# What a blog elsewhere hangs behind a post's address; all of it is to be read at the post's own.
TAIL = re.compile(r"/(comment-page-[0-9]+|feed|feed/(rss|rss2|atom|rdf)|amp|trackback)\Z")
ROOTS = frozenset(["", "/index.php"])
NUMBERED_BY = ("p", "page_id", "attachment_id")


def normalised(path: str, query: str = "") -> str:
    """Return an old address as OldAddress keeps it, or nothing for one that can lead nowhere.

    Shape: `path` and `query` as they stand in the address, percent signs and all. The root of a
    blog counts only with the number of a post behind it: "/?p=123".
    """
    path = unicodedata.normalize("NFC", unquote(path)).lower()
    path = unicodedata.normalize("NFC", re.sub("/+", "/", f"/{path}")).rstrip("/")
    while tail := TAIL.search(path):
        path = path[: tail.start()].rstrip("/")
    if path in ROOTS:
        path = _number_of_a_post(query)
    return path if len(path) <= MOST_CHARACTERS and _is_text(path) else ""


def _number_of_a_post(query: str) -> str:
    try:
        asked = parse_qs(query, max_num_fields=50)
    except ValueError:
        return ""
    for name in NUMBERED_BY:
        number = asked.get(name, [""])[0]
        if re.fullmatch("[0-9]{1,18}", number):
            return f"/?{name}={int(number)}"
    return ""


def _is_text(path: str) -> bool:
    """Tell whether a database can be asked for it: NUL and halves of characters, never."""
    return not any(unicodedata.category(char) in {"Cc", "Cs"} for char in path)


def names_a_post(request: HttpRequest) -> bool:
    """Tell whether a request for the home page asks for a post of another blog by its number."""
    return bool(normalised("/", request.META.get("QUERY_STRING", "")))


@csrf_exempt
def lead_on(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer what no page of ours answers: 301 to the post that was to be read there, or 404.

    Queries: at most 1. Raises: Http404.
    """
    if request.method not in {"GET", "HEAD"}:
        raise Http404
    post = None
    if (target := _with_a_slash(request)) is None:
        post = post_at(quote(request.path_info), request.META.get("QUERY_STRING", ""))
        target = post.get_absolute_url() if post else None
    if target is None:
        raise Http404
    response = HttpResponsePermanentRedirect(target)
    if post:
        # For a day, not for good: what a post is called, and whether it is public, may change.
        patch_cache_control(response, public=True, max_age=KEEP_SECONDS)
    return response


def post_at(path: str, query: str = "") -> Post | None:
    """Return the post that was to be read there, if everybody may read it by now. Queries: 0, 1."""
    wanted = [normalised(path, query)]
    if path.strip("/").count("/") == 0:
        # A blog that stood in a folder: the number alone names the post.
        wanted.append(normalised("/", query))
    if not any(wanted):
        return None
    old = OldAddress.objects.filter(path__in=filter(None, wanted))
    old = old.filter(post__in=Post.objects.published().order_by()).select_related("post")
    found = {each.path: each.post for each in old.only("path", "post__kind", "post__slug")}
    return next((found[path] for path in wanted if path in found), None)


def _with_a_slash(request: HttpRequest) -> str | None:
    """Return the address of a page of ours that lacks its last slash.

    Django's middleware does this for paths that lead nowhere, and here every path leads somewhere.
    """
    if request.path_info.endswith("/"):
        return None
    match = is_valid_path(f"{request.path_info}/", getattr(request, "urlconf", None))
    if not match or match.func is lead_on or not getattr(match.func, "should_append_slash", True):
        return None
    return request.get_full_path(force_append_slash=True)
