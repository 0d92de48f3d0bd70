"""What a page of the writing room saves by itself, every few seconds: beside the post, unjudged.

No status changes, and nothing that a reader sees. What was written elsewhere meanwhile is told and
never overwritten; what this very page had stored already, its answer lost, is no conflict.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import publishing
from blog.forms import creation_key
from blog.models import Post
from blog.publishing import StalePost
from blog.room.conflict import last_written
from blog.room.guards import for_scripts, made_by, post_to_write, refusal
from blog.room.presence import be_here, others_here
from blog.room.typed import typed_fields, version_in
from blog.states import OUT
from blog.words import differing, latest_words, packed


@require_POST
@for_scripts
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    return kept_answer(request, post_to_write(request.user, pk))


@require_POST
@for_scripts
def autosave_new(request: HttpRequest) -> HttpResponse:
    """Start a post with the first words of its form, and go on in it when asked again.

    With `made` it is only asked whether they came: then nothing is started.
    """
    if post := made_by(request):
        return kept_answer(request, post)
    if "made" in request.POST:
        return JsonResponse({"version": 0, "others": []})
    fields = typed_fields(request, post_to_write(request.user, None))
    if not any(fields.values()):
        return JsonResponse({"version": 0, "others": []})
    with transaction.atomic():
        post = started(request, fields)
        return kept_answer(request, post, seen_version=post.text_version)


@require_POST
@for_scripts
def here(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that somebody has a post open; tell who else has, and which text stands there."""
    post = post_to_write(request.user, pk)
    be_here(request.user, post)
    return JsonResponse({"version": post.text_version, "others": others_here(request.user, post)})


def started(request: HttpRequest, fields: dict[str, Any]) -> Post:
    """Return a new post, bare but for a title that is fit to be one; the rest is kept beside it."""
    key = creation_key(request.POST.get("token", ""), request.user)
    for title in dict.fromkeys([fields.get("title", ""), ""]):
        try:
            return publishing.create_draft(request.user, creation_key=key, title=title)
        except ValidationError:
            # Or the other of two requests in one moment was faster.
            if twin := made_by(request):
                return twin
    raise Post.DoesNotExist


def kept_answer(
    request: HttpRequest, post: Post, *, seen_version: int | None = None
) -> HttpResponse:
    seen = version_in(request) if seen_version is None else seen_version
    try:
        post = kept(post, typed_fields(request, post), request.user, seen)
    except StalePost as stale:
        return conflict(stale.post, request.user)
    be_here(request.user, post)
    return JsonResponse(
        {
            "version": post.text_version,
            "saved_at": timezone.now().isoformat(),
            "state": state_in_words(post),
            "others": others_here(request.user, post),
            "edit_url": reverse("blog:edit", args=[post.pk]),
            "autosave_url": reverse("blog:autosave", args=[post.pk]),
            "here_url": reverse("blog:here", args=[post.pk]),
            "conflict_url": reverse("blog:merge", args=[post.pk]),
        }
    )


def kept(post: Post, fields: dict[str, Any], actor: Any, seen_version: int) -> Post:
    """Keep what was typed, unless it says what was written last. Raises: StalePost."""
    latest = latest_words(post)
    try:
        if differing(latest, latest | packed(fields)):
            return publishing.keep(post, fields, actor=actor, seen_version=seen_version)
    except StalePost:
        if there := publishing.standing(post, fields):
            return there
        raise
    # Sent before, or in this very moment, and the answer was lost: whoever has these very words has
    # lost nothing.
    there = publishing.standing(post, fields)
    return there or publishing.keep(post, fields, actor=actor, seen_version=seen_version)


def conflict(post: Post, actor: Any) -> HttpResponse:
    last = last_written(post)
    told = {"name": last.name, "time": time_format(timezone.localtime(last.at), "H:i")}
    if last.person == actor.pk:
        said = _("You wrote in this post elsewhere at %(time)s, after this page was opened.") % told
    else:
        said = _("%(name)s wrote in this post at %(time)s, after you opened it.") % told
    merge = reverse("blog:merge", args=[post.pk])
    return refusal(409, "stale", said, conflict=merge, version=post.text_version)


def state_in_words(post: Post) -> str:
    at = {"time": time_format(timezone.localtime(), "H:i")}
    if post.status in OUT:
        return _("Saved %(time)s; readers do not see these changes yet.") % at
    return _("Draft saved %(time)s.") % at
