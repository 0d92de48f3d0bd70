"""Nothing that an author typed is lost, whatever breaks: in a real browser, with the site killed.

A post saves itself on the device at once and on the site a second later; each test takes one of the
two away, or both in turn.
"""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import axe
from tests.browser.talk import sign_in
from tests.browser.writers import (
    BODY,
    MORE,
    NOT_ON_THE_SITE,
    OpenPage,
    at_work,
    await_saved,
    draft,
    end_all_sessions,
    kept_here,
    leave,
    posts,
    room,
    standing,
    state,
    text,
    type_at_end,
)
from tests.faults.visitor import PASSWORD, make_people
from tests.servers import Site

# What a browser keeps is the same over either database.
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


# --- while all is well ---------------------------------------------------------------------------


def test_what_is_typed_is_on_the_site_a_moment_later(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "All is well", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(re.compile(r"^Draft saved \d\d:\d\d\.$"))
    await_saved(page)
    assert standing(town, pk)["latest"] == BODY + MORE
    page.reload()
    expect(text(page)).to_have_value(BODY + MORE)
    expect(page.locator(".room-note")).to_have_count(0)


def test_a_new_post_is_kept_though_nobody_ever_pressed_save(town: Site, new_page: OpenPage) -> None:
    before = posts(town)
    page = at_work(town, new_page, "Alice", "/write/new/")
    page.get_by_label("Title").press_sequentially("Never saved by hand")
    text(page).press_sequentially(MORE)
    expect(page).to_have_url(re.compile(r"/write/\d+/$"))
    await_saved(page)
    expect(page.get_by_text("Not saved yet.")).to_be_hidden()
    (pk,) = set(posts(town)) - set(before)
    assert page.url == f"{town.url}{room(pk)}"
    there = standing(town, pk)
    assert (there["status"], there["title"], there["latest"]) == (
        "draft", "Never saved by hand", MORE,
    )  # fmt: skip
    page.close()
    again = page.context.new_page()
    again.goto(room(pk))
    expect(text(again)).to_have_value(MORE)
    type_at_end(again, " And more.")
    again.get_by_role("button", name="Save draft").click()
    expect(again.locator(".messages")).to_contain_text("Draft saved")
    assert standing(town, pk)["own"] == f"{MORE} And more."
    assert set(posts(town)) == {*before, pk}


# --- the tab is closed ---------------------------------------------------------------------------


def test_a_tab_that_is_closed_at_once_loses_nothing(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "Closed at once", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, MORE)
    leave(page)
    again = page.context.new_page()
    again.wait_for_timeout(1500)
    assert standing(town, pk)["latest"] == BODY + MORE
    again.goto(room(pk))
    expect(text(again)).to_have_value(BODY + MORE)
    again.wait_for_timeout(600)
    expect(again.locator(".room-note")).to_have_count(0)
    assert kept_here(again) == []


def test_a_tab_that_is_closed_without_a_connection_loses_nothing(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Closed without a connection", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    page.context.set_offline(True)
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    leave(page)
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(room(pk))
    note = again.locator(".room-note")
    expect(note).to_contain_text(re.compile(r"You wrote more here on this device, \d\d:\d\d"))
    # Offered, and nothing put in its place unasked.
    expect(text(again)).to_have_value(BODY)
    note.get_by_role("button", name="Use it").click()
    expect(text(again)).to_have_value(BODY + MORE)
    expect(text(again)).to_be_focused()
    await_saved(again)
    assert standing(town, pk)["latest"] == BODY + MORE
    note.get_by_role("button", name="Bring back what stood here").click()
    expect(text(again)).to_have_value(BODY)


def test_what_this_device_kept_can_be_compared_and_put_away(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "Compared", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    page.context.set_offline(True)
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    leave(page)
    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto(room(pk))
    note = page.locator(".room-note")
    note.get_by_role("button", name="Put it away").click()
    expect(note).to_contain_text("It is put away.")
    assert kept_here(page) == []
    note.get_by_role("button", name="Bring it back").click()
    assert kept_here(page) == [BODY + MORE]
    note.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Two texts to make one")).to_be_visible()
    expect(page.locator(".difference ins")).to_contain_text(MORE)
    expect(text(page)).to_have_value(BODY + MORE)
    assert kept_here(page) == []
    page.get_by_role("button", name="Save this text").click()
    expect(page).to_have_url(f"{town.url}{room(pk)}")
    assert standing(town, pk)["latest"] == BODY + MORE


# --- the server is killed ------------------------------------------------------------------------


def test_the_server_is_killed_while_somebody_types_and_comes_back(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Killed", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, "Before it. ")
    await_saved(page)
    text(page).press_sequentially("While it ")
    town.kill()
    text(page).press_sequentially("was killed. ")
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    assert kept_here(page) == [f"{BODY}Before it. While it was killed. "]
    # A button would only lead to an error page.
    page.get_by_role("button", name="Save draft").click()
    expect(text(page)).to_be_visible()
    text(page).press_sequentially("While it was down.")
    town.start()
    await_saved(page, seconds=40)
    expected = f"{BODY}Before it. While it was killed. While it was down."
    expect(text(page)).to_have_value(expected)
    assert standing(town, pk)["latest"] == expected


def test_the_server_is_killed_and_the_tab_closed_before_it_comes_back(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Killed and closed", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, MORE)
    town.kill()
    text(page).press_sequentially(" And this.")
    leave(page)
    town.start()
    again = page.context.new_page()
    again.goto(room(pk))
    again.get_by_role("button", name="Use it").click()
    await_saved(again)
    assert standing(town, pk)["latest"] == f"{BODY}{MORE} And this."


def test_a_new_post_of_a_time_without_a_server_is_offered_with_the_next_one(
    town: Site, new_page: OpenPage
) -> None:
    page = at_work(town, new_page, "Alice", "/write/new/")
    town.kill()
    text(page).press_sequentially(MORE)
    leave(page)
    town.start()
    again = page.context.new_page()
    again.goto("/write/new/")
    again.get_by_role("button", name="Use it").click()
    expect(again).to_have_url(re.compile(r"/write/\d+/$"))
    await_saved(again)
    assert standing(town, posts(town)[-1])["latest"] == MORE


# --- two devices ---------------------------------------------------------------------------------


def test_two_devices_write_in_one_post_and_nothing_of_either_is_lost(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Two devices", BODY)
    laptop = at_work(town, new_page, "Alice", room(pk))
    phone = at_work(
        town, new_page, "Mona", room(pk), viewport={"width": 390, "height": 800}, has_touch=True
    )
    expect(phone.locator(".others")).to_have_text("Alice has this open too.")
    text(phone).press("Control+Home")
    text(phone).press_sequentially("Written by Mona. ")
    await_saved(phone)
    type_at_end(laptop, MORE)
    note = laptop.locator(".is-stale")
    expect(note).to_contain_text(re.compile(r"Mona wrote in this post at \d\d:\d\d"))
    expect(state(laptop)).to_have_text(NOT_ON_THE_SITE)
    expect(text(laptop)).to_have_value(BODY + MORE)
    hers = f"Written by Mona. {BODY}"
    assert standing(town, pk)["latest"] == hers
    laptop.get_by_role("button", name="Compare and make one text").click()
    expect(text(laptop)).to_have_value(hers + MORE)
    laptop.get_by_role("button", name="Save this text").click()
    expect(text(laptop)).to_have_value(hers + MORE)
    expect(laptop.locator(".messages")).to_contain_text("The merged text is saved")
    laptop.wait_for_timeout(600)
    expect(laptop.locator(".room-note")).to_have_count(0)
    there = standing(town, pk)
    assert there["latest"] == hers + MORE
    assert [words for _, words in there["history"]] == [BODY, hers, BODY + MORE, hers + MORE]
    # And the phone is told in its turn.
    type_at_end(phone, "Hers again.")
    expect(phone.locator(".is-stale")).to_contain_text("Alice wrote in this post")


def test_two_devices_without_a_script_lose_nothing_either(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "Two plain devices", BODY)
    laptop = at_work(town, new_page, "Alice", room(pk), javascript=False)
    phone = at_work(town, new_page, "Mona", room(pk), javascript=False)
    text(phone).fill(BODY.replace("A second one.", "A third one."))
    phone.get_by_role("button", name="Save draft").click()
    text(laptop).fill(BODY.replace("A second one.", "A fourth one."))
    laptop.get_by_role("button", name="Save draft").click()
    expect(laptop.get_by_role("heading", name="Two texts to make one")).to_be_visible()
    both = text(laptop).input_value()
    assert both.index("A fourth one.") < both.index("A third one.")
    laptop.get_by_role("button", name="Replace theirs with mine").click()
    expect(text(laptop)).to_have_value(BODY.replace("A second one.", "A fourth one."))
    history = [words for _, words in standing(town, pk)["history"]]
    assert BODY.replace("A second one.", "A third one.") in history


# --- no connection -------------------------------------------------------------------------------


def test_an_hour_without_a_connection_loses_nothing(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "An hour", BODY)
    page = new_page(base_url=town.url)
    page.clock.install()
    sign_in(page, "Alice")
    page.goto(room(pk))
    page.context.set_offline(True)
    for minute in range(0, 60, 10):
        type_at_end(page, f"Minute {minute}. ")
        page.clock.fast_forward("10:00")
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    written = BODY + "".join(f"Minute {minute}. " for minute in range(0, 60, 10))
    assert kept_here(page) == [written]
    page.context.set_offline(False)
    await_saved(page)
    expect(state(page)).to_contain_text("Draft saved")
    assert standing(town, pk)["latest"] == written


def test_an_answer_that_is_lost_is_no_conflict(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "A lost answer", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    lost: list[int] = []

    def lose(route: Route) -> None:
        """Let the site take the words, and its answer come to nobody."""
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route("**/autosave/", lose)
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    text(page).press_sequentially(" And this.")
    await_saved(page)
    assert lost == [200]
    expect(page.locator(".is-stale")).to_have_count(0)
    assert standing(town, pk)["latest"] == f"{BODY}{MORE} And this."


# --- one tab, and two ----------------------------------------------------------------------------


def test_saves_of_one_tab_go_one_after_another_and_a_button_waits(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "One after another", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    underway: list[str] = []
    most: list[int] = []

    def slowly(route: Route) -> None:
        underway.append(route.request.url)
        most.append(len(underway))
        page.wait_for_timeout(700)
        route.continue_()
        underway.pop()

    page.route("**/autosave/", slowly)
    type_at_end(page, MORE)
    for word in (" And", " this", " and", " that."):
        page.wait_for_timeout(600)
        text(page).press_sequentially(word)
    page.wait_for_timeout(1100)
    text(page).press_sequentially(" The end.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    assert max(most) == 1
    assert standing(town, pk)["own"] == f"{BODY}{MORE} And this and that. The end."


def test_two_tabs_of_one_post_are_told_and_overwrite_nothing(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Two tabs", BODY)
    one = at_work(town, new_page, "Alice", room(pk))
    other = one.context.new_page()
    other.goto(room(pk))
    for tab in (one, other):
        expect(tab.locator(".beside")).to_contain_text("open in another tab of this browser")
    type_at_end(one, MORE)
    await_saved(one)
    expect(other.locator(".beside")).to_contain_text("Newer words of this post were saved")
    type_at_end(other, "From the other tab.")
    expect(other.locator(".is-stale")).to_contain_text("You wrote in this post elsewhere")
    assert standing(town, pk)["latest"] == BODY + MORE
    expect(text(other)).to_have_value(f"{BODY}From the other tab.")
    other.get_by_role("button", name="Compare and make one text").click()
    both = text(other).input_value()
    assert MORE in both
    assert "From the other tab." in both


# --- the sign-in ends ----------------------------------------------------------------------------


def fill_in_sign_in(popup: Page, name: str) -> None:
    popup.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    popup.get_by_label("Password").fill(PASSWORD)
    with popup.expect_event("close"):
        popup.locator("main").get_by_role("button", name="Sign in").click()


def test_a_session_that_ends_is_mended_in_a_dialog_and_not_a_letter_lost(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Signed out", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    end_all_sessions(town)
    text(page).press("Control+End")
    # Longer than a save waits, and without a pause: no key of it is the dialog's.
    text(page).press_sequentially(MORE, delay=100)
    dialog = page.get_by_role("dialog", name="Your sign-in has ended")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("link", name="Sign in")).to_be_focused()
    with page.expect_popup() as popup:
        page.keyboard.press("Enter")
    fill_in_sign_in(popup.value, "Alice")
    expect(dialog).to_have_count(0)
    await_saved(page)
    expect(text(page)).to_have_value(BODY + MORE)
    expect(text(page)).to_be_focused()
    page.keyboard.type(" On it goes.")
    await_saved(page)
    assert standing(town, pk)["latest"] == f"{BODY}{MORE} On it goes."
    # The form's own button carries the fresh token too.
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")


def test_who_does_not_sign_in_at_once_writes_on(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "Not now", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    end_all_sessions(town)
    type_at_end(page, MORE)
    page.get_by_role("button", name="Not now").click()
    expect(text(page)).to_be_focused()
    expect(state(page)).to_contain_text("You are signed out; kept on this device only.")
    page.keyboard.type(" On it goes.")
    expect(text(page)).to_have_value(f"{BODY}{MORE} On it goes.")
    page.wait_for_timeout(1500)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert kept_here(page) == [f"{BODY}{MORE} On it goes."]
    with page.expect_popup() as popup:
        state(page).get_by_role("link", name="Sign in").click()
    fill_in_sign_in(popup.value, "Alice")
    await_saved(page)
    assert standing(town, pk)["latest"] == f"{BODY}{MORE} On it goes."


def test_who_signs_in_instead_stores_nothing_under_their_name(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Somebody else", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    end_all_sessions(town)
    other = page.context.new_page()
    sign_in(other, "Mona")
    page.bring_to_front()
    type_at_end(page, MORE)
    dialog = page.get_by_role("dialog", name="Somebody else is signed in")
    expect(dialog).to_contain_text("Mona")
    expect(text(page)).to_have_value(BODY + MORE)
    assert standing(town, pk)["latest"] == BODY
    with page.expect_popup() as popup:
        dialog.get_by_role("link", name="Sign in as yourself").click()
    popup.value.locator("main").get_by_role("button", name="Sign out").click()
    fill_in_sign_in(popup.value, "Alice")
    await_saved(page)
    assert standing(town, pk)["latest"] == BODY + MORE


# --- this device keeps nothing -------------------------------------------------------------------

FULL = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"""
NOTHING_AT_ALL = FULL + "IDBFactory.prototype.open = () => { throw new Error('not allowed'); };"


def test_what_is_too_large_for_one_place_is_kept_in_another(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "Too large", BODY)
    page = new_page(base_url=town.url)
    page.context.add_init_script(FULL)
    sign_in(page, "Alice")
    page.goto(room(pk))
    # Stopped in earnest: what a closing tab sends last might find a connection that came back.
    town.stop()
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    leave(page)
    town.start()
    page = page.context.new_page()
    page.goto(room(pk))
    page.get_by_role("button", name="Use it").click()
    expect(text(page)).to_have_value(BODY + MORE)


def test_where_nothing_is_kept_and_no_site_answers_leaving_is_asked_about(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Nothing at all", BODY)
    page = new_page(base_url=town.url)
    page.add_init_script(NOTHING_AT_ALL)
    sign_in(page, "Alice")
    page.goto(room(pk))
    page.context.set_offline(True)
    type_at_end(page, MORE)
    expect(state(page)).to_contain_text("Do not close this page.")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    expect(state(page)).to_contain_text("Draft saved", timeout=20_000)
    assert standing(town, pk)["latest"] == BODY + MORE
    # A button that leads nowhere does not lead away from words that are nowhere else.
    page.route("**/write/**", lambda route: route.abort())
    text(page).press_sequentially("!")
    page.get_by_role("button", name="Save draft").click()
    expect(state(page)).to_contain_text("Do not close this page.")
    expect(text(page)).to_have_value(f"{BODY}{MORE}!")


# --- what is done on purpose ---------------------------------------------------------------------


def test_changes_that_were_discarded_are_not_offered_again(town: Site, new_page: OpenPage) -> None:
    pk, _ = draft(town, "Discarded", BODY, published=True)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, MORE)
    expect(state(page)).to_contain_text("readers do not see these changes yet")
    expect(page.get_by_role("button", name="Discard changes")).to_be_visible()
    page.reload()
    expect(text(page)).to_have_value(BODY + MORE)
    text(page).press_sequentially(" ")
    page.get_by_role("button", name="Discard changes").click()
    expect(text(page)).to_have_value(BODY)
    page.wait_for_timeout(800)
    expect(page.locator(".room-note")).to_have_count(0)
    assert kept_here(page) == []
    there = standing(town, pk)
    assert (there["status"], there["own"], there["latest"]) == ("published", BODY, BODY)
    assert any(MORE in words for _, words in there["history"])


def test_a_button_pressed_as_soon_as_the_page_shows_is_remembered(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Pressed at once", BODY, published=True)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, MORE)
    await_saved(page)

    def slowly(route: Route) -> None:
        """Keep what a button sends for longer than a page looks at what this device has kept."""
        if route.request.method == "POST":
            page.wait_for_timeout(1_000)
        route.continue_()

    page.route(f"**{room(pk)}", slowly)
    page.reload(wait_until="domcontentloaded")
    page.get_by_role("button", name="Discard changes").click()
    expect(text(page)).to_have_value(BODY)
    page.wait_for_timeout(800)
    expect(page.locator(".room-note")).to_have_count(0)
    assert kept_here(page) == []


# --- for everybody -------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_that_is_told_stands_in_anybodys_way(
    town: Site, new_page: OpenPage, scheme: str
) -> None:
    pk, _ = draft(town, f"Told in {scheme}", BODY)
    phone = {"viewport": {"width": 320, "height": 700}, "color_scheme": scheme}
    page = at_work(town, new_page, "Alice", room(pk), **phone)
    mona = at_work(town, new_page, "Mona", room(pk))
    text(mona).fill(BODY.replace("first", "very first"))
    await_saved(mona)
    text(page).fill(BODY.replace("first", "other first"))
    page.get_by_label("Title").fill("Another title")
    expect(page.locator(".is-stale")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Title")).to_be_focused()
    assert axe.faults(page) == []
    page.get_by_role("button", name="Compare and make one text").click()
    expect(page.get_by_role("heading", name="Two texts to make one")).to_be_visible()
    assert axe.faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto(room(pk))
    end_all_sessions(town)
    type_at_end(page, MORE)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe.faults(page) == []
    page.keyboard.press("Escape")
    expect(state(page)).to_contain_text("You are signed out")
    assert axe.faults(page) == []
