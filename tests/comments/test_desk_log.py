"""The log of a comment, a person, an editor, a day: as a page, and as a file that runs nothing."""

import csv
import io
import re
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.urls import reverse

from comments.desk import exporting, log, log_form
from comments.desk.log import Asked
from comments.editors import editors
from comments.models import Comment, ModerationLogEntry, Reason, Sanction
from comments.moderation import Seen, moderate, moderate_many, move_branch, undo
from comments.sanctions import impose, targets_of
from comments.status import Action, Status
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

LOG = "/admin/desk/log/"
NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def editor(mona):
    client = Client()
    client.force_login(mona)
    return client


@pytest.fixture
def thread():
    return make_thread(title="A radio in the outhouse")


def decided(comment, actor, action=Action.REJECT, **words):
    return moderate(comment, action, actor=actor, seen=Seen.of(comment), **words)


def shown(response):
    return [(entry.action, entry.comment_id) for entry in response.context["rows"]]


def table(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


# --- what is asked for ----------------------------------------------------------------------------


def test_the_log_of_a_comment_is_its_own(editor, mona, thread):
    one, other = make_comment(thread), make_comment(thread)
    decided(one, mona)
    decided(other, mona)
    assert shown(editor.get(f"{LOG}?comment={one.pk}")) == [("reject", one.pk), ("submit", one.pk)]


def test_the_log_of_a_person_is_what_was_done_about_their_comments(editor, mona, bob, thread):
    his = make_comment(thread, author=bob)
    guests = make_comment(thread, author_email="ina@example.org")
    decided(his, mona)
    decided(guests, mona)
    assert {pk for _act, pk in shown(editor.get(f"{LOG}?person={bob.pk}"))} == {his.pk}
    assert {pk for _act, pk in shown(editor.get(f"{LOG}?person=ina@example.org"))} == {guests.pk}


def test_the_log_of_a_person_names_the_measures_against_them(editor, mona, bob):
    Sanction.objects.create(
        kind="ban", target="account", value=str(bob.pk), actor=mona, actor_name="Mona", note="Spam."
    )
    page = editor.get(f"{LOG}?person={bob.pk}").text
    assert "banned" in page
    assert "Spam." in page
    assert "banned" not in editor.get(f"{LOG}?person={mona.pk}").text


@pytest.mark.parametrize("typed", ["ina+x@example.org", "INA+X@EXAMPLE.ORG"])
def test_the_log_of_an_address_is_found_in_small_letters_and_names_measures(
    editor, mona, thread, typed
):
    his = make_comment(thread, author_email="ina+x@example.org")
    by_email, by_domain = (
        next(each for each in targets_of(his) if each.kind == kind) for kind in ("email", "domain")
    )
    impose("ban", by_email.kind, by_email.value, actor=mona, note="Of the box.")
    impose("ban", by_domain.kind, by_domain.value, actor=mona, note="Of the domain.")
    response = editor.get(LOG, {"person": typed})
    assert shown(response) == [("submit", his.pk)]
    assert "Of the box." in response.text
    assert "Of the domain." in response.text


def test_a_measure_against_a_whole_domain_is_named_below_it(editor, mona):
    impose("ban", "domain", "example.org", actor=mona, note="All of them.")
    assert "All of them." in editor.get(LOG, {"person": "ina@mail.example.org"}).text


def test_the_log_of_an_editor_and_of_a_day_is_what_they_did_then(editor, mona, thread):
    max_ = make_person("Max", "Editor")
    comments = [make_comment(thread) for _number in range(3)]
    with time_machine.travel(NOON, tick=False):
        decided(comments[0], mona)
        decided(comments[1], max_)
    decided(comments[2], mona)
    asked = f"{LOG}?editor={mona.pk}&day=2026-03-04"
    assert shown(editor.get(asked)) == [("reject", comments[0].pk)]


# --- as people say it -----------------------------------------------------------------------------


@pytest.fixture
def spoken(mona, bob, thread):
    """Make a comment by Bob, decided by Mona, and one more about which none of them is asked."""
    his = make_comment(thread, author=bob, author_name="Bob", author_email=bob.email)
    decided(his, mona)
    make_comment(make_thread(), author_email="other@example.org")
    return Comment.objects.select_related("thread").get(pk=his.pk)


def links_to(comment):
    return {
        "number": str(comment.pk),
        "with a sign": f"#{comment.pk}",
        "card": f"card-{comment.pk}",
        "card in a queue": f"https://blog.example/admin/desk/all/?order=oldest#card-{comment.pk}",
        "its page": reverse("admin:comments_comment_change", args=[comment.pk]),
        "an act": f"http://localhost:8000{reverse('admin:desk_move', args=[comment.pk])}?next=/x",
        "its log": f"{LOG}?comment={comment.pk}",
        "permalink": comment.get_absolute_url(),
        "a page below it": f"https://blog.example{comment.get_absolute_url()}history/",
        "in its page": f"https://blog.example{comment.thread.url}?sort=new#{comment.anchor}",
        "with blanks around": f"  {comment.get_absolute_url()} ",
    }


LINKS = [
    "number", "with a sign", "card", "card in a queue", "its page", "an act", "its log",
    "permalink", "a page below it", "in its page", "with blanks around",
]  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
def test_a_comment_is_found_by_its_number_or_any_link_to_it(editor, spoken, name):
    response = editor.get(LOG, {"comment": links_to(spoken)[name]})
    assert {pk for _act, pk in shown(response)} == {spoken.pk}


def test_a_comment_is_found_by_the_link_it_had_before_it_was_moved(editor, mona, spoken):
    old = spoken.get_absolute_url()
    move_branch(spoken, to=make_thread(), actor=mona, seen=Seen.of(spoken))
    assert {pk for _act, pk in shown(editor.get(LOG, {"comment": old}))} == {spoken.pk}


@pytest.mark.parametrize("typed", ["Bob", "bob", "BOB", " Bob ", "bob@example.org", "slug", "key"])
def test_a_person_is_found_by_name_short_name_address_or_number(editor, bob, spoken, typed):
    typed = {"slug": bob.slug, "key": str(bob.pk)}.get(typed, typed)
    response = editor.get(LOG, {"person": typed})
    assert {pk for _act, pk in shown(response)} == {spoken.pk}


@pytest.mark.parametrize("typed", ["Mona", "mona", "mona@example.org", "slug", "key"])
def test_an_editor_is_found_by_name_short_name_address_or_number(editor, mona, spoken, typed):
    typed = {"slug": mona.slug, "key": str(mona.pk)}.get(typed, typed)
    response = editor.get(LOG, {"editor": typed})
    assert shown(response) == [("reject", spoken.pk)]
    assert "acts of Mona" in response.text


def test_of_several_of_one_name_none_is_meant_and_all_are_named(editor, bob):
    other = make_person("Bobby", "Author")
    type(other).objects.filter(pk=other.pk).update(display_name="Bob")
    page = editor.get(LOG, {"person": "Bob"}).text
    assert "Nothing is listed" in page
    assert f"{bob.pk}: Bob, bob@example.org; {other.pk}: Bob, bobby@example.org" in page


def menu_of(response):
    page = BeautifulSoup(response.text, "html5lib")
    return [(option["value"], option.text) for option in page.select("[name=editor] option")]


def test_the_menu_has_those_who_may_moderate_and_nobody_else(editor, mona, bob, alice):
    by_hand = make_person("Hal", "Reader")
    by_hand.user_permissions.add(Permission.objects.get(codename="moderate_comment"))
    root = make_person("Root", is_superuser=True)
    gone = make_person("Gone", "Editor", is_active=False)
    wanted = [("", "—"), *((str(who.pk), str(who)) for who in (by_hand, mona, root))]
    assert menu_of(editor.get(LOG)) == wanted
    # Django's own answer to the same question.
    assert {who.pk for who in editors()} == {
        who.pk for who in ModelBackend().with_perm("comments.moderate_comment")
    }
    assert gone not in editors()


def test_the_menu_names_who_is_asked_for_though_they_are_no_editor_now(editor, mona, bob, spoken):
    Group.objects.get(name="Editor").user_set.add(bob)
    decided(spoken, bob, Action.APPROVE)
    bob.groups.clear()
    response = editor.get(f"{LOG}?editor={bob.pk}")
    assert shown(response)[0] == ("approve", spoken.pk)
    assert menu_of(response)[-1] == (str(bob.pk), "Bob")


def test_the_menu_is_no_longer_than_it_may_be(editor, mona, monkeypatch):
    monkeypatch.setattr(log_form, "MOST_OFFERED", 2)
    for name in ("Ed", "Fay", "Gil"):
        make_person(name, "Editor")
    assert len(menu_of(editor.get(LOG))) == 3


def test_the_log_of_an_account_that_is_gone_is_found_by_its_old_address(editor, mona, spoken):
    max_ = make_person("Max", "Editor")
    decided(spoken, max_, Action.APPROVE)
    number = max_.pk
    get_user_model().objects.filter(pk=number).delete()
    response = editor.get(f"{LOG}?editor={number}")
    assert shown(response) == [("approve", spoken.pk)]
    assert f"account {number}" in response.text


@pytest.mark.parametrize("others", [0, 30])
def test_questions_cost_the_same_however_many_people_there_are(
    editor, mona, bob, spoken, others, django_assert_num_queries
):
    for number in range(others):
        make_person(f"Editor {number}", "Editor")
        decided(make_comment(make_thread()), mona)
    asked = {"comment": spoken.get_absolute_url(), "person": "Bob", "editor": "Mona"}
    editor.get(LOG, asked)
    # the page's seven; 2 for the comment; 1 for the person, 1 for measures; 1 for the editor; the
    # names of both
    with django_assert_num_queries(14):
        assert shown(editor.get(LOG, asked)) == [("reject", spoken.pk)]


def test_the_way_to_older_rows_and_the_file_ask_for_the_same(editor, mona, spoken, monkeypatch):
    monkeypatch.setattr(log, "PAGE_SIZE", 1)
    first = editor.get(LOG, {"person": "Bob", "comment": spoken.get_absolute_url()})
    assert shown(first) == [("reject", spoken.pk)]
    assert shown(editor.get(first.context["older"])) == [("submit", spoken.pk)]
    _head, *rows = table(editor.get(first.context["csv"]))
    assert len(rows) == 2


# --- what cannot be read --------------------------------------------------------------------------

UNREADABLE = {
    "comment": ["x", "999999999", "9" * 30, "https://example.org/", "http://[::1", "#comment-1",
                "/comments/9/9/", "%00", "/admin/desk/", "?comment=x", "/comments/1/99999999999/"],
    "person": ["nobody", "999999999", "%00", "9" * 30, "-1"],
    "editor": ["nobody", "999999999", "-1", "nobody@example.org", "%00"],
    "day": ["2026-13-40", "yesterday", "9999-12-31", "0001-01-01"],
}  # fmt: skip
WRONG = [(field, typed) for field, several in UNREADABLE.items() for typed in several]


@pytest.mark.parametrize(("field", "typed"), WRONG)
def test_what_cannot_be_read_lists_nothing_and_is_told_beside_its_field(
    editor, thread, field, typed
):
    make_comment(thread)
    query = f"{field}={typed if typed == '%00' else quote(typed)}"
    response = editor.get(f"{LOG}?{query}")
    page = BeautifulSoup(response.text, "html5lib")
    assert response.status_code == 200
    assert "rows" not in response.context
    assert not page.select(".log-table, a[download]")
    assert "Nothing is listed" in page.select_one(".desk-empty[role=alert]").text
    (wrong,) = page.select(".log-filter [aria-invalid=true]")
    assert wrong["name"] == field
    said = page.find(id=wrong["aria-describedby"].split()[-1])
    assert said.parent == wrong.parent
    assert said.text.strip()
    if field == "editor":
        assert wrong.select_one("[selected]") is not None
    elif typed != "%00":
        assert wrong["value"] == typed
        assert wrong["type"] == "text"


@pytest.mark.parametrize(("field", "typed"), WRONG)
def test_no_file_is_made_of_what_cannot_be_read(editor, thread, field, typed):
    make_comment(thread)
    query = f"{field}={typed if typed == '%00' else quote(typed)}"
    response = editor.get(f"{LOG}?{query}&format=csv")
    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/html")
    assert "Nothing is listed" in response.text


def test_one_wrong_part_is_enough_and_the_others_stay(editor, mona, spoken):
    page = BeautifulSoup(editor.get(f"{LOG}?editor={mona.pk}&day=never").text, "html5lib")
    assert not page.select(".log-table")
    assert page.select_one("[name=editor] [selected]").text == "Mona"


def test_a_place_in_the_log_that_is_none_is_refused(editor):
    assert editor.get(f"{LOG}?before=x").status_code == 400


def test_an_address_of_which_nothing_is_known_is_asked_for_all_the_same(editor, thread):
    """It may be a guest's whose comments are gone: nothing is wrong with the question."""
    page = editor.get(LOG, {"person": "9999999999999999999999@"}).text
    assert "Nothing was done that this asks for." in page


def test_an_empty_log_says_what_will_be_there(editor):
    assert "Nothing has been done yet" in editor.get(LOG).text


def test_a_row_says_who_did_what_and_why(editor, mona, thread):
    comment = make_comment(thread)
    entry = decided(comment, mona, reason="abuse", note="The third.", message="Please be kind.")
    undo(entry, actor=mona)
    page = editor.get(LOG).text
    for words in ("Mona", "abuse", "The third.", "Please be kind.", "undone by Mona"):
        assert words in page


def test_a_reason_that_was_renamed_and_put_aside_is_named_as_it_is_now(editor, mona, thread):
    decided(make_comment(thread), mona, reason="abuse")
    Reason.objects.filter(code="abuse").update(label="insults", is_active=False)
    assert "insults" in editor.get(LOG).text


def test_a_bulk_act_leads_to_where_it_can_be_undone(editor, mona, thread):
    comments = [make_comment(thread) for _number in range(2)]
    bulk = moderate_many([(each, Seen.of(each)) for each in comments], Action.REJECT, actor=mona)
    assert reverse("admin:desk_undo_batch", args=[bulk.batch]) in editor.get(LOG).text


# --- pages ----------------------------------------------------------------------------------------


def test_pages_reach_every_row_once(editor, mona, thread, monkeypatch):
    monkeypatch.setattr(log, "PAGE_SIZE", 3)
    for _number in range(7):
        make_comment(thread)
    seen, address = [], LOG
    while address:
        page = editor.get(address)
        seen += [entry.pk for entry in page.context["rows"]]
        address = page.context["older"]
    assert seen == list(ModerationLogEntry.objects.order_by("-pk").values_list("pk", flat=True))


@pytest.mark.parametrize("count", [1, 30])
def test_the_log_costs_the_same_however_many_rows_it_has(
    editor, mona, count, django_assert_num_queries
):
    for _number in range(count):
        undo(decided(make_comment(make_thread()), mona, reason="spam"), actor=mona)
    editor.get(LOG)
    # session, user, permissions; keys, rows; how many wait, for the head; the menu of editors
    with django_assert_num_queries(7):
        assert editor.get(LOG).context["rows"]


@pytest.mark.parametrize("field", ["comment", "person", "address", "editor", "day"])
def test_each_question_is_asked_of_an_index(mona, bob, thread, field):
    comment = make_comment(thread, author=bob)
    decided(comment, mona)
    asked = {
        "comment": Asked(comment=comment.pk),
        "person": Asked(person=str(bob.pk)),
        "address": Asked(person=comment.author_email),
        "editor": Asked(editor=mona.pk),
        "day": Asked(day=NOON.date()),
    }[field]
    plan = asked.entries().values_list("pk")[:50].explain()
    if connection.vendor == "sqlite":
        assert "SEARCH comments_moderationlogentry USING" in plan
        assert "SCAN" not in plan


def test_the_keys_of_a_day_are_sorted_and_not_its_rows(mona, thread):
    """A busy day has more rows than a page, and the order of the log is that of the keys."""
    decided(make_comment(thread), mona)
    plan = Asked(day=NOON.date()).entries().values_list("pk")[:50].explain()
    if connection.vendor == "sqlite":
        assert "SEARCH comments_moderationlogentry USING COVERING INDEX" in plan


@pytest.mark.once
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its own statistics.")
def test_rows_are_read_by_indexes_after_somebody_looked_after_the_database(
    thread, django_assert_max_num_queries
):
    """ANALYZE tells SQLite that the index on what undoes is all but empty."""
    for _number in range(50):
        make_comment(thread)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # As of a log of a million rows of which none undoes another.
        cursor.execute(
            "UPDATE sqlite_stat1 SET stat = '1000000 ' || CASE"
            " WHEN idx LIKE 'sqlite_autoindex%' THEN '1000000' ELSE '1' END"
            " WHERE tbl = 'comments_moderationlogentry'"
        )
        cursor.execute("ANALYZE sqlite_schema")
    with django_assert_max_num_queries(2) as asked:
        exporting.newest(Asked().entries(), 50)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[-1]['sql']}")
        plan = "; ".join(row[3] for row in cursor.fetchall())
    # There is one thread here, and that table may be read whole.
    assert not re.search("AUTOMATIC|SCAN (?!comments_thread)", plan)


# --- the file -------------------------------------------------------------------------------------


def test_the_file_holds_the_rows_that_the_page_shows(editor, mona, thread, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    comments = [make_comment(thread) for _number in range(3)]
    decided(comments[0], mona, reason="spam", note="Look, a\nsecond line")
    response = editor.get(f"{LOG}?format=csv")
    head, *rows = table(response)
    assert response["Content-Disposition"] == 'attachment; filename="log.csv"'
    assert head[:3] == ["row", "when", "who"]
    assert [row[0] for row in rows] == [
        str(pk) for pk in ModerationLogEntry.objects.order_by("-pk").values_list("pk", flat=True)
    ]
    assert rows[0][4:7] == ["rejected", "approved", "rejected"]
    assert rows[0][11:13] == ["spam", "Look, a\nsecond line"]


def test_the_file_says_who_undid_an_act(editor, mona, thread):
    entry = decided(make_comment(thread), mona)
    undo(entry, actor=mona)
    head, *rows = table(editor.get(f"{LOG}?format=csv"))
    undoers = {int(row[0]): row[head.index("undone by")] for row in rows}
    assert [name for name in undoers.values() if name] == ["Mona"]
    assert undoers[entry.pk] == "Mona"


HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1+1", "＠x", '"=1', "'=1",
    "\ufeff=1", "\u200b=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_is_a_formula(cell):
    assert exporting.safe(cell).startswith("'")
    assert exporting.safe(cell).endswith(cell)


def test_no_part_of_a_cell_begins_a_formula_where_semicolons_part_cells():
    cell = exporting.safe('Al;=HYPERLINK("http://example.org";"x")')
    row = next(csv.reader([cell], delimiter=";"))
    assert not any(part.startswith("=") for part in row)


@pytest.mark.parametrize("cell", ["", "Plain words.", "1 + 1 = 2", "a=b", "mail@example.org"])
def test_plain_words_stay_as_they_are(cell):
    assert exporting.safe(cell) == cell


def test_hostile_strings_stay_in_their_cells(editor, mona, thread, shared_data):
    lines = (shared_data / "naughty-strings" / "blns.txt").read_text().splitlines()
    notes = [line for line in lines if line and not line.startswith("#") and "\x00" not in line]
    comment = make_comment(thread)
    for note in notes:
        moderate(comment, Action.NOTE, actor=mona, seen=Seen.of(comment), note=note)
    _head, *rows = table(editor.get(f"{LOG}?format=csv&comment={comment.pk}"))
    assert len(rows) == len(notes) + 1
    assert all(len(row) == 17 for row in rows)
    assert not any(exporting.FORMULA.match(cell) and cell[0] != "'" for row in rows for cell in row)


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"), [(None, 302), ("eve", 302), ("bob", 302), ("alice", 302), ("mona", 200)]
)
@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_only_editors_read_the_log(request, who, status, query):
    client = Client()
    if who:
        client.force_login(request.getfixturevalue(who))
    assert client.get(f"{LOG}{query}").status_code == status


def test_the_admin_leads_to_the_log_and_the_morning(editor):
    page = editor.get("/admin/").text
    for name in ("desk_log", "desk_morning"):
        assert f'href="{reverse(f"admin:{name}")}"' in page


def test_nothing_of_the_log_is_inline(editor, mona, thread):
    undo(decided(make_comment(thread), mona, reason="spam", note="Look."), actor=mona)
    page = editor.get(LOG).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


def test_text_of_strangers_is_text_in_the_log(editor, mona):
    bad = "<script>alert(1)</script>"
    comment = make_comment(make_thread(title=bad), author_name=bad, status=Status.PENDING)
    decided(comment, mona, note=bad, message=bad)
    page = editor.get(LOG).text
    assert bad not in page
    assert page.count("&lt;script&gt;") >= 4
    assert Comment.objects.count() == 1
