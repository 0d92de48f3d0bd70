"""The editors' one page of rules: what it saves, refuses, and says of two who save at once."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import ruling
from comments.held import current_number
from comments.models import DiscussionRules, HeldPeople, RulesChange, Thread
from comments.ruling import ChangedMeanwhile, in_words, save_rules, values_of
from tests.comments.factories import make_thread

pytestmark = pytest.mark.django_db

RULES = "/admin/comments/discussionrules/"
PAGE = f"{RULES}1/change/"
CHANGES = "/admin/comments/ruleschange/"
OF = ("site", "threads")


@pytest.fixture
def editor(mona):
    return signed_in(mona)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def seen(response):
    return BeautifulSoup(response.content, "html.parser")


def filled(response):
    """Return what the page's form would send, untouched, as a browser has it."""
    form = seen(response).select_one("#discussionrules_form")
    sent = {}
    for field in form.select("input[name]:not([type=submit]), select[name]"):
        if field.name == "select":
            sent[field["name"]] = field.select_one("option[selected]")["value"]
        elif field.get("type") != "checkbox":
            sent[field["name"]] = field.get("value", "")
        elif field.has_attr("checked"):
            sent[field["name"]] = "on"
    return sent


def save(client, before=None, button="_save", **typed):
    """Open the page (or have it open as it was `before`), type, and press a button."""
    return client.post(PAGE, {**(before or filled(client.get(PAGE))), **typed, button: "1"})


def errors_of(response):
    return [each.text for each in seen(response).select(".errorlist li")]


# --- saving -----------------------------------------------------------------------------------


def test_the_rules_begin_as_they_hold_and_are_one_row_then(editor, mona):
    assert editor.get(RULES)["Location"] == PAGE
    assert 'name="edit_minutes" value="15"' in editor.get(PAGE).text
    assert not DiscussionRules.objects.exists()
    for minutes in ("30", "45"):
        assert save(editor, edit_minutes=minutes).status_code == 302
    assert DiscussionRules.objects.get().edit_minutes == 45
    assert set(LogEntry.objects.values_list("user", flat=True)) == {mona.pk}
    assert editor.get(f"{RULES}2/change/").status_code == 302
    assert editor.get(f"{RULES}1/history/")["Location"].startswith(CHANGES)


def test_every_rule_is_on_the_page(editor):
    assert set(ruling.RULES) == filled(editor.get(PAGE)).keys() - {
        "csrfmiddlewaretoken", "shown"
    } | {"nudges", "authors_moderate"}  # fmt: skip


def test_what_was_changed_is_written_down_and_told_in_words(editor, mona):
    number = current_number()
    save(editor, held_people="nobody", max_links="0", nudges="on")
    change = RulesChange.objects.get()
    assert change.changes == {
        "held_people": ["newcomers", "nobody"],
        "max_links": [None, 0],
        "nudges": [False, True],
    }
    assert (change.actor, change.actor_name, change.thread) == (mona, "Mona", None)
    assert list(in_words(change))[1:] == [
        ("Links", "as the server is set", "0"),
        ("Ask once", "no", "yes"),
    ]
    assert current_number() == number + 1
    latest = seen(editor.get(PAGE)).select_one(".rules-changes").text
    assert "Mona" in latest
    assert "Links: as the server is set → 0" in latest
    assert "Links: as the server is set → 0" in seen(editor.get(CHANGES)).text
    rows = [len(editor.get(f"{CHANGES}?of={of}").context["cl"].result_list) for of in OF]
    assert rows == [1, 0]


def test_a_change_is_told_in_the_order_of_the_page_and_a_rule_that_is_gone_by_its_code():
    changes = {"of_old": [1, 2], "nudges": [False, True], "held_people": ["nobody", "x"]}
    said = list(in_words(RulesChange(changes=changes)))
    assert said == [
        ("Wait for an editor", "nobody", "x"),
        ("Ask once", "no", "yes"),
        ("of_old", "1", "2"),
    ]


def test_saving_what_holds_already_changes_nothing(editor):
    number = current_number()
    assert "Nothing was changed." in seen(editor.get(save(editor)["Location"])).text
    assert (RulesChange.objects.count(), LogEntry.objects.count()) == (0, 0)
    assert not DiscussionRules.objects.exists()
    save(editor, edit_minutes="20")
    assert current_number() > number


def test_rules_about_closing_reach_every_thread_and_others_none(editor):
    thread = make_thread()
    save(editor, edit_minutes="30")
    assert Thread.objects.get().version == thread.version
    save(editor, close_after_days="14")
    changed = Thread.objects.get()
    assert changed.closes_at == changed.public_at + timedelta(days=14)
    assert changed.version == thread.version + 1
    assert save(editor, close_after_days="3651").status_code == 200
    assert DiscussionRules.objects.get().close_after_days == 14


def test_trying_saves_nothing_and_keeps_what_was_typed(editor):
    page = save(editor, button="_rehearse", max_links="7")
    assert page.status_code == 200
    assert filled(page)["max_links"] == "7"
    assert not DiscussionRules.objects.exists()
    assert save(editor, before=filled(page)).status_code == 302
    assert DiscussionRules.objects.get().max_links == 7


def test_a_failure_in_the_middle_leaves_everything_as_it_was(mona, monkeypatch):
    number = current_number()

    def breaks(rules):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(ruling, "follow_site_rules", breaks)
    with pytest.raises(RuntimeError):
        save_rules(DiscussionRules(pk=1, close_after_days=3), ["close_after_days"], mona)
    assert not DiscussionRules.objects.exists()
    assert (RulesChange.objects.count(), current_number()) == (0, number)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"ham_cutoff": "0.2"}, "Set both, or none."),
        ({"spam_cutoff": "0.9"}, "Set both, or none."),
        ({"ham_cutoff": "0.9", "spam_cutoff": "0.9"}, "It has to be below the other."),
        ({"ham_cutoff": "0.1", "spam_cutoff": "1.5"}, "Give a number from 0 to 1."),
        ({"ham_cutoff": "nan", "spam_cutoff": "0.9"}, "Enter a number."),
        ({"edit_minutes": "60", "proved_edit_minutes": "30"}, "less time than without"),
        ({"flood_limit": "30"}, "From 30 on they are refused"),
        ({"flood_window_seconds": "0"}, "greater than or equal to 1"),
        ({"newcomer_approvals": "0"}, "greater than or equal to 1"),
        ({"held_people": "friends"}, "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_saved(editor, typed, wrong):
    page = save(editor, **typed)
    assert page.status_code == 200
    assert any(wrong in error for error in errors_of(page))
    assert {name: filled(page)[name] for name in typed if name != "held_people"} == {
        name: value for name, value in typed.items() if name != "held_people"
    }
    assert not DiscussionRules.objects.exists()


def test_cut_offs_in_order_are_taken_and_given_up_again(editor):
    assert save(editor, ham_cutoff="0.1", spam_cutoff="0.95").status_code == 302
    assert DiscussionRules.objects.get().spam_cutoff == 0.95
    assert save(editor, ham_cutoff="", spam_cutoff="").status_code == 302
    assert DiscussionRules.objects.get().ham_cutoff is None


def test_a_rule_without_its_check_is_told_and_not_taken(editor, settings):
    settings.COMMENTS_CHECKS = []
    page = save(editor, hold_after_days="30")
    assert errors_of(page) == [
        "This site's list of checks lacks comments.spam.rules.old_page, so this does nothing."
    ]
    assert "lacks comments.spam.rules.first_time_commenter" in seen(editor.get(PAGE)).text
    # What was so before does not stand in the way of other rules.
    assert save(editor, edit_minutes="20").status_code == 302


def test_empty_limits_say_what_the_server_has(editor, settings):
    settings.COMMENTS_MAX_LINKS = 11
    field = seen(editor.get(PAGE)).select_one("[name=max_links]")
    assert field["placeholder"] == "11"
    assert "Empty: 11, as the server is set." in field.find_parent(class_="form-row").text


# --- two editors at once ----------------------------------------------------------------------


def test_the_second_of_two_is_told_and_nothing_is_overwritten(editor, alice):
    before = filled(editor.get(PAGE))
    save(editor, max_links="8", min_seconds="9")
    page = save(editor, before=before, edit_minutes="20", min_seconds="4")
    assert page.status_code == 409
    assert errors_of(page)[1:] == [
        "Links: as the server is set → 8",
        "Seconds to write: as the server is set → 9",
    ]
    typed = filled(page)
    # What the second typed stays, what they left alone follows.
    assert (typed["edit_minutes"], typed["min_seconds"], typed["max_links"]) == ("20", "4", "8")
    assert DiscussionRules.objects.get().edit_minutes == 15
    assert save(editor, before=typed).status_code == 302
    saved = DiscussionRules.objects.get()
    assert (saved.edit_minutes, saved.min_seconds, saved.max_links) == (20, 4.0, 8)


def test_a_box_that_was_ticked_meanwhile_is_ticked_for_the_second(editor):
    before = filled(editor.get(PAGE))
    save(editor, nudges="on")
    page = save(editor, before=before, edit_minutes="20")
    assert filled(page)["nudges"] == "on"
    was_on = filled(page)
    DiscussionRules.objects.update(nudges=False)
    assert "nudges" not in filled(save(editor, before=was_on))


@pytest.mark.parametrize("shown", [None, "", "null", "[]", "7", "{", '"x"', '{"held_people": []}'])
def test_a_form_that_is_not_whole_saves_nothing(editor, shown):
    sent = filled(editor.get(PAGE)) | {"edit_minutes": "20", "shown": shown}
    page = editor.post(PAGE, {name: value for name, value in sent.items() if value is not None})
    assert page.status_code == 200
    assert json.loads(filled(page)["shown"]) == values_of(DiscussionRules())
    assert not DiscussionRules.objects.exists()


def test_whoever_is_slower_by_a_moment_does_not_overwrite(mona):
    shown = values_of(DiscussionRules())
    save_rules(DiscussionRules(pk=1, max_links=8), ["max_links"], mona, shown=shown)
    with pytest.raises(ChangedMeanwhile):
        save_rules(DiscussionRules(pk=1, nudges=True), ["nudges"], mona, shown=shown)
    assert not DiscussionRules.objects.get().nudges
    assert RulesChange.objects.count() == 1


def test_a_save_that_lost_the_race_shows_what_the_other_changed(editor, mona, monkeypatch):
    """Between the look at the form and the lock another editor saves."""

    def overtaken(*args, **kwargs):
        save_rules(DiscussionRules(pk=1, max_links=8), ["max_links"], mona)
        return save_rules(*args, **kwargs)

    monkeypatch.setattr("comments.admin.rules.save_rules", overtaken)
    page = save(editor, edit_minutes="20")
    assert page.status_code == 409
    assert "Links: as the server is set → 8" in errors_of(page)
    assert (filled(page)["edit_minutes"], filled(page)["max_links"]) == ("20", "8")
    assert DiscussionRules.objects.get().edit_minutes == 15


# --- who, and how dear ------------------------------------------------------------------------


def test_whoever_may_only_look_finds_no_button(bob):
    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_discussionrules"))
    client = signed_in(bob)
    page = seen(client.get(PAGE))
    assert page.select_one("[name=_save], [name=_rehearse], [name=max_links]") is None
    assert "guests, and accounts until some of their comments were approved" in page.text
    assert client.post(PAGE, {"max_links": "9"}).status_code == 403
    assert client.get(CHANGES).status_code == 200


def test_the_page_asks_the_same_number_of_queries_whatever_was_changed(editor, mona):
    counts = []
    for _time in range(2):
        for links in range(12):
            save_rules(DiscussionRules(pk=1, max_links=links), ["max_links"], mona)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = editor.get(PAGE)
        assert len(seen(page).select(".rules-changes ul")) == 10
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_names_of_strangers_stay_text(editor, mona):
    mona.display_name = "<b>Mona</b>"
    mona.save()
    save(editor, held_people=HeldPeople.NOBODY)
    for page in (PAGE, CHANGES):
        assert "&lt;b&gt;Mona&lt;/b&gt;" in editor.get(page).text
