"""What a guest's own browser keeps: which comments are theirs, and, if asked, their details.

One signed cookie, set only when a comment is posted; a first visit gets none. It names comments by
their submission keys: those move with a site, while an id may be somebody else's comment there.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from comments.models import Comment
from comments.readers import Viewer
from comments.status import Status

COOKIE = "parley_guest"
SALT = "comments.guests"
KEEP = timedelta(days=180)
MOST_REMEMBERED = 50


@dataclass(frozen=True)
class Guest:
    """Shape: `own` are comments' submission keys, newest last; the details may all be empty."""

    own: tuple[str, ...] = ()
    name: str = ""
    email: str = ""
    website: str = ""

    def with_comment(self, comment: Comment) -> "Guest":
        others = tuple(key for key in self.own if key != comment.submission_key)
        return replace(self, own=(*others, comment.submission_key)[-MOST_REMEMBERED:])


def read_guest(request: HttpRequest) -> Guest:
    """Return what the cookie says; a missing, old or forged one says nothing."""
    value = request.COOKIES.get(COOKIE)
    if not value:
        return Guest()
    try:
        own, name, email, website = signing.loads(value, salt=SALT, max_age=KEEP)
        # A number is an id, as cookies had them once: nothing here says whose comment it is now.
        keys = tuple(key for key in own if isinstance(key, str))
        return Guest(keys, name, email, website)
    except (signing.BadSignature, TypeError, ValueError):
        return Guest()


def remember_guest(response: HttpResponse, guest: Guest) -> None:
    details = [list(guest.own), guest.name, guest.email, guest.website]
    # Packed, because browsers throw away a cookie of more than 4096 bytes.
    value = signing.dumps(details, salt=SALT, compress=True)
    response.set_cookie(
        COOKIE,
        value,
        max_age=KEEP,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    patch_vary_headers(response, ["Cookie"])


def is_proved_here(request: HttpRequest, address: str) -> bool:
    """Tell whether a guest's address was confirmed for a comment that this device is known to hold.

    Typing an address proves nothing; a mailed link was opened by whoever reads its letters, who
    said that the comment is theirs. What was thrown out vouches for nobody. Queries: 1, or none.
    """
    keys = read_guest(request).own
    proved = Comment.objects.filter(
        submission_key__in=keys, author=None, email_proved_at__isnull=False
    )
    standing = proved.filter(status__in=(Status.PENDING, Status.APPROVED))
    return bool(keys) and standing.filter(author_email__iexact=address).exists()


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who is reading: an account, or a guest by their cookie."""
    return Viewer(request.user, frozenset(read_guest(request).own))
