"""Requests are UTF-8, as browsers send them; what claims another charset is refused at the door.

Django decodes by whatever charset the sender names, any codec of Python's included: some of them
break every page before a view is reached, others let lone surrogates in. So this stands before it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from config.errors import error_page

Application = Callable[..., Iterable[bytes]]

UTF_8 = frozenset({"utf-8", "utf8"})


def utf8_only(application: Application) -> Application:
    """Wrap a WSGI application so that only requests in UTF-8, or without a charset, reach it."""

    def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if _charset_of(environ.get("CONTENT_TYPE", "")) in UTF_8:
            return application(environ, start_response)
        page = error_page(
            415,
            _("That request could not be read"),
            _("It says that it is in another encoding than UTF-8. Send it in UTF-8."),
        )
        start_response(f"{page.status_code} {page.reason_phrase}", list(page.items()))
        return [page.content]

    return guarded


def _charset_of(content_type: str) -> str:
    """Return the charset that is claimed, in lower case; of a header in no order, nothing."""
    try:
        _kind, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return ""
    return parameters.get("charset", "utf-8").lower()
