"""A picture of the library as a post's cover: chosen on a page of its own, by plain forms.

The words of the form were stored by the button that leads here; what is chosen is kept beside a
post that is out, as everything that is written there. Sending a new cover is editor.py's.
"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import policy, publishing
from blog.models import Post
from blog.publishing import StalePost
from blog.room.answers import REFUSED
from blog.room.guards import for_authors, post_to_write
from blog.room.library import found_pictures, require_uploader
from blog.room.typed import version_in
from blog.states import OUT


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def choose_cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the pictures that may be the cover, or make one it."""
    post = post_to_write(request.user, pk)
    require_uploader(request.user)
    if request.method != "POST":
        return _page(request, post)
    try:
        return _chosen(request, post)
    except StalePost as stale:
        trouble = _(
            "The text was changed since you opened this page, so the cover is what it was. "
            "Choose once more, and it goes with the text that stands now."
        )
        return _page(request, stale.post, trouble, status=409)
    except ValidationError as error:
        # Of words that were only kept until now.
        return _page(request, post, " ".join(error.messages), status=REFUSED)


def _chosen(request: HttpRequest, post: Post) -> HttpResponse:
    # Locked first: what somebody removes in this moment is no cover.
    with transaction.atomic():
        own = policy.pictures_of(request.user).select_for_update(of=("self",))
        picture = get_object_or_404(own, pk=_key_in(request))
        if not (picture.alt or picture.is_decorative):
            raise ValidationError(_("Say first what it shows, or that it only decorates."))
        seen = version_in(request)
        publishing.write_anew(post, {"cover": picture}, actor=request.user, seen_version=seen)
    messages.success(request, _what_happened(post))
    return redirect("blog:edit", post.pk)


def _key_in(request: HttpRequest) -> int:
    text = request.POST.get("picture", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _what_happened(post: Post) -> str:
    if post.status in OUT:
        return _("The cover is chosen. Readers see it when you publish the changes.")
    return _("The cover is chosen.")


def _page(
    request: HttpRequest, post: Post, trouble: str = "", *, status: int = 200
) -> HttpResponse:
    context = {"post": post, "trouble": trouble, **found_pictures(request)}
    return render(request, "blog/room/choose_cover.html", context, status=status)
