"""The way in: a submission becomes a comment, once."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from comments.barring import refuse_banned_author, refuse_banned_meanwhile
from comments.egress import link
from comments.facts import with_facts
from comments.finding import answered_in, locked_thread
from comments.markup import MARKUP_VERSION, render_comment
from comments.mentions import people_called
from comments.models import AuthorMark, Comment, Thread, path_segment
from comments.moderation.storing import count, write_log
from comments.policy import Decision, decide
from comments.prepared import PreparedInsert
from comments.publicity import make_true
from comments.sifting import sifted
from comments.slow_mode import TooSoon, wait_for_turn
from comments.spam.akismet.sent import keep_sent
from comments.spam.lists import count_hits
from comments.status import Action
from comments.submission import Submission, gather
from comments.turns import turn
from comments.unchecked import write_down

# What a comment keeps of its submission just as it was.
KEPT_AS_SUBMITTED = (
    "author",
    "author_name",
    "author_email",
    "author_website",
    "body",
    "body_digest",
    "ip_address",
    "user_agent",
    "referrer",
    "seconds_taken",
    "honeypot",
    "submission_key",
)
COMMENTS = PreparedInsert(Comment)


class ThreadClosed(Exception):
    """The thread takes no comments (any more)."""


class ParentGone(Exception):
    """The comment to be answered was removed meanwhile."""


def submit(
    submission: Submission,
    *,
    afterwards: Callable[[Comment], None] | None = None,
    detail: dict[str, Any] | None = None,
) -> Comment:
    """Admit a comment: decide, store, log. The same submission again returns the same comment.

    `afterwards` is called once for each comment, when it is stored for good; what it raises is
    written down and harms nothing. `detail`: what taking it back needs, for the log.
    Raises: ThreadClosed, ParentGone, TooSoon, Banned. Checks run before the transaction, never
    inside it.
    Queries: 6 and the checks' own, the BEGIN and the COMMIT aside; 1 more for each, where the
    comment is public at once, the thread changed since it was read, somebody was quicker, or a
    check failed; 2 more where a remote check was asked.
    """
    offered = gather(submission)
    if offered.twin_id is not None:
        return Comment.objects.get(pk=offered.twin_id)
    refuse_banned_author(offered)
    decision = decide(offered)
    if decision.has_sent:
        refuse_banned_meanwhile(offered)
    detail = with_facts(detail, offered, decision.findings)
    body_html = render_comment(offered.body, people_called(offered.thread, offered.body))
    # Others wait while it is stored: all that can be done before is done before.
    draft = _draft(offered, decision, body_html)
    try:
        with turn():
            comment = _admit(offered, decision, draft, detail)
            keep_sent(comment, decision.findings)
            if decision.listed:
                transaction.on_commit(lambda: count_hits(decision.listed), robust=True)
            if afterwards is not None:
                transaction.on_commit(lambda: afterwards(comment), robust=True)
            return comment
    except (IntegrityError, ThreadClosed, ParentGone, TooSoon):
        # Of two of one form that arrived together the second finds the key taken.
        if twin := twin_of(submission):
            if decision.has_sent:
                link(twin.submission_key, twin)
            return twin
        raise


def twin_of(submission: Submission) -> Comment | None:
    """Return the comment that this very submission has made already. Queries: 1."""
    return Comment.objects.filter(submission_key=submission.submission_key).first()


def _draft(submission: Submission, decision: Decision, body_html: str) -> Comment:
    """Return a comment that has no place yet."""
    return Comment(
        status=decision.status,
        author_mark=_author_mark(submission),
        body_html=body_html,
        markup_version=MARKUP_VERSION,
        created_at=submission.submitted_at,
        **sifted(submission, decision.findings_as_json()),
        **{name: getattr(submission, name) for name in KEPT_AS_SUBMITTED},
    )


def _admit(
    submission: Submission, decision: Decision, comment: Comment, detail: dict[str, Any] | None
) -> Comment:
    thread = locked_thread(submission.thread.pk)
    if not thread.accepts_comments():
        raise ThreadClosed(thread.title)
    wait_for_turn(thread, submission)
    _store(comment, thread, _living_parent(thread, submission))
    thread.last_number = comment.number
    write_log(
        comment,
        action=Action.SUBMIT,
        old_status="",
        actor=submission.author,
        actor_name=submission.author_name,
        findings=decision.findings_as_json(),
        at=submission.submitted_at,
        detail=detail,
    )
    write_down(comment, decision.owed)
    if decision.has_sent:
        link(comment.submission_key, comment)
    count(thread, comment, was_public=False)
    return comment


def _store(comment: Comment, thread: Thread, parent: Comment | None) -> None:
    """Write the comment into the next free place under its parent."""
    number = thread.last_number + 1
    comment.thread, comment.parent, comment.number = thread, parent, number
    comment.path, comment.depth = (
        parent.path_of_reply(number) if parent else (path_segment(number), 0)
    )
    comment.markers_before = thread.marker_count
    make_true(comment)
    comment.shown_version = thread.version + 1 if comment.is_public() else 0
    COMMENTS.store(comment)


def _living_parent(thread: Thread, submission: Submission) -> Comment | None:
    """Return what is answered. Raises: ParentGone.

    It was read after the thread was: where no version came since, it stands as it did.
    """
    parent = submission.parent
    if parent is None:
        return None
    if parent.thread_id != thread.pk:
        raise ParentGone
    if thread.version != submission.thread.version:
        found = answered_in(thread.pk, parent.number)
        parent = found[1] if found else None
    if parent is None or not parent.is_public():
        raise ParentGone
    return parent


def _author_mark(submission: Submission) -> str:
    if submission.author is None:
        return AuthorMark.NONE
    if submission.author.pk == submission.thread.owner_id:
        return AuthorMark.AUTHOR
    return AuthorMark.EDITOR if submission.is_trusted else AuthorMark.NONE
