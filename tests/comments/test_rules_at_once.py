"""Two editors change the rules at the same moment, for real; so many comments come meanwhile."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.utils import timezone

from comments.models import DiscussionRules, RulesChange, Thread
from comments.ruling import ChangedMeanwhile, rule_thread, save_rules, values_of
from comments.submission import gather
from tests.comments.factories import make_comment, make_submission, make_thread
from tests.comments.test_races import run_together

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 40


def test_of_two_who_save_what_they_saw_one_is_told(mona, bob):
    start = Barrier(2)

    def editor(actor, name):
        def save_all():
            won = []
            for number in range(1, ROUNDS + 1):
                shown = values_of(DiscussionRules.in_force())
                start.wait(timeout=60)
                try:
                    save_rules(DiscussionRules(**{name: number}), [name], actor, shown=shown)
                    won.append(number)
                except ChangedMeanwhile:
                    pass
                start.wait(timeout=60)
            return won

        return save_all

    links, limits = run_together(editor(mona, "max_links"), editor(bob, "flood_limit"))
    assert sorted(links + limits) == list(range(1, ROUNDS + 1)), "both won a round, or none did"
    told_a_whole_story(RulesChange.objects.order_by("pk"), values_of(DiscussionRules.in_force()))


def test_without_what_they_saw_both_are_kept_and_nothing_is_written_over(mona, bob):
    def editor(actor, name):
        def save_all():
            for number in range(1, ROUNDS + 1):
                save_rules(DiscussionRules(**{name: number}), [name], actor)

        return save_all

    run_together(editor(mona, "max_links"), editor(bob, "flood_limit"))
    rules = DiscussionRules.objects.get()
    assert (rules.max_links, rules.flood_limit) == (ROUNDS, ROUNDS)
    assert RulesChange.objects.count() == 2 * ROUNDS
    told_a_whole_story(RulesChange.objects.order_by("pk"), values_of(rules))


def test_a_discussions_own_rules_are_changed_one_after_the_other(mona, bob):
    thread = make_thread()

    def editor(actor, links):
        def save_all():
            for number in range(ROUNDS):
                rule_thread(thread, actor=actor, max_links=number % 2 and links)

        return save_all

    run_together(editor(mona, 3), editor(bob, 7))
    left = {"held_people": "", "max_links": Thread.objects.get().max_links}
    told_a_whole_story(RulesChange.objects.order_by("pk"), left)


def test_no_comment_is_counted_within_another_window_than_it_is_judged_by(mona):
    thread, windows = make_thread(), (60, 600)
    make_comment(thread, at=timezone.now() - timedelta(minutes=5))

    def editor():
        for number in range(ROUNDS):
            window = windows[number % 2]
            changed = ["flood_window_seconds"]
            save_rules(DiscussionRules(flood_window_seconds=window), changed, mona)

    def visitor():
        return [gather(make_submission(thread)) for _number in range(3 * ROUNDS)]

    seen: set[tuple[int, int]] = set()
    # On a busy machine one of the two may be done before the other has begun.
    for _attempt in range(10):
        _none, gathered = run_together(editor, visitor)
        seen |= {(each.rules.flood_window_seconds, each.recent_from_source) for each in gathered}
        if len(seen) > 1:
            break
    assert seen <= {(120, 0), (60, 0), (600, 1)}
    assert len(seen) > 1, "the rules did not change meanwhile: nothing was tried"


def told_a_whole_story(changes, now):
    """Each row begins where the one before it ended, and the last ends where things stand."""
    last = {}
    for change in changes:
        for name, (before, after) in change.changes.items():
            assert last.get(name, before) == before
            last[name] = after
    assert {name: now[name] for name in last} == last
