"""When a discussion takes comments and how fast: the one door for these facts of a thread.

close(), reopen(), close_by_itself(), cool(), lift(), pin(), unpin(): each is one transaction that
locks the thread's row, and raises the version where the page changes. `closes_at` is derived, and
kept true here, in moderation/ (a comment becomes public) and by publishing (a page does). Who may
is managing.py's to ask.
"""

import logging
from copy import copy
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comments.models import Comment, DiscussionRules, Thread

logger = logging.getLogger("parley.comments")


class NotOnThePage(Exception):
    """Only what everybody may read can be pinned."""


# --- open and closed --------------------------------------------------------------------------


def close(thread: Thread, *, actor: Any, note: str = "") -> Thread:
    """Close a discussion by hand. Closing it again changes the note, not since when."""
    with transaction.atomic():
        current = _locked(thread)
        since = current.closed_at or timezone.now()
        return _set(current, "closed", actor, is_open=False, closed_at=since, closing_note=note)


def reopen(thread: Thread, *, actor: Any) -> Thread:
    """Take comments again. Where the days are over, it does not close by itself any more."""
    with transaction.atomic():
        current = _locked(thread)
        facts: dict[str, Any] = {"is_open": True, "closed_at": None, "closing_note": ""}
        if current.has_run_out():
            facts |= {"close_after_days": 0, "close_counts_from": "", "closes_at": None}
        return _set(current, "reopened", actor, **facts)


def close_by_itself(
    thread: Thread, *, actor: Any, days: int | None, counts_from: str = ""
) -> Thread:
    """Give a discussion a rule of its own. `days`: 0 is never, None is as the site's rules say."""
    with transaction.atomic():
        current = _locked(thread)
        rule = {"close_after_days": days, "close_counts_from": counts_from if days else ""}
        ruled = copy(current)
        for name, value in rule.items():
            setattr(ruled, name, value)
        closes_at = DiscussionRules.closing_in_force(ruled)
        return _set(current, "given a rule", actor, closes_at=closes_at, **rule)


# --- cooled -----------------------------------------------------------------------------------


def cool(
    thread: Thread, *, actor: Any, is_premoderated: bool, slow_seconds: int, note: str = ""
) -> Thread:
    """Let every comment wait for an editor, or slow everybody down, or both; say why.

    Doing neither lifts it. Another note alone does not change since when it is so.
    """
    if not (is_premoderated or slow_seconds):
        return lift(thread, actor=actor)
    with transaction.atomic():
        current = _locked(thread)
        facts = {"is_premoderated": is_premoderated, "slow_seconds": slow_seconds}
        is_same = all(getattr(current, name) == value for name, value in facts.items())
        since = (current.cooled_at if is_same else None) or timezone.now()
        return _set(current, "cooled", actor, cooled_at=since, cooling_note=note, **facts)


def lift(thread: Thread, *, actor: Any) -> Thread:
    """Let the discussion run as any other."""
    facts = {"is_premoderated": False, "slow_seconds": 0, "cooled_at": None, "cooling_note": ""}
    with transaction.atomic():
        return _set(_locked(thread), "lifted", actor, **facts)


# --- pinned -----------------------------------------------------------------------------------


def pin(comment: Comment, *, actor: Any) -> Thread:
    """Show a comment first. One at a time: the one before is not pinned any more.

    Raises: NotOnThePage.
    """
    with transaction.atomic():
        current = _locked(comment.thread)
        if not current.comments.public().filter(pk=comment.pk).exists():
            raise NotOnThePage
        return _set(current, "given a pin", actor, pinned_number=comment.number)


def unpin(comment: Comment, *, actor: Any) -> Thread:
    """Show a comment in its place alone. One that is not pinned changes nothing."""
    with transaction.atomic():
        current = _locked(comment.thread)
        is_pinned = current.pinned_number == comment.number
        return _set(current, "unpinned", actor, pinned_number=None) if is_pinned else current


# --- what follows from the rules --------------------------------------------------------------


def follow_site_rules(rules: DiscussionRules) -> None:
    """Bring the site's new rules to all threads that have none of their own. Queries: 1."""
    Thread.objects.filter(close_after_days=None).update(
        closes_at=rules.closing_as_sql(), version=F("version") + 1
    )


def keep_closing_true(thread: Thread) -> None:
    """Write when a thread closes by itself, where that changed. The caller has locked its row.

    Queries: up to 2, the rules among them.
    """
    closes_at = DiscussionRules.closing_in_force(thread)
    if closes_at != thread.closes_at:
        thread.closes_at = closes_at
        thread.save(update_fields=["closes_at"])


def _locked(thread: Thread) -> Thread:
    return Thread.objects.select_for_update().get(pk=thread.pk)


def _set(current: Thread, act: str, actor: Any, **facts: Any) -> Thread:
    """Write facts into a locked thread. What is so already changes nothing."""
    changed = [name for name, value in facts.items() if getattr(current, name) != value]
    if not changed:
        return current
    for name in changed:
        setattr(current, name, facts[name])
    current.version += 1
    current.save(update_fields=[*changed, "version"])
    logger.info("Thread %s was %s by account %s.", current.pk, act, actor.pk)
    return current
