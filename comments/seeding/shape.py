"""Who answers whom in a made-up thread, and what follows: depth, and how many live below.

Pure. A few bytes a comment, so a thread of a million has its shape in memory before any row.
"""

from array import array
from dataclasses import dataclass
from random import Random

from comments.models import PATH_LEVELS

TOP_LEVEL = 0.6
DEEPEST = 8
# Whom replies answer: the last reply, as people do who talk; one of the first comments; or anybody.
TALKING, ONE_OF_THE_FIRST = 0.6, 0.1
FIRST = 20


@dataclass(frozen=True)
class Shape:
    """Shape: by a comment's number (0 is the page itself): the number it answers, the number that
    its path stands under, its depth, and how many comments stand below it.
    """

    parents: "array[int]"
    stems: "array[int]"
    depths: "array[int]"
    living: "array[int]"

    def __len__(self) -> int:
        return len(self.parents) - 1

    def stem_numbers(self, number: int) -> list[int]:
        """Return the numbers that a comment's path is made of, from the root down."""
        numbers = [number]
        while above := self.stems[numbers[-1]]:
            numbers.append(above)
        return numbers[::-1]


def talk(rng: Random, count: int) -> Shape:
    """Return the shape of a discussion: TOP_LEVEL of it answers the page, the rest goes DEEPEST."""
    parents, depths = array("I", [0]), array("I", [0])
    top_level = max(round(count * TOP_LEVEL), 1)
    last_reply = 1
    for number in range(1, count + 1):
        # As if drawn from an urn: the share is exact in the end, and even along the way.
        is_top_level = number == 1 or rng.random() * (count - number + 1) < top_level
        parent = 0 if is_top_level else _answered(rng, number, last_reply)
        top_level -= is_top_level
        last_reply = number if parent else last_reply
        if depths[parent] == DEEPEST:
            parent = parents[parent]
        parents.append(parent)
        depths.append(depths[parent] + 1 if parent else 0)
    return _of(parents)


def chain(count: int) -> Shape:
    """Return the shape of a quarrel: each comment answers the last."""
    return _of(array("I", [0, *range(count)]))


def apart(count: int) -> Shape:
    """Return the shape of comments none of which answers another."""
    return _of(array("I", bytes((count + 1) * array("I").itemsize)))


def _answered(rng: Random, number: int, last_reply: int) -> int:
    draw = rng.random()
    if draw < TALKING:
        return last_reply
    if draw < TALKING + ONE_OF_THE_FIRST:
        return rng.randint(1, min(number - 1, FIRST))
    return rng.randint(1, number - 1)


def _of(parents: "array[int]") -> Shape:
    """Derive the rest. Paths end at PATH_LEVELS: below, a reply stands beside what it answers."""
    stems, depths = array("I", [0]), array("I", [0])
    for parent in parents[1:]:
        stem = parent if depths[parent] < PATH_LEVELS - 1 else stems[parent]
        stems.append(stem)
        depths.append(depths[stem] + 1 if stem else 0)
    living = array("I", bytes(len(parents) * parents.itemsize))
    for number in range(len(parents) - 1, 0, -1):
        if stem := stems[number]:
            living[stem] += living[number] + 1
    return Shape(parents, stems, depths, living)
