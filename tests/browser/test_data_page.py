"""A guest writes, reads how that is processed, and looks up what left the site for it: in a real
browser, on a phone and beside it, in light and dark; and an editor sees the same on the comment.
"""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import sign_in
from tests.faults.visitor import make_people, make_posts
from tests.servers import Site

OpenPage = Callable[..., Page]
# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
SENT = """
comment = Comment.objects.order_by("-pk").first()
from comments.models import EgressEntry
EgressEntry.objects.create(
    comment=comment, submission_key=comment.submission_key, service="Akismet",
    host="rest.akismet.com", purpose="check", outcome="answered", answer="ham",
    fields=["api_key", "blog", "user_ip", "user_agent", "comment_content", "a_field_without_words"])
print("PK", comment.pk)
"""


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


def look_at(page: Page, name: str) -> None:
    """Let axe-core look at a page in light and dark, wide and on a phone, where nothing may stick
    out; leave pictures where they are asked for.
    """
    folder = os.environ.get("PARLEY_PICTURES")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for size in (DESK, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found = axe.faults(page)
            assert not found, f"{name}, {scheme}, {size}:\n" + "\n".join(found)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name} is {width} wide"
            if folder:
                path = f"{folder}/{name}-{scheme}-{size['width']}.png"
                page.screenshot(path=path, full_page=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_guest_reads_what_becomes_of_their_words(
    town: Site, new_page: OpenPage, javascript: bool
) -> None:
    ((_thread, address),) = make_posts(town, f"What becomes of words {javascript}")
    page = new_page(javascript=javascript, base_url=town.url)
    page.goto(address)
    box = page.locator("#respond")
    # Before anything is written, the link is under the form.
    box.get_by_role("link", name="How your comment data is processed").click()
    expect(page.locator("h1")).to_have_text("How your comment data is processed")
    expect(page.locator("#leaves ~ p").first).to_contain_text("Nothing of your comment is passed")
    assert page.context.cookies() == []
    if javascript:
        look_at(page, "data")
    page.get_by_role("link", name="you can look up").click()
    expect(page.get_by_text("This browser knows of none.")).to_be_visible()

    page.goto(address)
    box.get_by_role("textbox", name="Comment").fill("What becomes of these words?")
    box.get_by_role("textbox", name="Name").fill("Gus Guest")
    box.get_by_role("textbox", name="E-mail").fill(f"gus{javascript}@example.org")
    box.get_by_role("button", name="Post comment").click()
    expect(page.locator("#comment-1")).to_contain_text("What becomes of these words?")
    page.goto("/comments/data/own/")
    own = page.locator(".own-comment")
    expect(own).to_contain_text("What left this site for this comment: nothing.")
    expect(own).to_contain_text("It came from 127.0.0.1; that is shortened on")
    key = town.shell(SENT).split("PK")[1].strip()
    page.reload()
    expect(own).to_contain_text("Akismet (rest.akismet.com), to be checked: the key of this site")
    expect(own).to_contain_text("your IP address")
    expect(own).to_contain_text("a_field_without_words")
    if javascript:
        look_at(page, "own")
        editor = new_page(base_url=town.url)
        sign_in(editor, "Mona")
        editor.goto(f"/admin/comments/comment/{key}/change/")
        expect(editor.locator(".case-sent")).to_contain_text("user_ip, user_agent")
        look_at(editor, "case")
