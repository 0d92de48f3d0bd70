"""An evening on the site, lived in a real browser by four people, with JavaScript and without.

Alice writes and publishes, a guest and Bob talk three levels deep, Mona lets their comments in
through the admin; then a stranger reads it all.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.faults.visitor import PASSWORD, make_people
from tests.servers import Site

OpenPage = Callable[..., Page]
WITH = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])

# Gone as soon as the browser loads another page, or this one again.
MARK = "window.isStillThisPage = true"
FIRST = "The hedgehog in the first picture is *mine*.\n\n> in the outhouse\n\nHe moved in — 2019."
SECOND = "Hedge, not hedgehog, surely? “Quoting” you: `outhouse`."
SECOND_AS_SHOWN = "Hedge, not hedgehog, surely? “Quoting” you: outhouse."
THIRD = "My first line should read “hedge”. Sorry, and thank you – 😀"


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


@pytest.fixture
def people(town: Site, new_page: OpenPage, javascript: bool) -> "People":
    return People(town, new_page, javascript)


class People:
    """A browser for each person. Knows the way around the site as its readers do: by its words."""

    def __init__(self, site: Site, new_page: OpenPage, javascript: bool) -> None:
        self.site = site
        self.javascript = javascript
        self._new_page = new_page

    def somebody(self) -> Page:
        page = self._new_page(javascript=self.javascript, base_url=self.site.url)
        page.goto("/")
        return page

    def signed_in(self, name: str) -> Page:
        """Come in by the front page's own link to the sign-in page."""
        page = self.somebody()
        page.get_by_role("link", name="Sign in", exact=True).click()
        page.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page


def png(colour: str, name: str) -> dict[str, Any]:
    """Return a picture as a file chooser would hand it over."""
    picture = Image.new("RGB", (640, 360), colour)
    ImageDraw.Draw(picture).ellipse((200, 60, 440, 300), fill="white")
    target = BytesIO()
    picture.save(target, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": target.getvalue()}


# --- Alice --------------------------------------------------------------------------------------


def write_and_publish(page: Page, title: str) -> str:
    """Write a post with a cover and a picture in its text; return its address."""
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_role("link", name="Write a post").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Standfirst").fill("A short walk with a long aside.")
    page.locator("#id_body").fill("We found it *behind* the outhouse.\n\nThen it was evening.")
    put_a_picture_into_the_text(page)
    look_at_the_preview(page, title)
    choose_a_cover_and_the_rest(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published. Readers see the text")).to_be_visible()
    page.get_by_role("link", name="Read it").click()
    expect(page.locator("h1")).to_have_text(title)
    return urlsplit(page.url).path


def put_a_picture_into_the_text(page: Page) -> None:
    page.get_by_text("Add a picture", exact=True).click()
    page.locator("#id_picture").set_input_files(png("#2f6f4f", "Hedge in June.png"))
    page.locator("#id_picture_alt").fill("A hedge in June")
    page.locator("#id_picture_caption").fill("The hedge, before the rain")
    page.get_by_role("button", name="Put it into the text").click()
    expect(page.get_by_text("The picture stands at the end of the text")).to_be_visible()
    expect(page.locator("#id_body")).to_have_value(
        re.compile(r"Then it was evening\.\n\n!\[A hedge in June\]\(/media/\S+ \"The hedge, before")
    )


def look_at_the_preview(page: Page, title: str) -> None:
    page.get_by_role("button", name="Preview", exact=True).click()
    preview = page.locator(".look, section.preview")
    expect(preview.locator("h1")).to_have_text(title)
    expect(preview.locator("em")).to_have_text("behind")
    expect(preview.locator("figure figcaption")).to_have_text("The hedge, before the rain")
    expect(page.get_by_label("Title")).to_have_value(title)
    assert "/write/new/" in page.url


def choose_a_cover_and_the_rest(page: Page) -> None:
    page.locator("summary", has_text="Cover").click()
    page.locator("#id_cover_file").set_input_files(png("#334477", "cover.png"))
    page.locator("#id_cover_alt").fill("The outhouse at dusk")
    page.locator("summary", has_text="Tags, note, source, address").click()
    page.get_by_label("Tags").fill("walks, hedges")


# --- who comments ---------------------------------------------------------------------------------


def comment_as_guest(people: People, page: Page, text: str, *, reply_to: str = "") -> None:
    box = open_the_box(people, page, reply_to)
    box.get_by_role("textbox", name="Comment").fill(text)
    box.get_by_role("textbox", name="Name").fill("Gus Guest")
    box.get_by_role("textbox", name="E-mail").fill("gus@example.org")
    post_it(people, page, box)
    expect(page.get_by_text("Only you can see this so far.").last).to_be_visible()


def comment_as_reader(people: People, page: Page, text: str, *, reply_to: str) -> None:
    box = open_the_box(people, page, reply_to)
    expect(box.get_by_text("You are commenting as Bob")).to_be_visible()
    expect(box.get_by_role("textbox", name="Name")).to_have_count(0)
    box.get_by_role("textbox", name="Comment").fill(text)
    post_it(people, page, box)


def open_the_box(people: People, page: Page, reply_to: str) -> Any:
    """Press Reply under a comment; with a script the box opens in its place, ready to type."""
    if not reply_to:
        return page.locator("#respond")
    if people.javascript:
        page.evaluate(MARK)
    page.locator(f"#{reply_to} > article").get_by_role("link", name="Reply to").click()
    if not people.javascript:
        expect(page.locator("h1")).to_contain_text("Reply to")
        return page.locator("main .reply-box")
    box = page.locator(f"#{reply_to} > .reply-slot .reply-box")
    assert page.evaluate("window.isStillThisPage") is True
    expect(box.get_by_role("textbox", name="Comment")).to_be_focused()
    return box


def post_it(people: People, page: Page, box: Any) -> None:
    before = page.locator(".comment").count()
    if people.javascript:
        page.evaluate(MARK)
    box.get_by_role("button", name=re.compile("Post (comment|reply)")).click()
    if people.javascript:
        expect(page.locator(".comment")).to_have_count(before + 1)
        assert page.evaluate("window.isStillThisPage") is True
    else:
        expect(page).to_have_url(re.compile(r"/posts/[\w-]+/#comment-\d+$"))


# --- Mona -----------------------------------------------------------------------------------------


def approve_on_its_own_page(page: Page, words: str) -> None:
    """Open the comment from the queue, see why it was held, and approve it."""
    page.goto("/")
    page.get_by_role("link", name="Moderation").click()
    card = page.locator("[data-card]", has_text=words)
    card.get_by_role("link", name="All about it").click()
    expect(page.locator(".case-findings")).to_contain_text("Written by a guest.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".messagelist")).to_contain_text("Gus Guest")


def approve_in_the_list(page: Page, words: str) -> None:
    page.goto("/admin/comments/comment/")
    row = page.locator("tr", has=page.get_by_role("link", name=words))
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".messagelist")).to_be_visible()
    expect(page.get_by_role("link", name=words)).to_have_count(0)


def is_waiting(page: Page, words: str) -> bool:
    page.goto("/admin/comments/comment/")
    return page.get_by_role("link", name=words).count() > 0


# --- the evening ----------------------------------------------------------------------------------


@WITH
def test_four_people_live_the_evening(people: People, javascript: bool) -> None:
    title = f"Behind the outhouse, {'with' if javascript else 'without'} a script"
    address = write_and_publish(people.signed_in("Alice"), title)

    guest, stranger = people.somebody(), people.somebody()
    guest.get_by_role("link", name=title).first.click()
    expect(guest.get_by_role("heading", name="No thoughts yet")).to_be_visible()
    comment_as_guest(people, guest, FIRST)
    stranger.goto(address)
    expect(stranger.locator(".comment")).to_have_count(0)

    mona = people.signed_in("Mona")
    approve_on_its_own_page(mona, "The hedgehog in the first picture")
    stranger.reload()
    expect(stranger.get_by_role("heading", name="1 thought on")).to_be_visible()

    bob = people.signed_in("Bob")
    bob.goto(address)
    comment_as_reader(people, bob, SECOND, reply_to="comment-1")
    if is_waiting(mona, "Hedge, not hedgehog"):
        approve_in_the_list(mona, "Hedge, not hedgehog")

    guest.goto(address)
    comment_as_guest(people, guest, THIRD, reply_to="comment-2")
    approve_in_the_list(mona, "My first line should read")

    stranger.reload()
    see_three_thoughts(stranger, title)
    see_the_pictures(stranger)


def see_three_thoughts(page: Page, title: str) -> None:
    expect(page.locator("#discussion-title")).to_have_text(f"3 thoughts on “{title}”")
    expect(page.locator(".comment")).to_have_count(3)
    ids = page.locator("#discussion .comment").evaluate_all("items => items.map(item => item.id)")
    assert ids == ["comment-1", "comment-2", "comment-3"]
    # Each reply is an item of the list that its parent's item holds, and of no other.
    for nested in (
        "ol#thread > li#comment-1",
        "ol#thread > li#comment-1 > ol.replies > li#comment-2",
        "ol#thread > li#comment-1 > ol.replies > li#comment-2 > ol.replies > li#comment-3",
    ):
        expect(page.locator(nested)).to_have_count(1)
    expect(page.locator("#thread > li")).to_have_count(1)
    said = [page.locator(f"#comment-{n} > article") for n in (1, 2, 3)]
    expect(said[0].locator("blockquote")).to_have_text("in the outhouse")
    expect(said[0].locator(".words em")).to_have_text("mine")
    expect(said[0].locator(".words")).to_contain_text("He moved in — 2019.")
    expect(said[1].locator(".words")).to_have_text(
        "Hedge, not hedgehog, surely? “Quoting” you: outhouse."
    )
    expect(said[2].locator(".words")).to_have_text(THIRD)
    for article, name in zip(said, ["Gus Guest", "Bob", "Gus Guest"], strict=True):
        expect(article.locator(".name")).to_have_text(name)
    assert page.context.cookies() == []


def see_the_pictures(page: Page) -> None:
    expect(page.locator(".post .cover img")).to_have_attribute("alt", "The outhouse at dusk")
    figure = page.locator(".post-body figure")
    expect(figure.locator("figcaption")).to_have_text("The hedge, before the rain")
    figure.scroll_into_view_if_needed()
    for picture in (page.locator(".post .cover img"), figure.locator("img")):
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 200
        source = picture.get_attribute("src")
        answer = page.request.get(f"{page.url.split('/posts/')[0]}{source}")
        assert answer.ok
        assert Image.open(BytesIO(answer.body())).size == (640, 360)
