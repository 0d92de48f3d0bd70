"""Which checks there are: what the dotted paths of COMMENTS_CHECKS lead to, local or remote."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from comments.spam.findings import Check
from comments.spam.remote import Remote, remote_of

# What Parley brings along is trusted to end, and runs in the caller's thread.
OUR_OWN = "comments.spam."


class Loaded(NamedTuple):
    """A check. Shape: `name` is the last part of its path, `remote` None for a local one."""

    path: str
    name: str
    check: Check
    remote: Remote | None
    is_inline: bool


@lru_cache(maxsize=8)
def load_checks(paths: tuple[str, ...]) -> tuple[Loaded, ...]:
    """Return the check that each dotted path leads to.

    Raises: ImportError for a path that leads nowhere (a system check reports it at start).
    """
    return tuple(_load(path) for path in paths)


def _load(path: str) -> Loaded:
    check = import_string(path)
    says = remote_of(check)
    # Wherever it was written: its health and its debts go by the path in the setting.
    known = replace(says, path=path) if says else None
    is_inline = path.startswith(OUR_OWN) and known is None
    return Loaded(path, path.rpartition(".")[2], check, known, is_inline)


def checks_in_force(paths: Iterable[str] | None = None) -> tuple[Loaded, ...]:
    """Return the checks of the setting, or of these paths, but for remote ones that are off."""
    chosen = load_checks(tuple(settings.COMMENTS_CHECKS if paths is None else paths))
    if all(each.is_inline for each in chosen):
        return chosen
    return tuple(each for each in chosen if each.remote is None or each.remote.is_in_force)


def remote_checks_in_force() -> list[Remote]:
    """Return what every remote check that is on says of itself, in order."""
    return [each.remote for each in checks_in_force() if each.remote]


def local_paths() -> list[str]:
    """Return the checks of the setting that send nothing anywhere: those that a rehearsal runs."""
    return [each.path for each in checks_in_force() if each.remote is None]
