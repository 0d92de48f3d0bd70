"""What a file plainly is, told from its first bytes: for whoever gave it under another name.

A guess is made only where it is certain; all else is for the format to read or to refuse.
"""

import codecs
import re
from pathlib import Path

from comments.transfer.formats.streams import SQLITE, head_of
from comments.transfer.formats.told import NotReadable

ASIDE = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.DOTALL)
# Shape: how the file begins, the name of the format or "" for none of ours, what is to be done.
LOOKS = tuple(
    (re.compile(pattern, re.DOTALL), name, advice)
    for pattern, name, advice in (
        (rb"PK\x03\x04", "", "a zip archive: unpack it, and give the file that it holds"),
        (
            rb".{16}\xed\xda\x0c\xed",
            "",
            "the database of Remark42: `remark42 backup` makes a file that can be read",
        ),
        (re.escape(SQLITE), "isso", "a database of SQLite, such as Isso has: use --from isso"),
        (rb"<rss\b", "", "a WordPress export: use import_wxr"),
        (rb"<disqus\b", "disqus", "an export of Disqus: use --from disqus"),
        (rb'\[\s*\{[^{}]*"comments"\s*:', "isso", "a list of Isso: use --from isso"),
        (rb'\{\s*"version"\s*:', "remark42", "a backup of Remark42: use --from remark42"),
        (rb'\{[^\n]*"thread"\s*:', "json", "one comment a line, in JSON: use --from json"),
    )
)


def require_likeness(path: Path, name: str) -> None:
    """Raises: NotReadable for a file that is plainly of another kind; OSError."""
    head = ASIDE.sub(b"", head_of(path).removeprefix(codecs.BOM_UTF8)).lstrip()
    for pattern, other, advice in LOOKS:
        if pattern.match(head) and other != name:
            raise NotReadable(path, f"it looks like {advice}")
