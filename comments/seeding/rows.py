"""Fills a thread with made-up comments, as if each had come through the one door and was let in.

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

from django.db import connection, transaction
from django.db.models import F, Max

from comments.markup import MARKUP_VERSION
from comments.models import Comment, ModerationLogEntry, Thread, path_segment
from comments.publicity import make_true
from comments.seeding.shape import Shape
from comments.seeding.texts import Text
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
    # The keys of those that are stored, by number.
    keys: "array[int]" = field(default_factory=lambda: array("q", [0]))

    def store(self, tell: Callable[[int], None] = lambda _count: None) -> None:
        """Write all comments, a batch a transaction; `tell` is told how many each time."""
        version = self.thread.version
        for numbers in self._batches():
            with transaction.atomic():
                self.keys.extend(_new_keys(len(numbers)))
                comments = [self._comment(number, version) for number in numbers]
                Comment.objects.bulk_create(comments)
                ModerationLogEntry.objects.bulk_create(map(_admission, comments))
                self._count(comments)
            tell(len(comments))
        self.thread.refresh_from_db()

    def _batches(self) -> Iterator[range]:
        end = len(self.shape) + 1
        for start in range(1, end, BATCH):
            yield range(start, min(start + BATCH, end))

    def _comment(self, number: int, version: int) -> Comment:
        rng, shape, thread = self.rng, self.shape, self.thread
        text, first_name, last_name = (
            rng.choice(from_) for from_ in (self.texts, FIRST_NAMES, LAST_NAMES)
        )
        comment = Comment(
            pk=self.keys[number],
            thread=thread,
            parent_id=self.keys[shape.parents[number]] or None,
            number=number,
            path="".join(map(path_segment, shape.stem_numbers(number))),
            depth=shape.depths[number],
            status=Status.APPROVED,
            shown_version=version + number,
            living_replies=shape.living[number],
            author_name=f"{first_name} {last_name}",
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
        return comment

    def _count(self, comments: list[Comment]) -> None:
        Thread.objects.filter(pk=self.thread.pk).update(
            last_number=comments[-1].number,
            approved_count=F("approved_count") + len(comments),
            version=F("version") + len(comments),
            last_comment_at=comments[-1].created_at,
        )


def _admission(comment: Comment) -> ModerationLogEntry:
    return ModerationLogEntry(
        comment=comment,
        actor_name=comment.author_name,
        action=Action.SUBMIT,
        new_status=comment.status,
        revision=comment.revision,
        created_at=comment.created_at,
    )


def _new_keys(count: int) -> list[int]:
    """Return keys for new comments, so that a reply can be stored together with what it answers."""
    table = Comment._meta.db_table
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [key for (key,) in cursor.fetchall()]
    # SQLite: one writer at a time, and a transaction is that of whoever began it.
    last = Comment.objects.aggregate(last=Max("pk"))["last"] or 0
    return list(range(last + 1, last + 1 + count))
