"""The pages of the desk beside its queues, in a browser: one head, wide and narrow, light and dark;
a branch moved without a script, and back at its card.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.desk import Desk, open_desk
from tests.browser.talk import sign_in
from tests.servers import Site

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

WRONG = "comment=x&person=nobody&editor=nobody&day=never"


@pytest.fixture(scope="module")
def desk(site: Site) -> Desk:
    return open_desk(site)


@pytest.fixture(scope="module")
def held(desk: Desk) -> int:
    return desk.add(1)[0]


def addresses(held: int) -> list[str]:
    return [
        "/admin/",
        "/admin/desk/all/?thread=x&newer_days=x&words=%3F!",
        "/admin/desk/people/",
        f"/admin/desk/{held}/people/",
        "/admin/desk/log/",
        f"/admin/desk/log/?{WRONG}",
        "/admin/desk/morning/",
        "/admin/desk/checks/",
        f"/admin/desk/{held}/move/",
        f"/admin/comments/comment/{held}/change/",
    ]


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_the_desk(
    desk: Desk, held: int, new_page: Any, scheme: str
) -> None:
    page = new_page(base_url=desk.site.url, color_scheme=scheme)
    sign_in(page, "Mona")
    found = []
    for address in addresses(held):
        page.goto(address)
        found += [f"{address}: {fault}" for fault in axe.faults(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_every_page_whole_and_its_parts_are_large_enough_to_touch(
    desk: Desk, held: int, new_page: Any, width: int
) -> None:
    page = new_page(base_url=desk.site.url, viewport={"width": width, "height": 800})
    sign_in(page, "Mona")
    for address in addresses(held):
        page.goto(address)
        assert width_of(page) <= width, address
        for link in page.locator(".desk-parts a").all():
            box = link.bounding_box()
            assert box is not None
            assert box["height"] >= 44, address
            assert box["x"] + box["width"] <= width, address


def test_a_day_or_a_number_that_is_none_is_seen_as_it_was_typed(
    desk: Desk, held: int, new_page: Any
) -> None:
    page = new_page(base_url=desk.site.url)
    sign_in(page, "Mona")
    page.goto(f"/admin/desk/log/?{WRONG}")
    expect(page.get_by_label("Day")).to_have_value("never")
    expect(page.get_by_label("Editor")).to_have_value("nobody")
    page.goto("/admin/desk/all/?newer_days=x&thread=y")
    expect(page.get_by_label("Not older than (days)")).to_have_value("x")
    expect(page.get_by_label("Page", exact=True)).to_have_value("y")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "form"])
def test_an_editor_who_moved_a_branch_is_back_at_its_card(
    desk: Desk, new_page: Any, javascript: bool
) -> None:
    (first,) = desk.add(1, "approved")
    desk.site.shell(
        "from tests.comments.factories import make_comment\n"
        f"first = Comment.objects.get(pk={first})\n"
        "import uuid\n"
        "make_comment(first.thread, first, 'An answer.', submission_key=uuid.uuid4().hex)\n"
    )
    page = new_page(base_url=desk.site.url, javascript=javascript)
    sign_in(page, "Mona")
    page.goto("/admin/desk/approved/?words=answer")
    card = page.locator("[data-card]").first
    number = card.get_attribute("data-card")
    card.get_by_role("link", name="Move it").click()
    page.get_by_label("Let it stand by itself").check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page).to_have_url(f"{desk.site.url}/admin/desk/approved/?words=answer#card-{number}")
    expect(page.get_by_text("Moved:")).to_be_visible()
    expect(page.locator(f"#card-{number}")).to_be_in_viewport()
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.get_by_text("Undone:")).to_be_visible()
    expect(page.locator(f"#card-{number}")).to_contain_text("Answers")
