"""Pages of the writing room that only show: one's own posts, a post as readers would see it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog import policy
from blog.models import Post
from blog.room.answers import state_of
from blog.room.guards import for_authors, post_to_write
from blog.views import downloads_of, labels_of


@require_safe
@for_authors
def my_posts(request: HttpRequest) -> HttpResponse:
    posts = Post.objects.filter(author=request.user.pk).for_listing().order_by("-updated_at", "-pk")
    rows = [(post, state_of(post)) for post in posts]
    context = {"rows": rows, "may_publish": policy.may_publish_at_all(request.user)}
    return render(request, "blog/my_posts.html", context)


@require_safe
@for_authors
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a stored post as readers would see it."""
    post = post_to_write(request.user, pk)
    context = {"post": post, **labels_of(post), "downloads": downloads_of(post)}
    return render(request, "blog/preview.html", context)
