"""Where in a discussion somebody reads: the sort, and the comment from which on. Pure.

A page is named by a comment and not by a count, so no page has to know how many come before it,
and an address still leads to the same comments when the thread has grown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from comments.models import PATH_SEGMENT


class Sort(TextChoices):
    """In which order the first comments of the branches stand; replies are in talk order always."""

    OLDEST = "oldest", _("Oldest")
    NEWEST = "newest", _("Newest")
    REPLIES = "replies", _("Most replies")
    BEST = "best", _("Most helpful")


# The words of an address that say which comment a page begins with, follows, or stands before.
CURSORS = ("from", "after", "before")
# No path has room for a greater one.
MOST = 36**PATH_SEGMENT - 1
MOST_DIGITS = len(str(MOST))


@dataclass(frozen=True)
class Place:
    """Shape: `cursor` is one of CURSORS or empty, `number` the root comment it names. With `branch`
    the page is that comment's branch alone, after comment `number` where `cursor` is "after".
    """

    sort: Sort = Sort.OLDEST
    cursor: str = ""
    number: int = 0
    branch: int = 0

    @classmethod
    def asked_for(cls, query: Mapping[str, Any], remembered: str = "") -> "Place":
        """Read an address. What is no sort or no number asks for nothing.

        A remembered sort is for who asks for the discussion, not for a place in it.
        """
        branch = number_in(query.get("branch"))
        cursor = next((name for name in CURSORS if number_in(query.get(name))), "")
        if branch and cursor != "after":
            cursor = ""
        place = cls(cursor=cursor, number=number_in(query.get(cursor)), branch=branch)
        chosen = query.get("sort", "" if cursor or branch else remembered)
        return replace(place, sort=Sort(chosen)) if chosen in Sort.values else place

    @property
    def is_first(self) -> bool:
        return not self.cursor and not self.branch

    @property
    def query(self) -> str:
        """The part of the address after the path: "?sort=newest&after=12", or nothing."""
        parts: dict[str, Any] = {}
        if self.sort != Sort.OLDEST:
            parts["sort"] = self.sort.value
        if self.branch:
            parts["branch"] = self.branch
        if self.cursor:
            parts[self.cursor] = self.number
        return f"?{urlencode(parts)}" if parts else ""

    @property
    def is_canonical(self) -> bool:
        """Whether this is one of the pages that together hold each comment once."""
        return self.sort == Sort.OLDEST and (self.is_first or self.cursor == "after")

    @property
    def is_a_detour(self) -> bool:
        """Whether what stands here is found elsewhere: where a permalink or the way back leads."""
        return self.cursor in ("from", "before") or bool(self.branch and not self.cursor)

    def at(self, cursor: str, number: int) -> "Place":
        return replace(self, cursor=cursor, number=number)


FIRST = Place()


def number_in(value: Any) -> int:
    """Return the number that an address names, or 0."""
    text = str(value or "")
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return 0
    number = int(text)
    return number if number <= MOST else 0
