"""The links to a draft that its people have given away: a new one, all that there are, revoking."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import policy, sharing
from blog.models import Post, ShareLink
from blog.room.answers import REFUSED, state_of
from blog.room.guards import for_authors, post_to_write
from blog.room.share_form import ShareForm


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft's links, make one, or revoke one."""
    post = post_to_write(request.user, pk)
    if request.method != "POST":
        return _page(request, post, ShareForm())
    if request.POST.get("action") == "revoke":
        return _revoke(request, post)
    return _make(request, post)


def _make(request: HttpRequest, post: Post) -> HttpResponse:
    if not policy.may_share(request.user, post):
        raise PermissionDenied(_("The post is in the trash: take it out before you share it."))
    form = ShareForm(request.POST)
    if form.is_valid() and sharing.is_full(post):
        form.add_error(None, _("There are very many open links; revoke some first."))
    if not form.is_valid():
        return _page(request, post, form, status=REFUSED)
    link = sharing.make_link(
        post,
        maker=request.user,
        expires_at=form.expires_at(),
        label=form.cleaned_data["label"],
        takes_notes=form.cleaned_data["takes_notes"],
    )
    messages.success(request, _("The link is made: copy it and give it to whom it is for."))
    return HttpResponseRedirect(_address(post) + f"#link-{link.pk}", status=303)


def _revoke(request: HttpRequest, post: Post) -> HttpResponse:
    number = request.POST.get("link", "")
    links = sharing.links_to(post)
    link = get_object_or_404(links, pk=number if number.isdecimal() and len(number) < 19 else 0)
    sharing.revoke(link)
    messages.success(request, _("Revoked: the link opens nothing any more."))
    return HttpResponseRedirect(_address(post), status=303)


def _page(request: HttpRequest, post: Post, form: ShareForm, *, status: int = 200) -> HttpResponse:
    context = {
        "post": post,
        "state": state_of(post),
        "form": form,
        "may_share": policy.may_share(request.user, post),
        "links": [_told(request, link) for link in sharing.links_to(post)],
    }
    return render(request, "blog/room/share.html", context, status=status)


def _told(request: HttpRequest, link: ShareLink) -> dict[str, Any]:
    opens = link.is_live() and sharing.is_backed(link)
    # Who is taken off a post keeps no way into it that they did not make, and theirs close.
    is_own = opens and link.maker_id == request.user.pk
    return {
        "link": link,
        "opens": opens,
        "address": request.build_absolute_uri(sharing.address_of(link)) if is_own else "",
        "has_expired": link.expires_at <= timezone.now(),
        "is_live": link.is_live(),
    }


def _address(post: Post) -> str:
    return reverse("blog:share", args=[post.pk])
