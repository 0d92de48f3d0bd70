"""The door for gunicorn and every other WSGI server."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from config.charset import utf8_only
from config.frames import with_room
from config.warming import warm_up

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = with_room(utf8_only(get_wsgi_application()))
# Not imported before Django is set up: it knows the models.
application = import_string("blog.kept.KeptPages")(_django)
warm_up()
