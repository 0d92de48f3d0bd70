"""Who gets into the writing room, and to which post; what becomes of words with no database."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from blog import media, policy
from blog.forms import creation_key
from blog.models import Post
from blog.room.answers import unavailable
from blog.storing import unkept_on_failure

logger = logging.getLogger("parley.publishing")

View = Callable[..., HttpResponse]


def for_authors(view: View) -> View:
    """Let in whoever may write posts; what they are answered is nobody else's to keep."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.has_perm("blog.add_post"):
            raise PermissionDenied(_("Writing posts is open to this site's authors."))
        try:
            with unkept_on_failure(media.kept):
                response = view(request, *args, **kwargs)
        except Post.DoesNotExist as gone:
            # Removed between the two looks at it: by whoever took an import back, say.
            raise Http404 from gone
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


def keep_words(view: View) -> View:
    """Answer 503 with the words when the database is down or locked."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DatabaseError, InterfaceError):
            if request.method != "POST":
                raise
            logger.exception("The database did not answer; the words go back to their author.")
            return unavailable(request)

    return guarded


def post_to_write(user: Any, pk: int | None) -> Post:
    """Return the post to write in, a new one without `pk`. Raises: Http404 for others' posts."""
    if pk is None:
        return Post(author=user)
    posts = policy.editable_by(user).select_related("author", "thread", "cover")
    return get_object_or_404(posts, pk=pk)


def made_by(request: HttpRequest) -> Post | None:
    """Return the post that the form of a new one was sent for already, by a double click say."""
    key = creation_key(request.POST.get("token", ""), request.user)
    posts = policy.editable_by(request.user).select_related("author", "thread", "cover")
    return posts.filter(creation_key=key).first() if key else None
