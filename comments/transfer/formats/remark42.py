"""A backup of Remark42: a line about the site, then a comment a line, in JSON.

Source: https://remark42.com/docs/backup/backup/
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from comments.models import Markup
from comments.status import Status
from comments.transfer.formats.streams import json_of, lines, nothing
from comments.transfer.formats.told import (
    NO_DATE,
    Advance,
    Checked,
    NotReadable,
    Told,
    instant,
    made_up_id,
    text_of,
    yes_or_no,
)

VERSIONS = (0, 1)
# From June 2018 to July 2022 Remark42 kept what was typed as cleaned HTML: `&gt;` for a quotation.
HTML = re.compile(r"<[a-zA-Z/]|&(?:#\d+|#x[\da-f]+|amp|lt|gt|quot|apos);", re.IGNORECASE)
MAKE_ONE = "Make one with `remark42 backup`, and give the file that it writes"


class Remark42:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.site = ""

    def check(self) -> Checked:
        """Read the file to its end. Raises: NotReadable, OSError."""
        for _told in self.comments():
            pass
        return Checked(f"remark42:{self.site}" if self.site else "remark42")

    def comments(self, advance: Advance = nothing) -> Iterator[Told]:
        has_begun = False
        for number, line in lines(self.path, advance):
            facts = json_of(self.path, number, line)
            if not isinstance(facts, dict):
                raise NotReadable(self.path, f"this is no backup of Remark42. {MAKE_ONE}", number)
            if has_begun:
                yield self._told(number, facts)
            else:
                self._require_version(number, facts)
                has_begun = True
        if not has_begun:
            raise NotReadable(self.path, f"the file is empty. {MAKE_ONE}")

    def _require_version(self, line: int, facts: dict[str, Any]) -> None:
        if "version" not in facts:
            reason = (
                f"the first line of a backup says its version, and this one does not. {MAKE_ONE}"
            )
            raise NotReadable(self.path, reason, line)
        if facts["version"] not in VERSIONS:
            reason = f"version {text_of(facts['version'])[:20]} of the backup is not known here"
            raise NotReadable(self.path, reason, line)

    def _told(self, line: int, facts: dict[str, Any]) -> Told:
        user, locator, edit = (_part(facts, name) for name in ("user", "locator", "edit"))
        self.site = self.site or text_of(locator.get("site"))
        text, markup = _words(facts)
        created_at = instant(facts.get("time"))
        return Told(
            external_id=text_of(facts.get("id")) or made_up_id(sorted(facts.items(), key=str)),
            parent_id=text_of(facts.get("pid")),
            # Cleaned as HTML, too.
            addresses=(text_of(locator.get("url")).replace("&amp;", "&"),),
            text=text,
            markup=markup,
            status=Status.DELETED if yes_or_no(facts.get("delete")) else Status.APPROVED,
            created_at=created_at,
            edited_at=instant(edit.get("time")),
            # Stored there as HTML. Of the network address there is only a digest.
            name=unescape(text_of(user.get("name"))),
            line=line,
            skip="" if created_at else NO_DATE,
        )


def _part(facts: dict[str, Any], name: str) -> dict[str, Any]:
    part = facts.get(name)
    return part if isinstance(part, dict) else {}


def _words(facts: dict[str, Any]) -> tuple[str, Markup]:
    """Return what was typed, which is Markdown; what was shown, where that has HTML in it."""
    typed = text_of(facts.get("orig"))
    if typed.strip() and not HTML.search(typed):
        return typed, Markup.MARKDOWN
    return text_of(facts.get("text")) or typed, Markup.HTML
