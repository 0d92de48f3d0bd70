"""What the form answers: itself with every word in its box, whatever went wrong."""

from copy import copy
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from blog import policy
from blog.forms import PostForm, make_token
from blog.models import Post, PostStatus

REFUSED = 422


def as_typed(request: HttpRequest, post: Post, *, errors: Any = None, **changed: Any) -> PostForm:
    """Return the form with every word as sent, unjudged but for `errors`."""
    data = request.POST.copy()
    for name, value in changed.items():
        data[name] = value
    form = PostForm(data, instance=copy(post))
    form.show_unjudged(errors)
    return form


def what_happened(post: Post) -> str:
    if post.is_published():
        return _("Published. Readers see the text as it stands here.")
    if post.status == PostStatus.DRAFT:
        at = time_format(timezone.localtime(post.updated_at), "H:i")
        return _("Draft saved %(time)s.") % {"time": at}
    return _("Saved. Readers do not see it: it is %(state)s.") % {"state": state_of(post)}


def state_of(post: Post) -> str:
    """Say in words where a post stands, for a scheduled one with the moment it becomes public."""
    if not post.is_scheduled():
        return post.get_status_display()
    at = timezone.localtime(post.published_at)
    moment = {"date": date_format(at, "j F Y"), "time": time_format(at, "H:i")}
    return _("scheduled for %(date)s, %(time)s") % moment


def form_page(
    request: HttpRequest, post: Post, form: PostForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    """Answer with the form. `said`: notice, trouble, stale, or previewed with its tags."""
    context = {
        "post": post,
        "state": state_of(post),
        "form": form,
        "may_publish": policy.may_publish_at_all(request.user),
        "files_dropped": bool(request.FILES) and "notice" not in said,
        **said,
    }
    return render(request, "blog/write.html", context, status=status)


def stale_page(request: HttpRequest, current: Post) -> HttpResponse:
    """Answer 409: what stands there now, and the form bound to it, to be saved knowingly."""
    form = as_typed(request, current, version=current.text_version)
    trouble = _(
        "This post was changed elsewhere since you opened it, so nothing was saved. Compare the "
        "text that stands now with yours below; saving again replaces it."
    )
    return form_page(request, current, form, trouble=trouble, stale=current, status=409)


def gone_page(request: HttpRequest) -> HttpResponse:
    """Answer 404 with the words of a post that is not there, or not this author's, as a new one."""
    author: Any = request.user
    post = Post(author=author)
    form = as_typed(request, post, version=0, token=make_token())
    trouble = _(
        "There is no such post any more, or it is not yours to write in, so nothing was saved. "
        "Your words are all here: saving makes them a new post."
    )
    action = reverse("blog:write")
    return form_page(request, post, form, trouble=trouble, action=action, status=404)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503 with every word in its box, on a page that needs no database and no session."""
    pressed = request.POST.get("action")
    context = {
        "form": as_typed(request, Post()),
        "path": request.path,
        "action": pressed if pressed in {"publish", "preview"} else "save",
        "csrf_token": request.POST.get("csrfmiddlewaretoken", ""),
    }
    page = render_to_string("blog/unavailable.html", context)
    response = HttpResponse(page, status=503, headers={"Retry-After": "30"})
    patch_cache_control(response, private=True, no_store=True)
    return response


def signed_out(request: HttpRequest) -> HttpResponse:
    """Answer 403 with every word in its box, to be sent again once signed in."""
    form = as_typed(request, Post())
    response = render(request, "blog/signed_out.html", {"form": form}, status=403)
    patch_cache_control(response, private=True, no_store=True)
    return response
