"""Who gets into the writing room, and to which post; what becomes of words with no database."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    ValidationError,
)
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from blog import media, policy
from blog.forms import creation_key
from blog.models import Post
from blog.room.answers import too_large, unavailable
from blog.storing import unkept_on_failure
from comments.origin import same_origin_post

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
        except (RequestDataTooBig, TooManyFieldsSent):
            return too_large(request)

    return guarded


def for_scripts(view: View) -> View:
    """Do both for what a script sends, and tell it in JSON why not.

    Shape of a refusal: {"reason": one of the words below, "said": a sentence for people}.
    """

    @same_origin_post
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refused(request) or view(request, *args, **kwargs)

    @wraps(inner)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = inner(request, *args, **kwargs)
        except (RequestDataTooBig, TooManyFieldsSent):
            response = refusal(413, "too_large", _("That is more than this site takes at once."))
        except ValidationError as error:
            response = refusal(422, "unfit", " ".join(error.messages))
        except (Http404, Post.DoesNotExist):
            response = refusal(404, "gone", _("The post is gone, or not yours to write in."))
        except (DatabaseError, InterfaceError):
            logger.exception("The database did not answer; the words stay with their author.")
            response = refusal(503, "unavailable", _("The site cannot store anything right now."))
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


def refusal(status: int, reason: str, said: str, **more: Any) -> JsonResponse:
    return JsonResponse({"reason": reason, "said": said, **more}, status=status)


def refused(request: HttpRequest) -> JsonResponse | None:
    """Return why a script may not write in somebody's name, or None if it may.

    `person`, which it sends along, is who opened the page: words are never stored as another's.
    """
    user = request.user
    if not user.is_authenticated:
        return refusal(401, "signed_out", _("You are signed out."))
    if request.POST.get("person", str(user.pk)) != str(user.pk):
        said = _("Somebody else is signed in here now: %(name)s.") % {"name": user.get_short_name()}
        return refusal(403, "somebody_else", said)
    if request.csrf_failed:  # type: ignore[attr-defined]
        said = _("Your sign-in changed since this page was opened.")
        return refusal(403, "token", said, token=get_token(request))
    if not user.has_perm("blog.add_post"):
        return refusal(403, "not_allowed", _("Writing posts is open to this site's authors."))
    return None


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
