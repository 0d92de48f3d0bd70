"""By which rules a comment is judged: whose word counts, and from when on."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import rulebook
from comments.models import DiscussionRules, HeldPeople, Thread
from comments.rulebook import compose, rulebook_of
from comments.ruling import save_rules
from comments.submission import gather
from tests.comments.factories import make_comment, make_submission, make_thread

LIMITS = {
    "max_links": "COMMENTS_MAX_LINKS",
    "min_seconds": "COMMENTS_MIN_SECONDS",
    "flood_limit": "COMMENTS_FLOOD_LIMIT",
    "flood_window_seconds": "COMMENTS_FLOOD_WINDOW_SECONDS",
}


def rule(actor=None, **values):
    return save_rules(DiscussionRules(**values), list(values), actor)


# --- whose word counts ------------------------------------------------------------------------


@pytest.mark.parametrize("name", LIMITS)
def test_the_page_is_over_the_server_and_nothing_is_not_nought(settings, name):
    for server, page in product([0, 1, 7], [None, 0, 1, 50]):
        setattr(settings, LIMITS[name], server)
        judged = compose(DiscussionRules(**{name: page}), Thread())
        assert getattr(judged, name) == (server if page is None else page)


def test_the_discussion_is_over_the_page_and_only_in_what_is_its_own(settings):
    settings.COMMENTS_MAX_LINKS = 3
    links = [None, 0, 2, 9]
    for site, own, held, own_held in product(
        links, links, HeldPeople.values, ["", *HeldPeople.values]
    ):
        rules = DiscussionRules(max_links=site, held_people=held)
        judged = compose(rules, Thread(max_links=own, held_people=own_held))
        said = [each for each in (own, site, 3) if each is not None]
        assert (judged.max_links, judged.held_people) == (said[0], own_held or held)
        alone = compose(rules, Thread())
        for name in vars(judged).keys() - {"max_links", "held_people"}:
            assert getattr(judged, name) == getattr(alone, name)


# --- from when on -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_rules_are_read_once_and_again_after_each_change():
    thread = make_thread()
    with CaptureQueriesContext(connection) as first:
        gather(make_submission(thread))
    with CaptureQueriesContext(connection) as second:
        judged = gather(make_submission(thread))
        assert judged.rules.max_links == 3
    assert (len(first), len(second)) == (2, 1)
    rule(max_links=8)
    with CaptureQueriesContext(connection) as third:
        assert gather(make_submission(thread)).rules.max_links == 8
    assert len(third) == 2


@pytest.mark.django_db
def test_a_window_that_changed_counts_for_the_very_next_comment():
    thread, now = make_thread(), timezone.now()
    for minutes in (1, 5, 9):
        make_comment(thread, at=now - timedelta(minutes=minutes))
    assert gather(make_submission(thread, submitted_at=now)).recent_from_source == 1
    rule(flood_window_seconds=600)
    wider = gather(make_submission(thread, submitted_at=now))
    assert (wider.recent_from_source, wider.rules.flood_window_seconds) == (3, 600)
    with CaptureQueriesContext(connection) as asked:
        gather(make_submission(thread, submitted_at=now))
    assert len(asked) == 1


@pytest.mark.django_db
def test_a_process_that_has_read_no_rules_yet_counts_within_the_right_window():
    thread, now = make_thread(), timezone.now()
    make_comment(thread, at=now - timedelta(minutes=5))
    rule(flood_window_seconds=600)
    rulebook.held.kept = None
    assert gather(make_submission(thread, submitted_at=now)).recent_from_source == 1


@pytest.mark.django_db
def test_a_rehearsal_counts_within_its_own_window():
    thread, now = make_thread(), timezone.now()
    make_comment(thread, at=now - timedelta(minutes=5))
    tried = compose(DiscussionRules(flood_window_seconds=600), thread)
    offered = make_submission(thread, submitted_at=now, rulebook=tried)
    assert gather(offered).recent_from_source == 1
    assert gather(offered).rules is tried
    assert rulebook_of(thread).flood_window_seconds == 120
