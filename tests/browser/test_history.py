"""A post's history, conversion and files in a real browser: by keyboard, wide and narrow."""

import json
from collections.abc import Callable
from pathlib import Path
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
NARROW = {"width": 320, "height": 700}
MAKE = """
import json
from blog import publishing
from blog.models import Category, Post, PostStatus
from blog.publishing import receive
alice = User.objects.get(email="alice@example.org")
mona = User.objects.get(email="mona@example.org")
shelf = Category.objects.create(name="Ovens", slug="ovens")
paragraphs = [f"Paragraph {n} of a text about bread, long enough to fill more than one line of it "
              "on any screen that anybody reads on." for n in range(12)]
post = publishing.create_draft(alice, title="Bread", body="\\n\\n".join(paragraphs), tags=["one"])
def save(post, actor, reason="", **fields):
    return publishing.save(post, fields, actor=actor, seen_version=post.text_version, reason=reason)
paragraphs[5] = paragraphs[5].replace("bread", "good *bread*").replace("long enough", "so long as")
paragraphs.insert(8, "One more, between the others.")
post = save(post, mona, "Clearer, I think.", body="\\n\\n".join(paragraphs), tags=["one", "two"])
del paragraphs[2]
post = save(post, alice, body="\\n\\n".join(paragraphs), title="On bread", categories=[shelf])
post = publishing.publish(post, actor=alice)
post = publishing.keep(post, {"excerpt": "Next time."}, actor=alice, seen_version=post.text_version)
old = Post(author=alice, title="An old one", markup="html", status=PostStatus.DRAFT,
    body="<h2>Of old</h2><p>With <u>lines</u> and <em>more</em>.</p><table><tr><th>a</th></tr>"
         "<tr><td colspan=2>b</td></tr></table>")
old = receive(old, tags=[])
print("MADE" + json.dumps([post.pk, old.pk]))
"""


@pytest.fixture(scope="module")
def posts(site: Site) -> list[int]:
    make_people(site)
    return json.loads(site.shell(MAKE).rpartition("MADE")[2])


@pytest.fixture
def open_as_alice(site: Site, posts: list[int], new_page: OpenPage) -> Callable[..., Page]:
    def open_page(path: str, **options: Any) -> Page:
        return at_work(site, new_page, "Alice", path, reduced_motion="reduce", **options)

    return open_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE, NARROW], ids=["desktop", "phone", "narrow"])
def test_nothing_stands_in_anybodys_way(
    open_as_alice: Callable[..., Page], posts: list[int], scheme: str, size: Any
) -> None:
    post, old = posts
    options = {"viewport": size} if size else {}
    page = open_as_alice("/", color_scheme=scheme, **options)
    addresses = {
        "list": f"/write/{post}/history/",
        "revision": f"/write/{post}/history/2/",
        "compare": f"/write/{post}/history/compare/?from=1&to=3",
        "preview": f"/write/{post}/history/1/preview/",
        "convert": f"/write/{old}/convert/",
        "import": "/write/import/",
        "import-into": f"/write/{post}/import/",
    }
    for name, address in addresses.items():
        page.goto(address)
        shoot(page, f"{name}-{scheme}-{size['width'] if size else 1280}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (name, wide, axe.faults(page)) == (name, False, [])


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_text_is_compared_and_restored_by_keyboard(
    open_as_alice: Callable[..., Page], posts: list[int], javascript: bool
) -> None:
    page = open_as_alice(f"/write/{posts[0]}/history/", javascript=javascript)
    page.get_by_role("link", name="Revision 1", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Revision 1")
    for name in ("Title", "Address", "Standfirst", "Tags", "Categories"):
        box = page.get_by_role("checkbox", name=name, exact=True)
        if box.count():
            box.focus()
            page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Text", exact=True)).to_be_checked()
    page.get_by_label("Why").focus()
    page.keyboard.type("It was better.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Restored from revision 1.")
    newest = page.locator(".revisions > li").nth(2)
    expect(newest).to_contain_text("restored from revision 1")
    expect(newest).to_contain_text("It was better.")
    before = page.locator(".revisions > li").nth(3).get_by_role("link")
    before.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Restore what is ticked").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Restored from revision")


def test_two_texts_are_chosen_and_compared(
    open_as_alice: Callable[..., Page], posts: list[int]
) -> None:
    page = open_as_alice(f"/write/{posts[0]}/history/")
    page.get_by_role("radio", name="from revision 1", exact=True).check()
    page.get_by_role("radio", name="to revision 2", exact=True).check()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.locator("h2")).to_have_text("From revision 1 to revision 2")
    expect(page.locator(".difference ins").first).to_contain_text("good")
    folded = page.get_by_text("unchanged paragraphs").first
    folded.click()
    expect(page.get_by_text("Paragraph 0 of a text")).to_be_visible()


def test_a_post_is_taken_away_as_a_file_and_brought_again(
    open_as_alice: Callable[..., Page], posts: list[int], tmp_path: Path
) -> None:
    page = open_as_alice(f"/write/{posts[0]}/")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download as Markdown").click()
    assert started.value.suggested_filename.endswith(".md")
    file = tmp_path / "post.md"
    started.value.save_as(file)
    page.goto("/write/import/")
    page.get_by_label("Markdown file").set_input_files(file)
    page.get_by_role("button", name="Make a draft of it").click()
    expect(page.get_by_role("status").first).to_contain_text("The file is a draft now")
    expect(page.get_by_label("Title")).to_have_value("On bread")
