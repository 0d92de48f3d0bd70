"""Every comment with its earlier texts and its log, in reading order, 500 at a time.

Reads rows and makes plain lines of them; knows threads by the keys that it is given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, F

from blog.transfer.site.json_lines import as_json
from blog.transfer.site.origins import origins
from comments.models import (
    Comment,
    CommentMove,
    CommentRevision,
    HelpfulMark,
    ModerationLogEntry,
    Report,
)

BATCH = 500
Row = dict[str, Any]

# Columns that a line has under their own names.
COLUMNS = (
    "number", "kind", "status", "revision", "author_name", "author_email", "author_website",
    "author_mark", "markup", "body", "ip_address", "user_agent", "referrer", "seconds_taken",
    "honeypot", "submission_key", "created_at", "edited_at", "approved_revision",
    "email_proved_at", "markers_before", "is_edited_by_editor",
)  # fmt: skip
REVISION_COLUMNS = ("revision", "body", "markup", "replaced_at", "was_public")
LOG_COLUMNS = (
    "actor_name", "action", "old_status", "new_status", "revision", "public_before", "reason",
    "note", "message", "findings", "batch", "created_at",
)  # fmt: skip
REPORT_COLUMNS = ("reason", "note", "created_at")
# What undoing an editor's change of words needs. Where a comment was moved from, the log says by
# ids of this database: that is no use anywhere else.
PORTABLE = ("edited_at", "is_edited_by_editor")


def comment_lines(keys: dict[int, str]) -> Iterator[Row]:
    """Yield a line for each comment of these threads, `keys` by their ids, in that order.

    Queries: 8 for each 500 comments.
    """
    for rows in comment_batches(list(keys)):
        ids = [row["pk"] for row in rows]
        earlier, log, marks = _earlier(ids), _log(ids), _marks(ids)
        reports, moves = _reports(ids), _moves(ids)
        known = origins("comment", {row["pk"]: row["revision"] for row in rows})
        people = _slugs(rows, log, marks, reports)
        for row in rows:
            yield {
                "thread": keys[row["thread_id"]],
                "parent": row["parent_number"],
                "author": people.get(row["author_id"]),
                **{name: row[name] for name in COLUMNS},
                "earlier": earlier[row["pk"]],
                "log": _acts(log[row["pk"]], people),
                "helpful": _marks_by_name(marks[row["pk"]], people),
                "reports": _told(reports[row["pk"]], log[row["pk"]], people),
                "moved_from": _places(moves[row["pk"]], keys),
                "origin": known[row["pk"]],
            }


def comment_batches(thread_ids: list[int], *columns: str) -> Iterator[list[Row]]:
    """Yield the comments of these threads in their order, each thread's in reading order.

    Queries: 1 for each 500 comments, and one to count them.
    """
    counts = dict(Comment.objects.order_by().values_list("thread_id").annotate(Count("pk")))
    columns = ("pk", "thread_id", "path", "author_id", *COLUMNS, *columns)
    comments = Comment.objects.annotate(parent_number=F("parent__number"))
    rows = comments.values(*columns, "parent_number")
    for group in _groups(thread_ids, counts):
        if len(group) > 1:
            place = {thread_id: at for at, thread_id in enumerate(group)}
            found = rows.filter(thread_id__in=group)
            yield sorted(found, key=lambda row: (place[row["thread_id"]], row["path"]))
        else:
            yield from _of_one(rows.filter(thread_id=group[0]))


def _groups(thread_ids: list[int], counts: dict[int, int]) -> Iterator[list[int]]:
    """Yield threads that make a batch together; a longer one stands alone."""
    group: list[int] = []
    held = 0
    for thread_id in thread_ids:
        count = counts.get(thread_id, 0)
        if group and held + count > BATCH:
            yield group
            group, held = [], 0
        if count:
            group.append(thread_id)
            held += count
    if group:
        yield group


def _of_one(rows: Any) -> Iterator[list[Row]]:
    batch = list(rows.order_by("path")[:BATCH])
    while batch:
        yield batch
        is_last = len(batch) < BATCH
        after = rows.filter(path__gt=batch[-1]["path"]).order_by("path")
        batch = [] if is_last else list(after[:BATCH])


def _earlier(ids: list[int]) -> defaultdict[int, list[Row]]:
    found = CommentRevision.objects.filter(comment_id__in=ids).order_by("revision")
    return _by_comment(found.values("comment_id", *REVISION_COLUMNS))


def _log(ids: list[int]) -> defaultdict[int, list[Row]]:
    found = ModerationLogEntry.objects.filter(comment_id__in=ids).order_by("pk")
    return _by_comment(
        found.values("pk", "comment_id", "actor_id", "undoes_id", "detail", *LOG_COLUMNS)
    )


def _marks(ids: list[int]) -> defaultdict[int, list[Row]]:
    found = HelpfulMark.objects.filter(comment_id__in=ids)
    return _by_comment(found.values("comment_id", "user_id", "created_at"))


def _reports(ids: list[int]) -> defaultdict[int, list[Row]]:
    found = Report.objects.filter(comment_id__in=ids)
    columns = ("comment_id", "reporter_id", "reporter_key", "settled_by_id", *REPORT_COLUMNS)
    return _by_comment(found.values(*columns))


def _moves(ids: list[int]) -> defaultdict[int, list[Row]]:
    found = CommentMove.objects.filter(comment_id__in=ids)
    return _by_comment(found.values("comment_id", "thread_id", "number"))


def _by_comment(rows: Iterable[Any]) -> defaultdict[int, list[Row]]:
    by_comment: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_comment[row.pop("comment_id")].append(row)
    return by_comment


def _acts(entries: list[Row], people: dict[int, str]) -> list[Row]:
    place = {entry["pk"]: at for at, entry in enumerate(entries)}
    return [
        {
            "actor": people.get(entry["actor_id"]),
            "undoes": place.get(entry["undoes_id"]),
            **{name: entry[name] for name in LOG_COLUMNS},
            "detail": _portable(entry["detail"]),
        }
        for entry in entries
    ]


def _portable(detail: Row | None) -> Row | None:
    if detail is None or not all(name in detail for name in PORTABLE):
        return None
    return {name: detail[name] for name in PORTABLE}


def _marks_by_name(marks: list[Row], people: dict[int, str]) -> list[Row]:
    named = ({"user": people[each["user_id"]], "created_at": each["created_at"]} for each in marks)
    return sorted(named, key=lambda each: each["user"])


def _told(reports: list[Row], entries: list[Row], people: dict[int, str]) -> list[Row]:
    """Name who reported, and the row of the comment's log that settled it by its place there.

    The key of somebody with an account is made of its id: it is another at another place.
    """
    place = {entry["pk"]: at for at, entry in enumerate(entries)}
    told = [
        {
            "reporter": people.get(report["reporter_id"]),
            "reporter_key": "" if report["reporter_id"] in people else report["reporter_key"],
            "settled": place.get(report["settled_by_id"]),
            **{name: report[name] for name in REPORT_COLUMNS},
        }
        for report in reports
    ]
    return sorted(told, key=as_json)


def _places(moves: list[Row], keys: dict[int, str]) -> list[Row]:
    named = ({"thread": keys[move["thread_id"]], "number": move["number"]} for move in moves)
    return sorted(named, key=lambda each: (each["thread"], each["number"]))


def _slugs(
    rows: list[Row],
    log: dict[int, list[Row]],
    marks: dict[int, list[Row]],
    reports: dict[int, list[Row]],
) -> dict[int, str]:
    ids = {row["author_id"] for row in rows}
    ids |= {entry["actor_id"] for entries in log.values() for entry in entries}
    ids |= {each["user_id"] for of_one in marks.values() for each in of_one}
    ids |= {each["reporter_id"] for of_one in reports.values() for each in of_one}
    return slugs_of(ids - {None})


def slugs_of(ids: Iterable[int]) -> dict[int, str]:
    """Return the short names of these people. Queries: 1 for each 500."""
    wanted = sorted(ids)
    slugs: dict[int, str] = {}
    for start, end in pairwise([*range(0, len(wanted), BATCH), len(wanted)]):
        users = get_user_model().objects.filter(pk__in=wanted[start:end])
        slugs |= dict(users.values_list("pk", "slug"))
    return slugs
