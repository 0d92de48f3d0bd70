"""A post as a Markdown file: to take away, and to bring.

What is brought becomes a draft of whoever brings it, or the newest text of a post of theirs; never
anything that readers see.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from blog import publishing
from blog.comparing import label_of
from blog.forms import creation_key, make_token
from blog.models import Post, RevisionKind
from blog.post_files.front_matter import opened
from blog.post_files.opening import MAX_BYTES, text_of, too_large
from blog.post_files.taking import Taken, taken_from
from blog.post_files.writing import file_of
from blog.publishing import StalePost
from blog.publishing.addresses import was_ever_public
from blog.room.answers import REFUSED
from blog.room.guards import for_authors, made_by, post_to_write
from blog.states import OUT
from comments.forms import StrictForm

ENDINGS = (".md", ".markdown", ".mdown", ".txt")
# A form is a file and some fields of no length.
MOST_SENT = MAX_BYTES + 50_000

View = Callable[..., HttpResponse]


class FileForm(StrictForm):
    file = forms.FileField(
        label=gettext_lazy("Markdown file"),
        widget=forms.FileInput(attrs={"accept": f"{','.join(ENDINGS)},text/markdown,text/plain"}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
        help_text=gettext_lazy("Up to 2 MB, in UTF-8, with or without front matter."),
        allow_empty_file=True,
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    token = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(ENDINGS):
            names = ", ".join(ENDINGS)
            raise ValidationError(_("A Markdown file is called %(names)s.") % {"names": names})
        if file.size > MAX_BYTES:
            raise ValidationError(too_large())
        file.opened = opened(text_of(file))
        return file


@require_safe
@for_authors
def post_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with a post's latest words as a file."""
    post = post_to_write(request.user, pk)
    response = HttpResponse(file_of(post), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{post.slug}.md"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def small_only(view: View) -> View:
    """Refuse by its length what is far too large, before anything of it is read."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.method == "POST" and (not length.isdecimal() or int(length) > MOST_SENT):
            return render(request, "error.html", refusal(too_large()), status=413)
        return csrf_protect(view)(request, *args, **kwargs)

    return guarded


def refusal(reason: str) -> dict[str, str]:
    return {"status": "413", "title": _("Too large"), "advice": reason}


@small_only
@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def import_file(request: HttpRequest) -> HttpResponse:
    """Make a draft of a file."""
    if request.method == "POST" and (made := made_by(request)):
        # The other of two clicks.
        return redirect("blog:edit", made.pk)
    post = post_to_write(request.user, None)
    return _received(request, post, _start)


@small_only
@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def import_into(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a file the newest text of a post."""
    return _received(request, post_to_write(request.user, pk), _write_into)


def _received(request: HttpRequest, post: Post, store: Callable[..., Post]) -> HttpResponse:
    if request.method != "POST":
        return file_page(request, post, FileForm(initial=_initial(post)))
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return file_page(request, post, form, status=REFUSED)
    taken = taken_from(form.cleaned_data["file"].opened, request.user, post)
    try:
        saved = store(post, taken, form.cleaned_data, request.user)
    except StalePost as stale:
        trouble = _(
            "This post was changed since you opened this page, so nothing was taken from the file. "
            "Look at the text that stands now; sending the file again puts it in its place."
        )
        form = FileForm(initial=_initial(stale.post))
        return file_page(request, stale.post, form, trouble=trouble, status=409)
    except ValidationError as error:
        form.add_error(None, _told(error))
        return file_page(request, post, form, status=REFUSED)
    _say(request, saved, taken)
    return redirect("blog:edit", saved.pk)


def _told(error: ValidationError) -> list[str]:
    """Return what is wrong, with the name of what it is wrong with."""
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        f"{label_of(name).capitalize()}: {message}"
        for name, told in error.message_dict.items()
        for message in told
    ]


def _initial(post: Post) -> dict[str, Any]:
    return {"version": post.text_version} if post.pk else {"token": make_token()}


def file_page(
    request: HttpRequest, post: Post, form: FileForm, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    context = {"post": post, "form": form, "trouble": trouble, "is_out": post.status in OUT}
    return render(request, "blog/room/import_file.html", context, status=status)


def _say(request: HttpRequest, saved: Post, taken: Taken) -> None:
    if saved.status in OUT:
        said = _("The file is the next version now. Readers see it when you publish the changes.")
    else:
        said = _("The file is a draft now; nobody but you and the editors sees it.")
    messages.success(request, " ".join([said, *taken.told]))


# --- where the words go -------------------------------------------------------------------------


def _start(post: Post, taken: Taken, data: dict[str, Any], user: Any) -> Post:
    """Start a draft; where an address is not free, one is made. Raises: ValidationError."""
    key = creation_key(data["token"], user)
    try:
        return publishing.create_draft(user, creation_key=key, **taken.fields)
    except ValidationError as error:
        if "slug" not in getattr(error, "error_dict", {}) or "slug" not in taken.fields:
            raise
    taken.told.append(_("The address “%(slug)s” is not free.") % {"slug": taken.fields.pop("slug")})
    return publishing.create_draft(user, creation_key=key, **taken.fields)


def _write_into(post: Post, taken: Taken, data: dict[str, Any], user: Any) -> Post:
    """Write a file over what was written last. Raises: StalePost, ValidationError."""
    name = data["file"].name
    if was_ever_public(post) and taken.fields.get("slug", post.slug) != post.slug:
        del taken.fields["slug"]
        taken.told.append(_("The address stays: readers know the post by it."))
    return publishing.write_anew(
        post,
        taken.fields,
        actor=user,
        seen_version=data["version"] or 0,
        kind=RevisionKind.RECEIVE,
        reason=_("From the file %(name)s.") % {"name": name[:200]},
    )
