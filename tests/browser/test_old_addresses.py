"""A link to a comment at an old address ends at that comment, on whatever page it stands now."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.servers import Site

# Which comment stands on which page is tested over both databases elsewhere.
pytestmark = pytest.mark.once

PAGE_SIZE = 3
COMMENTS = 8

MAKE_POST = f"""
from django.contrib.auth import get_user_model
from django.utils import timezone
from comments.models import path_segment
from blog import publishing
alice = get_user_model().objects.create_user("alice@example.org", "x", display_name="Alice")
post = publishing.create_draft(alice, title="Moved", body="A text.")
post = publishing.publish(post, actor=alice)
OldAddress.objects.create(path="/old/path", post=post)
Comment.objects.bulk_create(
    Comment(thread=post.thread, number=n, path=path_segment(n),
            status="approved", approved_revision=1,
            author_name="R", body="x", body_html=f"<p>Thought {{n}}</p>" * 9, markup_version=1,
            body_digest="", submission_key=str(n), created_at=timezone.now())
    for n in range(1, {COMMENTS} + 1))
Thread.objects.filter(pk=post.thread_id).update(approved_count={COMMENTS}, last_number={COMMENTS})
"""


@pytest.fixture(scope="module")
def moved(new_site: Callable[..., Site]) -> Site:
    site = new_site(env={"COMMENTS_PAGE_SIZE": str(PAGE_SIZE)})
    site.shell(MAKE_POST)
    return site


@pytest.mark.parametrize(
    ("asked", "number", "landed"),
    [
        ("/old/path/#comment-2", 2, "/posts/moved/#comment-2"),
        ("/old/path/comment-page-2/#comment-5", 5, "/posts/moved/?from=5#comment-5"),
        ("/old/path/?utm_source=x#comment-8", 8, "/posts/moved/?from=8#comment-8"),
        ("/posts/moved/?from=7#comment-1", 1, "/posts/moved/#comment-1"),
    ],
)
def test_an_old_link_ends_at_its_comment(
    moved: Site, page: Page, asked: str, number: int, landed: str
) -> None:
    page.goto(moved.url + asked)
    page.wait_for_url(moved.url + landed)
    comment = page.locator(f"#comment-{number}")
    expect(comment).to_contain_text(f"Thought {number}")
    expect(comment).to_be_in_viewport()


def test_a_link_followed_on_the_page_ends_at_its_comment_too(moved: Site, page: Page) -> None:
    page.goto(f"{moved.url}/posts/moved/")
    page.evaluate("location.hash = '#comment-7'")
    page.wait_for_url(f"{moved.url}/posts/moved/?from=7#comment-7")
    page.go_back()
    expect(page.locator("#comment-1")).to_be_visible()


def test_a_comment_that_is_nowhere_leaves_the_reader_at_the_post(moved: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.goto(f"{moved.url}/old/path/#comment-881")
    page.wait_for_load_state("networkidle")
    assert page.url == f"{moved.url}/posts/moved/#comment-881"
    assert sum("/881/" in each for each in asked) == 1
