"""What came of an import, counted: for the terminal, for `--report FILE` and for the admin."""

from collections import Counter, defaultdict
from typing import Any

from comments.transfer.mending import one_line

# The first so many notes are kept in words; all are counted.
MOST_NOTES = 1000

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


class Report:
    """Counts by what now stands in this site, whichever run brought it; skipped ones by reason.

    A run that was cut off and went on ends with the same counts as one that was not; only
    `changes` tells them apart. What a hostile file says of itself may be given as it is.
    """

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self.comments: Counter[str] = Counter()
        self.changes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.skipped: Counter[str] = Counter()
        self.notes: list[dict[str, Any]] = []
        self.notes_left_out = 0

    def took(self, kind: str, change: str, *, status: str = "") -> None:
        """Count one `kind` (posts, pages, attachments, comments, redirects, …) that is here now."""
        self.changes[kind][change] += 1
        if kind == "comments":
            self.comments[status] += 1
        else:
            self.came[kind] += 1

    def skip(self, reason: str, *, line: int | None = None, what: str = "") -> None:
        """Count what was left out, and why."""
        self.skipped[one_line(reason)] += 1
        if what or line:
            self.note(f"{what}: {reason}" if what else reason, line=line)

    def note(self, words: str, *, line: int | None = None) -> None:
        """Keep what a person should know and what is in no count."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append({"line": line, "what": one_line(words[:300])})
        else:
            self.notes_left_out += 1

    def add(self, other: "Report", *, file: str) -> None:
        """Take in what was counted and noted of one file among several."""
        self.came.update(other.came)
        self.comments.update(other.comments)
        self.skipped.update(other.skipped)
        for kind, changes in other.changes.items():
            self.changes[kind].update(changes)
        kept = other.notes[: max(MOST_NOTES - len(self.notes), 0)]
        self.notes += [{"file": file, **note} for note in kept]
        self.notes_left_out += other.notes_left_out + len(other.notes) - len(kept)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data; the keys that every import has come first."""
        always = {kind: self.came[kind] for kind in ("posts", "pages", "attachments")}
        return {
            **always,
            "comments": dict(sorted(self.comments.items())),
            "redirects": self.came["redirects"],
            "skipped": dict(sorted(self.skipped.items())),
            **{
                kind: n
                for kind, n in sorted(self.came.items())
                if kind not in {*always, "redirects"}
            },
            "changes": {kind: dict(sorted(n.items())) for kind, n in sorted(self.changes.items())},
            "notes": self.notes,
            "notes_left_out": self.notes_left_out,
        }

    def lines(self, *, most_notes: int = 20) -> list[str]:
        """Return the report in words, for the terminal."""
        lines = [
            f"{kind}: {sum(changes.values()):,} ({_listed(changes)})"
            for kind, changes in sorted(self.changes.items())
        ]
        if self.comments:
            lines.append(f"comments by status: {_listed(self.comments)}")
        lines += [f"skipped, {reason}: {n:,}" for reason, n in sorted(self.skipped.items())]
        lines += [_note_line(note) for note in self.notes[:most_notes]]
        if more := len(self.notes) - most_notes + self.notes_left_out:
            lines += [f"... and {more:,} notes more"] if more > 0 else []
        return lines


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))


def _note_line(note: dict[str, Any]) -> str:
    return f"line {note['line']}: {note['what']}" if note["line"] else note["what"]
