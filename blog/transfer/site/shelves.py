"""Categories, tags and series of a site's zip: found among those that are here, or made.

A site without posts may have shelves already. One is the same only if its name says so: an address
alone may be that of another ("C++" and "C#" are both "c"), and then the new one gets a free one.
"""

from typing import Any

from blog.models import Category, Series, Tag
from blog.publishing import free_slug
from blog.publishing.addresses import is_free
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.report import Report

Row = dict[str, Any]
Made = tuple[Any, bool]
Shelf = Tag | Category | Series


class Shelves:
    """The shelves of one run. Shape: what it returns is a row, and whether it was made."""

    def __init__(self, run: ImportRun, report: Report) -> None:
        self.report = report
        # Those that nobody has brought from the zip yet, by folded name: it may itself hold two
        # tags that differ in case alone.
        brought = ImportMap.objects.of(run.source, "tag").values("object_id")
        tags = Tag.objects.exclude(pk__in=brought)
        self.tags = {tag.name.casefold(): tag for tag in tags}

    def tag(self, row: Row) -> Made:
        here = Tag.objects.filter(name=row["name"]).first()
        here = here or self.tags.get(row["name"].casefold())
        if here is None:
            return self._made(Tag(name=row["name"]), row["slug"]), True
        self.tags.pop(here.name.casefold(), None)
        self._tell(here, row["slug"])
        return here, False

    def category(self, row: Row) -> Made:
        here = Category.objects.filter(slug=row["slug"]).first()
        if here is not None and here.name.casefold() == row["name"].casefold():
            return here, False
        made = Category(name=row["name"], description=row["description"])
        return self._made(made, row["slug"]), True

    def series(self, row: Row) -> Made:
        here = Series.objects.filter(slug=row["slug"]).first()
        if here is not None and here.title.casefold() == row["title"].casefold():
            return here, False
        made = Series(title=row["title"], description=row["description"])
        return self._made(made, row["slug"]), True

    def _made(self, shelf: Shelf, slug: str) -> Shelf:
        model, shelf.slug = type(shelf), slug
        if not is_free(model, slug):
            shelf.slug = free_slug(model, str(shelf), fallback="shelf")
        shelf.save()
        self._tell(shelf, slug)
        return shelf

    def _tell(self, shelf: Shelf, wanted: str) -> None:
        if shelf.slug != wanted:
            self.report.note(f"{shelf} was to be read at {wanted} and is now at {shelf.slug}")
