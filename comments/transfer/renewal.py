"""Comments that an import knows already and that changed there: brought, or left with a word.

Nothing that somebody did here is overwritten: a comment that was edited, moderated or deleted here
stays as it is. The caller holds the threads' locks. batch.py decides what comes here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from comments.markup import MARKUP_VERSION
from comments.models import Comment, CommentRevision, ModerationLogEntry
from comments.publicity import make_true
from comments.retention import forget_old_facts
from comments.sifting import sifted_anew
from comments.status import Action, Status
from comments.tally import Tally
from comments.transfer.arrivals import Arrival
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.report import UPDATED, Report
from comments.transfer.rows import digest_of, import_act, log_in_rounds, revision_row, standing_of
from comments.transfer.storing import write_log
from comments.transfer.words import Words

TAKEN_OVER = (
    "status", "author_name", "author_email", "author_website", "body", "markup", "created_at",
    "kind", "ip_address", "user_agent", "edited_at", "is_edited_by_editor",
)  # fmt: skip
# Of a comment of which only the place was known.
TAKEN_WITH_WORDS = (
    "author_id", "author_mark", "referrer", "seconds_taken", "honeypot", "email_proved_at",
)  # fmt: skip
WRITTEN = (
    *(name.removesuffix("_id") for name in (*TAKEN_OVER, *TAKEN_WITH_WORDS)),
    "revision", "body_html", "body_digest", "markup_version",
    "approved_revision", "standing_html", "shown_version", "meta_html", "meta_stamp",
    "facets",
)  # fmt: skip


@dataclass
class Change:
    """A comment before and after."""

    each: Arrival
    row: ImportMap
    comment: Comment
    before: Status
    # The revision that readers saw.
    public_before: int | None
    # What its words were, when others replace them.
    replaced: CommentRevision | None = None

    @property
    def fills_a_place(self) -> bool:
        return not self.row.digest


def renew(
    changed: list[tuple[Arrival, ImportMap]],
    tally: Tally,
    report: Report,
    words: Words,
    due: datetime,
) -> None:
    """Bring each into its comment, where nobody here changed that. Queries: a fixed number.

    `due`: of comments from before, what they came with is over (retention.py).
    """
    ids = [row.object_id for _each, row in changed]
    if not ids:
        return
    comments = Comment.objects.in_bulk(ids)
    judged = _judged_here(changed)
    changes = []
    for each, row in changed:
        comment = comments[row.object_id]
        if comment.revision != row.left_at_version or comment.pk in judged:
            report.skip("changed here since", line=each.line, what=f"comment {row.external_id}")
        else:
            changes.append(_change(each, row, comment, report, words))
            report.took("comments", UPDATED, status=each.status)
    forget_old_facts((change.comment for change in changes), due)
    _write(changes, tally, words)


def _judged_here(changed: list[tuple[Arrival, ImportMap]]) -> set[int]:
    """Return the comments that somebody here did something to since they came.

    What an import brings of a history was done before that import began.
    """
    began = ImportRun.objects.in_bulk({row.run_id for _each, row in changed})
    came = {row.object_id: began[row.run_id].started_at for _each, row in changed}
    entries = ModerationLogEntry.objects.filter(comment__in=came).exclude(action=Action.IMPORT)
    latest = entries.order_by().values_list("comment").annotate(Max("created_at"))
    return {pk for pk, at in latest if at >= came[pk]}


def _change(
    each: Arrival, row: ImportMap, comment: Comment, report: Report, words: Words
) -> Change:
    change = Change(each, row, comment, Status(comment.status), comment.approved_revision)
    if change.fills_a_place:
        _take(comment, each, TAKEN_WITH_WORDS)
        comment.revision = each.revision
    elif (comment.body, comment.markup) != (each.body, each.markup):
        change.replaced = _replaced(comment)
        comment.revision = max(comment.revision + 1, each.revision)
    comment.body_html, is_plain = words.shown(each.body, each.markup)
    if is_plain:
        report.note("a comment is shown as plain text: too intricate", line=each.line)
    _take(comment, each, TAKEN_OVER)
    comment.body_digest = digest_of(each.body)
    comment.markup_version = MARKUP_VERSION
    make_true(comment, standing_of(each, words))
    comment.facets = sifted_anew(comment, each.body, None)["facets"]
    return change


def _take(comment: Comment, each: Arrival, names: tuple[str, ...]) -> None:
    values: dict[str, Any] = {**vars(each), "author_id": each.author.pk if each.author else None}
    for name in names:
        setattr(comment, name, values[name])


def _replaced(comment: Comment) -> CommentRevision:
    return CommentRevision(
        comment=comment,
        revision=comment.revision,
        body=comment.body,
        markup=comment.markup,
        body_html=comment.body_html,
        replaced_at=timezone.now(),
        was_public=comment.approved_revision == comment.revision,
    )


def _write(changes: list[Change], tally: Tally, words: Words) -> None:
    if not changes:
        return
    now = timezone.now()
    for comment in (change.comment for change in changes):
        if comment.is_public() and not comment.shown_version:
            comment.shown_version = tally.threads[comment.thread_id].version + 1
    Comment.objects.bulk_update([change.comment for change in changes], WRITTEN)
    _write_revisions(changes, words)
    write_log(log_in_rounds((change.comment, _acts(change, now)) for change in changes))
    for change in changes:
        tally.add(change.comment, was_public=change.public_before is not None)
        change.row.digest = change.each.digest
        change.row.left_at_version = change.comment.revision
    rows = [change.row for change in changes]
    ImportMap.objects.bulk_update(rows, ["digest", "left_at_version"])


def _write_revisions(changes: list[Change], words: Words) -> None:
    """Keep earlier words; of what was deleted there, none."""
    gone = [change.comment.pk for change in changes if change.each.status == Status.DELETED]
    if gone:
        CommentRevision.objects.filter(comment__in=gone).delete()
    rows = []
    for change in changes:
        rows += [revision_row(change.comment, earlier, words) for earlier in change.each.earlier]
        if change.replaced is not None and change.each.status != Status.DELETED:
            rows.append(change.replaced)
    # One that is there already, from an import before this or told twice, is left as it is.
    CommentRevision.objects.bulk_create(rows, ignore_conflicts=True)


def _acts(change: Change, now: datetime) -> list:
    if change.fills_a_place and change.each.history:
        return list(change.each.history)
    return [import_act(change.comment, now, change.before, change.public_before)]
