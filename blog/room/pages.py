"""Pages of the writing room that only show: a post as readers would see it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from blog import publishing
from blog.framing import with_frames
from blog.models import Category, Post, PostKind, Tag
from blog.room.guards import for_authors, post_to_write
from blog.views import downloads_of
from blog.words import Words, laid_over, latest_words


@with_frames
@require_safe
@for_authors
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was written last as readers would see it, public or not."""
    post = post_to_write(request.user, pk)
    words = latest_words(post)
    shown = laid_over(post, words)
    try:
        publishing.typeset_unjudged(shown)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("blog:edit", pk)
    context = {"post": shown, **_labels_in(words, post), "downloads": downloads_of(post)}
    return render(request, "blog/preview.html", context)


def _labels_in(words: Words, post: Post) -> dict[str, Any]:
    """Return the labels that words name; a page shows none, and a new tag has no page yet."""
    if post.kind == PostKind.PAGE:
        return {}
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=words["tags"])}
    return {
        "tags": [known.get(name, Tag(name=name)) for name in words["tags"]],
        "categories": Category.objects.filter(pk__in=words["categories"]),
    }
