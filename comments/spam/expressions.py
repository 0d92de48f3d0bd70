"""The editors' regular expressions: compiled once, tried when they are written, timed whenever they
are looked for.

An expression can take longer than the world lasts, and whoever comments chooses the text. So each
look ends after EACH_SECONDS, all that one comment costs after ALL_SECONDS; what was not looked for
by then is told and not guessed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from time import process_time
from typing import Any

import regex
from django.utils.translation import gettext as _

# Of processor time, which regex counts in: a busy machine does not make an expression slow.
EACH_SECONDS = 0.05
ALL_SECONDS = 0.2
# What trying an expression out may cost altogether.
TRY_SECONDS = 2
FLAGS = regex.IGNORECASE | regex.V0
# What an expression may stumble over when it comes many times, besides a letter of its own.
RUNS = ("a", "1", " ", "ab ", "a.b@", "a, ", "!")
LONG, SHORTER = 5000, 2000
MOST_LETTERS_TRIED = 8
SIGNS = frozenset(r"\()[]{}|*+?^$")


class BadExpression(ValueError):
    """It cannot be looked for. Its words are for the editor who wrote it."""


@dataclass(frozen=True)
class Match:
    """Shape: `span` is in characters of the text at `field`; None where the time ran out."""

    expression: str
    field: int
    span: tuple[int, int] | None

    @property
    def is_late(self) -> bool:
        return self.span is None


@lru_cache(maxsize=1024)
def compiled(expression: str) -> Any:
    """Return an expression to look for; the case of letters does not matter. Raises: BadExpression.

    Source: the documentation of the package regex, "Timeout".
    """
    try:
        return regex.compile(expression, FLAGS)
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise BadExpression(
            _("This is no regular expression: %(why)s.") % {"why": str(error) or "too large"}
        ) from error


def try_out(expression: str) -> None:
    """Refuse an expression that is none, finds everything, or takes too long.

    Raises: BadExpression.
    """
    pattern, ends = compiled(expression), process_time() + TRY_SECONDS
    if _is_late(pattern, "", ends):
        raise BadExpression(_too_long())
    if pattern.search("") is not None:
        raise BadExpression(_("It finds something in every text, even in an empty one."))
    if any(_is_late(pattern, text, ends) for text in _hostile_to(expression)):
        raise BadExpression(_too_long())


def _is_late(pattern: Any, text: str, ends: float) -> bool:
    try:
        _look(pattern, text, min(EACH_SECONDS, ends - process_time()))
    except (TimeoutError, MemoryError):
        return True
    return False


def _hostile_to(expression: str) -> Iterator[str]:
    """Yield long texts that an expression may stumble over.

    What lacks the letters that every match has is not looked at in earnest. So all of its own
    stand in a text, once a line away, where what comes many times must fail first.
    """
    letters = dict.fromkeys(char for char in expression if char.isalnum())
    runs = (*RUNS, *list(letters)[:MOST_LETTERS_TRIED])
    own = "".join(char for char in expression if char not in SIGNS)
    for run in runs:
        yield _repeated(run, LONG) + "!"
    for run in runs:
        yield f"{_repeated(run, SHORTER)}\n{own}"
        yield f"{own}{_repeated(run, SHORTER)}!"


def _repeated(run: str, length: int) -> str:
    return run * (length // len(run))


def _too_long() -> str:
    return _(
        "It takes too long on some texts. Repetitions within repetitions, such as (a+)+, do that; "
        "please write it without."
    )


def found_in(texts: Iterable[str], expressions: Iterable[str]) -> Iterator[Match]:
    """Yield the first place of each expression that is found, and each that took too long."""
    texts, began = tuple(texts), process_time()
    for expression in expressions:
        try:
            pattern = compiled(expression)
        except BadExpression:
            # It was written past the form; nothing can be found by it.
            continue
        ends = min(process_time() + EACH_SECONDS, began + ALL_SECONDS)
        for field, text in enumerate(texts):
            try:
                found = _look(pattern, text, ends - process_time())
            except (TimeoutError, MemoryError):
                yield Match(expression, field, None)
                break
            if found is not None:
                yield Match(expression, field, found.span())
                break


def _look(pattern: Any, text: str, seconds: float) -> Any:
    """Raises: TimeoutError, MemoryError."""
    if seconds <= 0:
        raise TimeoutError
    return pattern.search(text, timeout=seconds)
