"""Which address leads where."""

from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control

from blog.sitemaps import SITEMAPS
from config import errors, media

# What is scheduled is named from its minute on, whoever asked before.
asked_each_time = cache_control(no_cache=True)

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler429 = errors.too_many_requests
handler500 = errors.server_error

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("comments/", include("comments.urls")),
    path("sitemap.xml", asked_each_time(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    re_path(rf"^{settings.MEDIA_URL.lstrip('/')}(?P<path>.+)$", media.serve_media, name="media"),
    # What none of these answers may be where a post stood before it came here: blog/redirects.py.
    path("", include("blog.urls")),
]
