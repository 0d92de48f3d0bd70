"""A test client whose requests pass what stands before Django on a server: blog/kept.py."""

from collections.abc import Iterable
from typing import Any
from unittest.mock import patch

from django.core.handlers.wsgi import WSGIRequest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler

from blog.kept import KeptPages, shelf
from config.charset import utf8_only


class FrontHandler(ClientHandler):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.front = KeptPages(utf8_only(self._django))

    def __call__(self, environ: dict[str, Any]) -> HttpResponseBase:
        said: list[tuple[str, list[tuple[str, str]]]] = []
        # The connection of a test is in the middle of a transaction; Django's client keeps it, too.
        with patch.object(BaseDatabaseWrapper, "close_if_unusable_or_obsolete"):
            pieces = self.front(environ, lambda status, headers: said.append((status, headers)))
        ((status, headers),) = said
        response = HttpResponse(b"".join(pieces), status=int(status.split()[0]))
        del response.headers["Content-Type"]
        for name, value in headers:
            if name == "Set-Cookie":
                response.cookies.load(value)
            else:
                response.headers[name] = value
        response.wsgi_request = WSGIRequest(environ)  # type: ignore[attr-defined]
        return response

    def _django(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = super().__call__(environ)
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
        status = f"{response.status_code} {response.reason_phrase}"
        start_response(status, [*response.items(), *cookies])
        return [response.content]


class FrontClient(Client):
    """Starts with no page held."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handler = FrontHandler(self.handler.enforce_csrf_checks)
        shelf.clear()
