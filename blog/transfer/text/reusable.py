"""Blocks that WordPress keeps once and shows in many posts: their text, put where it is shown.

What stands for one is <!-- wp:block {"ref":3} /-->. It becomes a block around its text, so nothing
in the text can close what stands around it; where the text is not known it stays, and is noted.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

Texts = Callable[[str], str | None]

# An editor writes no "<" and no ">" in a comment.
SHOWN = re.compile(r"<!--\s*+wp:(?:core/)?block\s++(\{[^<>]{0,20000}?\})\s*+/-->")
# One that shows another that shows another; a text of this much more than was written is no text.
DEEPEST = 5
MOST_CHARACTERS = 1_000_000
# So much of a blog's reusable blocks is kept in memory while its posts are read.
MOST_KEPT = 5_000_000


def none_kept(_number: str) -> None:
    """Know no reusable block."""


def with_reusable(text: str, texts: Texts) -> str:
    """Put each reusable block's text into its place. A circle ends where it closes."""
    return _Reusable(texts).filled(text, ())


@dataclass(slots=True)
class KeptTexts:
    """The texts of a blog's reusable blocks by their numbers, as long as there is room."""

    texts: dict[str, str] = field(default_factory=dict)
    left: int = MOST_KEPT

    def keep(self, number: str, text: str) -> None:
        """Remember a block's text; of two with one number the first counts."""
        if number not in self.texts and len(text) <= self.left:
            self.texts[number] = text
            self.left -= len(text)

    def get(self, number: str) -> str | None:
        return self.texts.get(number)


@dataclass(slots=True)
class _Reusable:
    texts: Texts
    left: int = MOST_CHARACTERS

    def filled(self, text: str, around: tuple[str, ...]) -> str:
        return SHOWN.sub(lambda shown: self._filled_one(shown, around), text)

    def _filled_one(self, shown: re.Match[str], around: tuple[str, ...]) -> str:
        number = _number_of(shown[1])
        text = self.texts(number) if number else None
        is_too_much = number in around or len(around) == DEEPEST or len(text or "") > self.left
        if text is None or is_too_much:
            return shown[0]
        self.left -= len(text)
        inside = self.filled(text, (*around, number))
        return f"<!-- wp:block {shown[1]} -->{inside}<!-- /wp:block -->"


def _number_of(attributes: str) -> str:
    try:
        found = json.loads(attributes)
    except (ValueError, RecursionError):
        return ""
    number = found.get("ref") if isinstance(found, dict) else None
    return str(number) if isinstance(number, int | str) and str(number).isdecimal() else ""
