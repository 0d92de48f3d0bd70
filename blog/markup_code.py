"""Code in a text, in colours: what a lexer makes of it in a moment, or plain.

A lexer's regular expressions are not made for hostile input: some take minutes for a page of
brackets. So there are caps on what they are given, and on what all the code of one text may cost.
"""

import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Nobody reads more than this, nor such lines.
MOST_HIGHLIGHTED = 20_000
LONGEST_LINE = 1_000
# Of the processor, for all the code of a text; a text that is nothing else takes less.
SECONDS = 4.0


class TooSlow(Exception):
    """What was begun is not worth its time."""


class Painter:
    """Colours the code of one text. What comes when its time is up stays as it is."""

    def __init__(self) -> None:
        self.left = SECONDS

    def __call__(self, code: str, language: str, attrs: str) -> str:
        """Return code with Pygments' classes; an empty string leaves it as it is."""
        if not language or self.left <= 0 or _is_too_much(code):
            return ""
        started = time.thread_time()
        try:
            return _painted(code, language, until=started + self.left)
        except (ClassNotFound, TooSlow):
            return ""
        finally:
            self.left -= time.thread_time() - started


def _is_too_much(code: str) -> bool:
    return len(code) > MOST_HIGHLIGHTED or max(map(len, code.split("\n"))) > LONGEST_LINE


def _painted(code: str, language: str, *, until: float) -> str:
    tokens = get_lexer_by_name(language).get_tokens(code)
    target = StringIO()
    HtmlFormatter(nowrap=True).format(_in_time(tokens, until), target)
    return target.getvalue()


def _in_time(tokens: Iterator[Any], until: float) -> Iterator[Any]:
    for token in tokens:
        if time.thread_time() > until:
            raise TooSlow
        yield token
