"""Rows -> HTML: one flat loop, one format a comment, and what one reader sees laid over it.

Most of a comment is HTML already, made when it was written: its words by markup.py, the line above
them by meta.py. What is added here comes from its place on the page and from the reader. Everything
that somebody typed is escaped; a template for each of hundreds of comments would take ten times as
long (the measure: bench/threads.py).
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from itertools import chain, pairwise

from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comments.meta import as_called, base_address, meta_html
from comments.models import Comment, CommentKind, Thread
from comments.pages import INDENT_LEVELS, ThreadPage
from comments.paging import Place
from comments.patterns import Pattern
from comments.readers import STRANGER, Reader
from comments.rows import Row, parent_number, row_of
from comments.status import Status


def draw_page(page: ThreadPage, reader: Reader = STRANGER) -> str:
    """Return the items of a page's list."""
    return "".join(pieces_of(page, reader))


def pieces_of(page: ThreadPage, reader: Reader = STRANGER) -> list[str]:
    """Return the same in pieces, the words of each comment a piece as they were stored.

    A page of a thousand comments weighs more than a megabyte: it is put together once.
    """
    names = {quoted.number: quoted.name for quoted in page.ancestors}
    pen = Pen(page.thread, reader, page.rows, names)
    return list(chain.from_iterable(map(pen.pieces, page.rows)))


def draw_rows(rows: list[Row], thread: Thread, reader: Reader, parents: dict[int, int]) -> str:
    """Return rows as items of their own, each of which says what it answers.

    Shape: `parents` are the numbers of what they answer.
    """
    pen = Pen(thread, reader, rows, {}, parents)
    return "".join(piece for row in rows for piece in pen.pieces(row))


def new_on(rows: Iterable[Row], reader: Reader) -> list[int]:
    """Return the numbers of what came since this reader was last here, in the page's order."""
    if (since := reader.since) is None:
        return []
    return [
        row.number
        for row in rows
        if row.shown_version > since and (row.author_id is None or row.author_id != reader.user_id)
    ]


class Pen:
    """Draws rows of one thread for one reader; holds what is the same for all of them.

    Shape: `names` are of comments that some row answers and that stand elsewhere.
    """

    def __init__(
        self,
        thread: Thread,
        reader: Reader,
        rows: list[Row],
        names: dict[int, str],
        parents: dict[int, int] | None = None,
    ) -> None:
        self.thread, self.reader, self.names = thread, reader, names
        # Where items are sent on their own, each says what it answers.
        self.parents = parents
        new = new_on(rows, reader)
        self.new, self.next_new = frozenset(new), dict(pairwise(new))
        self.base = base_address(thread.handle)
        self.is_open = thread.accepts_comments()
        self.is_public = thread.is_public
        self.words = words_in(get_language() or "")
        # Items that are sent on their own, or lead nowhere yet, are few.
        is_plain = reader is STRANGER and parents is None and self.is_public
        self.pattern = self._pattern() if is_plain else None

    def pieces(self, row: Row) -> tuple[str, ...]:
        if (
            self.pattern is not None
            and row.approved_revision is not None
            and row.kind == PLAIN
            and row.number != self.thread.pinned_number
        ):
            return self._plain(row, self.pattern)
        return (self._opening(row), *self._content(row), self._nesting(row))

    # --- what most comments are -------------------------------------------------------------------

    def _pattern(self) -> Pattern:
        """Return what a stranger sees of a public comment, drawn once as all others are."""
        html = "".join([self._opening(MODEL), *self._content(MODEL), MODEL_NESTING])
        marks = [MODEL.number, MODEL.shown_version, MODEL.meta_html, MODEL.body_html]
        marks += [f" {MODEL.helpful_count}", self._jumps(MODEL), MODEL_NESTING]
        # A comment that nobody can answer says whose it is in the line above alone.
        marks += [MODEL.author_name] if self.is_open else []
        return Pattern(html, list(map(str, marks)))

    def _plain(self, row: Row, pattern: Pattern) -> tuple[str, ...]:
        return pattern.filled(
            str(row.number),
            str(row.shown_version),
            as_called(row.meta_html, self.thread)
            + ("" if row.parent_id is None else self._answers(row)),
            self._words(row),
            f" {row.helpful_count}" if row.helpful_count else "",
            self._jumps(row),
            self._nesting(row),
            escape(row.author_name),
        )

    def _meta(self, row: Row) -> str:
        return as_called(row.meta_html, self.thread)

    def _words(self, row: Row) -> str:
        return as_called(row.standing_html or row.body_html, self.thread)

    # --- what any comment is ----------------------------------------------------------------------

    def _opening(self, row: Row) -> str:
        number, more = row.number, ""
        if self._waits(row):
            more += " is-waiting"
        if number == self.thread.pinned_number and row.is_public:
            more += " is-pinned"
        if number in self.new:
            more += " is-new"
        if row.author_id in self.reader.muted:
            more += " is-muted"
        told = "" if self.parents is None else self._answered(number)
        return (
            f'<li class="comment{more}" id="comment-{number}" data-v="{row.shown_version}"{told}>\n'
        )

    def _answered(self, number: int) -> str:
        return f' data-parent="{(self.parents or {}).get(number, "")}"'

    def _content(self, row: Row) -> tuple[str, ...]:
        if not row.is_public and not self._waits(row):
            return (f'<p class="tombstone">{self._why_gone(row)}</p>',)
        words = self._words(row)
        if row.kind != CommentKind.COMMENT:
            return (self._mention(row, f"{WORDS}{words}</div>"),)
        if row.author_id in self.reader.muted:
            return (self._muted(row, f"{WORDS}{words}</div>"),)
        return (
            f"<article>{self._header(row)}{WORDS}",
            words,
            f"</div>{self._below(row)}</article>{SLOT}",
        )

    def _waits(self, row: Row) -> bool:
        """Tell whether this is the reader's own, and held. Others' may stand among the rows, too,
        held after they were answered."""
        return row.is_waiting and row.number in self.reader.own

    def _why_gone(self, row: Row) -> str:
        if row.status != Status.DELETED:
            return self.words.removed
        return self.words.deleted if row.author_name else self.words.lost

    def _mention(self, row: Row, words: str) -> str:
        """Draw the note that another page links here."""
        excerpt = ""
        if row.standing_html or row.body_html:
            at = _("at %(name)s") % {"name": escape(row.author_name)}
            summary = f'{_("What it says")}<span class="hidden"> {at}</span>'
            excerpt = f'<details class="excerpt"><summary>{summary}</summary>{words}</details>'
        below = self._actions(self._report(row))
        return f'<article class="mention">{self._header(row)}{excerpt}{below}</article>{SLOT}'

    def _muted(self, row: Row, words: str) -> str:
        said = _("You muted %(name)s.") % {"name": f"<bdi>{escape(row.author_name)}</bdi>"}
        again = self._button(row, "unmute", _("Unmute"))
        return (
            f'<article><details class="muted"><summary>{said} {_("Show")}</summary>'
            f"{self._header(row)}{words}"
            f"{self._actions(again + self._report(row))}</details></article>{SLOT}"
        )

    # --- the line above ---------------------------------------------------------------------------

    def _header(self, row: Row) -> str:
        meta = self._meta(row)
        if not self.is_public:
            # Nobody could follow a permalink here: the page that leads to it is not everybody's.
            at = f"{self.base}{row.number}/"
            meta = meta.replace(f'href="{at}"', f'href="#comment-{row.number}"')
            meta = meta.replace(f'href="{at}history/"', f'href="#comment-{row.number}"')
        return f'<header class="meta">{meta}{self._pin_mark(row)}{self._answers(row)}</header>\n'

    def _pin_mark(self, row: Row) -> str:
        if row.number != self.thread.pinned_number:
            return ""
        return f' <span class="mark mark-pinned">{self.words.pinned}</span>'

    def _answers(self, row: Row) -> str:
        """Say whom a comment answers where indentation does not."""
        if row.parent is not None:
            # Beyond the last level that a path holds, what is answered stands beside, not around.
            is_inside = row.path.startswith(row.parent.path)
            if (is_inside and row.level < INDENT_LEVELS) or not row.parent.is_public:
                return ""
            return self._in_reply(f"#comment-{row.parent.number}", row.parent.author_name)
        if row.parent_id is None or not self.names:
            return ""
        number = parent_number(row) or max(self.names)
        return self._in_reply(f"{self.base}{number}/", self.names.get(number, ""))

    def _in_reply(self, address: str, name: str) -> str:
        if not name:
            return ""
        said = self.words.in_reply % {"name": f"<bdi>{escape(name)}</bdi>"}
        return f' <a class="answers" href="{address}">{said} ↑</a>'

    # --- the line below ---------------------------------------------------------------------------

    def _below(self, row: Row) -> str:
        if row.is_waiting:
            return f'<p class="waiting">{self.words.waiting}</p>{self._actions(self._own(row))}'
        waits = ""
        if row.standing_html and row.number in self.reader.own:
            waits = f'<p class="waiting">{self.words.edit_waits}</p>'
        reply = self._reply(row) if self.is_open else ""
        links = f"{reply}{self._helpful(row)}{self._report(row)}{self._own(row)}{self._jumps(row)}"
        return waits + self._actions(links)

    @staticmethod
    def _actions(links: str) -> str:
        return f'\n<p class="actions">{links}</p>' if links else ""

    def _reply(self, row: Row) -> str:
        address = f"{self.base}{row.number}/reply/"
        to = self.words.to_name % {"name": escape(row.author_name)}
        return (
            f'<a class="reply" href="{address}" rel="nofollow">{self.words.reply}'
            f'<span class="hidden"> {to}</span></a>'
        )

    def _helpful(self, row: Row) -> str:
        reader, count = self.reader, f" {row.helpful_count}" if row.helpful_count else ""
        if reader.user_id is None:
            if not self.is_public:
                return ""
            address = f"{self.base}{row.number}/helpful/"
            said = f'{self.words.helpful}<span class="count-of">{count}</span>'
            return f'<a class="helpful" href="{address}" rel="nofollow">{said}</a>'
        if row.author_id == reader.user_id:
            return f'<span class="helpful">{self.words.helpful}{count}</span>' if count else ""
        pressed = "true" if row.number in reader.helpful else "false"
        said = f'{self.words.helpful}<span class="count-of">{count}</span>'
        return self._button(row, "helpful", said, f' class="helpful" aria-pressed="{pressed}"')

    def _report(self, row: Row) -> str:
        """Draw the way to the editors; nobody reports their own, nor what only some may read."""
        if not self.is_public or self._is_own(row):
            return ""
        return f'<a href="{self.base}{row.number}/report/" rel="nofollow">{self.words.report}</a>'

    def _is_own(self, row: Row) -> bool:
        of_account = row.author_id is not None and row.author_id == self.reader.user_id
        return of_account or row.number in self.reader.own

    def _own(self, row: Row) -> str:
        """Draw what only this reader, or whoever decides here, may do with a comment."""
        reader, links = self.reader, ""
        if reader.own.get(row.number):
            at = f"{self.base}{row.number}/"
            links += f'<a href="{at}edit/">{self.words.edit}</a>'
            links += f'<a href="{at}delete/">{self.words.delete}</a>'
        if reader.user_id is None or row.is_waiting:
            return links
        if row.author_id not in (None, reader.user_id):
            links += self._button(row, "mute", self.words.mute, QUIET)
        if reader.may_pin:
            is_pinned = row.number == self.thread.pinned_number
            act, said = ("unpin", _("Unpin")) if is_pinned else ("pin", self.words.pin)
            links += self._button(row, act, said, QUIET)
        if row.pk in reader.decides:
            address = f"{self.base}{row.number}/moderate/"
            links += f'<a{QUIET} href="{address}">{self.words.moderate}</a>'
        return links

    def _button(self, row: Row, act: str, said: str, attributes: str = "") -> str:
        """Return a button of the one form that carries a signed-in reader's token."""
        address = f"{self.base}{row.number}/{act}/"
        return f'<button form="reader-form" formaction="{address}"{attributes}>{said}</button>'

    def _jumps(self, row: Row) -> str:
        links = ""
        if row.parent is not None:
            address = f"#comment-{row.parent.number}"
            links += f'<a class="jump parent" href="{address}">{self.words.parent}</a>'
        if row.next_number:
            address = f"#comment-{row.next_number}"
            links += f'<a class="jump next" href="{address}">{self.words.next}</a>'
        if number := self.next_new.get(row.number):
            address = f"#comment-{number}"
            links += f'<a class="jump next-new" href="{address}">{self.words.next_new}</a>'
        return links

    # --- where lists begin and end ----------------------------------------------------------------

    def _nesting(self, row: Row) -> str:
        if row.opens:
            is_flat = row.level + 1 >= INDENT_LEVELS
            return f'\n<ol class="replies{" is-flat" if is_flat else ""}">\n'
        if not row.more:
            return f"</li>\n{CLOSE * row.closes}"
        # The line stands below the root of the branch, wherever in it the page ends.
        if not row.level:
            return f'\n<ol class="replies">\n{self._more(row)}{CLOSE}'
        return f"</li>\n{CLOSE * (row.level - 1)}{self._more(row)}{CLOSE}"

    def _more(self, row: Row) -> str:
        said = ngettext("%(count)s more reply", "%(count)s more replies", row.more)
        place = Place(branch=int(row.root, 36), cursor="after", number=row.number)
        address = escape(f"{self.thread.url}{place.query}#discussion")
        return (
            f'<li class="more"><a href="{address}">{said % {"count": counted(row.more)}}</a></li>\n'
        )


PLAIN = CommentKind.COMMENT.value
# Stands for any comment while a pattern is drawn.
MODEL = Row(
    pk=0, parent_id=None, number=918273645, path="", kind=PLAIN, status=Status.APPROVED,
    approved_revision=0, living_replies=0, author_id=None, author_name="(name)",
    shown_version=827364591, helpful_count=736459182, score=0, meta_html="(meta)", meta_stamp="",
    standing_html="", body_html="(words)", next_number=645918273,
)  # fmt: skip
MODEL_NESTING = "(nesting)"
# Acts that are asked for seldom, and shown where a comment is looked at.
QUIET = ' class="quiet"'
WORDS = '<div class="words" dir="auto">'
SLOT = '<div class="reply-slot"></div>'
CLOSE = "</ol></li>\n"


class Words:
    """What is said in every comment, looked up once a process and language."""

    def __init__(self) -> None:
        self.reply, self.helpful, self.report = _("Reply"), _("Helpful"), _("Report")
        self.edit, self.delete = _("Edit"), _("Delete")
        self.mute, self.pin, self.pinned = _("Mute"), _("Pin"), _("pinned")
        self.moderate = _("Moderate")
        self.parent, self.next, self.next_new = _("Parent"), _("Next"), _("Next new")
        self.to_name, self.in_reply = _("to %(name)s"), _("in reply to %(name)s")
        self.removed = _("This comment was removed.")
        self.deleted = _("This comment was deleted by its author.")
        self.lost = _("The comment that stood here did not come along when this discussion moved.")
        self.waiting = _(
            "Only you can see this so far. An editor will read it and decide; you need not do "
            "anything."
        )
        self.edit_waits = _(
            "Your change waits for an editor. Until then readers see the text from before it."
        )


@lru_cache(maxsize=8)
def words_in(language: str) -> Words:
    """Return the words of the language that is active, which is `language`."""
    return Words()


def counted(count: int) -> str:
    """Return a number as it is written in the reader's language: 1,000."""
    return number_format(count, force_grouping=True)


def heading_of(thread: Thread) -> SafeString:
    """Return what stands above a discussion: "7 thoughts on “On bread”"."""
    count = thread.approved_count
    said = ngettext("%(count)s thought on “%(title)s”", "%(count)s thoughts on “%(title)s”", count)
    if not count:
        said = _("No thoughts yet on “%(title)s”")
    # The title alone was typed by somebody.
    return mark_safe(said % {"count": counted(count), "title": escape(thread.title)})


def draw_alone(comment: Comment, thread: Thread, reader: Reader) -> str:
    """Return one comment as an item that is not nested: htmx's answer to a new one."""
    row = row_of(comment)
    if not row.meta_html:
        row.meta_html = meta_html(comment)
    return "".join(Pen(thread, reader, [row], {}).pieces(row))
