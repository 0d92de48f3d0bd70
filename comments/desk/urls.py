"""The desk's addresses, collected from the modules that answer them; config/admin.py takes them in.

A queue's name is any word, so its pattern comes last of all.
"""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from comments.desk import checks, learner, log, morning, moving, people, views

PREFIX = "desk/"
MODULES = [views, moving, log, people, morning, checks, learner]


def desk_urls(wrap: Callable[..., Any]) -> list[URLPattern]:
    """Return all addresses of the desk, each view guarded by `wrap`."""
    found = [pattern for module in MODULES for pattern in module.urlpatterns]
    found.sort(key=lambda pattern: pattern.name == "desk_queue")
    return [
        path(f"{PREFIX}{pattern.pattern._route}", wrap(pattern.callback), name=pattern.name)
        for pattern in found
    ]
