"""The measures: each module here says with numbers how one part of Parley holds up.

A measure is a module with a function `measure()` that yields a `Figure` for everything it found
out, and a docstring whose first line says what it measures. It may start the site with
tests.servers.Site. `make bench` runs them all, `make bench ARGS="name"` one.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """One number: what it is, in which unit, and the most and least it may be, if it has limits."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_within(self) -> bool:
        is_low_enough = self.at_most is None or self.value <= self.at_most
        return is_low_enough and (self.at_least is None or self.value >= self.at_least)
