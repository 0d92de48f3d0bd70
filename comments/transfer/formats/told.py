"""What a file of comments tells of one, the same for every format; and why one is not readable.

A format is a class with `check()`, which reads the file to its end and returns the name of where
its ids belong, and `comments()`, which yields a Told for each comment.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils import timezone

from comments.models import Markup
from comments.status import Status

# Of bytes read, for a progress bar.
Advance = Callable[[int], None]

# Nobody commented on a page before there were any; what says so counts from another zero.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(days=1)
NO_DATE = "a comment without a date that can be"


class NotReadable(Exception):
    """The file is not what it should be. Says where, and what to do about it."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: {reason}. Nothing was imported.")


@dataclass(slots=True, kw_only=True)
class Told:
    """Shape: `addresses` of its page, the best first; `skip` says why it cannot come, if so."""

    external_id: str
    parent_id: str = ""
    addresses: tuple[str, ...] = ()
    text: str = ""
    markup: Markup = Markup.MARKDOWN
    status: Status = Status.APPROVED
    created_at: datetime | None = None
    edited_at: datetime | None = None
    name: str = ""
    email: str = ""
    website: str = ""
    ip_address: str = ""
    line: int | None = None
    skip: str = ""


def instant(value: Any) -> datetime | None:
    """Return an instant told as ISO 8601 or in seconds since 1970; one without a zone is UTC.

    What is no date, or one that cannot be, is None.
    """
    found = _from_seconds(value) or _from_text(value)
    if found is None or not EARLIEST <= found <= timezone.now() + CLOCKS_DIFFER:
        return None
    return found


def _from_seconds(value: Any) -> datetime | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if isinstance(value, bool) or not math.isfinite(seconds):
        return None
    try:
        # Some count in thousandths; in seconds that would be the year 5138 and later.
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_text(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value).strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def text_of(value: Any) -> str:
    """Return a value as text; nothing is no text, and what is made of parts is none either."""
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return str(value)


def made_up_id(*facts: Any) -> str:
    """Return an id for a comment that has none: the same facts have the same one."""
    return f"without-id:{sha256(repr(facts).encode('utf-8', 'replace')).hexdigest()[:40]}"
