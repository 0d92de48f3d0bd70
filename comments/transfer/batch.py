"""One batch of comments in its transaction: locks the threads, looks what is known, then writes.

intake.py decides which comments are a batch, and has their texts rendered before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from comments.models import Thread
from comments.retention import due_before, forget_old_facts
from comments.tally import Tally
from comments.transfer.arrivals import Arrival
from comments.transfer.places import AT_ONCE, KIND, LEFT_PLACE, Known, Place
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.renewal import renew
from comments.transfer.report import CREATED, UNCHANGED, Report
from comments.transfer.rows import comment_row, in_order
from comments.transfer.storing import Made, Numbers, insert
from comments.transfer.waiting import keep_in_thread
from comments.transfer.words import Words

# The place in the file of what was placed when its end was reached: after everything.
AT_THE_END = 2**63 - 1


@dataclass
class Stones:
    """Places of parents that never came: here before this run, and made by it."""

    known: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)

    def tell(self, report: Report) -> None:
        for external_id in sorted(self.known | self.made):
            report.took("tombstones", CREATED if external_id in self.made else UNCHANGED)
            report.note(f"comment {external_id} is missing: its place is kept")


class Batch:
    """To be made and used within one transaction, once."""

    def __init__(
        self,
        run: ImportRun,
        report: Report,
        stones: Stones,
        arrivals: Iterable[Arrival],
        words: Words,
    ) -> None:
        self.run, self.report, self.stones, self.words = run, report, stones, words
        arrivals = list(arrivals)
        self.threads = _locked({each.thread.pk for each in arrivals})
        self.tally = Tally(self.threads)
        self.arrivals = [each for each in arrivals if each.thread.pk in self.threads]
        for each in arrivals:
            if each.thread.pk not in self.threads:
                report.skip("its page is gone", line=each.line, what=each.external_id)
        self.known = self._look_up()

    def admit(self) -> list[Arrival]:
        """Store what can be placed, and return what has its place at the end of the file."""
        late = self._placed_at_the_end()
        new = self._renew()
        last = max((each.position for each in self.arrivals), default=0)
        standing = {
            external: place
            for external, place in self.known.places.items()
            if self.known.rows[external].position <= last
        }
        homes = {external: place.thread_id for external, place in standing.items()}
        homes |= {each.external_id: each.thread.pk for each in new}
        keep_in_thread(new, homes, self.report)
        ready, waiting = in_order(new, standing)
        self._store(ready, standing)
        return waiting + late

    def place(self) -> None:
        """Store a part of what waited, in an order in which no reply comes before its parent."""
        ready, left = in_order(self._renew(), self.known.places)
        for each in left:
            # Taken back by somebody just now. It comes with the next run, below a tombstone.
            self.report.skip("what it answers is gone", line=each.line, what=each.external_id)
        self._store(ready, self.known.places, at=AT_THE_END)

    # --- what is known already ------------------------------------------------------------------

    def _look_up(self) -> Known:
        """Look up these comments and their parents."""
        ids = {each.external_id for each in self.arrivals}
        ids |= {each.parent_id for each in self.arrivals} - {""}
        known = Known(self.run.source, ids)
        if known.gone:
            # Removed altogether: those may come again.
            ImportMap.objects.filter(pk__in=known.gone).delete()
        self.stones.known |= {external for external in known.rows if known.is_stone(external)}
        return known

    def _placed_at_the_end(self) -> list[Arrival]:
        """Return, without their words, those that an earlier run placed at the end of its file."""
        return [
            each.without_words()
            for each in self.arrivals
            if (row := self.known.rows.get(each.external_id)) is not None
            and row.position == AT_THE_END
            and self._stands_in_its_thread(each)
        ]

    def _stands_in_its_thread(self, each: Arrival) -> bool:
        return self.known.places[each.external_id].thread_id == each.thread.pk

    def _renew(self) -> list[Arrival]:
        """Bring what changed there into comments that are known, and return the others."""
        new, changed = [], []
        self._leave_places()
        for each in self.arrivals:
            row = self.known.rows.get(each.external_id)
            if row is None:
                new.append(each)
            elif each.is_stone:
                continue
            elif not self._stands_in_its_thread(each):
                self.report.skip("now below another page there", line=each.line)
            elif row.digest == each.digest:
                status = self.known.places[each.external_id].status
                self.report.took("comments", UNCHANGED, status=status)
            else:
                changed.append((each, row))
        if changed:
            renew(changed, self.tally, self.report, self.words, self.due)
        self.stones.known -= {each.external_id for each in self.arrivals if not each.is_stone}
        return new

    def _leave_places(self) -> None:
        """Let tombstones be, on their own, whose comments came after all but on another page."""
        left = [
            each.external_id
            for each in self.arrivals
            if self.known.is_stone(each.external_id) and not self._stands_in_its_thread(each)
        ]
        for external_id in left:
            row = self.known.rows[external_id]
            row.kind, row.external_id = LEFT_PLACE, str(row.object_id)
            row.save(update_fields=["kind", "external_id"])
        self.known.forget(left)

    @cached_property
    def due(self) -> datetime:
        """What came with comments from before is over, here as there. Queries: 1, once."""
        return due_before()

    # --- writing --------------------------------------------------------------------------------

    def _store(
        self, arrivals: list[Arrival], places: dict[str, Place], *, at: int | None = None
    ) -> None:
        """Write new comments, parents before replies, and all that changed with this batch.

        Shape: `at` is the place in the file that is remembered, if not their own.
        """
        made = self._made(arrivals, places)
        if made:
            forget_old_facts((comment for _each, comment in made), self.due)
            insert(made, self.words)
            self._remember(made, at)
        self._count(made)
        self.tally.write(new=(comment for _each, comment in made))

    def _made(self, arrivals: list[Arrival], places: dict[str, Place]) -> Made:
        numbers = Numbers(self.threads, arrivals)
        places, made = dict(places), []
        for each in arrivals:
            _html, is_plain = self.words.shown(each.body, each.markup)
            if is_plain:
                self.report.note("a comment is shown as plain text: too intricate", line=each.line)
            parent = places[each.parent_id] if each.parent_id else None
            comment = comment_row(each, numbers.give(each), parent, self.words)
            if comment.is_public():
                comment.shown_version = self.threads[comment.thread_id].version + 1
            places[each.external_id] = Place(None, comment.thread_id, comment.path, each.status)
            made.append((each, comment))
        return made

    def _count(self, made: Made) -> None:
        for each, comment in made:
            self.tally.add(comment, was_public=False)
            if each.is_stone:
                self.stones.made.add(each.external_id)
            else:
                self.report.took("comments", CREATED, status=each.status)

    def _remember(self, made: Made, at: int | None) -> None:
        ImportMap.objects.bulk_create(
            ImportMap(
                source=self.run.source,
                kind=KIND,
                external_id=each.external_id,
                object_id=comment.pk,
                digest=each.digest,
                position=each.position if at is None else at,
                left_at_version=comment.revision,
                run=self.run,
            )
            for each, comment in made
        )


def _locked(thread_ids: set[int]) -> dict[int, Thread]:
    """Lock the threads, always in the same order, so that two imports never deadlock."""
    found: dict[int, Thread] = {}
    wanted = sorted(thread_ids)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        threads = Thread.objects.select_for_update().filter(pk__in=part).order_by("pk")
        found |= {thread.pk: thread for thread in threads}
    return found
