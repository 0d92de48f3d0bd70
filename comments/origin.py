"""Where a POST comes from: checked by its origin for guests, by Django's token with a session.

A guest's POST carries no authority that a stranger's page could borrow, so no cookie is set for a
token; what remains to be kept out is other sites' pages using the reader's address and browser.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def same_origin_post(view: View) -> View:
    """Guard a view that guests may POST to without a token.

    With a session the view is told by `request.csrf_failed` that Django's check failed although the
    request came from our own page: it should give the text back, with a fresh token.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.csrf_failed = False  # type: ignore[attr-defined]
        if request.method == "POST":
            if not comes_from_here(request):
                raise PermissionDenied
            if request.user.is_authenticated:
                request.csrf_failed = _token_fails(request)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def comes_from_here(request: HttpRequest) -> bool:
    """Judge by Sec-Fetch-Site, Origin and Referer, whichever are sent; all sent must agree.

    A client that sends none of them is no browser and carries nobody's cookies.
    Source: OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata" and "Verifying Origin".
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    claimed = request.headers.get("Origin") or request.headers.get("Referer")
    return claimed is None or _is_ours(request, claimed)


def _is_ours(request: HttpRequest, claimed: str) -> bool:
    try:
        parts = urlsplit(claimed)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return (
        origin == f"{request.scheme}://{request.get_host()}"
        or origin in settings.CSRF_TRUSTED_ORIGINS
    )


def _token_fails(request: HttpRequest) -> bool:
    def not_reached(request: HttpRequest) -> HttpResponse:
        raise AssertionError("only the middleware's check is wanted")

    check = CsrfViewMiddleware(not_reached)
    check.process_request(request)
    return check.process_view(request, _checked_view, (), {}) is not None


def _checked_view(request: HttpRequest) -> HttpResponse:
    raise AssertionError("never called: it only lacks csrf_exempt")
