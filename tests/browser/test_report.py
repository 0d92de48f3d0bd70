"""A reader reports a comment in a real browser: with a script and without, and by keyboard alone.

And its page's author moderates one. axe-core looks at each page that is new with this.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]
WITH = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

COUNT = """
from comments.models import Report
for report in Report.objects.filter(comment__thread={thread}).order_by("pk"):
    print("REPORT", report.comment.number, report.reason, report.note)
"""
RULE = """
from comments.models import DiscussionRules
DiscussionRules.objects.update_or_create(pk=1, defaults={"authors_moderate": True})
"""
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    site.shell(RULE)
    return site


@pytest.fixture
def talk(town: Site, request: pytest.FixtureRequest) -> Talk:
    return start_talk(town, f"Told of in {request.node.name}", [0, 1, 0])


@pytest.fixture
def read(talk: Talk, new_page: OpenPage) -> Callable[..., Page]:
    def open_page(path: str = "", *, as_: str = "", **options: object) -> Page:
        page = new_page(base_url=talk.site.url, reduced_motion="reduce", **options)
        if as_:
            sign_in(page, as_)
        page.goto(path or talk.path)
        return page

    return open_page


def told_of(talk: Talk) -> list[str]:
    """Return what the site has: "number reason note" of each report."""
    printed = talk.site.shell(COUNT.format(thread=talk.thread))
    return [line.partition(" ")[2] for line in printed.splitlines() if line.startswith("REPORT")]


def link_of(page: Page, number: int):
    return page.locator(f"#comment-{number} > article > .actions").get_by_role(
        "link", name="Report"
    )


def expect_no_faults(page: Page) -> None:
    found = axe.faults(page)
    assert not found, "\n".join(found)


def expect_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


# --- sent ---------------------------------------------------------------------------------------


@WITH
def test_a_guest_reports_a_comment_and_is_given_no_cookie(
    talk: Talk, read: Callable[..., Page], javascript: bool
) -> None:
    page = read(javascript=javascript)
    if javascript:
        page.evaluate("window.isStillThisPage = true")
    link_of(page, 2).click()
    page.get_by_label("It gives away somebody's personal data").check()
    page.get_by_label("What the editors should know").fill("My *own* address.")
    page.get_by_role("button", name="Send to the editors").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert told_of(talk) == ["2 personal_data My *own* address."]
    if javascript:
        assert page.evaluate("window.isStillThisPage") is True
        expect(page.locator("#comment-2 > article .posted-note")).to_be_focused()
    else:
        page.get_by_role("link", name="Back to the discussion").click()
        assert page.url.endswith("#comment-2")
    assert page.context.cookies() == []


@WITH
def test_somebody_signed_in_reports_as_themselves(
    talk: Talk, read: Callable[..., Page], javascript: bool
) -> None:
    page = read(as_="Bob", javascript=javascript)
    link_of(page, 1).click()
    page.get_by_label("It is advertising or spam").check()
    page.get_by_role("button", name="Send to the editors").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert told_of(talk) == ["1 spam "]


@WITH
def test_what_is_missing_is_said_and_the_words_stay(
    talk: Talk, read: Callable[..., Page], javascript: bool
) -> None:
    page = read(javascript=javascript)
    link_of(page, 1).click()
    page.get_by_label("What the editors should know").fill("Words to keep")
    page.get_by_role("button", name="Send to the editors").click()
    expect(page.get_by_text("Please choose what is wrong with it.")).to_be_visible()
    expect(page.get_by_label("What the editors should know")).to_have_value("Words to keep")
    if javascript:
        expect(page.get_by_label("It is advertising or spam")).to_be_focused()
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Send to the editors").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert told_of(talk) == ["1 other Words to keep"]


@WITH
def test_what_is_reported_again_is_told_kindly(
    talk: Talk, read: Callable[..., Page], javascript: bool
) -> None:
    for words in ("First", "Second"):
        page = read(javascript=javascript)
        link_of(page, 1).click()
        page.get_by_label("Something else").check()
        page.get_by_label("What the editors should know").fill(words)
        page.get_by_role("button", name="Send to the editors").click()
        expect(page.get_by_text("Thank you")).to_have_count(int(words == "First"))
    expect(page.get_by_text("This comment is reported already")).to_be_visible()
    expect(page.get_by_label("What the editors should know")).to_have_value("Second")
    assert told_of(talk) == ["1 other First"]


# --- by keyboard --------------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    for _turn in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


@WITH
def test_a_report_is_sent_by_keyboard_alone(
    talk: Talk, read: Callable[..., Page], javascript: bool
) -> None:
    page = read(javascript=javascript)
    page.locator("#comment-1 > article .when").focus()
    page.keyboard.press("Tab")
    tab_to(page, "[href$='/report/']")
    page.keyboard.press("Enter")
    if javascript:
        expect(page.get_by_label("It is advertising or spam")).to_be_focused()
    else:
        page.wait_for_url("**/report/")
        page.locator("h1").click()
        tab_to(page, "[type=radio]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("It attacks or insults somebody")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Twice by now")
    tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert told_of(talk) == ["1 abuse Twice by now"]


def test_escape_puts_the_box_away_and_report_brings_it_back(read: Callable[..., Page]) -> None:
    page = read()
    link_of(page, 1).click()
    box = page.locator("#comment-1 > article .report-box")
    box.get_by_label("What the editors should know").fill("Half a tho")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(link_of(page, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_be_visible()
    expect(box.get_by_label("What the editors should know")).to_have_value("Half a tho")


def test_a_reply_that_is_being_written_is_left_alone(read: Callable[..., Page]) -> None:
    page = read()
    page.locator("#comment-1 > article .reply").click()
    reply = page.locator("#comment-1 > .reply-slot textarea")
    reply.fill("A reply begun")
    link_of(page, 1).click()
    report = page.locator("#comment-1 > article .report-box")
    report.get_by_label("Something else").check()
    expect(reply).to_have_value("A reply begun")
    report.get_by_role("button", name="Send to the editors").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    expect(reply).to_have_value("A reply begun")


def test_a_site_that_is_away_keeps_the_words_in_their_box(read: Callable[..., Page]) -> None:
    page = read()
    link_of(page, 1).click()
    box = page.locator("#comment-1 > article .report-box")
    box.get_by_label("Something else").check()
    box.get_by_label("What the editors should know").fill("Words to keep")
    page.context.set_offline(True)
    box.get_by_role("button", name="Send to the editors").click()
    expect(box.locator(".trouble")).to_be_visible()
    expect(box.get_by_label("What the editors should know")).to_have_value("Words to keep")


# --- looked at closely --------------------------------------------------------------------------


@SCHEMES
def test_the_pages_of_a_report(talk: Talk, read: Callable[..., Page], scheme: str) -> None:
    at = f"/comments/{talk.thread}/1/report/"
    page = read(at, color_scheme=scheme, viewport=NARROW)
    expect_no_faults(page)
    expect_no_sideways_scrolling(page)
    page.get_by_role("button", name="Send to the editors").click()
    expect(page.get_by_text("Please choose what is wrong with it.")).to_be_visible()
    expect_no_faults(page)
    page.goto(f"{at}thanks/")
    expect_no_faults(page)


@SCHEMES
def test_boxes_that_are_open_in_the_thread(read: Callable[..., Page], scheme: str) -> None:
    page = read(color_scheme=scheme, viewport=NARROW)
    for number in (1, 2):
        link_of(page, number).click()
        expect(page.locator(f"#comment-{number} > article .report-box")).to_be_visible()
    expect_no_faults(page)
    expect_no_sideways_scrolling(page)


@SCHEMES
def test_the_pages_of_a_first_moderator(talk: Talk, read: Callable[..., Page], scheme: str) -> None:
    page = read(as_="Alice", color_scheme=scheme, viewport=NARROW)
    page.locator("#comment-2 > article").get_by_role("link", name="Moderate").click()
    expect(page.get_by_role("button", name="Reject")).to_be_visible()
    expect_no_faults(page)
    expect_no_sideways_scrolling(page)
    page.get_by_label("Reason").select_option("off_topic")
    page.get_by_label("Note").fill("It is about cakes.")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_text("The comment is held.")).to_be_visible()
    expect_no_faults(page)
    page.goto(f"/comments/{talk.thread}/moderation/")
    expect(page.locator("main li")).to_have_count(3)
    expect_no_faults(page)
    expect_no_sideways_scrolling(page)
    page.get_by_role("link", name="Moderate comment 2").click()
    page.get_by_role("button", name="Take that back").click()
    expect(page.get_by_text("That is taken back")).to_be_visible()
