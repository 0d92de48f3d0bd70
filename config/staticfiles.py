"""What collectstatic stores: names with a hash, compressed, and our own files without comments.

There is no build step: the files are written for people, and what browsers do not read is left
out as they are stored.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Ours alone; what others wrote is stored as they made it.
OURS = re.compile(r"(?:js|css)/[^/]+\.(?:js|css)")
# Whole lines only: what stands behind code, or between quotation marks, is nobody's to touch.
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^[ \t]+|^\n", re.MULTILINE)


def without_comments(text: str) -> str:
    """Leave out comments that have lines of their own, indentation and empty lines.

    The files must not hold a string over several lines, where these would count.
    """
    return INDENT.sub("", COMMENT.sub("", text))


class Storage(CompressedManifestStaticFilesStorage):
    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        for name in [] if dry_run else list(filter(OURS.fullmatch, paths)):
            stored = Path(self.path(name))
            stored.write_text(without_comments(stored.read_text("utf-8")), "utf-8")
            # Hashed and compressed is what is stored, not what it was made from.
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)
