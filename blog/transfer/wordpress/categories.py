"""Categories from elsewhere: made, brought up to date, or left as somebody here wants them.

What a file says of one is acted on where it is new, and where it changed there and nobody has
changed the category here; one that was removed here stays removed. Tags are in tags.py.
"""

from urllib.parse import unquote

from django.db import transaction
from django.utils.text import slugify

from blog.models import Category
from blog.publishing import free_slug
from blog.publishing.addresses import is_free
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import title_text
from blog.transfer.wordpress.memory import Memory, digest_of
from blog.transfer.wxr.reading import Term
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, UPDATED, Report

KIND = "category"
NAME_LENGTH = 120
# Of the two halves of what is remembered: what the file said, and what was left here.
HALF = 32


class Categories:
    """Those of one source, by the slug they had there; None for one that was removed here."""

    def __init__(self, memory: Memory, report: Report) -> None:
        self.memory = memory
        self.report = report
        self.taken: dict[str, Category | None] = {}
        self.slugs: dict[str, str] = {}  # by the folded name, where a label has only that

    @transaction.atomic
    def arrange(self, terms: list[Term]) -> None:
        """Keep what a file lists, each within its parent, wherever in the file that stands."""
        for term in terms:
            self.slugs.setdefault(term.name.casefold(), term.slug)
        written = [term for term in terms if self._is_written(term)]
        for term in written:
            self._place(term)
        for term in written:
            self._remember(term)

    def labelled(self, slug: str, name: str) -> Category | None:
        """Return the category that a post's label means, listed or not."""
        term = Term(line=0, kind=KIND, slug=slug, name=name)
        if self._is_written(term):
            self._remember(term)
        return self.taken[self._key(term)]

    def _key(self, term: Term) -> str:
        slug = term.slug or self.slugs.get(term.name.casefold(), "") or slugify(term.name)
        return (slug or term.name)[:200]

    def _is_written(self, term: Term) -> bool:
        """Make what is new and renew what changed there; tell whether there was anything to do."""
        key = self._key(term)
        if key in self.taken:
            return False
        known = self.memory.recall(KIND, key)
        self.taken[key] = category = self._here(key, known)
        if category is None and known is not None:
            self.report.skip("categories that were removed here", line=term.line, what=term.name)
            return False
        change = self._change(term, known, category)
        self.report.took("categories", change)
        if change != UNCHANGED:
            self.taken[key] = _written(category or Category(slug=_free_slug(key, term)), term)
        elif known is None and category is not None:
            self.memory.keep(KIND, key, category, digest=_told(term), is_made=False)
        return change != UNCHANGED

    def _here(self, key: str, known: ImportMap | None) -> Category | None:
        if known is not None:
            return Category.objects.filter(pk=known.object_id).first()
        slug = slugify(unquote(key))[:80]
        return Category.objects.filter(slug=slug).first() if slug else None

    def _change(self, term: Term, known: ImportMap | None, category: Category | None) -> str:
        """Decide: create, update or leave. What somebody changed or made here is theirs."""
        if category is None:
            return CREATED
        # A label says of a category that is known only what it is called.
        if known is None or not term.line or known.digest[:HALF] == _told(term):
            return UNCHANGED
        left = known.digest[HALF:]  # nothing for one that was here before
        if left == _state(category):
            return UPDATED
        if left:
            self.report.note(
                f"category {category.name}: changed here since, so left as it is", line=term.line
            )
        return UNCHANGED

    def _place(self, term: Term) -> None:
        """Put a category within its parent. A circle stays open."""
        child, parent = self.taken[self._key(term)], self._called(term.parent)
        if child and parent and child not in _line_of(parent):
            child.parent = parent
            child.save(update_fields=["parent"])

    def _called(self, parent: str) -> Category | None:
        """Return the category of this slug or, as WXR 1.0 has it, of this name."""
        if not parent:
            return None
        slugs = (parent, self.slugs.get(parent.casefold(), ""), slugify(parent))
        return next((self.taken[slug] for slug in slugs if self.taken.get(slug)), None)

    def _remember(self, term: Term) -> None:
        key = self._key(term)
        if category := self.taken[key]:
            self.memory.keep(KIND, key, category, digest=_told(term) + _state(category))


def _told(term: Term) -> str:
    return digest_of(term.name, term.description, term.parent)[:HALF]


def _state(category: Category) -> str:
    above = category.parent.slug if category.parent else ""
    return digest_of(category.name, category.description, above)[:HALF]


def _written(category: Category, term: Term) -> Category:
    """Save what a file says of a category, all but where it stands."""
    category.name = _name(term)
    category.description = term.description.replace("\x00", "")[:2000]
    category.parent = None
    category.save()
    return category


def _name(term: Term) -> str:
    line = tidy_line(title_text(term.name), NAME_LENGTH) or tidy_line(unquote(term.slug), 80)
    return line if is_visible(line) else "?"


def _free_slug(key: str, term: Term) -> str:
    slug = slugify(unquote(key))[:80]
    if slug and is_free(Category, slug):
        return slug
    return free_slug(Category, _name(term), fallback=KIND)


def _line_of(category: Category) -> list[Category]:
    """Return a category and those it stands within, as far as they are known."""
    line = [category]
    while line[-1].parent is not None and line[-1].parent not in line:
        line.append(line[-1].parent)
    return line
