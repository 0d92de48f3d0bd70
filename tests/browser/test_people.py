"""Measures against people in a browser: taken, listed, lifted; wide, narrow, without a script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.talk import Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

NARROW = {"width": 320, "height": 700}
WRITE_AS_EVE = """
from tests.comments.factories import make_comment
eve = User.objects.create_user("eve@example.org", display_name="Eve")
thread = Thread.objects.get(pk={thread})
for number in range(3):
    make_comment(thread, author=eve, author_name="Eve", author_email=eve.email,
                 submission_key=f"eve-{{number}}", body="Nobody asked you.")
print("MADE", Comment.objects.filter(author=eve).earliest("pk").pk)
"""


@pytest.fixture(scope="module")
def talk(site: Site) -> Talk:
    make_people(site)
    return start_talk(site, "On bread")


@pytest.fixture(scope="module")
def eves(talk: Talk) -> int:
    """Return the number of one of Eve's comments."""
    return int(talk.site.shell(WRITE_AS_EVE.format(thread=talk.thread)).rpartition("MADE")[2])


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


WIDE = {"width": 1280, "height": 900}


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_editor_bans_and_takes_it_back_without_a_script(
    talk: Talk, eves: int, new_page: Any, viewport: dict[str, int]
) -> None:
    page = new_page(javascript=False, base_url=talk.site.url, viewport=viewport)
    sign_in(page, "Mona")
    page.goto(f"/admin/desk/{eves}/people/")
    expect(page.get_by_label("Account Eve")).to_be_checked()
    expect(page.get_by_text("Comments: 3; public or waiting: 3.").first).to_be_visible()
    assert width_of(page) <= viewport["width"]
    page.get_by_label("Ban: no comments").check()
    page.get_by_label("1 week").check()
    page.get_by_label("Reject all their comments").check()
    page.get_by_role("button", name="Take this measure").click()
    expect(page.get_by_text("3 comments rejected")).to_be_visible()

    page.goto("/admin/desk/people/")
    assert width_of(page) <= viewport["width"]
    row = page.get_by_role("row").filter(has_text="Eve").filter(has_text="Banned").first
    row.get_by_role("button", name="Lift").click()
    expect(page.get_by_text("Lifted. Eve: banned.")).to_be_visible()
    talk.site.shell("Comment.objects.update(status='approved')")


def test_each_field_that_is_wrong_says_so_beside_it(talk: Talk, eves: int, new_page: Any) -> None:
    page = new_page(base_url=talk.site.url)
    sign_in(page, "Mona")
    page.goto(f"/admin/desk/{eves}/people/")
    page.get_by_label("Note for editors").fill("Kept words.")
    page.locator("form.people-form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Take this measure").click()
    expect(page.get_by_text("Nothing was done yet.")).to_be_visible()
    expect(page.get_by_text("Choose a measure.")).to_be_visible()
    expect(page.get_by_label("Note for editors")).to_have_value("Kept words.")
