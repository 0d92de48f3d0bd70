"""The writing room: an author's own posts, the form, its preview, publishing and taking back.

One form, four buttons, no script needed. Whatever goes wrong, the words come back in their boxes;
what they become is publishing.py's. Whoever may not write in a post learns nothing of it.
"""

import logging
from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, InterfaceError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog import media, publishing
from blog.forms import PictureForm, PostForm, creation_key, make_token
from blog.markup import picture_markdown
from blog.models import Picture, Post, PostStatus, Tag
from blog.publishing import StalePost
from blog.views import downloads_of, labels_of
from comments.models import Markup
from comments.origin import same_origin_post

logger = logging.getLogger("parley.publishing")

REFUSED = 422

View = Callable[..., HttpResponse]


def for_authors(view: View) -> View:
    """Let in whoever may write posts; what they are answered is nobody else's to keep."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.has_perm("blog.add_post"):
            raise PermissionDenied(_("Writing posts is open to this site's authors."))
        try:
            response = view(request, *args, **kwargs)
        except Post.DoesNotExist as gone:
            # Removed between the two looks at it: by whoever took an import back, say.
            raise Http404 from gone
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


# --- pages ----------------------------------------------------------------------------------


@require_safe
@for_authors
def my_posts(request: HttpRequest) -> HttpResponse:
    posts = Post.objects.filter(author=request.user.pk).for_listing().order_by("-updated_at", "-pk")
    rows = [(post, state_of(post)) for post in posts]
    context = {"rows": rows, "may_publish": may_publish(request)}
    return render(request, "blog/my_posts.html", context)


@require_safe
@for_authors
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a stored post as readers would see it."""
    post = post_to_write(request.user, pk)
    context = {"post": post, **labels_of(post), "downloads": downloads_of(post)}
    return render(request, "blog/preview.html", context)


def keep_words(view: View) -> View:
    """Answer 503 with the words when the database is down or locked."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DatabaseError, InterfaceError):
            if request.method != "POST":
                raise
            logger.exception("The database did not answer; the words go back to their author.")
            return unavailable(request)

    return guarded


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


def post_to_write(user: Any, pk: int | None) -> Post:
    """Return the post to write in, a new one without `pk`. Raises: Http404 for others' posts."""
    if pk is None:
        return Post(author=user)
    posts = Post.objects.editable_by(user).select_related("author", "thread", "cover")
    return get_object_or_404(posts, pk=pk)


def made_by(request: HttpRequest) -> Post | None:
    """Return the post that the form of a new one was sent for already, by a double click say."""
    key = creation_key(request.POST.get("token", ""), request.user)
    posts = Post.objects.editable_by(request.user).select_related("author", "thread", "cover")
    return posts.filter(creation_key=key).first() if key else None


def may_publish(request: HttpRequest) -> bool:
    return request.user.has_perm("blog.publish_post")


# --- the four buttons -------------------------------------------------------------------------


def save(request: HttpRequest, post: Post) -> HttpResponse:
    return store_form(request, post, publish=False)


def save_and_publish(request: HttpRequest, post: Post) -> HttpResponse:
    if not may_publish(request):
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
    body = with_picture(request.POST.get("body", ""), picture_of(form, request.user), post.markup)
    kept = as_typed(request, post, body=body, picture_alt="", picture_caption="")
    notice = _("The picture stands at the end of the text. Move its line to where it belongs.")
    return form_page(request, post, kept, notice=notice)


BUTTONS: dict[str, Callable[[HttpRequest, Post], HttpResponse]] = {
    "save": save,
    "publish": save_and_publish,
    "preview": preview_form,
    "add_picture": add_picture,
}


# --- in and out of public -----------------------------------------------------------------------


@require_POST
@for_authors
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a stored post as it is."""
    post = post_to_write(request.user, pk)
    if not may_publish(request):
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
    if not may_publish(request):
        raise PermissionDenied
    publishing.unpublish(post, actor=request.user)
    messages.success(request, _("The post is a draft again; only you and the editors see it."))
    return redirect("blog:edit", pk)


# --- from form to post --------------------------------------------------------------------------


def filled(request: HttpRequest, post: Post) -> PostForm:
    """Return the form as sent, over a copy: what it is refused for must not show as the post."""
    return PostForm(request.POST, request.FILES, instance=copy(post))


def as_typed(request: HttpRequest, post: Post, *, errors: Any = None, **changed: Any) -> PostForm:
    """Return the form with every word as sent, unjudged but for `errors`."""
    data = request.POST.copy()
    for name, value in changed.items():
        data[name] = value
    form = PostForm(data, instance=copy(post))
    form.show_unjudged(errors)
    return form


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
    words = {"alt": data["cover_alt"], "caption": data["cover_caption"]}
    if data["cover_file"]:
        return {"cover": media.keep(data["cover_file"], uploader=actor, **words)}
    if data.get("remove_cover"):
        return {"cover": None}
    if cover is not None:
        media.describe(cover, **words)
    return {}


def picture_of(form: PictureForm | PostForm, uploader: Any) -> Picture:
    data = form.cleaned_data
    alt, caption = data["picture_alt"], data["picture_caption"]
    return media.keep(data["picture"], uploader=uploader, alt=alt, caption=caption)


def with_picture(body: str, picture: Picture, markup: str) -> str:
    line = picture_html(picture) if markup == Markup.HTML else picture_markdown(picture)
    return f"{body.rstrip()}\n\n{line}\n".lstrip()


def picture_html(picture: Picture) -> str:
    caption = format_html("<figcaption>{}</figcaption>", picture.caption) if picture.caption else ""
    figure = '<figure><img src="{}" alt="{}">{}</figure>'
    return format_html(figure, picture.file.url, picture.alt, caption)


def what_happened(post: Post) -> str:
    if post.is_published():
        return _("Published. Readers see the text as it stands here.")
    if post.status == PostStatus.DRAFT:
        at = time_format(timezone.localtime(post.updated_at), "H:i")
        return _("Draft saved %(time)s.") % {"time": at}
    return _("Saved. Readers do not see it: it is %(state)s.") % {"state": state_of(post)}


def state_of(post: Post) -> str:
    """Say in words where a post stands, for a scheduled one with the moment it becomes public."""
    if not post.is_scheduled():
        return post.get_status_display()
    at = timezone.localtime(post.published_at)
    moment = {"date": date_format(at, "j F Y"), "time": time_format(at, "H:i")}
    return _("scheduled for %(date)s, %(time)s") % moment


# --- answers ------------------------------------------------------------------------------------


def form_page(
    request: HttpRequest, post: Post, form: PostForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    """Answer with the form. `said`: notice, trouble, stale, or previewed with its tags."""
    context = {
        "post": post,
        "state": state_of(post),
        "form": form,
        "may_publish": may_publish(request),
        "files_dropped": bool(request.FILES) and "notice" not in said,
        **said,
    }
    return render(request, "blog/write.html", context, status=status)


def stale_page(request: HttpRequest, current: Post) -> HttpResponse:
    """Answer 409: what stands there now, and the form bound to it, to be saved knowingly."""
    form = as_typed(request, current, version=current.version)
    trouble = _(
        "This post was changed elsewhere since you opened it, so nothing was saved. Compare the "
        "text that stands now with yours below; saving again replaces it."
    )
    return form_page(request, current, form, trouble=trouble, stale=current, status=409)


def gone_page(request: HttpRequest) -> HttpResponse:
    """Answer 404 with the words of a post that is not there, or not this author's, as a new one."""
    post = post_to_write(request.user, None)
    form = as_typed(request, post, version=0, token=make_token())
    trouble = _(
        "There is no such post any more, or it is not yours to write in, so nothing was saved. "
        "Your words are all here: saving makes them a new post."
    )
    action = reverse("blog:write")
    return form_page(request, post, form, trouble=trouble, action=action, status=404)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503 with every word in its box, on a page that needs no database and no session."""
    pressed = request.POST.get("action")
    context = {
        "form": as_typed(request, Post()),
        "path": request.path,
        "action": pressed if pressed in {"publish", "preview"} else "save",
        "csrf_token": request.POST.get("csrfmiddlewaretoken", ""),
    }
    page = render_to_string("blog/unavailable.html", context)
    response = HttpResponse(page, status=503, headers={"Retry-After": "30"})
    patch_cache_control(response, private=True, no_store=True)
    return response


def signed_out(request: HttpRequest) -> HttpResponse:
    """Answer 403 with every word in its box, to be sent again once signed in."""
    form = as_typed(request, Post())
    response = render(request, "blog/signed_out.html", {"form": form}, status=403)
    patch_cache_control(response, private=True, no_store=True)
    return response
