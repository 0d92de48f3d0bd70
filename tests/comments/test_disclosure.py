"""The page "How your comment data is processed" says what is so: held against comments that are
really sent, against what a service is really told, and against the settings and rules in force.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone

from comments import disclosure, letters
from comments.held import OF_MEASURES, count_change
from comments.models import Comment, DiscussionRules, EgressEntry, Outcome
from comments.spam import Finding, Verdict, remote, remote_checks_in_force
from comments.spam.akismet.fields import SENDS
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import post

pytestmark = pytest.mark.django_db

ADDRESS = "/comments/data/"
# Columns that hold nothing of a person: the comment's place, its state, and what others did.
NOT_OF_A_PERSON = {
    "id", "thread", "parent", "number", "path", "depth", "status", "revision", "living_replies",
    "kind", "author_mark", "markup", "markup_version", "approved_revision", "shown_version",
    "meta_stamp", "helpful_count", "markers_before", "score", "open_reports", "reported_at", "risk",
    "is_edited_by_editor",
}  # fmt: skip
# Where else something of a person comes to lie, and what the page says of it.
BESIDE = {
    ("ModerationLogEntry", "actor_name"): "the name of whoever did it",
    ("ModerationLogEntry", "findings"): "may quote words of yours",
    ("CommentRevision", "body"): "what they read before each edit",
    ("CommentRevision", "body_html"): "what they read before each edit",
    ("Report", "note"): "your note",
}


def text_of(client):
    return " ".join(client.get(ADDRESS).text.split())


# --- what is stored -----------------------------------------------------------------------------


def test_every_column_that_holds_something_of_a_person_is_named():
    columns = {field.name for field in Comment._meta.fields}
    assert set(disclosure.STORED) | set(disclosure.DERIVED) == columns - NOT_OF_A_PERSON
    assert set(disclosure.DERIVED.values()) <= set(disclosure.STORED)


SENT = {
    "body": "marked-body words that somebody wrote here, with casino-marked",
    "name": "Marked Name",
    "email": "marked@mail.example.org",
    "website": "https://marked-website.example/",
    "subject": "marked-honeypot",
}
HEADERS = {
    "user-agent": "marked-browser/1.0",
    "referer": "http://testserver/marked-referrer",
    "x-marked": "marked-other-header",
}
MARKED = re.compile(r"marked|203\.0\.113\.77", re.I)


def where_marks_lie():
    """Return the columns of all tables of this site that hold something that was sent."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            values = model._base_manager.values_list(field.attname, flat=True)
            if any(MARKED.search(str(value)) for value in values):
                found.add((model.__name__, field.name))
    return found


def test_whatever_is_sent_lies_nowhere_but_where_the_page_says(client, settings):
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, f"{__name__}.quotes"]
    client.defaults["REMOTE_ADDR"] = "203.0.113.77"
    thread = make_thread(url="/")
    answer = post(client, thread, headers=HEADERS, **SENT)
    assert answer.status_code in (302, 303)
    comment = Comment.objects.get()
    edit = reverse("comments:edit", args=[thread.pk, comment.number])
    words = {"body": "Other marked-words.", "seen": f"{comment.status}:1"}
    assert client.post(edit, words).status_code == 302
    other = make_comment(thread)
    report = reverse("comments:report", args=[thread.pk, other.number])
    told = {"reason": "other", "note": "marked-note"}
    assert client.post(report, told).status_code == 303
    of_comment = {column for model, column in where_marks_lie() if model == "Comment"}
    assert of_comment <= set(disclosure.STORED) | set(disclosure.DERIVED)
    assert of_comment >= {"author_name", "body", "ip_address", "user_agent", "referrer", "honeypot"}
    elsewhere = {place for place in where_marks_lie() if place[0] != "Comment"}
    assert elsewhere == set(BESIDE)
    text = text_of(client)
    for words in BESIDE.values():
        assert words in text


def quotes(submission):
    return Finding("quotes", Verdict.UNSURE, "Holds a word.", submission.body[:6])


@pytest.mark.parametrize("days", [30, 7, 1])
def test_the_days_are_those_of_the_rules_and_the_next_page_has_them(client, days):
    before = client.get(ADDRESS)
    DiscussionRules(pk=1, keep_facts_days=days).save()
    count_change(OF_MEASURES)
    said = "1 day" if days == 1 else f"{days} days"
    again = client.get(ADDRESS, headers={"if-none-match": before["ETag"]})
    assert again.status_code == (304 if days == 30 else 200)
    text = text_of(client)
    assert f"for {said}, then cleared" in text
    assert f"for {said}, then shortened to the network" in text


def test_anybody_may_keep_the_page_and_it_gives_no_cookie(client, eve):
    response = client.get(ADDRESS)
    assert "public" in response["Cache-Control"]
    assert "max-age=0" in response["Cache-Control"]
    assert not response.cookies
    client.force_login(eve)
    assert "private" in client.get(ADDRESS)["Cache-Control"]


def test_each_form_leads_there(client):
    thread = make_thread(url="/")
    post(client, thread)
    comment = Comment.objects.get()
    for form in ("reply", "edit", "report"):
        number = make_comment(thread).number if form == "report" else comment.number
        args = [thread.pk] if form == "reply" else [thread.pk, number]
        page = client.get(reverse(f"comments:{form}", args=args)).text
        assert f'<p class="data-line"><a href="{ADDRESS}' in page


def test_what_scripts_keep_in_a_browser_is_named():
    scripts = "".join(path.read_text() for path in Path("static/js").glob("*.js"))
    assert set(re.findall(r'\bkeep\("(\w+)"', scripts)) == set(disclosure.ON_THE_DEVICE)


# --- the checks ---------------------------------------------------------------------------------


def test_every_check_that_is_built_in_is_explained(settings):
    settings.COMMENTS_AKISMET_KEY = "a-key"
    remotes = {each.path for each in remote_checks_in_force()}
    assert set(site.COMMENTS_CHECKS) == set(disclosure.CHECKS) | remotes


def test_a_check_that_is_off_is_not_claimed(client, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.flood"]
    text = text_of(client)
    assert str(disclosure.CHECKS["comments.spam.rules.flood"]) in text
    assert str(disclosure.CHECKS["comments.spam.rules.honeypot"]) not in text


def test_a_learner_that_is_off_is_not_said_to_be_asked_but_to_learn(client):
    looks_at = str(disclosure.CHECKS["comments.spam.learner.check.learnt"])
    not_asked = "what it learnt is not asked about new comments"
    text = text_of(client)
    assert looks_at in text
    assert not_asked not in text
    DiscussionRules(pk=1, learner_mode="off").save()
    text = text_of(client)
    assert looks_at not in text
    assert not_asked in text
    assert "this site learns from the editors" in text


def test_a_check_that_was_added_is_owned_up_to(client, settings):
    before = client.get(ADDRESS).text
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, f"{__name__}.quotes"]
    after = client.get(ADDRESS).text
    assert "<code>quotes</code>" in after
    assert "<code>quotes</code>" not in before
    assert "not part of Parley" in after
    # Nobody vouches for what it does.
    assert "Nothing of your comment is passed on." in before
    assert "Nothing of your comment is passed on." not in after


# --- what leaves --------------------------------------------------------------------------------


def test_by_default_nothing_is_passed_on(client):
    assert "Nothing of your comment is passed on." in text_of(client)


@remote(
    service="<Word> police",
    host="https://words.example.org:8443/v1/",
    sends={"text": "the words & all", "who": "the name"},
    why="to find bad words",
)
def word_police(submission):
    return None


def test_a_remote_check_is_named_with_its_host_what_it_is_sent_and_why(client, settings):
    settings.COMMENTS_CHECKS = [f"{__name__}.word_police"]
    text = text_of(client)
    assert "<bdi>&lt;Word&gt; police</bdi></strong> (<code>words.example.org</code>)" in text
    assert "to find bad words. It is sent:" in text
    assert "<li>the words &amp; all</li><li>the name</li>" in text
    assert "Nothing of your comment is passed on." not in text
    assert "decides otherwise" not in text


@pytest.mark.django_db(transaction=True)
def test_what_akismet_is_really_sent_is_what_the_page_says(client, akismet_server, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.akismet.check.akismet"]
    thread = make_thread(url="/")
    post(client, thread, headers=HEADERS, **SENT)
    (asked,) = [each for each in akismet_server.asked if "comment-check" in each.path]
    names = {name.removesuffix("[0]") for name in asked.fields}
    assert names <= set(SENDS)
    (says,) = remote_checks_in_force()
    text = text_of(client)
    for name in names:
        assert str(says.sends[name]) in text
    entry = EgressEntry.objects.get()
    assert set(entry.fields) == names
    assert "decides otherwise than <bdi>Akismet</bdi>" in text


# --- one's own ----------------------------------------------------------------------------------

OWN = "/comments/data/own/"


def sent(comment, **fields):
    given = {"service": "<Word> police", "host": "words.example.org", "purpose": "check"}
    key = comment.submission_key
    return EgressEntry.objects.create(
        comment=comment,
        submission_key=key,
        **{**given, "fields": ["text", "gone"], "outcome": Outcome.ANSWERED, **fields},
    )


def test_a_guest_sees_what_left_for_their_comments_and_for_no_others(client, settings):
    settings.COMMENTS_CHECKS = [f"{__name__}.word_police"]
    thread = make_thread(url="/", title="On bread")
    other = make_comment(thread, body="Somebody else's.")
    sent(other, service="Another service")
    post(client, thread, body="My own words.", headers=HEADERS)
    post(client, thread, body="Of another day.")
    sent(Comment.objects.get(body="My own words."))
    response = client.get(OWN)
    text = " ".join(response.text.split())
    assert "no-store" in response["Cache-Control"]
    assert "&lt;Word&gt; police</bdi> (<code>words.example.org</code>), to be checked: " in text
    # In the words of the check; what is not called anything any more by its name.
    assert "the words &amp; all, gone." in text
    assert text.count("What left this site for this comment: nothing.") == 1
    assert "marked-browser/1.0" in text
    assert "Another service" not in text
    assert "Somebody else" not in text


def test_an_account_sees_its_own_in_a_fixed_number_of_queries(
    client, eve, bob, django_assert_max_num_queries
):
    thread = make_thread()
    for body in ("Eve's first.", "Eve's second."):
        sent(make_comment(thread, body=body, author=eve, author_name="Eve"))
    make_comment(thread, body="Bob's.", author=bob, author_name="Bob")
    client.force_login(eve)
    with django_assert_max_num_queries(8):
        text = client.get(OWN).text
    assert "Eve&#x27;s first." in text
    assert "Eve&#x27;s second." in text
    assert "Bob" not in text


def test_it_says_until_when_and_what_is_left(client, eve):
    thread = make_thread()
    young = make_comment(thread, author=eve, at=timezone.now() - timedelta(days=29))
    make_comment(thread, author=eve, ip_address="192.0.2.0")
    client.force_login(eve)
    text = " ".join(client.get(OWN).text.split())
    day = timezone.localtime(young.created_at + timedelta(days=30))
    assert f"It came from 192.0.2.7; that is shortened on {day:%-d %b %Y}." in text
    assert "the network is left: 192.0.2.0/24." in text


def test_a_page_that_is_not_public_any_more_is_not_named(client, eve):
    make_comment(make_thread(title="A secret plan"), author=eve)
    Comment.objects.get().thread.__class__.objects.update(public_at=None)
    client.force_login(eve)
    text = client.get(OWN).text
    assert "A secret plan" not in text
    assert "not public any more" in text


def test_who_wrote_nothing_is_told_so(client):
    assert "This browser knows of none." in client.get(OWN).text


@pytest.mark.parametrize("page", ["2", "x", "999", "-1"])
def test_twenty_a_page_whatever_is_asked(client, eve, page):
    thread = make_thread()
    for number in range(21):
        make_comment(thread, body=f"Number {number}.", author=eve)
    client.force_login(eve)
    text = client.get(OWN, {"page": page}).text
    assert text.count('class="own-comment prose"') == (20 if page == "x" else 1)


# --- what it says beside ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "proved", "says"),
    [
        (15, 1440, "For 15 minutes you may change your comment or delete it; for 1 day if"),
        (60, 60, "For 1 hour you may change your comment or delete it."),
        (0, 2880, "you may change your comment or delete it for 2 days; otherwise it stays"),
        (1, 0, "For 1 minute you may change your comment or delete it; if you wrote it with"),
        (0, 0, "cannot be changed or deleted by yourself"),
    ],
)
def test_how_long_one_may_change_ones_own_is_what_the_editors_set(client, minutes, proved, says):
    DiscussionRules(pk=1, edit_minutes=minutes, proved_edit_minutes=proved).save()
    text = client.get(ADDRESS).text
    assert says in text
    assert ("stays public in its history" in text) == bool(minutes or proved)


def test_the_letter_and_the_minute_are_told_as_they_are(client):
    text = text_of(client)
    assert f"The link works for {letters.LINK_DAYS} days" in text
    assert f"No more than {letters.MOST_TO_ADDRESS} such letters" in text
    assert "For 1 minute the page that says so can bring them back" in text
    assert letters.ADDRESS_SECONDS == 60 * 60 * 24, "“in a day” is what the page says"
    assert letters.NETWORK_SECONDS <= letters.ADDRESS_SECONDS, "“for that day at most”"
