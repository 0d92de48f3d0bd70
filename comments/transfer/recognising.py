"""Which comments of a file are here already under another name, and which only seem to be ours.

A blog whose comments two systems kept, as WordPress and the plugin of Disqus do, has them in the
exports of both. And two files may give one id to different comments. What is left is for intake.py,
which knows one source alone.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import unescape
from itertools import chain

from django.db.models import Exists, OuterRef, QuerySet

from comments.models import Comment
from comments.status import Status
from comments.transfer.arrivals import Arrival
from comments.transfer.places import KIND
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.report import Report
from comments.transfer.words import shown

HERE = "is here already"
ID_IS_TAKEN = "another comment has this id (a file of another blog needs a --source of its own)"
# In the map, instead of a digest: its own source alone brings such a comment up to date.
OF_ANOTHER_SOURCE = "of another source"
TAG = re.compile(r"<[^>]*>")
SIGNS = re.compile(r"[^\W_]+")


@dataclass
class Recognising:
    """Looks at each batch before it is stored. Queries: at most 7 a batch."""

    run: ImportRun
    report: Report

    def strangers(self, batch: list[Arrival], numbers: Mapping[str, str]) -> list[Arrival]:
        """Return what is to be stored or brought up to date; count the others.

        Shape: `numbers` are those that WordPress has for the same comments, by external id.
        """
        ids = [each.external_id for each in batch]
        known = ImportMap.objects.known(self.run.source, KIND, ids)
        left = list(self._without_namesakes(batch, known))
        new = [each for each in left if each.external_id not in known]
        copies = dict(self._copies(new, numbers))
        self._remember(new, copies)
        return [each for each in left if each.external_id not in copies]

    # --- under the ids of this source -----------------------------------------------------------

    def _without_namesakes(
        self, batch: list[Arrival], known: dict[str, ImportMap]
    ) -> Iterator[Arrival]:
        """Leave out what was recognised before, and what has the id of another comment."""
        comments = self._in_doubt(batch, known)
        for each in batch:
            row = known.get(each.external_id)
            comment = comments.get(row.object_id) if row else None
            if row is None or comment is None:
                yield each
            elif row.digest == OF_ANOTHER_SOURCE:
                self._count(each, comment)
            elif _is_at_once(each, comment) or _has_words_of(each, comment):
                yield each
            else:
                self.report.skip(ID_IS_TAKEN, line=each.line, what=f"comment {each.external_id}")

    def _in_doubt(self, batch: list[Arrival], known: dict[str, ImportMap]) -> dict[int, Comment]:
        """Return the comments whose words may differ. Queries: 0 or 1."""
        rows = [(each, known[each.external_id]) for each in batch if each.external_id in known]
        ids = [row.object_id for each, row in rows if row.digest not in {"", each.digest}]
        return Comment.objects.in_bulk(ids) if ids else {}

    # --- under the ids of others ----------------------------------------------------------------

    def _copies(
        self, new: list[Arrival], numbers: Mapping[str, str]
    ) -> Iterator[tuple[str, Comment]]:
        """Yield (external id, comment) of what is here from elsewhere, each comment once."""
        numbered, at_once = self._numbered(numbers.values()), self._at_once(new)
        used = set()
        for each in new:
            number = each.thread.pk, numbers.get(each.external_id, "")
            second = each.thread.pk, _second(each.created_at)
            found = chain(
                (one for one in numbered[number]
                 if _is_at_once(each, one) or _has_words_of(each, one)),
                (one for one in at_once[second]
                 if one.author_name == each.author_name and _has_words_of(each, one)),
            )  # fmt: skip
            if copy := next((one for one in found if one.pk not in used), None):
                used.add(copy.pk)
                yield each.external_id, copy

    def _numbered(self, wanted: Collection[str]) -> defaultdict[tuple[int, str], list[Comment]]:
        """Return the comments that came under these numbers. Queries: 0 or 2."""
        found: defaultdict[tuple[int, str], list[Comment]] = defaultdict(list)
        if wanted:
            rows = ImportMap.objects.filter(source__in=self._others, kind=KIND)
            rows = rows.filter(external_id__in=wanted)
            number_of = dict(rows.values_list("object_id", "external_id"))
            for comment in self._of_others().filter(pk__in=number_of):
                found[comment.thread_id, number_of[comment.pk]].append(comment)
        return found

    def _at_once(self, new: list[Arrival]) -> defaultdict[tuple[int, datetime], list[Comment]]:
        """Return comments of the same second. Queries: 1.

        One here either has the whole second, as most systems tell it, or the very same instant.
        """
        found: defaultdict[tuple[int, datetime], list[Comment]] = defaultdict(list)
        instants = {at for each in new for at in (each.created_at, _second(each.created_at))}
        names = {each.author_name for each in new}
        if instants:
            # All statuses there are: the index begins with them.
            rows = self._of_others().filter(status__in=Status.values, created_at__in=instants)
            for comment in rows.filter(author_name__in=names):
                found[comment.thread_id, _second(comment.created_at)].append(comment)
        return found

    @cached_property
    def _others(self) -> list[str]:
        sources = ImportMap.objects.filter(kind=KIND).order_by().values_list("source", flat=True)
        return list(sources.exclude(source=self.run.source).distinct())

    def _of_others(self) -> QuerySet[Comment]:
        """Return the comments that this source has no id for."""
        own = ImportMap.objects.of(self.run.source, KIND).filter(object_id=OuterRef("pk"))
        return Comment.objects.filter(~Exists(own)).order_by("pk")

    def _remember(self, new: list[Arrival], copies: dict[str, Comment]) -> None:
        """Keep what was recognised, for replies to it and for the next run."""
        rows = []
        for each in new:
            if comment := copies.get(each.external_id):
                self._count(each, comment)
                rows.append(self._row(each, comment))
        ImportMap.objects.bulk_create(rows, ignore_conflicts=True)

    def _row(self, each: Arrival, comment: Comment) -> ImportMap:
        return ImportMap(
            source=self.run.source,
            kind=KIND,
            external_id=each.external_id,
            object_id=comment.pk,
            digest=OF_ANOTHER_SOURCE,
            position=each.position,
            left_at_version=comment.revision,
            is_made=False,
            run=self.run,
        )

    def _count(self, each: Arrival, comment: Comment) -> None:
        self.report.skipped[HERE] += 1
        if each.status != comment.status:
            told = f"comment {each.external_id} is {each.status} there"
            self.report.note(f"{told}, and here already as {comment.status}", line=each.line)


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _is_at_once(each: Arrival, comment: Comment) -> bool:
    return _second(each.created_at) == _second(comment.created_at)


def _has_words_of(each: Arrival, comment: Comment) -> bool:
    words = _words(shown(each.body, each.markup)[0])
    return bool(words) and words == _words(comment.body_html)


def _words(html: str) -> str:
    """Return the letters and figures alone, which systems leave as they are; else what there is."""
    text = unescape(TAG.sub("", html))
    return "".join(SIGNS.findall(text)).casefold() or "".join(text.split())
