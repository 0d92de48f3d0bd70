"""What stands around the demo's posts: two categories to find them on, and a page about it all."""

from datetime import datetime
from pathlib import Path

from accounts.models import User
from blog.models import Category, Post, PostKind, PostStatus
from blog.publishing import receive, touch_posts_of
from comments.models import Thread

ABOUT = Path(__file__).parent / "pages" / "about.md"

# name -> description, and the slugs of the posts on that shelf.
SHELVES = {
    "Mended and made": (
        "Things that did not work, and what we did about them.",
        [
            "the-radio-in-the-outhouse",
            "in-praise-of-the-unnoticed-letter",
            "seven-loaves-and-a-doorstop",
            "i-archived-it-on-a-tuesday",
        ],
    ),
    "Around the parish": (
        "Barns, allotments, the library, and the people in them.",
        [
            "the-great-plot-seven-dispute",
            "the-library-with-nineteen-keys",
            "the-noticeboard-we-went-back-to",
            "what-the-swallows-decided",
        ],
    ),
}


def put_on_shelves() -> None:
    for name, (description, slugs) in SHELVES.items():
        slug = name.lower().replace(" ", "-")
        shelf = Category.objects.create(name=name, slug=slug, description=description)
        shelf.posts.set(Post.objects.filter(slug__in=slugs))
        touch_posts_of(shelf)


def write_about(author: User, published_at: datetime) -> Post:
    """Make the page as one that came from elsewhere: the writing room makes posts only."""
    page = Post(
        kind=PostKind.PAGE,
        title="About",
        slug="about",
        excerpt="Who writes here, and why.",
        body=ABOUT.read_text("utf-8"),
        author=author,
        status=PostStatus.PUBLISHED,
        published_at=published_at,
        thread=Thread(is_open=False),
    )
    return receive(page, tags=[])
