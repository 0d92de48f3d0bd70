"""The line above a comment's words: who, when, edited. Rendered when written, kept in its row.

It is the same for every reader, and a long page has hundreds, so it is made by one format and not
by a template. What follows from place or reader is drawing.py's.
"""

import unicodedata
import zlib
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.dateformat import format as format_date
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comments.models import AuthorMark, Comment, CommentKind, Thread

# Raised with every change of the markup below.
META_VERSION = 1
HUES = 12
DATE_FORMAT = "j M Y, H:i"


def meta_stamp() -> str:
    """Return what a stored line depends on beside its comment; with another it is made anew."""
    return _stamp(settings.LANGUAGE_CODE, settings.TIME_ZONE, base_address(0))


@lru_cache(maxsize=8)
def _stamp(*shaped_by: str) -> str:
    return sha256(repr((META_VERSION, *shaped_by)).encode()).hexdigest()[:12]


def base_address(handle: int | str) -> str:
    """Return what every address of a thread's comments starts with: `/comments/7/`.

    What is stored names it by its number alone: see as_called().
    """
    return f"{_comments_address(get_script_prefix())}{handle}/"


def as_called(html: str, thread: Thread) -> str:
    """Return what was stored of a comment with the addresses that its thread goes by now."""
    if not thread.is_unlisted:
        return html
    stored, now = base_address(thread.pk), base_address(thread.handle)
    return html.replace(f'href="{stored}', f'href="{now}')


@lru_cache(maxsize=8)
def _comments_address(script_prefix: str) -> str:
    return reverse("comments:post", args=[0]).removesuffix("0/")


def meta_html(comment: Comment) -> str:
    """Return the inside of the comment's header. Everything typed by somebody is escaped here."""
    if comment.kind != CommentKind.COMMENT:
        kind = escape(comment.get_kind_display().capitalize())
        return f'<span class="kind">{kind}:</span> {_name(comment)} {_when(comment)}'
    name = comment.author_name
    disc = f'<span class="disc {hue(name)}" aria-hidden="true">{escape(initials(name))}</span>'
    return f"{disc} {_name(comment)}{_mark(comment)} {_when(comment)}{_edited(comment)}"


def _name(comment: Comment) -> str:
    name = f"<bdi>{escape(comment.author_name)}</bdi>"
    if comment.author_website:
        website = escape(comment.author_website)
        name = f'<a href="{website}" rel="nofollow ugc noopener">{name}</a>'
    return f'<b class="name">{name}</b>'


def _mark(comment: Comment) -> str:
    if not comment.author_mark:
        return ""
    mark = AuthorMark(comment.author_mark)
    return f' <span class="mark mark-{mark.value}">{escape(str(mark.label))}</span>'


def _when(comment: Comment) -> str:
    address = f"{base_address(comment.thread_id)}{comment.number}/"
    return f'<a class="when" href="{address}">{time_html(comment.created_at)}</a>'


def _edited(comment: Comment) -> str:
    # While the first edit waits, what readers see was never edited.
    is_first_shown = comment.standing_html and comment.approved_revision == 1
    if comment.edited_at is None or is_first_shown:
        return ""
    address = f"{base_address(comment.thread_id)}{comment.number}/history/"
    at = escape(format_date(localtime(comment.edited_at), DATE_FORMAT))
    said = _("edited by an editor") if comment.is_edited_by_editor else _("edited")
    return f' <a class="edited" href="{address}" title="{at}" rel="nofollow">{said}</a>'


def time_html(instant: Any) -> str:
    at = localtime(instant)
    shown = _to_the_minute(at.replace(second=0, microsecond=0, tzinfo=None), get_language())
    return f'<time datetime="{at.isoformat()}">{shown}</time>'


@lru_cache(maxsize=64)
def _to_the_minute(at: datetime, language: str | None) -> str:
    """Return a local instant as it is shown in the language that is active, which is `language`."""
    return escape(format_date(at, DATE_FORMAT))


def initials(name: str) -> str:
    """Return the first letters of a name's first and last word: "Bob van Dam" gives "BD"."""
    words = [letters for word in str(name).split() if (letters := _letters(word))]
    ends = words[:1] + words[1:][-1:]
    return "".join(letters[0].upper()[:1] for letters in ends) or "?"


def _letters(word: str) -> str:
    return "".join(char for char in word if unicodedata.category(char)[0] in "LN")


def hue(name: str) -> str:
    """Return the class of the disc's colour: the same name always has the same one."""
    return f"hue-{zlib.crc32(str(name).casefold().encode('utf-8', 'replace')) % HUES}"
