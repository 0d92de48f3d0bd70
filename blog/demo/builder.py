"""Turn the demo's files into a living site, through the same doors that people use.

Every comment passes the checks as it would have on the day, and Mona decides what they held.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from blog import media, publishing
from blog.demo.drawing import draw
from blog.demo.in_the_making import put_on_desks
from blog.demo.loader import (
    PICTURE,
    DemoComment,
    DemoPost,
    Person,
    read_people,
    read_posts,
    read_thread,
)
from blog.demo.surroundings import put_on_shelves, write_about
from blog.models import Picture, Post, PostKind
from comments.models import Comment, ListEffect, ListEntry, ListKind, Thread
from comments.moderation import Seen, edit, moderate, submit
from comments.spam.lists import forget_lists
from comments.status import Action, Status
from comments.submission import Submission

PASSWORD = "parley-demo"  # noqa: S105  printed on purpose; the embedded default serves localhost
EDITOR = "mona"

# How Mona brings a comment to where the files say it stands.
ACTION_TOWARDS = {
    Status.APPROVED: Action.APPROVE,
    Status.PENDING: Action.HOLD,
    Status.REJECTED: Action.REJECT,
    Status.SPAM: Action.MARK_SPAM,
}
REASONS = {Status.REJECTED: "abuse", Status.SPAM: "spam"}


@dataclass(frozen=True)
class Counts:
    posts: int
    comments: int


def is_there() -> bool:
    """Tell whether the demo was made here before, even if much of it was changed since."""
    return get_user_model().objects.filter(email__in=[p.email for p in read_people()]).exists()


def build(tell: Callable[[str], Any] = print) -> Counts:
    """Make people, posts and threads as if they had come over the last weeks: all or nothing.

    `tell` is given a line for each post, before it is made.
    """
    now = timezone.now()
    with transaction.atomic():
        people = {person.key: _make_person(person) for person in read_people()}
        posts = read_posts()
        _watch_for_words(posts)
        for number, post in enumerate(posts, start=1):
            tell(f"  {number}/{len(posts)} {post.title}")
            _make_post(post, people, now)
        put_on_shelves()
        write_about(people["alice"], now - timedelta(days=posts[0].days_ago))
        put_on_desks(people, now)
        forget_lists()
    return Counts(Post.objects.filter(kind=PostKind.POST).count(), Comment.objects.count())


def _make_person(person: Person) -> User:
    user = User.objects.create_user(
        person.email,
        PASSWORD,
        display_name=person.display_name,
        bio=person.bio,
        website=person.website,
    )
    user.groups.add(Group.objects.get(name=person.role))
    user.confirm_address()
    return user


def _watch_for_words(posts: list[DemoPost]) -> None:
    words = {word.casefold() for post in posts for c in read_thread(post.slug) for word in c.words}
    ListEntry.objects.bulk_create(
        ListEntry(kind=ListKind.WORD, pattern=word, effect=ListEffect.SPAM)
        for word in sorted(words)
    )
    forget_lists()


def _make_post(demo: DemoPost, people: dict[str, User], now: datetime) -> None:
    author = people[demo.author]
    pictures = {
        each.name: _draw(each.name, author, each.alt, each.caption) for each in demo.pictures
    }
    cover = _draw(demo.cover, author, demo.cover_alt, demo.cover_caption) if demo.cover else None
    post = publishing.create_draft(
        author,
        title=demo.title,
        slug=demo.slug,
        excerpt=demo.excerpt,
        body=_with_addresses(demo.body, pictures),
        author_note=demo.author_note,
        source_line=demo.source_line,
        tags=demo.tags,
        cover=cover,
    )
    if demo.status == "draft":
        return
    published_at = now - timedelta(days=demo.days_ago)
    publishing.publish(post, actor=author, at=published_at)
    _make_thread(demo.slug, post.thread_id, people, published_at)


def _draw(name: str, author: User, alt: str, caption: str) -> Picture:
    upload = SimpleUploadedFile(f"{name}.png", draw(name), content_type="image/png")
    return media.keep(media.accept(upload), uploader=author, alt=alt, caption=caption)


def _with_addresses(body: str, pictures: dict[str, Picture]) -> str:
    def addressed(match: re.Match[str]) -> str:
        url = pictures[match["name"]].file.url
        return f'![{match["alt"]}]({url} "{match["caption"]}")'

    return PICTURE.sub(addressed, body)


def _make_thread(slug: str, thread_id: int, people: dict[str, User], start: datetime) -> None:
    made: dict[int, Comment] = {}
    demos = read_thread(slug)
    for demo in demos:
        thread = Thread.objects.get(pk=thread_id)
        offered = _submission(demo, thread, made.get(demo.parent), people, start)
        comment = submit(offered)
        # Rejected only at the end: while the talk went on, people answered it.
        wanted = Status.APPROVED if demo.status == "rejected" else Status(demo.status)
        made[demo.id] = _decide(comment, wanted, people[EDITOR], offered.submitted_at)
    for demo in demos:
        if demo.edited:
            made[demo.id] = _correct(made[demo.id], demo.edited)
        if demo.status == "rejected":
            later = start + timedelta(minutes=demos[-1].minutes + 20)
            _decide(made[demo.id], Status.REJECTED, people[EDITOR], later)


def _submission(
    demo: DemoComment,
    thread: Thread,
    parent: Comment | None,
    people: dict[str, User],
    start: datetime,
) -> Submission:
    author = people[demo.by] if demo.by else None
    return Submission(
        thread=thread,
        parent=parent,
        author=author,
        author_name=author.get_short_name() if author else demo.name,
        author_email=author.email if author else demo.email,
        author_website=author.website if author else demo.website,
        body=demo.body,
        submitted_at=start + timedelta(minutes=demo.minutes),
        submission_key=f"demo {thread.pk} {demo.id}",
        ip_address=f"192.0.2.{thread.pk * 31 % 120 + demo.id % 120}",
        honeypot="https://example.com/" if demo.honeypot else "",
        seconds_taken=20 + len(demo.body) / 4,
    )


def _decide(comment: Comment, wanted: Status, editor: User, written_at: datetime) -> Comment:
    if comment.status != wanted:
        moderate(
            comment,
            ACTION_TOWARDS[wanted],
            actor=editor,
            seen=Seen.of(comment),
            reason=REASONS.get(wanted, ""),
            at=written_at + timedelta(minutes=3 + comment.number % 5),
        )
        comment.refresh_from_db()
    return comment


def _correct(comment: Comment, words: str) -> Comment:
    return edit(
        comment,
        words,
        actor=comment.author,
        actor_name=comment.author_name,
        seen=Seen.of(comment),
        at=comment.created_at + timedelta(minutes=4),
    )
