"""A thousand comments against a service that misbehaves in every way at once: nothing is lost,
published or counted twice; and when the service is well again, each gets what it says.
"""

import json
import random
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comments.egress import sending
from comments.models import (
    CheckHealth,
    Comment,
    EgressEntry,
    ModerationLogEntry,
    Outcome,
    UncheckedComment,
)
from comments.moderation import submit
from comments.rechecking import recheck_due
from comments.spam import CheckFailed, Finding, Verdict, breaker, remote
from comments.status import Action, Status
from comments.verifying import verify
from tests.comments.factories import make_submission, make_thread
from tests.comments.misbehaving import FAULTS, MisbehavingServer, misbehaving_server

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 1_000
WRITERS = 4
# So much of what is asked goes wrong.
SHARE = 0.3
STATUS_OF = {"ham": Status.APPROVED, "unsure": Status.PENDING, "spam": Status.SPAM}
MOST_BYTES = 64_000
service = {"address": ""}


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


opener = urllib.request.build_opener(NoRedirects)


@remote(
    service="Judge",
    host=lambda: service["address"],
    sends={"number": "its number"},
    why="to be judged",
    deadline=0.25,
)
def judged_elsewhere(submission):
    number = int(submission.body.rpartition(" ")[2])
    request = urllib.request.Request(service["address"], json.dumps({"number": number}).encode())
    with sending(submission, judged_elsewhere, ["number"]) as sent:
        try:
            with opener.open(request, timeout=0.2) as answer:
                verdict = Verdict(json.loads(answer.read(MOST_BYTES))["verdict"])
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            wait = timedelta(seconds=int(error.headers["Retry-After"]))
            raise CheckFailed("The judge is busy.", wait) from error
        sent.answer = verdict
    return Finding("judged_elsewhere", verdict, f"The judge says {verdict}.")


CHECKS = ["comments.spam.rules.honeypot", f"{__name__}.judged_elsewhere"]


@pytest.fixture
def server(settings, monkeypatch):
    settings.COMMENTS_CHECKS = CHECKS
    # It opens and closes many times within this test, and seldom enough for all to be tried.
    monkeypatch.setattr(breaker, "OPENS_AFTER", 8)
    monkeypatch.setattr(breaker, "SHORTEST", timedelta(milliseconds=30))
    monkeypatch.setattr(breaker, "LONGEST", timedelta(milliseconds=100))
    monkeypatch.setattr(breaker, "TRIAL", timedelta(seconds=1))
    monkeypatch.setattr(breaker, "LOOKS_EVERY_SECONDS", 0.02)
    with misbehaving_server() as server:
        service["address"] = server.address
        yield server


def mixed_faults(seed: int = 7) -> Callable[[int], str | None]:
    """Return a behaviour in which every fault has its turn, anew at each request."""
    chance, lock = random.Random(seed), threading.Lock()

    def fault_of(number: int) -> str | None:
        with lock:
            return chance.choice(FAULTS) if chance.random() < SHARE else None

    return fault_of


def in_threads(work: Callable[[int], object], numbers: range) -> None:
    def one(number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(one, numbers))


def entries_by_number() -> Counter[int]:
    keys = EgressEntry.objects.values_list("submission_key", flat=True)
    return Counter(int(key.rpartition("-")[2]) for key in keys)


def check_what_must_always_hold(server: MisbehavingServer) -> dict[int, Comment]:
    """Compare comments, log and ledger with what the service knows; return the comments."""
    comments = {int(row.body.rpartition(" ")[2]): row for row in Comment.objects.all()}
    assert Comment.objects.count() == len(comments) == MANY
    admissions = ModerationLogEntry.objects.filter(action=Action.SUBMIT)
    assert sorted(admissions.values_list("comment", flat=True)) == sorted(
        comment.pk for comment in comments.values()
    )
    for number, comment in comments.items():
        if comment.status == Status.APPROVED:
            assert server.answered.get(number) == "ham", number
        if comment.status == Status.SPAM:
            assert server.answered.get(number) == "spam", number
    entries = entries_by_number()
    assert all(entries[number] >= asked for number, asked in server.asked.items())
    assert not EgressEntry.objects.filter(comment=None).exists()
    assert list(verify()) == []
    return comments


def test_nothing_is_lost_published_or_doubled_and_all_is_made_up_for(server):
    thread = make_thread()
    server.fault_of = mixed_faults()

    def offer(number: int) -> None:
        offered = make_submission(thread, f"Comment {number}", submission_key=f"judged-{number}")
        submit(offered)
        if number % 10 == 0:
            # A double click, a retry, a lost answer.
            submit(offered)

    in_threads(offer, range(1, MANY + 1))
    comments = check_what_must_always_hold(server)
    owed = set(UncheckedComment.objects.values_list("comment", flat=True))
    # What was answered is done with, and all else waits and is owed.
    for number, comment in comments.items():
        is_answered = comment.log.get().findings[-1].get("is_unchecked") is None
        assert (comment.pk in owed) == (not is_answered), number
        if is_answered:
            assert comment.status == STATUS_OF[server.verdict_of(number)], number
        else:
            assert comment.status == Status.PENDING, number
    assert MANY * SHARE * 0.9 < len(owed) < MANY * 0.9
    health = CheckHealth.objects.get(check_path=CHECKS[1])
    assert health.failures > 100

    server.fault_of = mixed_faults(8)
    recheck_all(2)
    check_what_must_always_hold(server)

    server.fault_of = lambda number: None
    recheck_all(20)
    comments = check_what_must_always_hold(server)
    assert not UncheckedComment.objects.exists()
    for number, comment in comments.items():
        assert comment.status == STATUS_OF[server.verdict_of(number)], number
        assert comment.log.count() <= 2
    begun = EgressEntry.objects.exclude(outcome=Outcome.FAILED).count()
    assert begun <= sum(server.asked.values())


def recheck_all(rounds: int) -> None:
    """Let several recheck at once, as often as that, or until nothing is owed."""
    for _round in range(rounds):
        time.sleep(0.05)
        UncheckedComment.objects.update(due_at=timezone.now())
        in_threads(lambda _number: recheck_due(at_once=MANY, seconds=20), range(2))
        if not UncheckedComment.objects.exists():
            return
