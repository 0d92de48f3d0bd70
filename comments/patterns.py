"""A text with places in it, worked out once and filled often."""

import re
from collections.abc import Sequence
from operator import itemgetter


class Pattern:
    """Shape: `marks` stand in the text where values will, in the order in which those are given;
    each may stand there several times. No two of them begin alike.
    """

    def __init__(self, text: str, marks: Sequence[str]) -> None:
        if missing := [mark for mark in marks if mark not in text]:
            raise ValueError(f"The text has no place for {missing}.")
        parts = re.split(f"({'|'.join(map(re.escape, marks))})", text)
        self.between = tuple(part for part in parts if part not in marks)
        order = {mark: at for at, mark in enumerate([*self.between, *marks])}
        self.pick = itemgetter(*(order[part] for part in parts))

    def filled(self, *values: str) -> tuple[str, ...]:
        """Return the text in pieces: to put them together twice would take longer.

        More values than there are marks are not looked at.
        """
        pieces: tuple[str, ...] = self.pick((*self.between, *values))
        return pieces
