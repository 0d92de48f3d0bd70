"""The library of pictures: found, described, shown where they are used, removed when they are not.

Whoever may upload has one of their own; editors have all. Sending one by script is uploading.py's.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from blog import library, media, policy
from blog.markup_pictures import picture_html, picture_markdown
from blog.models import Picture
from blog.picture_forms import DescribeForm, UploadForm
from blog.publishing import show_again
from blog.room.answers import REFUSED
from blog.room.guards import View, for_authors
from comments.models import Markup

FILTERS = ("", "unused", "silent")


def for_uploaders(view: View) -> View:
    """Let in whoever may upload pictures, as for_authors() does with authors."""

    @for_authors
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_uploader(request.user)
        return view(request, *args, **kwargs)

    return guarded


def require_uploader(user: Any) -> None:
    """Raises: PermissionDenied for who has no library."""
    if not policy.may_upload(user):
        raise PermissionDenied(
            _("Pictures are open to authors; an editor can add one to your post.")
        )


@require_http_methods(["GET", "HEAD", "POST"])
@for_uploaders
def show_library(request: HttpRequest) -> HttpResponse:
    """Show the pictures that are looked for, or take another."""
    if request.method != "POST":
        return _library_page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    try:
        if form.is_valid():
            data = form.cleaned_data["picture"]
            picture = media.keep(data, uploader=request.user, **form.words())
            messages.success(request, _("The picture is here. This is what is known of it."))
            return redirect("blog:picture", picture.pk)
    except ValidationError as error:
        form.add_error("picture", error)
    return _library_page(request, form, status=REFUSED)


def _library_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    return render(
        request, "blog/room/library.html", {"form": form, **found_pictures(request)}, status=status
    )


@require_safe
@for_uploaders
def pick(request: HttpRequest) -> HttpResponse:
    """Show pictures with the line that puts each into a text; `part` asks for the list alone.

    `as` says of what kind the text is.
    """
    found = found_pictures(request)
    found["is_html"] = request.GET.get("as") == Markup.HTML
    line_of = picture_html if found["is_html"] else picture_markdown
    found["lines"] = [(each, line_of(each)) for each in found["page"].pictures]
    found["is_part"] = "part" in request.GET
    page = "blog/room/_picker.html" if found["is_part"] else "blog/room/pick.html"
    return render(request, page, found)


def found_pictures(request: HttpRequest) -> dict[str, Any]:
    """Return the page of the library that an address asks for, as its templates take it."""
    words = request.GET.get("q", "").replace("\0", "")[:200]
    only = request.GET.get("only", "")
    only = only if only in FILTERS else ""
    after = request.GET.get("after", "")
    is_key = after.isascii() and after.isdigit() and len(after) < 19
    page = library.page_of(
        request.user, words=words, only=only, after=int(after) if is_key else None
    )
    return {"page": page, "q": words, "only": only, "is_first": not is_key}


# --- one picture ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@for_uploaders
def show_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is known of a picture, and take what is said of it."""
    picture = _own(request, pk)
    if request.method != "POST":
        return _picture_page(request, picture, DescribeForm(instance=picture))
    # Of another instance: what is refused must not show as the picture's.
    form = DescribeForm(request.POST, instance=_own(request, pk))
    if not form.is_valid():
        return _picture_page(request, picture, form, status=REFUSED)
    with transaction.atomic():
        form.save()
        show_again(picture)
    messages.success(request, _("Saved. Posts that show the picture say it, too."))
    return redirect("blog:picture", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_uploaders
def remove_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a picture is to go, or let it go; one that is shown anywhere stays."""
    picture = _own(request, pk)
    if request.method != "POST":
        return render(request, "blog/room/picture_remove.html", {"picture": picture})
    try:
        library.remove_unused(picture)
    except library.InUse:
        messages.error(request, _("The picture is in use, so it stays. See below where."))
        return redirect("blog:picture", pk)
    except Picture.DoesNotExist:  # by a double click
        pass
    messages.success(request, _("The picture was removed, with its file and all copies."))
    return redirect("blog:library")


def _own(request: HttpRequest, pk: int) -> Picture:
    """Return a picture of this person. Raises: Http404 for those of others."""
    return get_object_or_404(policy.pictures_of(request.user).select_related("uploader"), pk=pk)


def _picture_page(
    request: HttpRequest, picture: Picture, form: DescribeForm, status: int = 200
) -> HttpResponse:
    uses = library.uses_of(picture, request.user)
    context = {
        "picture": picture,
        "form": form,
        "markdown": picture_markdown(picture),
        "uses": uses,
        "may_remove": not uses.is_any,
    }
    return render(request, "blog/room/picture.html", context, status=status)
