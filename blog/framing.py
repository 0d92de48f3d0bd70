"""Which pages may show a frame, and of whom: those with a card, and its provider alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from blog.markup_embeds import frame_hosts

View = Callable[..., HttpResponse]


def with_frames(view: View) -> View:
    """Let a page's policy allow the frames that its cards become, and no others."""

    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 304:
            # What the browser has keeps the policy that it came with.
            response._csp_exempt = True  # type: ignore[attr-defined]
        elif hosts := frame_hosts(response.content):
            response._csp_update = {"frame-src": hosts}  # type: ignore[attr-defined]
        return response

    return framed
