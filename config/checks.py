"""System checks: what would go wrong later is said at start."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

# Not imported before Django is set up: it knows the models.
AKISMET_FAULTS = "comments.spam.akismet.verifying.faults_of_settings"


@register()
def spam_checks_can_be_loaded(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Import every check named in COMMENTS_CHECKS; a typing mistake must not wait for a comment."""
    errors: list[CheckMessage] = []
    for path in settings.COMMENTS_CHECKS:
        try:
            import_string(path)
        except ImportError as error:
            errors.append(
                Error(
                    f"COMMENTS_CHECKS names {path!r}, which cannot be imported: {error}",
                    hint="Give the dotted path of a function `Submission -> Finding | None`.",
                    id="parley.E001",
                )
            )
    return errors


@register()
def spam_checks_have_names_of_their_own(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What checks find is told apart by their names: one must not answer what another owes."""
    names = Counter(path.rpartition(".")[2] for path in settings.COMMENTS_CHECKS)
    hint = "Give the function of one of them another name."
    return [
        Error(f"COMMENTS_CHECKS names more than one check {name!r}.", hint=hint, id="parley.E003")
        for name, count in names.items()
        if count > 1
    ]


@register()
def akismet_can_be_asked(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Say what is wrong with Akismet's settings; it would hold every comment."""
    faults = import_string(AKISMET_FAULTS)()
    hint = "manage.py check_akismet tells whether Akismet serves this site."
    return [Error(fault, hint=hint, id="parley.E002") for fault in faults]


@register(deploy=True)
def in_process_cache_fits_one_process(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when the site is meant for others but rate limits and pages are cached per process."""
    if settings.IS_EMBEDDED or not settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        return []
    return [
        Warning(
            "The cache is in-process, so each web server counts and caches for itself.",
            hint="Set CACHE_URL to a Redis server, e.g. redis://localhost:6379/0.",
            id="parley.W001",
        )
    ]
