"""From the form of a post to the post: opened with what was written last, filled, and stored.

What becomes of it is publishing/'s; what was typed comes back by answers.py.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from blog import media, publishing
from blog.forms import PICTURE_WORDS, PictureForm, PostForm, creation_key
from blog.markup_pictures import picture_html, picture_markdown
from blog.models import Picture, Post, Tag
from blog.publishing.texts import races_told
from blog.room.cover_words import cover_of
from blog.states import OUT
from blog.words import differing, laid_over, latest_words, packed
from comments.models import Markup

# What follows, in the same transaction, once the words of a valid form are stored.
Then = Callable[[Post, PostForm, Any], Post]


def opened(post: Post) -> PostForm:
    """Return the form with what was written last, beside the post or in it."""
    words = latest_words(post) if post.pk else None
    return PostForm(instance=laid_over(post, words) if words else post, words=words)


def filled(request: HttpRequest, post: Post, *, files: Any = ...) -> PostForm:
    """Return the form as sent, over a copy: what it is refused for must not show as the post."""
    words = latest_words(post) if post.pk else None
    instance = laid_over(post, words) if words else copy(post)
    files = request.FILES if files is ... else files
    return PostForm(request.POST, files, instance=instance, words=words)


def labels_in(form: PostForm) -> dict[str, Any]:
    """Return the labels that a form names, to be shown; a new tag has no page yet."""
    data = form.cleaned_data
    return {
        "tags": [Tag(name=name) for name in data.get("tags", ())],
        "categories": data.get("categories", ()),
    }


def stored(form: PostForm, post: Post, actor: Any, then: Then | None = None) -> Post:
    """Make a valid form's words and pictures a post; those that it was made of are it already.

    Raises: StalePost, ValidationError.
    """
    # A label or a picture may go in the moment in which it is chosen: said as the whole is stored.
    with races_told(), transaction.atomic():
        key = creation_key(form.cleaned_data["token"], actor)
        if not (key and post.creation_key == key and form.says(post)):
            fields = form.written() | cover_of(form, actor)
            if form.cleaned_data["picture"]:
                picture = picture_of(form, actor)
                body = fields.get("body", form.initial["body"])
                fields["body"] = with_picture(body, picture, form.instance.markup)
            post = (
                written(form, fields, post, actor)
                if post.pk
                else publishing.create_draft(post.author, creation_key=key, **fields)
            )
        return then(post, form, actor) if then else post


def written(form: PostForm, fields: dict[str, Any], post: Post, actor: Any) -> Post:
    """Store the words where they belong: beside a post that is out, or else in it."""
    seen = post.text_version if is_there(fields, post, form) else form.seen_version()
    told = {"seen_version": seen, "reason": form.cleaned_data["reason"]}
    if post.status in OUT:
        return publishing.keep(post, fields, actor=actor, is_saved=True, **told)
    return publishing.save(post, fields, actor=actor, **told)


def is_there(fields: dict[str, Any], post: Post, form: PostForm) -> bool:
    """Tell whether a form that is behind says what stands there: it was sent twice, no more."""
    if form.seen_version() == post.text_version:
        return False
    latest, sent = latest_words(post), packed(fields)
    if not sent.get("slug"):
        sent["slug"] = latest["slug"]
    if _folded(sent.get("tags", latest["tags"])) == _folded(latest["tags"]):
        sent["tags"] = latest["tags"]
    return not differing(latest, latest | sent)


def _folded(names: Any) -> set[str]:
    return {name.casefold() for name in names}


def picture_of(form: PictureForm | PostForm, uploader: Any) -> Picture:
    data = form.cleaned_data
    words = {name: data[f"picture_{name}"] for name in PICTURE_WORDS}
    return media.keep(data["picture"], uploader=uploader, **words)


def with_picture(body: str, picture: Picture, markup: str) -> str:
    line = picture_html(picture) if markup == Markup.HTML else picture_markdown(picture)
    return f"{body.rstrip()}\n\n{line}\n".lstrip()
