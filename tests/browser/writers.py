"""Authors at work in a real browser, each on a device of their own."""

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.talk import sign_in
from tests.servers import Site

SAVED = re.compile(r"aved \d\d:\d\d")
OpenPage = Callable[..., Page]

BODY = "A first paragraph.\n\nA second one.\n"
MORE = "And a sentence that must not be lost."
NOT_ON_THE_SITE = "Kept on this device; not yet saved on the site."

DRAFT = """
import json
from blog import publishing
alice = User.objects.get(email="alice@example.org")
post = publishing.create_draft(alice, title={title!r}, body={body!r})
if {published}: post = publishing.publish(post, actor=alice)
print("MADE" + json.dumps([post.pk, post.get_absolute_url()]))
"""
STANDING = """
import json
from blog.words import latest_words
post = Post.objects.get(pk={pk})
words = latest_words(post)
rows = [[each.kind, each.words["body"]] for each in post.revisions.order_by("number")]
print("MADE" + json.dumps(dict(
    status=post.status, own=post.body, latest=words["body"], title=words["title"], history=rows)))
"""
POSTS = """
import json
print("MADE" + json.dumps(sorted(Post.objects.values_list("pk", flat=True))))
"""
SESSIONS = """
from django.contrib.sessions.models import Session
Session.objects.all().delete()
"""


def room(pk: int) -> str:
    """Return the address at which a post is written."""
    return f"/write/{pk}/"


def draft(site: Site, title: str, body: str, *, published: bool = False) -> tuple[int, str]:
    """Let Alice begin a post; return its key and its address."""
    pk, path = _made(site, DRAFT.format(title=title, body=body, published=published))
    return pk, path


def standing(site: Site, pk: int) -> dict[str, Any]:
    """Return what stands on the site: `own` text of the post, `latest` words, `history`."""
    return _made(site, STANDING.format(pk=pk))


def posts(site: Site) -> list[int]:
    """Return the keys of all posts, the oldest first."""
    return list(_made(site, POSTS))


def end_all_sessions(site: Site) -> None:
    site.shell(SESSIONS)


def _made(site: Site, code: str) -> Any:
    return json.loads(site.shell(code).rpartition("MADE")[2])


def at_work(site: Site, new_page: OpenPage, name: str, address: str, **options: Any) -> Page:
    """Open a post's form, or another page, on a device of this person's own."""
    page = new_page(base_url=site.url, **options)
    sign_in(page, name)
    page.goto(address)
    return page


def text(page: Page) -> Locator:
    return page.locator("#id_body")


def state(page: Page) -> Locator:
    return page.locator(".save-state")


def type_at_end(page: Page, words: str) -> None:
    """Type as people do, key by key, after what stands there."""
    text(page).press("Control+End")
    text(page).press_sequentially(words, delay=5)


def await_saved(page: Page, *, seconds: float = 10) -> None:
    """Wait until the site has every word of the form: then this device keeps none."""
    expect(state(page)).to_have_text(SAVED, timeout=seconds * 1000)
    until = time.monotonic() + seconds
    while kept_here(page) and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert kept_here(page) == []


def leave(page: Page) -> None:
    """Close a tab as people do: what the page does when it is left is done."""
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def kept_here(page: Page) -> list[str]:
    """Return the texts that this device keeps."""
    return page.evaluate(
        """Object.keys(localStorage).filter((key) => key.startsWith("parley.copy."))
           .map((key) => JSON.parse(localStorage[key]).fields.body[0])"""
    )


def shoot(page: Page, name: str) -> None:
    """Leave a picture where somebody asked for them."""
    if folder := os.environ.get("PARLEY_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
