"""Measures against people: what is taken, refused and lifted, whom it stops, what it costs."""

from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from comments import barring, held, sanctions
from comments.barring import Banned
from comments.models import (
    Comment,
    ListsVersion,
    OutgoingLetter,
    Sanction,
    SanctionKind,
    SanctionTarget,
)
from comments.moderation import Seen, delete, edit, submit
from comments.policy import decide
from comments.sanctions import CannotSanction
from comments.status import Status
from comments.submission import gather
from tests.comments.factories import make_comment, make_submission, make_thread
from tests.comments.test_races import run_together

pytestmark = pytest.mark.django_db

BAN, SUSPEND, WARN, PREMODERATE = (
    SanctionKind.BAN,
    SanctionKind.SUSPEND,
    SanctionKind.WARN,
    SanctionKind.PREMODERATE,
)
ACCOUNT, EMAIL, DOMAIN, NETWORK = (
    SanctionTarget.ACCOUNT,
    SanctionTarget.EMAIL,
    SanctionTarget.DOMAIN,
    SanctionTarget.NETWORK,
)


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def root():
    return get_user_model().objects.create_superuser("root@example.org", display_name="Root")


def in_a_week():
    return timezone.now() + timedelta(days=7)


def is_stopped(**fields):
    fields = {"thread": make_thread(), **fields}
    try:
        submit(make_submission(**fields))
    except Banned:
        return True
    return False


# --- whom a measure stops -----------------------------------------------------------------------


def test_a_banned_account_cannot_comment_and_others_can(mona, eve, bob):
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    assert is_stopped(author=eve, author_email=eve.email)
    assert not is_stopped(author=bob, author_email=bob.email)
    assert not is_stopped()


def test_nothing_is_stored_of_who_is_stopped(mona, eve, thread):
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    with pytest.raises(Banned):
        submit(make_submission(thread, author=eve))
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("target", "value", "stopped", "free"),
    [
        (EMAIL, "Gus+spam@example.org", "gus@EXAMPLE.org", "gus@example.com"),
        (EMAIL, "gus@example.org", "gus+other@example.org", "gustav@example.org"),
        (DOMAIN, "Bad.example", "x@bad.example", "x@notbad.example"),
        (DOMAIN, "bad.example", "x@mail.bad.example", "x@bad.example.org"),
        (DOMAIN, "bücher.example", "x@xn--bcher-kva.example", "x@bucher.example"),
        (DOMAIN, "someone@bad.example", "x@bad.example", "x@example.org"),
    ],
)
def test_addresses_and_domains_are_compared_folded(mona, target, value, stopped, free):
    sanctions.impose(BAN, target, value, actor=mona)
    assert is_stopped(author_email=stopped)
    assert not is_stopped(author_email=free)
    assert not is_stopped(author_email="")


@pytest.mark.parametrize(
    ("network", "stopped", "free"),
    [
        ("192.0.2.77/24", "192.0.2.7", "192.0.3.7"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("2001:db8:1::/48", "2001:db8:1:ff::9", "2001:db8:2::9"),
        ("10.0.0.0/8", "10.200.3.4", "11.0.0.1"),
        ("::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.9"),
    ],
)
def test_a_network_stops_whoever_is_in_it(mona, network, stopped, free):
    sanctions.impose(BAN, NETWORK, network, actor=mona)
    assert is_stopped(ip_address=stopped)
    assert not is_stopped(ip_address=free)
    assert not is_stopped(ip_address=None)


def test_who_types_an_address_harms_no_account_that_has_it(mona, bob):
    sanctions.impose(BAN, EMAIL, bob.email, actor=mona)
    assert is_stopped(author_email=bob.email)
    assert not is_stopped(author=bob, author_email=bob.email)


def test_an_address_taken_from_an_account_stops_the_account_and_who_types_it(mona, eve):
    sanctions.impose(BAN, EMAIL, eve.email, actor=mona, user=eve)
    assert is_stopped(author=eve, author_email=eve.email)
    assert is_stopped(author_email=eve.email)


def test_an_editor_shares_a_network_and_a_domain_with_others(mona, root, alice):
    sanctions.impose(BAN, NETWORK, "192.0.2.0/24", actor=mona)
    sanctions.impose(BAN, DOMAIN, "example.org", actor=mona)
    assert not is_stopped(author=mona, author_email=mona.email)
    assert is_stopped(author=alice, author_email=alice.email)
    sanctions.impose(BAN, ACCOUNT, mona.pk, actor=root)
    assert is_stopped(author=mona, author_email=mona.email)


def test_a_suspension_ends_by_the_clock_alone(mona, eve):
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False) as clock:
        ends_at = timezone.now() + timedelta(days=1)
        sanctions.impose(SUSPEND, ACCOUNT, eve.pk, actor=mona, ends_at=ends_at)
        assert is_stopped(author=eve)
        clock.shift(timedelta(hours=23, minutes=59))
        assert is_stopped(author=eve)
        clock.shift(timedelta(minutes=1))
        assert not is_stopped(author=eve)


def test_a_warning_stops_nobody(mona, eve):
    sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)
    assert not is_stopped(author=eve)


def test_what_a_banned_person_wrote_they_may_delete_and_not_edit(mona, eve, thread):
    comment = make_comment(thread, author=eve)
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    names = {"actor": eve, "actor_name": "Eve"}
    with pytest.raises(Banned):
        edit(comment, "Other words.", seen=Seen.of(comment), **names)
    comment.refresh_from_db()
    assert (comment.body, comment.revision) == ("A thought.", 1)
    delete(comment, seen=Seen.of(comment), **names)
    assert Comment.objects.get().status == Status.DELETED


def test_an_edit_is_refused_from_a_banned_network_too(mona, eve, thread):
    comment = make_comment(thread, author=eve)
    sanctions.impose(BAN, NETWORK, "198.51.100.0/24", actor=mona)
    names = {"actor": eve, "actor_name": "Eve", "seen": Seen.of(comment)}
    with pytest.raises(Banned):
        edit(comment, "Other words.", ip="198.51.100.3", **names)
    assert edit(comment, "Other words.", ip="203.0.113.3", **names).revision == 2


def test_reports_are_refused_by_the_same_measures(mona, eve):
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    sanctions.impose(BAN, NETWORK, "192.0.2.0/24", actor=mona)
    with pytest.raises(Banned):
        sanctions.refuse_banned(author=eve, email="", ip=None)
    with pytest.raises(Banned):
        sanctions.refuse_banned(author=None, email="", ip="192.0.2.1")
    sanctions.refuse_banned(author=None, email="", ip="203.0.113.1")


def test_the_measure_that_lasts_longest_is_told(mona, eve):
    sanctions.impose(SUSPEND, ACCOUNT, eve.pk, actor=mona, ends_at=in_a_week())
    forever = sanctions.impose(BAN, NETWORK, "192.0.2.0/24", actor=mona)
    assert sanctions.banned_by(author=eve, email="", ip="192.0.2.1") == forever


# --- every comment waits ------------------------------------------------------------------------


def test_every_comment_of_a_premoderated_person_waits(mona, bob, thread):
    make_comment(thread, author=bob)
    offered = make_submission(thread, author=bob, author_email=bob.email)
    assert decide(gather(offered)).status == Status.APPROVED
    sanctions.impose(PREMODERATE, ACCOUNT, bob.pk, actor=mona)
    decision = decide(gather(offered))
    assert decision.status == Status.PENDING
    assert [finding.check for finding in decision.findings] == ["premoderated_person"]


def test_whoever_is_trusted_is_never_held_by_it(mona, root, alice):
    sanctions.impose(PREMODERATE, ACCOUNT, alice.pk, actor=mona)
    sanctions.impose(PREMODERATE, ACCOUNT, mona.pk, actor=root)
    thread = make_thread(owner=alice)
    for person in (alice, mona):
        assert decide(gather(make_submission(thread, author=person))).status == Status.APPROVED
    elsewhere = make_submission(make_thread(), author=alice)
    assert decide(gather(elsewhere)).status == Status.PENDING


# --- what is refused ----------------------------------------------------------------------------


def test_nobody_sanctions_an_editor_or_themselves_but_a_superuser_an_editor(mona, root):
    other = get_user_model().objects.create_user("otto@example.org", display_name="Otto")
    other.groups.set(mona.groups.all())
    for target, value in ((ACCOUNT, other.pk), (EMAIL, other.email), (EMAIL, "OTTO@example.org")):
        with pytest.raises(CannotSanction, match="Otto moderates here"):
            sanctions.impose(BAN, target, value, actor=mona)
    for actor in (mona, root):
        with pytest.raises(CannotSanction, match="yourself"):
            sanctions.impose(WARN, ACCOUNT, actor.pk, actor=actor)
    measure = sanctions.impose(BAN, ACCOUNT, mona.pk, actor=root)
    with pytest.raises(CannotSanction, match="yourself"):
        sanctions.lift(measure, actor=mona)
    assert Sanction.objects.get().is_in_force


def test_only_editors_take_measures(alice, eve):
    with pytest.raises(CannotSanction, match="Only editors"):
        sanctions.impose(WARN, ACCOUNT, eve.pk, actor=alice)


@pytest.mark.parametrize(
    ("target", "value"),
    [
        (ACCOUNT, "0"),
        (ACCOUNT, "-1"),
        (ACCOUNT, "9" * 400),
        (ACCOUNT, "1 or 1=1"),
        (ACCOUNT, "٣"),
        (EMAIL, "nobody"),
        (EMAIL, "a b@example.org"),
        (EMAIL, "x" * 5000 + "@example.org"),
        (DOMAIN, "com"),
        (DOMAIN, "a..b"),
        (DOMAIN, "\x00.example"),
        (DOMAIN, ""),
        (NETWORK, "0.0.0.0/0"),
        (NETWORK, "10.0.0.0/7"),
        (NETWORK, "2001::/15"),
        (NETWORK, "::/0"),
        (NETWORK, "192.0.2.0/33"),
        (NETWORK, "192.0.2.0/" + "9" * 5000),
        (NETWORK, "300.1.1.1"),
        (NETWORK, "everybody"),
        ("planet", "earth"),
    ],
)
def test_a_target_that_is_none_is_refused(mona, target, value):
    with pytest.raises(CannotSanction):
        sanctions.impose(BAN, target, value, actor=mona)
    assert not Sanction.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "hang"},
        {"kind": SUSPEND},
        {"ends_at": datetime(2001, 1, 1, tzinfo=UTC)},
        {"ends_at": datetime(9999, 12, 31, tzinfo=UTC)},
        {"reason": "no_such_reason"},
        {"reason": "x" * 10_000},
        {"note": "x" * 1_000_000},
        {"message": "x" * 1_000_000},
    ],
)
def test_a_measure_that_makes_no_sense_is_refused(mona, eve, fields):
    fields = {"kind": BAN, "target": ACCOUNT, "value": eve.pk, "actor": mona, **fields}
    with pytest.raises(CannotSanction):
        sanctions.impose(**fields)
    assert not Sanction.objects.exists()


def test_the_same_measure_again_is_refused_while_it_is_in_force(mona, eve):
    first = sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    with pytest.raises(CannotSanction, match="already, by Mona"):
        sanctions.impose(BAN, ACCOUNT, str(eve.pk), actor=mona)
    sanctions.impose(PREMODERATE, ACCOUNT, eve.pk, actor=mona)
    sanctions.lift(first, actor=mona)
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    assert Sanction.objects.filter(kind=BAN).count() == 2


def test_nobody_is_warned_twice_for_one_thing_and_again_for_another(mona, eve):
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False) as clock:
        sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)
        with pytest.raises(CannotSanction, match="already"):
            sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)
        clock.shift(timedelta(days=1, seconds=1))
        sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)


# --- lifting ------------------------------------------------------------------------------------


def test_lifting_is_undo_and_is_written_down(mona, eve):
    measure = sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona, note="Ten accounts.")
    assert is_stopped(author=eve)
    sanctions.lift(measure, actor=mona)
    assert not is_stopped(author=eve)
    assert (measure.lifted_by_name, measure.note) == ("Mona", "Ten accounts.")
    with pytest.raises(CannotSanction, match="not in force"):
        sanctions.lift(measure, actor=mona)


def test_a_batch_is_lifted_as_one_but_for_what_the_actor_may_not(mona, root, eve, bob):
    batch = uuid4()
    for person in (eve, bob):
        sanctions.impose(BAN, ACCOUNT, person.pk, actor=root, batch=batch)
    against_mona = sanctions.impose(BAN, ACCOUNT, mona.pk, actor=root, batch=batch)
    other = sanctions.impose(BAN, DOMAIN, "bad.example", actor=root, batch=uuid4())
    lifted = sanctions.lift_batch(batch, actor=mona)
    assert {measure.value for measure in lifted} == {str(eve.pk), str(bob.pk)}
    assert set(Sanction.objects.in_force()) == {against_mona, other}
    assert sanctions.lift_batch(batch, actor=mona) == []


# --- letters ------------------------------------------------------------------------------------


def test_who_is_warned_is_told_and_the_private_note_is_not(mona, eve):
    sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona, reason="abuse", note="Known troll.")
    (letter,) = OutgoingLetter.objects.all()
    assert letter.to == eve.email
    assert letter.due_at > timezone.now()
    assert "warning" in letter.body
    assert "abuse" in letter.body.lower()
    assert "troll" not in letter.body


def test_a_ban_is_told_where_there_is_something_to_say_and_an_address(mona, eve):
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    sanctions.impose(BAN, NETWORK, "192.0.2.0/24", actor=mona, message="Stop.")
    sanctions.impose(BAN, EMAIL, "typed@example.org", actor=mona, message="Stop.")
    assert not OutgoingLetter.objects.exists()
    sanctions.impose(
        SUSPEND, ACCOUNT, eve.pk, actor=mona, message="Please calm down.", ends_at=in_a_week()
    )
    assert "Please calm down." in OutgoingLetter.objects.get().body


def test_lifting_withdraws_a_letter_that_still_waits(mona, eve):
    measure = sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)
    sanctions.lift(measure, actor=mona)
    assert OutgoingLetter.objects.get().withdrawn_at is not None


def test_a_letter_that_is_sent_stays_sent(mona, eve):
    measure = sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)
    OutgoingLetter.objects.update(sent_at=timezone.now())
    sanctions.lift(measure, actor=mona)
    assert OutgoingLetter.objects.get().withdrawn_at is None


# --- found again --------------------------------------------------------------------------------


def test_targets_say_what_is_proved(bob, thread):
    typed = make_comment(thread, author_email="Gus+x@Mail.example.org", ip_address="192.0.2.7")
    assert [
        (target.kind, target.value, target.is_proved) for target in sanctions.targets_of(typed)
    ] == [
        (EMAIL, "gus@mail.example.org", False),
        (DOMAIN, "mail.example.org", False),
        (NETWORK, "192.0.2.7/32", False),
        (NETWORK, "192.0.2.0/24", False),
    ]
    typed.email_proved_at = timezone.now()
    assert sanctions.targets_of(typed)[0].is_proved
    signed_in = make_comment(thread, author=bob, author_email=bob.email, ip_address="2001:db8::7")
    kinds = [(target.kind, target.value) for target in sanctions.targets_of(signed_in)]
    assert kinds[0] == (ACCOUNT, str(bob.pk))
    assert kinds[-1] == (NETWORK, "2001:db8::/64")
    nothing = make_comment(thread, author_email="", ip_address=None)
    assert sanctions.targets_of(nothing) == []


def test_a_page_of_cards_takes_one_query_or_two_after_a_change(
    mona, bob, eve, thread, django_assert_num_queries
):
    comments = [
        make_comment(thread, author=eve, author_email=eve.email, ip_address="2001:db8::1"),
        make_comment(thread, author=bob, author_email=bob.email, ip_address="203.0.113.1"),
        make_comment(thread, author_email="x@sub.bad.example", ip_address="192.0.2.200"),
        make_comment(thread, author_email="", ip_address=None),
    ]
    account = sanctions.impose(WARN, ACCOUNT, eve.pk, actor=mona)
    domain = sanctions.impose(BAN, DOMAIN, "bad.example", actor=mona)
    network = sanctions.impose(BAN, NETWORK, "192.0.0.0/16", actor=mona)
    gone = sanctions.impose(BAN, NETWORK, "203.0.113.0/24", actor=mona)
    sanctions.impose(BAN, EMAIL, bob.email, actor=mona)
    sanctions.lift(gone, actor=mona)
    for queries in (2, 1):
        with django_assert_num_queries(queries):
            found = sanctions.on(comments)
        assert found == {comments[0].pk: [account], comments[2].pk: [network, domain]}
    assert sanctions.on([]) == {}


# --- what it costs, and how others hear of it ---------------------------------------------------


def test_every_change_raises_the_number_once(mona, eve):
    numbers = [held.current_number()]
    measure = sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    numbers.append(ListsVersion.objects.get().number)
    sanctions.lift(measure, actor=mona)
    numbers.append(ListsVersion.objects.get().number)
    assert numbers == [0, 1, 2]


def test_who_comments_asks_no_more_than_without_measures(
    mona, bob, thread, django_assert_num_queries
):
    for number in range(3):
        sanctions.impose(BAN, NETWORK, f"198.51.{number}.0/24", actor=mona)
    make_comment(thread, author=bob)
    offered = gather(make_submission(thread, author=bob, author_email=bob.email))
    decide(offered)
    with django_assert_num_queries(0):
        barring.refuse_banned_author(offered)
        decide(offered)


def test_measures_are_read_once_after_a_change_and_lists_not_at_all(
    mona, eve, thread, django_assert_num_queries
):
    decide(gather(make_submission(thread)))
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    offered = gather(make_submission(thread))
    with django_assert_num_queries(1):
        decide(offered)
    with django_assert_num_queries(0):
        decide(offered)


def test_a_refused_measure_changes_no_number(mona, eve):
    sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    with pytest.raises(CannotSanction):
        sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    assert held.current_number() == 1


# --- several editors at once --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_editors_who_ban_somebody_at_once_one_does(mona, eve, bob):
    start = Barrier(4)

    def impose(person):
        start.wait(timeout=30)
        try:
            return sanctions.impose(BAN, ACCOUNT, person.pk, actor=mona)
        except CannotSanction:
            return None

    # Nobody has changed anything yet, so the number has no row either.
    made = run_together(*(partial(impose, person) for person in (eve, eve, bob, bob)))
    assert {measure.value for measure in made if measure} == {str(eve.pk), str(bob.pk)}
    assert Sanction.objects.count() == 2
    assert held.current_number() == 2


@pytest.mark.django_db(transaction=True)
def test_of_editors_who_lift_a_measure_at_once_one_does(mona, eve):
    measure = sanctions.impose(BAN, ACCOUNT, eve.pk, actor=mona)
    start = Barrier(3)

    def lift():
        start.wait(timeout=30)
        try:
            sanctions.lift(Sanction.objects.get(pk=measure.pk), actor=mona)
        except CannotSanction:
            return False
        return True

    assert sorted(run_together(lift, lift, lift)) == [False, False, True]
