"""Writing in a real browser: no word is lost; words are quoted and people named."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.talk import Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

WORDS = "Half of what I meant to say"
# Selects from the start of one element to the end of another, as a pointer would.
SELECT = """
([first, last]) => {
  const range = document.createRange();
  range.setStart(document.querySelector(first), 0);
  range.setEndAfter(document.querySelector(last).lastChild);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}
"""
NOTHING_CAN_BE_STORED = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"""


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


@pytest.fixture(scope="module")
def quiet(town: Site) -> Talk:
    """A thread that nobody adds to."""
    return start_talk(town, "A quiet talk", [0, 1, 0])


@pytest.fixture
def read(town: Site, new_page: OpenPage) -> Callable[..., Page]:
    def open_talk(talk: Talk, *, as_: str = "", **options: Any) -> Page:
        page = new_page(base_url=town.url, **options)
        if as_:
            sign_in(page, as_)
        page.goto(talk.path)
        return page

    return open_talk


def main_box(page: Page) -> Locator:
    return page.locator("#respond textarea")


def box_of(page: Page, number: int) -> Locator:
    return page.locator(f"#comment-{number} > .reply-slot textarea")


def open_box(page: Page, number: int) -> Locator:
    page.locator(f"#comment-{number} > article .reply").click()
    expect(box_of(page, number)).to_be_focused()
    return box_of(page, number)


def kept_drafts(page: Page) -> list[str]:
    stored = page.evaluate("localStorage.getItem('parley.drafts')")
    return [each["body"] for each in json.loads(stored or "{}").values()]


# --- drafts ---------------------------------------------------------------------------------------


def test_what_was_typed_is_there_again_after_a_reload_and_can_be_put_aside(
    quiet: Talk, read: Callable[..., Page]
) -> None:
    page = read(quiet)
    main_box(page).fill(WORDS)
    # At once: leaving the page keeps what the pause between two keys has not.
    page.reload()
    note = page.locator("#respond .draft-note")
    expect(main_box(page)).to_have_value(WORDS)
    expect(note).to_contain_text(re.compile(r"Your unsent words from \d\d:\d\d were restored"))
    note.get_by_role("button", name="Start afresh").click()
    expect(main_box(page)).to_have_value("")
    expect(main_box(page)).to_be_focused()
    note.get_by_role("button", name="Bring them back").click()
    expect(main_box(page)).to_have_value(WORDS)
    note.get_by_role("button", name="Start afresh").click()
    page.reload()
    expect(main_box(page)).to_have_value("")
    expect(note).to_have_count(0)


def test_words_typed_before_the_scripts_came_are_kept_as_well(
    quiet: Talk, town: Site, new_page: OpenPage
) -> None:
    page = new_page(base_url=town.url)
    held: list[Any] = []
    page.route("**/writing.*.js", lambda route: held.append(route))
    page.goto(quiet.path, wait_until="commit")
    main_box(page).fill(WORDS)
    page.wait_for_timeout(300)
    held[0].continue_()
    page.wait_for_load_state("load")
    assert kept_drafts(page) == [WORDS]
    page.unroute("**/writing.*.js")
    page.reload()
    expect(main_box(page)).to_have_value(WORDS)


def test_a_reply_that_was_begun_is_offered_where_it_was_begun(
    quiet: Talk, read: Callable[..., Page]
) -> None:
    page = read(quiet)
    open_box(page, 2).fill(WORDS)
    main_box(page).fill("Another, to nobody")
    page.reload()
    expect(main_box(page)).to_have_value("Another, to nobody")
    begun = page.locator("#comment-2 > article").get_by_role(
        "button", name="You began a reply here"
    )
    expect(page.get_by_role("button", name="You began a reply here")).to_have_count(1)
    begun.click()
    expect(box_of(page, 2)).to_have_value(WORDS)
    expect(box_of(page, 2)).to_be_focused()
    expect(begun).to_have_count(0)
    # On the page of its own too.
    page.goto(f"/comments/{quiet.thread}/2/reply/")
    expect(page.locator("main textarea")).to_have_value(WORDS)


@pytest.mark.parametrize("with_htmx", [True, False], ids=["in place", "by the plain form"])
def test_words_that_were_posted_do_not_come_back(
    town: Site, read: Callable[..., Page], new_page: OpenPage, with_htmx: bool
) -> None:
    talk = start_talk(town, f"Posted {'in place' if with_htmx else 'plainly'}", [0])
    page = new_page(base_url=town.url)
    if not with_htmx:
        page.route("**/htmx*", lambda route: route.abort())
    sign_in(page, "Alice")
    page.goto(talk.path)
    main_box(page).fill(WORDS)
    # Whatever is kept is kept by now.
    page.wait_for_timeout(500)
    assert kept_drafts(page) == [WORDS]
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("#comment-2 .words")).to_have_text(WORDS)
    if not with_htmx:
        expect(page).to_have_url(re.compile("#comment-2$"))
        page.wait_for_load_state("load")
    assert kept_drafts(page) == []
    page.reload()
    expect(main_box(page)).to_have_value("")


@pytest.mark.parametrize("status", [422, 503])
def test_words_that_were_refused_are_kept(
    quiet: Talk, read: Callable[..., Page], status: int
) -> None:
    page = read(quiet)
    box = open_box(page, 1)
    box.fill(WORDS)
    if status == 503:
        page.route(
            f"**/comments/{quiet.thread}/",
            lambda route: route.fulfill(
                status=503, content_type="text/html", body="<!doctype html><p class=lead>Wait.</p>"
            ),
        )
    page.locator("#comment-1 > .reply-slot").get_by_role("button", name="Post reply").click()
    slot = page.locator("#comment-1 > .reply-slot")
    expect(slot).to_contain_text("Please give a name" if status == 422 else "Wait.")
    expect(box_of(page, 1)).to_have_value(WORDS)
    expect(box_of(page, 1)).to_be_editable()
    page.reload()
    page.get_by_role("button", name="You began a reply here").click()
    expect(box_of(page, 1)).to_have_value(WORDS)


def test_a_change_that_was_begun_is_kept_and_the_stored_text_can_be_had_back(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "To be edited", [])
    page = read(talk, as_="Alice")
    main_box(page).fill("As it was posted.")
    page.get_by_role("button", name="Post comment").click()
    page.locator("#comment-1 > article").get_by_role("link", name="Edit").click()
    box = page.locator("main textarea")
    expect(box).to_have_value("As it was posted.")
    box.fill("As it was *to be*")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("group", name="Preview").locator("em")).to_have_text("to be")
    box.fill("As it was to be")
    page.goto(talk.path)
    page.locator("#comment-1 > article").get_by_role("link", name="Edit").click()
    expect(box).to_have_value("As it was to be")
    page.get_by_role("button", name="Start afresh").click()
    expect(box).to_have_value("As it was posted.")
    page.get_by_role("button", name="Bring them back").click()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#comment-1 .words")).to_have_text("As it was to be")
    page.wait_for_load_state("load")
    assert kept_drafts(page) == []


def test_the_oldest_draft_goes_when_there_are_many(quiet: Talk, read: Callable[..., Page]) -> None:
    page = read(quiet)
    page.evaluate(
        """() => {
          const drafts = {};
          for (let n = 0; n < 30; n += 1) drafts[`/comments/9${n}/#`] = { body: `b${n}`, at: n };
          localStorage.setItem("parley.drafts", JSON.stringify(drafts));
        }"""
    )
    main_box(page).fill(WORDS)
    page.reload()
    expect(main_box(page)).to_have_value(WORDS)
    drafts = kept_drafts(page)
    assert len(drafts) == 30
    assert "b0" not in drafts
    assert "b1" in drafts


def test_where_nothing_can_be_stored_writing_goes_on(
    quiet: Talk, town: Site, new_page: OpenPage
) -> None:
    page = new_page(base_url=town.url)
    page.add_init_script(NOTHING_CAN_BE_STORED)
    page.goto(quiet.path)
    open_box(page, 1).fill(WORDS)
    page.wait_for_timeout(500)
    expect(box_of(page, 1)).to_have_value(WORDS)
    page.locator("#comment-1 > .fold").click()
    expect(page.locator("#comment-2 > article")).to_be_hidden()


# --- quotations -----------------------------------------------------------------------------------


def test_words_of_the_post_are_quoted_into_the_main_box(
    quiet: Talk, town: Site, read: Callable[..., Page]
) -> None:
    page = read(quiet)
    main_box(page).fill("What I had.")
    page.evaluate(SELECT, [".post-body p", ".post-body p:nth-of-type(2)"])
    page.get_by_role("button", name="Quote", exact=True).click()
    expect(main_box(page)).to_be_focused()
    expect(main_box(page)).to_have_value(
        f"What I had.\n\n[A quiet talk]({town.url}{quiet.path}):\n"
        "> A first paragraph to talk about.\n>\n> A *second* one, with `code`.\n\n"
    )
    expect(page.get_by_role("button", name="Quote", exact=True)).to_have_count(0)


def test_selected_words_go_along_when_reply_is_pressed(
    quiet: Talk, town: Site, read: Callable[..., Page]
) -> None:
    page = read(quiet)
    page.evaluate(SELECT, ["#comment-1 .words p", "#comment-1 .words p"])
    expect(page.get_by_role("button", name="Quote", exact=True)).to_be_visible()
    page.locator("#comment-1 > article .reply").click()
    address = f"{town.url}/comments/{quiet.thread}/1/"
    quotation = f"[Ann]({address}):\n> Thought 1, *quite* so.\n\n"
    expect(box_of(page, 1)).to_have_value(quotation)
    page.keyboard.type("Quite.")
    expect(box_of(page, 1)).to_have_value(f"{quotation}Quite.")
    # Once more: added below what is there.
    page.evaluate(SELECT, ["#comment-1 .words em", "#comment-1 .words em"])
    page.get_by_role("button", name="Quote", exact=True).click()
    expect(box_of(page, 1)).to_have_value(f"{quotation}Quite.\n\n[Ann]({address}):\n> quite\n\n")


def test_a_quotation_by_keyboard_alone(quiet: Talk, read: Callable[..., Page]) -> None:
    page = read(quiet)
    page.locator("#comment-2 .words em").dblclick()
    expect(page.get_by_role("button", name="Quote", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Quote", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(box_of(page, 2)).to_have_value(re.compile(r"^\[Ben\].*\n> \*?quite\*?\n"))
    page.goto("about:blank")
    page.goto(f"{quiet.path}#comment-3")
    expect(page.locator("#comment-3")).to_be_focused()
    page.keyboard.press("q")
    expect(box_of(page, 3)).to_have_value(re.compile(r"^\[Cyd\].*\n> Thought 3, \*quite\* so"))


def test_what_looks_like_markdown_is_quoted_as_it_was_said(
    town: Site, read: Callable[..., Page]
) -> None:
    talk = start_talk(town, "Marks [and] brackets", [])
    said = "2 \\* 3 \\* 4, snake_case, \\[no link\\](x)\n\n- one\n- two\n\n```\na < b\n```\n\n> old"
    talk.add(0, words=said)
    page = read(talk)
    page.locator("#comment-1 .when").focus()
    page.keyboard.press("q")
    expect(box_of(page, 1)).to_have_value(re.compile("snake_case"))
    quoted = box_of(page, 1).input_value().split(":\n", 1)[1].rstrip()
    assert quoted.splitlines() == [
        r"> 2 \* 3 \* 4, snake_case, \[no link\](x)",
        ">", "> - one", "> - two",
        ">", "> ```", "> a < b", "> ```",
        ">", "> > old",
    ]  # fmt: skip


# --- people ---------------------------------------------------------------------------------------


def test_an_at_sign_offers_the_people_of_the_thread(quiet: Talk, read: Callable[..., Page]) -> None:
    page = read(quiet)
    box = open_box(page, 3)
    page.keyboard.type("Hello @")
    people = page.get_by_role("listbox", name="People in this discussion")
    expect(people).to_have_count(0)
    page.keyboard.type("a")
    expect(people.get_by_role("option")).to_have_text(["Ann", "Alice"])
    expect(box).to_have_attribute("aria-activedescendant", "name-0")
    page.keyboard.press("ArrowDown")
    expect(people.get_by_role("option", selected=True)).to_have_text("Alice")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Hello @Ann ")
    expect(people).to_have_count(0)
    page.keyboard.type("and @be")
    page.keyboard.press("Escape")
    expect(people).to_have_count(0)
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_have_value("Hello @Ann and @be\n")
    page.keyboard.type("x@cy")
    expect(people).to_have_count(0)


# --- how it will look -----------------------------------------------------------------------------


def test_a_preview_follows_what_is_typed_while_it_is_open(
    quiet: Talk, read: Callable[..., Page]
) -> None:
    page = read(quiet)
    asked = answer_previews(page)
    box = open_box(page, 1)
    box.fill("One *word*")
    page.wait_for_timeout(900)
    assert not asked
    reply = page.locator("#comment-1 > .reply-slot")
    reply.get_by_role("button", name="Preview").click()
    shown = reply.get_by_role("group", name="Preview")
    expect(shown.locator("em")).to_have_text("word")
    box.fill("Another *one*")
    expect(shown.locator("em")).to_have_text("one")
    expect(shown).to_have_attribute("aria-live", "off")
    # Remembered, for the next box as well.
    page.reload()
    open_box(page, 3)
    expect(page.locator("#comment-3 > .reply-slot .preview")).to_be_visible()
    page.keyboard.type("typed")
    expect(page.locator("#comment-3 > .reply-slot .preview .words")).to_have_text("typed")
    page.locator("#comment-3 > .reply-slot").get_by_role("button", name="Preview").click()
    expect(page.locator("#comment-3 > .reply-slot .preview")).to_have_count(0)


def answer_previews(page: Page) -> list[str]:
    """Note what the page asks to see; the site answers."""
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if "/preview/" in each.url else None)
    return asked


def test_without_a_script_a_reply_is_previewed_and_posted_on_its_own_page(
    quiet: Talk, read: Callable[..., Page]
) -> None:
    page = read(quiet, javascript=False)
    page.locator("#comment-1 > article .reply").click()
    page.locator("main textarea").fill("Said *plainly*")
    page.get_by_role("textbox", name="Name").fill("Gus")
    page.get_by_role("textbox", name="E-mail").fill("gus@example.org")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("em")).to_have_text("plainly")
    expect(page.locator("main textarea")).to_have_value("Said *plainly*")
    expect(page.locator(".draft-note")).to_have_count(0)
