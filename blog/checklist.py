"""What is worth a look before a post is published: told, never enforced.

What must not be published is publishing's to refuse. Each rule sees the words and what stands in
the text (parts.py); own_links.py alone and the pictures ask the database.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.markup import file_name, is_own_media, words_in
from blog.models import Picture, Post, PostQuerySet, validate_body
from blog.own_links import Trouble, troubles
from blog.parts import Link, Parts, Shown, parts_of
from blog.words import Words
from comments.models import Markup

WORDS_A_MINUTE = 220
LONG_READ = 20
SHORT_DESCRIPTION, LONG_DESCRIPTION = 50, 160
LONG_TITLE = 70
BARE_ADDRESS = 40
MOST_QUOTES, MOST_QUOTED = 5, 80
# Longer HTML is not read here: it is shown as it was typed, and nobody wrote it by hand.
MOST_HTML = 400_000
MOST_FILES = 300

MUST, SHOULD, NOTE = "must", "should", "note"
LEVELS = {
    MUST: gettext_lazy("Mend this"),
    SHOULD: gettext_lazy("Better so"),
    NOTE: gettext_lazy("Good to know"),
}
# What tells nobody where a link leads; in the languages of the site, of its links most of all.
VAGUE = frozenset(
    """here|click|click here|this|link|this link|more|read more|read this|go|see here|see this|page
    this page|this article|article|this post|post|website|site|hier|klicken|mehr|weiter""".replace(
        "\n", "|"
    ).split("|")
)
FILE_NAME = re.compile(
    r"(?i)\S*\.(jpe?g|png|gif|webp|avif|heic)|(img|dsc|dscn|screenshot)[\W_]*\d*"
)


@dataclass(frozen=True)
class Item:
    """One thing to look at. Shape: `where` quotes the text; `more` is how many others there are."""

    level: str
    said: str
    mend: str
    where: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def label(self) -> Any:
        return LEVELS[self.level]


@dataclass(frozen=True)
class Checklist:
    items: list[Item]
    minutes: int

    @property
    def to_look_at(self) -> int:
        return sum(item.level != NOTE for item in self.items)

    @property
    def has_faults(self) -> bool:
        return any(item.level == MUST for item in self.items)


class Look:
    """A post's words with what is asked of them more than once."""

    def __init__(self, words: Words, hosts: frozenset[str], known: PostQuerySet) -> None:
        self.words = words
        self.hosts = hosts
        self.known = known
        self.body = str(words.get("body", ""))
        self.is_html = words.get("markup") == Markup.HTML

    @cached_property
    def cannot_be_read(self) -> str:
        """Say why the text cannot be looked into; nothing where it can."""
        if self.is_html:
            is_long = len(self.body) > MOST_HTML
            return _("It is too long to be looked into.") if is_long else ""
        try:
            validate_body(self.body)
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

    @cached_property
    def parts(self) -> Parts:
        return Parts() if self.cannot_be_read else parts_of(self.body, self.words["markup"])

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        """The site's own pictures in the text and on the cover. Queries: 0 or 1."""
        shown = (picture.src for picture in self.parts.pictures if is_own_media(picture.src))
        names = list(dict.fromkeys(map(file_name, shown)))[:MOST_FILES]
        cover = self.words.get("cover")
        if not names and not cover:
            return {}
        rows = Picture.objects.filter(Q(file__in=names) | Q(pk=cover))
        return {row.file.name: row for row in rows if row.file.name}

    @cached_property
    def cover(self) -> Picture | None:
        key = self.words.get("cover")
        return next((row for row in self.pictures.values() if row.pk == key), None)

    @cached_property
    def links(self) -> list[Trouble]:
        """Links on this site that do not lead where they should. Queries: up to 15."""
        hrefs = [link.href for link in self.parts.links]
        # Of HTML, a heading without a name has no place to lead to.
        anchors = self.parts.anchors | {each.anchor for each in self.parts.headings}
        return troubles(hrefs, self.hosts, anchors, self.known)


def check(
    words: Words, *, hosts: frozenset[str] = frozenset(), known: PostQuerySet | None = None
) -> Checklist:
    """Look over a post's words. `hosts`: under which this site is asked for. `known`: posts that
    whoever asks may know of, besides those that are everybody's. Queries: up to 16.
    """
    look = Look(words, hosts, Post.objects.none() if known is None else known)
    items = [item for rule in RULES for item in rule(look)]
    items.sort(key=lambda item: list(LEVELS).index(item.level))
    return Checklist(items, minutes=_minutes(look.body))


def _minutes(body: str) -> int:
    return max(1, math.ceil(words_in(body[:MOST_HTML]) / WORDS_A_MINUTE))


def _item(level: str, said: str, mend: str, where: list[str]) -> Item:
    """Return one item for all places that are at the same fault."""
    quotes = [" ".join(each.split())[:MOST_QUOTED] for each in dict.fromkeys(where)]
    shown = quotes[:MOST_QUOTES]
    return Item(level, said, mend, shown, more=len(quotes) - len(shown))


# --- the rules, in the order of the page --------------------------------------------------------


def _title(look: Look) -> Iterator[Item]:
    title = look.words.get("title", "").strip()
    if not title:
        said = _("The post has no title.")
        yield Item(MUST, said, _("Give it one: without it, it is not published."))
    elif len(title) > LONG_TITLE:
        said = _("The title is longer than %(most)s characters.") % {"most": LONG_TITLE}
        yield Item(NOTE, said, _("Search engines and other sites show the beginning alone."))


def _description(look: Look) -> Iterator[Item]:
    excerpt = look.words.get("excerpt", "").strip()
    if not excerpt:
        mend = _("One or two sentences say in lists and in search engines what it is about.")
        yield Item(SHOULD, _("There is no standfirst."), mend)
        return
    if SHORT_DESCRIPTION <= len(excerpt) <= LONG_DESCRIPTION:
        return
    said = ngettext(
        "The standfirst is %(length)s character long.",
        "The standfirst is %(length)s characters long.",
        len(excerpt),
    ) % {"length": len(excerpt)}
    mend = _("Between %(least)s and %(most)s are shown whole, and say enough.")
    yield Item(NOTE, said, mend % {"least": SHORT_DESCRIPTION, "most": LONG_DESCRIPTION})


def _text(look: Look) -> Iterator[Item]:
    if not look.body.strip():
        yield Item(MUST, _("There is no text yet."), _("Write something before you publish."))
    elif look.cannot_be_read:
        level = NOTE if look.is_html else MUST
        yield Item(level, _("The text was not looked into."), look.cannot_be_read)


def _cover(look: Look) -> Iterator[Item]:
    cover = look.cover
    if cover is not None and not cover.alt.strip() and not cover.is_decorative:
        yield Item(MUST, _("The cover has no text for those who cannot see it."), _say_what())


def _pictures(look: Look) -> Iterator[Item]:
    bare = [picture.src for picture in look.parts.pictures if _is_bare(look, picture)]
    if bare:
        said = ngettext(
            "A picture has no text for those who cannot see it.",
            "%(number)s pictures have no text for those who cannot see them.",
            len(bare),
        ) % {"number": len(bare)}
        yield _item(MUST, said, _say_what(), [src.rpartition("/")[2] for src in bare])
    named = [one.alt for one in look.parts.pictures if one.alt and FILE_NAME.fullmatch(one.alt)]
    if named:
        yield _item(
            SHOULD, _("What stands for a picture is the name of a file."), _say_what(), named
        )


def _is_bare(look: Look, picture: Shown) -> bool:
    if picture.alt:
        return False
    own = look.pictures.get(file_name(picture.src)) if is_own_media(picture.src) else None
    if own is not None:
        return not own.is_decorative
    # In HTML, an empty one says that there is nothing to say.
    return not (look.is_html and picture.alt == "")


def _say_what() -> str:
    return _("Say in a few words what it shows, or mark it as decoration in the library.")


def _headings(look: Look) -> Iterator[Item]:
    headings = look.parts.headings
    tops = [each.text for each in headings if each.level == 1]
    if tops:
        mend = _("The title is the page's first heading: begin with the second level (##).")
        yield _item(SHOULD, _("There is another heading of the first level."), mend, tops)
    levels = [1, *(each.level for each in headings)]
    jumps = [
        each.text for above, each in zip(levels, headings, strict=False) if each.level > above + 1
    ]
    if jumps:
        mend = _("Go down one level at a time: who listens to a page finds their way by these.")
        yield _item(SHOULD, _("A heading leaves out a level."), mend, jumps)
    title = look.words.get("title", "").strip().casefold()
    twice = [each.text for each in headings if title and each.text.casefold() == title]
    if twice:
        yield _item(SHOULD, _("A heading repeats the title."), _("It stands above already."), twice)
    if any(not each.text for each in headings):
        yield Item(SHOULD, _("A heading is empty."), _("Write something in it, or take it out."))


def _link_texts(look: Look) -> Iterator[Item]:
    links = look.parts.links
    silent = [link.href for link in links if not link.text]
    if silent:
        mend = _("Put words in it: nobody sees it, and who listens hears an address.")
        yield _item(MUST, _("A link has no words."), mend, silent)
    vague = [f"{link.text} → {link.href}" for link in links if _bare_words(link) in VAGUE]
    if vague:
        mend = _("Use words that say where it leads; many go from link to link.")
        yield _item(SHOULD, _("A link does not say where it leads."), mend, vague)
    bare = [link.text for link in links if _is_bare_address(link)]
    if bare:
        mend = _("Put it behind words: it is read out letter by letter.")
        yield _item(SHOULD, _("A long address stands bare in the text."), mend, bare)


def _bare_words(link: Link) -> str:
    return link.text.casefold().strip(" .,:;!?…→»›>\"'()[]*_")


def _is_bare_address(link: Link) -> bool:
    is_address = link.text.startswith(("http://", "https://", "www.")) and " " not in link.text
    return is_address and len(link.text) > BARE_ADDRESS


def _own_links(look: Look) -> Iterator[Item]:
    hard = [f"{each.href}: {each.why}" for each in look.links if each.is_hard]
    if hard:
        said = ngettext(
            "A link on this site leads nowhere.",
            "%(number)s links on this site lead nowhere.",
            len(hard),
        ) % {"number": len(hard)}
        yield _item(MUST, said, _("Mend the address, or take the link out."), hard)
    soft = [f"{each.href}: {each.why}" for each in look.links if not each.is_hard]
    if soft:
        mend = _("Readers get there or will; the newer address is the quicker one.")
        yield _item(NOTE, _("A link on this site could be better."), mend, soft)


def _labels(look: Look) -> Iterator[Item]:
    if not look.words.get("tags"):
        yield Item(NOTE, _("It has no tags."), _("By them readers find more on the same subject."))


def _length(look: Look) -> Iterator[Item]:
    minutes = _minutes(look.body)
    if minutes > LONG_READ:
        said = _("Reading it takes about %(minutes)s minutes.") % {"minutes": minutes}
        yield Item(NOTE, said, _("Two posts in a series might be read by more."))


RULES: tuple[Callable[[Look], Iterator[Item]], ...] = (
    _title, _description, _text, _cover, _pictures, _headings, _link_texts, _own_links, _labels,
    _length,
)  # fmt: skip
