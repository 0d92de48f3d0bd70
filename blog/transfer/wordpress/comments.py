"""A comment of a WordPress export -> an Arrival: its status, its history, whose it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from blog.models import Post
from blog.transfer.lines import tidy_line
from blog.transfer.text.conversion import comment_html, title_text
from blog.transfer.wordpress.people import People
from blog.transfer.wxr.reading import Comment, instant, possible
from comments.models import AuthorMark, CommentKind, Markup
from comments.status import Action, Status
from comments.transfer.arrivals import Act, Arrival

STATUSES = {
    "1": Status.APPROVED,
    "approve": Status.APPROVED,
    "0": Status.PENDING,
    "hold": Status.PENDING,
    "spam": Status.SPAM,
    "trash": Status.REJECTED,
    "post-trashed": Status.REJECTED,
}
# Whatever is of another type waits here until somebody has read it: plugins keep things as comments
# that no reader of the old blog saw.
KINDS = {
    "": CommentKind.COMMENT,
    "comment": CommentKind.COMMENT,
    "review": CommentKind.COMMENT,
    "pingback": CommentKind.PINGBACK,
    "trackback": CommentKind.TRACKBACK,
    "webmention": CommentKind.PINGBACK,
    "mention": CommentKind.PINGBACK,
}
EDITORS = "notes among editors"
SHOP = "notes of a shop"
LOG = "logs of a plugin"
LIKES = "likes and reposts"
NOT_FOR_READERS = {
    "note": EDITORS,  # on blocks, since WordPress 6.9
    "editorial-comment": EDITORS,
    "order_note": SHOP,
    "edd_payment_note": SHOP,
    "give_payment_note": SHOP,
    "action_log": LOG,
    "webhook_delivery": LOG,
    "like": LIKES,
    "favorite": LIKES,
    "repost": LIKES,
    "bookmark": LIKES,
}
# Of a comment that was written in Parley: its text, its number in the thread, and a status that
# WordPress has no word for. Our own export for WordPress writes them.
MARKDOWN_META = "_parley_markdown"
NUMBER_META = "_parley_number"
STATUS_META = "_parley_status"


def not_for_readers(comment: Comment) -> str:
    """Return what a comment is that was for no reader of the old blog, or nothing."""
    return NOT_FOR_READERS.get(comment.type.lower(), "")


def is_of_a_known_type(comment: Comment) -> bool:
    return comment.type.lower() in KINDS


def arrival_of(
    comment: Comment,
    post: Post,
    people: People,
    *,
    position: int,
    fallback: datetime,
    is_ours: bool = False,
) -> Arrival:
    """Return what a comment was there. `fallback` is its date where the file has none.

    `is_ours`: it comes from Parley, whose HTML has its paragraphs already.
    """
    meta = dict(comment.meta)
    author = people.commenter(comment.user_id, comment.email)
    kind = KINDS.get(comment.type.lower(), CommentKind.COMMENT)
    status = _status(comment, meta)
    at = instant(comment.date_gmt, comment.date) or fallback
    markdown = meta.get(MARKDOWN_META)
    return Arrival(
        external_id=comment.id,
        parent_id="" if comment.parent in {"", "0", comment.id} else comment.parent,
        thread=post.thread,
        position=position,
        status=status,
        body=_body(comment, markdown, is_ours=is_ours),
        markup=Markup.HTML if markdown is None else Markup.MARKDOWN,
        created_at=at,
        author_name=tidy_line(title_text(comment.author), 80),
        author_email=comment.email,
        author_website=comment.url,
        author=author,
        author_mark=_mark(author, post),
        ip_address=comment.ip or None,
        kind=kind,
        number=_number(meta.get(NUMBER_META, comment.id)),
        history=_history(status, at, meta),
        line=comment.line,
    )


def _body(comment: Comment, markdown: str | None, *, is_ours: bool) -> str:
    if markdown is not None:
        return markdown
    return comment.content if is_ours else comment_html(comment.content)


def _status(comment: Comment, meta: dict[str, str]) -> Status:
    if meta.get(STATUS_META) == Status.DELETED:
        return Status.DELETED
    status = STATUSES.get(comment.approved, Status.PENDING)
    if status == Status.APPROVED and not is_of_a_known_type(comment):
        return Status.PENDING
    return status


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 12
    return int(text) if is_number else None


def _mark(author: Any, post: Post) -> str:
    is_author = author is not None and author.pk == post.author_id
    return AuthorMark.AUTHOR if is_author else AuthorMark.NONE


def _history(status: Status, at: datetime, meta: dict[str, str]) -> list[Act]:
    """Return what became of a comment there: its admission, Akismet's word, the trash."""
    findings, note = tuple(_akismet(meta)), _judged_by(meta)
    before = STATUSES.get(meta.get("_wp_trash_meta_status", ""))
    if status != Status.REJECTED or before is None or before == Status.REJECTED:
        return [Act(Action.IMPORT, status, at, findings=findings, note=note)]
    thrown_away_at = _epoch(meta.get("_wp_trash_meta_time", "")) or at
    return [
        Act(Action.IMPORT, before, at, findings=findings, note=note),
        Act(Action.REJECT, Status.REJECTED, thrown_away_at, old_status=before),
    ]


def _akismet(meta: dict[str, str]) -> list[dict[str, Any]]:
    result = meta.get("akismet_result")
    if result not in {"true", "false"}:
        return []
    is_spam = result == "true"
    return [
        {
            "check": "akismet",
            "verdict": "spam" if is_spam else "ham",
            "message": _("Akismet called it spam.") if is_spam else _("Akismet let it through."),
            "value": result,
            "threshold": None,
            "span": None,
        }
    ]


def _judged_by(meta: dict[str, str]) -> str:
    """Return who overruled Akismet there, as a note."""
    result, who = meta.get("akismet_user_result"), tidy_line(meta.get("akismet_user", ""), 80)
    if result not in {"true", "false"}:
        return ""
    words = _("Marked as spam by %s.") if result == "true" else _("Marked as no spam by %s.")
    return words % (who or "?")


def _epoch(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 11):
        return None
    return possible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text)))
