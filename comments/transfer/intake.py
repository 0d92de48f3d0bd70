"""Comments from elsewhere, through the one door: a second leaf of it, wide enough for thousands.

As in moderation.py an act is one transaction under the threads' locks: comments, their history in
the log, the counters, the versions and the import's own map change together, so a run that is cut
off goes on where it was. Nothing is checked for spam, told to anybody or learnt from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.html import escape, linebreaks

from comments.markup import MARKUP_VERSION, check_caps, render_comment, strip_controls
from comments.markup_html import MAX_COMMENT_LENGTH, render_html_comment
from comments.models import (
    PATH_SEGMENT,
    Comment,
    CommentRevision,
    Markup,
    ModerationLogEntry,
    Thread,
    path_segment,
)
from comments.status import Action, Status, allowed
from comments.submission import body_digest
from comments.transfer.arrivals import Act, Arrival, Earlier, tombstone
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.report import CREATED, UNCHANGED, UPDATED, Report

KIND = "comment"
MOST_NUMBER = 36**PATH_SEGMENT - 1


@dataclass
class Place:
    """Where a comment stands, as its replies need to know it."""

    comment_id: int
    thread_id: int
    path: str


@dataclass
class Intake:
    """Admits the comments of one source. Call admit() for each batch, then finish() once."""

    run: ImportRun
    report: Report
    waiting: list[Arrival] = field(default_factory=list)

    def admit(self, arrivals: Iterable[Arrival]) -> None:
        """Store a batch, or update what has changed, in one transaction.

        Replies whose parents stand further on in the file wait for finish().
        """
        batch = list(arrivals)
        if batch:
            with transaction.atomic():
                self._admit(batch, is_end=False)

    def finish(self) -> None:
        """Store what waited. A parent that never came gets a tombstone in its place."""
        while self.waiting:
            before = len(self.waiting)
            batch, self.waiting = self.waiting, []
            with transaction.atomic():
                self._admit(batch, is_end=True)
                if len(self.waiting) == before:
                    self._make_way()

    # --- a batch --------------------------------------------------------------------------------

    def _admit(self, batch: list[Arrival], *, is_end: bool) -> None:
        ids = {each.external_id for each in batch} | {each.parent_id for each in batch} - {""}
        known = ImportMap.objects.known(self.run.source, KIND, ids)
        threads = _locked({each.thread.pk for each in batch})
        new: dict[str, Arrival] = {}
        for each in batch:
            row = known.get(each.external_id)
            if row is None and each.external_id not in new:
                new[each.external_id] = each
            elif row is None:
                self.report.skip("the same id twice", line=each.line, what=each.external_id)
            else:
                self._renew(each, row)
        placed = _places(known)
        self._store(self._in_order(new, known, placed, batch, is_end), placed, threads)

    def _in_order(
        self,
        new: dict[str, Arrival],
        known: dict[str, ImportMap],
        placed: dict[str, Place],
        batch: list[Arrival],
        is_end: bool,
    ) -> list[Arrival]:
        """Return the new ones that can be placed, parents before replies; the others wait."""
        last = max(each.position for each in batch)
        ready: dict[str, Arrival] = {}

        def is_ready(each: Arrival) -> bool:
            if not each.parent_id or each.parent_id in ready:
                return True
            row = known.get(each.parent_id)
            # What a run before this one has placed from further on in the file waits all the same:
            # a run that is cut off and one that is not give every comment the same number.
            is_before = row is not None and (is_end or row.position <= last or not row.digest)
            return is_before and each.parent_id in placed

        open_ones = list(new.values())
        while open_ones:
            left = []
            for each in open_ones:
                if is_ready(each):
                    ready[each.external_id] = each
                else:
                    left.append(each)
            if len(left) == len(open_ones):
                self.waiting += left
                break
            open_ones = left
        return list(ready.values())

    def _store(
        self, arrivals: list[Arrival], placed: dict[str, Place], threads: dict[int, Thread]
    ) -> None:
        """Write new comments with all that belongs to them."""
        numbers = _Numbers(threads, arrivals)
        made: list[tuple[Arrival, Comment]] = []
        paths: dict[str, tuple[int, str]] = {
            external: (place.thread_id, place.path) for external, place in placed.items()
        }
        for each in arrivals:
            html = self._html(each)
            if html is None:
                continue
            number = numbers.give(each)
            path = self._path(each, number, paths)
            made.append((each, _comment(each, number, path, html)))
            paths[each.external_id] = (each.thread.pk, path)
        _create(made, placed)
        _log(made)
        _count([comment for _each, comment in made], threads, numbers)
        self._remember(made)
        for each, _comment_made in made:
            self.report.took("comments", CREATED, status=each.status)

    def _html(self, each: Arrival) -> str | None:
        """Return what a comment shows; None, and a word in the report, for what is no comment."""
        if len(each.body) > MAX_COMMENT_LENGTH:
            self.report.skip("a comment too long", line=each.line, what=each.external_id)
            return None
        each.body = each.body.replace("\x00", "")
        try:
            return rendered(each.body, each.markup)
        except ValidationError:
            self.report.note("a comment is shown as plain text: too intricate", line=each.line)
            return linebreaks(escape(strip_controls(each.body)))

    def _path(self, each: Arrival, number: int, paths: dict[str, tuple[int, str]]) -> str:
        thread_id, path = paths.get(each.parent_id, (0, ""))
        if not each.parent_id:
            return path_segment(number)
        if thread_id != each.thread.pk:
            self.report.note("a reply to a comment of another thread", line=each.line)
            each.parent_id = ""
            return path_segment(number)
        return Comment(path=path).path_of_reply(number)[0]

    def _remember(self, made: list[tuple[Arrival, Comment]]) -> None:
        ImportMap.objects.bulk_create(
            ImportMap(
                source=self.run.source,
                kind=KIND,
                external_id=each.external_id,
                object_id=comment.pk,
                digest=each.digest,
                position=each.position,
                left_at_version=comment.revision,
                run=self.run,
            )
            for each, comment in made
        )

    # --- what is known already ------------------------------------------------------------------

    def _renew(self, each: Arrival, row: ImportMap) -> None:
        """Leave a comment that is known as it is, or bring what has changed, if nobody here did."""
        if row.digest == each.digest:
            self.report.took("comments", UNCHANGED, status=each.status)
            return
        comment = Comment.objects.get(pk=row.object_id)
        if comment.revision != row.left_at_version or _was_judged_here(comment, each):
            self.report.skip(
                "changed here since", line=each.line, what=f"comment {row.external_id}"
            )
            return
        html = self._html(each)
        if html is None:
            return
        before = Status(comment.status)
        _take_over(comment, each, html)
        if each.status != before:
            _entry(comment, _admission(each, before)).save()
            _recount(comment, before)
        row.digest = each.digest
        row.save(update_fields=["digest"])
        Thread.objects.filter(pk=comment.thread_id).update(version=F("version") + 1)
        self.report.took("comments", UPDATED, status=each.status)

    # --- parents that never came ----------------------------------------------------------------

    def _make_way(self) -> None:
        """Let those that waited in vain in: below a tombstone, or, in a circle, as roots."""
        here = {each.external_id for each in self.waiting}
        missing = {each.parent_id: each for each in reversed(self.waiting)}
        gone = [external for external in missing if external not in here]
        if not gone:
            first = self.waiting[0]
            self.report.note("comments that answer each other in a circle", line=first.line)
            first.parent_id = ""
            return
        threads = _locked({missing[external].thread.pk for external in gone})
        stones = [tombstone(missing[external], external) for external in reversed(gone)]
        self._store(stones, {}, threads)
        ImportMap.objects.of(self.run.source, KIND).filter(
            external_id__in=[stone.external_id for stone in stones]
        ).update(digest="")
        for stone in stones:
            self.report.note(f"comment {stone.external_id} is missing: its place is kept")


def rendered(body: str, markup: Markup | str) -> str:
    """Return the HTML of a text from elsewhere. Raises: ValidationError, as the renderers do."""
    if markup == Markup.HTML:
        return render_html_comment(body)
    check_caps(body, max_length=MAX_COMMENT_LENGTH)
    return render_comment(body)


def _locked(thread_ids: set[int]) -> dict[int, Thread]:
    threads = Thread.objects.select_for_update().filter(pk__in=thread_ids).order_by("pk")
    return {thread.pk: thread for thread in threads}


def _places(known: dict[str, ImportMap]) -> dict[str, Place]:
    """Return where the known comments stand. Queries: 1 for each 500."""
    by_object = {row.object_id: external for external, row in known.items()}
    wanted, places = list(by_object), {}
    for start in range(0, len(wanted), 500):
        rows = Comment.objects.filter(pk__in=wanted[start : start + 500])
        for pk, thread_id, path in rows.values_list("pk", "thread_id", "path"):
            places[by_object[pk]] = Place(pk, thread_id, path)
    return places


class _Numbers:
    """Gives each comment its number: the one it had, where that is free, or the thread's next."""

    def __init__(self, threads: dict[int, Thread], arrivals: list[Arrival]) -> None:
        self.last = {thread.pk: thread.last_number for thread in threads.values()}
        wanted = [each.number for each in arrivals if each.number]
        rows = Comment.objects.filter(thread__in=threads, number__in=wanted)
        self.taken = set(rows.values_list("thread_id", "number")) if wanted else set()

    def give(self, each: Arrival) -> int:
        thread_id, number = each.thread.pk, each.number
        if not number or number > MOST_NUMBER or (thread_id, number) in self.taken:
            number = self.last[thread_id] + 1
        self.taken.add((thread_id, number))
        self.last[thread_id] = max(self.last[thread_id], number)
        return number


def _comment(each: Arrival, number: int, path: str, html: str) -> Comment:
    kept = (
        "kind", "status", "revision", "author", "author_name", "author_email", "author_website",
        "author_mark", "body", "markup", "ip_address", "user_agent", "referrer", "seconds_taken",
        "honeypot", "created_at", "edited_at",
    )  # fmt: skip
    return Comment(
        thread_id=each.thread.pk,
        number=number,
        path=path,
        depth=len(path) // PATH_SEGMENT - 1,
        body_html=html,
        markup_version=MARKUP_VERSION,
        body_digest=body_digest(each.body),
        submission_key=each.submission_key or uuid4().hex,
        **{name: getattr(each, name) for name in kept},
    )


def _create(made: list[tuple[Arrival, Comment]], placed: dict[str, Place]) -> None:
    """Insert the comments level by level, so that each reply knows its parent's row."""
    living = _living_below(comment for _each, comment in made)
    ids = {external: place.comment_id for external, place in placed.items()}
    levels: defaultdict[int, list[tuple[Arrival, Comment]]] = defaultdict(list)
    level_of: dict[str, int] = {}
    for each, comment in made:
        comment.living_replies = living[comment.thread_id, comment.path]
        level_of[each.external_id] = level_of.get(each.parent_id, -1) + 1
        levels[level_of[each.external_id]].append((each, comment))
    for level in sorted(levels):
        for each, comment in levels[level]:
            comment.parent_id = ids.get(each.parent_id) if each.parent_id else None
        Comment.objects.bulk_create([comment for _each, comment in levels[level]])
        ids |= {each.external_id: comment.pk for each, comment in levels[level]}
    CommentRevision.objects.bulk_create(
        _revision(comment, earlier) for each, comment in made for earlier in each.earlier
    )


def _revision(comment: Comment, earlier: Earlier) -> CommentRevision:
    try:
        html = rendered(earlier.body, earlier.markup)
    except ValidationError:
        html = linebreaks(escape(strip_controls(earlier.body)))
    return CommentRevision(
        comment=comment,
        revision=earlier.revision,
        body=earlier.body,
        markup=earlier.markup,
        body_html=html,
        replaced_at=earlier.replaced_at,
    )


def _living_below(comments: Iterable[Comment]) -> Counter[tuple[int, str]]:
    """Count, for each path above, the approved ones among these comments."""
    living: Counter[tuple[int, str]] = Counter()
    for comment in comments:
        if comment.is_approved():
            living.update((comment.thread_id, path) for path in comment.ancestor_paths())
    return living


def _count(comments: list[Comment], threads: dict[int, Thread], numbers: _Numbers) -> None:
    """Carry new comments into the counters of those above them that were here before."""
    new = {(comment.thread_id, comment.path) for comment in comments}
    steps: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for (thread_id, path), living in _living_below(comments).items():
        if (thread_id, path) not in new:
            steps[thread_id, living].append(path)
    for (thread_id, living), paths in sorted(steps.items()):
        rows = Comment.objects.filter(thread_id=thread_id, path__in=paths)
        rows.update(living_replies=F("living_replies") + living)
    approved = Counter(comment.thread_id for comment in comments if comment.is_approved())
    for thread_id in sorted({comment.thread_id for comment in comments}):
        Thread.objects.filter(pk=thread_id).update(
            approved_count=F("approved_count") + approved[thread_id],
            last_number=numbers.last[thread_id],
            version=F("version") + 1,
        )


def _recount(comment: Comment, before: Status) -> None:
    step = int(comment.is_approved()) - int(before == Status.APPROVED)
    if step:
        rows = Comment.objects.filter(
            thread_id=comment.thread_id, path__in=comment.ancestor_paths()
        )
        rows.update(living_replies=F("living_replies") + step)
        threads = Thread.objects.filter(pk=comment.thread_id)
        threads.update(approved_count=F("approved_count") + step)


def _take_over(comment: Comment, each: Arrival, html: str) -> None:
    if each.status != comment.status and each.status not in allowed(
        Status(comment.status), Action.IMPORT
    ):
        raise ValueError(f"An import cannot make {comment.status} {each.status}.")
    for name in (
        "status", "author_name", "author_email", "author_website", "body", "markup", "created_at",
        "kind", "ip_address", "user_agent",
    ):  # fmt: skip
        setattr(comment, name, getattr(each, name))
    comment.body_html = html
    comment.markup_version = MARKUP_VERSION
    comment.body_digest = body_digest(each.body)
    comment.save()


def _log(made: list[tuple[Arrival, Comment]]) -> None:
    """Write each comment's history, undone acts before the acts that undid them."""
    rows: list[tuple[Act, ModerationLogEntry, list[ModerationLogEntry]]] = []
    for each, comment in made:
        own: list[ModerationLogEntry] = []
        for act in each.history or [_admission(each)]:
            own.append(_entry(comment, act))
            rows.append((act, own[-1], own))
    while rows:
        ready = [row for row in rows if row[0].undoes is None or row[2][row[0].undoes].pk]
        for act, entry, own in ready:
            entry.undoes = None if act.undoes is None else own[act.undoes]
        ModerationLogEntry.objects.bulk_create(entry for _act, entry, _own in ready)
        rows = [row for row in rows if row[1].pk is None]
        if not ready:
            raise ValueError("An act undoes itself.")


def _was_judged_here(comment: Comment, each: Arrival) -> bool:
    """Tell whether somebody here did something to a comment since it came."""
    brought = comment.log.filter(action=Action.IMPORT).exclude(old_status="").count()
    return comment.log.count() - brought > max(1, len(each.history))


def _admission(each: Arrival, old_status: str = "") -> Act:
    return Act(Action.IMPORT, each.status, each.created_at, old_status=old_status)


def _entry(comment: Comment, act: Act) -> ModerationLogEntry:
    return ModerationLogEntry(
        comment=comment,
        actor_id=act.actor_id,
        actor_name=act.actor_name[:80],
        action=act.action,
        old_status=act.old_status,
        new_status=act.new_status,
        revision=act.revision,
        reason=act.reason[:40],
        note=act.note[:1000],
        findings=list(act.findings),
        batch=act.batch,
        created_at=act.at,
    )
