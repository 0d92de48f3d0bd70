"""The page of the checks: how each runs, what it owes, and asking again."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from comments.desk.checks import duration
from comments.models import CheckHealth, UncheckedComment
from comments.spam import breaker, health, remote
from comments.status import Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/desk/checks/"
AGAIN = "/admin/desk/checks/again/"
VERIFY = "/admin/desk/checks/verify/"
HONEYPOT = "comments.spam.rules.honeypot"
HOSTILE = "<script>alert(1)</script>"
switch = {"is_on": True, "wrong": ""}


def say(wrong):
    if isinstance(wrong, Exception):
        raise wrong
    return wrong


@remote(
    service="Words <Ltd>",
    host="https://words.example.org/",
    sends={"body": "the text"},
    why="to know",
    is_on=lambda: switch["is_on"],
    verify=lambda: say(switch["wrong"]),
)
def far(submission):
    return None


FAR = f"{__name__}.far"


@pytest.fixture(autouse=True)
def _two_checks(settings):
    settings.COMMENTS_CHECKS = [HONEYPOT, FAR]
    switch.update(is_on=True, wrong="")


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


def rows_of(client):
    """Return the words of each row of the table."""
    page = BeautifulSoup(client.get(ADDRESS).content.decode(), "html5lib")
    return [" ".join(row.text.split()) for row in page.select(".checks-table tbody tr")]


def owed(path=FAR, due_in=None, **fields):
    comment = make_comment(make_thread(), status=Status.PENDING)
    due_at = timezone.now() + due_in if due_in else None
    return UncheckedComment.objects.create(
        comment=comment, check_path=path, revision=1, due_at=due_at, **fields
    )


def test_each_check_is_shown_in_order_with_its_name_and_whom_it_asks(editor):
    local, distant = rows_of(editor)
    assert local.startswith("Hidden field on this site not asked yet")
    assert distant.startswith("far asks Words <Ltd> at words.example.org not asked yet")


def test_how_it_runs_is_told_in_figures(editor):
    health.note_answer(HONEYPOT, 0.00002)
    for seconds in (0.120, 1.4):
        health.note_answer(FAR, seconds)
    health.flush()
    local, distant = rows_of(editor)
    assert local.endswith("works 1 0 0.02 ms 0.02 ms")
    assert distant.endswith("works Try the service far 2 0 760 ms 1.4 s")


def test_what_failed_last_says_so_and_is_escaped(editor):
    health.of_check(FAR, calls=3, failures=1, last_failed_at=timezone.now(), last_error=HOSTILE)
    health.note_alert(FAR, f"{HOSTILE} Your key ends soon.")
    health.flush()
    _local, distant = rows_of(editor)
    assert "failed last" in distant
    assert HOSTILE in distant
    assert "Your key ends soon." in distant
    assert HOSTILE not in editor.get(ADDRESS).content.decode()
    health.of_check(FAR, last_ok_at=timezone.now() + timedelta(seconds=1))
    assert "works" in rows_of(editor)[1]


def test_one_that_is_left_alone_says_until_when(editor):
    health.of_check(FAR, open_until=timezone.now() + timedelta(minutes=9))
    until = timezone.localtime(CheckHealth.objects.get().open_until)
    assert f"{until:%H:%M}" in rows_of(editor)[1]
    assert "left alone until" in rows_of(editor)[1]
    assert "Ask again now far" in rows_of(editor)[1]


def test_what_it_owes_is_counted_and_when_it_is_asked_next(editor):
    owed(due_in=timedelta(hours=1))
    owed(due_in=timedelta(minutes=2))
    owed()
    said = rows_of(editor)[1]
    assert "2 comments wait to be checked by it, next try" in said
    assert "1 comment was given up, and is an editor’s to judge." in said


def test_what_an_editor_has_judged_is_owed_no_more(editor):
    row = owed(due_in=timedelta(hours=1))
    row.comment.status = Status.REJECTED
    row.comment.save(update_fields=["status"])
    assert "comment" not in rows_of(editor)[1]


def test_one_that_is_off_and_one_that_is_gone_are_told_apart(editor):
    owed("some.check.of_old")
    switch["is_on"] = False
    said = rows_of(editor)
    assert " off " in said[1]
    assert said[2].startswith("of_old on this site not in use any more 1 comment was given up")
    assert "Ask again" not in "".join(said)


def test_a_site_without_checks_is_told_what_that_means(editor, settings):
    settings.COMMENTS_CHECKS = []
    assert "every comment is public at once" in rows_of(editor)[0]


def test_asking_again_closes_the_breaker_and_makes_all_due_now(editor):
    health.of_check(FAR, open_until=timezone.now() + timedelta(minutes=9), failed_in_row=7)
    breaker.known.forget()
    later, given_up = owed(due_in=timedelta(hours=4), attempts=5), owed(attempts=10)
    another = owed(HONEYPOT, due_in=timedelta(hours=4))
    answer = editor.post(AGAIN, {"check": FAR}, follow=True)
    assert "is asked again in a few seconds, about 2 comments." in answer.content.decode()
    assert not breaker.ask_leave(FAR).is_trial
    for row in (later, given_up):
        row.refresh_from_db()
        assert (row.due_at <= timezone.now(), row.attempts) == (True, 0)
    another.refresh_from_db()
    assert another.due_at > timezone.now()


def test_only_a_check_that_is_used_can_be_asked(editor):
    assert editor.post(AGAIN, {"check": "os.system"}).status_code == 404
    assert editor.get(AGAIN).status_code == 405


def test_a_service_that_can_be_tried_is_tried_and_what_is_wrong_is_said(editor):
    here, far = rows_of(editor)
    assert "Try the service" not in here
    assert "Try the service" in far
    right = editor.post(VERIFY, {"check": FAR}, follow=True)
    assert "its service answers, and serves this site." in right.content.decode()
    switch["wrong"] = f"The key is not known. {HOSTILE}"
    wrong = editor.post(VERIFY, {"check": FAR}, follow=True).content.decode()
    assert "The key is not known." in wrong
    assert HOSTILE not in wrong


def test_what_is_off_or_has_no_service_to_try_is_not_tried(editor):
    assert editor.post(VERIFY, {"check": HONEYPOT}).status_code == 404
    assert editor.post(VERIFY, {"check": "os.system"}).status_code == 404
    assert editor.get(VERIFY).status_code == 405
    switch["is_on"] = False
    assert "Try the service" not in rows_of(editor)[1]


@pytest.mark.parametrize(("who", "status"), [("mona", 200), ("bob", 302), (None, 302)])
def test_only_editors_see_it_and_ask(client, request, who, status):
    if who:
        client.force_login(request.getfixturevalue(who))
    assert client.get(ADDRESS).status_code == status
    for address in (AGAIN, VERIFY):
        asked = client.post(address, {"check": FAR})
        is_done = asked.url == reverse("admin:desk_checks")
        assert is_done == (status == 200)


def test_it_costs_the_same_however_many_comments_are_owed(editor, django_assert_num_queries):
    owed(due_in=timedelta(hours=1))
    editor.get(ADDRESS)
    with django_assert_num_queries(6):
        editor.get(ADDRESS)
    for _number in range(5):
        owed(due_in=timedelta(hours=1))
    with django_assert_num_queries(6):
        editor.get(ADDRESS)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.000021, "0.02 ms"), (0.0042, "4.2 ms"), (0.12, "120 ms"), (1.44, "1.4 s")],
)
def test_durations_are_told_as_precisely_as_they_matter(seconds, words):
    assert duration(seconds) == words


def test_whatever_comes_up_while_a_service_is_asked_is_told(editor):
    switch["wrong"] = OSError(f"key=secret {HOSTILE}")
    page = editor.post(VERIFY, {"check": FAR}, follow=True).text
    assert "The check could not be made (OSError)." in page
    assert "secret" not in page
