"""What keeps a person's words when a view cannot: pages made of the request alone.

They need no database, no session and no thread, because those may be what is missing.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger("parley.comments")

MAX_REQUEST_BYTES = 400_000


Keeper = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]


def keep_words_up_to(most_bytes: int) -> Keeper:
    """Answer 413 before reading a huge body, 400 when it holds something else than text, and 503
    with the words when the database is down.
    """

    def keeper(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if announced_bytes(request) > most_bytes:
                return too_large(request)
            if not is_utf8(request):
                raise BadRequest("The form is not in UTF-8.")
            try:
                return view(request, *args, **kwargs)
            except (OperationalError, InterfaceError):
                logger.exception("The database did not answer; the words go back to their author.")
                return unavailable(request)

        return guarded

    return keeper


keep_words = keep_words_up_to(MAX_REQUEST_BYTES)


def announced_bytes(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def is_utf8(request: HttpRequest) -> bool:
    """Tell whether what was sent can be decoded; Django would put U+FFFD into somebody's words."""
    sent = request.body
    if request.content_type == "application/x-www-form-urlencoded":
        sent = unquote_to_bytes(sent)
    try:
        sent.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def too_large(request: HttpRequest) -> HttpResponse:
    context = {"most": f"{settings.COMMENTS_MAX_LENGTH:,}"}
    return HttpResponse(render_to_string("comments/too_large.html", context), status=413)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Give the words back with a button that sends them once more."""
    fields = [(name, value) for name, value in request.POST.items() if name != "body"]
    # A deletion has none, and what takes one back has them packed among the fields.
    body = request.POST.get("body")
    context = {"body": body, "fields": fields, "path": request.path}
    response = HttpResponse(render_to_string("comments/unavailable.html", context), status=503)
    response["Retry-After"] = "30"
    return response


def words_back(
    request: HttpRequest, reason: str, *, status: int, body: str | None = None
) -> HttpResponse:
    """Give the words back where there is no form to put them into any more.

    `body`: the words, where they were not sent as such.
    """
    context = {"body": request.POST.get("body", "") if body is None else body, "reason": reason}
    return HttpResponse(render_to_string("comments/words_back.html", context), status=status)
