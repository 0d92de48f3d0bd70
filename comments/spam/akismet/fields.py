"""What of a comment Akismet is sent: one table, from which the page on data is made as well.

A field that is not in FIELDS does not leave the site. Source: akismet.com/developers/comment-check.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urljoin

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comments.submission import Submission

Value = str | list[str]
CONTENT, RECHECK_REASON = "comment_content", "recheck_reason"
# Why Akismet is asked again: its author changed the words.
EDIT = "edit"
# The field of the form that people do not see.
HONEYPOT = "subject"
# These are sent even when they are empty: that the trap was left alone says something.
SENT_EMPTY = frozenset({HONEYPOT})


class Field(NamedTuple):
    """Shape: `words` continue "Akismet is told …"; `of` gives "" for what is not known."""

    name: str
    words: Promise
    of: Callable[[Submission], Value]


def home() -> str:
    """Return the address of the site, as Akismet knows it."""
    if settings.COMMENTS_AKISMET_BLOG:
        return settings.COMMENTS_AKISMET_BLOG
    host = next((host for host in settings.ALLOWED_HOSTS if host.strip("*.")), "localhost")
    return f"{'https' if settings.HTTPS else 'http'}://{host.removeprefix('.')}/"


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _kind(submission: Submission) -> str:
    return "reply" if submission.parent is not None else "comment"


def _recheck_reason(submission: Submission) -> str:
    edited = submission.edited
    is_edit = edited is not None and edited.body != submission.body
    return submission.recheck_reason or (EDIT if is_edit else "")


FIELDS = (
    Field("blog", _("the address of this site"), lambda _it: home()),
    Field("blog_lang", _("the language of this site"), lambda _it: settings.LANGUAGE_CODE),
    Field("blog_charset", _("how its characters are encoded"), lambda _it: "UTF-8"),
    Field("user_ip", _("your IP address"), lambda it: it.ip_address or ""),
    Field("user_agent", _("what your browser calls itself"), lambda it: it.user_agent),
    Field("referrer", _("the page you sent the comment from"), lambda it: it.referrer),
    Field(
        "permalink",
        _("the address of the page you comment on"),
        lambda it: urljoin(home(), it.thread.url),
    ),
    Field("comment_type", _("whether it answers another comment"), _kind),
    Field(
        "comment_parent",
        _("which comment it answers, as a number"),
        lambda it: str(it.parent.pk) if it.parent else "",
    ),
    Field("comment_author", _("your name"), lambda it: it.author_name),
    Field("comment_author_email", _("your e-mail address"), lambda it: it.author_email),
    Field("comment_author_url", _("your website"), lambda it: it.author_website),
    Field(CONTENT, _("your comment"), lambda it: it.body),
    Field("comment_date_gmt", _("when you sent it"), lambda it: _instant(it.submitted_at)),
    Field(
        "comment_post_modified_gmt",
        _("when the page was published"),
        lambda it: _instant(it.thread.public_at),
    ),
    Field(
        "comment_context[]",
        _("the title of the page"),
        lambda it: [it.thread.title] if it.thread.title else "",
    ),
    Field(
        "user_role",
        _("that you were signed in, if you were"),
        lambda it: "member" if it.author is not None else "",
    ),
    Field(RECHECK_REASON, _("why it is asked again, if it is"), _recheck_reason),
    Field("honeypot_field_name", _("the name of a field that nobody sees"), lambda _it: HONEYPOT),
    Field(HONEYPOT, _("what was written into that field"), lambda it: it.honeypot),
    Field(
        "is_test",
        _("whether this is only a test"),
        lambda _it: "1" if settings.COMMENTS_AKISMET_TEST else "",
    ),
)
# What goes along with the question and says nothing of the comment.
KEY_FIELD, CALLBACK = "api_key", "callback"
BESIDE = {
    KEY_FIELD: _("the key of this site"),
    CALLBACK: _("an address of this site that it may call when it knows more"),
}
SENDS = {**BESIDE, **{field.name: field.words for field in FIELDS}}


def fields_of(submission: Submission) -> dict[str, Value]:
    """Return what Akismet is sent of a comment, but for what goes beside it."""
    values = ((field.name, field.of(submission)) for field in FIELDS)
    return {name: value for name, value in values if value or name in SENT_EMPTY}
