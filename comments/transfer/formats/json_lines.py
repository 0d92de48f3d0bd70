"""Our own simple format: a comment a line, in JSON. docs/moving.md says what a line may hold.

Whoever writes a converter is told of every slip with its line: a wrong word in a column that is
ours is refused, where other systems' oddities are mended. Ids are a page's own, as in one file a
post with comments from 1.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comments.models import Markup
from comments.status import Status
from comments.transfer.addresses import page_of
from comments.transfer.formats.streams import json_of, lines, nothing
from comments.transfer.formats.told import (
    NO_DATE,
    Advance,
    Checked,
    NotReadable,
    Told,
    instant,
    text_of,
)

REQUIRED = ("thread", "id", "created")
# The last is what a table has in its gaps.
NO_PARENT = {"", "0", "nan"}


class JsonLines:
    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> Checked:
        """Read the file to its end. Raises: NotReadable, OSError."""
        if not sum(1 for _told in self.comments()):
            raise NotReadable(self.path, "there is no comment in this file")
        return Checked("json")

    def comments(self, advance: Advance = nothing) -> Iterator[Told]:
        for number, line in lines(self.path, advance):
            yield self._told(number, json_of(self.path, number, line))

    def _told(self, line: int, facts: Any) -> Told:
        if not isinstance(facts, dict):
            raise NotReadable(self.path, "a line is one comment, as {…} in JSON", line)
        for name in REQUIRED:
            if not text_of(facts.get(name)):
                raise NotReadable(self.path, f"the comment has no {name!r}", line)
        thread, parent = text_of(facts["thread"]), _id(facts.get("parent"))
        page, created_at = page_of(thread), instant(facts["created"])
        return Told(
            external_id=f"{page}#{_id(facts['id'])}",
            parent_id="" if parent in NO_PARENT else f"{page}#{parent}",
            addresses=(thread,),
            text=text_of(facts.get("text")),
            markup=self._one_of(Markup, facts, "markup", Markup.MARKDOWN, line),
            status=self._one_of(Status, facts, "status", Status.APPROVED, line),
            created_at=created_at,
            name=text_of(facts.get("name")),
            email=text_of(facts.get("email")),
            website=text_of(facts.get("website")),
            ip_address=text_of(facts.get("ip")),
            line=line,
            skip="" if created_at else NO_DATE,
        )

    def _one_of(self, choices: Any, facts: dict, name: str, default: Any, line: int) -> Any:
        value = facts.get(name)
        if value is None:
            return default
        if value not in choices.values:
            known = ", ".join(choices.values)
            raise NotReadable(self.path, f"{name!r} is none of: {known}", line)
        return choices(value)


def _id(value: Any) -> str:
    """Return an id as text: a table with gaps has made 12.0 of 12."""
    return text_of(int(value) if isinstance(value, float) and value.is_integer() else value)
