"""A person's short name stands in an address that others may know: the settings say who minds."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string


def check_slug(user: Any, slug: str) -> None:
    """Ask whether a person may have this short name. Raises: ValidationError on `slug`."""
    for path in settings.ACCOUNTS_SLUG_CHECKS:
        import_string(path)(user, slug)


def is_free(user: Any, slug: str) -> bool:
    try:
        check_slug(user, slug)
    except ValidationError:
        return False
    return True


def renamed(user: Any, old_slug: str) -> None:
    """Tell of a short name that has just been changed, in the transaction of the change."""
    for path in settings.ACCOUNTS_RENAMED:
        import_string(path)(user, old_slug)
