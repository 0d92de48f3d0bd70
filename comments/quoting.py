"""A comment's words as text once more: to be quoted, compared, excerpted. Pure but for one query.

What is quoted is what readers see, whatever newer words wait for an editor.
"""

import re
from html import unescape

import bleach

from comments.models import Comment, CommentRevision, Markup

MOST_QUOTED = 1_000
# A quotation of this depth is left out of a quotation: who wants it reads it above.
QUOTED_TWICE = re.compile(r"^[ \t]*>[ \t]*>")
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
BLOCK_END = re.compile(r"</(?:p|li|pre|blockquote|dd|dt)>|<br ?/?>")


def plain_text(html: str) -> str:
    """Return the words of sanitised HTML, a line for each block."""
    lines = BLOCK_END.sub("\n", html)
    return unescape(bleach.clean(lines, tags=[], strip=True)).strip()


def source_of(comment: Comment) -> str:
    """Return a comment's newest words as its author would type them here."""
    return plain_text(comment.body_html) if comment.markup == Markup.HTML else comment.body


def public_source_of(comment: Comment) -> str:
    """Return the words that readers see, as they were typed.

    Queries: 0, or 1 while an edit waits.
    """
    if comment.approved_revision in (None, comment.revision):
        return source_of(comment)
    earlier = CommentRevision.objects.filter(
        comment=comment, revision=comment.approved_revision
    ).first()
    if earlier is None or earlier.markup == Markup.HTML:
        return plain_text(comment.standing_html)
    return earlier.body


def quotation_of(comment: Comment, address: str) -> str:
    """Return the Markdown that quotes a public comment and links to it.

    `address`: of the comment, with scheme and host.
    """
    lines = quotable(public_source_of(comment)).split("\n")
    name = PUNCTUATION.sub(r"\\\1", comment.author_name)
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"[{name}]({address}):\n{quoted}\n\n"


def quotable(text: str, most: int = MOST_QUOTED) -> str:
    """Return as much of a text as a quotation holds, in whole words where there are any."""
    lines = [line for line in text.strip().split("\n") if not QUOTED_TWICE.match(line)]
    text = re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", "\n".join(lines)).strip()
    return text if len(text) <= most else cut(text, most)


def cut(text: str, most: int) -> str:
    """Return the beginning of a longer text, ended by an ellipsis."""
    start = text[: most - 1]
    whole_words = re.match(r"(?s)(.*\S)\s", start)
    if whole_words and len(whole_words[1]) > most // 2:
        start = whole_words[1]
    return start.rstrip() + "…"
