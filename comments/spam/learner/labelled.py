"""Files of comments that people have judged, to measure the learner on.

Two forms: the CSV of the YouTube Spam Collection (COMMENT_ID, AUTHOR, DATE, CONTENT, CLASS), and
JSON Lines with `text` and `label` (spam or ham, 1 or 0), if known with `author`, `website` and
`date`. Anything else is refused with the line that is wrong.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from comments.spam.learner.features import Written

COLUMNS = ("COMMENT_ID", "AUTHOR", "DATE", "CONTENT", "CLASS")
LABELS = {"spam": True, "1": True, "true": True, "ham": False, "0": False, "false": False}


class NotLabelled(ValueError):
    """The file is not of comments that were judged. Its words are for whoever named the file."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        super().__init__(f"{path}, line {line}: {reason}." if line else f"{path}: {reason}.")


@dataclass(frozen=True)
class Labelled:
    """Shape: `date` is as the file has it, in ISO 8601; empty where it has none."""

    written: Written
    is_spam: bool
    date: str = ""


@dataclass(frozen=True)
class Corpus:
    """The comments of one file, the oldest first. Shape: `in_file_order` as they stood there."""

    name: str
    in_file_order: tuple[Labelled, ...]

    @property
    def is_ham(self) -> bool:
        return not any(comment.is_spam for comment in self.in_file_order)

    @property
    def comments(self) -> tuple[Labelled, ...]:
        """Return them the oldest first.

        Where some have no date their place tells when they were: which have one may depend on
        what they are, and then to sort by date would give that away.
        """
        dates = [comment.date for comment in self.in_file_order if comment.date]
        falls = [later < earlier for earlier, later in pairwise(dates)]
        is_newest_first = sum(falls) * 2 > len(falls)
        return self.in_file_order[::-1] if is_newest_first else self.in_file_order

    @property
    def dated(self) -> list[tuple[str, Labelled]]:
        """Return each with its date, or with that of the one before it."""
        last = next((comment.date for comment in self.comments if comment.date), "")
        rows = []
        for comment in self.comments:
            last = comment.date or last
            rows.append((last, comment))
        return rows


def read_labelled(path: Path, label: bool | None = None) -> Corpus:
    """Read a file; with `label`, all of it is that, and lines of JSON need none of their own.

    Raises: NotLabelled, OSError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            read = _from_csv if path.suffix.lower() == ".csv" else _from_json_lines
            comments = tuple(read(path, file, label))
    except UnicodeDecodeError as error:
        raise NotLabelled(path, "it is not in UTF-8") from error
    if not comments:
        raise NotLabelled(path, "it holds no comments")
    return Corpus(path.name, comments)


def _from_csv(path: Path, file: Any, label: bool | None) -> Iterator[Labelled]:
    reader = csv.DictReader(file, strict=True)
    try:
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise NotLabelled(path, f"a column is missing: {', '.join(missing)}", 1)
        for row in reader:
            if None in row or None in row.values():
                raise NotLabelled(path, "not as many values as columns", reader.line_num)
            written = Written(row["CONTENT"], row["AUTHOR"])
            is_spam = _label(path, row["CLASS"], label, reader.line_num)
            yield Labelled(written, is_spam, row["DATE"])
    except csv.Error as error:
        raise NotLabelled(path, f"this is no CSV ({error})", reader.line_num) from error


def _from_json_lines(path: Path, file: Any, label: bool | None) -> Iterator[Labelled]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise NotLabelled(path, "this is no JSON", number) from error
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise NotLabelled(path, "this is no object with a text", number)
        known = {key: str(row.get(key) or "") for key in ("author", "website")}
        written = Written(row["text"], known["author"], known["website"])
        is_spam = _label(path, row.get("label"), label, number)
        yield Labelled(written, is_spam, str(row.get("date") or ""))


def _label(path: Path, said: Any, label: bool | None, line: int) -> bool:
    if label is not None:
        return label
    try:
        return LABELS[str(said).strip().lower()]
    except KeyError:
        raise NotLabelled(path, f"the label {said!r} is neither spam nor ham", line) from None
