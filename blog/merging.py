"""Two texts that were written from one, made one again: nothing that either wrote is lost. Pure.

What only one of both touched is as they left it, down to the word. Where both changed the same
words differently, or side by side, the whole lines of both stand one after the other, between lines
that say whose they are. Without a common ancestor nobody can be said to have taken anything out:
then all words of both are there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from blog.differences import ADDED, SAME, parts_of


class Edit(NamedTuple):
    """A stretch of the ancestor, counted in characters, and what one of both made of it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Merge:
    """Shape: `conflicts` is how many places of `text` hold both, one after the other."""

    text: str
    conflicts: int


@dataclass(frozen=True)
class Labels:
    """The lines that say whose the next lines are, and where they end."""

    yours: str
    theirs: str
    end: str


@dataclass
class Stretch:
    """A part of the ancestor that somebody changed, with the edits of each in it."""

    start: int
    end: int
    yours: list[Edit]
    theirs: list[Edit]

    def is_disputed(self) -> bool:
        return bool(self.yours and self.theirs) and self.yours != self.theirs


def merge(base: str | None, yours: str, theirs: str, labels: Labels) -> Merge:
    """Return one text of two. `base`: what both began with, or None if that is not known."""
    if yours == theirs:
        return Merge(yours, 0)
    if base is None:
        base = "".join(part.text for part in parts_of(yours, theirs) if part.kind == SAME)
    stretches = _stretches(base, _edits(base, yours), _edits(base, theirs))
    return _written_out(base, stretches, labels)


def merge_choices(base: list | None, yours: list, theirs: list) -> list:
    """Return what either added to a list, less what either took out of it, in their order."""
    removed = {each for each in base or () if each not in yours or each not in theirs}
    together = dict.fromkeys([*theirs, *yours])
    return [each for each in together if each not in removed]


def merge_value(base: object, yours: object, theirs: object) -> tuple[object, bool]:
    """Return what a field should say that is of one piece, and whether both changed it."""
    if yours in (theirs, base):
        return theirs, False
    return yours, theirs != base


def _edits(base: str, new: str) -> list[Edit]:
    edits: list[Edit] = []
    at = 0
    for kind, text in ((part.kind, part.text) for part in parts_of(base, new)):
        stop = at if kind == ADDED else at + len(text)
        if kind != SAME:
            touching = edits and edits[-1].end == at
            before = edits.pop() if touching else Edit(at, at, "")
            edits.append(Edit(before.start, stop, before.text + (text if kind == ADDED else "")))
        at = stop
    return edits


def _stretches(base: str, yours: list[Edit], theirs: list[Edit]) -> list[Stretch]:
    """Return what was changed, in order; what is disputed reaches over whole lines."""
    mine = [Stretch(edit.start, edit.end, [edit], []) for edit in yours]
    other = [Stretch(edit.start, edit.end, [], [edit]) for edit in theirs]
    stretches = _joined(sorted([*mine, *other], key=lambda each: (each.start, each.end)))
    while True:
        for each in filter(Stretch.is_disputed, stretches):
            _reach_over_lines(each, base)
        joined = _joined(stretches)
        if len(joined) == len(stretches):
            return joined
        stretches = joined


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Make those one that overlap or touch: with no word between them they are about the same."""
    joined: list[Stretch] = []
    for each in stretches:
        last = joined[-1] if joined else None
        if last is None or each.start > last.end:
            joined.append(each)
            continue
        last.end = max(last.end, each.end)
        last.yours += each.yours
        last.theirs += each.theirs
    return joined


def _reach_over_lines(stretch: Stretch, base: str) -> None:
    stretch.start = base.rfind("\n", 0, stretch.start) + 1
    if stretch.end == stretch.start or base[stretch.end - 1] != "\n":
        line_end = base.find("\n", stretch.end)
        stretch.end = len(base) if line_end < 0 else line_end + 1
    while base.startswith("\n", stretch.end):
        stretch.end += 1


def _written_out(base: str, stretches: list[Stretch], labels: Labels) -> Merge:
    pieces: list[str] = []
    at = conflicts = 0
    for stretch in stretches:
        pieces.append(base[at : stretch.start])
        yours, theirs = (_applied(base, stretch, each) for each in (stretch.yours, stretch.theirs))
        if stretch.is_disputed() and yours != theirs:
            conflicts += 1
            pieces.append(_gap_after(base[max(0, stretch.start - 2) : stretch.start]))
            pieces += _both(yours, theirs, labels)
        else:
            pieces.append(yours if stretch.yours else theirs)
        at = stretch.end
    return Merge("".join([*pieces, base[at:]]), conflicts)


def _applied(base: str, stretch: Stretch, edits: list[Edit]) -> str:
    pieces: list[str] = []
    at = stretch.start
    for edit in edits:
        pieces += [base[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, base[at : stretch.end]])


def _gap_after(text: str) -> str:
    return "" if not text or text.endswith("\n\n") else "\n"


def _both(yours: str, theirs: str, labels: Labels) -> Iterator[str]:
    """Yield lines of both. An empty line around each keeps a label out of their paragraphs."""
    for label, text in ((labels.yours, yours), (labels.theirs, theirs)):
        yield f"{label}\n\n"
        if text.strip():
            yield f"{text.rstrip(chr(10))}\n\n"
    yield f"{labels.end}\n\n"
