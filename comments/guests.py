"""What a guest's own browser keeps: which comments are theirs, and, if asked, their details.

One signed cookie, set only when a comment is posted; a first visit gets none.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from comments.reading import Viewer

COOKIE = "parley_guest"
SALT = "comments.guests"
KEEP = timedelta(days=180)
MOST_REMEMBERED = 50


@dataclass(frozen=True)
class Guest:
    """Shape: `own` are ids of comments, newest last; the details are empty unless remembered."""

    own: tuple[int, ...] = ()
    name: str = ""
    email: str = ""
    website: str = ""

    def with_comment(self, comment_id: int) -> "Guest":
        others = tuple(pk for pk in self.own if pk != comment_id)
        return replace(self, own=(*others, comment_id)[-MOST_REMEMBERED:])


def read_guest(request: HttpRequest) -> Guest:
    """Return what the cookie says; a missing, old or forged one says nothing."""
    value = request.COOKIES.get(COOKIE)
    if not value:
        return Guest()
    try:
        own, name, email, website = signing.loads(value, salt=SALT, max_age=KEEP)
        return Guest(tuple(own), name, email, website)
    except (signing.BadSignature, TypeError, ValueError):
        return Guest()


def remember_guest(response: HttpResponse, guest: Guest) -> None:
    value = signing.dumps([list(guest.own), guest.name, guest.email, guest.website], salt=SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=KEEP,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    patch_vary_headers(response, ["Cookie"])


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who is reading: an account, or a guest by their cookie."""
    return Viewer(request.user, frozenset(read_guest(request).own))
