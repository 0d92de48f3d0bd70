"""What one reader sees beside the page that all see: their own, what is new, what they marked.

One query for all of it. reading.py knows nothing of readers; drawing.py lays this over its rows.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import CharField, DateTimeField, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from comments.first_moderators import open_to
from comments.models import Comment, DiscussionRules, HelpfulMark, Mute, Thread, ThreadVisit
from comments.models.rules import CHANGEABLE, MOST_MINUTES
from comments.paging import Sort
from comments.rows import Row
from comments.status import Status

# A page that is opened again within this time is still the same visit: its marks stay.
VISIT = timedelta(minutes=30)


@dataclass(frozen=True)
class Viewer:
    """Who is reading. Shape: `own` are keys of a guest's comments, proved by a signed cookie."""

    user: Any = None
    own: frozenset[str] = frozenset()

    @property
    def is_signed_in(self) -> bool:
        return self.user is not None and self.user.is_authenticated

    @property
    def own_comments(self) -> Q | None:
        """The comments this viewer wrote, or None when they cannot have written any."""
        if self.is_signed_in:
            return Q(author=self.user)
        return Q(submission_key__in=self.own, author=None) if self.own else None

    def owns(self, thread: Thread) -> bool:
        """Whether the page is theirs. Nobody owns a page that has no author."""
        return self.is_signed_in and thread.owner_id == self.user.pk

    def wrote(self, comment: Comment) -> bool:
        if self.is_signed_in:
            return comment.author_id == self.user.pk
        return comment.author_id is None and comment.submission_key in self.own


ANYONE = Viewer()


@dataclass(frozen=True)
class Reader:
    """Shape: `own` says of the numbers of own comments whether they may still be changed; `since`
    is the thread's version up to which the reader knows it, None on a first visit; `decides` are
    the ids, of rows that were asked about, of what a page's author may hold or reject.
    """

    user_id: int | None = None
    own: Mapping[int, bool] = field(default_factory=dict)
    has_waiting: bool = False
    helpful: frozenset[int] = frozenset()
    muted: frozenset[int] = frozenset()
    since: int | None = None
    may_pin: bool = False
    decides: frozenset[int] = frozenset()


STRANGER = Reader()


def reader_of(thread: Thread, viewer: Viewer, rows: Iterable[Row] = ()) -> Reader:
    """Return what a viewer sees of their own in a thread, and may decide about of these rows.

    Queries: 1, for a stranger none.
    """
    if viewer.is_signed_in:
        keys = [row.pk for row in rows] if viewer.owns(thread) else []
        return _account(thread, viewer.user, keys)
    if viewer.own_comments is not None:
        return _guest(thread, viewer)
    return STRANGER


def may_run(thread: Thread, user: Any) -> bool:
    """Tell whether somebody decides how a discussion runs: its page's owner, or a moderator."""
    # Whoever is nobody is not the owner of a thread that has none.
    if not user.is_authenticated:
        return False
    return user.pk == thread.owner_id or user.has_perm("comments.moderate_comment")


# --- with an account ------------------------------------------------------------------------------


def _account(thread: Thread, user: Any, keys: Collection[int]) -> Reader:
    rows = list(_facts(thread, user, keys))
    rules = next((row for row in rows if row[0] == "rules"), None)
    in_force = DiscussionRules()
    if rules:
        in_force = DiscussionRules(proved_edit_minutes=rules[1], authors_moderate=bool(rules[4]))
    visit = next((row for row in rows if row[0] == "visit"), None)
    own = [row for row in rows if row[0] == "own"]
    return Reader(
        user_id=user.pk,
        own={
            number: in_force.lets_change(status, at, is_proved=True)
            for _what, number, status, at, _seen in own
        },
        has_waiting=any(status in (Status.PENDING, Status.SPAM) for _, _, status, _, _ in own),
        helpful=frozenset(row[1] for row in rows if row[0] == "helpful"),
        muted=frozenset(row[1] for row in rows if row[0] == "muted"),
        since=_since(visit),
        may_pin=may_run(thread, user),
        decides=frozenset(row[1] for row in rows if row[0] == "open" and in_force.authors_moderate),
    )


def _facts(thread: Thread, user: Any, keys: Collection[int]) -> QuerySet[Any, Any]:
    """Return (what, number, status, at, seen) of everything that is this reader's. Queries: 1."""
    now = timezone.now()
    own = Comment.objects.filter(thread=thread, author=user, status__in=CHANGEABLE).filter(
        Q(created_at__gte=now - timedelta(minutes=MOST_MINUTES)) | ~Q(status=Status.APPROVED)
    )
    helpful = HelpfulMark.objects.filter(user=user, comment__thread=thread)
    visits = ThreadVisit.objects.filter(user=user, thread=thread)
    none = Value("", output_field=CharField())
    zero = Value(0, output_field=IntegerField())
    at = Value(now, output_field=DateTimeField())
    moderates = Cast("authors_moderate", IntegerField())
    open_ = _told("open", open_to(user, keys), "pk", none, "created_at", zero)
    return _told("own", own, "number", "status", "created_at", zero).union(
        *([open_] if keys else []),
        _told("helpful", helpful, "comment__number", none, "created_at", zero),
        _told("muted", Mute.objects.filter(user=user), "muted_id", none, "created_at", zero),
        _told("visit", visits, "since_version", none, "seen_at", "seen_version"),
        _told("rules", DiscussionRules.objects.all(), "proved_edit_minutes", none, at, moderates),
        all=True,
    )


def _told(what: str, rows: QuerySet[Any], *columns: Any) -> QuerySet[Any, Any]:
    return rows.order_by().values_list(Value(what, output_field=CharField()), *columns)


def _since(visit: Any) -> int | None:
    """Return the version up to which all is known; a new visit knows what the last one showed."""
    if visit is None:
        return None
    _what, since, _none, at, seen = visit
    return since if timezone.now() - at < VISIT else seen


def note_visit(thread: Thread, user: Any, version: int) -> None:
    """Remember up to which version a reader has now seen a thread. Queries: 2 to 3."""
    version = min(version, thread.version)
    now = timezone.now()
    visit, is_new = ThreadVisit.objects.get_or_create(
        user=user,
        thread=thread,
        defaults={"since_version": version, "seen_version": version, "seen_at": now},
    )
    if is_new:
        return
    if now - visit.seen_at >= VISIT:
        visit.since_version = visit.seen_version
    visit.seen_version, visit.seen_at = max(version, visit.seen_version), now
    visit.save(update_fields=["since_version", "seen_version", "seen_at"])


# --- as a guest -----------------------------------------------------------------------------------


def _guest(thread: Thread, viewer: Viewer) -> Reader:
    columns = ("number", "status", "created_at", "email_proved_at")
    own = thread.comments.filter(viewer.own_comments, status__in=CHANGEABLE).values_list(*columns)
    rows = list(own)
    if not rows:
        return STRANGER
    rules = DiscussionRules.in_force()
    return Reader(
        own={
            number: rules.lets_change(status, at, is_proved=proved is not None)
            for number, status, at, proved in rows
        },
        has_waiting=any(status != Status.APPROVED for _number, status, _at, _proved in rows),
    )


# --- the sort they like ---------------------------------------------------------------------------

SORT_COOKIE = "parley_sort"


def remembered_sort(cookies: Mapping[str, str]) -> str:
    """Return the sort this device asked for last, or nothing."""
    value = cookies.get(SORT_COOKIE, "")
    return value if value in Sort.values else ""
