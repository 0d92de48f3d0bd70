"""What the desk of a site keeps, one of every kind, for the tests of moving it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from comments import moderation, openness, reports
from comments.models import (
    DiscussionRules,
    ListEntry,
    Reason,
    Sanction,
    Thread,
)
from comments.moderation import Seen
from comments.status import Action
from tests.comments.factories import make_comment

THEN = datetime(2024, 5, 1, 9, 30, 0, 123456, tzinfo=UTC)
BATCH = UUID("00000000-0000-4000-8000-000000000001")


def make_desk(alice, mona):
    """Let editors have done all that they can, and readers have reported."""
    here, there = (
        Thread.objects.create(title=url, url=url, public_at=THEN) for url in ("/desk/1", "/desk/2")
    )
    openness.keep_closing_true(here)
    openness.keep_closing_true(there)
    make_revised(here, alice, mona)
    make_reported(here, alice, mona)
    make_moved(here, there, mona)
    make_lists()
    make_reasons()
    make_measures(alice, mona)
    DiscussionRules.objects.filter(pk=1).update(authors_moderate=True)


def make_revised(thread, alice, mona):
    comment = make_comment(thread, body="Rude words", author=alice, author_name="Alice")
    entry = moderation.revise(comment, "Kind words", actor=mona, seen=Seen.of(comment))
    comment.refresh_from_db()
    moderation.moderate(
        comment, Action.HOLD, actor=mona, seen=Seen.of(comment), message="Two\nlines: <b>why</b>"
    )
    plain = make_comment(thread, body="Was plain", author=alice, author_name="Alice")
    moderation.edit(plain, "Is plain", actor=alice, actor_name="Alice", seen=Seen.of(plain))
    plain.refresh_from_db()
    moderation.revise(plain, "Is plainer", actor=mona, seen=Seen.of(plain))
    back = make_comment(thread, body="As it was")
    entry = moderation.revise(back, "As it was not", actor=mona, seen=Seen.of(back))
    moderation.undo(entry, actor=mona)


def make_reported(thread, alice, mona):
    one, two = (make_comment(thread, body=f"Reported {name}") for name in ("once", "again"))
    report(one, alice, reason="abuse", note="It calls\nme names.")
    report(one, None, reason="other")
    report(two, None, reason="spam")
    moderation.moderate(two, Action.DISMISS, actor=mona, seen=Seen.of(two))
    report(two, mona, reason="spam")
    report(two, None, reason="illegal")


def report(comment, reader, **told):
    key = reports.key_of_account(reader.pk) if reader else reports.digest_of("guest")
    return reports.report(comment, reporter=reader, key=key, **told)


def make_moved(here, there, mona):
    comment = make_comment(here, body="Off the topic")
    make_comment(here, comment, body="Answers it")
    moderation.move_branch(comment, to=there, actor=mona, seen=Seen.of(comment))


def make_lists():
    for kind, pattern in (("network", "192.0.2.0/24"), ("regex", "cas[i1]no")):
        ListEntry.objects.create(
            kind=kind, pattern=pattern, hits=7, last_hit_at=THEN, created_at=THEN
        )


def make_reasons():
    Reason.objects.create(
        code="rude", label="Rude", key="9", text_for_author="Please\nbe kind.", position=9
    )
    Reason.objects.create(code="old", label="Old one", is_active=False)


def make_measures(alice, mona):
    facts = {"actor": mona, "actor_name": "Mona", "created_at": THEN, "batch": BATCH}
    for target, value, user in (
        ("account", str(alice.pk), alice),
        ("email", "alice@example.org", alice),
        ("domain", "example.net", None),
        ("network", "192.0.2.0/24", None),
        # Of people who removed their accounts since.
        ("account", "987654", None),
        ("account", "987655", None),
    ):
        Sanction.objects.create(
            kind="ban", target=target, value=value, user=user, reason="rude", note="Why",
            message="Told\nso", ends_at=THEN + timedelta(days=9), **facts,
        )  # fmt: skip
    Sanction.objects.create(
        kind="warn", target="account", value=str(alice.pk), user=alice, lifted_at=THEN,
        lifted_by_name="Una", created_at=THEN - timedelta(days=1), actor_name="Gone",
    )  # fmt: skip
