"""Tags from elsewhere: found by their names or made; one renamed or removed here stays so."""

from django.db import transaction

from blog.models import Tag
from blog.publishing import free_slug
from blog.transfer.lines import is_visible, tidy_line
from blog.transfer.text.conversion import title_text
from blog.transfer.wordpress.memory import Memory
from comments.transfer.report import CREATED, UNCHANGED, Report

KIND = "tag"
NAME_LENGTH = 60


class Tags:
    """Those of one source, by the folded name they have there; None for one removed here.

    Shape: `here` are those that were in this site before the run, by their folded name here.
    """

    def __init__(self, memory: Memory, report: Report) -> None:
        self.memory = memory
        self.report = report
        self.taken: dict[str, Tag | None] = {}
        self.here: dict[str, Tag] = {tag.name.casefold(): tag for tag in Tag.objects.all()}

    def named(self, name: str) -> Tag | None:
        """Return the tag of this name, in whatever case; None for a name that shows nothing."""
        line = tidy_line(title_text(name), NAME_LENGTH)
        if not is_visible(line):
            return None
        key = line.casefold()
        if key not in self.taken:
            self.taken[key] = self._tag(key, line)
        return self.taken[key]

    @transaction.atomic
    def _tag(self, key: str, line: str) -> Tag | None:
        known = self.memory.recall(KIND, key[:200])
        if known is None:
            return self._found(key) or self._new(key, line)
        tag = Tag.objects.filter(pk=known.object_id).first()
        if tag is None:
            self.report.skip("tags that were removed here", what=line)
        else:
            self.report.took("tags", UNCHANGED)
        return tag

    def _found(self, key: str) -> Tag | None:
        tag = self.here.get(key)
        if tag is not None:
            self.memory.keep(KIND, key[:200], tag, is_made=False)
            self.report.took("tags", UNCHANGED)
        return tag

    def _new(self, key: str, line: str) -> Tag:
        tag = Tag.objects.create(name=line, slug=free_slug(Tag, line, fallback="tag"))
        self.memory.keep(KIND, key[:200], tag)
        self.report.took("tags", CREATED)
        return tag
