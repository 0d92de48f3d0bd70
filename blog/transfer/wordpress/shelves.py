"""What posts are sorted by elsewhere: categories, tags, and what this site has no place for."""

from urllib.parse import unquote

from blog.models import Category, Tag
from blog.transfer.wordpress.categories import Categories
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wordpress.tags import Tags
from blog.transfer.wxr.reading import Term
from comments.transfer.report import Report

CATEGORY = "category"
TAGS = frozenset({"tag", "post_tag"})
MENU = "nav_menu"


class Shelves:
    """Those of one source, kept at hand for a run."""

    def __init__(self, memory: Memory, report: Report) -> None:
        self.report = report
        self.categories = Categories(memory, report)
        self.tags = Tags(memory, report)

    def take(self, terms: list[Term]) -> None:
        """Keep all that a file lists."""
        self.categories.arrange([term for term in terms if term.kind == CATEGORY])
        for term in terms:
            if term.kind in TAGS:
                self.tags.named(term.name or unquote(term.slug))
            elif term.kind == MENU:
                self.report.skip("menus")
            elif term.kind != CATEGORY:
                self.report.skip(f"terms of {_elsewhere(term.kind)}")

    def labelled(self, labels: list[tuple[str, str, str]]) -> tuple[list[Tag], list[Category]]:
        """Return what the labels of a post mean. Shape: (domain, slug, name)."""
        tags: list[Tag | None] = []
        categories: list[Category | None] = []
        for domain, slug, name in labels:
            if domain in TAGS:
                tags.append(self.tags.named(name or unquote(slug)))
            elif domain == CATEGORY:
                categories.append(self.categories.labelled(slug, name))
            else:
                self.report.skip(_elsewhere(domain))
        return [tag for tag in tags if tag], [category for category in categories if category]


def _elsewhere(taxonomy: str) -> str:
    return f"a taxonomy this site does not have: {taxonomy[:40]}"
