"""Texts that show Hugo's own shortcodes, written so that Hugo shows them, too, and read back. Pure.

Hugo runs {{< x >}} and {{% x %}} wherever they stand, in code as well, and stops at one that it
does not know. It shows {{</* x */>}} as {{< x >}}: one level of marks goes, whatever is inside.
Source: https://gohugo.io/content-management/shortcodes/#escape
"""

import re
from collections.abc import Callable, Iterator

OPENER = re.compile(r"\{\{([<%])")
CLOSERS = {"<": ">}}", "%": "%}}"}
# What a post's params say of its text: what was done to it.
ESCAPED, CLOSED = "escaped", "closed"


def escaped(text: str) -> tuple[str, str]:
    """Return a text as Hugo shows it, and what was done to it: nothing, or what restored() needs.

    An opener that nothing closes would stop Hugo as well, so the end of the text closes it.
    """
    if unclosed := _unclosed(text):
        return _changed(text + _end_for(unclosed), _with_marks), CLOSED
    marked = _changed(text, _with_marks)
    return marked, "" if marked == text else ESCAPED


def restored(text: str, done: str) -> str:
    """Return what escaped() was given."""
    if not done:
        return text
    text = _changed(text, _without_marks)
    if done == CLOSED:
        for opener in CLOSERS:
            text = text.removesuffix(_end_for(opener))
    return text


def _end_for(opener: str) -> str:
    """Return what closes an opener where no reader sees it."""
    return f"\n\n<!-- {CLOSERS[opener]} -->"


def _with_marks(inside: str) -> str:
    return f"/*{inside}*/"


def _without_marks(inside: str) -> str:
    return inside.removeprefix("/*").removesuffix("*/") if len(inside) >= 4 else inside


def _changed(text: str, change: Callable[[str], str]) -> str:
    """Return a text with what stands within each pair of opener and closer changed."""
    parts, at = [], 0
    for start, end in _insides(text):
        parts += [text[at:start], change(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _insides(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the inside of each pair begins and ends. What is open to the end is no pair."""
    opener = OPENER.search(text)
    while opener and (end := text.find(CLOSERS[opener[1]], opener.end())) >= 0:
        yield opener.end(), end
        opener = OPENER.search(text, end + 3)


def _unclosed(text: str) -> str:
    """Return the mark of the opener that nothing closes, if there is one: < or %."""
    at = 0
    for _start, end in _insides(text):
        at = end + 3
    opener = OPENER.search(text, at)
    return opener[1] if opener else ""
