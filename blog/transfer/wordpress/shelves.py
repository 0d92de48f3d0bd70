"""Categories and tags from elsewhere: found by name or made, and kept at hand for a run."""

from urllib.parse import unquote

from django.db import transaction
from django.utils.text import slugify

from blog.models import Category, Tag
from blog.publishing import free_slug
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import excerpt_text
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wxr.reading import Term
from comments.transfer.report import CREATED, UNCHANGED, Report

NAME_LENGTH = {"category": 120, "tag": 60}


class Shelves:
    """Shape: categories by the slug they had there, tags by their folded name here."""

    def __init__(self, memory: Memory, report: Report) -> None:
        self.memory = memory
        self.report = report
        self.categories: dict[str, Category] = {}
        self.tags: dict[str, Tag] = {tag.name.casefold(): tag for tag in Tag.objects.all()}
        self.counted: set[int] = set()

    @transaction.atomic
    def take(self, term: Term) -> None:
        """Keep a category or a tag that a file lists."""
        if term.kind == "category":
            self.category(term.slug, term.name, term)
        else:
            self.tag(term.name or unquote(term.slug))

    def place(self, terms: list[Term]) -> None:
        """Put categories within their parents, once all are known. A circle stays open."""
        for term in terms:
            child, parent = self.categories.get(term.slug), self.categories.get(term.parent)
            if child and parent and child.parent_id is None and child not in _line_of(parent):
                child.parent = parent
                child.save(update_fields=["parent"])

    def category(self, slug: str, name: str, term: Term | None = None) -> Category:
        """Return the category that a source calls `slug`."""
        if slug in self.categories:
            return self.categories[slug]
        known = self.memory.recall("category", slug[:200])
        category = Category.objects.filter(pk=known.object_id).first() if known else None
        if category is None:
            category = self._new_category(slug, name, term)
        else:
            self.report.took("categories", UNCHANGED)
        self.categories[slug] = category
        return category

    def _new_category(self, slug: str, name: str, term: Term | None) -> Category:
        plain = slugify(unquote(slug))[:80]
        category = Category.objects.filter(slug=plain).first() if plain else None
        self.report.took("categories", UNCHANGED if category else CREATED)
        if category is not None:
            self.memory.keep("category", slug[:200], category, is_made=False)
            return category
        line = tidy_line(excerpt_text(name), NAME_LENGTH["category"]) or tidy_line(
            unquote(slug), 80
        )
        category = Category.objects.create(
            name=line if is_visible(line) else "?",
            slug=plain or free_slug(Category, line, fallback="category"),
            description=(term.description if term else "").replace("\x00", "")[:2000],
        )
        self.memory.keep("category", slug[:200], category)
        return category

    def tag(self, name: str) -> Tag | None:
        """Return the tag of this name, in whatever case; None for a name that shows nothing."""
        line = tidy_line(excerpt_text(name), NAME_LENGTH["tag"])
        if not is_visible(line):
            return None
        tag = self.tags.get(line.casefold())
        change = UNCHANGED
        if tag is None:
            tag = Tag.objects.create(name=line, slug=free_slug(Tag, line, fallback="tag"))
            self.tags[line.casefold()] = tag
            self.memory.keep("tag", line.casefold()[:200], tag)
            change = CREATED
        if tag.pk not in self.counted:
            self.counted.add(tag.pk)
            self.report.took("tags", change)
        return tag


def _line_of(category: Category) -> list[Category]:
    """Return a category and those it stands within, as far as they are known."""
    line = [category]
    while line[-1].parent is not None and line[-1].parent not in line:
        line.append(line[-1].parent)
    return line
