"""Words that could not be taken where they were sent, given back to be copied or sent again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

MOST = 20_000


def words_back(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    """Answer with all that was typed of a note or a decision, and why it was not taken."""
    typed = [request.POST.get(name, "")[:MOST] for name in ("body", "reason")]
    context = {"reason": reason, "texts": [text for text in typed if text.strip()]}
    response = render(request, "blog/room/words_back.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response
