"""The list of posts in a real browser: by keys alone, quick edit in its row, on a phone, by axe."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.talk import sign_in
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]

# What a browser does with a page is the same over either database.
pytestmark = pytest.mark.once

PHONE = {"width": 390, "height": 844}
POSTS = """
import json
import re
from blog import publishing
alice = User.objects.get(email="alice@example.org")
for name in {names}:
    body = "## Flour\\n\\n#### Water\\n\\n[here](https://elsewhere.example/)"
    post = publishing.create_draft(alice, title=name, body=body, tags=["bread"])
    if "out" in name:
        publishing.publish(post, actor=alice)
print("MADE" + json.dumps(post.pk))
"""


LINES_CUT = """[...document.querySelectorAll(".own-posts .byline > span")].filter((each) => {
    const words = document.createRange();
    words.selectNodeContents(each);
    const cut = each.parentElement.getBoundingClientRect().left +
        0.85 * parseFloat(getComputedStyle(each).fontSize);
    return [...words.getClientRects()].some((line) => line.width && line.left < cut);
}).length"""


def make_posts(site: Site, *names: str) -> int:
    told = site.shell(POSTS.format(names=names))
    return int(json.loads(told.rpartition("MADE")[2]))


@pytest.fixture(scope="module")
def room(site: Site) -> Site:
    make_people(site)
    make_posts(site, "First", "Second", "Third is out")
    return site


@pytest.fixture
def open_list(room: Site, new_page: OpenPage) -> Callable[..., Page]:
    def open_it(path: str = "/write/", **options: Any) -> Page:
        javascript = options.get("javascript", True)
        page = new_page(base_url=room.url, reduced_motion="reduce", **options)
        sign_in(page, "Alice")
        page.goto(path)
        if javascript:
            expect(page.locator("#keys")).to_be_visible()
        return page

    return open_it


def titles(page: Page) -> list[str]:
    return [each.strip() for each in page.locator(".own-posts .teaser-title").all_inner_texts()]


def focused(page: Page) -> str:
    script = "document.activeElement.closest('[data-row]')?.querySelector('h2')?.innerText"
    return page.evaluate(f"{script} || ''").strip()


def test_one_goes_through_the_list_by_keys(open_list: Callable[..., Page]) -> None:
    page = open_list()
    names = titles(page)
    page.keyboard.press("j")
    assert focused(page) == names[0]
    page.keyboard.press("j")
    assert focused(page) == names[1]
    page.keyboard.press("k")
    assert focused(page) == names[0]
    page.keyboard.press("x")
    expect(page.locator("[name=chosen]").first).to_be_checked()
    expect(page.locator("[data-ticked]")).to_have_text("1")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile(r"/write/[0-9]+/$"))


def test_enter_opens_the_post_and_does_nothing_to_those_ticked(
    open_list: Callable[..., Page],
) -> None:
    page = open_list()
    page.locator("[name=chosen]").first.check()
    page.locator("#many-deed").select_option("trash")
    page.locator("#many-deed").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/write/[0-9]+/$"))


def test_a_line_that_is_broken_loses_no_letter(open_list: Callable[..., Page]) -> None:
    page = open_list(viewport={"width": 200, "height": 800})
    assert page.evaluate(LINES_CUT) == 0


def test_keys_are_letters_while_one_types(open_list: Callable[..., Page]) -> None:
    page = open_list()
    page.keyboard.press("/")
    page.keyboard.type("jxq?n")
    expect(page.locator("[type=search]")).to_have_value("jxq?n")
    assert page.url.endswith("/write/")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert focused(page) == titles(page)[0]


def test_the_keys_are_printed_and_shown_by_one(open_list: Callable[..., Page]) -> None:
    page = open_list()
    page.keyboard.press("?")
    expect(page.locator("#keys dl")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys dl")).to_be_hidden()


def test_nobody_is_caught_in_the_list(open_list: Callable[..., Page]) -> None:
    page = open_list()
    for _each in titles(page):
        page.keyboard.press("j")
    for _each in range(10):
        page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('[data-row]')")


def test_a_row_is_changed_where_it_stands(open_list: Callable[..., Page], room: Site) -> None:
    pk = make_posts(room, "To be renamed")
    page = open_list()
    row = page.locator(f"#row-{pk}")
    page.keyboard.press("j")
    page.keyboard.press("q")
    title = row.get_by_label("Title")
    expect(title).to_be_focused()
    title.fill("Renamed")
    page.keyboard.press("Enter")
    expect(row.locator(".teaser-title")).to_have_text("Renamed")
    expect(row.locator("[role=status]")).to_have_text("Saved.")
    assert focused(page) == "Renamed"
    assert page.url.endswith("/write/")


def test_escape_closes_a_row_and_leaves_one_there(open_list: Callable[..., Page]) -> None:
    page = open_list()
    page.keyboard.press("j")
    name = focused(page)
    page.keyboard.press("q")
    expect(page.locator(".row.is-open [name=title]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".row.is-open")).to_have_count(0)
    page.wait_for_function("document.activeElement.closest('[data-row]')")
    assert focused(page) == name


def test_a_conflict_is_told_in_the_row(open_list: Callable[..., Page], room: Site) -> None:
    pk = make_posts(room, "Contended")
    page = open_list()
    row = page.locator(f"#row-{pk}")
    row.get_by_role("link", name="Quick edit").click()
    row.get_by_label("Title").fill("Mine")
    room.shell(f"""
from blog import publishing
from blog.models import Post
post = Post.objects.get(pk={pk})
publishing.save(post, {{"title": "Theirs"}}, actor=post.author, seen_version=post.text_version)
""")
    row.get_by_role("button", name="Save").click()
    alert = row.get_by_role("alert")
    expect(alert).to_contain_text("Theirs")
    expect(alert).to_be_focused()
    expect(row.get_by_label("Title")).to_have_value("Mine")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".teaser-title")).to_have_text("Mine")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_many_are_moved_and_taken_back(
    open_list: Callable[..., Page], room: Site, javascript: bool
) -> None:
    names = [f"Many {javascript} {n}" for n in range(2)]
    make_posts(room, *names)
    page = open_list(javascript=javascript)
    for name in names:
        page.get_by_role("checkbox", name=f"Choose “{name}”").check()
    page.get_by_label("What to do").select_option("publish")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("status")).to_contain_text("Done with 2 posts.")
    page.get_by_role("button", name="Take it all back").click()
    expect(page.get_by_role("status")).to_contain_text("Done with 2 posts.")
    page.goto("/write/?state=published")
    assert titles(page) == ["Third is out"]


def test_quick_edit_is_a_page_without_script(open_list: Callable[..., Page], room: Site) -> None:
    pk = make_posts(room, "Plain")
    page = open_list(javascript=False)
    page.locator(f"#row-{pk}").get_by_role("link", name="Quick edit").click()
    page.get_by_label("Title").fill("Plainly renamed")
    page.get_by_role("button", name="Save").click()
    assert "Plainly renamed" in titles(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, None], ids=["phone", "desktop"])
def test_nothing_stands_in_anybodys_way(
    open_list: Callable[..., Page], room: Site, scheme: str, viewport: dict[str, int] | None
) -> None:
    options = {"viewport": viewport} if viewport else {}
    page = open_list(color_scheme=scheme, **options)
    page.get_by_text("Narrow and sort").click()
    page.locator(".row").first.get_by_role("link", name="Quick edit").click()
    expect(page.locator(".row.is-open [name=title]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".row.is-open")).to_have_count(0)
    page.locator(".row").nth(1).get_by_role("link", name="Quick edit").click()
    expect(page.locator(".row.is-open [name=title]")).to_be_focused()
    assert not axe.faults(page), "\n".join(axe.faults(page))
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_checklist_stands_in_nobodys_way(
    open_list: Callable[..., Page], room: Site, scheme: str
) -> None:
    pk = make_posts(room, "Looked over")
    page = open_list(f"/write/{pk}/", color_scheme=scheme, javascript=False)
    page.locator("#checklist summary").click()
    expect(page.locator("#checklist")).to_contain_text("A heading leaves out a level.")
    with_script = open_list(f"/write/{pk}/checklist/", color_scheme=scheme, javascript=False)
    expect(with_script.locator("#checklist")).to_contain_text("to look at")
