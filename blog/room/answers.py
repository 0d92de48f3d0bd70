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
from blog.checklist import Checklist, check
from blog.forms import PUBLISHING, PostForm, make_token
from blog.models import BODY_MAX_LENGTH, Post, PostStatus, ScheduledChange
from blog.notes import open_notes_on
from blog.room.presence import be_here, others_here
from blog.states import OUT, Act
from blog.words import latest_words, working_copy_of

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
    standing = standing_of(post)
    if standing["planned"]:
        return _("Saved. The scheduled changes become public %(when)s.") % {
            "when": moment_of(standing["planned"].publish_at)
        }
    if standing["has_changes"] and post.status in OUT:
        at = time_format(timezone.localtime(standing["changed_at"]), "H:i")
        return _("Draft saved %(time)s. Readers do not see these changes yet.") % {"time": at}
    if post.is_published():
        return _("Published. Readers see the text as it stands here.")
    if post.status == PostStatus.DRAFT:
        at = time_format(timezone.localtime(post.updated_at), "H:i")
        return _("Draft saved %(time)s.") % {"time": at}
    if post.status in (PostStatus.UNLISTED, PostStatus.ARCHIVED):
        return _("Saved. It is %(state)s, and shows this text.") % {"state": state_of(post)}
    if post.status == PostStatus.REVIEW:
        return _("Saved. Readers do not see it: it waits for an editor to read it.")
    return _("Saved. Readers do not see it: it is %(state)s.") % {"state": state_of(post)}


def state_of(post: Post) -> str:
    """Say in words where a post stands, for a scheduled one with the moment it becomes public."""
    if not post.is_scheduled():
        return post.get_status_display()
    return _("scheduled for %(moment)s") % {"moment": moment_of(post.published_at)}


def moment_of(at: Any) -> str:
    local = timezone.localtime(at)
    words = {"date": date_format(local, "j F Y"), "time": time_format(local, "H:i")}
    return _("%(date)s, %(time)s") % words


def standing_of(post: Post) -> dict[str, Any]:
    """Return what stands beside a post: changes, and those that have their moment. Queries: 2."""
    is_out = post.status in OUT
    kept = working_copy_of(post) if post.pk else None
    changes = ScheduledChange.objects.filter(post=post.pk) if post.pk else None
    return {
        "is_out": is_out,
        # What is scheduled of a post that is not before readers yet is the post itself.
        "are_changes": is_out and not (post.is_scheduled() or post.status == PostStatus.PRIVATE),
        "has_changes": kept is not None,
        "changed_at": kept.saved_at if kept else None,
        "planned": changes.first() if changes is not None else None,
    }


def checklist_of(request: HttpRequest, post: Post) -> Checklist | None:
    """Look over what a stored post says last."""
    if not post.pk:
        return None
    known = policy.readable_by(request.user)
    return check(latest_words(post), hosts=frozenset([request.get_host()]), known=known)


def last_wish(post: Post) -> Any:
    """Return what an editor asked to be changed last, while it is a draft again."""
    if not post.pk or post.status != PostStatus.DRAFT:
        return None
    last = post.log.filter(act__in=[Act.RETURN, Act.SUBMIT, Act.PUBLISH]).order_by("-pk").first()
    return last if last is not None and last.act == Act.RETURN else None


def form_page(
    request: HttpRequest, post: Post, form: PostForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    """Answer with the form, and be seen in it.

    `said`: notice, trouble, or previewed with its tags.
    """
    if post.pk:
        be_here(request.user, post)
    may_publish = policy.may_publish_at_all(request.user)
    # Shown as it stands; that it stays so is seen to where it is stored.
    form.fields["coauthors"].disabled = not policy.may_choose_coauthors(request.user, post)
    context = {
        "post": post,
        "state": state_of(post),
        **standing_of(post),
        "form": form,
        "may_publish": may_publish,
        "may_schedule": may_publish and post.status != PostStatus.TRASH,
        "may_submit": post.status == PostStatus.DRAFT and policy.may_submit(request.user, post),
        "may_upload": policy.may_upload(request.user),
        "last_wish": last_wish(post),
        "open_notes": open_notes_on(post) if post.pk else [],
        "others": others_here(request.user, post) if post.pk else [],
        "checklist": checklist_of(request, post),
        "files_dropped": bool(request.FILES) and "notice" not in said,
        # Stored under this name only once somebody says so, and never by itself.
        "is_anothers": is_anothers(request),
        **said,
    }
    return render(request, "blog/write.html", context, status=status)


def is_anothers(request: HttpRequest) -> bool:
    """Tell whether somebody else was signed in when the page opened that these words come from."""
    person = str(request.user.pk)
    return request.POST.get("person", person) != person


def signed_in_anew(request: HttpRequest, post: Post) -> HttpResponse:
    """Answer 403 with every word to a form that an earlier sign-in had opened."""
    trouble = _("Your sign-in changed since this page was opened. Please send again.")
    if is_anothers(request):
        trouble = _(
            "These words were typed while somebody else was signed in here. Now you are: "
            "sending them stores them under the name %(name)s."
        ) % {"name": request.user.get_short_name()}  # type: ignore[union-attr]
    action = reverse("blog:edit", args=[post.pk]) if post.pk else request.path
    form = as_typed(request, post)
    return form_page(request, post, form, trouble=trouble, action=action, status=403)


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
        "is_plain": True,
        "path": request.path,
        "action": pressed if pressed in PUBLISHING | {"preview"} else "save",
        "csrf_token": request.POST.get("csrfmiddlewaretoken", ""),
    }
    page = render_to_string("blog/unavailable.html", context)
    response = HttpResponse(page, status=503, headers={"Retry-After": "30"})
    patch_cache_control(response, private=True, no_store=True)
    return response


def turned_away(request: HttpRequest) -> HttpResponse | None:
    """Answer 403 to whoever sends a form signed out, or writes here no more; else nothing.

    Every word is in its box, to be sent again.
    """
    user = request.user
    if user.is_authenticated and user.has_perm("blog.add_post"):
        return None
    context = {"form": as_typed(request, Post()), "is_plain": True}
    response = render(request, "blog/signed_out.html", context, status=403)
    patch_cache_control(response, private=True, no_store=True)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413 to a form that was not read: the words stand in the browser, one step back."""
    response = render(request, "blog/too_large.html", {"most": BODY_MAX_LENGTH}, status=413)
    patch_cache_control(response, private=True, no_store=True)
    return response
