"""Posts behind a password: who has given it, how that is remembered, how often it may be tried.

The cookie is signed, good for one post under its present password, and sent to that post's address
alone, so that every other page stays the one that all readers share. views.py asks; nothing else of
a post with a password goes out but its title, its date and its address.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from blog.models import Post
from blog.tries import is_one_too_many

COOKIE = "parley_unlocked"
SALT = "blog.unlocking"
KEEP = timedelta(days=10)
# Judging one takes a third of a second of this machine, and guessing should take years.
MOST_TRIES = 10
TRIES_SECONDS = 60
MOST_CHARACTERS = 1000


def is_locked(request: HttpRequest, post: Post) -> bool:
    """Tell whether a post asks for a password that this reader has not given."""
    if not post.password:
        return False
    try:
        given = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEEP)
    except (signing.BadSignature, ValueError):
        return True
    return not (isinstance(given, str) and constant_time_compare(given, _mark_of(post)))


def opens(password: str, post: Post) -> bool:
    return len(password) <= MOST_CHARACTERS and check_password(password, post.password)


def remember(response: HttpResponse, post: Post) -> None:
    """Let this reader in from now on, until the password is another one."""
    response.set_cookie(
        COOKIE,
        signing.dumps(_mark_of(post), salt=SALT),
        max_age=KEEP,
        path=post.get_absolute_url(),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def is_over_the_limit(request: HttpRequest, post: Post) -> bool:
    """Count a try, and tell whether there were too many from this network of late."""
    return is_one_too_many(request, f"unlock:{post.pk}", most=MOST_TRIES, seconds=TRIES_SECONDS)


def _mark_of(post: Post) -> str:
    """Return what the cookie says: another one for another post, and for another password."""
    return salted_hmac(SALT, f"{post.pk} {post.password}", algorithm="sha256").hexdigest()
