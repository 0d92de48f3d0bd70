"""Changing the rules, the site's or one discussion's: the one door for both.

Each act is one transaction that writes the rules and, as a RulesChange, who changed what. What the
site's rules are is kept by every process, so the act counts itself there (held.py). Who may is
asked by the pages.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from comments.held import OF_MEASURES, count_change
from comments.models import DiscussionRules, RulesChange, Thread
from comments.openness import follow_site_rules
from comments.turns import turn

RULES: dict[str, Any] = {
    field.name: field for field in DiscussionRules._meta.fields if not field.primary_key
}
OF_CLOSING = frozenset({"close_after_days", "close_counts_from"})
OF_THREAD = ("held_people", "max_links")
WITH_OWN_RULES = ~models.Q(held_people="") | models.Q(max_links__isnull=False)
MOST_SHOWN = 10

Values = dict[str, Any]


class ChangedMeanwhile(Exception):
    """The rules are not any more what whoever changes them was shown."""


def values_of(rules: DiscussionRules) -> Values:
    """Return the rules as the log and a page's form keep them. Shape: values that JSON has."""
    return {name: getattr(rules, name) for name in RULES}


# --- the site's -------------------------------------------------------------------------------


def save_rules(
    rules: DiscussionRules,
    changed: Collection[str],
    actor: Any,
    rehearsal: Any = None,
    *,
    shown: Mapping[str, Any] | None = None,
) -> RulesChange | None:
    """Let the `changed` fields hold from the next comment on; None where they held already.

    `shown`: the rules that they were changed from, all or some. Raises: ChangedMeanwhile.
    """
    with turn():
        # Of two editors the second waits here for the first.
        count_change(OF_MEASURES)
        current = DiscussionRules.in_force()
        before = values_of(current)
        if differing(shown or {}, before):
            raise ChangedMeanwhile
        after = {name: getattr(rules, name) for name in changed}
        changes = {name: [before[name], after[name]] for name in differing(after, before)}
        if not changes:
            return None
        _write(current, after)
        if OF_CLOSING & changes.keys():
            follow_site_rules(current)
        return _log(changes, actor, rehearsal=rehearsal)


def differing(some: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """Return the names of the rules of which `some` say something else, in the model's order."""
    return [name for name in RULES if name in some and some[name] != others[name]]


# --- one discussion's -------------------------------------------------------------------------


def rule_thread(
    thread: Thread, *, actor: Any, held_people: str = "", max_links: int | None = None
) -> Thread:
    """Let a discussion have rules of its own, or none ("", None): as the site's say."""
    with turn():
        current = Thread.objects.select_for_update().get(pk=thread.pk)
        before = {name: getattr(current, name) for name in OF_THREAD}
        after = {"held_people": held_people, "max_links": max_links}
        changes = {n: [before[n], after[n]] for n in OF_THREAD if before[n] != after[n]}
        if changes:
            _write(current, after, update_fields=OF_THREAD)
            _log(changes, actor, thread=current)
        return current


def _write(row: models.Model, values: Mapping[str, Any], **how: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(**how)


def _log(changes: Mapping[str, Any], actor: Any, **about: Any) -> RulesChange:
    name = actor.get_short_name()[:80] if actor else ""
    return RulesChange.objects.create(changes=changes, actor=actor, actor_name=name, **about)


# --- what was changed, in words ---------------------------------------------------------------


def latest_changes(thread: Thread | None = None) -> list[RulesChange]:
    """Return the newest changes of the site's rules, or of one discussion's. Queries: 1."""
    return list(RulesChange.objects.filter(thread=thread)[:MOST_SHOWN])


def in_words(change: RulesChange) -> Iterator[tuple[str, str, str]]:
    """Yield (rule, before, after), as people read them, in the order of the page.

    A database may keep them in an order of its own.
    """
    is_thread = change.thread_id is not None
    known = [name for name in RULES if name in change.changes]
    for name in (*known, *sorted(change.changes.keys() - RULES.keys())):
        before, after = change.changes[name]
        yield label_of(name), said(name, before, is_thread), said(name, after, is_thread)


def label_of(name: str) -> str:
    """Return what a rule is called; one that is no more is its code."""
    return capfirst(str(RULES[name].verbose_name)) if name in RULES else name


def said(name: str, value: Any, is_thread: bool = False) -> str:
    """Say the value of a rule, as a form's list of choices does."""
    if value in (None, ""):
        return _nothing_set(name, is_thread)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:g}"
    choices = dict(RULES[name].flatchoices) if name in RULES else {}
    return str(choices.get(value, value))


def _nothing_set(name: str, is_thread: bool) -> str:
    if is_thread:
        return _("as the site's rules say")
    return _("the learner's own") if name.endswith("_cutoff") else _("as the server is set")
