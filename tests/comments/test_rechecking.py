"""What a failed check owes is asked for again: what follows, who wins, and when it is given up."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from comments import rechecking, sanctions, unchecked
from comments.egress import sending
from comments.models import (
    RECHECKED,
    CheckHealth,
    Comment,
    DiscussionRules,
    EgressEntry,
    HeldPeople,
    Sanction,
    SanctionKind,
    SanctionTarget,
    SentFields,
    UncheckedComment,
)
from comments.moderation import (
    Banned,
    Seen,
    delete,
    edit,
    moderate,
    move_branch,
    submit,
    undelete,
    undo,
)
from comments.rechecking import recheck_due
from comments.ruling import rule_thread, save_rules
from comments.spam import CheckFailed, Finding, Verdict, breaker, remote
from comments.spam.findings import Told
from comments.status import Action, Status
from comments.taking_back import Taken
from comments.verifying import verify
from tests.comments.factories import make_submission, make_thread

pytestmark = pytest.mark.django_db(transaction=True)

# What each check answers, and what is done while it is asked.
answers: dict[str, str] = {}
meanwhile = []


def answer_of(check):
    answer = answers.get(check, "ham")
    if answer == "down":
        raise OSError("connection refused")
    if answer == "later":
        raise CheckFailed("Not yet.", timedelta(minutes=7))
    return Finding(check, Verdict(answer), f"They say {answer}.")


@remote(service="Far", host="far.example.org", sends={"body": "the text"}, why="to know")
def far(submission):
    with sending(submission, far, ["body"]):
        for act in meanwhile:
            act()
        return answer_of("far")


@remote(service="Near", host="near.example.org", sends={"body": "the text"}, why="to know")
def near(submission):
    with sending(submission, near, ["body"]):
        return answer_of("near")


def mood(submission):
    return answer_of("mood")


FAR, NEAR, MOOD = (f"{__name__}.{name}" for name in ("far", "near", "mood"))


@pytest.fixture(autouse=True)
def _down(settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.premoderated_thread", FAR]
    answers.clear()
    answers["far"] = "down"
    meanwhile.clear()


def owed(**fields):
    """Return a comment that the far service did not judge."""
    return submit(make_submission(fields.pop("thread", None) or make_thread(), **fields))


def make_due():
    UncheckedComment.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    CheckHealth.objects.update(open_until=None)
    breaker.known.forget()


def recheck(**said):
    answers.update(said)
    make_due()
    recheck_due()


def status_of(comment):
    return Comment.objects.get(pk=comment.pk).status


def acts_on(comment):
    return [(row.action, row.actor_id) for row in comment.log.order_by("pk")]


def debts():
    return list(UncheckedComment.objects.order_by("pk").values_list("check_path", "attempts"))


# --- what is owed ---------------------------------------------------------------------------------


def test_a_comment_that_could_not_be_checked_waits_and_is_to_be_checked_in_a_minute():
    comment = owed()
    (row,) = UncheckedComment.objects.all()
    assert (comment.status, row.comment, row.revision) == (Status.PENDING, comment, 1)
    assert (row.check_path, row.attempts) == (FAR, 0)
    assert "OSError" in row.last_error
    assert timedelta(seconds=55) < row.due_at - timezone.now() <= timedelta(minutes=1)
    assert EgressEntry.objects.get().comment == comment


def test_who_says_when_to_ask_again_is_asked_then():
    answers["far"] = "later"
    owed()
    (row,) = UncheckedComment.objects.all()
    assert timedelta(minutes=6) < row.due_at - timezone.now() <= timedelta(minutes=7)


def test_what_is_answered_at_once_owes_nothing():
    answers["far"] = "ham"
    assert owed().status == Status.APPROVED
    assert debts() == []


def test_the_debt_is_stored_with_the_comment_or_not_at_all(monkeypatch):
    def full(*args, **kwargs):
        raise RuntimeError("cut off")

    monkeypatch.setattr("comments.moderation.admitting.write_down", full)
    with pytest.raises(RuntimeError):
        owed()
    assert not Comment.objects.exists()


# --- what follows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "act"),
    [
        ("ham", Status.APPROVED, Action.APPROVE),
        ("spam", Status.SPAM, Action.MARK_SPAM),
        ("unsure", Status.PENDING, Action.NOTE),
    ],
)
def test_an_answer_is_carried_out_by_the_site_and_says_why(answer, status, act):
    comment = owed()
    recheck(far=answer)
    assert status_of(comment) == status
    assert acts_on(comment) == [("submit", None), (act, None)]
    entry = comment.log.order_by("-pk")[0]
    assert [(each["check"], each["verdict"]) for each in entry.findings] == [("far", answer)]
    assert entry.detail == {RECHECKED: FAR}
    assert debts() == []
    assert list(verify()) == []
    sent = EgressEntry.objects.order_by("pk").values_list("purpose", "comment", "outcome")
    assert list(sent) == [
        ("check", comment.pk, "failed"), ("recheck", comment.pk, "answered"),
    ]  # fmt: skip


def test_the_thread_shows_what_was_let_through():
    comment = owed()
    recheck(far="ham")
    comment.thread.refresh_from_db()
    assert comment.thread.approved_count == 1
    assert Comment.objects.get(pk=comment.pk).is_public()


def test_what_the_queues_are_ordered_by_follows():
    comment = owed()
    before = Comment.objects.get(pk=comment.pk)
    recheck(far="spam")
    after = Comment.objects.get(pk=comment.pk)
    assert after.risk > before.risk


def test_nothing_is_done_before_it_is_due():
    comment = owed()
    answers["far"] = "ham"
    assert recheck_due() == 0
    assert status_of(comment) == Status.PENDING


def test_a_finding_of_then_holds_whatever_the_answer(settings):
    settings.COMMENTS_CHECKS = [MOOD, FAR]
    answers["mood"] = "unsure"
    comment = owed()
    recheck(far="ham", mood="ham")
    assert status_of(comment) == Status.PENDING
    entry = comment.log.order_by("-pk")[0]
    said = {(each["check"], each["verdict"]) for each in entry.findings}
    assert said == {("mood", "unsure"), ("mood", "ham"), ("far", "ham")}


def test_the_rules_of_now_hold_too(mona):
    comment = owed()
    comment.thread.is_premoderated = True
    comment.thread.save(update_fields=["is_premoderated"])
    recheck(far="ham")
    assert status_of(comment) == Status.PENDING
    checks = [each["check"] for each in comment.log.order_by("-pk")[0].findings]
    assert checks == ["premoderated_thread", "far"]


def test_what_was_counted_of_its_author_is_as_it_was_then(bob, mona, settings):
    by_bob = {"author": bob, "author_name": "Bob", "author_email": bob.email}
    earlier = published(**by_bob)
    settings.COMMENTS_CHECKS = ["comments.spam.rules.first_time_commenter", FAR]
    comment = owed(**by_bob)
    moderate(earlier, Action.REJECT, actor=mona, seen=Seen.of(earlier))
    recheck(far="ham")
    assert status_of(comment) == Status.APPROVED


def test_who_was_banned_since_is_not_published(bob, mona):
    comment = owed(author=bob, author_name="Bob", author_email=bob.email)
    sanctions.impose(SanctionKind.BAN, SanctionTarget.ACCOUNT, value=str(bob.pk), actor=mona)
    recheck(far="ham")
    assert status_of(comment) == Status.PENDING


def test_two_checks_that_failed_must_both_answer(settings):
    settings.COMMENTS_CHECKS = [FAR, NEAR]
    answers["near"] = "down"
    comment = owed()
    assert debts() == [(FAR, 0), (NEAR, 0)]
    recheck(far="ham")
    assert (status_of(comment), debts()) == (Status.PENDING, [(NEAR, 1)])
    recheck(near="ham")
    assert (status_of(comment), debts()) == (Status.APPROVED, [])
    # Neither was asked again about what it had said.
    asked = EgressEntry.objects.filter(purpose="recheck").values_list("service", "outcome")
    assert sorted(asked) == [("Far", "answered"), ("Near", "answered"), ("Near", "failed")]


def test_what_a_service_said_while_another_failed_stands(settings):
    settings.COMMENTS_CHECKS = [FAR, NEAR]
    answers["near"] = "unsure"
    comment = owed()
    recheck(far="ham", near="ham")
    assert status_of(comment) == Status.PENDING


def test_a_failing_check_of_the_sites_own_is_made_up_for_too(settings):
    settings.COMMENTS_CHECKS = [MOOD]
    answers["mood"] = "down"
    comment = owed()
    recheck(mood="ham")
    assert status_of(comment) == Status.APPROVED


# --- other words ----------------------------------------------------------------------------------


def published(**fields):
    answers["far"] = "ham"
    comment = owed(**fields)
    answers["far"] = "down"
    return comment


def edited(comment, body="Other words."):
    return edit(comment, body, actor=None, actor_name="Gus", seen=Seen.of(comment))


def test_an_edit_that_could_not_be_checked_waits_and_readers_keep_the_old_words():
    comment = edited(published())
    assert (comment.status, comment.approved_revision) == (Status.PENDING, 1)
    recheck(far="ham")
    comment = Comment.objects.get(pk=comment.pk)
    assert (comment.status, comment.approved_revision) == (Status.APPROVED, 2)


def test_an_edit_called_spam_later_waits_for_an_editor_as_one_called_so_at_once():
    comment = edited(published())
    recheck(far="spam")
    comment = Comment.objects.get(pk=comment.pk)
    assert (comment.status, comment.approved_revision) == (Status.PENDING, 1)
    assert debts() == []
    assert list(verify()) == []


def test_an_edit_of_what_waited_to_be_checked_becomes_what_the_check_says():
    comment = edited(edited(owed()), "Other words yet.")
    assert [row.revision for row in UncheckedComment.objects.order_by("pk")] == [1, 2, 3]
    recheck(far="ham")
    assert (status_of(comment), debts()) == (Status.APPROVED, [])
    assert list(verify()) == []


def test_an_edit_of_what_was_held_is_made_public_by_nobody_but_an_editor(settings, mona):
    held = owed()
    recheck(far="unsure")
    again = published()
    moderate(again, Action.HOLD, actor=mona, seen=Seen.of(again))
    settings.COMMENTS_CHECKS = [MOOD, FAR]
    answers["mood"] = "unsure"
    moody = owed()
    answers["mood"] = "ham"
    comments = [edited(Comment.objects.get(pk=each.pk)) for each in (held, again, moody)]
    recheck(far="ham")
    assert [status_of(comment) for comment in comments] == [Status.PENDING] * 3
    assert debts() == []


# --- who was quicker ------------------------------------------------------------------------------


def rejected(comment, actor):
    return moderate(comment, Action.REJECT, actor=actor, seen=Seen.of(comment))


def test_an_editor_who_judged_it_meanwhile_wins(mona):
    comment = owed()
    rejected(comment, mona)
    recheck(far="ham")
    assert (status_of(comment), debts()) == (Status.REJECTED, [])
    assert EgressEntry.objects.count() == 1


def test_an_editor_who_judges_it_while_the_service_is_asked_wins(mona):
    comment = owed()
    meanwhile.append(lambda: rejected(comment, mona))
    recheck(far="ham")
    meanwhile.clear()
    assert status_of(comment) == Status.REJECTED
    recheck()
    assert (debts(), acts_on(comment)) == ([], [("submit", None), ("reject", mona.pk)])


def test_what_an_editor_let_through_and_holds_again_is_not_published_by_the_site(mona):
    comment = owed()
    moderate(comment, Action.APPROVE, actor=mona, seen=Seen(Status.PENDING, 1))
    moderate(comment, Action.HOLD, actor=mona, seen=Seen(Status.APPROVED, 1))
    recheck(far="ham")
    assert (status_of(comment), debts()) == (Status.PENDING, [])


def test_what_an_editor_lets_through_and_holds_again_meanwhile_is_not_published_either(mona):
    comment = owed()

    def lets_through_and_holds():
        moderate(comment, Action.APPROVE, actor=mona, seen=Seen(Status.PENDING, 1))
        moderate(comment, Action.HOLD, actor=mona, seen=Seen(Status.APPROVED, 1))

    meanwhile.append(lets_through_and_holds)
    recheck(far="ham")
    meanwhile.clear()
    recheck()
    assert (status_of(comment), debts()) == (Status.PENDING, [])


def test_two_checks_that_answer_at_once_are_both_heard(settings):
    settings.COMMENTS_CHECKS = [FAR, NEAR]
    answers["near"] = "down"
    comment = owed()
    # While one process asks the one, another asks the other.
    meanwhile.append(lambda: (meanwhile.clear(), recheck_due()))
    recheck(far="ham", near="ham")
    assert debts() == [(FAR, 1)]
    recheck()
    assert (status_of(comment), debts()) == (Status.APPROVED, [])


def test_an_editors_note_judges_nothing(mona):
    comment = owed()
    moderate(comment, Action.NOTE, actor=mona, seen=Seen.of(comment), note="Who is this?")
    recheck(far="ham")
    assert status_of(comment) == Status.APPROVED


def test_an_author_who_deletes_it_wins():
    comment = owed()
    delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    recheck(far="ham")
    assert (status_of(comment), debts()) == (Status.DELETED, [])


def test_a_comment_that_is_moved_while_the_service_is_asked_is_checked_again(mona):
    comment, elsewhere = owed(), make_thread()
    meanwhile.append(lambda: move_branch(comment, to=elsewhere, actor=mona, seen=Seen.of(comment)))
    recheck(far="ham")
    meanwhile.clear()
    assert debts() == [(FAR, 1)]
    recheck()
    assert (status_of(comment), debts()) == (Status.APPROVED, [])


def test_an_editor_takes_back_what_the_site_did(mona):
    comment = owed()
    recheck(far="ham")
    undo(comment.log.order_by("-pk")[0], actor=mona)
    assert status_of(comment) == Status.PENDING
    recheck(far="ham")
    assert status_of(comment) == Status.PENDING
    assert list(verify()) == []


# --- again, and again -----------------------------------------------------------------------------


def test_what_fails_again_waits_longer_each_time_and_is_given_up_after_two_days():
    comment, waits = owed(), []
    while True:
        recheck()
        row = UncheckedComment.objects.get()
        if row.due_at is None:
            break
        waits.append(round((row.due_at - timezone.now()).total_seconds() / 60))
    assert waits == [5, 15, 60, 240, 480, 480, 480, 480, 480]
    assert (row.attempts, status_of(comment)) == (10, Status.PENDING)
    assert "OSError" in row.last_error
    assert acts_on(comment) == [("submit", None)]


def test_what_was_given_up_is_asked_for_when_an_editor_says_so():
    comment = owed()
    UncheckedComment.objects.update(due_at=None, attempts=10)
    recheck(far="ham")
    assert status_of(comment) == Status.PENDING
    assert unchecked.make_due(FAR) == 1
    recheck()
    assert status_of(comment) == Status.APPROVED


def test_while_its_breaker_is_open_nothing_counts_as_an_attempt():
    owed()
    until = timezone.now() + timedelta(minutes=20)
    UncheckedComment.objects.update(due_at=timezone.now(), attempts=10)
    CheckHealth.objects.update(open_until=until)
    breaker.known.forget()
    recheck_due()
    row = UncheckedComment.objects.get()
    assert (row.attempts, EgressEntry.objects.count()) == (10, 1)
    assert abs(row.due_at - until) < timedelta(seconds=5)


def test_a_check_that_is_not_used_any_more_is_given_up(settings):
    comment = owed()
    settings.COMMENTS_CHECKS = [NEAR]
    recheck()
    row = UncheckedComment.objects.get()
    assert (row.due_at, row.last_error) == (None, "The check is not in use any more.")
    assert (status_of(comment), EgressEntry.objects.count()) == (Status.PENDING, 1)


def test_one_that_cannot_be_done_keeps_none_behind_it_from_being_done(monkeypatch, caplog):
    first, second = owed(), owed()
    as_offered = rechecking._as_offered

    def breaks(stands):
        if stands.comment == first:
            raise RuntimeError("a row from another age")
        return as_offered(stands)

    monkeypatch.setattr(rechecking, "_as_offered", breaks)
    recheck(far="ham")
    assert (status_of(first), status_of(second)) == (Status.PENDING, Status.APPROVED)
    assert "another age" in caplog.text
    assert debts() == [(FAR, 1)]


def test_comments_whose_facts_were_cleared_are_checked_without_them():
    comment = owed()
    Comment.objects.filter(pk=comment.pk).update(ip_address=None, user_agent="", referrer="")
    recheck(far="ham")
    assert status_of(comment) == Status.APPROVED


def test_of_two_who_recheck_at_once_each_verdict_is_asked_for_by_one():
    comments = [owed() for _number in range(12)]
    answers["far"] = "ham"
    make_due()

    def work():
        try:
            recheck_due()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {status_of(comment) for comment in comments} == {Status.APPROVED}
    assert EgressEntry.objects.filter(purpose="recheck").count() == len(comments)
    assert all(len(acts_on(comment)) == 2 for comment in comments)
    assert list(verify()) == []


def test_the_command_asks_for_all_that_is_due():
    comment = owed()
    answers["far"] = "ham"
    make_due()
    out = StringIO()
    call_command("recheck_comments", stdout=out)
    assert out.getvalue() == "1 verdicts asked for.\n"
    assert status_of(comment) == Status.APPROVED


# --- what another part knows ----------------------------------------------------------------------


def leaning(submission):
    advice = answers.get("leaning") == "advice"
    return Finding("leaning", Verdict.UNSURE, "Reads like spam.", is_advice=advice)


def patient(submission):
    """Answer that it is still looking, and say what it was told."""
    for act in meanwhile:
        act()
    told = Told("Far", {"comment_content": submission.body}, "ham")
    raise CheckFailed("Still looking.", timedelta(minutes=7), told)


LEANING, PATIENT = f"{__name__}.leaning", f"{__name__}.patient"


def test_what_was_held_for_is_not_answered_by_the_same_as_advice(settings):
    settings.COMMENTS_CHECKS = [LEANING, FAR]
    comment = owed()
    recheck(far="ham", leaning="advice")
    assert status_of(comment) == Status.PENDING


def test_a_reply_is_not_published_where_what_it_answers_is_gone(mona):
    answers["far"] = "ham"
    parent = owed()
    answers["far"] = "down"
    reply = owed(thread=parent.thread, parent=parent)
    moderate(parent, Action.REJECT, actor=mona, seen=Seen.of(parent))
    recheck(far="ham")
    assert status_of(reply) == Status.PENDING
    assert debts() == []


def test_a_guest_whose_address_was_proved_is_so_when_checked_again(settings):
    save_rules(DiscussionRules(held_people=HeldPeople.UNPROVED), ["held_people"], None)
    settings.COMMENTS_CHECKS = ["comments.spam.rules.first_time_commenter", FAR]
    proved, other = owed(is_address_proved=True), owed()
    recheck(far="ham")
    assert [status_of(proved), status_of(other)] == [Status.APPROVED, Status.PENDING]


def test_what_its_author_deletes_while_a_service_is_asked_is_not_kept_again(settings):
    settings.COMMENTS_CHECKS = [PATIENT]
    comment = owed()
    assert SentFields.objects.count() == 1
    meanwhile.append(
        lambda: delete(comment, actor=None, actor_name="Gus Guest", seen=Seen.of(comment))
    )
    recheck()
    assert status_of(comment) == Status.DELETED
    assert not SentFields.objects.exists()


def test_one_that_always_breaks_is_looked_at_ever_more_seldom(monkeypatch):
    def broken(*args):
        raise RuntimeError("no good")

    owed()
    UncheckedComment.objects.update(attempts=50)
    monkeypatch.setattr(rechecking, "judge_anew", broken)
    make_due()
    assert recheck_due() == 1
    assert UncheckedComment.objects.get().due_at > timezone.now() + timedelta(hours=1)


def test_who_is_banned_while_a_service_is_asked_is_refused(bob, mona):
    def ban():
        sanctions.impose(SanctionKind.BAN, SanctionTarget.ACCOUNT, value=str(bob.pk), actor=mona)

    answers["far"] = "ham"
    first = owed(author=bob)
    meanwhile.append(ban)
    with pytest.raises(Banned):
        owed(author=bob)
    sanctions.lift(Sanction.objects.get(), actor=mona)
    with pytest.raises(Banned):
        edit(first, "Other words.", actor=bob, actor_name="Bob", seen=Seen.of(first))
    assert Comment.objects.get().body == "A thought."


def test_who_is_banned_while_a_service_is_asked_again_is_not_published(bob, mona):
    comment = owed(author=bob)
    meanwhile.append(
        lambda: sanctions.impose(
            SanctionKind.BAN, SanctionTarget.ACCOUNT, value=str(bob.pk), actor=mona
        )
    )
    recheck(far="ham")
    assert status_of(comment) == Status.PENDING


def sorted_by(comment):
    return Comment.objects.values_list("risk", "facets").get(pk=comment.pk)


def test_what_was_said_last_is_what_a_comment_is_sorted_by_whatever_comes(settings):
    settings.COMMENTS_CHECKS = [LEANING, FAR]
    comment = owed()
    recheck(far="ham")
    said = sorted_by(comment)
    call_command("renew_comments", stdout=StringIO())
    assert sorted_by(comment) == said
    comment = Comment.objects.get()
    taken = Taken.of(comment)
    deletion = delete(comment, actor=None, actor_name="Gus Guest", seen=Seen.of(comment))
    undelete(deletion, taken, actor=None, actor_name="Gus Guest")
    assert sorted_by(comment) == said


@pytest.mark.parametrize("how", ["a discussion's", "the site's"])
def test_rules_that_change_while_a_service_is_asked_again_count(settings, how):
    settings.COMMENTS_CHECKS += ["comments.spam.rules.first_time_commenter"]
    save_rules(DiscussionRules(held_people=HeldPeople.NOBODY), ["held_people"], None)
    comment = owed()

    def hold_all():
        meanwhile.clear()
        if how == "the site's":
            save_rules(DiscussionRules(held_people=HeldPeople.EVERYONE), ["held_people"], None)
        else:
            rule_thread(comment.thread, actor=None, held_people=HeldPeople.EVERYONE)

    meanwhile.append(hold_all)
    recheck(far="ham")
    assert status_of(comment) == Status.PENDING
    recheck(far="ham")
    assert (status_of(comment), debts()) == (Status.PENDING, [])
