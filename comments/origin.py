"""Where a POST comes from: checked by its origin for guests, by Django's token with a session.

A guest's POST carries no authority that a stranger's page could borrow, so no cookie is set for a
token; what remains to be kept out is other sites' pages using the reader's address and browser.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.http import is_same_domain
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


def own_pages_only(view: View) -> View:
    """Guard a view that does nothing a token would protect: it answers, and changes nothing.

    Unlike above nobody's session is looked at.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not comes_from_here(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def comes_from_here(request: HttpRequest) -> bool:
    """Judge by Sec-Fetch-Site, and by Origin or else Referer: whatever is sent has to be ours.

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
    if origin == f"{request.scheme}://{request.get_host()}":
        return True
    trusted = TokenCheck(_not_reached)
    wildcards = trusted.allowed_origin_subdomains.get(parts.scheme, ())
    return origin in trusted.allowed_origins_exact or any(
        is_same_domain(parts.netloc, pattern) for pattern in wildcards
    )


class TokenCheck(CsrfViewMiddleware):
    """Django's check, which says why it fails instead of making a page of it."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _token_fails(request: HttpRequest) -> bool:
    check = TokenCheck(_not_reached)
    check.process_request(request)
    return check.process_view(request, _not_reached, (), {}) is not None


def _not_reached(request: HttpRequest) -> HttpResponse:
    raise AssertionError("only the middleware's judgement is wanted")
