"""Pictures sent and described by the page's own scripts: every answer is JSON, whatever happens."""

import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, ValidationError
from django.db import DatabaseError, InterfaceError, transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import media, policy
from blog.markup_pictures import picture_html, picture_markdown
from blog.models import Picture
from blog.picture_forms import DescribeForm, UploadForm
from blog.publishing import show_again
from blog.room.answers import REFUSED
from blog.storing import unkept_on_failure

logger = logging.getLogger("parley.media")

View = Callable[..., HttpResponse]


def for_scripts(view: View) -> View:
    """Let in whoever may upload, and tell everybody else what is missing, as data."""

    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _guarded(view, request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


def _guarded(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if not request.user.is_authenticated:
        return _refused(_("You are signed out. Sign in again, then send it once more."), 401)
    if not policy.may_upload(request.user):
        return _refused(
            _("Your account may not upload pictures; an editor can do it for you."), 403
        )
    try:
        with unkept_on_failure(media.kept):
            return view(request, *args, **kwargs)
    except Picture.DoesNotExist:
        return _refused(_("There is no such picture, or it is not yours."), 404)
    except (RequestDataTooBig, TooManyFieldsSent):
        return _refused(_("That is more than this site takes at once."), 413)
    except (DatabaseError, InterfaceError):
        logger.exception("The database did not answer; nothing of an upload was stored.")
        return _refused(_("It could not be stored just now. Please send it again."), 503)


@for_scripts
def upload_picture(request: HttpRequest) -> HttpResponse:
    """Store a picture: 201 with what puts it into a text, 422 with what is amiss by field."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _errors(form)
    try:
        picture = media.keep(form.cleaned_data["picture"], uploader=request.user, **form.words())
    except ValidationError as error:
        return _refused(" ".join(error.messages), 503)
    return JsonResponse(as_data(picture), status=201)


@for_scripts
def describe_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something else about a picture, or for the first time; what is not sent stays."""
    picture = policy.pictures_of(request.user).get(pk=pk)
    try:
        sent = _sent(request)
    except (ValueError, RecursionError):
        return _refused(_("This could not be read: send a form, or a JSON object."), REFUSED)
    said = model_to_dict(picture, DescribeForm.Meta.fields)
    form = DescribeForm(said | sent, instance=picture)
    if not form.is_valid():
        return _errors(form)
    with transaction.atomic():
        form.save()
        show_again(picture)
    return JsonResponse(as_data(picture))


def _sent(request: HttpRequest) -> dict[str, Any]:
    """Return the fields that were sent. Raises: ValueError when that is no object."""
    if request.content_type != "application/json":
        sent: dict[str, Any] = request.POST.dict()
        # A tick that is not there was taken off, when its neighbour was sent.
        return {"is_decorative": False} | sent if "alt" in sent else sent
    data = json.loads(request.body)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def as_data(picture: Picture) -> dict[str, Any]:
    """Return what a script needs to put a picture into a text, and to ask for what is missing."""
    return {
        "id": picture.pk,
        "markdown": picture_markdown(picture),
        "html": picture_html(picture),
        "url": picture.file.url,
        "alt": picture.alt,
        "is_decorative": picture.is_decorative,
        "caption": picture.caption,
        "credit": picture.credit,
        "width": picture.width,
        "height": picture.height,
    }


def _errors(form: UploadForm | DescribeForm) -> HttpResponse:
    errors = {name: [str(each) for each in several] for name, several in form.errors.items()}
    return JsonResponse({"errors": errors}, status=REFUSED)


def _refused(trouble: str, status: int) -> HttpResponse:
    return JsonResponse({"errors": {"__all__": [trouble]}}, status=status)
