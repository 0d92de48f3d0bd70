"""Old addresses: where posts and files were before, here or elsewhere, and the way on from there.

A middleware, since our own pages come first: it looks at what they answered with 404. How an
address is written is said in old_paths.py, what lists and feeds were called in old_lists.py, what
was given up here in former.py.
"""

from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_cache_control

from blog import former
from blog.models import Attachment, OldAddress, Post
from blog.old_lists import list_at
from blog.old_paths import candidates, file_path, is_a_number, normalised, numbered
from blog.states import FINDABLE

KEEP_SECONDS = 60 * 60 * 24
# What was renamed here may soon be called as before; a browser must not go round in a circle.
KEEP_RENAMED_SECONDS = 60
PAGES = frozenset({"blog:post", "blog:page"})


def fallback(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead on whoever finds nothing here, but found something there.

    To stand outside CommonMiddleware, which puts a forgotten slash back first.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _only_lacks_a_slash(request, response):
            return _led_to_its_name(request, [f"{request.path_info}/"]) or response
        if response.status_code != 404:
            return response
        if request.method in {"GET", "HEAD"}:
            asked = [request.path_info, *_otherwise_spelt(request.path_info)]
            return _led_to_its_name(request, asked) or _led_on(request) or response
        return _sent_on(request) or response

    return middleware


def names_a_post(request: HttpRequest) -> bool:
    """Tell whether a request for the home page asks for a post of another blog by its number."""
    return bool(numbered(request.META.get("QUERY_STRING", "")))


def answers_always(path: str) -> bool:
    """Tell whether a page of ours answers there whatever the site holds: nobody is led on.

    Shape: `path` as normalised() returns it. Queries: none.
    """
    return _is_answered(path) or _is_answered(f"{path}/")


def _is_answered(path: str) -> bool:
    match = _match(path)
    if match is None:
        return False
    # An address with a slug or a number in it may be nobody's; below admin/ all ask to sign in.
    in_it = match.captured_kwargs  # type: ignore[attr-defined]
    return not in_it or match.app_names[:1] == ["admin"]


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _only_lacks_a_slash(request: HttpRequest, response: HttpResponse) -> bool:
    """Tell whether somebody is led to the same address with a slash: two steps, if that moved."""
    if response.status_code != 301 or request.method not in {"GET", "HEAD"}:
        return False
    return urlsplit(response.get("Location", "")).path == f"{quote(request.path)}/"


def _otherwise_spelt(path: str) -> list[str]:
    return [f"{each}/" for each in candidates(quote(path))]


def _led_to_its_name(request: HttpRequest, asked: Sequence[str]) -> HttpResponse | None:
    """Lead on whoever asks for what is called otherwise here by now, question and all."""
    query = request.META.get("QUERY_STRING", "")
    target = former.moved_to([*filter(None, map(_match, dict.fromkeys(asked)))])
    if target is None:
        return None
    response = HttpResponsePermanentRedirect(f"{target}?{query}" if query else target)
    patch_cache_control(response, public=True, max_age=KEEP_RENAMED_SECONDS)
    return response


def _sent_on(request: HttpRequest) -> HttpResponse | None:
    """Send on a password that was asked for before its post was renamed."""
    match = _match(request.path_info)
    if request.method != "POST" or match is None or match.view_name not in former.UNLOCKING:
        return None
    target = former.moved_to([match])
    return HttpResponseRedirect(target, preserve_request=True) if target else None


def _led_on(request: HttpRequest) -> HttpResponse | None:
    path = quote(request.path_info)
    wanted = candidates(path, request.META.get("QUERY_STRING", ""))
    target = post_at(wanted) or own_page_at(wanted) or file_at(path) or list_at(path)
    if target is None or urlsplit(target).path == quote(request.path):
        return None
    response = HttpResponsePermanentRedirect(target)
    # For a day, not for good: what a post is called, and whether it is public, may change.
    patch_cache_control(response, public=True, max_age=KEEP_SECONDS)
    return response


def post_at(wanted: Sequence[str]) -> str | None:
    """Return where the post is that was to be read there, if everybody may read it by now.

    What no list names is not found by counting either.

    Shape: `wanted` as candidates() returns it. Queries: 0 or 1.
    """
    if not wanted:
        return None
    old = OldAddress.objects.filter(path__in=wanted)
    old = old.filter(post__in=Post.objects.readable().order_by()).select_related("post")
    columns = ("path", "post__kind", "post__slug", "post__status")
    found = {
        each.path: each.post
        for each in old.only(*columns)
        if each.post.status in FINDABLE or not is_a_number(each.path)
    }
    return next((found[each].get_absolute_url() for each in wanted if each in found), None)


def own_page_at(wanted: Sequence[str]) -> str | None:
    """Return the address of a post of ours that was asked for as another blog would call it.

    That is in capitals, or with what is hung behind it there. Queries: 1 for each that may be one.
    """
    for match in filter(None, (_match(f"{each}/") for each in wanted)):
        if match.view_name in PAGES:
            kind = match.view_name.removeprefix("blog:")
            rows = Post.objects.readable().filter(kind=kind, slug=match.kwargs["slug"])
            if post := rows.only("kind", "slug").first():
                return post.get_absolute_url()
    return None


def file_at(path: str) -> str | None:
    """Return where a file is that was there, in whatever size, if its post is everybody's.

    Queries: 1, or none for what has no ending.
    """
    if "." not in path.rpartition("/")[2] or not (wanted := file_path(path)):
        return None
    readable = Post.objects.readable().filter(password="").order_by()
    rows = Attachment.objects.filter(source_path=wanted, post__in=readable)
    found = list(rows.select_related("picture").order_by("pk")[:20])
    # Of several that differ in their size only, the one that was called exactly so.
    found.sort(key=lambda row: normalised(urlsplit(row.source_url).path) != normalised(path))
    files = (row.picture.file if row.picture else row.file for row in found)
    return next((file.url for file in files if file), None)
