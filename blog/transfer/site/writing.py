"""Writes a site as one zip. Equal sites make equal entries, but for `exported_at` in site.json.

So nothing is in the order of chance: entries by name, lines by what they say, no row's id. What a
line says stands in describing.py and comment_rows.py.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

from blog.models import (
    Attachment,
    Category,
    FormerSlug,
    OldAddress,
    Picture,
    Post,
    Series,
    SlugKind,
    Tag,
)
from blog.transfer.site import describing, layout
from blog.transfer.site.archive import Archive, new_archive, one_snapshot
from blog.transfer.site.comment_rows import comment_lines
from blog.transfer.site.files import check_picture
from blog.transfer.site.former_slugs import paths_of
from blog.transfer.site.front_matter import compose
from blog.transfer.site.hugo_aliases import aliases_for_hugo
from blog.transfer.site.hugo_shortcodes import escaped
from blog.transfer.site.json_lines import as_json, line_of
from comments.models import (
    DiscussionRules,
    ListEntry,
    Markup,
    Mute,
    Reason,
    Sanction,
    Thread,
)

T = TypeVar("T")
Describe = Callable[[list[Any]], Iterator[dict[str, Any]]]

BATCH = 200


@dataclass
class Written:
    """What an export holds.

    Shape: `missing` are files that rows name and that are not there, `damaged` are pictures that
    import_site would leave out; `notes` say what else the file does not hold.
    """

    counts: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write_site(target: Path, *, force: bool = False) -> Written:
    """Write the whole site to `target`, as it is at one moment. Raises: CommandError."""
    with one_snapshot(), new_archive(target, force=force) as archive:
        writer = _Writer(archive)
        writer.write()
    return writer.written


class _Writer:
    """One export. Its entries come in the order of their names."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.written = Written()
        rows = Post.objects.order_by("pk").values_list("pk", "kind", "slug", "thread_id")
        # The how-manieth of all posts each is: of two of the same instant the later is the newer.
        self.sequence = {pk: at for at, (pk, *_others) in enumerate(rows, start=1)}
        self.posts = {pk: layout.key_of(kind, slug) for pk, kind, slug, _thread in rows}
        # A post's key is the path at which it is read.
        paths = {*OldAddress.objects.values_list("path", flat=True), *_former_paths()}
        self.aliases = aliases_for_hugo(paths, self.posts.values())
        threads = {thread: layout.key_of(kind, slug) for _pk, kind, slug, thread in rows}
        self.threads = {pk: threads[pk] for pk in sorted(threads, key=lambda pk: threads[pk])}
        self.others = list(Thread.objects.filter(post=None).order_by("pk").select_related("owner"))
        for at, thread in enumerate(self.others, start=1):
            self.threads[thread.pk] = f"threads/{at}"

    def write(self) -> None:
        self.archive.text(layout.README, layout.readme())
        self._write_content()
        self._write_data()
        self.archive.text(layout.SITE, f"{as_json(self._site())}\n")
        self._write_media()

    def _site(self) -> dict[str, Any]:
        return {
            "format": layout.FORMAT,
            "version": layout.VERSION,
            "name": settings.SITE_NAME,
            "tagline": settings.SITE_TAGLINE,
            "exported_at": timezone.now(),
            "counts": self.written.counts,
        }

    # --- texts ----------------------------------------------------------------------------------

    def _write_content(self) -> None:
        rows = Post.objects.values_list("kind", "slug", "markup", "pk")
        if Post.objects.filter(markup=Markup.HTML).exists():
            self.archive.text(layout.HUGO, layout.HUGO_TAKES_HTML)
        entries = sorted((layout.content_entry(*row[:3]), row[3]) for row in rows)
        for batch in batched(entries):
            posts = describing.posts_by_id([pk for _entry, pk in batch])
            for entry, pk in batch:
                self.archive.text(entry, self._post_file(posts[pk]))
                self.written.counts[f"{posts[pk].kind}s"] += 1

    def _post_file(self, post: Post) -> str:
        fields = describing.post(post, self.sequence[post.pk], self.aliases)
        body, mark = escaped(post.body)
        if mark:
            fields["params"]["shortcodes"] = mark
        return compose(fields, body)

    # --- rows -----------------------------------------------------------------------------------

    def _write_data(self) -> None:
        for name, lines in sorted(self._data().items()):
            count = self.archive.lines(name, map(line_of, lines))
            self.written.counts[Path(name).stem] = count

    def _data(self) -> dict[str, Iterator[dict[str, Any]]]:
        users, attachments = get_user_model().objects.all(), Attachment.objects.all()
        return {
            layout.USERS: _described(users, "slug", describing.users),
            layout.GROUPS: _described(Group.objects.all(), "name", describing.groups),
            layout.MUTES: _described(
                Mute.objects.all(), "user__slug", describing.mutes, "muted__slug"
            ),
            layout.CATEGORIES: _described(Category.objects.all(), "slug", describing.categories),
            layout.TAGS: _described(Tag.objects.all(), "slug", describing.tags),
            layout.SERIES: _described(Series.objects.all(), "slug", describing.series),
            layout.PICTURES: _described(Picture.objects.all(), "pk", describing.pictures),
            layout.ATTACHMENTS: _described(attachments, "pk", self._attachments),
            layout.LISTS: _described(ListEntry.objects.all(), "pattern", describing.lists, "kind"),
            layout.RULES: _described(DiscussionRules.objects.all(), "pk", describing.rules),
            layout.REASONS: _described(Reason.objects.all(), "code", describing.reasons),
            layout.MEASURES: _described(
                Sanction.objects.all(), "created_at", describing.measures, "target", "kind"
            ),
            layout.THREADS: map(describing.thread, self.others),
            layout.COMMENTS: comment_lines(self.threads),
        }

    def _attachments(self, attachments: list[Attachment]) -> Iterator[dict[str, Any]]:
        return describing.attachments(attachments, self.posts)

    # --- files ----------------------------------------------------------------------------------

    def _write_media(self) -> None:
        pictures = Picture.objects.values_list("file", "width", "height")
        sizes = {name: (width, height) for name, width, height in pictures}
        files = Attachment.objects.exclude(file="").values_list("file", flat=True)
        for name in sorted({*sizes, *files}):
            self._write_file(name, sizes.get(name))

    def _write_file(self, name: str, size: tuple[int, int] | None) -> None:
        """Write a file as it is. A picture has a size, and one that is damaged is told."""
        try:
            file = default_storage.open(name)
        except OSError:
            self.written.missing.append(name)
            return
        with file:
            if size:
                self._look_at(file, name, size)
            self.archive.copy(f"{layout.MEDIA}{name}", file)
        self.written.counts["files"] += 1

    def _look_at(self, file: IO[bytes], name: str, size: tuple[int, int]) -> None:
        try:
            check_picture(file, name, size)
        except ValueError as error:
            self.written.damaged.append(str(error))
        file.seek(0)


def _former_paths() -> Iterator[str]:
    former = FormerSlug.objects.filter(kind=SlugKind.POST)
    for kind, slug in former.values_list("post__kind", "slug"):
        yield from paths_of(kind, {slug: None})


def _described(
    rows: QuerySet[Any], order: str, describe: Describe, *more: str
) -> Iterator[dict[str, Any]]:
    """Yield a line for each row, in the order of a column.

    Sorted here: each database, and each language of one, has an order of its own.
    """
    ids = sorted(rows.order_by().values_list(order, *more, "pk"))
    for batch in batched([row[-1] for row in ids]):
        found = rows.model._default_manager.in_bulk(batch)
        yield from describe([found[pk] for pk in batch])


def batched(rows: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
