"""How an address of another blog is written, so that one asked for is found: pure.

normalised() writes a path the one way in which OldAddress keeps it: an import stores what it
returns, a reader's request is looked up by it. redirects.py asks.
"""

import re
import unicodedata
from urllib.parse import parse_qs, unquote, urlsplit

MOST_CHARACTERS = 500
# What a blog elsewhere hangs behind a post's address; all of it is to be read at the post's own.
TAIL = re.compile(r"/(comment-page-[0-9]+|feed|feed/(rss|rss2|atom|rdf)|amp|trackback)\Z")
# The same, where a post may just as well be called so: only what nobody else had is that.
PART = re.compile(r"/([0-9]{1,4}|page/[0-9]{1,4}|embed)\Z")
ROOTS = frozenset(["", "/index.php"])
NUMBERED_BY = ("p", "page_id", "attachment_id")
# What WordPress adds to a file's name for a smaller copy of it.
COPY = re.compile(r"(?:-[0-9]{1,5}x[0-9]{1,5}|-scaled)(?=\.[a-zA-Z]{2,5}$)")


def normalised(path: str, query: str = "") -> str:
    """Return an old address as OldAddress keeps it, or nothing for one that can lead nowhere.

    Shape: `path` and `query` as they stand in the address, percent signs and all. The root of a
    blog counts only with the number of a post behind it: "/?p=123".
    """
    path = unicodedata.normalize("NFC", unquote(path)).lower()
    path = unicodedata.normalize("NFC", re.sub("/+", "/", f"/{path}")).rstrip("/")
    while tail := TAIL.search(path):
        path = path[: tail.start()].rstrip("/")
    if path in ROOTS:
        path = numbered(query)
    return path if len(path) <= MOST_CHARACTERS and _is_text(path) else ""


def numbered(query: str) -> str:
    """Return the old address of a post that a query names by its number, or nothing."""
    try:
        asked = parse_qs(query, max_num_fields=50)
    except ValueError:
        return ""
    for name in NUMBERED_BY:
        number = asked.get(name, [""])[0]
        if re.fullmatch("[0-9]{1,18}", number):
            return f"/?{name}={int(number)}"
    return ""


def is_a_number(path: str) -> bool:
    """Tell whether an old address names a post by its number alone, as "/?p=123" does.

    Shape: `path` as normalised() returns it.
    """
    return path.startswith("/?") or path.rpartition("/")[2].partition(".")[0].isdecimal()


def spellings(path: str, query: str = "") -> list[str]:
    """Return as what an address is kept, the likeliest first: by the number in it, by its path."""
    # A blog that stood in a folder: there the number names the post, and the path the blog.
    by_number = numbered(query) if path.strip("/").count("/") == 0 else ""
    return [each for each in dict.fromkeys((by_number, normalised(path, query))) if each]


def candidates(path: str, query: str = "") -> list[str]:
    """Return the old addresses that a request may mean, the likeliest first."""
    kept = spellings(path, query)
    return list(dict.fromkeys([*kept, *filter(None, (PART.sub("", each) for each in kept))]))


def file_path(url: str) -> str:
    """Return the path of an uploaded file, the same for each of its sizes; nothing for no path."""
    try:
        path = normalised(urlsplit(url).path)
    except ValueError:
        return ""
    return COPY.sub("", path)


def _is_text(path: str) -> bool:
    """Tell whether a database can be asked for it: NUL and halves of characters, never."""
    return not any(unicodedata.category(char) in {"Cc", "Cs"} for char in path)
