"""All that stands in a site's tables, in words that two databases can share: no row's own number.

Two imports of one file are equal when their standing() is.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.db.models import ForeignKey, Model

from comments.meta import base_address
from comments.models import Comment

PASSWORD = "enter"
APPS = ("accounts", "account", "blog", "comments")
# Drawn by lot, or when the import itself ran; and what one database numbers by its own count.
OWN = {
    "comment": {"submission_key"},
    "importmap": {"object_id"},
    "importrun": {"started_at", "finished_at", "report", "alive_at"},
    "oldaddress": {"created_at"},
    "picture": {"created_at", "file"},
    "user": {"password", "date_joined", "joined_at", "last_login"},
    "post": {"password", "trashed_at"},
    "publishinglogentry": {"created_at"},
    "thread": {"created_at"},
}
NAME_OF: dict[str, Callable[[Any], Any]] = {
    "attachment": lambda row: row.source_url,
    "category": lambda row: row.slug,
    "comment": lambda row: [row.thread.url, row.number],
    "group": lambda row: row.name,
    "importrun": lambda row: row.source,
    "moderationlogentry": lambda row: [NAME_OF["comment"](row.comment), str(row.created_at)],
    "permission": lambda row: row.codename,
    "picture": lambda row: row.alt,
    "post": lambda row: row.slug,
    "series": lambda row: row.slug,
    "tag": lambda row: row.slug,
    "thread": lambda row: row.url,
    "user": lambda row: row.email,
}


def standing() -> dict[str, list[Any]]:
    """Return every table's rows by their model's name; log entries in the order they were made."""
    tables = {
        model._meta.model_name: _rows(model)
        for app in APPS
        for model in apps.get_app_config(app).get_models()
    }
    return {str(name): rows for name, rows in tables.items() if rows}


def counts() -> dict[str, int]:
    """Return how many rows each table of every app holds, those with none left out."""
    found = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    return {label: number for label, number in found.items() if number}


def exact() -> dict[str, list[Any]]:
    """Return every table's rows as they are, numbers and all: to see that nothing was touched."""
    return {
        model._meta.label: sorted(map(str, model._default_manager.order_by("pk").values_list()))
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if model._meta.model_name != "importrun"
    }


def _rows(model: type[Model]) -> list[Any]:
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    own = OWN.get(str(model._meta.model_name), set())
    rows = [
        _row(each, own) for each in model._default_manager.select_related(*names).order_by("pk")
    ]
    if model._meta.model_name == "moderationlogentry":
        by_comment = defaultdict(list)
        for row in rows:
            by_comment[str(row["comment"])].append(row)
        return sorted(by_comment.items())
    return sorted(rows, key=str)


def _row(row: Model, own: set[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name in own:
            continue
        value = getattr(row, field.name)
        told[field.name] = _name(value) if isinstance(value, Model) else str(value)
    if hasattr(row, "password"):
        # Salted by lot: what it opens to is compared.
        told["password"] = bool(row.password) and check_password(PASSWORD, row.password)
    if isinstance(row, Comment):
        # Its thread's own number stands in the addresses of the line above it.
        address = base_address(row.thread_id)
        told["meta_html"] = row.meta_html.replace(address, "/comments/…/")
    for many in row._meta.many_to_many:
        told[many.name] = sorted(str(_name(each)) for each in getattr(row, many.name).all())
    return told


def _name(row: Model) -> Any:
    return NAME_OF[str(row._meta.model_name)](row)
