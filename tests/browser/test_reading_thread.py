"""Reading a thread in a real browser: folding, keys, the ways up and back, and what is new."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.talk import DEEP, Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

HALF_A_MINUTE = 31_000
A_VISIT_LATER = 31 * 60_000
FOCUSED = "document.activeElement.closest('.comment')?.id"
PLACES = "items => items.map(item => [item.id, item.getBoundingClientRect().top])"
HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}
"""


@pytest.fixture(scope="module")
def town(new_site: Callable[..., Site]) -> Site:
    site = new_site(env={"COMMENTS_PAGE_SIZE": "20"})
    make_people(site)
    return site


@pytest.fixture(scope="module")
def deep(town: Site) -> Talk:
    """A thread that tests only read."""
    return start_talk(town, "A deep talk", DEEP)


@pytest.fixture
def read(town: Site, new_page: OpenPage) -> Callable[..., Page]:
    """Return a function that opens a talk's page: `read(talk, hash="#comment-3", **options)`."""

    def open_talk(talk: Talk, *, hash: str = "", clock: bool = False, **options: Any) -> Page:
        page = new_page(base_url=town.url, **options)
        if clock:
            page.clock.install()
        page.goto(talk.path + hash)
        return page

    return open_talk


def comment(page: Page, number: int) -> Locator:
    return page.locator(f"#comment-{number}")


def said(page: Page, number: int) -> Locator:
    return page.locator(f"#comment-{number} > article")


def expect_at(page: Page, number: int) -> None:
    expect(comment(page, number)).to_be_focused()
    expect(said(page, number)).to_be_in_viewport()


def numbers_in(page: Page, selector: str) -> list[int]:
    ids = page.locator(selector).evaluate_all("items => items.map(item => item.id)")
    return [int(each.removeprefix("comment-")) for each in ids]


# --- marks ----------------------------------------------------------------------------------------


def test_a_mark_of_helpful_is_put_and_taken_without_the_page_moving(
    town: Site, new_page: OpenPage
) -> None:
    talk = start_talk(town, "A helpful talk", DEEP)
    page = new_page(base_url=town.url)
    sign_in(page, "bob")
    page.goto(talk.path)
    page.evaluate("window.isStillThisPage = true")
    button = page.locator("button.helpful").first
    button.scroll_into_view_if_needed()
    height = page.evaluate("scrollY")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_have_text("Helpful 1")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).to_have_text("Helpful")
    assert page.evaluate("scrollY") == height
    # Who has signed out meanwhile is asked to come back first, on a page that says so.
    page.context.clear_cookies(name="sessionid")
    button.click()
    expect(page).to_have_url(re.compile("/login/"))


# --- folding --------------------------------------------------------------------------------------


def test_what_is_folded_stays_folded_over_a_reload_and_opens_for_a_link(
    deep: Talk, read: Callable[..., Page]
) -> None:
    page = read(deep)
    handle = page.locator("#comment-1 > .fold")
    handle.click()
    expect(said(page, 2)).to_be_hidden()
    expect(handle).to_have_attribute("aria-expanded", "false")
    expect(handle).to_have_text("Show replies (7)")
    page.reload()
    expect(said(page, 2)).to_be_hidden()
    expect(said(page, 10)).to_be_visible()
    # A link to what lies folded opens it; what the reader wanted folded is folded the next time.
    page.goto(f"{deep.path}#comment-4")
    page.reload()
    expect_at(page, 4)
    page.goto("/")
    page.goto(deep.path)
    expect(said(page, 2)).to_be_hidden()
    page.locator("#comment-1 > .fold").click()
    page.reload()
    expect(said(page, 2)).to_be_visible()


def test_a_branch_folds_and_opens_by_one_key_with_the_focus_kept(
    deep: Talk, read: Callable[..., Page]
) -> None:
    page = read(deep, hash="#comment-9")
    page.keyboard.press("c")
    expect(said(page, 10)).to_be_hidden()
    expect_at(page, 9)
    page.keyboard.press("c")
    expect(said(page, 10)).to_be_visible()
    # What answers nobody further folds what it belongs to.
    page.keyboard.press("j")
    expect_at(page, 10)
    page.keyboard.press("c")
    expect_at(page, 9)
    expect(said(page, 10)).to_be_hidden()


# --- keys -----------------------------------------------------------------------------------------


def test_single_keys_walk_the_thread(deep: Talk, read: Callable[..., Page]) -> None:
    page = read(deep)
    for key, number in [
        ("j", 1), ("j", 2), ("j", 3), ("k", 2),  # up and down, in the order of the page
        ("p", 1), ("b", 2),  # to what it answers, and back
        ("s", 9), ("j", 10), ("s", 11), ("s", 12), ("b", 11), ("b", 10),
    ]:  # fmt: skip
        page.keyboard.press(key)
        expect_at(page, number)
    ring = said(page, 10).evaluate("each => getComputedStyle(each).outlineStyle")
    assert ring != "none", "who walks by keyboard cannot see where they are"


def test_keys_are_listed_under_the_question_mark_and_can_be_switched_off(
    deep: Talk, read: Callable[..., Page]
) -> None:
    page = read(deep)
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keys")
    expect(listed).to_be_visible()
    for key in ("j", "k", "n", "s", "p", "b", "c", "r", "q", "e", "?", "Esc"):
        expect(listed.locator("kbd").get_by_text(key, exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(comment(page, 1)).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.get_by_role("button", name="Keys (?)").click()
    listed.get_by_label("Use these keys").uncheck()
    listed.get_by_role("button", name="Close").click()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("?")
        assert page.evaluate(FOCUSED) is None
        expect(listed).to_be_hidden()
        page.reload()
    page.get_by_role("button", name="Keys (?)").click()
    listed.get_by_label("Use these keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect_at(page, 1)


def test_keys_are_letters_to_who_types_and_leave_the_browsers_own_alone(
    deep: Talk, read: Callable[..., Page]
) -> None:
    page = read(deep, hash="#comment-9")
    page.keyboard.press("r")
    box = page.locator("#comment-9 > .reply-slot textarea")
    expect(box).to_be_focused()
    page.keyboard.type("jknpbcrqe?")
    expect(box).to_have_value("jknpbcrqe?")
    # Put away, and had back with all that was in it.
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(said(page, 9).locator(".reply")).to_be_focused()
    page.keyboard.press("r")
    expect(box).to_be_focused()
    expect(box).to_have_value("jknpbcrqe?")
    said(page, 9).locator(".when").focus()
    for key in ("Control+j", "Alt+j", "Meta+j"):
        page.keyboard.press(key)
    assert page.evaluate(FOCUSED) == "comment-9"


# --- up, and back ---------------------------------------------------------------------------------


def test_in_reply_to_leads_up_and_leaves_a_way_back(deep: Talk, read: Callable[..., Page]) -> None:
    page = read(deep, hash="#comment-8")
    up = said(page, 8).get_by_role("link", name=re.compile("in reply to .+ ↑"))
    up.click()
    expect_at(page, 7)
    back = said(page, 7).get_by_role("link", name="back ↓")
    back.click()
    expect_at(page, 8)
    expect(back).to_have_count(0)
    page.go_back()
    expect(said(page, 7)).to_be_in_viewport()


def test_without_a_script_all_ways_are_links(deep: Talk, read: Callable[..., Page]) -> None:
    page = read(deep, javascript=False)
    said(page, 8).get_by_role("link", name=re.compile("in reply to")).click()
    assert page.url.endswith("#comment-7")
    said(page, 2).get_by_role("link", name="Parent").click()
    assert page.url.endswith("#comment-1")
    said(page, 1).get_by_role("link", name="Next").click()
    assert page.url.endswith("#comment-9")
    expect(said(page, 9)).to_be_in_viewport()
    page.get_by_role("button", name="Newest").click()
    expect(page).to_have_url(re.compile("sort=newest"))
    assert numbers_in(page, "#thread > .comment") == [12, 9, 1]
    # Nothing is offered that would do nothing.
    expect(page.get_by_role("button", name="Keys (?)")).to_have_count(0)
    expect(page.locator(".fold")).to_have_count(0)


# --- new since last time --------------------------------------------------------------------------


def test_a_guest_sees_what_came_since_the_last_visit_and_is_given_no_cookie(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "Visited twice", [0, 1, 0])
    page = read(talk, clock=True)
    expect(page.locator(".thread-tools")).to_be_visible()
    expect(page.locator(".is-new")).to_have_count(0)
    talk.add(1)
    page.clock.fast_forward(A_VISIT_LATER)
    for _ in range(2):
        page.reload()
        expect(page.locator(".is-new")).to_have_count(1)
        expect(said(page, 4).locator(".new")).to_have_text("new")
    page.get_by_role("button", name="Next new (1)").click()
    expect_at(page, 4)
    page.clock.fast_forward(A_VISIT_LATER)
    page.reload()
    expect(page.locator(".thread-tools")).to_be_visible()
    expect(page.locator(".is-new")).to_have_count(0)
    expect(page.get_by_role("button", name="Next new")).to_have_count(0)
    assert page.context.cookies() == []


def test_what_a_reader_wrote_is_not_new_to_them(town: Site, new_page: OpenPage) -> None:
    talk = start_talk(town, "Written by Alice", [0])
    page = new_page(base_url=town.url)
    sign_in(page, "Alice")
    page.clock.install()
    page.goto(talk.path)
    page.locator("#respond textarea").fill("Mine.")
    page.get_by_role("button", name="Post comment").click()
    expect(said(page, 2)).to_contain_text("Mine.")
    page.clock.fast_forward(HALF_A_MINUTE)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".news")).to_be_hidden()
    page.clock.fast_forward(A_VISIT_LATER)
    page.reload()
    expect(page.locator(".thread-tools")).to_be_visible()
    expect(page.locator(".is-new")).to_have_count(0)


def test_next_new_goes_from_one_to_the_next_and_round(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "Three are new", [0, 1, 0])
    page = read(talk, clock=True)
    expect(page.locator(".thread-tools")).to_be_visible()
    talk.add(1, 3, 0)
    page.clock.fast_forward(A_VISIT_LATER)
    page.reload()
    expect(page.locator(".is-new")).to_have_count(3)
    for number in (4, 5, 6, 4):
        page.keyboard.press("n")
        expect_at(page, number)


def test_a_reader_with_an_account_tells_the_site_once_what_was_seen(
    town: Site, new_page: OpenPage
) -> None:
    talk = start_talk(town, "Seen by Bob", [0, 1])
    page = new_page(base_url=town.url)
    sign_in(page, "Bob")
    told: list[int] = []
    page.on("response", lambda each: told.append(each.status) if "/seen/" in each.url else None)
    page.goto(talk.path)
    page.wait_for_load_state("networkidle")
    assert told == [204]
    expect(page.locator(".is-new")).to_have_count(0)


# --- while the page is open -----------------------------------------------------------------------


def test_news_is_told_without_moving_a_line_and_folds_in_where_it_belongs(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "It goes on", [0, 1, 2, 0, 4, 0])
    page = read(talk, hash="#comment-4", clock=True)
    page.keyboard.press("r")
    box = page.locator("#comment-4 > .reply-slot textarea")
    expect(box).to_be_focused()
    page.keyboard.type("Half a thou")
    talk.add(1, 5, 0, words="Came in between.")
    before = page.locator(".comment > article").evaluate_all(PLACES)
    scrolled = page.evaluate("scrollY")
    page.clock.fast_forward(HALF_A_MINUTE)
    news = page.locator(".news")
    expect(news.get_by_role("status")).to_have_text("3 new comments")
    assert page.locator(".comment > article").evaluate_all(PLACES) == before
    assert page.evaluate("scrollY") == scrolled
    expect(box).to_be_focused()

    top = said(page, 4).bounding_box()["y"]
    # Not every browser holds what is read when something comes in above it.
    page.evaluate("document.body.style.overflowAnchor = 'none'")
    news.get_by_role("button", name="Show").click()
    expect(page.locator(".comment.is-new")).to_have_count(3)
    # One of them came in above: what is read stays where it is.
    assert abs(said(page, 4).bounding_box()["y"] - top) < 1
    assert numbers_in(page, "#comment-1 > .replies > .comment") == [2, 7]
    assert numbers_in(page, "#comment-5 > .replies > .comment") == [8]
    assert numbers_in(page, "#thread > .comment") == [1, 4, 6, 9]
    expect(box).to_have_value("Half a thou")
    box.focus()
    page.keyboard.type("ght")
    expect(box).to_have_value("Half a thought")
    # They are comments like all others.
    said(page, 8).get_by_role("link", name="Reply").click()
    expect(page.locator("#comment-8 > .reply-slot textarea")).to_be_focused()


def test_the_key_for_the_next_new_one_puts_what_came_in_its_place_and_goes_there(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "By key", [0, 0])
    page = read(talk, clock=True)
    expect(page.locator(".thread-tools")).to_be_visible()
    talk.add(1)
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(page.locator(".news")).to_contain_text("1 new comment")
    page.keyboard.press("n")
    expect_at(page, 3)
    assert numbers_in(page, "#comment-1 .comment") == [3]
    page.reload()
    expect(page.locator(".thread-tools")).to_be_visible()
    expect(page.locator(".news")).to_be_hidden()


def test_what_answers_a_comment_of_another_page_is_led_to(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "Two pages", [0] * 25)
    page = read(talk, clock=True)
    assert page.locator("#comment-25").count() == 0
    page.wait_for_load_state("networkidle")
    talk.add(25, 2, words="From afar.")
    page.clock.fast_forward(HALF_A_MINUTE)
    page.locator(".news").get_by_role("button", name="Show").click()
    expect(said(page, 27)).to_be_visible()
    page.locator(".news").get_by_role("link", name="1 on another page").click()
    expect(said(page, 26)).to_be_in_viewport()
    assert urlsplit(page.url).fragment == "comment-26"


def test_asking_for_news_costs_little_and_stops_while_nobody_looks(
    deep: Talk, read: Callable[..., Page]
) -> None:
    page = read(deep, clock=True)
    asked: list[int] = []
    page.on("response", lambda each: asked.append(each.status) if "/new/" in each.url else None)
    page.wait_for_load_state("networkidle")
    for _ in range(3):
        with page.expect_response(re.compile("/new/")):
            page.clock.fast_forward(120_000)
    page.wait_for_load_state("networkidle")
    assert asked == [200, 304, 304]
    page.evaluate(HIDE, True)
    page.clock.fast_forward(600_000)
    page.wait_for_timeout(300)
    assert len(asked) == 3
    with page.expect_response(re.compile("/new/")) as answer:
        page.evaluate(HIDE, False)
    assert answer.value.status == 304
    assert page.context.cookies() == []


def test_a_site_that_does_not_answer_is_no_trouble_to_who_reads(
    deep: Talk, read: Callable[..., Page]
) -> None:
    page = read(deep, clock=True)
    page.wait_for_load_state("networkidle")
    page.route("**/new/**", lambda route: route.abort())
    page.clock.fast_forward(HALF_A_MINUTE)
    page.wait_for_timeout(200)
    expect(page.locator(".news")).to_be_hidden()
    page.unroute("**/new/**")
    with page.expect_response(re.compile("/new/")):
        page.clock.fast_forward(HALF_A_MINUTE * 2)
