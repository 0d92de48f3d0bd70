"""Categories and tags of a site's zip: found among those that are here, or made.

A site without posts may have shelves already. One is the same only if its name says so: an address
alone may be that of another ("C++" and "C#" are both "c"), and then the new one gets a free one.
"""

from typing import Any

from blog.models import Category, Tag
from blog.publishing import free_slug
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.report import Report

Row = dict[str, Any]
Made = tuple[Any, bool]


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
            return self._made(Tag, {"name": row["name"]}, row["slug"]), True
        self.tags.pop(here.name.casefold(), None)
        self._tell(here, row["slug"])
        return here, False

    def category(self, row: Row) -> Made:
        here = Category.objects.filter(slug=row["slug"]).first()
        if here is not None and here.name.casefold() == row["name"].casefold():
            return here, False
        facts = {"name": row["name"], "description": row["description"]}
        return self._made(Category, facts, row["slug"]), True

    def _made(self, model: type[Tag] | type[Category], facts: Row, slug: str) -> Tag | Category:
        is_taken = model._default_manager.filter(slug=slug).exists()
        free = free_slug(model, facts["name"], fallback="shelf") if is_taken else slug
        made = model._default_manager.create(**facts, slug=free)
        self._tell(made, slug)
        return made

    def _tell(self, shelf: Tag | Category, wanted: str) -> None:
        if shelf.slug != wanted:
            self.report.note(f"{shelf.name} was to be read at {wanted} and is now at {shelf.slug}")
