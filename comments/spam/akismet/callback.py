"""Akismet calls back when it knows more of a comment than it did when it was asked.

Whatever it says here is believed in one thing only: that asking again is worth it, now and not
when its time would have come. The address is a secret, and does nothing that would not be done.
"""

import json
import re
from urllib.parse import urljoin

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comments.keeping import announced_bytes
from comments.models import UncheckedComment
from comments.spam.akismet import CHECK, SERVICE
from comments.spam.akismet.fields import home
from comments.spam.akismet.protocol import is_on

SALT = "comments.spam.akismet.callback"
MOST_BYTES = 65_536
MOST_COMMENTS = 100
MOST_CALLS, WITHIN_SECONDS = 120, 60
CALLS = "comments:akismet:calls"
# Where the call is a form, PHP's way of writing lists: comments[0][guid]
GUID_FIELD = re.compile(r"comments\[\d{1,4}\]\[guid\]")


def callback_url() -> str:
    """Return the address that Akismet may call, or nothing where it would go in the clear."""
    address = home()
    if not address.startswith("https://"):
        return ""
    return urljoin(address, reverse("comments:akismet_callback", args=[_secret()]))


def _secret() -> str:
    return salted_hmac(SALT, settings.COMMENTS_AKISMET_KEY).hexdigest()[:40]


# Called by a server, which has neither a session nor a page of ours: the secret is its authority.
@csrf_exempt
@require_POST
def akismet_callback(request: HttpRequest, secret: str) -> HttpResponse:
    """Have the comments that Akismet names checked again soon, if they wait for that anyway."""
    if not is_on() or not constant_time_compare(secret, _secret()):
        raise Http404
    if _is_too_much():
        return HttpResponse(status=429, headers={"Retry-After": str(WITHIN_SECONDS)})
    guids = _guids_in(request)
    _hasten(guids)
    # The same for all, known or not.
    return JsonResponse({"comments": {guid: {"status": "success"} for guid in guids}})


def _is_too_much() -> bool:
    if cache.add(CALLS, 1, WITHIN_SECONDS):
        return False
    try:
        return cache.incr(CALLS) > MOST_CALLS
    except ValueError:
        # It ended just now.
        return False


def _guids_in(request: HttpRequest) -> list[str]:
    """Return Akismet's names of the comments it calls about; none where it says none."""
    if announced_bytes(request) > MOST_BYTES:
        return []
    if request.content_type == "application/json":
        said = _said_in_json(request.body)
    else:
        said = [value for name, value in request.POST.items() if GUID_FIELD.fullmatch(name)]
    guids = (guid for guid in said if isinstance(guid, str) and 0 < len(guid) <= 200)
    return list(dict.fromkeys(guids))[:MOST_COMMENTS]


def _said_in_json(body: bytes) -> list[object]:
    try:
        comments = json.loads(body)["comments"]
        return [comment.get("guid") for comment in comments]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _hasten(guids: list[str]) -> None:
    """Let what waits to be asked about be asked about now. Queries: 1."""
    now = timezone.now()
    waiting = UncheckedComment.objects.filter(check_path=CHECK, due_at__gt=now)
    named = {"service": SERVICE, "answer_id__in": guids}
    mine = waiting.filter(**{f"comment__sent_fields__{name}": of for name, of in named.items()})
    mine.update(due_at=now)
