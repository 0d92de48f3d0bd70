"""Brings a checked zip into an empty site, so that the same site stands here.

Goes batch by batch, each in a transaction of its own that also remembers it in the ImportMap: a run
that was cut off goes on where it was. Posts come through publishing.receive(), comments through
comments.transfer.intake; nothing is told to anybody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from blog import publishing
from blog.models import Attachment, Category, OldAddress, Picture, Post, Series, Tag
from blog.old_paths import normalised
from blog.transfer.site import converters, desk, layout, people, shapes
from blog.transfer.site.arrivals import arrival, external_id
from blog.transfer.site.checking import as_post, read_post
from blog.transfer.site.contents import Contents, in_words
from blog.transfer.site.describing import PICTURE_COLUMNS
from blog.transfer.site.files import keep
from blog.transfer.site.former_slugs import FormerSlugs, paths_of
from blog.transfer.site.opened import NotASite, SiteFile
from blog.transfer.site.origins import remembered
from blog.transfer.site.shelves import Shelves
from blog.transfer.site.thread_numbers import ThreadNumbers, keep_off
from comments.models import Comment, DiscussionRules, Mute, Thread
from comments.models.rules import ONLY
from comments.openness import keep_closing_true
from comments.transfer.intake import Intake
from comments.transfer.records import ImportMap, ImportRun, RunStatus
from comments.transfer.report import CREATED, UNCHANGED
from comments.transfer.running import Running

Row = dict[str, Any]
Made = tuple[Any, bool]

BATCH = 200
COMMENT_BATCH = 500
PLURALS = {
    "user": "users",
    "category": "categories",
    "tag": "tags",
    "series": "series",
    "picture": "pictures",
    "attachment": "attachments",
}
MODELS: dict[str, type[Model]] = {
    "user": get_user_model(),
    "category": Category,
    "tag": Tag,
    "series": Series,
    "picture": Picture,
    "post": Post,
    "attachment": Attachment,
    "thread": Thread,
}


def refuse_own_content(source: str) -> None:
    """Refuse a site that has posts or comments of its own. Raises: NotASite."""
    runs = ImportRun.objects.filter(source=source).exclude(status=RunStatus.REVERTED)
    if runs.exists():
        return
    if Post.objects.exists() or Comment.objects.exists():
        raise NotASite(
            "this site has posts or comments of its own. A whole site can only move into an empty "
            "one: people may be there already, posts and comments may not"
        )


class MovingIn:
    """One run over one zip that has been checked."""

    def __init__(
        self, site: SiteFile, contents: Contents, running: Running, *, is_dry: bool
    ) -> None:
        self.site = site
        self.contents = contents
        self.run = running.run
        self.report = running.report
        self.advance = running.advance
        self.is_dry = is_dry
        # Our ids by what the zip calls them, for each kind.
        self.ids: dict[str, dict[str, int]] = {kind: {} for kind in (*PLURALS, "post", "thread")}
        self.here = set(site.media()) - contents.damaged.keys()
        self.shelves = Shelves(self.run, self.report)
        self.former = FormerSlugs(contents, self.report)
        self.numbers = ThreadNumbers(self.report)

    def move_in(self) -> None:
        """Write all that is not here yet. Raises: NotASite."""
        self._tell_of_files()
        keep_off(self.contents.thread_numbers)
        with transaction.atomic():
            people.take_groups(self._rows(layout.GROUPS, shapes.GROUP), self.report)
        self._take_rules()
        self._take("user", layout.USERS, shapes.USER, "slug", self._user)
        self._take_mutes()
        self._take("category", layout.CATEGORIES, shapes.CATEGORY, "slug", self.shelves.category)
        self._take("tag", layout.TAGS, shapes.TAG, "slug", self.shelves.tag)
        self._take("series", layout.SERIES, shapes.SERIES, "slug", self.shelves.series)
        self._place_categories()
        self._take("picture", layout.PICTURES, shapes.PICTURE, "file", self._picture)
        self._take_posts()
        self._take("attachment", layout.ATTACHMENTS, shapes.ATTACHMENT, "", self._attachment)
        self._take_lists()
        self._take_reasons()
        self._take_measures()
        self._take_threads()
        self._take_comments()

    def _tell_of_files(self) -> None:
        for name in self.contents.missing:
            self.report.note(f"{name} is not in the zip: it was missing where it comes from")
        for name, fault in self.contents.damaged.items():
            self.report.note(f"{name} is left out, for it is damaged: {fault}")
        for name in self.site.ignored:
            self.report.note(f"{name} was passed over: it is no part of a site")

    # --- rows -----------------------------------------------------------------------------------

    def _rows(self, entry: str, shape: converters.Shape) -> Iterator[Row]:
        for number, row in self.site.rows(entry):
            yield {**converters.converted(row, shape), "line": number}
        if entry in self.site.entries:
            self.advance(self.site.entries[entry].compress_size)

    def _take(
        self, kind: str, entry: str, shape: converters.Shape, key: str, make: Callable[[Row], Made]
    ) -> None:
        """Bring one kind of row; `key` is the column of its name, if it has one."""
        rows = self._rows(entry, shape)
        named = ((row[key] if key else str(row["line"]), row) for row in rows)
        for batch in in_batches(named, BATCH):
            with _stored(_lines(entry, [row for _name, row in batch])):
                known = self._known(kind, [name for name, _row in batch])
                for name, row in batch:
                    change = CREATED
                    if name in known:
                        self.ids[kind][name] = known[name]
                        change = UNCHANGED
                    else:
                        change = self._make(kind, name, row, make)
                    self.report.took(PLURALS[kind], change)

    def _make(self, kind: str, name: str, row: Row, make: Callable[[Row], Made]) -> str:
        made, is_made = make(row)
        self.ids[kind][name] = made.pk
        if row.get("former_slugs"):
            self.former.take(made, row["former_slugs"])
        self._remember(kind, name, made.pk, 0, row.get("origin", ()), is_made=is_made)
        return CREATED if is_made else UNCHANGED

    def _known(self, kind: str, names: list[str]) -> dict[str, int]:
        """Return what came before. What was removed here altogether since may come again."""
        rows = ImportMap.objects.known(self.run.source, kind, names)
        ids = {name: row.object_id for name, row in rows.items()}
        found = MODELS[kind]._base_manager.filter(pk__in=ids.values())
        here = set(found.values_list("pk", flat=True))
        gone = [rows[name].pk for name in ids if ids[name] not in here]
        ImportMap.objects.filter(pk__in=gone).delete()
        return {name: pk for name, pk in ids.items() if pk in here}

    def _remember(
        self, kind: str, name: str, pk: int, version: int, origin: Any, *, is_made: bool = True
    ) -> None:
        rows = remembered(self.run, kind, pk, version, origin)
        own = ImportMap(
            source=self.run.source,
            kind=kind,
            external_id=name,
            object_id=pk,
            left_at_version=version,
            is_made=is_made,
            run=self.run,
        )
        own.save()
        ImportMap.objects.bulk_create(rows, ignore_conflicts=True)

    def _place_categories(self) -> None:
        ids = self.ids["category"]
        with transaction.atomic():
            for _number, row in self.site.rows(layout.CATEGORIES):
                if row["parent"]:
                    category = Category.objects.filter(pk=ids[row["slug"]], parent=None)
                    category.update(parent_id=ids[row["parent"]])

    def _user(self, row: Row) -> Made:
        user, is_made = people.take_user(row)
        if row["is_superuser"] and user.is_superuser:
            self.report.note(f"{user.email} ({user.slug}) may do everything here, as in the zip")
        return user, is_made

    def _take_mutes(self) -> None:
        people = self.ids["user"]
        for batch in in_batches(self._rows(layout.MUTES, shapes.MUTE), BATCH):
            with _stored(_lines(layout.MUTES, batch)):
                for row in batch:
                    _mute, is_new = Mute.objects.get_or_create(
                        user_id=people[row["user"]],
                        muted_id=people[row["muted"]],
                        defaults={"created_at": row["created_at"]},
                    )
                    self.report.took("mutes", CREATED if is_new else UNCHANGED)

    # --- files ----------------------------------------------------------------------------------

    def _keep_file(self, name: str) -> None:
        if name in self.here and not self.is_dry:
            with self.site.open(f"{layout.MEDIA}{name}") as file:
                keep(file, name)
            self.advance(self.site.entries[f"{layout.MEDIA}{name}"].compress_size)

    def _picture(self, row: Row) -> Made:
        self._keep_file(row["file"])
        picture = Picture(**{name: row[name] for name in ("file", *PICTURE_COLUMNS)})
        picture.uploader_id = self.ids["user"].get(row["uploader"])
        picture.save()
        return picture, True

    def _attachment(self, row: Row) -> Made:
        if row["file"]:
            self._keep_file(row["file"])
        names = ("source_url", "title", "alt", "caption", "description", "file", "uploaded_at")
        attachment = Attachment(**{name: row[name] for name in names})
        attachment.post_id = self.ids["post"].get(row["post"])
        attachment.picture_id = self.ids["picture"].get(row["picture"])
        attachment.save()
        return attachment, True

    # --- posts ----------------------------------------------------------------------------------

    def _take_posts(self) -> None:
        parents: dict[str, str] = {}
        for batch in in_batches(iter(self.contents.posts.items()), BATCH // 4):
            with _stored(f"{batch[0][0]} to {batch[-1][0]}"):
                known = self._known("post", [key for _entry, key in batch])
                for entry, key in batch:
                    head, params, body = read_post(self.site, entry)
                    change = UNCHANGED if key in known else CREATED
                    self.ids["post"][key] = known.get(key) or self._post(
                        entry, key, head, params, body
                    )
                    self.report.took(f"{params['kind']}s", change)
                    self._count_redirects(params, head, change)
                    if params["parent"]:
                        parents[key] = params["parent"]
                    self.advance(self.site.entries[entry].compress_size)
        self._place_posts(parents)

    def _post(self, entry: str, key: str, head: Row, params: Row, body: str) -> int:
        post = as_post(head, params, body)
        post.author_id = self.ids["user"][params["author"]]
        post.cover_id = self.ids["picture"].get(params["cover"])
        post.series_id = self.ids["series"].get(params["series"])
        discussion = {**params["thread"]}
        number = self.numbers.free(key, discussion.pop("number"))
        post.thread = Thread(pk=number, is_open=discussion["is_open"])
        tags = Tag.objects.filter(pk__in=[self.ids["tag"][slug] for slug in params["tag_slugs"]])
        shelves = [self.ids["category"][slug] for slug in params["category_slugs"]]
        categories = Category.objects.filter(pk__in=shelves)
        try:
            publishing.receive(post, tags=tags, categories=categories, keeps_slug=True)
        except ValidationError as error:
            raise NotASite(in_words(error), entry) from error
        post.coauthors.set(self.ids["user"][slug] for slug in params["coauthors"])
        Thread.objects.filter(pk=post.thread_id).update(**discussion)
        if discussion["close_after_days"] is not None or discussion["last_comment_at"] is not None:
            post.thread.refresh_from_db()
            keep_closing_true(post.thread)
        # One that a hand wrote into the file for Hugo is as good as one that was given here.
        given = {path: {"created_at": post.created_at} for path in _given(head, params)}
        OldAddress.objects.bulk_create(
            OldAddress(path=path, post=post, **facts)
            for path, facts in sorted((given | params["old_addresses"]).items())
        )
        self.former.take(post, params["former_slugs"])
        self._remember("post", key, post.pk, post.version, params["origin"])
        return post.pk

    def _count_redirects(self, params: Row, head: Row, change: str) -> None:
        given = {*params["old_addresses"], *params["former_slugs"], *_given(head, params)}
        for _address in given:
            self.report.took("redirects", change)

    def _place_posts(self, parents: dict[str, str]) -> None:
        ids = self.ids["post"]
        with transaction.atomic():
            for key, parent in parents.items():
                Post.objects.filter(pk=ids[key], parent=None).update(parent_id=ids[parent])

    # --- what editors keep ----------------------------------------------------------------------

    def _take_lists(self) -> None:
        with transaction.atomic():
            desk.take_lists(self._rows(layout.LISTS, shapes.LIST), self.report)

    def _take_reasons(self) -> None:
        with transaction.atomic():
            desk.take_reasons(self._rows(layout.REASONS, shapes.REASON), self.report)

    def _take_measures(self) -> None:
        measures = desk.Measures(self.ids["user"], self.report)
        for batch in in_batches(self._rows(layout.MEASURES, shapes.MEASURE), BATCH):
            with _stored(_lines(layout.MEASURES, batch)):
                measures.take(batch)

    def _take_rules(self) -> None:
        """Take the rules for discussions, where nobody here has set any."""
        with transaction.atomic():
            for row in self._rows(layout.RULES, shapes.RULES):
                del row["line"]
                DiscussionRules.objects.get_or_create(pk=ONLY, defaults=row)

    # --- discussions ----------------------------------------------------------------------------

    def _take_threads(self) -> None:
        posts = Post.objects.filter(pk__in=self.ids["post"].values())
        threads = dict(posts.values_list("pk", "thread_id"))
        self.ids["thread"] = {key: threads[pk] for key, pk in self.ids["post"].items()}
        with transaction.atomic():
            for at, row in enumerate(self._rows(layout.THREADS, shapes.THREAD), start=1):
                key = f"threads/{at}"
                known = self._known("thread", [key])
                self.ids["thread"][key] = known.get(key) or self._thread(key, row)

    def _thread(self, key: str, row: Row) -> int:
        thread = self._empty_thread(key, row) or Thread(pk=self.numbers.free(key, row["number"]))
        for name in shapes.THREAD.keys() - {"owner", "number"}:
            setattr(thread, name, row[name])
        thread.owner_id = self.ids["user"].get(row["owner"])
        thread.closes_at = DiscussionRules.closing_in_force(thread)
        thread.save()
        self._remember("thread", key, thread.pk, 0, [])
        return thread.pk

    def _empty_thread(self, key: str, row: Row) -> Thread | None:
        """Return one that stands empty under this address: an import that was taken back left it.

        Of several the one that has the number, too.
        """
        empty = Thread.objects.filter(post=None, url=row["url"], comments=None)
        found = list(empty.exclude(pk__in=self.ids["thread"].values()).order_by("pk"))
        thread = next((each for each in found if each.pk == row["number"]), None)
        if thread is None and found:
            thread = found[0]
            self.numbers.tell(key, row["number"])
        return thread

    def _take_comments(self) -> None:
        intake = Intake(self.run, self.report, is_exact=True)
        rows = self._rows(layout.COMMENTS, shapes.COMMENT)
        waiting: dict[str, Row] = {}
        for batch in in_batches(rows, COMMENT_BATCH):
            with _stored(_lines(layout.COMMENTS, batch)):
                intake.admit([arrival(row, self.ids) for row in batch])
                waiting = self._remember_origins(waiting | _with_origins(batch))
        intake.finish()
        self._remember_origins(waiting)

    def _remember_origins(self, told: dict[str, Row]) -> dict[str, Row]:
        """Remember where comments came from before; return those that wait for their parents."""
        known = ImportMap.objects.known(self.run.source, "comment", told)
        rows = (
            remembered(self.run, "comment", known[name].object_id, row["revision"], row["origin"])
            for name, row in told.items()
            if name in known
        )
        ImportMap.objects.bulk_create(chain.from_iterable(rows), ignore_conflicts=True)
        return {name: row for name, row in told.items() if name not in known}


def _given(head: Row, params: Row) -> set[str]:
    """Return what leads on from the file by its hand, beside what the site gave up itself."""
    here = paths_of(params["kind"], params["former_slugs"])
    return {*head["aliases"]} - {*map(normalised, here)}


def _with_origins(batch: list[Row]) -> dict[str, Row]:
    return {external_id(row["thread"], row["number"]): row for row in batch if row["origin"]}


@contextmanager
def _stored(where: str) -> Iterator[None]:
    """Write what is made inside in one transaction. Raises: NotASite for what no table takes."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NotASite(f"two things that cannot both be ({error})", where) from error


def _lines(entry: str, batch: list[Row]) -> str:
    return f"{entry}, lines {batch[0]['line']} to {batch[-1]['line']}"


def in_batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
