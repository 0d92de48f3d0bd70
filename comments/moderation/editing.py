"""An author's new words for their comment: they pass the same checks as those before."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments.barring import refuse_banned_author, refuse_banned_meanwhile
from comments.facts import with_facts
from comments.finding import locked_thread
from comments.markup import render_comment
from comments.mentions import people_called
from comments.models import Comment
from comments.moderation.rewriting import Words, rewrite
from comments.moderation.seen import Seen
from comments.moderation.storing import count, write_log
from comments.policy import decide
from comments.spam.akismet.sent import keep_sent
from comments.spam.lists import count_hits
from comments.status import Action, IllegalTransition, Status, allowed
from comments.submission import Submission, gather
from comments.turns import turn
from comments.unchecked import write_down


def edit(
    comment: Comment,
    body: str,
    *,
    actor: Any,
    actor_name: str,
    seen: Seen,
    at: datetime | None = None,
    ip: str | None = None,
    is_address_proved: bool = False,
) -> Comment:
    """Give a comment new words; they pass the same checks, and the old ones are kept.

    `body` has passed markup.check_caps. An edit never makes a comment more public than it was.
    `at`: when it was done, if not now (content that comes from elsewhere). `ip`: from where.
    `is_address_proved`: whether a guest's address is, by another comment than this one.
    Raises: StaleComment, IllegalTransition, Banned.
    """
    now = at or timezone.now()
    written = Submission.from_comment(comment)
    is_proved = written.is_address_proved or is_address_proved
    written = replace(written, body=body, submitted_at=now, is_address_proved=is_proved)
    offered = gather(written)
    refuse_banned_author(offered, ip)
    body_html = render_comment(body, people_called(comment.thread, body))
    decision = decide(offered)
    if decision.has_sent:
        refuse_banned_meanwhile(offered, ip)
    detail = with_facts(None, offered, decision.findings)
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        words = Words(body, body_html, now, old.is_edited_by_editor)
        status = status_after_edit(seen.status, decision.status, old.is_public())
        findings = decision.findings_as_json()
        comment = rewrite(old, words, status, seen=seen, at=now, findings=findings)
        write_log(
            comment,
            action=Action.EDIT,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            findings=findings,
            at=now,
            detail=detail,
            public_before=old.approved_revision,
        )
        count(thread, comment, was_public=old.is_public())
        keep_sent(comment, decision.findings)
        if comment.status == Status.PENDING:
            write_down(comment, decision.owed)
        if decision.listed:
            transaction.on_commit(lambda: count_hits(decision.listed), robust=True)
    return comment


def status_after_edit(before: Status, decided: Status, was_public: bool) -> Status:
    """Return what becomes of a comment by new words of which this was decided. Pure.

    Raises: IllegalTransition.
    """
    goals = allowed(before, Action.EDIT)
    if not goals:
        raise IllegalTransition(f"A comment that is {before} cannot be edited.")
    if was_public and decided == Status.SPAM:
        # Readers keep what an editor let through; what it was to become is the queue's to judge.
        return Status.PENDING
    return decided if decided in goals else before
