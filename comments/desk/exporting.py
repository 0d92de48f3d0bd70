"""Rows of the log as a file for a spreadsheet, streamed, and with nothing in it that one would run.

A cell that begins as a formula does gets an apostrophe before it, which spreadsheets take as "this
is text". Source: OWASP, CSV Injection.
"""

import csv
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet, Subquery
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from comments.models import ModerationLogEntry
from comments.moderation import what_undid
from comments.reasons import label_of, with_labels

AT_ONCE = 500
BYTE_ORDER_MARK = "\ufeff"
# Also behind spaces and quotation marks, which some programs skip, and in full width.
FORMULA = re.compile("[\\s\"'`\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")

# The same behind what some programs take for the border of a cell.
WITHIN = re.compile("([;|]\\s*[\"']*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


class Line:
    """What the csv module writes into: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(entries: QuerySet[Any], name: str) -> StreamingHttpResponse:
    """Answer with rows of the log, newest first, read some hundred at a time."""
    response = StreamingHttpResponse(lines_of(entries), content_type="text/csv; charset=utf-8")
    disposition = content_disposition_header(True, f"{name}.csv")
    response["Content-Disposition"] = disposition or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def lines_of(entries: QuerySet[Any]) -> Iterator[str]:
    writer: Any = csv.writer(Line(), quoting=csv.QUOTE_ALL)
    yield BYTE_ORDER_MARK + writer.writerow(_heads())
    for entry in _read(entries):
        yield writer.writerow([safe(cell) for cell in _cells(entry)])


def _read(entries: QuerySet[Any]) -> Iterator[Any]:
    """Yield all rows, found by key each time: no cursor stays open while somebody downloads."""
    last: int | None = None
    while part := newest(entries, AT_ONCE, before=last):
        yield from part
        last = part[-1].pk


def newest(entries: QuerySet[Any], count: int, *, before: int | None = None) -> list[Any]:
    """Return the newest of these rows of the log, with all that a reader is told of each.

    Their keys are found first, in an index alone: a busy day's rows, read whole, would all be
    sorted for the sake of a page. Queries: 2.
    """
    if before is not None:
        entries = entries.filter(pk__lt=before)
    keys = list(entries.order_by("-pk").values_list("pk", flat=True)[:count])
    rows = with_labels(ModerationLogEntry.objects.filter(pk__in=keys)).order_by("-pk")
    rows = rows.annotate(undone_by_name=Subquery(what_undid().values("actor_name")[:1]))
    return list(rows.select_related("comment__thread").defer("findings", "detail"))


def _heads() -> list[str]:
    return [
        _("row"), _("when"), _("who"), _("account"), _("act"), _("from"), _("to"), _("comment"),
        _("written by"), _("page"), _("revision"), _("reason"), _("note"), _("text for the author"),
        _("bulk act"), _("undoes row"), _("undone by"),
    ]  # fmt: skip


def _cells(entry: Any) -> list[str]:
    return [
        str(entry.pk),
        localtime(entry.created_at).isoformat(timespec="seconds"),
        entry.actor_name or _("the site"),
        str(entry.actor_id or ""),
        entry.get_action_display(),
        entry.get_old_status_display() if entry.old_status else "",
        entry.get_new_status_display(),
        str(entry.comment_id),
        entry.comment.author_name,
        entry.comment.thread.title,
        str(entry.revision),
        label_of(entry),
        entry.note,
        entry.message,
        str(entry.batch or ""),
        str(entry.undoes_id or ""),
        _undone_by(entry),
    ]


def _undone_by(entry: Any) -> str:
    if entry.undone_by_name is None:
        return ""
    return entry.undone_by_name or _("the site")


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    plain = WITHIN.sub(r"\1'", cell.replace("\x00", ""))
    return f"'{plain}" if FORMULA.match(plain) else plain
