"""Which old addresses Hugo leads on from: it writes a page for each, and none over another. Pure.

The rest stays in a post's params, where import_site finds all of them.
Source: https://gohugo.io/content-management/urls/#aliases
"""

import re
from collections.abc import Iterable
from posixpath import normpath

# The most bytes that file systems take in one name.
MOST_BYTES = 255
# What Hugo writes by itself, and where it writes more than we can know.
ITS_OWN = frozenset(
    ["index.html", "index.xml", "sitemap.xml", "robots.txt", "404.html"]
    + [f"{place}/index.{ending}" for place in ("posts", "pages") for ending in ("html", "xml")]
)
ITS_ROOMS = re.compile(r"(tags|categories|media)/", re.IGNORECASE)


def aliases_for_hugo(paths: Iterable[str], own: Iterable[str]) -> set[str]:
    """Return those of the old addresses that Hugo can take; `own` are those that posts have now.

    Of two that would be one file, or a file and a folder, the first in the order of names stays.
    """
    taken = {_file_of(address) for address in own} | ITS_OWN
    kept = set()
    for file, path in sorted((_file_of(path), path) for path in paths if _is_possible(path)):
        if not taken.intersection([file, *_above(file)]) and not ITS_ROOMS.match(file):
            taken.add(file)
            kept.add(path)
    return kept


def _is_possible(path: str) -> bool:
    """Tell whether a file can be written for it: none for a question."""
    is_path = path.startswith("/") and "?" not in path
    return is_path and all(len(name.encode()) <= MOST_BYTES for name in path.split("/"))


def _file_of(path: str) -> str:
    """Return the file that Hugo writes for an address."""
    name = normpath(f"/{path.lstrip('/')}").lstrip("/")
    return name if name.endswith(".html") else f"{name}/index.html".lstrip("/")


def _above(file: str) -> Iterable[str]:
    """Return the folders that a file stands in."""
    names = file.split("/")
    return ("/".join(names[:end]) for end in range(1, len(names)))
