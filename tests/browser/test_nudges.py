"""A reader is asked about a comment before it is posted: with a script and without, by keyboard.

The words stay in their box, and on this device, until they are posted.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import Talk, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]
WITH = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

ASKING = """
from comments.models import DiscussionRules
from comments.ruling import save_rules
save_rules(DiscussionRules(nudges=True), ["nudges"], None)
"""
STORED = """
for comment in Comment.objects.filter(thread={thread}, author_name="Gus").order_by("pk"):
    print("STORED", comment.body)
"""
LOUD = "THIS IS AN OUTRAGE, SIR, AN OUTRAGE"
QUESTION = "Post it as it is?"
SETTLING = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    site.shell(ASKING)
    return site


@pytest.fixture
def talk(town: Site, request: pytest.FixtureRequest) -> Talk:
    return start_talk(town, f"Asked in {request.node.name}", [0])


@pytest.fixture
def read(talk: Talk, new_page: OpenPage) -> Callable[..., Page]:
    def open_page(**options: object) -> Page:
        page = new_page(base_url=talk.site.url, reduced_motion="reduce", **options)
        page.goto(talk.path)
        return page

    return open_page


def stored_in(talk: Talk) -> list[str]:
    printed = talk.site.shell(STORED.format(thread=talk.thread))
    return [line.partition(" ")[2] for line in printed.splitlines() if line.startswith("STORED")]


def write(page: Page, words: str) -> None:
    page.locator("main textarea").fill(words)
    page.locator("main [name=name]").fill("Gus")
    page.locator("main [name=email]").fill("gus@example.org")
    page.get_by_role("button", name="Post comment").click()
    # A key that is pressed before would be lost with the focus, which htmx gives once more when it
    # has settled.
    expect(page.get_by_role("region", name=QUESTION)).to_be_focused()
    expect(page.locator(SETTLING)).to_have_count(0)


@WITH
def test_the_question_has_the_focus_and_the_words_stay(talk, read, javascript):
    page = read(javascript=javascript)
    write(page, LOUD)
    question = page.get_by_role("region", name=QUESTION)
    expect(question).to_be_focused()
    expect(question).to_contain_text("capital letters")
    expect(page.locator("main textarea")).to_have_value(LOUD)
    assert stored_in(talk) == []


@WITH
def test_post_anyway_posts_it_by_keyboard(talk, read, javascript):
    page = read(javascript=javascript)
    write(page, LOUD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Post anyway")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#comment-2")).to_contain_text(LOUD)
    expect(page.get_by_role("region", name=QUESTION)).to_have_count(0)
    assert stored_in(talk) == [LOUD]


@WITH
def test_change_it_leads_to_the_words_and_nobody_is_asked_again(talk, read, javascript):
    page = read(javascript=javascript)
    write(page, LOUD)
    page.get_by_role("link", name="Change it").click()
    box = page.locator("main textarea")
    expect(box).to_be_focused()
    box.fill("> quoted")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("blockquote", has_text="quoted").first).to_be_visible()
    assert stored_in(talk) == ["> quoted"]


def test_whoever_does_nothing_finds_the_words_again(talk, read):
    page = read()
    write(page, LOUD)
    page.goto(talk.path)
    expect(page.locator("main textarea")).to_have_value(LOUD)
    assert stored_in(talk) == []


@pytest.mark.parametrize("where", ["in place", "on a page of its own"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_question_is_without_faults_on_a_narrow_screen(talk, new_page, scheme, where):
    options = {"viewport": NARROW, "color_scheme": scheme, "reduced_motion": "reduce"}
    page = new_page(base_url=talk.site.url, **options)
    if where != "in place":
        page.route("**/htmx*", lambda route: route.abort())
    page.goto(talk.path)
    write(page, LOUD)
    found = axe.faults(page)
    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
