"""Isso: its own database, or the list in JSON that Isso itself can import. Both have Markdown.

Source: https://isso-comments.de/docs/reference/ (the database's columns: isso/db/comments.py).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

from comments.status import Status
from comments.transfer.formats.streams import (
    MOST_CHARACTERS,
    SQLITE,
    head_of,
    items,
    nothing,
    unpacked,
)
from comments.transfer.formats.told import (
    NO_DATE,
    Advance,
    Checked,
    NotReadable,
    Told,
    instant,
    made_up_id,
    text_of,
)

STATUSES = {"1": Status.APPROVED, "2": Status.PENDING, "4": Status.DELETED}
NEITHER = (
    "this is neither Isso's database (comments.db) nor a list of threads in JSON. Look in Isso's "
    "configuration for `dbpath`, and give that file"
)
WANTED = (
    "id", "parent", "created", "modified", "mode", "remote_addr", "text", "author", "email",
    "website",
)  # fmt: skip


class Isso:
    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> Checked:
        """Read the file to its end. Raises: NotReadable, OSError."""
        for _told in self.comments():
            pass
        return Checked("isso")

    def comments(self, advance: Advance = nothing) -> Iterator[Told]:
        head = head_of(self.path)
        if head.startswith(SQLITE):
            yield from self._from_database()
        elif head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            yield from self._from_list(advance)
        else:
            raise NotReadable(self.path, NEITHER, 1)

    # --- the database ---------------------------------------------------------------------------

    def _from_database(self) -> Iterator[Told]:
        try:
            with unpacked(self.path) as path, closing(_connected(path)) as connection:
                for row in connection.execute(self._question(connection)):
                    uri, facts = row[0], dict(zip(WANTED, row[1:], strict=True))
                    yield _told(text_of(uri), facts)
        except sqlite3.Error as error:
            reason = f"Isso's database cannot be read ({error}). Stop Isso and copy it here again"
            raise NotReadable(self.path, reason) from error

    def _question(self, connection: sqlite3.Connection) -> str:
        """Ask for the columns there are: older versions of Isso have fewer."""
        columns = {row[1] for row in connection.execute("PRAGMA table_info(comments)")}
        threads = {row[1] for row in connection.execute("PRAGMA table_info(threads)")}
        if not {"tid", "id", "created", "text", "mode"} <= columns or "uri" not in threads:
            raise NotReadable(self.path, NEITHER)
        # Names of our own list and no others, so nothing of the file gets into the question.
        wanted = ", ".join(f"c.{name}" if name in columns else "NULL" for name in WANTED)
        rows = "comments c LEFT JOIN threads t ON t.id = c.tid ORDER BY c.id"
        return f"SELECT t.uri, {wanted} FROM {rows}"  # noqa: S608

    # --- the list -------------------------------------------------------------------------------

    def _from_list(self, advance: Advance) -> Iterator[Told]:
        for line, thread in items(self.path, advance):
            comments = thread.get("comments") if isinstance(thread, dict) else None
            if not isinstance(comments, list) or not text_of(thread.get("id")):
                reason = 'each item is a thread, as {"id": …, "title": …, "comments": […]}'
                raise NotReadable(self.path, reason, line)
            for facts in comments:
                if not isinstance(facts, dict):
                    raise NotReadable(self.path, "a comment is no object, as {…} in JSON", line)
                # What Isso itself imports says nothing of a mode, and is shown.
                mode = 1 if facts.get("mode") is None else facts["mode"]
                yield _told(text_of(thread["id"]), {**facts, "mode": mode}, line)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
    connection.text_factory = lambda held: held.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CHARACTERS)
    return connection


def _told(uri: str, facts: dict[str, Any], line: int | None = None) -> Told:
    """Return one comment. Ids are a thread's own in the list, so both have the thread's with it."""
    number, parent = text_of(facts.get("id")), text_of(facts.get("parent"))
    created_at = instant(facts.get("created"))
    skip = "" if created_at else NO_DATE
    return Told(
        external_id=f"{uri}#{number or made_up_id(sorted(facts.items()))}",
        parent_id=f"{uri}#{parent}" if parent else "",
        addresses=(uri, unquote_plus(uri)),
        text=text_of(facts.get("text")),
        status=STATUSES.get(text_of(facts["mode"]), Status.PENDING),
        created_at=created_at,
        edited_at=instant(facts.get("modified")),
        name=text_of(facts.get("author")),
        email=text_of(facts.get("email")),
        website=text_of(facts.get("website")),
        ip_address=text_of(facts.get("remote_addr")),
        line=line,
        skip=skip if uri else "its thread is not in the database",
    )
