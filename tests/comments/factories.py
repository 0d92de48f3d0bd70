"""Threads and comments for tests, made through the one door unless a test says otherwise."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from unittest import mock

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from comments.drawing import draw_page
from comments.models import Comment, Thread, path_segment
from comments.moderation import submit
from comments.paging import FIRST, Place
from comments.policy import Decision
from comments.publicity import make_true
from comments.readers import ANYONE, Viewer, reader_of
from comments.reading import read_page
from comments.status import Status
from comments.submission import Submission

_numbers = count(1)
# Before every clock that a test may set.
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def make_thread(**fields: Any) -> Thread:
    number = next(_numbers)
    defaults = {
        "title": f"Post {number}",
        "url": f"/posts/post-{number}/",
        "public_at": LONG_AGO,
    }
    return Thread.objects.create(**{**defaults, **fields})


def make_submission(thread: Thread, body: str = "A thought.", **fields: Any) -> Submission:
    defaults: dict[str, Any] = {
        "parent": None,
        "author": None,
        "author_name": "Gus Guest",
        "author_email": "gus@example.org",
        "author_website": "",
        "submitted_at": timezone.now(),
        "submission_key": f"key-{next(_numbers)}",
        "ip_address": "192.0.2.7",
        "seconds_taken": 60.0,
    }
    return Submission(thread=thread, body=body, **{**defaults, **fields})


def fragment_of(thread: Thread, viewer: Viewer = ANYONE, place: Place = FIRST) -> str:
    """Return the HTML of a page of a thread as somebody sees it."""
    thread.refresh_from_db()
    page = read_page(thread, place, viewer.own_comments)
    reader = reader_of(thread, viewer, page.rows)
    items = mark_safe(draw_page(page, reader))
    return render_to_string("comments/_thread.html", {"thread_page": page, "items": items})


def make_comment(
    thread: Thread,
    parent: Comment | None = None,
    body: str = "A thought.",
    status: Status = Status.APPROVED,
    at: datetime | None = None,
    **fields: Any,
) -> Comment:
    """Admit a comment with a decision that the test chooses instead of the policy."""
    if at is not None:
        fields["submitted_at"] = at
    submission = make_submission(thread, body, parent=parent, **fields)
    with mock.patch("comments.moderation.admitting.decide", return_value=Decision(status)):
        return submit(submission)


def fill(thread: Thread, count: int) -> None:
    """Write `count` approved root comments straight into the table: the page only reads them."""
    comments = [
        Comment(
            thread=thread,
            number=number,
            path=path_segment(number),
            status=Status.APPROVED,
            author_name=f"Reader {number}",
            body="x",
            body_html=f"<p>Thought {number}</p>",
            markup_version=1,
            body_digest="",
            submission_key=f"{thread.pk}-{number}",
            created_at=timezone.now(),
        )
        for number in range(1, count + 1)
    ]
    for comment in comments:
        make_true(comment)
    Comment.objects.bulk_create(comments)
    Thread.objects.filter(pk=thread.pk).update(approved_count=count, last_number=count)
