"""Single lines from elsewhere, mended: titles and names that a form here would have refused.

Pure. What cannot be mended becomes less, never an error.
"""

import unicodedata

from accounts.text import DIRECTION_OVERRIDES, INK, NOT_OF_A_LINE


def tidy_line(text: str, most: int) -> str:
    """Return `text` as one line of at most `most` characters, cut at a word where it must be."""
    kept = (
        " " if unicodedata.category(char) in NOT_OF_A_LINE else char
        for char in text
        if char not in DIRECTION_OVERRIDES
    )
    line = " ".join("".join(kept).split())
    if len(line) <= most:
        return line
    return line[: most - 1].rsplit(" ", 1)[0].rstrip() + "…"


def is_visible(text: str) -> bool:
    """Tell whether anything of a text leaves ink on the page."""
    return any(unicodedata.category(char)[0] in INK for char in text)
