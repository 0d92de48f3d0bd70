"""The floor of writing: Django with no middleware and one view, which inserts one row.

The settings are the site's, its database among them; the row is a form's name and body.
"""

import os
from typing import ClassVar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

# Other apps look for theirs when they are set up.
django.setup(set_prefix=False)
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = WSGIHandler()


class Remark(models.Model):
    thread = models.IntegerField()
    name = models.CharField(max_length=80)
    body = models.TextField()
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Remark"]]

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.name


def store(request: HttpRequest, thread: int) -> HttpResponse:
    Remark.objects.create(
        thread=thread,
        name=request.POST["name"],
        body=request.POST["body"],
        created_at=timezone.now(),
    )
    return HttpResponse(status=303, headers={"Location": "/", "Content-Length": "0"})


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Content-Length": "0"})


urlpatterns = [path("", nothing), path("comments/<int:thread>/", store)]


def _make_table() -> None:
    """Once, by the process that is forked into the workers."""
    if Remark._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Remark)
    connection.close()


_make_table()
