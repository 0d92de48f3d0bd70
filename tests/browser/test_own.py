"""A guest's second thoughts in a real browser: corrected, looked up, deleted, taken back, claimed.

With JavaScript and without; the mail is a file, as the embedded default writes it.
"""

import os
import re
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default as modern

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.faults.visitor import make_people, make_posts
from tests.servers import Site

OpenPage = Callable[..., Page]
WITH = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once
APPROVE = """
from comments.models import Comment
from comments.moderation import Seen, moderate
comment = Comment.objects.order_by("-pk").first()
moderate(comment, "approve", actor=None, seen=Seen.of(comment))
"""


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


def letters(site: Site) -> list[str]:
    """Return the texts of the letters that were written, the oldest first."""
    files = sorted((site.var_dir / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime)
    return [message_from_bytes(path.read_bytes(), policy=modern).get_content() for path in files]


def look_at(page: Page, name: str) -> None:
    """Let axe-core look at a page in light and dark; leave pictures where they are asked for."""
    folder = os.environ.get("PARLEY_PICTURES")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = axe.faults(page)
        assert not found, f"{name}, {scheme}:\n" + "\n".join(found)
        if folder:
            page.screenshot(path=f"{folder}/{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


@WITH
def test_a_guests_second_thoughts(town: Site, new_page: OpenPage, javascript: bool) -> None:
    ((_thread, address),) = make_posts(town, f"Second thoughts {javascript}")
    page = new_page(javascript=javascript, base_url=town.url)
    page.goto(address)
    box = page.locator("#respond")
    box.get_by_role("textbox", name="Comment").fill("My first pargraph is *short*.")
    box.get_by_role("textbox", name="Name").fill("Gus Guest")
    box.get_by_role("textbox", name="E-mail").fill(f"gus{javascript}@example.org")
    box.get_by_role("button", name="Post comment").click()
    expect(page.locator("#comment-1")).to_contain_text("My first pargraph")
    town.shell(APPROVE)

    # Corrected: readers keep the approved words until an editor has read the new ones.
    page.goto(address)
    page.locator("#comment-1").get_by_role("link", name="Edit", exact=True).click()
    page.locator("#id_body").fill("My first paragraph is *short*.")
    page.get_by_role("button", name="Save changes").click()
    reader = new_page(javascript=javascript, base_url=town.url)
    reader.goto(address)
    expect(reader.locator("#comment-1 .words")).to_have_text("My first pargraph is short.")
    page.locator("#comment-1").get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_text("until then readers see the text before it")).to_be_visible()
    if javascript:
        look_at(page, "edit")

    # Looked up: what was approved is in the history, what waited is not.
    town.shell(APPROVE)
    reader.goto(address)
    reader.locator("#comment-1").get_by_role("link", name="edited").click()
    expect(reader.locator(".texts del")).to_contain_text("pargraph")
    expect(reader.locator(".texts ins")).to_contain_text("paragraph")
    if javascript:
        look_at(reader, "history")

    # Deleted, and taken back.
    page.goto(address)
    page.locator("#comment-1").get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete comment").click()
    expect(page.get_by_role("heading", name="Your comment is deleted")).to_be_visible()
    if javascript:
        look_at(page, "deleted")
    reader.goto(address)
    expect(reader.locator("#comment-1")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#comment-1 .words")).to_have_text("My first paragraph is short.")
    reader.goto(address)
    expect(reader.locator("#comment-1 .words")).to_have_text("My first paragraph is short.")

    # On another device, by the letter.
    text = letters(town)[-1]
    link = re.search(r"http://localhost:\d+(/comments/mine/\S+)", text)
    assert link is not None
    other = new_page(javascript=javascript, base_url=town.url)
    other.goto(link[1])
    if javascript:
        look_at(other, "claim")
    other.get_by_role("button", name="Yes, it is mine").click()
    expect(other.locator("#comment-1").get_by_role("link", name="Edit", exact=True)).to_be_visible()


@WITH
def test_a_quotation_stands_in_the_box_and_the_help_opens(
    town: Site, new_page: OpenPage, javascript: bool
) -> None:
    ((thread, address),) = make_posts(town, f"Quoted {javascript}")
    page = new_page(javascript=javascript, base_url=town.url)
    page.goto(address)
    box = page.locator("#respond")
    box.get_by_role("textbox", name="Comment").fill("Words to be *quoted*.")
    box.get_by_role("textbox", name="Name").fill("Gus")
    box.get_by_role("textbox", name="E-mail").fill("gus@example.org")
    box.get_by_role("button", name="Post comment").click()
    expect(page.locator("#comment-1")).to_be_visible()
    town.shell(APPROVE)
    page.goto(f"/comments/{thread}/1/reply/")
    page.get_by_role("link", name="Quote it in the reply").click()
    expect(page.locator("#id_1_body")).to_have_value(
        f"[Gus]({town.url}/comments/{thread}/1/):\n> Words to be *quoted*.\n\n"
    )
    example = page.get_by_text("**or so**")
    expect(example).to_be_hidden()
    page.locator(".markdown-help summary").click()
    expect(example).to_be_visible()
    if javascript:
        look_at(page, "reply")
