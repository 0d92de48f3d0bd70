"""Comments from elsewhere, through the one door: a second leaf of it, wide enough for thousands.

As in moderation.py an act is one transaction under the threads' locks: comments, their history in
the log, the counters, the versions and the import's own map change together, so a run that is cut
off goes on where it was. Nothing is checked for spam, told to anybody or learnt from.

That the rest comes out as if nothing had been cut off rests on one rule: where a reply is placed
depends on places in the file alone, never on what a run before this one had got to. A reply waits
unless its parent stands in the same batch or one before; what waited is placed at the end, a whole
thread at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction

from comments.markup_html import MAX_COMMENT_LENGTH
from comments.models import Comment, Thread
from comments.transfer.arrivals import Arrival, tombstone
from comments.transfer.counting import Tally
from comments.transfer.mending import fitted
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.renewal import renew
from comments.transfer.report import CREATED, UNCHANGED, Report
from comments.transfer.rows import Place, comment_row, first_of_circle, in_order, shown
from comments.transfer.storing import Made, Numbers, insert

KIND = "comment"
BATCH = 500
# The place in the file of what was placed when its end was reached: after everything.
AT_THE_END = 2**63 - 1


@dataclass
class Intake:
    """Admits the comments of one source. Call admit() for each batch, then finish() once.

    Queries: a batch takes a fixed number, however many comments or threads are in it.
    """

    run: ImportRun
    report: Report
    waiting: list[Arrival] = field(default_factory=list)
    # Nothing is to be mended: what comes was one of ours, and its columns have been checked.
    is_exact: bool = False
    # Of ids, not the ids: a million of them fit in 60 MB.
    seen: set[int] = field(default_factory=set)
    # Places of parents that never came: here before this run, and made by it.
    stones: set[str] = field(default_factory=set)
    new_stones: set[str] = field(default_factory=set)

    def admit(self, arrivals: Iterable[Arrival]) -> None:
        """Store a batch, or update what has changed, in one transaction.

        Replies whose parents stand further on in the file wait for finish().
        """
        batch = self._first_ones(arrivals)
        if batch:
            with transaction.atomic():
                self.waiting += _Batch(self, batch).admit()

    def finish(self) -> None:
        """Store what waited. A parent that never came gets a tombstone in its place."""
        homes = {each.external_id: each.thread.pk for each in self.waiting}
        for batch in _by_thread(self.waiting):
            with transaction.atomic():
                _Batch(self, batch).admit_the_rest(homes)
        self.waiting = []
        for external_id in sorted(self.stones | self.new_stones):
            change = CREATED if external_id in self.new_stones else UNCHANGED
            self.report.took("tombstones", change)
            self.report.note(f"comment {external_id} is missing: its place is kept")

    def _first_ones(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Return what this run has not seen yet, made to fit."""
        firsts = []
        for each in arrivals if self.is_exact else map(fitted, arrivals):
            if hash(each.external_id) in self.seen:
                self.report.skip("the same id twice", line=each.line, what=each.external_id)
            elif len(each.body) > MAX_COMMENT_LENGTH:
                self.report.skip("a comment too long", line=each.line, what=each.external_id)
            else:
                firsts.append(each)
            self.seen.add(hash(each.external_id))
        return firsts


def _by_thread(waiting: list[Arrival]) -> Iterator[list[Arrival]]:
    """Yield batches of whole threads: half of one, cut off there, would get other numbers."""
    threads: defaultdict[int, list[Arrival]] = defaultdict(list)
    for each in waiting:
        threads[each.thread.pk].append(each)
    batch: list[Arrival] = []
    for arrivals in threads.values():
        batch += arrivals
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _Batch:
    """One batch in its transaction: locks the threads, then looks what is known already."""

    def __init__(self, intake: Intake, batch: list[Arrival]) -> None:
        self.intake = intake
        self.report = intake.report
        self.threads = _locked({each.thread.pk for each in batch})
        self.batch = [each for each in batch if each.thread.pk in self.threads]
        for each in batch:
            if each.thread.pk not in self.threads:
                self.report.skip("its page is gone", line=each.line, what=each.external_id)
        self.known, self.places = self._look_up()
        self.tally = Tally(self.threads)

    def admit(self) -> list[Arrival]:
        """Store what can be placed, and return what waits."""
        new = self._renew()
        last = max((each.position for each in self.batch), default=0)
        standing = {
            external: place
            for external, place in self.places.items()
            if self.known[external].position <= last
        }
        homes = _homes(standing, new)
        self._keep_in_thread(new, homes)
        ready, waiting = in_order(new, standing)
        self._store(ready, standing)
        return waiting

    def admit_the_rest(self, homes: dict[str, int]) -> None:
        """Store all: below tombstones what lacks its parent, and circles opened."""
        new = self._renew()
        homes = homes | _homes(self.places, new)
        stones = self._stones(new, homes)
        self._keep_in_thread(new, homes)
        ready, left = in_order([*stones, *new], self.places)
        while left:
            first = first_of_circle(left)
            self.report.note("comments that answer each other in a circle", line=first.line)
            first.parent_id = ""
            more, left = in_order(left, {each.external_id for each in ready})
            ready += more
        self._store(ready, self.places, at=AT_THE_END, stones=stones)

    # --- what is known already ------------------------------------------------------------------

    def _look_up(self) -> tuple[dict[str, ImportMap], dict[str, Place]]:
        """Return the map's rows and the places of these comments and of their parents."""
        ids = {each.external_id for each in self.batch}
        ids |= {each.parent_id for each in self.batch} - {""}
        known = ImportMap.objects.known(self.intake.run.source, KIND, sorted(ids))
        places = _places(known)
        # Rows whose comments were removed altogether: those may come again.
        gone = [known.pop(external).pk for external in set(known) - set(places)]
        if gone:
            ImportMap.objects.filter(pk__in=gone).delete()
        self.intake.stones |= {external for external, row in known.items() if not row.digest}
        return known, places

    def _renew(self) -> list[Arrival]:
        """Bring what changed there into comments that are known, and return the others."""
        new, changed = [], []
        for each in self.batch:
            row = self.known.get(each.external_id)
            if row is None:
                new.append(each)
                continue
            if self.places[each.external_id].thread_id != each.thread.pk:
                self.report.skip("now below another page there", line=each.line)
            elif row.digest == each.digest:
                self.report.took("comments", UNCHANGED, status=each.status)
            else:
                changed.append((each, row))
        renew(changed, self.tally, self.report)
        self.intake.stones -= {each.external_id for each in self.batch}
        return new

    # --- places ---------------------------------------------------------------------------------

    def _keep_in_thread(self, new: list[Arrival], homes: dict[str, int]) -> None:
        """Make a root of a reply to a comment of another thread."""
        for each in new:
            if each.parent_id and homes.get(each.parent_id, each.thread.pk) != each.thread.pk:
                self.report.note("a reply to a comment of another thread", line=each.line)
                each.parent_id = ""

    def _stones(self, new: list[Arrival], homes: dict[str, int]) -> list[Arrival]:
        """Return tombstones for the parents that never came; add them to `homes`."""
        stones = []
        for each in new:
            if each.parent_id and each.parent_id not in homes:
                homes[each.parent_id] = each.thread.pk
                stones.append(tombstone(each))
        return stones

    # --- writing --------------------------------------------------------------------------------

    def _store(
        self,
        arrivals: list[Arrival],
        places: dict[str, Place],
        *,
        at: int | None = None,
        stones: Iterable[Arrival] = (),
    ) -> None:
        """Write new comments, parents before replies, and all that changed with this batch."""
        stone_ids = {stone.external_id for stone in stones}
        made = self._made(arrivals, places)
        if made:
            insert(made)
            self._remember(made, at, stone_ids)
        self._count(made, stone_ids)
        self.tally.write(new=(comment for _each, comment in made))

    def _made(self, arrivals: list[Arrival], places: dict[str, Place]) -> Made:
        numbers = Numbers(self.threads, arrivals)
        places, made = dict(places), []
        for each in arrivals:
            html, is_plain = shown(each.body, each.markup)
            if is_plain:
                self.report.note("a comment is shown as plain text: too intricate", line=each.line)
            parent = places[each.parent_id] if each.parent_id else None
            comment = comment_row(each, numbers.give(each), parent, html)
            places[each.external_id] = Place(None, comment.thread_id, comment.path)
            made.append((each, comment))
        return made

    def _count(self, made: Made, stone_ids: set[str]) -> None:
        for each, comment in made:
            self.tally.add(comment, before=None)
            if each.external_id in stone_ids:
                self.intake.new_stones.add(each.external_id)
            else:
                self.report.took("comments", CREATED, status=each.status)

    def _remember(self, made: Made, at: int | None, stone_ids: set[str]) -> None:
        run = self.intake.run
        ImportMap.objects.bulk_create(
            ImportMap(
                source=run.source,
                kind=KIND,
                external_id=each.external_id,
                object_id=comment.pk,
                digest="" if each.external_id in stone_ids else each.digest,
                position=each.position if at is None else at,
                left_at_version=comment.revision,
                run=run,
            )
            for each, comment in made
        )


def _locked(thread_ids: set[int]) -> dict[int, Thread]:
    """Lock the threads, always in the same order, so that two imports never deadlock."""
    found: dict[int, Thread] = {}
    wanted = sorted(thread_ids)
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        threads = Thread.objects.select_for_update().filter(pk__in=part).order_by("pk")
        found |= {thread.pk: thread for thread in threads}
    return found


def _places(known: dict[str, ImportMap]) -> dict[str, Place]:
    """Return where the known comments stand. Queries: 1 for each BATCH."""
    by_object = {row.object_id: external for external, row in known.items()}
    wanted, places = list(by_object), {}
    for start in range(0, len(wanted), BATCH):
        rows = Comment.objects.filter(pk__in=wanted[start : start + BATCH])
        for pk, thread_id, path in rows.values_list("pk", "thread_id", "path"):
            places[by_object[pk]] = Place(pk, thread_id, path)
    return places


def _homes(places: dict[str, Place], new: list[Arrival]) -> dict[str, int]:
    """Return the thread that each comment stands in, or will."""
    standing = {external: place.thread_id for external, place in places.items()}
    return standing | {each.external_id: each.thread.pk for each in new}
