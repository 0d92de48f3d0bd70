"""The form in which a post is written, and what each of its buttons does. No script is needed.

Whatever goes wrong, the words come back in their boxes; what they become is publishing/'s: of a
post that is out they are the draft of its next version until somebody publishes that. Whoever may
not write in a post learns nothing of it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import letters, policy, publishing
from blog.forms import PICTURE_WORDS, PictureForm, PostForm
from blog.models import Post
from blog.publishing import StalePost
from blog.room.answers import (
    REFUSED,
    as_typed,
    form_page,
    gone_page,
    signed_in_anew,
    turned_away,
    what_happened,
)
from blog.room.conflict import stale_page
from blog.room.filling import Then, filled, labels_in, opened, picture_of, stored, with_picture
from blog.room.guards import for_authors, keep_words, made_by, post_to_write
from blog.room.typed import typed_fields, version_in
from blog.states import OUT
from comments.origin import same_origin_post

Button = Callable[[HttpRequest, Post], HttpResponse]


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Show the form, or do what the pressed button says; keep all words in any case."""
    away = turned_away(request) if request.method == "POST" else None
    return away or writing_room(request, pk)


@for_authors
def writing_room(request: HttpRequest, pk: int | None) -> HttpResponse:
    try:
        post = (made_by(request) if pk is None else None) or post_to_write(request.user, pk)
    except Http404:
        if request.method != "POST":
            raise
        return gone_page(request)
    if request.method != "POST":
        return form_page(request, post, opened(post))
    if request.csrf_failed:  # type: ignore[attr-defined]
        return signed_in_anew(request, post)
    do = BUTTONS.get(request.POST.get("action", "save"))
    if do is None:
        trouble = _("This form has no such button. Your words are still here.")
        return form_page(request, post, as_typed(request, post), trouble=trouble, status=REFUSED)
    if request.FILES and not policy.may_upload(request.user):
        return no_pictures(request, post)
    try:
        return do(request, post)
    except Post.DoesNotExist:
        return gone_page(request)


def no_pictures(request: HttpRequest, post: Post) -> HttpResponse:
    trouble = _(
        "Your account may not upload pictures; an editor can do it for you. Your words "
        "are still here."
    )
    return form_page(request, post, as_typed(request, post), trouble=trouble, status=403)


# --- the buttons ------------------------------------------------------------------------------


def save(request: HttpRequest, post: Post) -> HttpResponse:
    return store_form(request, post)


def go_to_covers(request: HttpRequest, post: Post) -> HttpResponse:
    """Store the words, and go on to where a picture of the library becomes the cover."""
    if not policy.may_upload(request.user):
        return no_pictures(request, post)
    return store_form(request, post, onward="blog:choose_cover")


def for_publishers(then: Then) -> Button:
    """Return a button that stores the words and goes on from there, for those who may publish."""

    def button(request: HttpRequest, post: Post) -> HttpResponse:
        if not policy.may_publish_at_all(request.user):
            trouble = _("Publishing is not open to your account. Your words are still here.")
            return form_page(request, post, as_typed(request, post), trouble=trouble, status=403)
        return store_form(request, post, then)

    return button


def lay_before_editors(request: HttpRequest, post: Post) -> HttpResponse:
    """Store the words and submit them, for those who may not publish or want another look."""
    if not policy.may_submit(request.user, post):
        trouble = _(
            "Writing in it is open to you, submitting it is not. Your words are still here."
        )
        return form_page(request, post, as_typed(request, post), trouble=trouble, status=403)

    def then(saved: Post, form: PostForm, actor: Any) -> Post:
        page = request.build_absolute_uri(reverse("blog:review", args=[saved.pk]))
        tell = partial(letters.tell_of_submission, actor=actor, page=page)
        reason = form.cleaned_data["reason"]
        return publishing.submit(saved, actor=actor, reason=reason, tell=tell)

    return store_form(request, post, then)


def go_public(post: Post, form: PostForm, actor: Any) -> Post:
    return publishing.publish(_with_changes(post, form, actor), actor=actor)


def go_public_later(post: Post, form: PostForm, actor: Any) -> Post:
    at = form.cleaned_data["publish_at"]
    return publishing.schedule(_with_changes(post, form, actor), actor=actor, at=at)


def _with_changes(post: Post, form: PostForm, actor: Any) -> Post:
    """Make a post that is out say what the form says; one that was taken back stays as it is."""
    if post.status not in OUT:
        return post
    reason = form.cleaned_data["reason"]
    return publishing.publish_changes(post, actor=actor, reason=reason)


def schedule_changes(post: Post, form: PostForm, actor: Any) -> Post:
    if post.status not in OUT:
        return post
    data = form.cleaned_data
    return publishing.schedule_changes(
        post, actor=actor, at=data["publish_at"], reason=data["reason"]
    )


def unschedule_changes(post: Post, form: PostForm, actor: Any) -> Post:
    return publishing.unschedule_changes(post, actor=actor)


def store_form(
    request: HttpRequest, post: Post, then: Then | None = None, *, onward: str = "blog:edit"
) -> HttpResponse:
    form = filled(request, post)
    try:
        if form.is_valid():
            return stored_page(request, stored(form, post, request.user, then), onward)
    except StalePost as stale:
        if stale.post.text_version != post.text_version:
            # Written in this moment, by the other of two clicks perhaps.
            return store_form(request, stale.post, then, onward=onward)
        return stale_page(request, stale.post)
    except ValidationError as error:
        form.tell(error)
    if form.instance.pk is None and (twin := made_by(request)):
        # The other of two clicks in one moment was faster.
        return store_form(request, twin, then, onward=onward)
    return form_page(request, post, form, status=REFUSED)


def stored_page(request: HttpRequest, saved: Post, onward: str) -> HttpResponse:
    messages.success(request, what_happened(saved))
    return redirect(onward, saved.pk)


def discard_changes(request: HttpRequest, post: Post) -> HttpResponse:
    """Go back to what readers see. What was written stays in the history, the last words too."""
    actor, seen = request.user, version_in(request)
    try:
        with transaction.atomic():
            fields = typed_fields(request, post)
            post = publishing.keep(post, fields, actor=actor, seen_version=seen)
            publishing.discard_changes(post, actor=actor, seen_version=post.text_version)
    except StalePost as stale:
        return stale_page(request, stale.post)
    except ValidationError as error:
        form = filled(request, post)
        form.tell(error)
        return form_page(request, post, form, status=REFUSED)
    messages.success(request, _("The changes were put aside; the history keeps them."))
    return redirect("blog:edit", post.pk)


def preview_form(request: HttpRequest, post: Post) -> HttpResponse:
    """Show what was typed as readers would see it, above the form; nothing is stored."""
    form = filled(request, post)
    if not form.is_valid():
        return form_page(request, post, form, status=REFUSED)
    try:
        publishing.typeset(form.instance)
    except ValidationError as error:
        form.tell(error)
        return form_page(request, post, form, status=REFUSED)
    return form_page(request, post, form, previewed=form.instance, **labels_in(form))


def add_picture(request: HttpRequest, post: Post) -> HttpResponse:
    """Store a picture and put it at the end of the text; the rest of the form stays as typed."""
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
    markup = filled(request, post).instance.markup
    body = with_picture(request.POST.get("body", ""), picture, markup)
    empty = dict.fromkeys((f"picture_{name}" for name in PICTURE_WORDS), "")
    kept = as_typed(request, post, body=body, **empty)
    notice = _("The picture stands at the end of the text. Move its line to where it belongs.")
    return form_page(request, post, kept, notice=notice)


BUTTONS: dict[str, Button] = {
    "save": save,
    "submit": lay_before_editors,
    "publish": for_publishers(go_public),
    "schedule": for_publishers(go_public_later),
    "publish_changes": for_publishers(_with_changes),
    "schedule_changes": for_publishers(schedule_changes),
    "unschedule_changes": for_publishers(unschedule_changes),
    "discard_changes": discard_changes,
    "preview": preview_form,
    "add_picture": add_picture,
    "choose_cover": go_to_covers,
}
