"""Error pages that say what to do. None of them needs the database or the reader's session."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _


def error_page(status: int, title: str, advice: str) -> HttpResponse:
    context = {"status": status, "title": title, "advice": advice}
    return HttpResponse(render_to_string("error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        400,
        _("That request could not be read"),
        _("Something in it was malformed or too large. Go back, shorten or retype it, try again."),
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        403,
        _("That is not open to you"),
        str(exception) if exception and str(exception) else _("Sign in with an account that may."),
    )


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    response = error_page(
        404,
        _("There is nothing at this address"),
        _("It may have moved, or never been. The home page lists what is here."),
    )
    # A cache that says nothing else keeps it for a while, past the minute of a scheduled post.
    patch_cache_control(response, no_cache=True)
    return response


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        429,
        _("That was too often"),
        _("Please wait a few minutes, then try again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(
        500,
        _("Something broke on our side"),
        _("It is written down. What you sent may not have been kept: go back and copy it first."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        403,
        _("This form did not come from an open page of this site"),
        _("Go back, reload the page and send it again; what you typed is still in your browser."),
    )
