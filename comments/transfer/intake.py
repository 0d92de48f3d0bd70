"""Comments from elsewhere, through the one door: a second leaf of it, wide enough for thousands.

As in moderation/ an act is one transaction under the threads' locks: comments, their history in
the log, the counters, the versions and the import's own map change together (batch.py), so a run
that is cut off goes on where it was. Nothing is checked for spam, told to anybody or learnt from.

That the rest comes out as if nothing had been cut off rests on one rule: where a reply is placed
depends on places in the file alone, never on what a run before this one had got to. A reply waits
unless its parent stands in the same batch or one before; what waited is placed at the end, in the
order that waiting.py finds for the whole thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from comments.markup_html import MAX_COMMENT_LENGTH
from comments.transfer.arrivals import Arrival
from comments.transfer.batch import Batch, Stones
from comments.transfer.mending import fitted
from comments.transfer.places import KIND
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.report import Report
from comments.transfer.waiting import order_of_the_rest, whole_threads
from comments.transfer.words import Words

BATCH = 500


@dataclass
class Intake:
    """Admits the comments of one source. Call admit() for each batch, then finish() once.

    Queries: a batch takes a fixed number, however many comments or threads are in it.
    """

    run: ImportRun
    report: Report
    # Of those that are here already only the places: where the others go depends on them.
    waiting: list[Arrival] = field(default_factory=list)
    # Nothing is to be mended: what comes was one of ours, and its columns have been checked.
    is_exact: bool = False
    # Of ids, not the ids: a million of them fit in 60 MB.
    seen: set[int] = field(default_factory=set)
    stones: Stones = field(default_factory=Stones)

    def admit(self, arrivals: Iterable[Arrival]) -> None:
        """Store a batch, or update what has changed, in one transaction.

        Replies whose parents stand further on in the file wait for finish().
        """
        batch = self._first_ones(arrivals)
        if batch:
            words = self._words_ahead(batch)
            self.run.show_life()
            with transaction.atomic():
                self.waiting += self._batch(batch, words).admit()

    def finish(self) -> None:
        """Store what waited. A parent that never came gets a tombstone in its place."""
        homes = {each.external_id: each.thread.pk for each in self.waiting}
        for group in whole_threads(self.waiting, BATCH):
            rest = order_of_the_rest(group, homes, self.run.source, self.report)
            # Cut with those that are here: the same transactions, whatever was written before.
            for start in range(0, len(rest), BATCH):
                self._place(rest[start : start + BATCH])
        self.waiting = []
        self.stones.tell(self.report)

    def _place(self, part: Sequence[Arrival]) -> None:
        new = [each for each in part if not each.is_here]
        if new:
            words = Words(new)
            self.run.show_life()
            with transaction.atomic():
                self._batch(new, words).place()

    def _batch(self, arrivals: list[Arrival], words: Words) -> Batch:
        return Batch(self.run, self.report, self.stones, arrivals, words)

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

    def _words_ahead(self, batch: list[Arrival]) -> Words:
        """Render what will be written, as far as can be told before anything is locked."""
        ids = {each.external_id for each in batch}
        parents = {each.parent_id for each in batch}
        rows = ImportMap.objects.known(self.run.source, KIND, sorted(ids | parents - {""}))
        at_hand = {"", *ids, *rows}
        return Words(
            each
            for each in batch
            if (row.digest != each.digest if (row := rows.get(each.external_id)) else True)
            and (each.parent_id in at_hand or row is not None)
        )
