"""The writing room: an author's own posts, the form, its preview, publishing and taking back.

One form, four buttons, no script needed. Whatever goes wrong, the words come back in their boxes;
what they become is publishing.py's. Whoever may not write in a post learns nothing of it.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import media, policy, publishing
from blog.forms import PictureForm, PostForm, creation_key
from blog.markup_pictures import picture_html, picture_markdown
from blog.models import Picture, Post, Tag
from blog.publishing import StalePost
from blog.room.answers import (
    REFUSED,
    as_typed,
    form_page,
    gone_page,
    signed_out,
    stale_page,
    what_happened,
)
from blog.room.guards import for_authors, keep_words, made_by, post_to_write
from blog.views import labels_of
from comments.models import Markup
from comments.origin import same_origin_post

PICTURE_WORDS = ("alt", "is_decorative", "caption", "credit")


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show the form, or do what the pressed button says; keep the words of the signed-out too."""
    if request.method == "POST" and not request.user.is_authenticated:
        return signed_out(request)
    return writing_room(request, pk)


@for_authors
def writing_room(request: HttpRequest, pk: int | None) -> HttpResponse:
    try:
        post = (made_by(request) if pk is None else None) or post_to_write(request.user, pk)
    except Http404:
        if request.method != "POST":
            raise
        return gone_page(request)
    if request.method != "POST":
        return form_page(request, post, PostForm(instance=post))
    if request.csrf_failed:  # type: ignore[attr-defined]
        trouble = _("Your sign-in changed since this page was opened. Please send again.")
        return form_page(request, post, as_typed(request, post), trouble=trouble, status=403)
    do = BUTTONS.get(request.POST.get("action", "save"))
    if do is None:
        trouble = _("This form has no such button. Your words are still here.")
        return form_page(request, post, as_typed(request, post), trouble=trouble, status=REFUSED)
    return do(request, post)


# --- the four buttons -------------------------------------------------------------------------


def save(request: HttpRequest, post: Post) -> HttpResponse:
    return store_form(request, post, publish=False)


def save_and_publish(request: HttpRequest, post: Post) -> HttpResponse:
    if not policy.may_publish_at_all(request.user):
        trouble = _("Publishing is not open to your account. Your words are still here.")
        return form_page(request, post, as_typed(request, post), trouble=trouble, status=403)
    return store_form(request, post, publish=True)


def store_form(request: HttpRequest, post: Post, *, publish: bool) -> HttpResponse:
    form = filled(request, post)
    try:
        if form.is_valid():
            return stored_page(request, stored(form, post, request.user, publish=publish))
    except StalePost as stale:
        return stale_page(request, stale.post)
    except Post.DoesNotExist:
        return gone_page(request)
    except ValidationError as error:
        form.add_error(None, error)
    if form.instance.pk is None and (twin := made_by(request)):
        # The other of two clicks in one moment was faster.
        return store_form(request, twin, publish=publish)
    return form_page(request, post, form, status=REFUSED)


def stored_page(request: HttpRequest, saved: Post) -> HttpResponse:
    messages.success(request, what_happened(saved))
    return redirect("blog:edit", saved.pk)


def preview_form(request: HttpRequest, post: Post) -> HttpResponse:
    """Show what was typed as readers would see it, above the form; nothing is stored."""
    form = filled(request, post)
    if not form.is_valid():
        return form_page(request, post, form, status=REFUSED)
    try:
        publishing.typeset(form.instance)
    except ValidationError as error:
        form.add_error(None, error)
        return form_page(request, post, form, status=REFUSED)
    labels: dict[str, Any] = {
        "tags": [Tag(name=name) for name in form.cleaned_data["tags"]],
        "categories": labels_of(post)["categories"] if post.pk else [],
    }
    return form_page(request, post, form, previewed=form.instance, **labels)


def add_picture(request: HttpRequest, post: Post) -> HttpResponse:
    """Store a picture and put it at the end of the text; the rest of the form stays as typed."""
    if not request.user.has_perm("blog.add_picture"):
        raise PermissionDenied
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        kept = as_typed(request, post, errors=form.errors)
        return form_page(request, post, kept, status=REFUSED)
    try:
        picture = picture_of(form, request.user)
    except ValidationError as error:
        form.add_error("picture", error)
        kept = as_typed(request, post, errors=form.errors)
        return form_page(request, post, kept, status=REFUSED)
    body = with_picture(request.POST.get("body", ""), picture, post.markup)
    empty = dict.fromkeys((f"picture_{name}" for name in PICTURE_WORDS), "")
    kept = as_typed(request, post, body=body, **empty)
    notice = _("The picture stands at the end of the text. Move its line to where it belongs.")
    return form_page(request, post, kept, notice=notice)


BUTTONS: dict[str, Callable[[HttpRequest, Post], HttpResponse]] = {
    "save": save,
    "publish": save_and_publish,
    "preview": preview_form,
    "add_picture": add_picture,
}


# --- from form to post --------------------------------------------------------------------------


def filled(request: HttpRequest, post: Post) -> PostForm:
    """Return the form as sent, over a copy: what it is refused for must not show as the post."""
    return PostForm(request.POST, request.FILES, instance=copy(post))


def stored(form: PostForm, post: Post, actor: Any, *, publish: bool) -> Post:
    """Make a valid form's words and pictures a post; those that it was made of are it already.

    Raises: StalePost, ValidationError.
    """
    with transaction.atomic():
        key = creation_key(form.cleaned_data["token"], actor)
        if key and post.creation_key == key and form.says(post):
            return publishing.publish(post, actor=actor) if publish else post
        fields = form.written() | cover_of(form, actor)
        if form.cleaned_data["picture"]:
            picture = picture_of(form, actor)
            fields["body"] = with_picture(fields["body"], picture, post.markup)
        if form.instance.pk is None:
            post = publishing.create_draft(post.author, creation_key=key, **fields)
        else:
            seen = form.cleaned_data["version"] or 0
            post = publishing.save(form.instance, fields, actor=actor, seen_version=seen)
        return publishing.publish(post, actor=actor) if publish else post


def cover_of(form: PostForm, actor: Any) -> dict[str, Picture | None]:
    """Return the new cover as a field to write, or nothing when it stays what it is."""
    data, cover = form.cleaned_data, form.instance.cover
    words = {name: data[f"cover_{name}"] for name in PICTURE_WORDS}
    if data["cover_file"]:
        return {"cover": media.keep(data["cover_file"], uploader=actor, **words)}
    if data.get("remove_cover"):
        return {"cover": None}
    if cover is not None:
        media.describe(cover, **words)
    return {}


def picture_of(form: PictureForm | PostForm, uploader: Any) -> Picture:
    data = form.cleaned_data
    words = {name: data[f"picture_{name}"] for name in PICTURE_WORDS}
    return media.keep(data["picture"], uploader=uploader, **words)


def with_picture(body: str, picture: Picture, markup: str) -> str:
    line = picture_html(picture) if markup == Markup.HTML else picture_markdown(picture)
    return f"{body.rstrip()}\n\n{line}\n".lstrip()
