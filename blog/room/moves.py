"""The buttons that move a post from one state to another."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import policy, publishing
from blog.room.answers import what_happened
from blog.room.guards import for_authors, post_to_write
from blog.states import Act


@require_POST
@for_authors
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a stored post as it is."""
    post = post_to_write(request.user, pk)
    if not policy.may_move(request.user, post, Act.PUBLISH):
        raise PermissionDenied
    try:
        messages.success(request, what_happened(publishing.publish(post, actor=request.user)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("blog:edit", pk)


@require_POST
@for_authors
def unpublish(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_to_write(request.user, pk)
    if not policy.may_move(request.user, post, Act.UNPUBLISH):
        raise PermissionDenied
    publishing.unpublish(post, actor=request.user)
    messages.success(request, _("The post is a draft again; only you and the editors see it."))
    return redirect("blog:edit", pk)
