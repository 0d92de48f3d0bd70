"""What is on the authors' desks of the demo: a draft in review, a post to come, changes not out yet.

Each goes through the same doors as an author's own. What readers see is builder.py's.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from accounts.models import User
from blog import notes, publishing
from blog.models import Post, Series
from blog.paragraphs import paragraphs_of
from blog.publishing.series import add_part
from blog.words import words_of

DRAFTS = Path(__file__).parent / "drafts"
SERIES = {
    "title": "Things with handles",
    "slug": "things-with-handles",
    "description": "Bread, wireless sets and other things that have to be held the right way.",
}
PARTS = ["the-radio-in-the-outhouse", "seven-loaves-and-a-doorstop"]
CHANGED = "in-praise-of-the-unnoticed-letter"
LATER = (
    "\n\nA reader who set type for thirty years writes that we have the order of two steps wrong. "
    "He is right, and it will say so here as soon as he has read this over."
)
NOTES = {
    0: "This is a lovely beginning. Could the year come first?",
    2: "Who says so? A name would do, or a page in the minutes.",
}


def put_on_desks(people: dict[str, User], now: datetime) -> None:
    _lay_before_editors(people["carl"], people["mona"])
    _announce(people["alice"], now)
    _correct(people["mona"])
    _make_a_series()


def _lay_before_editors(author: User, editor: User) -> None:
    post = publishing.create_draft(
        author,
        title="The weir, before it was mended",
        excerpt="What the mill pond sounded like when it still leaked.",
        body=(DRAFTS / "the-weir.md").read_text("utf-8"),
        tags=["water"],
    )
    post = publishing.submit(post, actor=author)
    found = paragraphs_of(post.body_html)
    for number, body in NOTES.items():
        place = notes.Place(post.text_version, number, found[number].text)
        notes.leave(post, place, body, key=f"demo {number}", author=editor)


def _announce(author: User, now: datetime) -> None:
    post = publishing.create_draft(
        author,
        title="A calendar of small repairs",
        excerpt="One thing a month, in the order in which it breaks.",
        body=(DRAFTS / "a-calendar.md").read_text("utf-8"),
        tags=["repair"],
    )
    monday = now + timedelta(days=7 - now.weekday())
    at = monday.replace(hour=9, minute=0, second=0, microsecond=0)
    publishing.schedule(post, actor=author, at=at)


def _correct(author: User) -> None:
    post = Post.objects.get(slug=CHANGED)
    fields: dict[str, Any] = {"body": words_of(post)["body"].rstrip() + LATER}
    seen = post.text_version
    publishing.keep(
        post,
        fields,
        actor=author,
        seen_version=seen,
        is_saved=True,
        reason="The order of two steps",
    )


def _make_a_series() -> None:
    series = Series.objects.create(**SERIES)
    for slug in PARTS:
        add_part(series, Post.objects.get(slug=slug))
