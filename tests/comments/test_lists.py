"""The editors' lists: networks and expressions, what they may cost, hits, and their admin."""

import time
from dataclasses import replace

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import Comment, ListEffect, ListEntry, ListKind
from comments.moderation import Seen, edit, submit
from comments.networks import Networks
from comments.policy import decide
from comments.spam import Verdict, lists
from comments.spam.expressions import (
    ALL_SECONDS,
    TRY_SECONDS,
    BadExpression,
    found_in,
    try_out,
)
from comments.status import Status
from comments.submission import gather
from tests.comments.factories import make_submission, make_thread

pytestmark = pytest.mark.django_db

LISTED = "/admin/comments/listentry/"
# Ten words that no machine can look for in `STUBBORN` to the end.
HOPELESS = [f"(a|aa|a{number}?)+$" for number in range(10)]
STUBBORN = "a" * 5000 + "!"


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


def listed(kind, *patterns, effect=ListEffect.HOLD):
    entries = [ListEntry(kind=kind, pattern=pattern, effect=effect) for pattern in patterns]
    made = ListEntry.objects.bulk_create(entries)
    lists.forget_lists()
    return made


def looked_at(check, **fields):
    return check(gather(make_submission(make_thread(), **fields)))


# --- networks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.9", "192.0.2.0/24"),
        ("192.0.3.9", None),
        # The log keeps it, and no address for longer than the clock allows.
        ("198.51.100.1", "198.51.100.0/24"),
        ("198.51.100.2", None),
        ("2001:db8:0:1::5", "2001:db8::/48"),
        ("2001:db8:1::5", None),
        (None, None),
    ],
)
def test_a_listed_network_is_found_by_the_address_a_comment_came_from(address, network):
    listed(ListKind.NETWORK, "192.0.2.0/24", "198.51.100.1", "2001:db8::/48", "nonsense")
    finding = looked_at(lists.listed_networks, ip_address=address)
    assert (finding and finding.value) == network


def test_the_worst_of_several_networks_is_told():
    listed(ListKind.NETWORK, "192.0.2.0/24")
    listed(ListKind.NETWORK, "192.0.0.0/16", effect=ListEffect.SPAM)
    finding = looked_at(lists.listed_networks, ip_address="192.0.2.9")
    assert (finding.verdict, finding.value, len(finding.entries)) == ("spam", "192.0.0.0/16", 2)


def test_an_address_is_looked_up_in_a_network_of_every_length_at_once():
    rows = [(f"10.{a}.{b}.0/24", (a, b)) for a in range(200) for b in range(200)]
    networks = Networks(rows)
    began = time.process_time()
    for _time in range(1000):
        assert networks.of("10.7.9.4") == [("10.7.9.0/24", (7, 9))]
    assert time.process_time() - began < 1


# --- regular expressions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text", "span"),
    [
        (r"\bbuy\s+now\b", "Please BUY  now.", (7, 15)),
        (r"\bbuy\s+now\b", "Buynow", None),
        (r"(?:\d{4}[ -]?){4}", "Card 1234 5678 1234 5678.", (5, 24)),
    ],
)
def test_an_expression_is_found_whatever_the_case_of_letters(expression, text, span):
    listed(ListKind.REGEX, expression)
    finding = looked_at(lists.listed_patterns, body=text)
    assert (finding and finding.span) == span


def test_an_expression_is_looked_for_in_the_name_too():
    listed(ListKind.REGEX, r"v[i1]agra", effect=ListEffect.SPAM)
    finding = looked_at(lists.listed_patterns, author_name="V1agra")
    assert (finding.verdict, finding.span) == (Verdict.SPAM, None)


def test_an_expression_that_takes_too_long_holds_and_is_named(thread):
    listed(ListKind.REGEX, HOPELESS[0], effect=ListEffect.SPAM)
    decision = decide(gather(make_submission(thread, STUBBORN)))
    assert decision.status == Status.PENDING
    (finding,) = [each for each in decision.findings if each.check == "listed_patterns"]
    assert (finding.verdict, finding.value) == (Verdict.UNSURE, HOPELESS[0])
    assert finding.entries == ()


def test_what_is_found_counts_though_another_takes_too_long():
    listed(ListKind.REGEX, HOPELESS[0])
    (entry,) = listed(ListKind.REGEX, "a!", effect=ListEffect.SPAM)
    finding = looked_at(lists.listed_patterns, body=STUBBORN)
    assert (finding.verdict, finding.entries) == (Verdict.SPAM, (entry.pk,))
    assert HOPELESS[0] in finding.message


def test_all_expressions_together_take_no_longer_than_one_comment_may():
    began = time.process_time()
    matches = list(found_in([STUBBORN], HOPELESS))
    assert time.process_time() - began < 2 * ALL_SECONDS
    assert [match.expression for match in matches if match.is_late] == HOPELESS


def test_what_is_no_expression_finds_nothing_and_breaks_nothing(thread):
    listed(ListKind.REGEX, "(unclosed", "[")
    assert looked_at(lists.listed_patterns, body="(unclosed [") is None


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("(unclosed", "no regular expression"),
        ("[a-", "no regular expression"),
        ("a{999999999999}", "no regular expression"),
        (r"\p{NoSuchThing}", "no regular expression"),
        ("a*", "every text"),
        ("x|", "every text"),
        (r"(a|aa)+$", "too long"),
        (r"(q|qq)+$", "too long"),
        (r"(\w|\d)+$", "too long"),
        (r"(.*a){20}b", "too long"),
        (r"(.*)*(.*)*(.*)*Z", "too long"),
        (r"(.+)(.+)(.+)(.+)pills", "too long"),
        (r"(x+x+)+y", "too long"),
        (r"([a-z]+)*=", "too long"),
        (r"(é+)+ü", "too long"),
        (r"(?:\S+\s+)+end$", "too long"),
        (r"\d+\d+\d+\d+x", "too long"),
    ],
)
def test_a_bad_expression_is_refused_with_the_reason(expression, says):
    with pytest.raises(BadExpression, match=says):
        try_out(expression)


@pytest.mark.parametrize(
    "expression",
    [
        r"\bcheap\W+pills\b",
        r"https?://[^ ]+\.top/",
        "(?:cas[i1]no|b[e3]t)s?",
        r"\bcasino\d*\b",
        "(foo|bar){2,5}",
        "(cheap|buy).{0,40}(pills|viagra)",
        r"\S+\.xyz",
        r"\b(\d{4}[ -]?){4}\b",
        r"\bв\s*и\s*а\s*г\s*р\s*а\b",
        r"[\p{Cyrillic}\s]{20,}",
        "赌场|カジノ",
        "★+",
    ],
)
def test_an_ordinary_expression_is_taken(editor, expression):
    try_out(expression)
    assert written(editor, "regex", expression).status_code == 302


@pytest.mark.parametrize(
    "expression", [r"(.*)*(.*)*(.*)*Z", r"(\w+\s?)*$", r"(\w+ ?\w+ ?)+" * 12 + "Z"]
)
def test_trying_an_expression_ends(expression):
    began = time.process_time()
    with pytest.raises(BadExpression):
        try_out(expression)
    assert time.process_time() - began < 1.5 * TRY_SECONDS


# --- hits ---------------------------------------------------------------------------------------


def test_each_entry_that_is_found_is_counted_once_per_comment(
    thread, django_capture_on_commit_callbacks
):
    words = listed(ListKind.WORD, "bread", "butter", "jam")
    with django_capture_on_commit_callbacks(execute=True):
        submit(make_submission(thread, "Bread, bread and butter.", ip_address="192.0.2.1"))
    hits = {entry.pattern: entry.hits for entry in ListEntry.objects.all()}
    assert hits == {"bread": 1, "butter": 1, "jam": 0}
    assert ListEntry.objects.get(pk=words[0].pk).last_hit_at is not None
    assert ListEntry.objects.get(pk=words[2].pk).last_hit_at is None


def test_an_edit_counts_too(thread, bob, django_capture_on_commit_callbacks):
    comment = submit(make_submission(thread, "Tea.", author=bob))
    listed(ListKind.WORD, "bread")
    with django_capture_on_commit_callbacks(execute=True):
        edit(comment, "Bread.", actor=bob, actor_name="Bob", seen=Seen.of(comment))
    assert ListEntry.objects.get().hits == 1


def test_trying_how_checks_would_judge_counts_nothing(thread, django_capture_on_commit_callbacks):
    listed(ListKind.WORD, "bread")
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        decide(gather(make_submission(thread, "Bread.")))
    assert (callbacks, ListEntry.objects.get().hits) == ([], 0)


def test_one_update_counts_all_hits_and_none_is_made_without(
    thread, django_capture_on_commit_callbacks
):
    listed(ListKind.WORD, "bread", "butter")
    for body, updates in (("Bread and butter.", 1), ("Tea.", 0)):
        with (
            CaptureQueriesContext(
                connection,
            ) as asked,
            django_capture_on_commit_callbacks(execute=True),
        ):
            submit(make_submission(thread, body))
        made = [query for query in asked.captured_queries if "hits" in query["sql"]]
        assert len([query for query in made if query["sql"].startswith("UPDATE")]) == updates


def test_a_comment_is_stored_though_its_hits_cannot_be_counted(
    thread, monkeypatch, django_capture_on_commit_callbacks
):
    listed(ListKind.WORD, "bread")

    def breaks(entries):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("comments.moderation.admitting.count_hits", breaks)
    with django_capture_on_commit_callbacks(execute=True):
        submit(make_submission(thread, "Bread."))
    assert Comment.objects.count() == 1


def test_findings_are_kept_without_the_rows_of_the_lists(thread):
    listed(ListKind.WORD, "bread")
    comment = submit(make_submission(thread, "Bread."))
    assert all("entries" not in finding for finding in comment.log.get().findings)


# --- tens of thousands --------------------------------------------------------------------------


def test_a_long_list_costs_one_query_once_and_little_time(
    thread, shared_data, django_assert_num_queries
):
    path = shared_data / "wordpress-comment-blocklist" / "blacklist.txt"
    lines = {line.strip()[:200] for line in path.read_text().splitlines() if line.strip()}
    ListEntry.objects.bulk_create(ListEntry(kind=ListKind.WORD, pattern=line) for line in lines)
    lists.forget_lists()
    offered = gather(make_submission(thread, "All quiet on the way to the bakery. " * 500))
    with django_assert_num_queries(1):
        lists.listed_words(offered)
    began = time.process_time()
    with django_assert_num_queries(0):
        for _time in range(10):
            lists.listed_words(offered)
    assert (time.process_time() - began) / 10 < 0.05


# --- the admin ----------------------------------------------------------------------------------


def written(editor, kind, pattern):
    data = {"kind": kind, "pattern": pattern, "effect": "hold", "note": ""}
    return editor.post(f"{LISTED}add/", data)


@pytest.mark.parametrize(
    ("kind", "pattern", "kept"),
    [
        ("word", "Cheap  Pills", "Cheap  Pills"),
        ("domain", " https://Bad.Example/path ", "bad.example"),
        ("domain", "bücher.example", "xn--bcher-kva.example"),
        ("network", "192.0.2.77/24", "192.0.2.0/24"),
        ("network", "198.51.100.1", "198.51.100.1/32"),
        ("regex", r"\bbuy\s+now\b", r"\bbuy\s+now\b"),
    ],
)
def test_an_entry_is_kept_as_it_is_compared(editor, kind, pattern, kept):
    assert written(editor, kind, pattern).status_code == 302
    assert ListEntry.objects.get().pattern == kept


@pytest.mark.parametrize(
    ("kind", "pattern", "says"),
    [
        ("word", "***", "at least one letter"),
        ("word", "one two three four five six seven eight nine", "at most 8 words"),
        ("domain", "example", "Write a domain"),
        ("domain", "bad example.com", "Write a domain"),
        ("network", "everybody", "Write a network"),
        ("network", "10.0.0.0/4", "too wide"),
        ("network", "2001::/8", "too wide"),
        ("regex", "(unclosed", "no regular expression"),
        ("regex", "(a|aa)+$", "too long"),
        ("regex", r"(.*)*(.*)*(.*)*Z", "too long"),
        ("regex", "x" * 201, "200"),
        ("planet", "earth", "not one of the available"),
    ],
)
def test_an_entry_that_could_not_work_is_refused_with_what_was_written(editor, kind, pattern, says):
    response = written(editor, kind, pattern)
    assert response.status_code == 200
    assert says in response.text
    errors = [each for of in response.context["adminform"].form.errors.values() for each in of]
    assert len(errors) == 1, "one fault, one error"
    assert not ListEntry.objects.exists()


def test_the_list_shows_hits_and_can_be_sorted_by_them(editor):
    often, never = listed(ListKind.WORD, "often", "never")
    ListEntry.objects.filter(pk=often.pk).update(hits=7, last_hit_at=timezone.now())
    for column in ("-4", "-5"):
        rows = list(editor.get(LISTED, {"o": column}).context["cl"].result_list)
        assert often in rows
    assert list(editor.get(LISTED, {"o": "-4"}).context["cl"].result_list) == [often, never]


def test_saving_an_entry_keeps_the_hits_that_came_meanwhile(rf, editor):
    (entry,) = listed(ListKind.WORD, "bread")
    data = {"kind": "word", "pattern": "bread", "effect": "spam", "note": "", "hits": "0"}
    made = admin.site.get_model_admin(ListEntry)
    form = made.get_form(rf.get("/"), entry)(data, instance=entry)
    assert form.is_valid()
    ListEntry.objects.update(hits=5)
    made.save_model(rf.get("/"), form.instance, form, change=True)
    kept = ListEntry.objects.get()
    assert (kept.effect, kept.hits) == ("spam", 5)


def test_a_change_in_the_admin_counts_for_the_next_comment(editor, thread):
    offered = make_submission(thread, "Bread.")
    assert lists.listed_words(gather(offered)) is None
    written(editor, "word", "bread")
    again = replace(offered, submission_key="another")
    assert lists.listed_words(gather(again)).value == "bread"
