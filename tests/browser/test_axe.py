"""Nothing that axe-core knows of stands in the way of anybody who reads or writes in a thread."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import DEEP, Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
HALF_A_MINUTE = 31_000


@pytest.fixture(scope="module")
def talk(site: Site) -> Talk:
    make_people(site)
    return start_talk(site, "Looked at closely", DEEP)


@pytest.fixture
def read(site: Site, talk: Talk, new_page: OpenPage) -> Callable[..., Page]:
    def open_page(path: str = "", *, as_: str = "", scheme: str = "light", **options: Any) -> Page:
        page = new_page(base_url=site.url, color_scheme=scheme, reduced_motion="reduce", **options)
        if as_:
            sign_in(page, as_)
        page.goto(path or talk.path)
        return page

    return open_page


def expect_no_faults(page: Page) -> None:
    found = axe.faults(page)
    assert not found, "\n".join(found)


def test_it_is_axe_that_looks(read: Callable[..., Page]) -> None:
    page = read()
    page.evaluate("document.querySelector('h1').style.color = '#eee'")
    assert "color-contrast" in "".join(axe.faults(page))


@SCHEMES
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("who", ["", "Bob", "Alice"], ids=["a stranger", "Bob", "Alice"])
def test_a_post_and_its_thread(
    read: Callable[..., Page], talk: Talk, scheme: str, who: str, javascript: bool
) -> None:
    if not javascript:
        # axe itself is a script: what the page is without its own is seen with those kept away.
        page = read("/", scheme=scheme)
        page.route("**/static/**/*.js", lambda route: route.abort())
        page.goto(talk.path)
        expect(page.locator(".thread-tools")).to_have_count(0)
    else:
        page = read(as_=who, scheme=scheme)
        expect(page.locator(".thread-tools")).to_be_visible()
    expect_no_faults(page)


@SCHEMES
def test_with_everything_open(read: Callable[..., Page], talk: Talk, scheme: str) -> None:
    page = read(scheme=scheme, viewport={"width": 390, "height": 844})
    page.locator("#comment-2 > article .reply").click()
    box = page.locator("#comment-2 > .reply-slot textarea")
    box.fill("Words")
    page.locator("#comment-2 > .reply-slot").get_by_role("button", name="Preview").click()
    page.locator("#comment-9 > .fold").click()
    # Restored, offered, announced.
    page.reload()
    page.get_by_role("button", name="You began a reply here").click()
    expect(page.locator(".draft-note")).to_be_visible()
    box.press_sequentially(" @a")
    expect(page.get_by_role("listbox")).to_be_visible()
    expect_no_faults(page)
    page.get_by_role("button", name="Post reply").click()
    expect(page.get_by_text("Please give a name")).to_be_visible()
    expect_no_faults(page)


@SCHEMES
def test_the_list_of_keys(read: Callable[..., Page], scheme: str) -> None:
    page = read(scheme=scheme)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    expect_no_faults(page)


@SCHEMES
def test_what_is_new(site: Site, new_page: OpenPage, talk: Talk, scheme: str) -> None:
    page = new_page(base_url=site.url, color_scheme=scheme, reduced_motion="reduce")
    page.clock.install()
    page.goto(talk.path)
    page.wait_for_load_state("networkidle")
    talk.add(9)
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(page.locator(".news")).to_be_visible()
    expect_no_faults(page)
    page.locator(".news").get_by_role("button", name="Show").click()
    expect(page.locator(".is-new")).to_have_count(1)
    expect_no_faults(page)


@SCHEMES
@pytest.mark.parametrize("number", [2, 8])
def test_the_page_of_a_reply(
    read: Callable[..., Page], talk: Talk, scheme: str, number: int
) -> None:
    page = read(f"/comments/{talk.thread}/{number}/reply/", scheme=scheme)
    expect(page.locator("main textarea")).to_be_visible()
    expect_no_faults(page)


@SCHEMES
def test_the_history_and_the_change_of_a_comment(
    site: Site, read: Callable[..., Page], scheme: str
) -> None:
    changed = start_talk(site, f"Changed in the {scheme}", [])
    page = read(changed.path, as_="Alice", scheme=scheme)
    page.locator("#respond textarea").fill("The first words of this.")
    page.get_by_role("button", name="Post comment").click()
    page.locator("#comment-1 > article").get_by_role("link", name="Edit").click()
    expect_no_faults(page)
    page.locator("main textarea").fill("The last words of this one.")
    page.get_by_role("button", name="Save changes").click()
    page.locator("#comment-1").get_by_role("link", name="edited").click()
    expect(page.locator("main ins").first).to_be_visible()
    expect(page.locator("main del").first).to_be_visible()
    expect_no_faults(page)
