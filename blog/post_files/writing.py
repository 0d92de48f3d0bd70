"""A post's latest words -> a file that Hugo, Jekyll and we ourselves read."""

from typing import Any

from blog.comparing import EMPTY, rows_of
from blog.models import Post
from blog.states import READABLE
from blog.transfer.site.front_matter import compose
from blog.words import Words, latest_words


def file_of(post: Post) -> str:
    """Return the file. Queries: up to 9."""
    words = EMPTY | latest_words(post)
    return compose(_head(post, words), words["body"])


def _head(post: Post, words: Words) -> dict[str, Any]:
    """Return all that can be taken back, empty or not: so a file also says what a post has not."""
    rows = rows_of(words)
    series, cover = rows["series"].get(words["series"]), rows["cover"].get(words["cover"])
    shelves = [rows["categories"][key] for key in words["categories"] if key in rows["categories"]]
    others = [rows["coauthors"][key] for key in words["coauthors"] if key in rows["coauthors"]]
    return {
        "title": words["title"],
        "slug": words["slug"],
        **({"date": post.published_at} if post.published_at else {}),
        "lastmod": post.updated_at,
        "draft": post.status not in READABLE,
        "status": str(post.status),
        "authors": [person.get_short_name() for person in (post.author, *others)],
        "description": words["excerpt"],
        "tags": words["tags"],
        "categories": [_called(shelf, name=shelf.name) for shelf in shelves],
        "series": _called(series, title=series.title) if series else "",
        "series_position": words["series_position"],
        "cover": cover.file.url if cover else "",
        "author_note": words["author_note"],
        "source_line": words["source_line"],
        "markup": words["markup"],
    }


def _called(row: Any, **name: str) -> str:
    """Return a row's name, or its slug where another is called so, too. Queries: 1."""
    is_alone = type(row)._default_manager.filter(**name).count() == 1
    return next(iter(name.values())) if is_alone else row.slug
