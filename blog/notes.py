"""Notes on a draft: left on a paragraph or on the whole, found again in a text that has changed.

Who may leave one is said in policy.py, for outsiders in sharing.py. A note says nothing to readers
and changes nothing of the post.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from blog.models import Post, ReviewNote, ShareLink
from blog.paragraphs import Finder, Paragraph

SALT = "blog.note"
# More than these nobody works off; a robot that gets in fills no disk.
MOST_OF_A_POST = 1000
MOST_OF_A_LINK = 100


@dataclass(frozen=True)
class Place:
    """What a note is on: a paragraph as it was at a version of the text, or all of it."""

    text_version: int
    paragraph: int | None = None
    quote: str = ""


def signed(place: Place, post: Post) -> str:
    """Return a place for a form to carry: who sends it back cannot make up a quote."""
    content = [post.pk, place.text_version, place.paragraph, place.quote]
    return signing.dumps(content, salt=SALT, compress=True)


def place_of(value: str, post: Post) -> Place | None:
    """Return the place that a form carried, or None where it is none of this post's."""
    try:
        pk, version, paragraph, quote = signing.loads(value, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return Place(version, paragraph, quote) if pk == post.pk else None


def leave(
    post: Post,
    place: Place,
    body: str,
    *,
    key: str,
    author: Any = None,
    name: str = "",
    link: ShareLink | None = None,
) -> tuple[ReviewNote, bool]:
    """Store a note once for each `key`; return it, and whether it is new."""
    by = author.get_short_name() if author else name
    return ReviewNote.objects.get_or_create(
        creation_key=sha256("\0".join([key, by, body]).encode("utf-8", "replace")).hexdigest(),
        defaults={
            "post": post,
            "quote": place.quote,
            "paragraph": place.paragraph,
            "text_version": place.text_version,
            "body": body,
            "author": author,
            "author_name": by[:80],
            "share_link": link,
        },
    )


def is_full(post: Post, link: ShareLink | None = None) -> bool:
    """Tell whether there are as many notes as anybody reads. Queries: 1 or 2."""
    if link is not None and link.notes.count() >= MOST_OF_A_LINK:
        return True
    return post.notes.count() >= MOST_OF_A_POST


def put_aside(note: ReviewNote, by: Any) -> None:
    """Take a note as dealt with. Twice is once."""
    open_one = ReviewNote.objects.filter(pk=note.pk, resolved_at=None)
    open_one.update(resolved_at=timezone.now(), resolver=by)


def take_up_again(note: ReviewNote) -> None:
    ReviewNote.objects.filter(pk=note.pk).update(resolved_at=None, resolver=None)


def notes_on(post: Post) -> QuerySet[ReviewNote]:
    return post.notes.select_related("author", "resolver", "share_link")


def open_notes_on(post: Post) -> QuerySet[ReviewNote]:
    """Return what is still to be dealt with, as it was said. Queries: 1 when it is read."""
    return notes_on(post).filter(resolved_at=None)


@dataclass
class Placed:
    """Notes where they belong now. Shape: `by_paragraph` by the paragraph's index."""

    by_paragraph: dict[int, list[ReviewNote]] = field(default_factory=lambda: defaultdict(list))
    on_the_whole: list[ReviewNote] = field(default_factory=list)
    on_what_changed: list[ReviewNote] = field(default_factory=list)


def placed(notes: Iterable[ReviewNote], paragraphs: Sequence[Paragraph]) -> Placed:
    """Put each note beside the paragraph that it is on, if that is still to be found."""
    result, finder = Placed(), Finder(paragraphs)
    known: dict[tuple[str, int], int | None] = {}
    for note in notes:
        if note.paragraph is None:
            result.on_the_whole.append(note)
            continue
        place = (note.quote, note.paragraph)
        if place not in known:
            known[place] = finder.find(*place)
        at = known[place]
        (result.on_what_changed if at is None else result.by_paragraph[at]).append(note)
    return result
