"""Where a sign-in ends that was asked for while somebody was writing: the page tells theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def signed_in(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/room/signed_in.html")
