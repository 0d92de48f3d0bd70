"""What a file of comments tells of one, the same for every format; and why one is not readable.

A format is a class with `check()`, which reads the file to its end and says where its ids belong
and what had to be mended, and `comments()`, which yields a Told for each comment.
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
from comments.transfer.mending import storable

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


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file turned out to be. Shape: `notes` are (line, words) of what was mended in it."""

    source: str
    notes: tuple[tuple[int | None, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Told:
    """Shape: `addresses` of its page, the best first; `skip` says why it cannot come, if so.

    `wordpress_id` is the number that the same comment has in WordPress, where both had it.
    `is_in_deleted_thread`: nobody could read it any more there, whatever its status says.
    """

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
    wordpress_id: str = ""
    is_in_deleted_thread: bool = False


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
    """Return a value as text that can be stored; nothing is no text, nor is what has parts."""
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return storable(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


def yes_or_no(value: Any) -> bool | None:
    """Return what a flag says, however it is spelled; None for what is neither."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().casefold())


def made_up_id(*facts: Any) -> str:
    """Return an id for a comment that has none: the same facts have the same one."""
    return f"without-id:{sha256(repr(facts).encode('utf-8', 'replace')).hexdigest()[:40]}"
