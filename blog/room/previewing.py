"""What a post would look like, asked for by the editor's script at each pause in typing.

The way of the public page, from the same form to the same template. Nothing is stored, and nothing
is asked that only publishing needs: what can be shown is shown.
"""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from blog import publishing
from blog.forms import PostForm
from blog.models import Post
from blog.room.answers import REFUSED
from blog.room.filling import filled, labels_in
from blog.room.guards import for_authors, post_to_write

# Fields whose words stand in an article; of all others no preview is kept back.
SHOWN = ("title", "excerpt", "body", "author_note", "source_line", "tags")


@require_POST
@for_authors
def live_preview(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Answer with the article as a fragment, or with 422 and what is wrong with its words."""
    post = post_to_write(request.user, pk)
    # A picture that is chosen and not yet stored is none that a reader could see.
    form = filled(request, post, files=None)
    shown = form.instance
    wrong = _troubles(form) or _typeset(shown)
    if wrong:
        return render(request, "blog/room/_look_refused.html", {"wrong": wrong}, status=REFUSED)
    shown.title = str(shown)
    return render(request, "blog/_article.html", {"post": shown, **labels_in(form)})


def _troubles(form: PostForm) -> list[tuple[str, str]]:
    form.is_valid()
    return [
        (str(form.fields[name].label), str(message))
        for name in SHOWN
        for message in form.errors.get(name, [])
    ]


def _typeset(post: Post) -> list[tuple[str, str]]:
    try:
        publishing.typeset(post)
    except ValidationError as error:
        return [("", message) for message in error.messages]
    return []
