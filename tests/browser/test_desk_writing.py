"""What editors write at the desk, in a real browser: contested words, a reply and its undoing."""

from collections.abc import Callable
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
THEIRS = "Quite another thought."


@pytest.fixture(scope="module")
def desk(site: Site) -> Desk:
    return open_desk(site)


@pytest.fixture
def waiting(desk: Desk) -> int:
    """One comment that waits, and no other."""
    desk.empty()
    return desk.add(1)[0]


@pytest.fixture
def sit(desk: Desk, new_page: OpenPage) -> Callable[..., Page]:
    def open_queue(**options: Any) -> Page:
        page = new_page(base_url=desk.site.url, reduced_motion="reduce", **options)
        sign_in(page, "Mona")
        page.goto("/admin/desk/pending/")
        return page

    return open_queue


def write_over(page: Page, desk: Desk, pk: int, words: str) -> None:
    """Open the box, let somebody else save first, and send other words."""
    page.keyboard.press("e")
    box = page.get_by_label("Text, in Markdown")
    box.fill(words)
    desk.edit(pk, THEIRS)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Your words, not saved yet")).to_have_value(words)


def test_a_second_press_does_not_put_ones_words_over_those_not_yet_seen(
    desk: Desk, sit: Callable[..., Page], waiting: int
) -> None:
    page = sit()
    write_over(page, desk, waiting, "My own words.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".card-problem > .source").first).to_have_text(THEIRS)
    expect(page.get_by_role("status")).to_contain_text("Your words are not saved")
    assert desk.body(waiting) == THEIRS
    page.get_by_role("button", name="Save mine instead").click()
    expect(page.get_by_role("status")).to_contain_text("Changed: Guest 1.")
    assert desk.body(waiting) == "My own words."


def test_leaving_the_box_shows_what_the_other_wrote(
    desk: Desk, sit: Callable[..., Page], waiting: int
) -> None:
    page = sit()
    write_over(page, desk, waiting, "My own words.")
    page.get_by_role("link", name="Cancel, keep what is there").click()
    expect(page.locator(f"#card-{waiting} [data-text]")).to_have_text(THEIRS)
    page.wait_for_timeout(800)
    page.keyboard.press("a")
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    assert desk.statuses([waiting]) == ["approved"]


def test_what_is_typed_while_the_words_are_on_their_way_is_in_the_box_too(
    desk: Desk, sit: Callable[..., Page], waiting: int
) -> None:
    page = sit()
    page.keyboard.press("e")
    box = page.get_by_label("Text, in Markdown")
    box.fill("My own words.")
    desk.edit(waiting, THEIRS)
    sent: list[Route] = []
    page.route("**/edit/", lambda route: sent.append(route))
    page.keyboard.press("Control+Enter")
    page.keyboard.type(" And more.")
    page.wait_for_timeout(200)
    sent[0].continue_()
    expect(page.get_by_label("Your words, not saved yet")).to_have_value("My own words. And more.")


@SCHEMES
def test_axe_finds_nothing_in_contested_words(
    desk: Desk, sit: Callable[..., Page], waiting: int, scheme: str
) -> None:
    page = sit(color_scheme=scheme)
    write_over(page, desk, waiting, "My own words.")
    page.get_by_text("What saving yours would change in it").click()
    assert not axe.faults(page), "\n".join(axe.faults(page))


def test_an_approval_with_a_reply_is_taken_back_by_one_key(
    desk: Desk, sit: Callable[..., Page], waiting: int
) -> None:
    page = sit()
    page.keyboard.press("w")
    page.get_by_label("Your reply, in Markdown").fill("Thank you.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("Your reply is posted as Parley.")
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("Undone: Guest 1.")
    expect(page.get_by_role("status")).to_contain_text("The reply by Parley is taken back, too")
    assert desk.statuses([waiting]) == ["pending"]
