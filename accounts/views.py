"""The page on which people say who they are. Signing in and out is allauth's."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm
from accounts.models import User


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show the profile or save it; who was signed out, or in anew, meanwhile keeps every word."""
    if request.method == "POST":
        refuse_other_sites(request)
        if not request.user.is_authenticated:
            return given_back(request, User(), "accounts/signed_out.html")
        if token_fails(request):
            user = User.objects.get(pk=request.user.pk)
            return given_back(request, user, "accounts/profile.html")
    return own_profile(request)


@login_required
def own_profile(request: HttpRequest) -> HttpResponse:
    # A user of its own: `request.user` is shown in the header and must keep its name on an error.
    user = User.objects.get(pk=cast(User, request.user).pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


def refuse_other_sites(request: HttpRequest) -> None:
    """Raises: PermissionDenied for a form of another site, whose words are not to be shown."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    if site != "same-origin" or (origin is not None and origin not in ours):
        raise PermissionDenied


def token_fails(request: HttpRequest) -> bool:
    """Make Django's own check, whose answer would be a page without the words."""
    check = CsrfViewMiddleware(lambda request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, own_profile, (), {}) is not None


def given_back(request: HttpRequest, user: User, template: str) -> HttpResponse:
    """Answer 403 with every word in its box, to be sent again."""
    context = {"form": ProfileForm(request.POST, instance=user), "nothing_saved": True}
    return render(request, template, context, status=403)
