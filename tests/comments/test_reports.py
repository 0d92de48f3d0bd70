"""Reports by readers: who may, what is kept, how often, and what they are told."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from comments import report_views, reports
from comments.guests import Guest, remember_guest
from comments.models import Comment, CommentKind, Report, Thread
from comments.moderation import Seen, moderate
from comments.status import Action, Status
from tests.comments.factories import fragment_of, make_comment, make_thread
from tests.comments.test_settling_reports import counted, entry_on, made
from tests.comments.writing import HTMX

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
NOTE = "He gives “her” address — 😀 שלום <b> & co"
DONE, NO, GONE, MEANWHILE, TOO_LARGE, WRONG, TOO_MANY = 303, 403, 404, 409, 413, 422, 429


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


@pytest.fixture
def comment(thread):
    return make_comment(thread, body="Buy *my* bread.")


@pytest.fixture(params=[None, HTMX], ids=["page", "htmx"])
def headers(request):
    return request.param


def signed_in(person, **options):
    client = Client(**options)
    client.force_login(person)
    return client


def guest_of(*comments):
    """Return the browser of a guest who wrote these comments."""
    client, guest = Client(), Guest()
    for comment in comments:
        guest = guest.with_comment(comment)
    with mock.patch("comments.guests.patch_vary_headers"):
        remember_guest(Jar(client), guest)
    return client


class Jar:
    """Takes a cookie as a response does, for a client."""

    def __init__(self, client):
        self.client = client

    def set_cookie(self, name, value, **_options):
        self.client.cookies[name] = value


def address_of(comment, name="report"):
    return reverse(f"comments:{name}", args=[comment.thread_id, comment.number])


def send(client, comment, reason="spam", note="", **more):
    headers = more.pop("headers", None)
    data = {"reason": reason, "note": note, **more.pop("fields", {})}
    return client.post(address_of(comment), data, headers=headers, **more)


def page_of(response):
    return BeautifulSoup(response.content.decode(), "html5lib")


def note_in(response):
    """Return the words that a page gives back, as a browser would show them."""
    (box,) = page_of(response).select("textarea")
    return box.text.removeprefix("\n")


# --- what a report is -----------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_a_report_is_a_row_of_its_own_and_changes_nothing_that_readers_see(client, comment):
    before = Thread.objects.get(pk=comment.thread_id).version
    assert send(client, comment, "personal_data", NOTE).status_code == DONE
    report = Report.objects.get()
    assert (report.comment, report.reporter, report.reason) == (comment, None, "personal_data")
    assert (report.note, report.created_at, report.settled_by) == (NOTE, NOON, None)
    assert counted(comment) == (1, NOON)
    assert comment.status == Status.APPROVED
    assert Thread.objects.get(pk=comment.thread_id).version == before
    assert comment.log.count() == 1, "a report is no act"


def test_the_columns_count_what_is_open_since_the_oldest(comment):
    for day in range(3):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            made(comment, key=f"reader {day}")
    assert counted(comment) == (3, NOON)


def test_an_account_is_named_for_the_editors(bob, comment):
    assert send(signed_in(bob), comment).status_code == DONE
    assert Report.objects.get().reporter == bob


def test_taking_a_report_costs_the_same_however_many_there_are(comment, django_assert_num_queries):
    for number in range(30):
        made(comment, key=f"reader {number}")
    with django_assert_num_queries(7):  # two of them open and end the transaction
        made(comment, key="one more")


# --- one a reader ---------------------------------------------------------------------------


def test_the_second_of_two_clicks_is_thanked_and_stores_nothing(client, comment):
    for _click in range(2):
        assert send(client, comment, note=NOTE).status_code == DONE
    assert counted(comment)[0] == Report.objects.count() == 1


def test_who_reports_again_in_other_words_is_told_and_keeps_them(client, comment, headers):
    send(client, comment, note="First words")
    response = send(client, comment, "abuse", NOTE, headers=headers)
    assert (response.status_code, note_in(response)) == (MEANWHILE, NOTE)
    assert "is reported already" in response.text
    assert [each.note for each in Report.objects.all()] == ["First words"]


def test_once_editors_have_looked_one_may_report_again(client, comment):
    send(client, comment)
    reports.settle_many([entry_on(comment)])
    assert send(client, comment, note="It goes on").status_code == DONE
    assert counted(comment)[0] == 1
    assert Report.objects.count() == 2


def test_a_report_that_came_at_the_same_time_is_the_one_that_stays(comment):
    first = made(comment, note="First words")
    assert made(comment, note="Other words") == first
    assert Report.objects.get().note == "First words"


def test_readers_are_told_apart_by_account_cookie_or_network_and_browser(comment, bob, eve):
    elsewhere = make_comment(comment.thread)
    readers = [
        (Client(), {}),
        (Client(), {"REMOTE_ADDR": "198.51.100.9"}),
        (Client(), {"HTTP_USER_AGENT": "Another browser"}),
        (Client(), {"REMOTE_ADDR": "2001:db8:1:2::5"}),
        (guest_of(elsewhere), {}),
        (signed_in(bob), {}),
        (signed_in(eve), {}),
    ]
    for client, extra in readers:
        assert send(client, comment, **extra).status_code == DONE
    assert counted(comment)[0] == len(readers)
    same = [
        (Client(), {"REMOTE_ADDR": "2001:db8:1:2::99"}),
        (guest_of(elsewhere), {"REMOTE_ADDR": "203.0.113.4"}),
        (guest_of(elsewhere, make_comment(comment.thread)), {}),
        (signed_in(bob), {"REMOTE_ADDR": "203.0.113.5"}),
    ]
    for client, extra in same:
        assert send(client, comment, **extra).status_code == DONE
    assert counted(comment)[0] == len(readers)


def test_nobody_reads_from_a_key_who_it_was(comment, bob, settings):
    send(signed_in(bob), comment)
    key = Report.objects.get().reporter_key
    assert len(key) == 64
    settings.SECRET_KEY = "another one"
    made_with_another = make_comment(comment.thread)
    send(signed_in(bob), made_with_another)
    assert Report.objects.get(comment=made_with_another).reporter_key != key


# --- what cannot be reported ----------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM, Status.DELETED])
def test_what_is_not_public_is_not_there_and_the_words_come_back(client, thread, status):
    hidden = make_comment(thread)
    Comment.objects.filter(pk=hidden.pk).update(status=status, approved_revision=None)
    assert client.get(address_of(hidden)).status_code == GONE
    response = send(client, hidden, note=NOTE)
    assert (response.status_code, note_in(response)) == (GONE, NOTE)
    assert not Report.objects.exists()


def test_what_stands_under_a_hidden_page_is_not_there(client, comment):
    Thread.objects.update(public_at=None)
    assert client.get(address_of(comment)).status_code == GONE
    response = send(client, comment, note=NOTE)
    assert (response.status_code, note_in(response)) == (GONE, NOTE)
    assert client.get(address_of(comment, "reported")).status_code == GONE
    with pytest.raises(reports.NotReportable):
        made(comment)


def test_what_was_never_there_is_not_there(client, thread):
    assert client.get(f"/comments/{thread.pk}/7/report/").status_code == GONE
    assert client.get(f"/comments/{10**18}/{10**18}/report/").status_code == GONE


def test_nobody_reports_their_own(thread, bob):
    by_account, by_guest = make_comment(thread, author=bob), make_comment(thread)
    for client, own in [(signed_in(bob), by_account), (guest_of(by_guest), by_guest)]:
        assert client.get(address_of(own)).status_code == NO
        response = send(client, own, note=NOTE)
        assert (response.status_code, note_in(response)) == (NO, NOTE)
        assert "your own comment" in response.text
    with pytest.raises(reports.NotReportable):
        made(by_account, reporter=bob)
    assert not Report.objects.exists()


def test_what_an_editor_removes_while_words_are_written_gives_them_back(client, comment):
    def remove(*_args):
        moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))

    with mock.patch("comments.report_views.is_over_the_limit", side_effect=remove):
        response = send(client, comment, note=NOTE)
    assert (response.status_code, note_in(response)) == (GONE, NOTE)
    assert not Report.objects.exists()


# --- not too many ---------------------------------------------------------------------------


def test_a_network_sends_ten_an_hour_and_the_eleventh_keeps_its_words(thread, headers):
    talk = [make_comment(thread) for _number in range(12)]
    for each in talk[:10]:
        # Who changes what their browser says is still in the same network.
        assert send(Client(headers={"User-Agent": each.body}), each).status_code == DONE
    response = send(Client(), talk[10], "abuse", NOTE, headers=headers)
    assert (response.status_code, note_in(response)) == (TOO_MANY, NOTE)
    assert response["Retry-After"] == "3600"
    assert page_of(response).select_one("input[value=abuse]").has_attr("checked")
    assert send(Client(), talk[11], REMOTE_ADDR="198.51.100.9").status_code == DONE
    assert Report.objects.count() == 11


def test_an_account_sends_twenty_an_hour_wherever_it_is(thread, bob):
    talk = [make_comment(thread) for _number in range(21)]
    client = signed_in(bob)
    for number, each in enumerate(talk[:20]):
        assert send(client, each, REMOTE_ADDR=f"198.51.100.{number}").status_code == DONE
    response = send(client, talk[20], note=NOTE)
    assert (response.status_code, note_in(response)) == (TOO_MANY, NOTE)
    assert Report.objects.count() == 20


def test_repeating_a_report_is_not_counted(client, thread):
    talk = [make_comment(thread) for _number in range(10)]
    for each in talk:
        for _click in range(3):
            assert send(client, each).status_code == DONE
    assert Report.objects.count() == 10


# --- words are kept -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "note", "fields", "says"),
    [
        ("", NOTE, {}, "Please choose what is wrong with it."),
        ("no such reason", NOTE, {}, "not one of the available choices"),
        ("abuse", NOTE + "x" * 1_000, {}, "at most 1000 characters"),
        ("abuse", NOTE, {"subject": "Cheap"}, "A field that people do not see"),
        ("abuse", NOTE, {"nots": "typo"}, "no field called nots"),
    ],
    ids=["none", "unknown", "long", "trap", "typo"],
)
def test_words_come_back_with_the_reason_why(client, comment, headers, reason, note, fields, says):
    response = send(client, comment, reason, note, fields=fields, headers=headers)
    assert (response.status_code, note_in(response)) == (WRONG, note)
    page = page_of(response)
    assert says in page.text
    checked = page.select("input[type=radio][checked]")
    assert [each["value"] for each in checked] == (["abuse"] if reason == "abuse" else [])
    assert page.select_one("input[name=subject]").get("value", "") == ""
    assert not Report.objects.exists()


def test_a_note_is_counted_as_it_was_typed(client, comment):
    typed = "a line\r\n" * 142
    assert send(client, comment, note=typed).status_code == DONE
    assert Report.objects.get().note == ("a line\n" * 142).strip()


def test_a_database_that_is_down_loses_nothing(client, comment):
    with mock.patch("comments.report_views.reports.report", side_effect=OperationalError):
        response = send(client, comment, "abuse", NOTE)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    form = page_of(response).select_one("form")
    kept = {field["name"]: field["value"] for field in form.select("input")}
    assert form["action"] == address_of(comment)
    assert client.post(form["action"], kept).status_code == DONE
    assert Report.objects.get().note == NOTE


def test_far_too_much_is_not_read(client, comment):
    assert send(client, comment, note="x" * 500_000).status_code == TOO_LARGE


def test_with_a_session_djangos_token_is_asked_for_and_words_come_back(comment, bob):
    client = signed_in(bob, enforce_csrf_checks=True)
    response = send(client, comment, "abuse", NOTE)
    assert (response.status_code, note_in(response)) == (NO, NOTE)
    token = page_of(response).select_one(".report-form [name=csrfmiddlewaretoken]")["value"]
    again = send(client, comment, "abuse", NOTE, fields={"csrfmiddlewaretoken": token})
    assert again.status_code == DONE


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["origin", "fetch metadata"],
)
def test_another_sites_page_reports_nothing(client, comment, headers):
    assert send(client, comment, headers=headers).status_code == NO
    assert not Report.objects.exists()


# --- the pages ------------------------------------------------------------------------------


def test_the_page_quotes_the_comment_and_asks_why(client, comment):
    response = client.get(address_of(comment))
    page = page_of(response)
    assert page.select_one(".quoted .words").text.strip() == "Buy my bread."
    assert [each["value"] for each in page.select("input[type=radio]")] == [
        *("spam", "abuse", "personal_data", "illegal", "off_topic", "other")
    ]
    assert page.select_one("meta[name=robots]")["content"] == "noindex"
    assert response["Cache-Control"] == "private, no-store"
    assert not Report.objects.exists()


def test_while_an_edit_waits_the_words_that_readers_see_are_quoted(client, comment):
    Comment.objects.filter(pk=comment.pk).update(
        status=Status.PENDING, revision=2, standing_html="<p>As it stands</p>", body_html="<p>x</p>"
    )
    assert page_of(client.get(address_of(comment))).select_one(".words").text == "As it stands"


def test_a_stranger_is_thanked_and_given_no_cookie(client, comment):
    client.get(address_of(comment))
    response = send(client, comment)
    assert response["Location"] == address_of(comment, "reported")
    thanks = client.get(response["Location"])
    assert "Thank you" in thanks.text
    assert page_of(thanks).select_one("main a[href$='/1/']")
    assert not client.cookies


def test_thanks_are_given_though_the_comment_is_gone_by_then(client, comment):
    send(client, comment)
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    assert client.get(address_of(comment, "reported")).status_code == 200


def test_htmx_is_answered_with_the_form_and_the_thanks_alone(client, comment):
    form = client.get(address_of(comment), headers=HTMX)
    assert "<html" not in form.text
    assert page_of(form).select_one("form")["hx-post"] == address_of(comment)
    thanks = send(client, comment, headers=HTMX)
    assert (thanks.status_code, "<html" in thanks.text) == (200, False)
    assert "Thank you" in thanks.text


def test_two_boxes_on_a_page_share_no_id(client, thread):
    ids = []
    for _number in range(2):
        page = page_of(client.get(address_of(make_comment(thread)), headers=HTMX))
        ids += [each["id"] for each in page.select("[id]")]
    mine = [each for each in ids if "report" in each]
    assert mine
    assert len(mine) == len(set(mine))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nothing_else_is_answered(client, comment, method):
    assert getattr(client, method)(address_of(comment)).status_code == 405


# --- the link -------------------------------------------------------------------------------


def links_on(page):
    return [each["href"] for each in page.select('.actions a[href$="/report/"]')]


def test_every_public_comment_of_others_has_the_link(make_post, bob):
    thread = make_post().thread
    make_comment(thread)
    make_comment(thread, author=bob)
    make_comment(thread)
    Comment.objects.filter(number=3).update(kind=CommentKind.PINGBACK)
    held = make_comment(thread, status=Status.PENDING)
    gone = make_comment(thread)
    make_comment(thread, parent=gone)
    moderate(gone, Action.REJECT, actor=None, seen=Seen.of(gone))
    at = [f"/comments/{thread.pk}/{number}/report/" for number in range(7)]
    page = page_of(Client().get(thread.url))
    assert links_on(page) == [at[1], at[2], at[3], at[6]]
    assert {each["rel"][0] for each in page.select('a[href$="/report/"]')} == {"nofollow"}
    assert links_on(page_of(signed_in(bob).get(thread.url))) == [at[1], at[3], at[6]]
    assert links_on(page_of(guest_of(held).get(thread.url))) == [at[1], at[2], at[3], at[6]]


def test_where_nobody_else_reads_nothing_is_reported(thread):
    make_comment(thread)
    Thread.objects.update(public_at=None)
    assert "/report/" not in fragment_of(thread)


# --- the page on data -----------------------------------------------------------------------


def test_the_page_on_data_says_how_many_are_taken(client):
    text = " ".join(client.get("/comments/data/").text.split())
    assert f"No more than {report_views.MOST_FROM_NETWORK} reports" in text
    assert f"no more than {report_views.MOST_OF_ACCOUNT} from one account" in text
    assert report_views.LIMIT_SECONDS == 60 * 60, "“in an hour” is what the page says"


def test_of_a_person_a_report_holds_what_the_page_on_data_names():
    columns = {field.name for field in Report._meta.fields}
    assert columns == {
        *("id", "comment", "settled_by"),
        # The reason, the note, when it was sent, the account, and a digest.
        *("reason", "note", "created_at", "reporter", "reporter_key"),
    }
