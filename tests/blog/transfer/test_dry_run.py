"""While a dry run of an import goes on, the site stays up: readers can write."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.blog.transfer.wordpress_files import Blog, write
from tests.servers import Site


@pytest.mark.once
def test_readers_can_write_all_through_a_dry_run_on_sqlite(tmp_path: Path) -> None:
    path = write(tmp_path / "blog.xml", Blog(posts=20, comments=100))
    site = Site()
    try:
        database = Path(site.env["VAR_DIR"]) / "parley.sqlite3"
        with (
            ThreadPoolExecutor(1) as pool,
            closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as reader,
        ):
            reader.execute("CREATE TABLE written (at REAL)")
            told = pool.submit(site.manage, "import_wxr", str(path), "--dry-run")
            while not told.done():
                reader.execute("INSERT INTO written VALUES (?)", [time.time()])
                time.sleep(0.005)
            assert "Nothing was written" in told.result()
            written = reader.execute("SELECT count(*) FROM written").fetchone()
            posts = reader.execute("SELECT count(*) FROM blog_post").fetchone()
        assert written[0] > 20
        assert posts == (0,)
    finally:
        site.close()
