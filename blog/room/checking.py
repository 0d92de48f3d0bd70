"""The checklist of a post as it was written last: for the form, and for its preview to load."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.room.answers import checklist_of
from blog.room.guards import for_authors, post_to_write


@require_safe
@for_authors
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_to_write(request.user, pk)
    context = {"post": post, "checklist": checklist_of(request, post)}
    return render(request, "blog/room/_checklist.html", context)
