"""Editors at the desk in a real browser: a queue cleared by keys, undone, contested, by forms."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import axe
from tests.browser.desk import Desk, open_desk
from tests.browser.talk import sign_in
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module")
def desk(site: Site) -> Desk:
    return open_desk(site)


@pytest.fixture
def sit(desk: Desk, new_page: OpenPage) -> Callable[..., Page]:
    """Return a function that opens a queue: `sit("pending", as_="Mona", **options) -> Page`."""

    def open_queue(queue: str = "pending", *, as_: str = "Mona", **options: Any) -> Page:
        page = new_page(base_url=desk.site.url, reduced_motion="reduce", **options)
        sign_in(page, as_)
        page.goto(f"/admin/desk/{queue}/")
        return page

    return open_queue


@pytest.fixture
def pending(desk: Desk) -> list[int]:
    """Three comments that wait, and no others."""
    desk.empty()
    return desk.add(3)


def card(page: Page, pk: int) -> Any:
    return page.locator(f"#card-{pk}")


def current(page: Page) -> int:
    return int(page.locator(".card.is-current").get_attribute("data-card") or 0)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def expect_done(page: Page, pk: int, words: str) -> None:
    expect(page.locator(f"#card-{pk}[data-done]")).to_contain_text(words)


def expect_open(page: Page, pk: int) -> None:
    """Wait until a card that came back takes keys again."""
    expect(page.locator(f"#card-{pk}.is-guarded")).to_have_count(0)


def page_status(page: Page) -> Any:
    return page.get_by_role("status")


# --- by keyboard alone --------------------------------------------------------------------------

KEYS = {"a": "approved", "s": "spam", "r": "rejected"}


def test_a_hundred_are_cleared_by_keys_and_ten_undone(desk: Desk, sit: Callable[..., Page]) -> None:
    desk.empty()
    made = desk.add(100)
    page = sit()
    wanted: dict[int, str] = {}
    for _page in range(5):
        pks = [int(pk) for pk in page.locator("[data-card]").evaluate_all(
            "cards => cards.map(card => card.dataset.card)"
        )]  # fmt: skip
        assert len(pks) == 20
        for at, pk in enumerate(pks):
            assert current(page) == pk
            key = "asr"[at % 3]
            press(page, *(["r", "2"] if key == "r" else [key]))
            wanted[pk] = KEYS[key]
        if len(wanted) < 100:
            expect(card(page, pks[0])).to_have_count(0)
            expect(page.locator(".card.is-current")).to_be_visible()
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    assert desk.statuses(made) == [wanted[pk] for pk in made]
    undone = made[-10:]
    for pk in reversed(undone):
        press(page, "z")
        expect(card(page, pk).get_by_role("button", name="Approve")).to_be_visible()
    assert desk.statuses(undone) == ["pending"] * 10
    assert desk.statuses(made[:-10]) == [wanted[pk] for pk in made[:-10]]


def test_the_next_card_is_there_at_once_and_nothing_waits(
    sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    page.route("**/decide/", lambda route: None)
    press(page, "a")
    expect(page.locator(f"#card-{pending[0]} .card-line")).to_contain_text("Approved: Guest 1.")
    assert current(page) == pending[1]


def test_a_reason_is_one_more_key_or_none(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "r")
    expect(card(page, pending[0]).get_by_role("group", name="Why is it rejected?")).to_be_visible()
    press(page, "Escape")
    assert current(page) == pending[0]
    press(page, "r", "2")
    expect_done(page, pending[0], "Rejected: Guest 1.")
    press(page, "r", "Enter")
    expect_done(page, pending[1], "Rejected: Guest 2.")
    assert desk.log(pending[0])[-1][:2] == ["reject", "abuse"]
    assert desk.log(pending[1])[-1][:2] == ["reject", ""]


def test_a_selection_is_decided_with_shift(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "x", "j", "j", "x", "Shift+s")
    expect_done(page, pending[0], "Marked as spam")
    expect_done(page, pending[2], "Marked as spam")
    assert desk.statuses(pending) == ["spam", "pending", "spam"]
    assert current(page) == pending[1]
    press(page, "z")
    expect(card(page, pending[2]).get_by_role("button", name="Approve")).to_be_visible()
    assert desk.statuses(pending) == ["pending"] * 3


def test_keys_are_letters_while_one_types(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "n")
    page.keyboard.type("as r z")
    press(page, "Escape", "Control+a", "Alt+s", "Meta+r")
    assert current(page) == pending[0]
    assert card(page, pending[0]).locator("[name=note]").input_value() == "as r z"
    press(page, "/")
    page.keyboard.type("spam")
    assert desk.statuses(pending) == ["pending"] * 3


def test_a_held_key_acts_once(desk: Desk, sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit()
    page.keyboard.down("a")
    page.keyboard.down("a")
    page.keyboard.down("a")
    page.keyboard.up("a")
    expect_done(page, pending[0], "Approved")
    assert desk.statuses(pending) == ["approved", "pending", "pending"]


def test_a_note_an_edit_and_a_reply_stay_in_their_card(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "n")
    page.keyboard.type("Ask Alice.")
    press(page, "Control+Enter")
    expect(card(page, pending[0]).locator(".card-log")).to_contain_text("Ask Alice.")
    press(page, "e")
    box = page.get_by_label("Text, in Markdown")
    expect(box).to_be_focused()
    box.fill("Changed words.")
    press(page, "Control+Enter")
    expect(card(page, pending[0]).locator(".card-text")).to_contain_text("Changed words.")
    press(page, "w")
    page.get_by_label("Your reply, in Markdown").fill("Thank you.")
    press(page, "Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("Your reply is posted as Parley.")
    assert desk.statuses(pending)[0] == "approved"
    assert [row[0] for row in desk.log(pending[0])] == ["submit", "note", "revise", "approve"]


def test_an_untouched_box_is_closed_by_escape(sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit()
    press(page, "e")
    expect(page.get_by_label("Text, in Markdown")).to_be_focused()
    press(page, "Escape")
    expect(page.get_by_label("Text, in Markdown")).to_have_count(0)
    assert current(page) == pending[0]


def test_g_and_a_letter_lead_to_a_queue(sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit()
    press(page, "g", "s")
    page.wait_for_url("**/admin/desk/spam/")
    press(page, "g", "p")
    page.wait_for_url("**/admin/desk/pending/")


def test_help_names_the_keys(sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys of the desk")).to_be_visible()
    press(page, "a", "Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert current(page) == pending[0]


def test_every_key_stands_on_what_it_presses(sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit()
    keys = page.locator(".card.is-current [data-key]").evaluate_all(
        "all => all.map(one => [one.dataset.key, (one.closest('label') || one).innerText])"
    )
    assert len(keys) >= 8
    assert not [key for key, text in keys if key not in text]


def test_the_first_step_leaves_the_card_in_sight_where_a_page_is_zoomed(
    sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit(viewport={"width": 640, "height": 400})
    for pk in pending[1:]:
        press(page, "j")
        assert current(page) == pk
        head = card(page, pk).locator(".card-head").bounding_box()
        bar = page.locator("#bulk").bounding_box()
        assert head["y"] >= bar["y"] + bar["height"]
        assert head["y"] + head["height"] <= 400


# --- numbers ------------------------------------------------------------------------------------


def number(page: Page, queue: str) -> int:
    text = page.locator(f".desk-tabs [data-count={queue}]").inner_text()
    return int(text.replace(",", ""))


def test_the_numbers_on_the_tabs_follow_each_act_and_its_undoing(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    shown = {name: number(page, name) for name in ("pending", "spam", "approved", "all")}
    assert shown["pending"] == 3

    def expect_numbers(**changed: int) -> None:
        for name, by in changed.items():
            tab = page.locator(f".desk-tabs [data-count={name}]")
            expect(tab).to_have_text(f"{shown[name] + by:,}")
        head = page.locator("#user-tools [data-count=pending]")
        expect(head).to_have_text(str(shown["pending"] + changed["pending"]))
        expect(page.locator("#bulk")).to_contain_text(
            f"All {shown['pending'] + changed['pending']} of this queue"
        )

    press(page, "s")
    expect_numbers(pending=-1, spam=1)
    press(page, "w")
    page.get_by_label("Your reply, in Markdown").fill("Thank you.")
    press(page, "Control+Enter")
    expect_numbers(pending=-2, approved=2, all=1)
    press(page, "j", "x", "Shift+s")
    expect_numbers(pending=-3, spam=2, approved=2, all=1)
    press(page, "z")
    expect_numbers(pending=-2, spam=1, approved=2, all=1)
    press(page, "z")
    expect_numbers(pending=-1, spam=1, approved=0, all=1)
    press(page, "z")
    expect_numbers(pending=0, spam=0, approved=0, all=1)
    page.reload()
    expect_numbers(pending=0, spam=0, approved=0, all=1)


# --- taken back ---------------------------------------------------------------------------------


def write(page: Page, key: str, label: str, words: str) -> None:
    press(page, key)
    page.get_by_label(label).fill(words)
    press(page, "Control+Enter")


def test_what_was_written_is_taken_back_before_what_was_decided_earlier(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "s")
    expect_done(page, pending[0], "Marked as spam")
    before = desk.body(pending[1])
    write(page, "e", "Text, in Markdown", "Changed words.")
    expect(page_status(page)).to_contain_text("Changed: Guest 2.")
    write(page, "w", "Your reply, in Markdown", "Thank you.")
    expect(page_status(page)).to_contain_text("Your reply is posted")
    assert desk.statuses(pending) == ["spam", "approved", "pending"]
    press(page, "z")
    expect(card(page, pending[1]).locator(".card-head .status")).to_have_text("pending")
    assert desk.body(pending[1]) == "Changed words."
    press(page, "z")
    expect(card(page, pending[1]).locator("[data-text]")).to_contain_text("Thought 2")
    assert desk.body(pending[1]) == before
    assert desk.statuses(pending) == ["spam", "pending", "pending"]
    press(page, "z")
    expect(card(page, pending[0]).get_by_role("button", name="Approve")).to_be_visible()
    assert desk.statuses(pending) == ["pending"] * 3


def test_a_plain_reply_is_not_taken_back_in_silence_by_another_act(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    for pk in pending[:2]:
        desk.decide(pk, "approve")
    page = sit("approved")
    press(page, "h")
    expect_done(page, pending[1], "Held")
    write(page, "w", "Your reply, in Markdown", "Thank you.")
    expect(page_status(page)).to_have_text("Your reply is posted as Parley.")
    press(page, "z")
    expect(page_status(page)).to_contain_text("That is not undone with z.")
    assert desk.statuses(pending[:2]) == ["approved", "pending"]
    press(page, "z")
    expect(card(page, pending[1]).get_by_role("button", name="Hold")).to_be_visible()
    assert desk.statuses(pending[:2]) == ["approved", "approved"]


def test_what_a_colleague_overtook_does_not_stop_the_taking_back(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "a", "s")
    expect_done(page, pending[1], "Marked as spam")
    desk.decide(pending[1], "hold")
    press(page, "z")
    expect(card(page, pending[1]).get_by_role("alert")).to_contain_text("Nothing was undone")
    page.reload()
    press(page, "z")
    expect(card(page, pending[0]).get_by_role("button", name="Approve")).to_be_visible()
    assert desk.statuses(pending) == ["pending"] * 3


def test_a_key_after_a_button_that_takes_back_takes_back_what_was_done_before(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "a", "s")
    expect_done(page, pending[1], "Marked as spam")
    page.route("**/undo/**", lambda route: (page.wait_for_timeout(500), route.continue_())[1])
    card(page, pending[1]).get_by_role("button", name="Undo").click()
    press(page, "z")
    expect(card(page, pending[0]).get_by_role("button", name="Approve")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert desk.statuses(pending) == ["pending"] * 3


# --- words that were not sent -------------------------------------------------------------------

UNSENT = "There are words in this box that were not sent"


@pytest.mark.parametrize("key", ["a", "r", "s"])
def test_an_act_asks_for_the_words_in_a_box_first(
    desk: Desk, sit: Callable[..., Page], pending: list[int], key: str
) -> None:
    page = sit()
    press(page, "w")
    box = page.get_by_label("Your reply, in Markdown")
    box.fill("Thank you.")
    press(page, "Escape")
    expect(page_status(page)).to_contain_text(UNSENT)
    press(page, key)
    expect(box).to_be_focused()
    expect(page_status(page)).to_contain_text(UNSENT)
    press(page, "Escape", "j", "x", "k", "x", "Shift+s")
    expect(box).to_be_focused()
    expect(page_status(page)).to_contain_text("A card of the selection has words")
    assert desk.statuses(pending) == ["pending"] * 3
    page.get_by_role("link", name="Leave it").click()
    press(page, "a")
    expect_done(page, pending[0], "Approved")


def test_a_note_is_not_lost_in_an_act_on_several(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "n")
    page.keyboard.type("Mind this.")
    press(page, "Escape", "x", "Shift+s")
    note = card(page, pending[0]).locator("[name=note]")
    expect(note).to_be_focused()
    expect(note).to_have_value("Mind this.")
    assert desk.statuses(pending) == ["pending"] * 3


def test_words_are_not_lost_in_an_act_on_all_that_match(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "j", "w")
    box = page.get_by_label("Your reply, in Markdown")
    box.fill("Thank you.")
    press(page, "Escape")
    page.get_by_label("of this queue").check()
    bar = page.locator("#bulk")
    bar.get_by_role("button", name="Spam").click()
    expect(box).to_be_focused()
    expect(page_status(page)).to_contain_text("A card of the selection has words")
    assert desk.statuses(pending) == ["pending"] * 3
    page.get_by_role("link", name="Leave it").click()
    bar.get_by_role("button", name="Spam").click()
    expect(page.locator(".messagelist")).to_contain_text("3 comments")
    assert desk.statuses(pending) == ["spam"] * 3


def test_words_in_two_boxes_outlast_the_sending_of_one_and_its_undoing(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "w")
    reply = page.get_by_label("Your reply, in Markdown")
    reply.fill("Thank you.")
    press(page, "Escape", "n")
    page.keyboard.type("Mind this.")
    press(page, "Escape")
    write(page, "e", "Text, in Markdown", "Changed words.")
    expect(page_status(page)).to_contain_text("Changed: Guest 1.")
    press(page, "z")
    expect(page_status(page)).to_contain_text("Undone: Guest 1.")
    expect(reply).to_have_value("Thank you.")
    expect(card(page, pending[0]).locator("[data-words] [name=note]")).to_have_value("Mind this.")
    press(page, "w")
    expect(reply).to_be_focused()
    press(page, "Control+Enter")
    expect(page_status(page)).to_contain_text("Your reply is posted")
    assert desk.statuses(pending)[0] == "approved"


def test_words_in_a_box_are_not_bound_to_what_came_unseen(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "e")
    page.get_by_label("Text, in Markdown").fill("Changed words.")
    press(page, "Escape")
    desk.edit(pending[0], "Quite another thought.")
    mine = card(page, pending[0])
    mine.get_by_text("The discussion", exact=True).click()
    mine.get_by_role("button", name="Slow it").click()
    expect(page_status(page)).to_contain_text("One person may write every ten minutes")
    desk.lift(pending[0])
    page.get_by_label("Text, in Markdown").focus()
    press(page, "Control+Enter")
    expect(mine.get_by_role("alert")).to_contain_text("Your words are not saved")
    assert desk.body(pending[0]) == "Quite another thought."


def test_whoever_leaves_with_words_that_came_back_is_asked(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "w")
    page.get_by_label("Your reply, in Markdown").fill("Thank you.")
    desk.edit(pending[0], "Quite another thought.")
    press(page, "Control+Enter")
    expect(card(page, pending[0]).get_by_role("alert")).to_be_visible()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    press(page, "Escape", "g", "s")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Your reply, in Markdown")).to_have_value("Thank you.")


# --- keys that do nothing say why ---------------------------------------------------------------


def test_a_letter_is_not_sent_alone(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    desk.prove_address(pending[0])
    page = sit()
    press(page, "m")
    page.keyboard.type("Please mind the rules.")
    letter = card(page, pending[0]).locator("[name=message]")
    press(page, "Control+Enter")
    expect(page_status(page)).to_contain_text("A letter is sent with a decision")
    expect(letter).to_be_focused()
    expect(letter).to_have_value("Please mind the rules.")
    press(page, "Escape", "r", "2")
    expect_done(page, pending[0], "Rejected")


def test_a_key_that_does_nothing_says_why(sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit()
    for keys, words in {
        ("h",): "That is not possible for a comment that is pending.",
        ("m",): "Nobody can be written to",
        ("Shift+J",): "There is no next page.",
        ("x", "Shift+H"): "This queue has no such act for several at once.",
        ("r", "9"): "There is no reason with this number.",
    }.items():
        press(page, *keys)
        expect(page_status(page)).to_contain_text(words)
    press(page, "Escape")
    assert current(page) == pending[0]


# --- contested ----------------------------------------------------------------------------------


def test_a_conflict_comes_back_with_what_changed_and_the_same_key_decides(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    mona, max_ = sit(), sit(as_="Max")
    desk.edit(pending[0], "Quite another thought.")
    press(max_, "s")
    expect(max_.locator(f"#card-{pending[0]}")).to_contain_text("A guest edited it")
    expect_open(max_, pending[0])
    press(max_, "s")
    expect_done(max_, pending[0], "Marked as spam")
    press(mona, "n")
    mona.keyboard.type("Mind this.")
    press(mona, "Escape", "a")
    problem = card(mona, pending[0]).get_by_role("alert")
    expect(problem).to_contain_text("Max marked it as spam")
    expect(problem.locator("ins")).to_contain_text("another")
    assert card(mona, pending[0]).locator("[name=note]").input_value() == "Mind this."
    assert current(mona) == pending[0]
    expect_open(mona, pending[0])
    press(mona, "a")
    expect_done(mona, pending[0], "Approved")
    assert desk.log(pending[0])[-1] == ["approve", "", "Mind this.", "Mona"]


def test_a_key_that_was_meant_for_the_next_card_does_not_decide_on_one_that_came_back(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    desk.edit(pending[0], "Quite another thought.")
    press(page, "s")
    expect(card(page, pending[0]).get_by_role("alert")).to_be_visible()
    press(page, "s")
    expect_open(page, pending[0])
    assert desk.statuses(pending) == ["pending"] * 3


def test_a_card_that_comes_back_leaves_whoever_writes_alone(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    desk.edit(pending[0], "Quite another thought.")
    page.route("**/decide/", lambda route: (page.wait_for_timeout(500), route.continue_())[1])
    press(page, "s", "n")
    page.keyboard.type("Words for the second.")
    expect(card(page, pending[0]).get_by_role("alert")).to_be_visible()
    note = card(page, pending[1]).locator("[name=note]")
    expect(note).to_be_focused()
    expect(note).to_have_value("Words for the second.")


def test_what_was_typed_stays_when_another_box_of_the_card_is_sent(
    sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "n")
    page.keyboard.type("Mind this.")
    press(page, "Escape", "e")
    box = page.get_by_label("Text, in Markdown")
    box.fill("Changed words.")
    press(page, "Escape", "e")
    expect(box).to_be_focused()
    expect(box).to_have_value("Changed words.")
    press(page, "Control+Enter")
    expect(card(page, pending[0]).locator(".card-text")).to_contain_text("Changed words.")
    expect(card(page, pending[0]).locator("[data-words] [name=note]")).to_have_value("Mind this.")


def test_whoever_leads_away_waits_for_what_was_done(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    press(page, "a", "s", "g", "l")
    page.wait_for_url("**/admin/desk/all/")
    assert desk.statuses(pending) == ["approved", "spam", "pending"]


def test_whoever_leads_away_stays_where_it_was_not_done(
    sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    page.route("**/decide/", lambda route: (page.wait_for_timeout(500), route.abort())[1])
    press(page, "a", "g", "l")
    expect(page_status(page)).to_contain_text("the site did not answer")
    expect(card(page, pending[0]).get_by_role("button", name="Approve")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.url.endswith("/admin/desk/pending/")
    page.unroute("**/decide/")
    press(page, "g", "l")
    page.wait_for_url("**/admin/desk/all/")


def test_others_see_who_is_on_a_card(sit: Callable[..., Page], pending: list[int]) -> None:
    mona = sit()
    press(mona, "j")
    mona.wait_for_timeout(700)
    max_ = sit(as_="Max")
    expect(card(max_, pending[1])).to_contain_text("Mona is on this one")


def refuse(route: Route) -> None:
    route.abort()


def fail(route: Route) -> None:
    route.fulfill(status=500, body="<p>Sorry.</p>")


@pytest.mark.parametrize(
    ("answer", "words"), [(refuse, "the site did not answer"), (fail, "Something went wrong")]
)
def test_what_could_not_be_sent_comes_back_with_what_was_typed(
    desk: Desk,
    sit: Callable[..., Page],
    pending: list[int],
    answer: Callable[[Route], None],
    words: str,
) -> None:
    page = sit()
    page.route("**/decide/", answer)
    press(page, "n")
    page.keyboard.type("Mind this.")
    press(page, "Escape", "r", "2")
    expect(page.get_by_role("status")).to_contain_text(words)
    mine = card(page, pending[0])
    expect(mine.get_by_role("button", name="Approve")).to_be_visible()
    assert mine.locator("[name=note]").input_value() == "Mind this."
    assert mine.locator("[data-words] [name=reason]").input_value() == "abuse"
    assert current(page) == pending[0]
    page.unroute("**/decide/")
    expect_open(page, pending[0])
    press(page, "r")
    expect_done(page, pending[0], "Rejected")
    assert desk.log(pending[0])[-1][:3] == ["reject", "abuse", "Mind this."]


def test_a_sign_in_that_ended_loses_nothing(
    desk: Desk, sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    press(page, "a")
    expect(page.get_by_role("status")).to_contain_text("Your sign-in has ended.")
    assert current(page) == pending[0]
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    expect_open(page, pending[0])
    press(page, "a")
    expect_done(page, pending[0], "Approved")
    assert desk.statuses(pending)[0] == "approved"


# --- without a script ---------------------------------------------------------------------------


def test_ten_acts_without_a_script(desk: Desk, sit: Callable[..., Page]) -> None:
    desk.empty()
    made = desk.add(10)
    page = sit(javascript=False)
    said = page.locator(".messagelist")

    def push(pk: int, name: str) -> None:
        card(page, pk).get_by_role("button", name=name, exact=True).click()

    push(made[0], "Approve")
    expect(said).to_contain_text("Approved: Guest 1.")
    said.get_by_role("button", name="Undo").click()
    expect(said).to_contain_text("Undone: Guest 1.")
    push(made[0], "Spam")
    mine = card(page, made[1])
    mine.get_by_text("Reason, note, letter").click()
    mine.get_by_label("Reason").select_option("abuse")
    mine.get_by_label("Note for editors").fill("Rude.")
    push(made[1], "Reject")
    mine = card(page, made[2])
    mine.get_by_text("Reason, note, letter").click()
    mine.get_by_label("Note for editors").fill("Ask Alice.")
    mine.get_by_role("button", name="Leave a note only").click()
    card(page, made[2]).get_by_role("link", name="Edit").click()
    page.get_by_label("Text, in Markdown").fill("Changed words.")
    page.get_by_role("button", name="Change the text").click()
    expect(card(page, made[2])).to_contain_text("Changed words.")
    card(page, made[3]).get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply, in Markdown").fill("Thank you.")
    page.get_by_role("button", name="Approve and reply").click()
    for pk in made[4:6]:
        card(page, pk).get_by_label("Select").check()
    page.locator("#bulk").get_by_role("button", name="Spam").click()
    expect(said).to_contain_text("Marked as spam: 2 comments.")
    page.get_by_label("All 5 of this queue").check()
    page.locator("#bulk").get_by_role("button", name="Approve").click()
    expect(said).to_contain_text("Approved: 5 comments.")
    page.get_by_role("button", name="Undo my last act").click()
    expect(said).to_contain_text("Undone: 5 comments.")
    assert desk.statuses(made) == [
        "spam", "rejected", "pending", "approved", "spam", "spam", *["pending"] * 4
    ]  # fmt: skip
    assert desk.log(made[1])[-1][:3] == ["reject", "abuse", "Rude."]


def test_without_a_script_no_key_is_printed(sit: Callable[..., Page], pending: list[int]) -> None:
    page = sit(javascript=False)
    expect(page.locator("kbd").first).to_be_hidden()
    expect(page.get_by_role("button", name="Next card")).to_be_hidden()


# --- seen closely -------------------------------------------------------------------------------


@SCHEMES
@pytest.mark.parametrize("queue", ["pending", "spam"])
def test_axe_finds_nothing(desk: Desk, sit: Callable[..., Page], scheme: str, queue: str) -> None:
    desk.add(2, queue)
    page = sit(queue, color_scheme=scheme)
    press(page, "d", "n", "Escape")
    page.locator("summary").filter(has_text="Filter").first.click()
    assert not axe.faults(page), "\n".join(axe.faults(page))


@SCHEMES
def test_axe_finds_nothing_on_a_phone(
    desk: Desk, sit: Callable[..., Page], pending: list[int], scheme: str
) -> None:
    desk.edit(pending[0], "Quite another thought.")
    size = {"width": 390, "height": 844}
    page = sit(color_scheme=scheme, viewport=size, has_touch=True, is_mobile=True)
    page.locator(".card details").evaluate_all("all => all.forEach((one) => one.open = true)")
    assert not axe.faults(page), "\n".join(axe.faults(page))


@SCHEMES
def test_axe_finds_nothing_in_a_conflict_and_a_reply(
    desk: Desk, sit: Callable[..., Page], pending: list[int], scheme: str
) -> None:
    page = sit(color_scheme=scheme)
    desk.edit(pending[0], "Quite another thought.")
    press(page, "a")
    expect(card(page, pending[0]).get_by_role("alert")).to_be_visible()
    press(page, "w")
    expect(page.get_by_label("Your reply, in Markdown")).to_be_visible()
    press(page, "Escape")
    expect_open(page, pending[0])
    press(page, "j", "a")
    expect_done(page, pending[1], "Approved")
    assert not axe.faults(page), "\n".join(axe.faults(page))


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("queue", ["pending", "spam", "all"])
def test_a_phone_needs_no_sideways_scrolling(
    desk: Desk, sit: Callable[..., Page], width: int, queue: str
) -> None:
    desk.add(2, queue if queue != "all" else "pending")
    page = sit(queue, viewport={"width": width, "height": 844}, has_touch=True, is_mobile=True)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("size", [(390, 844), (1280, 844)])
def test_a_card_is_read_and_walked_through_in_one_order_and_decided_before_its_history(
    desk: Desk, sit: Callable[..., Page], pending: list[int], size: tuple[int, int]
) -> None:
    desk.edit(pending[0], "Quite another thought.")
    page = sit(viewport={"width": size[0], "height": size[1]})
    first = card(page, pending[0])
    at = first.evaluate(
        """card => Object.fromEntries(
          [".card-text", ".card-acts", ".card-versions", ".card-side"].map((part) =>
            [part, card.querySelector(part).getBoundingClientRect().top]))"""
    )
    assert at[".card-text"] < at[".card-acts"] < at[".card-versions"]
    if size[0] == 390:
        assert at[".card-versions"] < at[".card-side"]
    # Row by row within each column, and no column before the one on its left.
    places = first.locator("a, button, input, select, summary, textarea").evaluate_all(
        """all => all.filter((one) => one.checkVisibility({ visibilityProperty: true }))
          .filter((one) => one.type !== "hidden")
          .map((one) => {
            const box = one.getBoundingClientRect();
            const beside = innerWidth > 900 && one.closest(".card-side") ? 1 : 0;
            return [beside, box.bottom, box.top, box.left];
          })"""
    )
    assert len(places) > 10
    for before, after in pairwise(places):
        is_below = after[2] >= before[1] - 12
        is_right = after[3] > before[3] and after[2] >= before[2] - 12
        assert after[0] > before[0] or (after[0] == before[0] and (is_below or is_right))


def test_on_a_phone_what_is_touched_is_large_enough(
    sit: Callable[..., Page], pending: list[int]
) -> None:
    page = sit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    small = page.locator(".card.is-current :is(button, .desk-button, .card-pick)").evaluate_all(
        """all => all.filter(one => one.checkVisibility())
          .map(one => [one.innerText, one.getBoundingClientRect().height])
          .filter(([, height]) => height < 44)"""
    )
    assert small == []
