"""Trying a change first, in a browser: it is tried, saved, and the next comment is treated so."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

NARROW = {"width": 320, "height": 700}
WIDE = {"width": 1280, "height": 900}
RULES = "/admin/comments/discussionrules/1/change/"
ADD_TO_LISTS = "/admin/comments/listentry/add/"
WAITS = "Only you can see this so far."

# Guests wait, as everywhere at first. Of three Mona approved two, and there is one from Bob.
BEGIN = """
import uuid
from comments.held import OF_LISTS, count_change
from comments.models import DiscussionRules, ListEntry
from comments.moderation import Seen, moderate, submit
from comments.status import Action
from tests.comments.factories import make_submission
DiscussionRules.objects.all().delete()
ListEntry.objects.all().delete()
count_change(OF_LISTS)
Comment.objects.update(created_at="2020-01-01T00:00Z")
thread = Thread.objects.get(pk={thread})
mona = User.objects.get(email="mona@example.org")
bob = User.objects.get(email="bob@example.org")
for number in range(3):
    words = f"Butter is best, said guest number {{number}}."
    comment = submit(make_submission(thread, words, submission_key=uuid.uuid4().hex))
    thread.refresh_from_db()
    if number:
        moderate(comment, Action.APPROVE, actor=mona, seen=Seen.of(comment))
    thread.refresh_from_db()
submit(make_submission(thread, "Rye.", author=bob, submission_key=uuid.uuid4().hex))
"""


@pytest.fixture(scope="module")
def quick_site(new_site: Callable[..., Site]) -> Site:
    """A site that takes comments however fast they are typed."""
    return new_site(env={"COMMENTS_MIN_SECONDS": "0", "COMMENTS_FLOOD_LIMIT": "50"})


@pytest.fixture(scope="module")
def talk(quick_site: Site) -> Talk:
    make_people(quick_site)
    return start_talk(quick_site, "On butter")


@pytest.fixture
def begun(talk: Talk) -> Talk:
    talk.site.shell(BEGIN.format(thread=talk.thread))
    return talk


@pytest.fixture
def editor(begun: Talk, new_page: Any) -> Callable[..., Page]:
    def open_page(address: str, **options: Any) -> Page:
        page = new_page(base_url=begun.site.url, **options)
        sign_in(page, "Mona")
        page.goto(address)
        return page

    return open_page


def say_as_guest(talk: Talk, new_page: Any, words: str) -> Page:
    page = new_page(javascript=False, base_url=talk.site.url)
    page.goto(talk.path)
    page.locator("#respond textarea").fill(words)
    page.get_by_role("textbox", name="Name").fill("Gus Guest")
    page.get_by_role("textbox", name="E-mail").fill("gus@example.org")
    page.get_by_role("button", name="Post comment").click()
    return page


def rehearsal_of(page: Page) -> Any:
    page.get_by_role("button", name="Try it first").click()
    return page.get_by_role("region", name="What this would have done")


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_a_rule_is_tried_and_saved_and_the_next_guest_is_treated_so(
    begun: Talk, editor: Callable[..., Page], new_page: Any, javascript: bool
) -> None:
    second, third = f"The second, {javascript}.", f"The third, {javascript}."
    held = say_as_guest(begun, new_page, "The first of today.")
    expect(held.get_by_text(WAITS).first).to_be_visible()

    page = editor(RULES, javascript=javascript)
    page.get_by_label("Wait for an editor").select_option("nobody")
    told = rehearsal_of(page)
    expect(told).to_contain_text("Tried on 5 comments of the last 90 days.")
    expect(told.get_by_role("heading", level=3)).to_have_text(
        "5 fewer held, of which you had approved 2"
    )
    expect(told.get_by_text("approved by you")).to_have_count(2)
    expect(told).to_be_focused()
    # Nothing is saved yet, and what was chosen is still there.
    expect(page.get_by_label("Wait for an editor")).to_have_value("nobody")
    still = say_as_guest(begun, new_page, second)
    expect(still.get_by_text(WAITS).first).to_be_visible()

    told.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It counts from the next comment on.")).to_be_visible()
    say_as_guest(begun, new_page, third)
    reader = new_page(base_url=begun.site.url)
    reader.goto(begun.path)
    expect(reader.get_by_text(third)).to_be_visible()
    expect(reader.get_by_text(second)).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_an_entry_is_tried_and_saved_and_the_next_comment_is_treated_so(
    begun: Talk, editor: Callable[..., Page], new_page: Any, javascript: bool
) -> None:
    page = editor(ADD_TO_LISTS, javascript=javascript)
    page.get_by_label("Kind").select_option("word")
    page.get_by_label("What to look for").fill("butter")
    page.get_by_label("Effect").select_option("spam")
    told = rehearsal_of(page)
    title = told.get_by_role("heading", level=3)
    expect(title).to_have_text("3 filed as spam instead of held, of which you had approved 2")
    told.get_by_role("link", name="Gus Guest").first.click()
    expect(page.get_by_text("Butter is best, said guest number 2.").first).to_be_visible()

    page.goto(ADD_TO_LISTS)
    page.get_by_label("Kind").select_option("word")
    page.get_by_label("What to look for").fill("butter")
    page.get_by_label("Effect").select_option("spam")
    rehearsal_of(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    say_as_guest(begun, new_page, "Butter again.")
    printed = begun.site.shell("print('MADE', Comment.objects.latest('pk').status)")
    assert printed.rpartition("MADE")[2].strip() == "spam"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_what_is_told_fits_and_is_for_everybody(
    editor: Callable[..., Page], scheme: str, viewport: dict[str, int]
) -> None:
    # axe tries styles of its own in Django's sidebar; the tests above keep to the page's policy.
    page = editor(RULES, color_scheme=scheme, viewport=viewport, bypass_csp=True)
    page.get_by_label("Wait for an editor").select_option("nobody")
    told = rehearsal_of(page)
    expect(told.get_by_role("listitem")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert axe.faults(page) == []


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_discussions_own_rules_are_tried_on_its_page(
    begun: Talk, editor: Callable[..., Page], viewport: dict[str, int]
) -> None:
    page = editor(f"/comments/{begun.thread}/manage/", viewport=viewport)
    page.get_by_label("Wait for an editor").select_option("nobody")
    told = rehearsal_of(page)
    expect(told).to_be_focused()
    expect(told).to_contain_text("4 fewer held, of which you had approved 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert axe.faults(page) == []
    told.get_by_role("link", name="Gus Guest").first.click()
    expect(page.get_by_text("Rye.").first).to_be_visible()
