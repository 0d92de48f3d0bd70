"""The writing room's form in a real browser: its toolbar and keys, the look beside the text, and a
post from its first letter to its readers by keyboard alone.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.blog.pictures import picture_bytes
from tests.browser import axe
from tests.browser.talk import sign_in
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]
Open = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


@pytest.fixture
def room(town: Site, new_page: OpenPage) -> Open:
    def open_form(path: str = "/write/new/", **options: Any) -> Page:
        page = new_page(base_url=town.url, reduced_motion="reduce", **options)
        sign_in(page, "Alice")
        page.goto(path)
        return page

    return open_form


@pytest.fixture
def text(room: Open) -> Locator:
    """Return the box of a new post's text."""
    return box(room())


def box(page: Page) -> Locator:
    return page.locator("#id_body")


def select(text: Locator, words: str) -> None:
    text.evaluate(
        """(area, words) => {
          area.focus();
          const at = area.value.indexOf(words);
          area.setSelectionRange(at, at + words.length);
        }""",
        words,
    )


def selected(text: Locator) -> str:
    return text.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")


def look(page: Page) -> Locator:
    return page.get_by_role("group", name="Preview")


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Bold", "one **two** three"),
        ("Italic", "one *two* three"),
        ("Code", "one `two` three"),
        ("Link", "one [two](https://) three"),
        ("Heading", "## one two three"),
        ("Quotation", "> one two three"),
        ("List", "- one two three"),
        ("Numbered list", "1. one two three"),
        ("Block of code", "one \n\n```\ntwo\n```\n\n three"),
        ("Footnote", "one two[^1] three\n\n[^1]: What the note says.\n\n"),
    ],
)
def test_each_button_makes_its_mark_and_undo_takes_it_back(
    text: Locator, name: str, made: str
) -> None:
    text.press_sequentially("one two three")
    select(text, "two")
    text.page.get_by_role("toolbar", name="Format").get_by_role(
        "button", name=name, exact=True
    ).click()
    expect(text).to_have_value(made)
    expect(text).to_be_focused()
    for _step in range(3):
        if text.input_value() != "one two three":
            text.press("ControlOrMeta+z")
    expect(text).to_have_value("one two three")


@pytest.mark.parametrize("name", ["Table", "Embed"])
def test_what_stands_by_itself_takes_no_selected_words_away(text: Locator, name: str) -> None:
    text.fill("one two three")
    select(text, "two")
    text.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()
    expect(text).to_have_value(re.compile(r"^one two\n\n[|[][\s\S]+\n\n three$"))


@pytest.mark.parametrize("name", ["Bold", "Italic", "Code", "Quotation", "List", "Numbered list"])
def test_a_mark_pressed_twice_is_gone(text: Locator, name: str) -> None:
    text.fill("one two three")
    select(text, "two")
    button = text.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)
    button.click()
    expect(text).not_to_have_value("one two three")
    button.click()
    expect(text).to_have_value("one two three")


def test_italic_within_bold_is_both(text: Locator) -> None:
    text.fill("**two**")
    select(text, "two")
    text.press("ControlOrMeta+i")
    expect(text).to_have_value("***two***")
    text.press("ControlOrMeta+i")
    expect(text).to_have_value("**two**")


@pytest.mark.parametrize(
    ("keys", "made"),
    [
        ("ControlOrMeta+b", "**two**"),
        ("ControlOrMeta+i", "*two*"),
        ("ControlOrMeta+k", "[two](https://)"),
        ("ControlOrMeta+e", "`two`"),
        ("ControlOrMeta+Shift+H", "## two"),
        ("ControlOrMeta+Shift+Digit8", "- two"),
        ("ControlOrMeta+Shift+Digit7", "1. two"),
        ("ControlOrMeta+Shift+Digit9", "> two"),
    ],
)
def test_each_key_does_what_its_button_does(text: Locator, keys: str, made: str) -> None:
    text.fill("two")
    select(text, "two")
    text.press(keys)
    expect(text).to_have_value(made)


def test_several_lines_become_a_list_and_a_heading_goes_deeper(text: Locator) -> None:
    text.fill("a\nb\n\nc")
    text.press("ControlOrMeta+a")
    text.press("ControlOrMeta+Shift+Digit7")
    expect(text).to_have_value("1. a\n2. b\n\n4. c")
    text.fill("Title")
    for made in ("## Title", "### Title", "#### Title", "Title"):
        text.press("ControlOrMeta+Shift+H")
        expect(text).to_have_value(made)


def test_footnotes_are_numbered_on(text: Locator) -> None:
    text.press_sequentially("One.")
    text.press("ControlOrMeta+Shift+F")
    expect(text).to_have_value("One.[^1]\n\n[^1]: What the note says.\n\n")
    assert selected(text) == "What the note says."
    select(text, "One")
    text.press("ControlOrMeta+Shift+F")
    value = "One[^2].[^1]\n\n[^1]: What the note says.\n[^2]: What the note says.\n\n"
    expect(text).to_have_value(value)


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("- one\ntwo", "- one\n- two"),
        ("9. one\ntwo", "9. one\n10. two"),
        ("  * one\ntwo", "  * one\n  * two"),
        ("> one\ntwo", "> one\n> two"),
        ("> - one\ntwo", "> - one\n> - two"),
        ("- one\n\ntwo", "- one\ntwo"),
        ("plain\ntwo", "plain\ntwo"),
        ("```\n- one\ntwo", "```\n- one\ntwo"),
        ("**bold\ntwo", "**bold\ntwo"),
    ],
)
def test_enter_goes_on_with_a_list_and_ends_it_in_an_empty_item(
    text: Locator, typed: str, made: str
) -> None:
    text.press_sequentially(typed)
    expect(text).to_have_value(made)


def paste(text: Locator, words: str) -> None:
    text.evaluate(
        """(area, words) => {
          const data = new DataTransfer();
          data.setData("text/plain", words);
          const paste = { clipboardData: data, bubbles: true, cancelable: true };
          if (area.dispatchEvent(new ClipboardEvent("paste", paste)))
            document.execCommand("insertText", false, words);
        }""",
        words,
    )


def test_a_link_pasted_onto_words_makes_them_a_link(text: Locator) -> None:
    text.fill("one two three")
    select(text, "two")
    paste(text, "https://example.org/a_(b)")
    expect(text).to_have_value("one [two](<https://example.org/a_(b)>) three")
    select(text, "one")
    paste(text, "no link")
    expect(text).to_have_value("no link [two](<https://example.org/a_(b)>) three")


# --- the toolbar and the keyboard -----------------------------------------------------------------


def test_the_toolbar_is_one_stop_and_the_text_no_trap(room: Open) -> None:
    page = room()
    page.locator("#id_excerpt").focus()
    page.keyboard.press("Tab")
    bold = page.get_by_role("button", name="Bold")
    expect(bold).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Keys and Markdown")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(bold).to_be_focused()
    page.keyboard.press("Tab")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Alt+F10")
    expect(bold).to_be_focused()
    page.keyboard.press("Escape")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(box(page)).not_to_be_focused()


def test_the_page_stays_where_one_writes(text: Locator) -> None:
    """To come to the buttons scrolls nothing; what is put in elsewhere is scrolled to."""
    page, below = text.page, "document.querySelector('#id_body').getBoundingClientRect().bottom"
    text.fill("A paragraph.\n\n" * 80)
    text.press("ControlOrMeta+Home")
    text.press_sequentially("Here.")
    text.evaluate("area => area.setSelectionRange(600, 600)")
    text.press("ArrowRight")
    before = page.evaluate("scrollY")
    assert before > 0
    text.press("Alt+F10")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    assert page.evaluate("scrollY") == before
    text.press("ControlOrMeta+Shift+F")
    page.wait_for_function(f"{below} < innerHeight")


def test_the_keys_are_told(text: Locator) -> None:
    text.page.set_viewport_size({"width": 390, "height": 400})
    text.press("ControlOrMeta+/")
    told = text.page.get_by_role("dialog", name="Keys and Markdown")
    expect(told).to_contain_text("Save the draft")
    expect(told.get_by_role("heading")).to_be_in_viewport()
    text.page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    expect(text).to_be_focused()


def test_a_post_is_written_looked_at_and_published_by_keyboard_alone(room: Open) -> None:
    page = room()
    page.locator("#id_title").focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(box(page)).to_be_focused()
    page.keyboard.type("Quite ")
    page.keyboard.press("ControlOrMeta+b")
    page.keyboard.type("loud")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(look(page).locator(".post-body strong")).to_have_text("loud")
    expect(look(page).locator("h1")).to_have_text("By keyboard")
    expect(box(page)).to_be_focused()
    page.keyboard.press("ControlOrMeta+s")
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    publish = page.get_by_role("button", name="Publish", exact=True)
    for _press in range(60):
        if publish.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(publish).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Published.")
    page.get_by_role("link", name="Read it").press("Enter")
    expect(page.locator(".post-body strong")).to_have_text("loud")


def test_saving_by_key_leaves_the_caret_and_the_page_where_they_are(room: Open) -> None:
    page = room()
    text = box(page)
    text.fill("A line.\n\n" * 80)
    select(text, "A line.")
    text.evaluate("area => area.setSelectionRange(400, 404)")
    page.evaluate("scrollTo(0, 900)")
    text.press("ControlOrMeta+s")
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    expect(text).to_be_focused()
    assert text.evaluate("area => [area.selectionStart, area.selectionEnd]") == [400, 404]
    assert page.evaluate("scrollY") > 600
    page.reload()
    expect(text).not_to_be_focused()


# --- the look beside it ---------------------------------------------------------------------------


def test_the_look_follows_the_text_and_says_nothing_while_it_is_typed(room: Open) -> None:
    page = room()
    box(page).fill("One *word*")
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("em")).to_have_text("word")
    box(page).fill("Another *one*[^1]\n\n[^1]: Noted.")
    expect(look(page).locator("em")).to_have_text("one")
    expect(look(page).locator(".footnotes")).to_contain_text("Noted.")
    expect(look(page)).to_have_attribute("aria-live", "off")
    box(page).fill("(" * 300)
    expect(look(page)).to_contain_text("This cannot be shown as it is")
    page.get_by_role("button", name="Preview").click()
    expect(look(page)).to_have_count(0)
    expect(box(page)).to_have_value("(" * 300)


def test_a_site_that_does_not_answer_leaves_the_last_look_and_says_so(room: Open) -> None:
    page = room()
    box(page).fill("One *word*")
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("em")).to_have_text("word")
    page.route("**/look/", lambda route: route.abort())
    box(page).fill("Another *one*")
    expect(look(page)).to_contain_text("Not up to date")
    expect(look(page).locator("em")).to_have_text("word")
    page.unroute("**/look/")
    box(page).press_sequentially("!")
    expect(look(page).locator("em")).to_have_text("one")
    expect(look(page)).not_to_contain_text("Not up to date")


def test_an_answer_that_comes_late_does_not_take_the_place_of_a_newer_one(room: Open) -> None:
    page = room()
    held: list[Any] = []
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("article")).to_be_visible()
    page.route("**/look/", lambda route: held.append(route))
    box(page).fill("*first*")
    page.wait_for_timeout(500)
    page.unroute("**/look/")
    box(page).fill("*second*")
    expect(look(page).locator("em")).to_have_text("second")
    assert len(held) == 1
    page.wait_for_timeout(300)
    expect(look(page).locator("em")).to_have_text("second")


def test_on_a_phone_the_look_takes_the_place_of_the_text(room: Open) -> None:
    page = room(viewport=PHONE)
    box(page).fill("One *word*")
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("em")).to_be_visible()
    expect(box(page)).to_be_hidden()
    page.get_by_role("button", name="Preview").click()
    expect(box(page)).to_be_visible()
    expect(box(page)).to_have_value("One *word*")
    box(page).press("ControlOrMeta+Enter")
    expect(look(page)).to_be_focused()
    page.keyboard.press("ControlOrMeta+Enter")
    expect(box(page)).to_be_focused()


def test_words_are_counted(text: Locator) -> None:
    text.fill("one " * 500)
    expect(text.page.locator(".counts")).to_have_text("500 words · 3 min to read")


# --- the first button -----------------------------------------------------------------------------


def test_the_first_button_says_when_and_does_it(room: Open) -> None:
    page = room()
    page.locator("#id_title").fill("Later")
    box(page).fill("Words.")
    page.get_by_text("Publish later").click()
    page.get_by_label("Date and time").fill("2044-01-02T09:30")
    first = page.locator(".post-form .button.primary")
    expect(first).to_have_text(re.compile(r"Schedule for .*2044.*09:30"))
    page.get_by_label("Date and time").fill("")
    expect(first).to_have_text("Publish")
    page.get_by_label("Date and time").fill("2044-01-02T09:30")
    first.click()
    expect(page.locator(".writing-header")).to_contain_text("Scheduled for 2 January 2044, 09:30")
    expect(page.locator(".post-form .button.primary")).to_have_text("Apply changes")


# --- pictures -------------------------------------------------------------------------------------

GIVE = """
(area, [how, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const options = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
  const Kind = how === "drop" ? DragEvent : ClipboardEvent;
  area.focus();
  area.dispatchEvent(new Kind(how, options));
}
"""


def give(text: Locator, how: str = "paste", content: bytes | None = None) -> None:
    """Paste or drop a picture, as a pointer and another program would."""
    content = picture_bytes("PNG") if content is None else content
    text.evaluate(GIVE, [how, "Hedge [1].png", "image/png", list(content)])


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="What does the picture show?")


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_is_put_where_the_caret_is_and_described_at_once(text: Locator, how: str) -> None:
    text.fill("Before.\n\nAfter.")
    text.evaluate("area => area.setSelectionRange(7, 7)")
    give(text, how)
    asked = question(text.page)
    expect(asked.get_by_label("Text for those who cannot see it")).to_be_focused()
    assert not axe.faults(text.page)
    text.page.keyboard.press("Enter")
    expect(asked).to_contain_text("Say in a few words what the picture shows")
    asked.get_by_label("Text for those who cannot see it").fill("A hedge in June")
    asked.get_by_label("Caption").fill('Say "ah"')
    text.page.keyboard.press("Enter")
    expect(asked).to_be_hidden()
    line = r'!\[A hedge in June\]\(/media/pictures/\S+\.png "Say \\"ah\\""\)'
    expect(text).to_have_value(re.compile(rf"^Before\.\n\n{line}\n\nAfter\.$"))
    expect(text).to_be_focused()


def test_a_picture_that_only_decorates_needs_no_words(text: Locator) -> None:
    give(text)
    question(text.page).get_by_label("It only decorates").check()
    question(text.page).get_by_role("button", name="Put it into the text").click()
    expect(text).to_have_value(re.compile(r"^!\[\]\(/media/pictures/\S+\)\n*$"))
    expect(question(text.page)).to_be_hidden()


def test_words_about_a_picture_stay_when_the_question_is_closed(text: Locator) -> None:
    give(text)
    asked = question(text.page)
    asked.get_by_label("Text for those who cannot see it").fill("A hedge in June")
    asked.get_by_label("It only decorates").check()
    asked.get_by_label("It only decorates").uncheck()
    text.page.keyboard.press("Escape")
    expect(text).to_have_value(re.compile(r"^!\[A hedge in June\]\(/media/pictures/\S+\)\n*$"))
    expect(asked).to_be_hidden()


def test_a_picture_may_be_left_out_again(text: Locator) -> None:
    text.fill("Before.")
    give(text)
    question(text.page).get_by_role("button", name="Leave it out").click()
    expect(text).to_have_value(re.compile(r"^Before\.\n*$"))


def test_who_types_on_while_a_picture_is_sent_stays_where_they_are(text: Locator) -> None:
    held: list[Any] = []
    text.page.route("**/upload/", lambda route: held.append(route))
    text.fill("Before.")
    give(text)
    expect(text).to_have_value(re.compile("Uploading"))
    expect(text.page.get_by_role("status").filter(has_text="Uploading")).to_be_visible()
    text.page.keyboard.type("Typed on")
    held[0].continue_()
    question(text.page).get_by_label("It only decorates").check()
    text.page.keyboard.press("Tab")
    question(text.page).get_by_role("button", name="Put it into the text").click()
    expect(text).to_be_focused()
    text.page.keyboard.type(" and on.")
    value = re.compile(r"^Before\.\n\n!\[\]\(/media/\S+\)\n\nTyped on and on\.$")
    expect(text).to_have_value(value)


@pytest.mark.parametrize("trouble", ["no picture", "too large", "no connection"])
def test_a_picture_that_fails_says_why_and_leaves_the_text_whole(
    text: Locator, trouble: str
) -> None:
    page, after = text.page, "After." + "\n\nMore." * 60
    text.fill(f"Before.\n\n{after}")
    if trouble == "too large":
        page.route("**/upload/", lambda route: route.fulfill(status=413, body="no"))
    if trouble == "no connection":
        page.route("**/upload/", lambda route: route.abort())
    give(text, content=b"no picture" if trouble == "no picture" else None)
    words = {"no picture": "can be read", "too large": "too large", "no connection": "again"}
    told = page.get_by_role("alert").filter(has_text=words[trouble])
    expect(told).to_be_in_viewport(ratio=1)
    assert text.input_value().rstrip() == f"Before.\n\n{after}"
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)


def test_what_is_dropped_and_is_no_picture_is_told_of(text: Locator) -> None:
    text.evaluate(GIVE, ["drop", "Hedges.pdf", "application/pdf", [1]])
    expect(text.page.get_by_role("alert").filter(has_text="Only pictures")).to_be_visible()
    expect(text).to_have_value("")


def test_a_picture_that_never_arrived_leaves_no_line_behind(room: Open) -> None:
    page = room()
    page.route("**/upload/", lambda route: None)
    box(page).fill("Before.\n\nAfter.")
    box(page).evaluate("area => area.setSelectionRange(7, 7)")
    give(box(page))
    expect(box(page)).to_have_value(re.compile("Uploading"))
    page.locator("#id_title").fill("Left while sending")
    page.locator("#id_title").press("ControlOrMeta+s")
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    expect(page.get_by_role("alert")).to_contain_text("The picture could not be sent.")
    expect(box(page)).to_have_value("Before.\n\nAfter.")


def test_nothing_is_published_while_a_picture_is_on_its_way(room: Open) -> None:
    page = room()
    page.route("**/upload/", lambda route: None)
    page.locator("#id_title").fill("Not before the picture")
    box(page).fill("Before.")
    give(box(page))
    expect(box(page)).to_have_value(re.compile("Uploading"))
    publish = page.locator(".post-form .button.primary")
    publish.click()
    expect(page.get_by_role("alert")).to_contain_text("still on its way")
    box(page).fill("Before. Without it.")
    publish.click()
    expect(page.locator(".messages")).to_contain_text("Published")
    expect(box(page)).to_have_value("Before. Without it.")


# --- a text in HTML, a page without scripts -------------------------------------------------------

IN_HTML = """
from blog.models import Post
from blog.publishing import receive
alice = User.objects.get(email="alice@example.org")
post = receive(Post(author=alice, title="From elsewhere", kind="post", markup="html",
    status="draft", body="<p>one two three</p>"), tags=[], categories=[])
print("MADE", post.pk)
"""


def test_the_toolbar_of_a_text_in_html_makes_html(town: Site, room: Open) -> None:
    page = room(f"/write/{town.shell(IN_HTML).split()[-1]}/")
    text = box(page)
    toolbar = page.get_by_role("toolbar")
    expect(toolbar.get_by_role("button", name="Footnote")).to_be_hidden()
    select(text, "two")
    toolbar.get_by_role("button", name="Bold").click()
    expect(text).to_have_value("<p>one <strong>two</strong> three</p>")
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("strong")).to_have_text("two")
    paste(text, "https://example.org/?a=1&b=2")
    made = '<a href="https://example.org/?a=1&amp;b=2">two</a>'
    expect(text).to_have_value(f"<p>one <strong>{made}</strong> three</p>")


def test_without_scripts_there_is_the_text_and_its_buttons(room: Open) -> None:
    page = room(javascript=False)
    expect(page.locator(".toolbar")).to_be_hidden()
    page.locator("#id_title").fill("Plainly")
    box(page).fill("One *word*")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("em")).to_have_text("word")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")


# --- what comes from elsewhere --------------------------------------------------------------------

WITH_A_FILM = """
from blog import publishing
alice = User.objects.get(email="alice@example.org")
post = publishing.create_draft(alice, title="A film", body="[Hedges](https://youtu.be/dQw4w9WgXcQ)")
print("MADE", publishing.publish(post, actor=alice).get_absolute_url())
"""


def test_a_card_asks_nothing_of_anybody_before_it_is_pressed(town: Site, chromium: Any) -> None:
    path = town.shell(WITH_A_FILM).split()[-1]
    context = chromium.new_context(base_url=town.url)
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(town.url) else elsewhere.append(r.url))
    page.route(
        "https://www.youtube-nocookie.com/**",
        lambda route: route.fulfill(content_type="text/html", body="<p>The film.</p>"),
    )
    page.goto(path)
    card = page.locator("figure.embed")
    expect(card.get_by_role("link", name="Hedges")).to_be_visible()
    expect(card).to_contain_text("YouTube then learns that you are here.")
    page.wait_for_load_state("networkidle")
    assert elsewhere == []
    card.get_by_role("button", name="Show it here").press("Enter")
    expect(card.frame_locator("iframe").locator("p")).to_have_text("The film.")
    assert elsewhere == ["https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1"]
    frame = card.locator("iframe")
    expect(frame).to_have_attribute("title", "Hedges")
    assert "allow-top-navigation" not in frame.get_attribute("sandbox")
    context.close()


# --- everybody ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(room: Open, scheme: str, viewport: dict[str, int]) -> None:
    page = room(viewport=viewport, color_scheme=scheme)
    for details in page.locator("details.part").all():
        details.locator("summary").click()
    box(page).fill("One *word*\n\n## Two\n\n" + "More.\n\n" * 60)
    assert not axe.faults(page)
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("em")).to_have_text("word")
    assert not axe.faults(page)
    page.get_by_role("button", name="Preview").click()
    box(page).press("ControlOrMeta+/")
    assert not axe.faults(page)


WITH_CHANGES = """
from blog import publishing
alice = User.objects.get(email="alice@example.org")
post = publishing.create_draft(alice, title="Read by many", body="What readers see.")
post = publishing.publish(post, actor=alice)
publishing.keep(post, {"body": "What they will see."}, actor=alice, seen_version=1, is_saved=True)
print("MADE", post.pk)
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_about_a_post_that_is_out(town: Site, room: Open, scheme: str) -> None:
    page = room(f"/write/{town.shell(WITH_CHANGES).split()[-1]}/", color_scheme=scheme)
    expect(page.locator(".writing-header")).to_contain_text("Changes not yet public")
    for details in page.locator("details.part").all():
        details.locator("summary").click()
    assert not axe.faults(page)


@pytest.mark.parametrize("width", [320, 390, 640])
def test_nothing_scrolls_sideways(room: Open, width: int) -> None:
    page = room(viewport={"width": width, "height": 800})
    box(page).fill("word " * 200 + "\n\n" + "x" * 300)
    for details in page.locator("details.part").all():
        details.locator("summary").click()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.get_by_role("button", name="Preview").click()
    expect(look(page).locator("article")).to_be_visible()
    assert page.evaluate(wide) <= 0


def test_zoomed_in_there_is_room_to_write_in(room: Open) -> None:
    page = room(viewport={"width": 320, "height": 256})
    box(page).fill("word\n" * 40)
    box(page).evaluate("area => area.scrollIntoView()")
    seen = [page.evaluate(f"document.elementFromPoint(160, {y}).id") for y in (8, 128, 248)]
    assert seen == ["id_body"] * 3
