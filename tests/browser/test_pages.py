"""The demo's pages in a real browser: narrow, dark, by keyboard, and how much they weigh.

The demo site is only read here, and signed in to.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from blog.demo.builder import PASSWORD
from tests.servers import Site

OpenPage = Callable[..., Page]

# How pages look, and what they weigh, is the same over either database.
pytestmark = pytest.mark.once

NARROW = {"width": 320, "height": 640}
MOST_BYTES = 60_000
LONG_THREAD = 100

FOR_ALL = {
    "the home page": "/",
    "the post with the long thread": "{long}",
    "its reply page": "{reply}",
    "the page of a tag": "{tag}",
    "the page of an author": "{author}",
    "the page of a category": "/categories/around-the-parish/",
    "a page that is no post": "/pages/about/",
    "the tree of pages": "/pages/",
    "the privacy page": "/privacy/",
    "the page on comment data": "/comments/data/",
    "one's own comments, of which there are none": "/comments/data/own/",
    "the sign-in": "/accounts/login/",
    "the sign-up": "/accounts/signup/",
    "the forgotten password": "/accounts/password/reset/",
    "a page that is not there": "/no/such/page/",
}
FOR_ALICE = {
    "her posts": "/write/",
    "a new post": "/write/new/",
    "a post in the writing form": "{edit}",
    "its preview": "{edit}preview/",
    "her profile": "/accounts/profile/",
    "her e-mail address": "/accounts/email/",
}
FOR_MONA = {
    "the admin": "/admin/",
    "the queue": "/admin/comments/comment/",
    "what is approved": "/admin/comments/comment/?status=approved",
    "what is spam": "/admin/comments/comment/?status=spam",
    "one comment": "{case}",
    "the log": "/admin/comments/moderationlogentry/",
    "the threads": "/admin/comments/thread/",
    "the word lists": "/admin/comments/listentry/",
    "the rules for discussions": "/admin/comments/discussionrules/1/change/",
    "how a discussion runs": "{manage}",
}

# Boxes that scroll sideways although the page does not, but for those that are meant to.
# The lists of Django's admin are tables of data; the queue was made to fit.
MEANT = ".prose table, .desk-tabs ul, .toolbar, textarea, body:not(.model-comment) .results"
SCROLLING_BOXES = """
(meant) => [...document.body.querySelectorAll("*")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .filter((each) => /auto|scroll/.test(getComputedStyle(each).overflowX))
  .filter((each) => !each.matches(meant))
  .map((each) => `a box scrolls: ${each.tagName}#${each.id}.${each.className}`)
"""
# Whatever sticks out on the right, unless something around it cuts or scrolls it.
STICKING_OUT = """
() => {
  const width = document.documentElement.clientWidth;
  const isKept = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > width + 1 && !isKept(each))
    .slice(0, 5)
    .map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`);
}
"""
LUMINANCES = """
(selector) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const text = document.querySelector(selector);
  const groundOf = (element) => getComputedStyle(element).backgroundColor;
  let ground = text;
  while (ground.parentElement && /^(transparent|rgba\\(0, 0, 0, 0\\))$/.test(groundOf(ground)))
    ground = ground.parentElement;
  return [getComputedStyle(text).color, groundOf(ground)].map(luminance);
}
"""

# Gives the reply link that is nested deepest an id, and returns how deep it is.
MARK_DEEPEST = """
(links) => {
  const depth = (element) => {
    const item = element.parentElement?.closest(".comment");
    return item ? 1 + depth(item) : 0;
  };
  links.sort((one, other) => depth(other) - depth(one))[0].id = "deepest";
  return Math.max(...links.map(depth));
}
"""
FOCUSED = """
() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  const name = `${focused.tagName} ${focused.textContent.trim()}`.slice(0, 60);
  return [name, style.outlineStyle !== "none" || style.boxShadow !== "none"];
}
"""


@pytest.fixture(scope="module")
def places(demo_site: Site) -> dict[str, str]:
    """Return the addresses that only the database knows."""
    printed = demo_site.shell(
        """
thread = Thread.objects.order_by("-approved_count").first()
pending = Comment.objects.filter(status="pending").order_by("created_at").first()
hers = Post.objects.filter(author__email="alice@example.org").first()
print(thread.url)
print(f"/comments/{thread.pk}/1/reply/")
print(thread.post.tags.first().get_absolute_url())
print(thread.post.author.get_absolute_url())
print(f"/write/{hers.pk}/")
print(f"/admin/comments/comment/{pending.pk}/change/")
print(f"/comments/{thread.pk}/manage/")
"""
    )
    names = ("long", "reply", "tag", "author", "edit", "case", "manage")
    return dict(zip(names, printed.strip().splitlines()[-len(names) :], strict=True))


@pytest.fixture
def visit(demo_site: Site, places: dict[str, str], new_page: OpenPage) -> Callable[..., Page]:
    """Return a function that opens a page of the demo: `visit("/", as_="mona", **options)`."""

    def open_at(address: str, *, as_: str = "", **options: Any) -> Page:
        page = new_page(base_url=demo_site.url, **options)
        if as_:
            sign_in(page, as_)
        page.goto(address.format(**places))
        return page

    return open_at


def sign_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


# --- narrow ---------------------------------------------------------------------------------------


def too_wide(page: Page) -> list[str]:
    """Return what makes the page scroll sideways; nothing when it does not."""
    width = page.evaluate("document.documentElement.scrollWidth")
    if width <= NARROW["width"]:
        return list(page.evaluate(SCROLLING_BOXES, MEANT))
    return [f"{page.url} is {width} px wide", *page.evaluate(STICKING_OUT)]


@pytest.mark.parametrize(
    ("who", "addresses"),
    [("", FOR_ALL), ("alice", FOR_ALICE), ("mona", FOR_MONA)],
    ids=["a stranger", "Alice", "Mona"],
)
def test_no_page_scrolls_sideways_at_320_pixels(
    visit: Callable[..., Page], places: dict[str, str], who: str, addresses: dict[str, str]
) -> None:
    page = visit("/", as_=who, viewport=NARROW)
    faults = []
    for what, address in addresses.items():
        page.goto(address.format(**places))
        faults += [f"{what}: {fault}" for fault in too_wide(page)]
    assert not faults, "\n".join(faults)


def test_an_open_reply_box_deep_in_the_thread_fits_320_pixels(visit: Callable[..., Page]) -> None:
    page = visit("{long}", viewport=NARROW)
    assert page.locator(".reply").evaluate_all(MARK_DEEPEST) >= 6
    page.locator("#deepest").click()
    box = page.locator(".reply-slot textarea")
    expect(box).to_be_focused()
    width = box.bounding_box()["width"]
    assert not too_wide(page)
    assert width >= 200, f"the box is {width} px wide"


# --- by keyboard ----------------------------------------------------------------------------------


def test_the_first_tab_offers_to_skip_to_the_text(visit: Callable[..., Page]) -> None:
    page = visit("{long}")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_tab_reaches_the_reply_link_and_enter_opens_the_box(visit: Callable[..., Page]) -> None:
    page = visit("{long}")
    page.locator("#comment-1 .when").first.focus()
    for _turn in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.reply')"):
            break
    link = page.locator("#comment-1 > article .reply")
    expect(link).to_be_focused()
    outline = link.evaluate("each => getComputedStyle(each).outlineStyle")
    assert outline != "none", "who walks by keyboard cannot see where they are"
    page.evaluate("window.isStillThisPage = true")
    page.keyboard.press("Enter")
    box = page.locator("#comment-1 > .reply-slot textarea")
    expect(box).to_be_focused()
    page.keyboard.type("Typed at once")
    expect(box).to_have_value("Typed at once")
    assert page.evaluate("window.isStillThisPage") is True


def test_whoever_walks_by_keyboard_always_sees_where_they_are(visit: Callable[..., Page]) -> None:
    page = visit("{long}")
    unseen, met = [], set()
    for _turn in range(40):
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate(FOCUSED)
        met.add(name)
        if not is_seen:
            unseen.append(name)
    assert len(met) > 15
    assert not unseen


# --- light and dark -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "address", "text"),
    [
        ("", "/", ".teaser-title a"),
        ("", "{long}", ".post-body p"),
        ("", "{long}", ".comment .words"),
        ("", "{long}", ".comment .when"),
        ("", "/accounts/login/", "main label"),
        ("", "/no/such/page/", "h1"),
        ("alice", "/write/new/", "#id_body"),
        ("mona", "/admin/comments/comment/", ".opening"),
        ("mona", "{case}", ".case-text .source"),
        ("mona", "{manage}", ".manage-page section > p"),
    ],
)
def test_the_dark_scheme_is_dark_the_light_one_light_and_both_can_be_read(
    visit: Callable[..., Page], who: str, address: str, text: str
) -> None:
    page = visit(address, as_=who, color_scheme="dark")
    ink, ground = page.evaluate(LUMINANCES, text)
    assert ground < 0.1, f"the dark ground of {text} is {ground:.2f} bright"
    assert contrast(ink, ground) >= 4.5
    page.emulate_media(color_scheme="light")
    # Colours may change over a moment; a page that opens has them at once.
    page.reload()
    ink, ground = page.evaluate(LUMINANCES, text)
    assert ground > 0.6, f"the light ground of {text} is {ground:.2f} bright"
    assert contrast(ink, ground) >= 4.5


def contrast(one: float, other: float) -> float:
    """Return the contrast of two luminances. Source: WCAG 2.2, "contrast ratio"."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


# --- what a stranger's browser is sent ------------------------------------------------------------


def load_and_weigh(page: Page, address: str) -> dict[str, tuple[str, float]]:
    """Load a page; return by URL the kind and the bytes on the wire of all that came with it."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, tuple[str, str]] = {}
    weights: dict[str, tuple[str, float]] = {}

    def note_response(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = (event["type"], event["response"]["url"])

    def note_end(event: dict[str, Any]) -> None:
        if event["requestId"] in kinds:
            kind, url = kinds[event["requestId"]]
            weights[url] = (kind, event["encodedDataLength"])

    session.on("Network.responseReceived", note_response)
    session.on("Network.loadingFinished", note_end)
    page.goto(address, wait_until="networkidle")
    return weights


def test_a_post_with_its_long_thread_weighs_at_most_60_kb_on_the_wire(
    demo_site: Site, places: dict[str, str], new_page: OpenPage
) -> None:
    page = new_page(base_url=demo_site.url)
    weights = load_and_weigh(page, places["long"])
    assert page.locator(".comment").count() >= LONG_THREAD
    text = {url: bytes_ for url, (kind, bytes_) in weights.items() if kind != "Image"}
    kinds = {kind for kind, _bytes in weights.values()}
    for url, (kind, bytes_) in weights.items():
        print(f"{kind:<12} {bytes_:>8.0f}  {urlsplit(url).path}")
    print(f"HTML, CSS and JavaScript: {sum(text.values()):.0f} bytes")
    assert {"Document", "Stylesheet", "Script"} <= kinds
    assert all(text.values())
    assert sum(text.values()) <= MOST_BYTES


@pytest.mark.parametrize(
    "address", ["/", "{long}", "{reply}", "{tag}", "{author}", "/privacy/", "/comments/data/"]
)
def test_who_only_reads_is_given_no_cookie(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.cookie") == ""
    for feed in ("/feed/atom/", "/feed/rss/", "/sitemap.xml"):
        assert "set-cookie" not in page.request.get(feed).headers
    assert page.context.cookies() == []
