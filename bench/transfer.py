"""An import of a WordPress blog: how fast, how it grows, how much memory a large file takes.

The files are generated (tests/blog/transfer/wordpress_files.py), imported by `manage.py import_wxr`
in processes of its own into new databases, and removed. Seconds of the processor are the process's
own, without PostgreSQL's; seconds of the wall hold whatever else the machine does.
TRANSFER_COMMENTS and TRANSFER_MEGABYTES make everything smaller, to try the measure out.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import Figure
from bench._importing import Measured, import_file
from tests.blog.transfer.wordpress_files import Blog, write
from tests.servers import PostgresCluster, Site, find_postgres, remove_templates

COMMENTS = int(os.environ.get("TRANSFER_COMMENTS", 100_000))
MEGABYTES = int(os.environ.get("TRANSFER_MEGABYTES", 1_000))
COMMENTS_A_POST = 50
MEMORY_LIMIT = 300
HELD = "memory at most, pages of the database and all"
# What a large export is made of: page builders' post meta, and texts.
OF_IT_META = 0.9


def measure() -> Iterator[Figure]:
    with _folder() as folder:
        small = write(folder / "small.xml", _blog(COMMENTS // 10))
        large = write(folder / "large.xml", _blog(COMMENTS))
        for name, server_url in _databases():
            with server_url as url:
                yield from _speed(name, url, small, large)
        small.unlink()
        large.unlink()
        yield from _memory(folder)


def _blog(comments: int) -> Blog:
    return Blog(posts=max(comments // COMMENTS_A_POST, 1), comments=comments)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="parley-exports-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _databases() -> Iterator[tuple[str, "contextmanager[str | None]"]]:
    yield "SQLite", _no_server()
    if find_postgres():
        yield "PostgreSQL", _server()


@contextmanager
def _no_server() -> Iterator[str | None]:
    yield None


@contextmanager
def _server() -> Iterator[str | None]:
    with PostgresCluster() as cluster:
        try:
            yield cluster.url()
        finally:
            # Those in the cluster cannot be removed once that is gone.
            remove_templates()


# --- speed ----------------------------------------------------------------------------------------


def _speed(name: str, url: str | None, small: Path, large: Path) -> Iterator[Figure]:
    with _site(url) as site:
        few = import_file(site, small)
        again = import_file(site, small)
    with _site(url) as site:
        many = import_file(site, large, samples=True)
    posts = COMMENTS // COMMENTS_A_POST
    what = f"{name}: {COMMENTS:,} comments, {posts:,} posts"
    yield Figure(f"{what}, by the clock", COMMENTS / many.seconds, "comments/s")
    yield Figure(f"{what}, of processor", COMMENTS / many.processor, "comments/s")
    yield Figure(f"{name}: posts with these, by the clock", posts / many.seconds, "posts/s")
    yield Figure(f"{name}: posts with these, of processor", posts / many.processor, "posts/s")
    yield Figure(f"{name}: rate of its last quarter", _last_to_first(many), "of the first")
    slower = (many.processor / COMMENTS) / (few.processor / (COMMENTS // 10))
    yield Figure(f"{name}: processor a comment, ten times the file", slower, "of the small", 1.5)
    again_to_first = again.processor / few.processor
    yield Figure(
        f"{name}: processor, the same small file again", again_to_first, "of the first", 0.6
    )
    yield Figure(f"{name}: {HELD}", many.held, "MB", MEMORY_LIMIT)


def _last_to_first(measured: Measured) -> float:
    """Return the rate of the last quarter of the comments in terms of the first quarter's."""
    quarters = measured.processor_of_quarters(COMMENTS)
    return quarters[0] / max(quarters[3], 0.01)


@contextmanager
def _site(url: str | None) -> Iterator[Site]:
    """Return a site that is not served, with an empty database."""
    site = Site(server_url=url)
    try:
        yield site
    finally:
        site.close()


# --- memory ---------------------------------------------------------------------------------------


def _memory(folder: Path) -> Iterator[Figure]:
    """Of files as large as page builders make them; few readers' words, since those take time."""
    tenth, whole = (_peak(folder, size) for size in (MEGABYTES // 10, MEGABYTES))
    what = f"a {MEGABYTES:,} MB file ({OF_IT_META:.0%} post meta, the rest texts)"
    yield Figure(f"{what}: {HELD}", whole.held, "MB", MEMORY_LIMIT)
    yield Figure(f"{what}: the importer's own memory at most", whole.own, "MB")
    yield Figure(f"{what}: its own memory", whole.own / tenth.own, "of a tenth's", 1.5)
    yield Figure(f"{what}: read at", MEGABYTES / whole.seconds, "MB/s")


def _peak(folder: Path, megabytes: int) -> Measured:
    size = megabytes * 1_000_000
    posts = max(megabytes * 2, 1)
    # A paragraph is some 350 bytes, and a post's other elements are 1,500.
    paragraphs = int(size * (1 - OF_IT_META) / posts / 350)
    blog = Blog(posts, posts, filler=int(size * OF_IT_META), paragraphs=paragraphs)
    path = write(folder / f"{megabytes}.xml", blog)
    try:
        with _site(None) as site:
            return import_file(site, path)
    finally:
        path.unlink()
