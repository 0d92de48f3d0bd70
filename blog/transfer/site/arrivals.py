"""A comment's line -> the facts that the door for comments from elsewhere takes. Pure."""

from typing import Any

from django.contrib.auth import get_user_model

from blog.transfer.site.json_lines import instant
from comments.models import Thread
from comments.transfer.arrivals import Act, Arrival, Earlier, Mark, Reported

Row = dict[str, Any]
Ids = dict[str, dict[str, int]]

KEPT = (
    "status", "body", "markup", "created_at", "author_name", "author_email", "author_website",
    "author_mark", "ip_address", "user_agent", "referrer", "seconds_taken", "honeypot",
    "submission_key", "kind", "number", "revision", "edited_at", "approved_revision",
    "email_proved_at", "markers_before", "is_edited_by_editor", "line",
)  # fmt: skip


def arrival(row: Row, ids: Ids) -> Arrival:
    """Return a comment as it arrives; `ids` are ours, by kind and by what the zip calls them."""
    thread, author = row["thread"], row["author"]
    return Arrival(
        external_id=external_id(thread, row["number"]),
        parent_id="" if row["parent"] is None else external_id(thread, row["parent"]),
        thread=Thread(pk=ids["thread"][thread]),
        position=row["line"],
        author=get_user_model()(pk=ids["user"][author]) if author else None,
        earlier=[_earlier(each) for each in row["earlier"]],
        history=[_act(each, ids["user"]) for each in row["log"]],
        marks=[Mark(ids["user"][each["user"]], each["created_at"]) for each in row["helpful"]],
        reports=[_reported(each, ids["user"]) for each in row["reports"]],
        places_left=[(ids["thread"][each["thread"]], each["number"]) for each in row["moved_from"]],
        **{name: row[name] for name in KEPT},
    )


def external_id(thread: str, number: int) -> str:
    return f"{thread}#{number}"


def _earlier(row: Row) -> Earlier:
    names = ("revision", "body", "markup", "replaced_at", "was_public")
    return Earlier(**{name: row[name] for name in names})


def _act(row: Row, people: dict[str, int]) -> Act:
    kept = (
        "action", "new_status", "old_status", "actor_name", "revision", "reason", "note",
        "findings", "batch", "undoes", "public_before", "message",
    )  # fmt: skip
    return Act(
        at=row["created_at"],
        actor_id=people[row["actor"]] if row["actor"] else None,
        detail=_words_before(row["detail"]) if row["detail"] else None,
        **{name: row[name] for name in kept},
    )


def _words_before(detail: Row) -> Row:
    at = detail["edited_at"]
    return {**detail, "edited_at": instant(at) if at else None}


def _reported(row: Row, people: dict[str, int]) -> Reported:
    return Reported(
        reason=row["reason"],
        at=row["created_at"],
        reporter_id=people[row["reporter"]] if row["reporter"] else None,
        key=row["reporter_key"],
        note=row["note"],
        settled_by=row["settled"],
    )
