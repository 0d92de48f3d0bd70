"""What becomes of a post, by keyboard and without a script: into a state, back, and its log."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.writers import at_work, shoot
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

PHONE = {"width": 390, "height": 844}
MAKE = """
import json
from blog import publishing
alice = User.objects.get(email="alice@example.org")
made = []
for title in ("Unlisted", "Archived", "Private", "Thrown away", "By keyboard"):
    post = publishing.create_draft(alice, title=title, body="Words that are long enough. " * 20)
    made.append(publishing.publish(post, actor=alice))
acts = (publishing.unlist, publishing.archive, publishing.make_private, publishing.trash)
for act, post in zip(acts, made):
    act(post, actor=alice, reason="It has had its day.")
publishing.set_password(made[0], "let me in", actor=alice)
print("MADE" + json.dumps([[post.pk, post.get_absolute_url()] for post in made]))
"""


@pytest.fixture(scope="module")
def posts(site: Site) -> list[tuple[int, str]]:
    make_people(site)
    return json.loads(site.shell(MAKE).rpartition("MADE")[2])


@pytest.fixture
def open_as_alice(site: Site, posts: Any, new_page: OpenPage) -> OpenPage:
    def open_page(path: str, **options: Any) -> Page:
        return at_work(site, new_page, "Alice", path, reduced_motion="reduce", **options)

    return open_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_nothing_stands_in_anybodys_way(
    open_as_alice: OpenPage, posts: list[tuple[int, str]], scheme: str, size: Any
) -> None:
    page = open_as_alice("/", color_scheme=scheme, **({"viewport": size} if size else {}))
    edit = [f"/write/{pk}/" for pk, _address in posts]
    addresses = {
        "unlisted": edit[0], "trash": edit[3], "log": f"{edit[1]}log/",
        "archived": posts[1][1], "private": posts[2][1],
    }  # fmt: skip
    for name, address in addresses.items():
        page.goto(address)
        for part in page.locator(".post-moves details > summary").all():
            part.click()
        shoot(page, f"{name}-{scheme}-{size['width'] if size else 1280}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (name, wide, axe.faults(page)) == (name, False, [])


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_post_is_archived_and_put_back_by_keyboard(
    open_as_alice: OpenPage, posts: list[tuple[int, str]], javascript: bool
) -> None:
    page = open_as_alice(f"/write/{posts[4][0]}/", javascript=javascript)
    page.locator(".post-moves summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Archive it").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Archived: it stays at its address")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Published.")
    page.get_by_role("link", name="All that was done with it").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".log-entries h2").first).to_have_text("Published")
