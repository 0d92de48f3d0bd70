"""What makes a check a remote one: it says to whom it sends what of a comment, and why.

All that people are told of it is made from this (the page on data, the ledger in egress.py, the
page of the checks), and the hook asks it last, under its deadline, behind a circuit breaker.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise

from comments.spam.findings import Check

logger = logging.getLogger("parley.spam")

Words = str | Promise
Found = TypeVar("Found", bound=Check)


@dataclass(frozen=True)
class Remote:
    """Shape: `host` is a name, the name of a setting, or a function; `sends` says of each field
    what it is, in words; `verify` asks whether the service serves this site, and returns in words
    why not. Units: `seconds`, however given, is the deadline of one call.
    """

    path: str
    service: Words
    host: str | Callable[[], str]
    sends: Mapping[str, Words]
    why: Words
    deadline: float | str | Callable[[], float] = 3.0
    is_on: Callable[[], bool] = lambda: True
    verify: Callable[[], str] | None = None

    @property
    def hostname(self) -> str:
        """The host that is asked, as it is set now; without scheme, port and path."""
        host = str(_as_set(self.host))
        return urlsplit(host if "//" in host else f"//{host}").hostname or host

    @property
    def is_in_force(self) -> bool:
        """Whether it is on. One that cannot tell is: it will fail where that holds the comment."""
        try:
            return bool(self.is_on())
        except Exception:
            logger.exception("Whether the check %s is on cannot be told.", self.path)
            return True

    @property
    def seconds(self) -> float:
        return float(_as_set(self.deadline))


def _as_set(value: Any) -> Any:
    if callable(value):
        return value()
    return getattr(settings, value) if isinstance(value, str) and value.isupper() else value


def remote(
    *,
    service: Words,
    host: str | Callable[[], str],
    sends: Mapping[str, Words],
    why: Words,
    deadline: float | str | Callable[[], float] = 3.0,
    is_on: Callable[[], bool] = lambda: True,
    verify: Callable[[], str] | None = None,
) -> Callable[[Found], Found]:
    """Make a check known as a remote one: `@remote(service="Word police", host=..., ...)`.

    `deadline` in seconds, or the name of a setting. While `is_on()` says no, it is not asked and
    not told of. The check itself writes down what it sends: `with sending(...)` of egress.py.
    `verify()` is for the page of the checks, and sends nothing of any comment.
    """

    def mark(check: Found) -> Found:
        path = f"{check.__module__}.{check.__qualname__}"
        says = Remote(path, service, host, dict(sends), why, deadline, is_on, verify)
        check.remote = says  # type: ignore[attr-defined]
        return check

    return mark


def remote_of(check: Check) -> Remote | None:
    """Return what a check says of itself as a remote one; None for a local one."""
    return getattr(check, "remote", None)


# --- the call that is being made ----------------------------------------------------------------


@dataclass
class Call:
    """One call of a remote check. Shape: `sent` are the keys of the ledger's entries; `is_over`
    when its answer is not waited for any more.
    """

    remote: Remote
    sent: list[int] = field(default_factory=list)
    is_over: bool = False


_current: ContextVar[Call | None] = ContextVar("call of a remote check", default=None)


@contextmanager
def calling(call: Call) -> Iterator[None]:
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)


def current_call() -> Call | None:
    return _current.get()
