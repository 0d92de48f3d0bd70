"""The admin site: open to whoever may moderate, signed in through the site's own door."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from comments.desk.urls import desk_urls

MAY_ENTER = "comments.moderate_comment"


class ParleyAdminSite(AdminSite):
    site_title = settings.SITE_NAME
    site_header = settings.SITE_NAME
    index_title = _("Moderation and administration")

    # A role is a set of permissions; `is_staff` stays what Django means by it.
    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and (user.is_staff or user.has_perm(MAY_ENTER))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The desk's addresses come first: Django's last one takes whatever is left."""
        return [*desk_urls(self.admin_view), *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Answer 400 to a question in the address that no database can be asked: the year 0."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return guarded(request, *args, **kwargs)
            except (OverflowError, ValueError, DataError) as error:
                if request.method != "GET" or not request.GET:
                    raise
                raise BadRequest(str(error)) from error

        return answering

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send strangers to the site's own sign-in: one door, and it has the rate limits."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        if request.user.is_authenticated:
            return redirect(self._next_url(request))
        return redirect_to_login(self._next_url(request))

    def _next_url(self, request: HttpRequest) -> str:
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
            return wanted
        return reverse("admin:index", current_app=self.name)
