"""Carries what an act on many comments changed into the counters of threads and comments above.

Everything of one import or bulk act together, so that the number of queries does not grow with it.
The caller holds the threads' locks and calls write() once, in the same transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Case, F, Q, Value, When

from comments.models import Comment, DiscussionRules, Thread

LONG_AGO = datetime.min.replace(tzinfo=UTC)
# SQLite's parser nests one alternative in another, up to a thousand.
AT_ONCE = 300


@dataclass
class Tally:
    """What changes in the locked threads.

    Queries: write() makes 3 for each AT_ONCE threads, and 1 where one of them closes by itself.
    """

    threads: dict[int, Thread]
    above: Counter[tuple[int, str]] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)

    def add(self, comment: Comment, *, was_public: bool) -> None:
        """Count a change of what readers see of a comment, and that its thread's page changed."""
        self.touched.add(comment.thread_id)
        step = int(comment.is_public()) - int(was_public)
        if step:
            thread = self.threads[comment.thread_id]
            thread.approved_count += step
            if step > 0:
                thread.last_comment_at = max(comment.created_at, thread.last_comment_at or LONG_AGO)
            for path in comment.ancestor_paths():
                self.above[comment.thread_id, path] += step

    def write(self, new: Iterable[Comment] = ()) -> None:
        """Write all that was counted; `new` comments have their own counters right already."""
        for comment in new:
            self.above.pop((comment.thread_id, comment.path), None)
        self._write_above()
        changed = [self.threads[pk] for pk in sorted(self.touched)]
        for thread in changed:
            thread.version += 1
        closing = [thread for thread in changed if thread.closes_at is not None]
        if closing:
            rules = DiscussionRules.in_force()
            for thread in closing:
                thread.closes_at = rules.closing_of(thread)
        # An upsert of rows that are there: bulk_update would write a branch for each value.
        Thread.objects.bulk_create(
            changed,
            update_conflicts=True,
            update_fields=[
                "approved_count",
                "last_number",
                "version",
                "last_comment_at",
                "closes_at",
            ],
            unique_fields=["id"],
        )

    def _write_above(self) -> None:
        paths: defaultdict[int, list[str]] = defaultdict(list)
        for (thread_id, path), step in self.above.items():
            if step:
                paths[thread_id].append(path)
        thread_ids = sorted(paths)
        for start in range(0, len(thread_ids), AT_ONCE):
            wanted = Q()
            for thread_id in thread_ids[start : start + AT_ONCE]:
                wanted |= Q(thread_id=thread_id, path__in=paths[thread_id])
            self._step(wanted)

    def _step(self, wanted: Q) -> None:
        steps: defaultdict[int, list[int]] = defaultdict(list)
        for pk, thread_id, path in Comment.objects.filter(wanted).values_list(
            "pk", "thread_id", "path"
        ):
            steps[self.above[thread_id, path]].append(pk)
        if not steps:
            return
        step_of = Case(*(When(pk__in=pks, then=Value(step)) for step, pks in steps.items()))
        pks = [pk for same in steps.values() for pk in same]
        Comment.objects.filter(pk__in=pks).update(living_replies=F("living_replies") + step_of)
