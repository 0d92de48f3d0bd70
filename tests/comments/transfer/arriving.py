"""Comments from an elsewhere that the tests make up, and what stands here once they came."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from comments.models import Comment, ImportRun, Markup, Thread
from comments.status import Status
from comments.transfer.arrivals import Arrival
from comments.transfer.intake import Intake
from comments.transfer.report import Report

THEN = datetime(2011, 5, 1, 12, 0, tzinfo=UTC)


def make_run(source: str = "elsewhere.example") -> ImportRun:
    return ImportRun.objects.create(
        format="json", source=source, file_name="comments.jsonl", file_size=1
    )


def arrival(thread: Thread, external_id: Any, parent: Any = "", **fields: Any) -> Arrival:
    position = fields.pop("position", None)
    digits = "".join(filter(str.isdigit, str(external_id))) or "0"
    defaults: dict[str, Any] = {
        "status": Status.APPROVED,
        "body": f"Words of {external_id}.",
        "markup": Markup.MARKDOWN,
        "created_at": THEN + timedelta(minutes=int(digits) % 10_000),
        "author_name": "Ann Elsewhere",
    }
    return Arrival(
        external_id=str(external_id),
        parent_id=str(parent or ""),
        thread=thread,
        position=int(digits) if position is None else position,
        **{**defaults, **fields},
    )


def in_file_order(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Give each its place in a file that holds them in this order."""
    listed = list(arrivals)
    for position, each in enumerate(listed, start=1):
        each.position = position
    return listed


def take_in(
    arrivals: Iterable[Arrival], *, batch: int = 500, run: ImportRun | None = None
) -> Report:
    """Import them in batches and return the report."""
    report = Report()
    intake = Intake(run or make_run(), report)
    listed = list(arrivals)
    for start in range(0, len(listed), batch):
        intake.admit(listed[start : start + batch])
    intake.finish()
    return report


def stands(thread: Thread) -> list[tuple[Any, ...]]:
    """Return all that makes a thread's page, and the log below it, but for keys and versions."""
    rows = thread.comments.order_by("path").select_related("parent").prefetch_related("log")
    return [
        (
            each.body, each.status, each.number, each.path, each.depth, each.living_replies,
            each.parent and each.parent.number, each.revision, each.body_html, each.author_name,
            tuple((entry.action, entry.new_status) for entry in each.log.all()),
        )
        for each in rows
    ]  # fmt: skip


def counts(thread: Thread) -> tuple[int, int]:
    thread.refresh_from_db()
    return thread.approved_count, thread.last_number


def at(thread: Thread, body: str) -> Comment:
    return thread.comments.get(body=body)
