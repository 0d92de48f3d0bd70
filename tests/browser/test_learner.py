"""The learner in a browser: its page, what it makes of a comment that comes, and its reasons."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import Talk, sign_in, start_talk
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]
# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

TEACH = """
from tests.comments.learning.lessons import teach
teach(Thread.objects.get(pk={thread}), User.objects.get(email="mona@example.org"), {ham}, {spam})
"""
NEWEST = """
comment = Comment.objects.order_by("-pk").first()
print("MADE", comment.pk, comment.status, comment.log.first().findings)
"""


@pytest.fixture(scope="module")
def talk(site: Site) -> Talk:
    make_people(site)
    return start_talk(site, "Bread")


def look_at(page: Page, name: str) -> None:
    """Let axe-core look at a page in light and dark; leave pictures where they are asked for."""
    folder = os.environ.get("PARLEY_PICTURES")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        # Colours of links change by and by.
        page.wait_for_timeout(400)
        found = axe.faults(page)
        assert not found, f"{name}, {scheme}:\n" + "\n".join(found)
        if folder:
            page.screenshot(path=f"{folder}/{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def test_an_editor_reads_what_it_knows_and_it_files_spam(
    site: Site, talk: Talk, new_page: OpenPage
) -> None:
    page = new_page(base_url=site.url)
    sign_in(page, "Mona")
    page.goto("/admin/desk/learner/")
    expect(page.get_by_text("It has seen no decision yet.")).to_be_visible()
    look_at(page, "learner-empty")
    site.shell(TEACH.format(thread=talk.thread, ham=60, spam=60))
    page.get_by_role("button", name="Make it anew from the log").click()
    expect(page.get_by_text("made anew from the decisions on 120 comments")).to_be_visible()
    expect(page.get_by_text("It acts:")).to_be_visible()
    look_at(page, "learner")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    look_at(page, "learner-narrow")
    page.set_viewport_size({"width": 1280, "height": 900})

    guest = new_page(base_url=site.url)
    guest.goto(talk.path)
    box = guest.locator("#respond")
    box.get_by_role("textbox", name="Comment").fill("bread with free casino bonus pills")
    box.get_by_role("textbox", name="Name").fill("Gus")
    box.get_by_role("textbox", name="E-mail").fill("gus@example.org")
    guest.wait_for_timeout(3_200)
    box.get_by_role("button", name="Post comment").click()
    expect(guest.locator("#comment-121")).to_be_visible()
    pk, status, findings = site.shell(NEWEST).rpartition("MADE")[2].split(maxsplit=2)
    assert status == "spam", findings

    page.goto(f"/admin/comments/comment/{pk}/change/")
    expect(page.get_by_role("heading", name="The learner leans to spam")).to_be_visible()
    expect(page.locator(".case-leaning mark.verdict-spam").first).to_contain_text("casino")
    look_at(page, "learner-reasons")
