"""Full-text search in comments, for editors: words in texts and names, and the tokens of facets.py.

PostgreSQL keeps its indexes itself. On SQLite the index is a table of its own that is brought up to
date before a search, not with every comment: the log says, in order, which comments were touched
since. Until then comments are found as they were; who searches is told how far the index is.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from comments.models import Comment, ModerationLogEntry, SearchProgress
from comments.status import Status
from comments.turns import turn

TABLE = "comments_search"
MOST_TERMS = 12
# Of a beginning: fewer letters begin half of all words.
FEWEST_LETTERS = 2
LONGEST_SEARCH = 200
# So many rows of the log are caught up with before one search, and in one transaction.
ENTRIES_A_SEARCH, ENTRIES_A_TURN = 6_000, 1_000
TERM = re.compile(r'(?P<out>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))')
# All that SQLite's index finds, found once and not again for each comment. The "+" keeps the
# comments in the order of their queue: it is no index that is asked here.
MOST_AMONG = 200_000
_AMONG = f"+{{key}} IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s)"  # noqa: S608
# Vowels of many scripts are marks on a letter, and part of its word.
MARKS = "".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] == "M")
WORDS = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
# As in migration 0014: what stands between words, and what the index is made of. A page of
# comments has names of other rows beside.
BETWEEN = "./-@_:?&=#%+'’<>\\"
NAME_AND_BODY = "{table}.author_name || ' ' || {table}.body"
POSTGRESQL_TEXT = (
    f"translate(left({NAME_AND_BODY}, 200000), "
    f"'{BETWEEN.replace(chr(39), chr(39) * 2)}', '{' ' * len(BETWEEN)}')"
).replace("%", "%%")


class BadSearch(ValueError):
    """There is nothing in it to look for; the words say why."""


@dataclass(frozen=True)
class Term:
    """A word, the beginning of one (`word*`), or words that follow each other; or none of these."""

    words: tuple[str, ...]
    is_beginning: bool = False
    is_excluded: bool = False


def parse_search(text: str) -> tuple[Term, ...]:
    """Read what an editor typed: words, "words in a row", beginnings*, -without.

    Raises: BadSearch.
    """
    if len(text) > LONGEST_SEARCH:
        raise BadSearch(_("Please search for fewer words."))
    found = []
    for match in TERM.finditer(_composed(text).replace("\x00", " ")):
        typed = match["phrase"] if match["phrase"] is not None else match["word"]
        words = tuple(WORDS.findall(typed))
        if words:
            is_beginning = match["word"] is not None and typed.endswith("*")
            if is_beginning and typed.isascii() and len("".join(words)) < FEWEST_LETTERS:
                raise BadSearch(_("Please type two letters or more before the star."))
            found.append(Term(words, is_beginning, bool(match["out"])))
    if not any(not term.is_excluded for term in found):
        raise BadSearch(_("Type a word to look for; signs alone are not found."))
    if len(found) > MOST_TERMS:
        raise BadSearch(_("Please search for at most %(most)s words.") % {"most": MOST_TERMS})
    return tuple(found)


def _composed(text: str) -> str:
    """Return a text with each letter and its accents as one character."""
    return unicodedata.normalize("NFC", text)


# --- what is found ------------------------------------------------------------------------------


def with_words(terms: Sequence[Term]) -> RawSQL:
    """Return an expression that is true of a comment with these words."""
    table = connection.ops.quote_name(Comment._meta.db_table)
    if connection.vendor == "postgresql":
        sql, params = _as_tsquery(terms)
        text = POSTGRESQL_TEXT.format(table=table)
        return _boolean(f"to_tsvector('simple', {text}) @@ ({sql})", params)
    if not is_kept():
        return _like(table, terms)
    return _boolean(_AMONG.format(key=f"{table}.id"), [_as_match(terms)])


def with_token(token: str) -> RawSQL:
    """Return an expression that is true of a comment with this facet."""
    table = connection.ops.quote_name(Comment._meta.db_table)
    if connection.vendor == "postgresql":
        return _boolean(f"string_to_array({table}.facets, ' ') @> ARRAY[%s]", [token])
    match = _as_token_match(token)
    if is_kept() and not _are_more(match, MOST_AMONG):
        return _boolean(_AMONG.format(key=f"{table}.id"), [match])
    # Most comments have it: each is asked until the page is full.
    return _boolean(f"instr(' ' || {table}.facets || ' ', %s) > 0", [f" {token} "])


def keys_with_words(terms: Sequence[Term], most: int) -> list[int] | None:
    """Return the keys of comments with these words; None where there are more than `most`."""
    if connection.vendor == "postgresql":
        return _few(Comment.objects.filter(with_words(terms)), most)
    return _matches(_as_match(terms), most) if is_kept() else None


def keys_with_token(token: str, most: int) -> list[int] | None:
    """Return the keys of comments with this facet; None where there are more than `most`."""
    if connection.vendor == "postgresql":
        return _few(Comment.objects.filter(with_token(token)), most)
    return _matches(_as_token_match(token), most) if is_kept() else None


def _few(comments: Any, most: int) -> list[int] | None:
    keys = list(comments.order_by().values_list("pk", flat=True)[: most + 1])
    return keys if len(keys) <= most else None


def _matches(match: str, most: int) -> list[int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT %s",  # noqa: S608
            [match, most + 1],
        )
        keys = [key for (key,) in cursor.fetchall()]
    return keys if len(keys) <= most else None


def _are_more(match: str, most: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT 1 OFFSET %s",  # noqa: S608
            [match, most],
        )
        return cursor.fetchone() is not None


def _boolean(sql: str, params: list[Any]) -> RawSQL:
    return RawSQL(sql, params, output_field=BooleanField())  # noqa: S611


def _as_match(terms: Sequence[Term]) -> str:
    """Return terms in the language of FTS5; every word is quoted, so that none is an operator."""
    wanted = [_as_phrase(term) for term in terms if not term.is_excluded]
    without = [_as_phrase(term) for term in terms if term.is_excluded]
    match = f"({' AND '.join(wanted)})"
    return f"{{name body}} : ({' NOT '.join([match, *without])})"


def _as_token_match(token: str) -> str:
    return f"facets : {_hidden(token)}"


def _as_phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"{"*" if term.is_beginning else ""}'


def _as_tsquery(terms: Sequence[Term]) -> tuple[str, list[str]]:
    parts, params = [], []
    for term in terms:
        # Letters and digits only: nothing in a word is an operator.
        if term.is_beginning:
            part, param = "to_tsquery('simple', %s)", " <-> ".join(term.words) + ":*"
        else:
            part, param = "phraseto_tsquery('simple', %s)", " ".join(term.words)
        parts.append(f"!!{part}" if term.is_excluded else part)
        params.append(param)
    return " && ".join(parts), params


def _like(table: str, terms: Sequence[Term]) -> RawSQL:
    """Look through all texts: slow, for a SQLite that was built without its full-text search."""
    parts, params = [], []
    for term in terms:
        part = f"({NAME_AND_BODY.format(table=table)}) LIKE %s ESCAPE '\\'"
        parts.append(f"NOT {part}" if term.is_excluded else part)
        params.append("%" + "%".join(term.words) + "%")
    return _boolean(" AND ".join(parts), params)


def _hidden(token: str) -> str:
    """Return a facet as one word of letters and digits, which is what SQLite's index is made of."""
    return "f" + blake2s(token.encode("utf-8", "replace"), digest_size=8).hexdigest()


# --- SQLite's index -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far the index is. Shape: `done` and `total` count rows of the log."""

    done: int
    total: int

    @property
    def is_whole(self) -> bool:
        return self.done >= self.total


def is_kept() -> bool:
    """Tell whether this SQLite has the index. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [TABLE])
        return cursor.fetchone() is not None


def catch_up(most: int | None = ENTRIES_A_SEARCH) -> Progress:
    """Bring the index nearer to the comments as they are; `most` rows of the log, None is all.

    Others who write wait for ENTRIES_A_TURN of them at most. Queries: 2 where nothing happened.
    """
    if connection.vendor == "postgresql" or not is_kept():
        return Progress(0, 0)
    progress = SearchProgress.objects.filter(pk=1).first() or SearchProgress(pk=1)
    newest = ModerationLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    done = 0
    while progress.last_entry < newest and (most is None or done < most):
        done += _index_next(progress)
    return Progress(progress.last_entry, newest)


def _index_next(progress: SearchProgress) -> int:
    with turn():
        entries = ModerationLogEntry.objects.filter(pk__gt=progress.last_entry).order_by("pk")
        rows = list(entries.values_list("pk", "comment_id")[:ENTRIES_A_TURN])
        _index({comment_id for _pk, comment_id in rows})
        progress.last_entry = rows[-1][0] if rows else progress.last_entry
        progress.save()
    return len(rows) or 1


def index_again(keys: set[int]) -> None:
    """Index comments that changed without a row of the log. Within a turn."""
    if connection.vendor != "postgresql" and is_kept():
        _index(keys)


def _index(keys: set[int]) -> None:
    forget(keys)
    found = Comment.objects.filter(pk__in=keys).exclude(status=Status.DELETED).order_by()
    rows = [
        (pk, _composed(name), _composed(body), " ".join(map(_hidden, facets.split())))
        for pk, name, body, facets in found.values_list("pk", "author_name", "body", "facets")
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} (rowid, name, body, facets) VALUES (%s, %s, %s, %s)",  # noqa: S608
            rows,
        )


def forget(keys: Iterable[int]) -> None:
    """Take comments out of SQLite's index at once: their words are to be gone."""
    if connection.vendor != "postgresql" and is_kept():
        with connection.cursor() as cursor:
            cursor.executemany(
                f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
                [(key,) for key in keys],
            )


def put_in_order() -> None:
    """Let the file give up the words of what was taken out of SQLite's index.

    A SQLite that can does so at once (migration 0014); others when the index is written anew,
    which costs nothing where nothing was taken out since.
    """
    if connection.vendor != "postgresql" and is_kept():
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608
