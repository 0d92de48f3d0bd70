"""Which post has an old address when several claim it, and what an import makes of each claim."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from blog.models import Attachment, Claim, OldAddress, Post
from blog.transfer.wordpress.old_addresses import claims_of, claims_of_file
from blog.transfer.wxr.reading import Item
from tests.blog.transfer.standing import exact
from tests.blog.transfer.wordpress_files import document, item_head, post

HOST = "https://old.example"


def item(link: str, *slugs: str, **fields: Any) -> Item:
    meta = [("_wp_old_slug", slug) for slug in slugs]
    return Item(line=1, post_id="7", link=link, meta=meta, **{"type": "post", **fields})


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        (item("/2012/05/uno/", "one", name="uno"), ["/2012/05/one", "/2012/05/uno", "/?p=7"]),
        (item("/2012/05/uno.html", "one", name="uno"), ["/2012/05/one.html", "/2012/05/uno.html"]),
        (item("/uno/7/", "one", name="uno"), ["/one/7", "/uno/7"]),
        (item("/2012/7/", "one", name="uno"), ["/2012/one", "/2012/7"]),
        (item("/caf%c3%a9/", "th%c3%a9", name="caf%C3%A9"), ["/thé", "/café"]),
        (item("/blog/?p=7", "one", name="uno"), ["/one", "/?p=7"]),
        (item("/blog/?page_id=7", type="page"), ["/?page_id=7", "/?p=7"]),
        (item("/blog/?post_type=portfolio&p=7"), ["/?p=7"]),
        (item("/blog/?lang=de"), ["/blog", "/?p=7"]),
        (item("http://[broken", "one"), ["/one", "/?p=7"]),
        (item(""), ["/?p=7"]),
    ],
)
def test_a_post_claims_where_it_was_to_be_read(said: Item, paths: list[str]) -> None:
    claims = claims_of(said, is_public=True)
    assert set(paths) <= claims.keys() <= {*paths, "/?p=7", "/?page_id=7"}


def test_its_own_address_is_a_better_claim_than_an_earlier_one() -> None:
    said = item("/uno/", "uno", "one", name="uno")
    shown, hidden = claims_of(said, is_public=True), claims_of(said, is_public=False)
    assert (shown["/uno"], shown["/?p=7"], shown["/one"]) == (Claim.LINK, Claim.LINK, Claim.FORMER)
    assert hidden["/uno"] == Claim.HIDDEN
    assert Claim.GIVEN < Claim.LINK < Claim.HIDDEN < Claim.FORMER


def test_the_page_of_a_file_claims_its_place_and_its_number() -> None:
    said = claims_of_file(item("/2012/05/uno/photo/", type="attachment"))
    assert said == {"/2012/05/uno/photo": Claim.FORMER, "/?attachment_id=7": Claim.FORMER}


# --- imported -------------------------------------------------------------------------------

Import = Callable[..., str]


@pytest.fixture
def imported(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Return a function that imports an export of these parts and returns what it tells."""

    def import_parts(*parts: str, **options: Any) -> str:
        path = tmp_path / "export.xml"
        path.write_text(document(*parts, host=HOST), encoding="utf-8")
        call_command("import_wxr", path, **options)
        return capsys.readouterr().out

    return import_parts


def leads(address: str) -> str | None:
    """Return the title of the post that an address leads to."""
    response = Client().get(address)
    slug = response.get("Location", "").rstrip("/").rpartition("/")[2]
    found = Post.objects.filter(slug=slug).first()
    return found.title if found else None


def renamed(number: int, title: str, *old: str, slug: str = "", **fields: Any) -> str:
    meta = [("_wp_old_slug", each) for each in old]
    return post(number, title=title, slug=slug or title.lower(), meta=meta, **fields)


CLAIMANTS = {
    "was": renamed(1, "Was", "hello"),
    "draft": renamed(2, "Draft", "hello", status="draft"),
    "private": renamed(3, "Private", link=f"{HOST}/hello/", status="private"),
    "live": renamed(4, "Live", link=f"{HOST}/hello/"),
}


@pytest.mark.parametrize("order", list(permutations(CLAIMANTS))[::7])
def test_a_live_posts_own_address_is_its_own_whatever_the_order(
    imported: Import, order: tuple[str, ...]
) -> None:
    parts = [CLAIMANTS[name] for name in order]
    first = imported(*parts)
    assert leads("/hello/") == "Live"
    before = exact()
    second = imported(*parts)
    assert exact() == before
    redirects = [line.partition("(")[0] for line in first.splitlines() if "redirects" in line]
    assert redirects == [
        line.partition("(")[0] for line in second.splitlines() if "redirects" in line
    ]
    assert "skipped, addresses that two posts had: 3" in first
    assert "skipped, addresses that two posts had: 3" in second


def test_a_better_claim_that_comes_with_a_later_file_takes_the_address_over(
    imported: Import,
) -> None:
    imported(CLAIMANTS["draft"], CLAIMANTS["was"])
    assert leads("/hello/") is None
    imported(CLAIMANTS["live"])
    assert leads("/hello/") == "Live"
    imported(CLAIMANTS["draft"], CLAIMANTS["was"])
    assert leads("/hello/") == "Live"


@pytest.mark.parametrize("is_first", [True, False])
def test_who_took_over_a_name_there_takes_over_its_address_here(
    imported: Import, is_first: bool
) -> None:
    imported(renamed(1, "Old", link=f"{HOST}/hello/"))
    parts = [renamed(1, "Old", link=f"{HOST}/hello-old/"), renamed(2, "New", link=f"{HOST}/hello/")]
    imported(*(parts if is_first else reversed(parts)))
    assert (leads("/hello/"), leads("/hello-old/")) == ("New", "Old")


def test_what_an_editor_gave_to_a_post_no_import_takes_away(imported: Import, mona: Any) -> None:
    imported(CLAIMANTS["was"])
    OldAddress.objects.filter(path="/hello").update(claim=Claim.GIVEN)
    imported(CLAIMANTS["was"], CLAIMANTS["live"])
    row = OldAddress.objects.get(path="/hello")
    assert row.post.title == "Was"


def test_an_address_that_was_removed_here_is_not_made_again(imported: Import) -> None:
    imported(CLAIMANTS["was"])
    OldAddress.objects.filter(path="/?p=1").delete()
    imported(CLAIMANTS["was"])
    assert not OldAddress.objects.filter(path="/?p=1").exists()


def test_a_page_of_ours_keeps_its_address_and_the_report_says_so(imported: Import) -> None:
    told = imported(
        renamed(1, "Private words", link=f"{HOST}/privacy/"),
        renamed(2, "Hidden", link=f"{HOST}/admin/hidden/"),
        renamed(3, "Below", link=f"{HOST}/posts/elsewhere/"),
    )
    assert not OldAddress.objects.filter(path__in=["/privacy", "/admin/hidden"]).exists()
    assert "skipped, addresses that pages of this site have: 2" in told
    assert leads("/posts/elsewhere/") == "Below"


def test_numbers_tell_posts_apart_in_a_blog_that_stood_in_a_folder(imported: Import) -> None:
    imported(*(renamed(n, f"No{n}", link=f"{HOST}/blog/?p={n}") for n in (1, 2, 3)))
    assert [leads(f"/blog/?p={n}") for n in (3, 2, 1)] == ["No3", "No2", "No1"]
    assert Client().get("/blog/").status_code == 404


def test_a_post_that_became_a_page_there_is_a_page_here_and_found_where_it_was(
    imported: Import,
) -> None:
    imported(post(1, title="Us", slug="us"))
    before = Post.objects.get().get_absolute_url()
    told = imported(post(1, title="Us", slug="us", type="page"))
    now = Post.objects.get()
    assert (now.kind, now.get_absolute_url()) == ("page", "/pages/us/")
    assert now.thread.url == "/pages/us/"
    assert Client().get(before)["Location"] == "/pages/us/"
    assert "pages: 1 (1 updated)" in told


# --- files ----------------------------------------------------------------------------------


def photo(number: int, parent: int, link: str = "") -> str:
    url = f"{HOST}/wp-content/uploads/2012/05/photo.png"
    head = item_head(
        id=number, type="attachment", status="inherit", parent=parent, link=link, slug="photo",
        attachment_url=url,
    )  # fmt: skip
    return f"{head}</item>\n"


@pytest.mark.parametrize("is_first", [True, False])
def test_the_page_of_a_file_leads_to_its_post_once(imported: Import, is_first: bool) -> None:
    parts = [photo(5, 1, f"{HOST}/hello/photo/"), renamed(1, "Hello")]
    imported(*(parts if is_first else reversed(parts)))
    assert leads("/hello/photo/") == leads("/?attachment_id=5") == "Hello"
    OldAddress.objects.filter(path="/?attachment_id=5").delete()
    before = exact()
    imported(*parts)
    assert exact() == before
    assert Attachment.objects.get().source_path == "/wp-content/uploads/2012/05/photo.png"


# --- places ---------------------------------------------------------------------------------


def test_a_page_that_was_moved_here_stays_there_until_it_is_moved_elsewhere(
    imported: Import,
) -> None:
    def pages(parent: int) -> list[str]:
        low = post(3, title="Low", type="page", parent=parent)
        return [post(1, title="One", type="page"), post(2, title="Two", type="page"), low]

    imported(*pages(1))
    assert Post.objects.get(title="Low").parent == Post.objects.get(title="One")
    Post.objects.filter(title="Low").update(parent=None)
    imported(*pages(1))
    assert Post.objects.get(title="Low").parent is None
    imported(*pages(2))
    assert Post.objects.get(title="Low").parent == Post.objects.get(title="Two")
    imported(*pages(0))
    assert Post.objects.get(title="Low").parent is None


def test_a_page_waits_for_the_one_above_it_to_come_with_a_later_file(imported: Import) -> None:
    imported(post(3, title="Low", type="page", parent=1))
    imported(post(1, title="High", type="page"))
    assert Post.objects.get(title="Low").parent == Post.objects.get(title="High")
