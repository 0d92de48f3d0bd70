"""A comment's line -> the facts that the door for comments from elsewhere takes. Pure."""

from typing import Any

from django.contrib.auth import get_user_model

from comments.models import Thread
from comments.transfer.arrivals import Act, Arrival, Earlier, Mark

Row = dict[str, Any]
Ids = dict[str, dict[str, int]]

KEPT = (
    "status", "body", "markup", "created_at", "author_name", "author_email", "author_website",
    "author_mark", "ip_address", "user_agent", "referrer", "seconds_taken", "honeypot",
    "submission_key", "kind", "number", "revision", "edited_at", "approved_revision",
    "email_proved_at", "markers_before", "line",
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
        "findings", "batch", "undoes", "public_before",
    )  # fmt: skip
    return Act(
        at=row["created_at"],
        actor_id=people[row["actor"]] if row["actor"] else None,
        **{name: row[name] for name in kept},
    )
