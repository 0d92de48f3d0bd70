"""A thousand comments against a service that misbehaves in every way at once: nothing is lost,
published or counted twice; and when the service is well again, each gets what it says.
"""

import json
import random
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comments.deadline import Clock
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
from tests.comments.akismet_server import MISBEHAVIOURS, AkismetServer, Asked, reply
from tests.comments.factories import make_submission, make_thread
from tests.comments.misbehaving import FAULTS, MisbehavingServer, misbehaving_server

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 4
# So much of what is asked goes wrong.
SHARE = 0.3
STATUS_OF = {"ham": Status.APPROVED, "unsure": Status.PENDING, "spam": Status.SPAM}
MOST_BYTES = 64_000
HONEYPOT = "comments.spam.rules.honeypot"
FaultOf = Callable[[int], str | None]


def number_of(text: str) -> int:
    return int(text.rpartition(" ")[2])


def rightly(number: int) -> None:
    """Let the service behave."""


# --- a service that a site asks on its own --------------------------------------------------------

opened_at = {"address": ""}


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


opener = urllib.request.build_opener(NoRedirects)


@remote(
    service="Judge",
    host=lambda: opened_at["address"],
    sends={"number": "its number"},
    why="to be judged",
    deadline=0.25,
)
def judged_elsewhere(submission):
    data = json.dumps({"number": number_of(submission.body)}).encode()
    request = urllib.request.Request(opened_at["address"], data)
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


class Judge:
    path, many, faults = f"{__name__}.judged_elsewhere", 300, FAULTS

    def __init__(self, server: MisbehavingServer) -> None:
        self.server, self.asked, self.answered = server, server.asked, server.answered

    def behave(self, fault_of: FaultOf) -> None:
        self.server.fault_of = fault_of

    def verdict_of(self, number: int) -> str:
        return self.server.verdict_of(number)


@pytest.fixture
def judge() -> Iterator[Judge]:
    with misbehaving_server() as server:
        opened_at["address"] = server.address
        yield Judge(server)


# --- Akismet --------------------------------------------------------------------------------------


class Akismet:
    """The stand-in for Akismet, which tells comments apart by the number in their words."""

    path, many = "comments.spam.akismet.check.akismet", 1_000
    faults = ("later", *MISBEHAVIOURS)

    def __init__(self, server: AkismetServer) -> None:
        self.asked: Counter[int] = Counter()
        self.answered: dict[int, str] = {}
        self.lock = threading.Lock()
        self.fault_of: FaultOf = rightly
        server.behave(self.answer)

    def behave(self, fault_of: FaultOf) -> None:
        self.fault_of = fault_of

    def verdict_of(self, number: int) -> str:
        return "spam" if number % 5 == 0 else "ham"

    def answer(self, server: AkismetServer, connection: object, asked: Asked) -> None:
        number = number_of(asked["comment_content"])
        with self.lock:
            self.asked[number] += 1
        fault = self.fault_of(number)
        if fault == "later":
            reply("false", X_akismet_recheck_after="20")(server, connection, asked)
        elif fault:
            MISBEHAVIOURS[fault](server, connection, asked)
        else:
            self.right(number)(server, connection, asked)

    def right(self, number: int) -> Callable[..., None]:
        verdict = self.verdict_of(number)
        with self.lock:
            self.answered[number] = verdict
        return reply("true" if verdict == "spam" else "false")


@pytest.fixture
def akismet(akismet_server, monkeypatch) -> Akismet:
    # Nobody waits three seconds for each of those that are slow.
    monkeypatch.setattr("comments.spam.akismet.client.Clock", lambda seconds: Clock(0.4))
    return Akismet(akismet_server)


Service = Judge | Akismet


@pytest.fixture(params=["judge", "akismet"])
def service(request, settings, monkeypatch) -> Service:
    # It opens and closes many times within this test, and seldom enough for all to be tried.
    monkeypatch.setattr(breaker, "OPENS_AFTER", 8)
    monkeypatch.setattr(breaker, "SHORTEST", timedelta(milliseconds=30))
    monkeypatch.setattr(breaker, "LONGEST", timedelta(milliseconds=100))
    monkeypatch.setattr(breaker, "TRIAL", timedelta(seconds=1))
    monkeypatch.setattr(breaker, "LOOKS_EVERY_SECONDS", 0.02)
    service = request.getfixturevalue(request.param)
    settings.COMMENTS_CHECKS = [HONEYPOT, service.path]
    return service


# --- what is done ---------------------------------------------------------------------------------


def mixed_faults(faults: tuple[str, ...], seed: int) -> FaultOf:
    """Return a behaviour in which every fault has its turn, anew at each request."""
    chance, lock = random.Random(seed), threading.Lock()

    def fault_of(number: int) -> str | None:
        with lock:
            return chance.choice(faults) if chance.random() < SHARE else None

    return fault_of


def in_threads(work: Callable[[int], object], numbers: range) -> None:
    def one(number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(one, numbers))


def offer_all(service: Service) -> None:
    thread = make_thread()

    def offer(number: int) -> None:
        offered = make_submission(thread, f"Comment {number}", submission_key=f"judged-{number}")
        submit(offered)
        if number % 10 == 0:
            # A double click, a retry, a lost answer.
            submit(offered)

    in_threads(offer, range(1, service.many + 1))


def recheck_all(rounds: int) -> None:
    """Let several recheck at once, as often as that, or until nothing is owed."""
    for _round in range(rounds):
        time.sleep(0.05)
        UncheckedComment.objects.update(due_at=timezone.now())
        in_threads(lambda _number: recheck_due(at_once=1_000, seconds=20), range(2))
        if not UncheckedComment.objects.exists():
            return


# --- what must always hold ------------------------------------------------------------------------


def entries_by_number() -> Counter[int]:
    keys = EgressEntry.objects.values_list("submission_key", flat=True)
    return Counter(int(key.rpartition("-")[2]) for key in keys)


def check_what_must_always_hold(service: Service) -> dict[int, Comment]:
    """Compare comments, log and ledger with what the service knows; return the comments."""
    comments = {number_of(row.body): row for row in Comment.objects.all()}
    assert Comment.objects.count() == len(comments) == service.many
    admissions = ModerationLogEntry.objects.filter(action=Action.SUBMIT)
    assert sorted(admissions.values_list("comment", flat=True)) == sorted(
        comment.pk for comment in comments.values()
    )
    for number, comment in comments.items():
        if comment.status == Status.APPROVED:
            assert service.answered.get(number) == "ham", number
        if comment.status == Status.SPAM:
            assert service.answered.get(number) == "spam", number
    entries = entries_by_number()
    assert all(entries[number] >= asked for number, asked in service.asked.items())
    assert not EgressEntry.objects.filter(comment=None).exists()
    assert list(verify()) == []
    return comments


def check_what_is_owed(service: Service, comments: dict[int, Comment]) -> None:
    """What was answered is done with, and all else waits and is owed."""
    owed = set(UncheckedComment.objects.values_list("comment", flat=True))
    for number, comment in comments.items():
        is_answered = comment.log.get().findings[-1].get("is_unchecked") is None
        assert (comment.pk in owed) == (not is_answered), number
        if is_answered:
            assert comment.status == STATUS_OF[service.verdict_of(number)], number
        else:
            assert comment.status == Status.PENDING, number
    assert service.many * SHARE * 0.8 < len(owed) < service.many * 0.95
    assert CheckHealth.objects.get(check_path=service.path).failures > service.many / 10


def test_nothing_is_lost_published_or_doubled_and_all_is_made_up_for(service, monkeypatch):
    service.behave(mixed_faults(service.faults, 7))
    offer_all(service)
    check_what_is_owed(service, check_what_must_always_hold(service))

    service.behave(mixed_faults(service.faults, 8))
    recheck_all(2)
    check_what_must_always_hold(service)

    service.behave(rightly)
    monkeypatch.setattr("comments.spam.akismet.client.Clock", Clock)
    recheck_all(20)
    comments = check_what_must_always_hold(service)
    assert not UncheckedComment.objects.exists()
    for number, comment in comments.items():
        assert comment.status == STATUS_OF[service.verdict_of(number)], number
        assert comment.log.count() <= 2
    begun = EgressEntry.objects.exclude(outcome=Outcome.FAILED).count()
    assert begun <= sum(service.asked.values())
