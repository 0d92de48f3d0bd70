"""Arrivals -> rows: order, places, comments, earlier texts and log entries, before any is stored.

Pure: no query here. batch.py stores new rows, renewal.py changed ones.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from comments.markup import MARKUP_VERSION
from comments.models import (
    PATH_SEGMENT,
    Comment,
    CommentRevision,
    ModerationLogEntry,
    Report,
    path_segment,
)
from comments.publicity import make_true
from comments.reports import key_of_account
from comments.sifting import sift
from comments.status import Action, Status
from comments.submission import body_digest
from comments.transfer.arrivals import Act, Arrival, Earlier, Reported
from comments.transfer.mending import storable
from comments.transfer.places import Place
from comments.transfer.words import Words

# A number that somebody wants leaves room for as many again: the thread lives on.
MOST_WANTED = 36**PATH_SEGMENT // 2

# --- order -----------------------------------------------------------------------------------


def in_order(
    arrivals: Iterable[Arrival], placed: Container[str]
) -> tuple[list[Arrival], list[Arrival]]:
    """Return those that can be placed, parents before replies, and those that cannot."""
    ready: list[Arrival] = []
    done: set[str] = set()
    held: defaultdict[str, list[Arrival]] = defaultdict(list)
    for each in arrivals:
        if each.parent_id and each.parent_id not in placed and each.parent_id not in done:
            held[each.parent_id].append(each)
            continue
        stack = [each]
        while stack:
            one = stack.pop()
            ready.append(one)
            done.add(one.external_id)
            stack += reversed(held.pop(one.external_id, []))
    left = [each for replies in held.values() for each in replies]
    return ready, sorted(left, key=lambda each: each.position)


def firsts_of_circles(left: Iterable[Arrival]) -> list[Arrival]:
    """Return the first of each circle among arrivals that all answer one another."""
    by_id = {each.external_id: each for each in left}
    met_by: dict[str, str] = {}
    firsts = []
    for start in by_id:
        at = start
        while at not in met_by:
            met_by[at] = start
            at = by_id[at].parent_id
        if met_by[at] == start:
            firsts.append(min(_circle(at, by_id), key=lambda each: each.position))
    return firsts


def _circle(through: str, by_id: dict[str, Arrival]) -> Iterator[Arrival]:
    at = by_id[through]
    yield at
    while at.parent_id != through:
        at = by_id[at.parent_id]
        yield at


# --- comments --------------------------------------------------------------------------------


def comment_row(each: Arrival, number: int, parent: Place | None, words: Words) -> Comment:
    """Return the comment, not yet stored, in its place under `parent`."""
    path = Comment(path=parent.path).path_of_reply(number)[0] if parent else path_segment(number)
    kept = (
        "kind", "status", "revision", "author", "author_name", "author_email", "author_website",
        "author_mark", "body", "markup", "ip_address", "user_agent", "referrer", "seconds_taken",
        "honeypot", "created_at", "edited_at", "email_proved_at", "markers_before",
        "is_edited_by_editor",
    )  # fmt: skip
    comment = Comment(
        thread_id=each.thread.pk,
        parent_id=parent.comment_id if parent else None,
        number=number,
        path=path,
        depth=len(path) // PATH_SEGMENT - 1,
        body_html=words.shown(each.body, each.markup)[0],
        markup_version=MARKUP_VERSION,
        body_digest=digest_of(each.body),
        submission_key=each.submission_key or uuid4().hex,
        helpful_count=len(each.marks),
        **{name: getattr(each, name) for name in kept},
    )
    make_true(comment, standing_of(each, words))
    sift(comment, each.history[0].findings if each.history else [])
    return comment


def standing_of(each: Arrival, words: Words) -> tuple[int, str] | None:
    """Return the revision that readers keep seeing while the newest waits, and its HTML."""
    if (earlier := each.standing) is None:
        return None
    return earlier.revision, words.shown(earlier.body, earlier.markup)[0]


def digest_of(body: str) -> str:
    """Return the digest of the words; no words repeat no words."""
    return body_digest(body) if body else ""


def living_below(comments: Iterable[Comment]) -> Counter[tuple[int, str]]:
    """Count, for each (thread, path) above, the public ones among these comments."""
    living: Counter[tuple[int, str]] = Counter()
    for comment in comments:
        if comment.is_public():
            living.update((comment.thread_id, path) for path in comment.ancestor_paths())
    return living


def revision_row(comment: Comment, earlier: Earlier, words: Words) -> CommentRevision:
    return CommentRevision(
        comment=comment,
        revision=earlier.revision,
        body=earlier.body,
        markup=earlier.markup,
        body_html=words.shown(earlier.body, earlier.markup)[0],
        replaced_at=earlier.replaced_at,
        was_public=earlier.was_public,
    )


def report_row(comment: Comment, told: Reported, acts: Sequence[ModerationLogEntry]) -> Report:
    """Return a report; `acts` are the comment's own, as they were stored."""
    return Report(
        comment=comment,
        reporter_id=told.reporter_id,
        reporter_key=told.key if told.reporter_id is None else key_of_account(told.reporter_id),
        reason=told.reason,
        note=storable(told.note)[:1000],
        settled_by=None if told.settled_by is None else acts[told.settled_by],
        created_at=told.at,
    )


# --- the log ---------------------------------------------------------------------------------


@dataclass
class LogRow:
    """An entry to be written, and the one it undoes, which is written before it."""

    entry: ModerationLogEntry
    undoes: ModerationLogEntry | None


def log_in_rounds(made: Iterable[tuple[Comment, Iterable[Act]]]) -> Iterator[list[LogRow]]:
    """Yield what can be stored at once, round by round: an undoing entry needs the other's row.

    Each begins a new round, so that entries of one comment stay in the order of their acts.
    """
    rounds: list[list[LogRow]] = []
    for comment, acts in made:
        own: list[ModerationLogEntry] = []
        undone: set[int] = set()
        at = 0
        for act in acts:
            target = act.undoes
            if target is None or not 0 <= target < len(own) or target in undone:
                target = None
            else:
                undone.add(target)
                at += 1
            rounds += [[] for _missing in range(at + 1 - len(rounds))]
            entry = log_entry(comment, act)
            rounds[at].append(LogRow(entry, None if target is None else own[target]))
            own.append(entry)
    yield from rounds


def log_entry(comment: Comment, act: Act) -> ModerationLogEntry:
    return ModerationLogEntry(
        comment=comment,
        actor_id=act.actor_id,
        actor_name=storable(act.actor_name)[:80],
        action=act.action,
        old_status=act.old_status,
        new_status=act.new_status,
        revision=act.revision,
        public_before=act.public_before,
        reason=storable(act.reason)[:40],
        note=storable(act.note)[:1000],
        message=storable(act.message)[:2000],
        detail=act.detail,
        findings=list(act.findings),
        batch=act.batch,
        created_at=act.at,
    )


def import_act(
    comment: Comment,
    at: datetime,
    before: Status | None = None,
    public_before: int | None = None,
) -> Act:
    """Return the act of an import itself: an admission, or a change that it brought."""
    now = Status(comment.status)
    return Act(
        Action.IMPORT,
        now,
        at,
        old_status=before or "",
        revision=comment.revision,
        public_before=public_before,
    )
