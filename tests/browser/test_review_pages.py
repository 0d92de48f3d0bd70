"""Drafts shown to others and talked about, in a real browser: by key, wide, narrow, dark."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import sign_in
from tests.browser.writers import shoot
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 700}
WIDE = {"width": 1280, "height": 900}
MAKE = """
import json
from datetime import timedelta
from django.utils import timezone
from blog import notes, publishing, sharing
from blog.notes import Place
alice = User.objects.get(email="alice@example.org")
mona = User.objects.get(email="mona@example.org")
paragraphs = [f"Paragraph {n} of a text about bread, long enough to fill more than one line of it "
              "on any screen that anybody reads on." for n in range(4)]
post = publishing.create_draft(alice, title="Bread", excerpt="How it rises.",
    body="\\n\\n".join(["## Of flour", *paragraphs, "- rye\\n- wheat"]))
post = publishing.submit(post, actor=alice)
place = Place(post.text_version, 1, paragraphs[0])
note, _new = notes.leave(post, place, "Is that so?\\n\\nI doubt it.", author=mona, key="1")
notes.leave(post, place, "It is.", author=alice, key="2")
notes.leave(post, Place(1, 9, "What stood here once."), "Gone?", author=mona, key="3")
notes.put_aside(note, alice)
link = sharing.make_link(post, maker=alice, expires_at=timezone.now() + timedelta(days=2),
    label="Tom", takes_notes=True)
notes.leave(post, Place(1), "I liked it.", name="Tom", link=link, key="4")
dead = sharing.make_link(post, maker=alice, expires_at=timezone.now(), label="", takes_notes=False)
print("MADE" + json.dumps([post.pk, sharing.address_of(link), sharing.address_of(dead)]))
"""


@pytest.fixture(scope="module")
def made(site: Site) -> tuple[int, str, str]:
    """Return a post that waits for review, with notes; a link to it, and one that ran out."""
    make_people(site)
    return tuple(json.loads(site.shell(MAKE).rpartition("MADE")[2]))


@pytest.fixture
def visit(site: Site, made: Any, new_page: OpenPage) -> Callable[..., Page]:
    def open_page(path: str, *, as_: str = "", **options: Any) -> Page:
        page = new_page(base_url=site.url, reduced_motion="reduce", **options)
        if as_:
            sign_in(page, as_)
        page.goto(path)
        return page

    return open_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE, NARROW], ids=["wide", "phone", "narrow"])
def test_nothing_stands_in_anybodys_way(
    visit: Callable[..., Page], made: Any, scheme: str, size: Any
) -> None:
    post, link, dead = made
    pages = {
        "review": (f"/write/{post}/review/", "Mona"),
        "note": (f"/write/{post}/review/?paragraph=2", "Mona"),
        "share": (f"/write/{post}/share/", "Alice"),
        "write": (f"/write/{post}/", "Alice"),
        "shared": (f"{link}?paragraph=1", ""),
        "closed": (dead, ""),
    }
    for name, (path, who) in pages.items():
        page = visit(path, as_=who, viewport=size, color_scheme=scheme)
        shoot(page, f"review-{name}-{size['width']}-{scheme}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (name, wide, axe.faults(page)) == (name, False, [])
        page.close()


def test_an_outsider_notes_on_a_paragraph_by_keys_alone(
    visit: Callable[..., Page], made: Any
) -> None:
    page = visit(made[1])
    page.locator("#paragraph-2 .note-link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#note-form textarea")).to_be_focused()
    page.keyboard.type("Well said.")
    page.keyboard.press("Tab")
    page.keyboard.type("Tom")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    expect(page.locator("#paragraph-2 .note-body")).to_have_text("Well said.")
    assert page.context.cookies() == []


def test_an_editor_gives_it_back_and_the_author_reads_why(
    visit: Callable[..., Page], made: Any
) -> None:
    path = f"/write/{made[0]}/review/"
    page = visit(path, as_="Mona")
    page.get_by_text("Ask for changes").click()
    page.get_by_label("What is to be changed").fill("Shorter, please.")
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("Given back")).to_be_visible()
    author = visit(path, as_="Alice")
    expect(author.locator(".alert")).to_contain_text("Shorter, please.")
    author.get_by_role("button", name="Submit for review").click()
    expect(author.get_by_text("Submitted.")).to_be_visible()
