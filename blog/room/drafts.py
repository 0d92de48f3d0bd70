"""A draft as it would be read, cut into paragraphs with the notes on each beside it.

It shows what was written last, beside the post or in it. Whoever asks has been let in by then: by
guards.py, or by a link of sharing.py.
"""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import escape, format_html

from blog import publishing
from blog.caching import key_of
from blog.models import Category, Post, ReviewNote, Tag
from blog.notes import Place, Placed, placed
from blog.paragraphs import Paragraph, found_again, paragraphs_of
from blog.words import laid_over, latest_words

KEEP_SECONDS = 60 * 60
TYPESET = ("body_html", "author_note_html", "source_line_html", "reading_minutes")


@dataclass
class Draft:
    """Shape: `post` is laid over with the latest words and never saved; `words` are these."""

    post: Post
    words: dict[str, Any]
    tags: list[Tag]
    categories: list[Category]
    paragraphs: list[Paragraph]


@dataclass(frozen=True)
class Part:
    """A paragraph and what is said of it. Shape: `takes_note` where the form stands now."""

    paragraph: Paragraph
    notes: list[ReviewNote]
    takes_note: bool


def draft_of(post: Post) -> Draft:
    """Return what was written last of a post, typeset. Queries: up to 10."""
    words = latest_words(post)
    shown = laid_over(post, words)
    _typeset(shown, post.text_version)
    return Draft(
        post=shown,
        words=words,
        tags=[Tag(name=name) for name in words["tags"]],
        categories=list(Category.objects.filter(pk__in=words["categories"])),
        paragraphs=paragraphs_of(shown.body_html),
    )


def _typeset(post: Post, text_version: int) -> None:
    """Typeset a text once for all who look at it. What cannot be typeset is shown as typed."""
    key = f"draft:{key_of(post.pk, text_version)}"
    made = cache.get(key)
    if made is None:
        try:
            publishing.typeset_unjudged(post)
        except ValidationError:
            post.body_html = format_html('<pre dir="auto">{}</pre>', post.body)
            post.author_note_html = format_html("<p>{}</p>", post.author_note)
            post.source_line_html = escape(post.source_line)
        made = {name: getattr(post, name) for name in TYPESET}
        cache.set(key, made, KEEP_SECONDS)
    for name, value in made.items():
        setattr(post, name, value)


def place_asked_for(request: HttpRequest, draft: Draft) -> Place | None:
    """Return what a note is asked to be on: by its paragraph, by another note, or the whole."""
    version = draft.post.text_version
    if (number := _number(request.GET.get("paragraph"))) is not None:
        chosen = [each for each in draft.paragraphs if each.index == number and each.text]
        return Place(version, number, chosen[0].text) if chosen else Place(version)
    return Place(version) if "note" in request.GET else None


def answering(note: ReviewNote) -> Place:
    """Return the place of an answer: that of what it answers."""
    return Place(note.text_version, note.paragraph, note.quote)


def parts_of(draft: Draft, notes: Any, form_at: Place | None) -> tuple[list[Part], Placed, bool]:
    """Return the text with its notes; what is said besides; whether the form is on the whole."""
    there = placed(notes, draft.paragraphs)
    at = None
    if form_at is not None and form_at.paragraph is not None:
        at = found_again(form_at.quote, form_at.paragraph, draft.paragraphs)
    parts = [
        Part(each, there.by_paragraph.get(each.index, []), each.index == at)
        for each in draft.paragraphs
    ]
    return parts, there, form_at is not None and at is None


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else None
