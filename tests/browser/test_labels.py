"""Tags, categories and series in a real browser: by keyboard, without a script, under axe-core."""

import re
from collections.abc import Callable

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
MAKE = """
from blog import publishing
from blog.models import Category, Series, Tag
alice = User.objects.get(email="alice@example.org")
series = Series.objects.create(title="On bread", slug="on-bread", description="From the start.")
shelf = Category.objects.create(name="Baking", slug="baking")
for at, title in enumerate(("Flour", "Water", "Salt"), start=1):
    words = dict(title=title, body="Words.", tags=["Rye", title], categories=[shelf])
    words |= dict(series=series, series_position=at)
    publishing.publish(publishing.create_draft(alice, **words), actor=alice)
Tag.objects.create(name="rye", slug="rye-2").posts.set(series.posts.all()[:1])
Tag.objects.create(name="Nothing", slug="nothing")
"""


@pytest.fixture(scope="module")
def bakery(site: Site) -> Site:
    make_people(site)
    site.shell(MAKE)
    return site


@pytest.fixture
def room(bakery: Site, new_page: OpenPage) -> Callable[..., Page]:
    def open_page(path: str, *, javascript: bool = True, **options: object) -> Page:
        page = new_page(javascript=javascript, base_url=bakery.url, **options)
        sign_in(page, "Mona")
        page.goto(path)
        return page

    return open_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_that_axe_knows_of_stands_in_the_way(
    room: Callable[..., Page], scheme: str
) -> None:
    page = room("/write/labels/", color_scheme=scheme, viewport=PHONE, reduced_motion="reduce")
    found = {}
    for path in (
        "/write/labels/",
        "/write/labels/?q=none",
        "/write/labels/?kind=category",
        "/write/labels/tag/1/",
        "/write/labels/category/1/",
        "/write/labels/merge/?pk=1&pk=2",
        "/write/labels/merge/",
        "/write/series/",
        "/write/series/1/",
        "/series/on-bread/",
        "/posts/water/",
    ):
        page.goto(path)
        found[path] = axe.faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path
    assert not {path: faults for path, faults in found.items() if faults}


def test_a_series_is_put_into_order_by_keyboard_and_without_a_script(
    room: Callable[..., Page],
) -> None:
    page = room("/write/series/1/", javascript=False)
    parts = page.locator(".parts bdi")
    page.get_by_role("button", name="Up “Salt”").focus()
    page.keyboard.press("Enter")
    expect(parts).to_have_text(["Flour", "Salt", "Water"])
    place = page.get_by_label("Place of “Water”")
    place.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    expect(parts).to_have_text(["Water", "Flour", "Salt"])
    page.goto("/posts/flour/")
    expect(page.locator("#in-series-title")).to_contain_text("Part 2 of 3 of On bread")
    page.get_by_role("link", name="Salt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Salt")


def test_two_tags_are_made_one_without_a_script(room: Callable[..., Page]) -> None:
    page = room("/write/labels/", javascript=False)
    page.get_by_role("link", name="Rye, rye").click()
    expect(page.get_by_text("3 posts have one of these.")).to_be_visible()
    page.get_by_role("button", name="Make them one").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 post was changed")
    page.goto("/tags/rye-2/")
    expect(page).to_have_url(re.compile("/tags/rye/$"))


PLACE = """
from blog.words import latest_words
words = latest_words(Post.objects.get(title="Salt"))
print("PLACE", words["series"], words["series_position"])
"""
ARRANGE = """
from blog.publishing.series import arrange
posts = Post.objects.filter(series__slug="on-bread").order_by("-series_position")
arrange(posts[0].series, [post.pk for post in posts])
"""


def test_a_page_that_saves_by_itself_tells_a_place_in_a_series_once(
    bakery: Site, room: Callable[..., Page]
) -> None:
    key = bakery.shell('print("KEY", Post.objects.get(title="Salt").pk)').rpartition("KEY ")[2]
    page = room(f"/write/{key.strip()}/")

    def place_after(words: str) -> str:
        with page.expect_response(re.compile("autosave/")):
            page.locator("#id_body").press_sequentially(words)
        return bakery.shell(PLACE).rpartition("PLACE ")[2].strip()

    page.locator("#id_series_position").evaluate("box => (box.value = 9)")
    assert place_after("One. ").endswith(" 9")
    expect(page.locator(".save-state")).to_contain_text("readers do not see")
    bakery.shell(ARRANGE)
    assert place_after("Two. ").endswith((" 1", " 3"))
    page.locator("#id_series").evaluate("box => (box.value = '')")
    assert place_after("Three. ").startswith("None")
