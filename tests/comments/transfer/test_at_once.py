"""Imports beside other imports and beside readers: threads, connections of their own, commits."""

from threading import Barrier

import pytest

from comments.models import Comment, ImportMap
from comments.moderation import submit
from comments.status import Status
from tests.comments.factories import make_comment, make_submission, make_thread
from tests.comments.test_races import run_together
from tests.comments.transfer.arriving import arrival, in_file_order, make_run, take_in
from tests.comments.transfer.test_intake import assert_counters_hold

pytestmark = pytest.mark.django_db(transaction=True)


def a_file(threads, prefix, size=60):
    """Return comments over all threads, each fifth a reply to the one five before."""
    return in_file_order(
        arrival(
            threads[number // 5 % len(threads)],
            f"{prefix}{number}",
            f"{prefix}{number - 1}" if number % 5 else "",
        )
        for number in range(size)
    )


def test_two_imports_and_readers_at_once_lose_nothing_and_lock_nobody_out():
    threads = [make_thread() for _number in range(4)]
    roots = [make_comment(thread) for thread in threads]
    start = Barrier(4)

    def importing(prefix, order):
        run = make_run(prefix)

        def job():
            start.wait(timeout=30)
            take_in(a_file(order, prefix), batch=11, run=run)

        return job

    def reading(reader):
        def job():
            start.wait(timeout=30)
            for turn in range(12):
                at = turn % len(threads)
                said = {"parent": roots[at], "submission_key": f"{reader}-{turn}"}
                offered = make_submission(threads[at], f"{reader} {turn}", **said)
                submit(offered)

        return job

    run_together(
        importing("x", threads), importing("y", threads[::-1]), reading("Bob"), reading("Eve")
    )
    assert Comment.objects.count() == 4 + 2 * 60 + 2 * 12
    for thread in threads:
        assert_counters_hold(thread)


def test_two_imports_of_one_file_at_once_bring_each_comment_once():
    threads = [make_thread() for _number in range(3)]
    run = make_run()
    start = Barrier(2)

    def job():
        start.wait(timeout=30)
        return take_in(a_file(threads, "x"), batch=7, run=run)

    reports = run_together(job, job)
    assert Comment.objects.count() == ImportMap.objects.count() == 60
    assert all(report.comments == {Status.APPROVED: 60} for report in reports)
    for thread in threads:
        assert_counters_hold(thread)
