"""The hook, the built-in rules one by one, and the decision made of their findings."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from comments.models import DiscussionRules, HeldPeople, ListEffect, ListEntry, ListKind
from comments.policy import decide
from comments.rulebook import compose
from comments.spam import Finding, Verdict, lists, rules
from comments.spam.running import judge
from comments.status import Status
from comments.submission import gather
from config.checks import spam_checks_can_be_loaded, spam_checks_have_names_of_their_own
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered():
    return gather(make_submission(make_thread(), "An honest remark about bread and patience."))


def ruled(offered, *, site=None, **changed):
    """Return it as judged by these rules of the site; what are no rules are facts."""
    site = DiscussionRules(**(site or {}))
    for name in changed.keys() & {field.name for field in DiscussionRules._meta.fields}:
        setattr(site, name, changed.pop(name))
    return replace(offered, rulebook=compose(site, offered.thread), **changed)


def always_ham(submission):
    return Finding("always_ham", Verdict.HAM, "Fine.")


def always_unsure(submission):
    return Finding("always_unsure", Verdict.UNSURE, "Hm.")


def always_spam(submission):
    return Finding("always_spam", Verdict.SPAM, "No.")


def says_nothing(submission):
    return None


def breaks(submission):
    raise RuntimeError("the checker is down")


def answers_nonsense(submission):
    return "spam"


def paths(*checks):
    return [f"{check.__module__}.{check.__name__}" for check in checks]


@pytest.mark.parametrize(
    ("checks", "status"),
    [
        ([], Status.APPROVED),
        ([says_nothing], Status.APPROVED),
        ([always_ham], Status.APPROVED),
        ([always_ham, always_unsure], Status.PENDING),
        ([always_spam, always_unsure, always_ham], Status.SPAM),
        ([breaks], Status.PENDING),
        ([answers_nonsense], Status.PENDING),
        ([breaks, always_spam], Status.SPAM),
    ],
)
def test_the_worst_verdict_wins_and_a_broken_check_holds(offered, checks, status):
    assert decide(offered, paths(*checks)).status == status


def test_all_checks_run_in_order_and_all_findings_are_kept(offered):
    findings = judge(offered, paths(always_spam, breaks, says_nothing, always_ham)).findings
    assert [finding.check for finding in findings] == ["always_spam", "breaks", "always_ham"]
    assert "RuntimeError" in findings[1].message


def test_a_check_named_wrongly_is_told_at_start(settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.no_such_rule"]
    (error,) = spam_checks_can_be_loaded(None)
    assert (error.id, "no_such_rule" in error.msg) == ("parley.E001", True)


def test_two_checks_of_one_name_are_told_at_start(settings):
    assert spam_checks_have_names_of_their_own(None) == []
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, "elsewhere.checks.honeypot"]
    (error,) = spam_checks_have_names_of_their_own(None)
    assert (error.id, "honeypot" in error.msg) == ("parley.E003", True)


def test_an_honest_remark_trips_no_rule_but_that_it_is_a_guests(offered):
    assert [finding.check for finding in judge(offered).findings] == ["first_time_commenter"]


def test_the_hidden_field_is_spam(offered):
    assert rules.honeypot(offered) is None
    assert rules.honeypot(replace(offered, honeypot="x")).verdict == Verdict.SPAM


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(60.0, None), (0.4, Verdict.UNSURE), (None, Verdict.UNSURE)]
)
def test_too_fast_holds_and_so_does_not_knowing(offered, seconds, verdict):
    finding = rules.too_fast(replace(offered, seconds_taken=seconds))
    assert (finding and finding.verdict) == verdict


@pytest.mark.parametrize(
    ("links", "verdict"), [(3, None), (4, Verdict.UNSURE), (9, Verdict.UNSURE), (10, Verdict.SPAM)]
)
def test_links_are_counted_however_they_are_written(offered, links, verdict):
    for form in ("https://s%d.example.com/", "[x](http://s%d.example.com)", "s%d.example.com"):
        body = " ".join(form % number for number in range(links))
        finding = rules.too_many_links(replace(offered, body=body))
        assert (finding and finding.verdict) == verdict, form


@pytest.mark.parametrize(
    ("most", "links", "verdict"),
    [
        (0, 0, None),
        (0, 1, Verdict.UNSURE),
        (0, 9, Verdict.UNSURE),
        (0, 10, Verdict.SPAM),
        (1, 9, Verdict.UNSURE),
        (1, 10, Verdict.SPAM),
        (5, 15, Verdict.UNSURE),
        (5, 16, Verdict.SPAM),
    ],
)
def test_few_links_allowed_ask_for_an_editor_and_not_for_the_bin(offered, most, links, verdict):
    body = "so " + " ".join(f"https://s{number}.example.com/" for number in range(links))
    finding = rules.too_many_links(ruled(offered, max_links=most, body=body))
    assert (finding and finding.verdict) == verdict


@pytest.mark.parametrize(
    ("times", "verdict"), [(0, None), (1, Verdict.UNSURE), (2, Verdict.UNSURE), (3, Verdict.SPAM)]
)
def test_the_same_words_again(times, verdict):
    thread = make_thread()
    for _time in range(times):
        make_comment(thread, body="Check out my  channel, it is GREAT fun.")
    again = make_submission(thread, "check out my channel, it is great fun.")
    finding = rules.repeated_text(gather(again))
    assert (finding and finding.verdict) == verdict


def test_other_words_of_late_are_not_these_words():
    thread = make_thread()
    for number in range(4):
        make_comment(thread, body=f"Something quite different, said for the {number}th time.")
    assert (
        rules.repeated_text(gather(make_submission(thread, "A remark nobody made before."))) is None
    )


def test_short_words_may_be_said_by_many():
    thread = make_thread()
    for _time in range(5):
        make_comment(thread, body="Thank you!")
    assert rules.repeated_text(gather(make_submission(thread, "Thank you!"))) is None


def test_a_flood_from_one_address_is_held_and_others_are_not(settings):
    settings.COMMENTS_FLOOD_LIMIT = 3
    thread = make_thread()
    for number in range(3):
        make_comment(thread, body=f"Number {number} of many, and more to come.")
    assert rules.flood(gather(make_submission(thread))).verdict == Verdict.UNSURE
    elsewhere = make_submission(thread, ip_address="198.51.100.9")
    assert rules.flood(gather(elsewhere)) is None
    nowhere = make_submission(thread, ip_address=None)
    assert rules.flood(gather(nowhere)).verdict == Verdict.UNSURE


def test_a_guest_is_held_whatever_name_and_address_they_type(offered):
    make_comment(offered.thread, author_email=offered.author_email)
    assert rules.first_time_commenter(gather(offered)).verdict == Verdict.UNSURE


ACCOUNT = object()


@pytest.mark.parametrize(
    ("held", "guest", "proved", "newcomer", "known"),
    [
        (HeldPeople.NOBODY, None, None, None, None),
        (HeldPeople.UNPROVED, Verdict.UNSURE, None, None, None),
        (HeldPeople.NEWCOMERS, Verdict.UNSURE, Verdict.UNSURE, Verdict.UNSURE, None),
        (HeldPeople.EVERYONE, *[Verdict.UNSURE] * 4),
    ],
)
def test_the_rules_say_whose_comments_wait(offered, held, guest, proved, newcomer, known):
    offered = ruled(offered, held_people=held, newcomer_approvals=2)
    people = [
        offered,
        replace(offered, is_address_proved=True),
        replace(offered, author=ACCOUNT, approved_before=1),
        replace(offered, author=ACCOUNT, approved_before=2),
    ]
    findings = [rules.first_time_commenter(each) for each in people]
    assert [each and each.verdict for each in findings] == [guest, proved, newcomer, known]


def test_of_whom_nothing_is_known_is_a_newcomer(offered):
    unknown = replace(offered, author=ACCOUNT, approved_before=None)
    assert rules.first_time_commenter(unknown).verdict == Verdict.UNSURE


@pytest.mark.parametrize(
    ("most", "age", "verdict"),
    [
        (0, timedelta(days=9_000), None),
        (30, timedelta(days=30, seconds=-1), None),
        (30, timedelta(days=30), Verdict.UNSURE),
        (30, None, None),
    ],
)
def test_comments_on_old_pages_wait(offered, most, age, verdict):
    offered.thread.public_at = age and offered.submitted_at - age
    finding = rules.old_page(ruled(offered, hold_after_days=most))
    assert (finding and finding.verdict) == verdict


def test_the_pages_limits_overrule_the_servers(offered, settings):
    settings.COMMENTS_MIN_SECONDS, settings.COMMENTS_FLOOD_LIMIT = 3, 3
    quick = ruled(offered, seconds_taken=4.0, recent_from_source=4)
    assert rules.too_fast(quick) is None
    assert rules.flood(quick).threshold == 3
    stricter = ruled(quick, min_seconds=5.0, flood_limit=8, flood_window_seconds=600)
    assert rules.too_fast(stricter).threshold == 5.0
    assert rules.flood(stricter) is None
    late = rules.flood(replace(stricter, recent_from_source=8))
    assert (late.value, "600 seconds" in late.message) == (9, True)


def test_only_the_owner_and_moderators_are_not_checked():
    people = get_user_model().objects
    alice = people.create_user("alice@example.org", display_name="Alice")
    bob = people.create_user("bob@example.org", display_name="Bob")
    mona = people.create_superuser("mona@example.org", display_name="Mona")
    thread = make_thread(owner=alice)
    decisions = [decide(gather(make_submission(thread, author=who))) for who in (alice, mona, bob)]
    assert [decision.status for decision in decisions] == ["approved", "approved", "pending"]
    make_comment(thread, author=bob)
    assert decide(gather(make_submission(thread, author=bob))).status == "approved"


@pytest.fixture
def listed():
    ListEntry.objects.bulk_create(
        [
            ListEntry(kind=ListKind.WORD, pattern="ass", effect=ListEffect.HOLD),
            ListEntry(kind=ListKind.WORD, pattern="Cheap  Pills", effect=ListEffect.SPAM),
            ListEntry(kind=ListKind.DOMAIN, pattern="Bad.example", effect=ListEffect.SPAM),
            ListEntry(kind=ListKind.DOMAIN, pattern="my-site.example", effect=ListEffect.HOLD),
            ListEntry(kind=ListKind.DOMAIN, pattern="bücher.example", effect=ListEffect.HOLD),
        ]
    )
    lists.forget_lists()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("What an ass!", "ass"),
        ("A classic passage, assessed.", None),
        ("buy CHEAP pills now", "cheap pills"),
        ("cheap, pills", "cheap pills"),
        ("ｃｈｅａｐ ｐｉｌｌｓ", "cheap pills"),
        ("an ass sells cheap pills", "cheap pills"),
    ],
)
def test_listed_words_match_whole_words_only(offered, listed, body, word):
    finding = lists.listed_words(replace(offered, body=body))
    assert (finding and finding.value) == word
    if finding:
        start, end = finding.span
        assert lists.fold(body[start:end]) == word


def test_listed_words_are_looked_for_in_the_name_too(offered, listed):
    assert lists.listed_words(replace(offered, author_name="Cheap Pills")).span is None


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://bad.example/x", "bad.example"),
        ("https://www.BAD.example", "bad.example"),
        ("https://notbad.example", None),
        ("https://bad.example.org", None),
        ("https://my-site.example", "my-site.example"),
        ("https://my.site.example", None),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_listed_domains_match_whole_labels(offered, listed, address, domain):
    finding = lists.listed_domains(replace(offered, body=f"see {address} now"))
    assert (finding and finding.value) == domain
    website = lists.listed_domains(replace(offered, author_website=address))
    assert (website is not None) == (domain is not None)


def test_a_list_entry_without_a_word_is_refused():
    with pytest.raises(ValidationError):
        ListEntry(kind=ListKind.WORD, pattern="***").full_clean()


def test_a_list_of_tens_of_thousands_is_matched_in_one_pass(offered, shared_data):
    path = shared_data / "wordpress-comment-blocklist" / "blacklist.txt"
    words = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    effects = {lists.fold(word): "spam" for word in words if lists.fold(word)}
    assert len(effects) > 40_000
    beginnings = lists.beginnings_of(effects)
    assert list(lists.listed_in("All quiet. " * 1_000, effects, beginnings)) == []
    listed = lists.listed_in(f"so: {words[4_000]}!", effects, beginnings)
    found = [phrase for phrase, _span in listed]
    assert lists.fold(words[4_000]) in found
