"""What each kind of line must say, as converters by name. Pure."""

import re
from typing import Any

from blog.models import Claim, PostKind, PostStatus
from blog.transfer.site.converters import (
    Added,
    Convert,
    batch_id,
    converted,
    findings,
    flag,
    instant,
    ip,
    matching,
    maybe,
    number,
    one_of,
    or_empty,
    several,
    shaped,
    slug,
    text,
    website,
    whole,
)
from blog.transfer.site.hugo_shortcodes import CLOSED, ESCAPED
from blog.transfer.site.layout import FILE_NAME, PICTURE_NAME
from comments.markup_html import MAX_COMMENT_LENGTH
from comments.models import (
    AuthorMark,
    ClosesFrom,
    CommentKind,
    HeldPeople,
    LearnerMode,
    ListEffect,
    ListKind,
    Markup,
    ReportReason,
    SanctionKind,
    SanctionTarget,
)
from comments.status import Action, Status

MOST_POSITION = 2**63 - 1
MOST_NUMBER = 36**5 - 1
MOST_DAYS = 2**15 - 1
MAX_TEXT = 4_000_000
# A path of this site: what a browser takes for another host, or for a script, is none.
PATH = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f-\x9f]{0,499}")


def origin(value: Any) -> list[Any]:
    """Take what an import before remembered: see origins.py."""
    if not isinstance(value, list) or len(value) != len(_ORIGIN):
        raise ValueError(f"not a list of {len(_ORIGIN)}")
    return [convert(each) for convert, each in zip(_ORIGIN, value, strict=True)]


def old_addresses(value: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict):
        raise ValueError("not an object in braces")
    told = {"claim": claim, "created_at": instant}
    return {text(500, least=1)(path): converted(row, told) for path, row in value.items()}


def former_slugs(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not an object in braces")
    return {slug(120)(each): instant(at) for each, at in value.items()}


def claim(value: Any) -> Claim:
    known = {each.name.lower(): each for each in Claim}
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{str(value)[:40]!r} is none that is known")
    return known[value]


# What was done to a text so that Hugo shows it.
shortcodes = matching(re.compile(f"|{ESCAPED}|{CLOSED}"), "neither escaped nor closed")

_ORIGIN: tuple[Convert, ...] = (
    text(200, least=1), text(200), text(64), whole(0, MOST_POSITION), flag,
)  # fmt: skip
_ORIGINS = several(origin)
_FORMER = Added(former_slugs, {})
_USER = slug(100)
_CONTENT_KEY = matching(re.compile(r"(posts|pages)/[-a-zA-Z0-9_]{1,120}"), "no post")
_KEY = matching(re.compile(r"(posts|pages)/[-a-zA-Z0-9_]{1,120}|threads/[0-9]{1,9}"), "no thread")
_PERMISSIONS = several(matching(re.compile(r"[a-z_]{1,100}\.[a-z_]{1,100}"), "no permission"))

GROUP = {"name": text(150, least=1), "permissions": _PERMISSIONS}
USER: dict[str, Convert] = {
    "slug": _USER,
    "email": text(254, least=3),
    "display_name": text(80),
    "bio": text(600),
    "website": website,
    "is_active": flag,
    "is_staff": flag,
    "is_superuser": flag,
    "date_joined": instant,
    "is_proved": flag,
    "groups": several(text(150, least=1)),
    "permissions": _PERMISSIONS,
    "former_slugs": _FORMER,
    "origin": _ORIGINS,
}
MUTE = {"user": _USER, "muted": _USER, "created_at": instant}
CATEGORY: dict[str, Convert] = {
    "slug": slug(80),
    "name": text(120, least=1),
    "description": text(MAX_TEXT),
    "parent": maybe(slug(80)),
    "former_slugs": _FORMER,
    "origin": _ORIGINS,
}
TAG: dict[str, Convert] = {
    "slug": slug(80),
    "name": text(60, least=1),
    "former_slugs": _FORMER,
    "origin": _ORIGINS,
}
SERIES: dict[str, Convert] = {
    "slug": slug(80),
    "title": text(120, least=1),
    "description": text(MAX_TEXT),
    "former_slugs": _FORMER,
}
PICTURE: dict[str, Convert] = {
    "file": matching(PICTURE_NAME, "not the name of a picture"),
    "width": whole(1),
    "height": whole(1),
    "alt": text(300),
    "is_decorative": Added(flag, False),
    "caption": text(300),
    "credit": Added(text(200), ""),
    "focal_x": Added(whole(0, 100), 50),
    "focal_y": Added(whole(0, 100), 50),
    "created_at": instant,
    "uploader": maybe(_USER),
    "origin": _ORIGINS,
}
ATTACHMENT = {
    "post": maybe(_CONTENT_KEY),
    "source_url": text(2000),
    "title": text(300),
    "alt": text(300),
    "caption": text(MAX_TEXT),
    "description": text(MAX_TEXT),
    "picture": maybe(matching(PICTURE_NAME, "not the name of a picture")),
    "file": or_empty(matching(FILE_NAME, "not the name of a file")),
    "uploaded_at": maybe(instant),
    "origin": _ORIGINS,
}
LIST: dict[str, Convert] = {
    "kind": one_of(ListKind),
    "pattern": text(200, least=1),
    "effect": one_of(ListEffect),
    "note": text(200),
    "hits": Added(whole(), 0),
    "last_hit_at": Added(maybe(instant), None),
    "created_at": instant,
}
RULES: dict[str, Convert] = {
    "edit_minutes": whole(),
    "proved_edit_minutes": whole(),
    "close_after_days": whole(0, MOST_DAYS),
    "close_counts_from": one_of(ClosesFrom),
    "authors_moderate": Added(flag, False),
    "held_people": Added(one_of(HeldPeople), HeldPeople.NEWCOMERS),
    "newcomer_approvals": Added(whole(1, MOST_DAYS), 1),
    "hold_after_days": Added(whole(0, MOST_DAYS), 0),
    "max_links": Added(maybe(whole(0, MOST_DAYS)), None),
    "min_seconds": Added(maybe(number), None),
    "flood_limit": Added(maybe(whole(1, MOST_DAYS)), None),
    "flood_window_seconds": Added(maybe(whole(1)), None),
    "nudges": Added(flag, False),
    "learner_mode": Added(one_of(LearnerMode), LearnerMode.ACT),
    "ham_cutoff": Added(maybe(number), None),
    "spam_cutoff": Added(maybe(number), None),
    "keep_facts_days": Added(whole(1, MOST_DAYS), 30),
}
REASON: dict[str, Convert] = {
    "code": slug(40),
    "label": text(80, least=1),
    "key": or_empty(matching(re.compile("[1-9]"), "not a digit from 1 to 9")),
    "text_for_author": text(MAX_TEXT),
    "is_active": flag,
    "position": whole(0, MOST_DAYS),
}
MEASURE: dict[str, Convert] = {
    "kind": one_of(SanctionKind),
    "target": one_of(SanctionTarget),
    # An account by its person's name. Nothing where there is no such account any more.
    "value": maybe(text(254, least=1)),
    # Whose address it is, if that is known.
    "user": maybe(_USER),
    "reason": text(40),
    "note": text(MAX_TEXT),
    "message": text(MAX_TEXT),
    "ends_at": maybe(instant),
    "created_at": instant,
    "actor": maybe(_USER),
    "actor_name": text(80),
    "lifted_at": maybe(instant),
    "lifted_by_name": text(80),
    "batch": maybe(batch_id),
}
_RUNNING: dict[str, Convert] = {
    "is_open": flag,
    "closed_at": Added(maybe(instant), None),
    "closing_note": Added(text(200), ""),
    "close_after_days": Added(maybe(whole(0, MOST_DAYS)), None),
    "close_counts_from": Added(or_empty(one_of(ClosesFrom)), ""),
    "is_premoderated": Added(flag, False),
    "slow_seconds": Added(whole(), 0),
    "cooled_at": Added(maybe(instant), None),
    "cooling_note": Added(text(200), ""),
    "pinned_number": Added(maybe(whole(1, MOST_NUMBER)), None),
    "held_people": Added(or_empty(one_of(HeldPeople)), ""),
    "max_links": Added(maybe(whole(0, MOST_DAYS)), None),
}
_COUNTED: dict[str, Convert] = {
    "last_number": whole(0, MOST_NUMBER),
    "marker_count": Added(whole(0, MOST_NUMBER), 0),
    # Of a comment that may be gone: the days until it closes are counted from it all the same.
    "last_comment_at": Added(maybe(instant), None),
}
THREAD: dict[str, Convert] = {
    "number": whole(1),
    "title": text(300),
    "url": matching(PATH, "not a path of this site"),
    "owner": maybe(_USER),
    "public_at": maybe(instant),
    **_RUNNING,
    **_COUNTED,
    "created_at": instant,
}
HEAD = {
    "title": text(200),
    "slug": slug(120),
    "description": text(1000),
    "tags": several(text(60, least=1)),
    "categories": several(text(120, least=1)),
}
PARAMS: dict[str, Convert] = {
    "kind": one_of(PostKind),
    "status": one_of(PostStatus),
    "markup": one_of(Markup),
    "password": text(128),
    "is_sticky": flag,
    "author_note": text(20_000),
    "source_line": text(500),
    "published_at": maybe(instant),
    "first_public_at": Added(maybe(instant), None),
    "feed_id": Added(text(500), ""),
    "trashed_at": Added(maybe(instant), None),
    "created_at": instant,
    "updated_at": instant,
    "creation_key": maybe(text(64)),
    "sequence": whole(1),
    "author": _USER,
    "parent": maybe(_CONTENT_KEY),
    "cover": maybe(matching(PICTURE_NAME, "not the name of a picture")),
    "tag_slugs": several(slug(80)),
    "category_slugs": several(slug(80)),
    "coauthors": Added(several(_USER), ()),
    "series": Added(maybe(slug(80)), None),
    "series_position": Added(whole(), 0),
    "former_slugs": _FORMER,
    "old_addresses": old_addresses,
    "thread": shaped(
        {
            "number": whole(1),
            **_RUNNING,
            **_COUNTED,
            "created_at": instant,
        }
    ),
    "origin": _ORIGINS,
}
# What readers were told of earlier edits before an editor changed the words.
WORDS_BEFORE: dict[str, Convert] = {"edited_at": maybe(instant), "is_edited_by_editor": flag}
ACT: dict[str, Convert] = {
    "actor": maybe(_USER),
    "actor_name": text(80),
    "action": one_of(Action),
    "old_status": or_empty(one_of(Status)),
    "new_status": one_of(Status),
    "revision": whole(),
    "public_before": Added(maybe(whole()), None),
    "reason": text(40),
    "note": text(MAX_TEXT),
    "message": Added(text(MAX_TEXT), ""),
    "detail": Added(maybe(shaped(WORDS_BEFORE)), None),
    "findings": findings,
    "batch": maybe(batch_id),
    "undoes": maybe(whole()),
    "created_at": instant,
}
EARLIER: dict[str, Convert] = {
    "revision": whole(),
    "body": text(MAX_TEXT),
    "markup": one_of(Markup),
    "replaced_at": instant,
    "was_public": Added(flag, False),
}
MARK = {"user": _USER, "created_at": instant}
REPORT: dict[str, Convert] = {
    "reporter": maybe(_USER),
    # Empty where the reporter is known by name.
    "reporter_key": text(64),
    "reason": one_of(ReportReason),
    "note": text(1000),
    "created_at": instant,
    "settled": maybe(whole()),
}
LEFT_PLACE = {"thread": _KEY, "number": whole(1, MOST_NUMBER)}
COMMENT: dict[str, Convert] = {
    "thread": _KEY,
    "number": whole(1, MOST_NUMBER),
    "parent": maybe(whole(1, MOST_NUMBER)),
    "kind": one_of(CommentKind),
    "status": one_of(Status),
    "revision": whole(1),
    "author": maybe(_USER),
    "author_name": text(80),
    "author_email": text(254),
    "author_website": website,
    "author_mark": one_of(AuthorMark),
    "markup": one_of(Markup),
    "body": text(MAX_COMMENT_LENGTH),
    "ip_address": maybe(ip),
    "user_agent": text(400),
    "referrer": text(500),
    "seconds_taken": maybe(number),
    "honeypot": text(200),
    "submission_key": text(64, least=1),
    "created_at": instant,
    "edited_at": maybe(instant),
    # None follows from the status: its own revision where it is approved, else none.
    "approved_revision": Added(maybe(whole(1)), None),
    "email_proved_at": Added(maybe(instant), None),
    "markers_before": Added(whole(0, MOST_NUMBER), 0),
    "is_edited_by_editor": Added(flag, False),
    "earlier": several(shaped(EARLIER)),
    "log": several(shaped(ACT)),
    "helpful": Added(several(shaped(MARK)), ()),
    "reports": Added(several(shaped(REPORT)), ()),
    "moved_from": Added(several(shaped(LEFT_PLACE)), ()),
    "origin": _ORIGINS,
}
