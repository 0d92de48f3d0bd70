"""Fills a thread with made-up comments, as if each had come through the one door.

The same rows that moderation.submit() would have written one by one, in bulk and without checks:
places, counters, versions, what readers see, the log. The thread has to be empty, and nobody else
may write in it meanwhile (its page is not public yet).
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Min

from comments.markup import MARKUP_VERSION
from comments.meta import base_address
from comments.models import Comment, ModerationLogEntry, Thread, path_segment
from comments.publicity import make_true
from comments.seeding.findings import findings_for
from comments.seeding.shape import Shape
from comments.seeding.texts import Text
from comments.sifting import sift
from comments.status import Action, Status

BATCH = 4_000
FIRST_NAMES = (
    "Ada", "Ben", "Carla", "Dmitri", "Edda", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Kofi",
    "Lena", "Milo", "Noor", "Olga", "Pavel", "Quentin", "Rosa", "Selma", "Tariq", "Uma", "Vera",
    "Wim", "Xenia", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Adeyemi", "Berg", "Costa", "Dahl", "Eriksen", "Fontaine", "Groß", "Haddad", "Ito", "Jansen",
    "Kowalska", "Lindqvist", "Moreau", "Novák", "Okafor", "Petrov", "Quispe", "Rossi", "Şahin",
    "Tanaka",
)  # fmt: skip


@dataclass(frozen=True)
class Filling:
    """One thread to be filled. Shape: `since` and `until` are when its comments were written.

    The same random numbers give the same comments, their instants aside.
    """

    thread: Thread
    shape: Shape
    texts: list[Text]
    rng: Random
    since: datetime
    until: datetime
    # What became of them; where readers see none of them, none may answer another.
    status: Status = Status.APPROVED
    # The keys of those that are stored, by number.
    keys: "array[int]" = field(default_factory=lambda: array("q", [0]))

    def store(self, tell: Callable[[int], None] = lambda _count: None) -> None:
        """Write all comments, a batch a transaction; `tell` is told how many each time."""
        version = self.thread.version
        for numbers in self._batches():
            with transaction.atomic():
                first = _reserve(len(numbers))
                self.keys.extend(range(first, first + len(numbers)))
                comments = [self._comment(number, version) for number in numbers]
                Comment.objects.bulk_create(comments)
                ModerationLogEntry.objects.bulk_create(map(_admission, comments))
                if self.status == Status.REJECTED:
                    ModerationLogEntry.objects.bulk_create(map(_rejection, comments))
                last = comments[-1]
                public = len(comments) if self.is_public else 0
                _count(self.thread, public, last.number, last.created_at)
            tell(len(comments))
        self.thread.refresh_from_db()

    @property
    def is_public(self) -> bool:
        return self.status == Status.APPROVED

    def _batches(self) -> Iterator[range]:
        end = len(self.shape) + 1
        for start in range(1, end, BATCH):
            yield range(start, min(start + BATCH, end))

    def _comment(self, number: int, version: int) -> Comment:
        rng, shape, thread = self.rng, self.shape, self.thread
        text = rng.choice(self.texts)
        comment = Comment(
            pk=self.keys[number],
            thread=thread,
            parent_id=self.keys[shape.parents[number]] or None,
            number=number,
            path="".join(map(path_segment, shape.stem_numbers(number))),
            depth=shape.depths[number],
            status=self.status,
            shown_version=version + number if self.is_public else 0,
            living_replies=shape.living[number],
            author_name=f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}",
            author_email=f"reader-{rng.randrange(10_000)}@example.org",
            body=text.body,
            body_html=text.html,
            body_digest=text.digest,
            markup_version=MARKUP_VERSION,
            ip_address=f"198.18.{rng.randrange(256)}.{rng.randrange(1, 255)}",
            seconds_taken=float(rng.randint(20, 900)),
            submission_key=sha256(f"seed {thread.pk} {number}".encode()).hexdigest(),
            markers_before=thread.marker_count,
            created_at=self.since + (self.until - self.since) * (number / len(shape)),
        )
        make_true(comment)
        sift(comment, findings_for(comment))
        return comment


def copy(source: Thread, target: Thread) -> None:
    """Fill an empty thread with what another holds, in the database itself: in no time.

    For threads that are there to be many.
    """
    comments = source.comments
    with transaction.atomic():
        keys = comments.aggregate(first=Min("pk"), last=Max("pk"))
        step = _reserve(keys["last"] - keys["first"] + 1) - keys["first"]
        _insert_comments(source, target, step)
        _insert_log(source, step)
        count = comments.count()
        _count(target, count, count, source.last_comment_at)
    target.refresh_from_db()


def _insert_comments(source: Thread, target: Thread, step: int) -> None:
    quote = connection.ops.quote_name
    columns = [quote(str(each.column)) for each in Comment._meta.concrete_fields]
    # The line above the words holds the comment's address.
    changed: dict[str, tuple[str, list[Any]]] = {
        "id": ("id + %s", [step]),
        "parent_id": ("parent_id + %s", [step]),
        "thread_id": ("%s", [target.pk]),
        "meta_html": ("replace(meta_html, %s, %s)", [*map(base_address, (source.pk, target.pk))]),
        "submission_key": ("md5(%s || number)", [f"seed {target.pk} "]),
    }
    made = [changed.get(name.strip('"'), (name, [])) for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(Comment._meta.db_table)} ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(how for how, _values in made)} "
            f"FROM {quote(Comment._meta.db_table)} WHERE thread_id = %s ORDER BY number",
            [*(value for _how, values in made for value in values), source.pk],
        )


def _insert_log(source: Thread, step: int) -> None:
    quote = connection.ops.quote_name
    table, comments = (quote(each._meta.db_table) for each in (ModerationLogEntry, Comment))
    columns = [
        quote(str(each.column))
        for each in ModerationLogEntry._meta.concrete_fields
        if each.name != "id"
    ]
    made = ["comment_id + %s" if name == quote("comment_id") else name for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(made)} FROM {table} "  # noqa: S608
            f"WHERE comment_id IN (SELECT id FROM {comments} WHERE thread_id = %s) ORDER BY id",
            [step, source.pk],
        )


# --- what both are made of --------------------------------------------------------------------


def _admission(comment: Comment) -> ModerationLogEntry:
    is_judged = comment.status == Status.REJECTED
    return ModerationLogEntry(
        comment=comment,
        actor_name=comment.author_name,
        action=Action.SUBMIT,
        new_status=Status.PENDING if is_judged else comment.status,
        revision=comment.revision,
        findings=findings_for(comment),
        created_at=comment.created_at,
    )


def _rejection(comment: Comment) -> ModerationLogEntry:
    """Return what an editor did at once: nobody's comment is rejected by the door itself."""
    return ModerationLogEntry(
        comment=comment,
        action=Action.REJECT,
        old_status=Status.PENDING,
        new_status=Status.REJECTED,
        revision=comment.revision,
        created_at=comment.created_at,
    )


def _reserve(count: int) -> int:
    """Return the first of so many keys in a row, for comments that are stored in this transaction.

    So a reply can be stored together with what it answers.
    """
    table = Comment._meta.db_table
    if connection.vendor != "postgresql":
        # SQLite: one writer at a time, and this transaction is its.
        return (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s + "
            "nextval(pg_get_serial_sequence(%s, 'id')))",
            [table, count, table],
        )
        return int(cursor.fetchone()[0]) - count


def _count(thread: Thread, count: int, last_number: int, last_comment_at: Any) -> None:
    """Write what the door would have counted, a version for each comment."""
    Thread.objects.filter(pk=thread.pk).update(
        last_number=last_number,
        approved_count=F("approved_count") + count,
        version=F("version") + count,
        last_comment_at=last_comment_at,
    )
