"""The library of pictures in a real browser: added, described, copied into a text, removed."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import axe
from tests.browser.talk import sign_in
from tests.faults.visitor import make_people
from tests.servers import Site

OpenPage = Callable[..., Page]
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
PHONE = {"width": 390, "height": 844}


def a_picture(name: str, size: tuple[int, int] = (1400, 900)) -> FilePayload:
    image = Image.radial_gradient("L").resize(size)
    target = BytesIO()
    Image.merge("RGB", [image, image.rotate(180), image]).save(
        target, "JPEG", comment=name.encode()
    )
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": target.getvalue()}


@pytest.fixture(scope="module")
def town(site: Site) -> Site:
    make_people(site)
    return site


@pytest.fixture
def room(town: Site, new_page: OpenPage) -> Callable[..., Page]:
    def open_page(*, javascript: bool = True, **options: object) -> Page:
        page = new_page(javascript=javascript, base_url=town.url, **options)
        sign_in(page, "Alice")
        page.goto("/write/pictures/")
        return page

    return open_page


def add(page: Page, alt: str) -> None:
    page.get_by_text("Add a picture", exact=True).click()
    page.get_by_label("Picture", exact=True).set_input_files(a_picture(alt))
    page.get_by_label("Text for those who cannot see it").fill(alt)
    page.get_by_label("Credit").fill("Zoe")
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_role("heading", name=alt)).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_picture_is_added_described_and_removed(
    room: Callable[..., Page], javascript: bool
) -> None:
    alt = f"A ring {'with' if javascript else 'without'} a script"
    page = room(javascript=javascript)
    add(page, alt)
    if javascript:
        box = page.locator("[data-focal] img").bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    else:
        page.get_by_label("From the left").fill("25")
        page.get_by_label("From the top").fill("75")
    expect(page.get_by_label("From the left")).to_have_value(re.compile("2[456]"))
    page.get_by_label("Caption").fill("Ours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Posts that show the picture say it, too.")).to_be_visible()
    expect(page.get_by_label("From the top")).to_have_value(re.compile("7[456]"))
    expect(page.locator("#picture-line")).to_contain_text(f"![{alt}](/media/pictures/")
    page.get_by_role("link", name="Remove it").click()
    page.get_by_role("button", name="Remove it for good").click()
    expect(page.get_by_text("The picture was removed")).to_be_visible()
    expect(page.get_by_role("link", name=alt)).to_have_count(0)


def test_readers_are_given_the_lightest_copy_that_fits(
    town: Site, room: Callable[..., Page], new_page: OpenPage
) -> None:
    page = room()
    add(page, "A ring for readers")
    line = page.locator("#picture-line").inner_text()
    page.goto("/write/new/")
    page.get_by_label("Title").fill("Rings")
    page.get_by_label("Text", exact=True).fill(line)
    page.get_by_role("button", name="Publish", exact=True).last.click()
    town.manage("render_pictures")
    reader = new_page(base_url=town.url, viewport=PHONE)
    reader.goto("/posts/rings/")
    picture = reader.get_by_role("img", name="A ring for readers")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert re.search(r"-480\.avif$", picture.evaluate("image => image.currentSrc"))
    box = picture.bounding_box()
    assert box
    assert abs(box["width"] / box["height"] - 1400 / 900) < 0.02
    assert reader.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(reader.locator(".credit")).to_have_text("Zoe")


@SCHEMES
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
def test_nothing_is_in_anybodys_way(
    room: Callable[..., Page], scheme: str, viewport: dict[str, int]
) -> None:
    page = room(color_scheme=scheme, viewport=viewport, reduced_motion="reduce")
    add(page, f"A ring, {scheme}, {viewport['width']}")
    for path in ("", "pick/"):
        found = axe.faults(page)
        assert not found, found
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.goto(f"/write/pictures/{path}")
    page.goto("/write/pictures/")
    page.get_by_text("Add a picture", exact=True).click()
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_text("Choose a picture first.")).to_be_visible()
    found = axe.faults(page)
    assert not found, found


@SCHEMES
def test_pictures_are_chosen_where_one_writes_by_keys_alone(
    room: Callable[..., Page], scheme: str
) -> None:
    page = room(color_scheme=scheme, viewport=PHONE, reduced_motion="reduce")
    for alt in (f"A circle, {scheme}", f"A spiral, {scheme}"):
        add(page, alt)
        page.goto("/write/pictures/")
    page.goto("/write/new/")
    body = page.locator("#id_body")
    body.press_sequentially("Before.\n\nBehind.")
    body.press("ArrowUp")
    body.press("ArrowUp")
    body.press("End")
    body.press("Alt+F10")
    while not page.evaluate("document.activeElement.matches('[data-act=library]')"):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Choose a picture")
    search = dialog.get_by_role("searchbox")
    expect(search).to_be_focused()
    expect(dialog.get_by_text(f"A spiral, {scheme}").first).to_be_visible()
    assert not (found := axe.faults(page)), found
    page.keyboard.press("Escape")
    expect(page.locator("[data-act=library]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(search).to_be_focused()
    page.keyboard.type(f"circle {scheme}")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name=f"A circle, {scheme}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(body).to_be_focused()
    line = rf"!\[A circle, {scheme}\]\(/media/pictures/[\w./]+\)"
    expect(body).to_have_value(re.compile(rf"^Before\.\n\n{line}\n\nBehind\.$"))
    page.keyboard.type("Here. ")
    expect(body).to_have_value(re.compile(rf"{line}Here\. \n\nBehind"))
    page.locator("summary", has_text="Cover").press("Enter")
    page.get_by_role("button", name="Save, and choose one of your pictures").press("Enter")
    page.get_by_role("searchbox").fill(scheme)
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("button", name=f"A circle, {scheme}")).to_be_visible()
    assert not (found := axe.faults(page)), found
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_cover_is_chosen_from_the_library_without_a_script(
    room: Callable[..., Page],
) -> None:
    page = room(javascript=False, viewport=PHONE)
    add(page, "A moon")
    page.goto("/write/new/")
    page.get_by_label("Title").fill("On moons")
    page.locator("summary", has_text="Cover").press("Enter")
    page.get_by_role("button", name="Save, and choose one of your pictures").press("Enter")
    page.get_by_role("searchbox").fill("moon")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("button", name="A moon").press("Enter")
    expect(page.get_by_text("The cover is chosen.")).to_be_visible()
    expect(page.locator("#id_cover_alt")).to_have_value("A moon")
    expect(page.locator("#id_title")).to_have_value("On moons")
