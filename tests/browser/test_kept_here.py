"""What this device keeps of a post: until the site has it, offered where it belongs, and once."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.blog.pictures import picture_bytes
from tests.browser.writers import (
    BODY,
    MORE,
    NOT_ON_THE_SITE,
    OpenPage,
    at_work,
    await_saved,
    draft,
    kept_here,
    leave,
    posts,
    room,
    standing,
    state,
    text,
    type_at_end,
)
from tests.faults.visitor import make_people
from tests.servers import Site

# What a browser keeps is the same over either database.
pytestmark = pytest.mark.once

REMOVE = "Post.objects.filter(pk={pk}).delete()"


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


def left_without_a_connection(site: Site, new_page: OpenPage, pk: int) -> Page:
    """Let Alice type where nothing comes through, and close the tab; return a fresh one."""
    page = at_work(site, new_page, "Alice", room(pk))
    page.context.set_offline(True)
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    leave(page)
    page.context.set_offline(False)
    return page.context.new_page()


def assert_nothing_is_offered(page: Page) -> None:
    page.wait_for_timeout(600)
    expect(page.locator(".room-note")).to_have_count(0)


# --- until the site has it -----------------------------------------------------------------------


def test_what_only_a_button_stores_is_kept_here_until_one_is_pressed(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "By a button", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    page.locator("summary", has_text="Cover").click()
    page.locator("#id_cover_alt").fill("A loaf on a board, still warm.")
    page.get_by_label("What changed").fill("More salt.")
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(re.compile(r"^Draft saved \d\d:\d\d\..+are on this device"))
    leave(page)
    page = page.context.new_page()
    page.goto(room(pk))
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#id_cover_alt")).to_have_value("A loaf on a board, still warm.")
    expect(page.get_by_label("What changed")).to_have_value("More salt.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    assert_nothing_is_offered(page)
    assert kept_here(page) == []


def test_a_refusal_by_something_before_the_site_is_not_the_end(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "A refusal", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            return route.continue_()
        refused.append(route.request.url)
        return route.fulfill(status=403, content_type="text/html", body="<h1>Forbidden</h1>")

    page.route("**/autosave/", refuse_once)
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    await_saved(page)
    assert standing(town, pk)["latest"] == BODY + MORE


def test_what_is_typed_while_two_texts_are_made_one_is_kept_here(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "While merging", BODY)
    page = left_without_a_connection(town, new_page, pk)
    page.goto(room(pk))
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Two texts to make one")).to_be_visible()
    type_at_end(page, " Thought of while comparing.")
    leave(page)
    page = page.context.new_page()
    page.goto(room(pk))
    page.get_by_role("button", name="Compare").click()
    expect(text(page)).to_have_value(f"{BODY}{MORE} Thought of while comparing.")
    type_at_end(page, " The end.")
    page.get_by_role("button", name="Save this text").click()
    expect(text(page)).to_have_value(f"{BODY}{MORE} Thought of while comparing. The end.")
    assert_nothing_is_offered(page)
    assert kept_here(page) == []


IN_BOTH_PLACES = """async () => {
  const copy = (turn, at, body) => ({ id: "x", turn, at, fields: { body: [body] } });
  const setItem = Storage.prototype.setItem;
  Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
  await parleyDevice.keep(copy(1, 2000, "older"));
  Storage.prototype.setItem = setItem;
  await parleyDevice.keep(copy(2, 1000, "newer"));
  return (await parleyDevice.all()).map(({ fields }) => fields.body[0]);
}"""


def test_of_what_is_kept_in_two_places_the_newer_counts_by_no_clock(
    town: Site, new_page: OpenPage
) -> None:
    page = at_work(town, new_page, "Alice", "/write/new/")
    assert page.evaluate(IN_BOTH_PLACES) == ["newer"]


# --- in its place --------------------------------------------------------------------------------


def test_the_words_for_a_post_that_was_removed_become_one_new_post(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Removed", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    town.shell(REMOVE.format(pk=pk))
    before = posts(town)
    type_at_end(page, MORE)
    expect(state(page)).to_contain_text("saving them makes them a new post")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".alert-danger")).to_contain_text("no such post")
    await_saved(page)
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    (new,) = set(posts(town)) - set(before)
    assert standing(town, new)["own"] == BODY + MORE
    assert_nothing_is_offered(page)


def test_what_is_kept_of_a_post_that_is_gone_is_offered_with_a_new_one(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Removed meanwhile", BODY)
    page = left_without_a_connection(town, new_page, pk)
    town.shell(REMOVE.format(pk=pk))
    page.goto("/write/new/")
    page.get_by_role("button", name="Use it").click()
    expect(page).to_have_url(re.compile(r"/write/\d+/$"))
    await_saved(page)
    assert standing(town, posts(town)[-1])["latest"] == BODY + MORE


def test_a_new_post_that_came_as_its_page_was_left_is_not_offered_again(
    town: Site, new_page: OpenPage
) -> None:
    before = posts(town)
    page = at_work(town, new_page, "Alice", "/write/new/")
    text(page).press_sequentially(MORE)
    leave(page)
    page = page.context.new_page()
    page.wait_for_timeout(1500)
    assert len(posts(town)) == len(before) + 1
    page.goto("/write/new/")
    page.wait_for_timeout(1000)
    expect(page.locator(".room-note")).to_have_count(0)
    assert kept_here(page) == []


# --- over nobody's words, and once ----------------------------------------------------------------


def test_older_words_put_in_while_a_save_is_on_its_way_overwrite_nothing(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "In flight", BODY)
    page = left_without_a_connection(town, new_page, pk)
    phone = at_work(town, new_page, "Alice", room(pk))
    type_at_end(phone, "From the phone.")
    await_saved(phone)
    page.goto(room(pk))
    use_it = page.get_by_role("button", name="Use it")
    expect(use_it).to_be_visible()

    def press_meanwhile(route: Route) -> None:
        if use_it.is_visible():
            use_it.click()
        route.continue_()

    page.route("**/autosave/", press_meanwhile)
    type_at_end(page, "!")
    expect(page.locator(".is-stale")).to_contain_text("You wrote in this post elsewhere")
    assert "From the phone." in standing(town, pk)["latest"]


def test_who_typed_on_after_a_lost_answer_and_closed_the_tab_finds_no_conflict(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "Lost and closed", BODY)
    page = at_work(town, new_page, "Alice", room(pk))

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/autosave/", lose)
    type_at_end(page, MORE)
    expect(state(page)).to_have_text(NOT_ON_THE_SITE)
    text(page).press_sequentially(" And this.")
    leave(page)
    page = page.context.new_page()
    page.goto(room(pk))
    page.get_by_role("button", name="Use it").click()
    await_saved(page)
    expect(page.locator(".is-stale")).to_have_count(0)
    assert standing(town, pk)["latest"] == f"{BODY}{MORE} And this."


def test_a_page_that_answers_with_the_words_offers_them_no_second_time(
    town: Site, new_page: OpenPage
) -> None:
    pk, _ = draft(town, "A picture by its button", BODY)
    page = at_work(town, new_page, "Alice", room(pk))
    type_at_end(page, MORE)
    page.locator("summary", has_text="Add a picture").click()
    loaf = {"name": "loaf.jpg", "mimeType": "image/jpeg", "buffer": picture_bytes()}
    page.locator("#id_picture").set_input_files(loaf)
    page.locator("#id_picture_alt").fill("A loaf.")
    page.get_by_role("button", name="Put it into the text").click()
    expect(page.get_by_text("The picture stands at the end")).to_be_visible()
    assert_nothing_is_offered(page)
    await_saved(page)
