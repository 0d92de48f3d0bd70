"""Imports for tests of what comes after them: a run, and what it made, as importers leave it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db.models import Model

from blog import media, publishing
from blog.models import Attachment, Category, OldAddress, Post, Tag
from comments.models import Markup, Thread
from comments.status import Status
from comments.transfer.arrivals import Arrival
from comments.transfer.intake import Intake
from comments.transfer.records import ImportMap, ImportRun, RunStatus
from comments.transfer.report import CREATED, Report
from tests.blog.pictures import upload

THEN = datetime(2014, 5, 6, 7, 8, tzinfo=UTC)


class Moved:
    """One run of an import, and a hand to make rows with."""

    def __init__(self, source: str = "old.example.org", status: str = RunStatus.FINISHED) -> None:
        self.report = Report()
        self.run = ImportRun.objects.create(
            format="wxr", source=source, file_name="old.xml", file_size=1, status=status
        )
        self.author: Any = None

    def remember(self, kind: str, row: Model, *, is_made: bool = True, version: int = 0) -> None:
        ImportMap.objects.create(
            source=self.run.source,
            kind=kind,
            external_id=str(row.pk),
            object_id=row.pk,
            digest="-",
            is_made=is_made,
            left_at_version=version,
            run=self.run,
        )
        name = row.kind if isinstance(row, Post) else kind
        self.report.took({"category": "categories"}.get(name, f"{name}s"), CREATED)

    def everything(self) -> None:
        """Make a post and a page, with all that may come along."""
        self.author = get_user_model()(email="old@old.example.invalid", display_name="Olga")
        self.author.set_unusable_password()
        self.author.save()
        self.remember("user", self.author)
        food = Category.objects.create(name="Food", slug="food")
        bread = Category.objects.create(name="Bread", slug="bread", parent=food)
        self.remember("category", food)
        self.remember("category", bread)
        tag = Tag.objects.create(name="oven", slug="oven")
        self.remember("tag", tag)
        post = self.post("Old words", tags=[tag], categories=[bread])
        self.post("About", kind="page")
        OldAddress.objects.create(path="/2014/old/", post=post)
        self.files(post)
        self.comments(post.thread, "1", "2<1", status=Status.APPROVED)
        self.comments(post.thread, "3", status=Status.SPAM, author=self.author)
        self.close()

    def post(self, title: str, *, tags: Any = (), categories: Any = (), **fields: Any) -> Post:
        fields = {"body": "<p>Words</p>", "markup": Markup.HTML, "status": "published", **fields}
        post = Post(title=title, author=self.author, published_at=THEN, **fields)
        publishing.receive(post, tags=tags, categories=categories)
        self.remember("post", post, version=post.version)
        return post

    def files(self, post: Post) -> None:
        picture = media.keep(media.accept(upload()), uploader=self.author, alt="A loaf")
        shown = Attachment.objects.create(post=post, title="Loaf", picture=picture)
        self.remember("attachment", shown)
        linked = Attachment(post=post, title="List")
        linked.file.save("list.pdf", ContentFile(b"%PDF"), save=False)
        linked.save()
        self.remember("attachment", linked)

    def comments(self, thread: Thread, *ids: str, at: datetime = THEN, **facts: Any) -> None:
        """Admit comments. Shape: "2<1" is 2, which answers 1."""
        self.admit(*(self.arrival(each, thread, created_at=at, **facts) for each in ids))

    def arrival(self, name: str, thread: Thread, **facts: Any) -> Arrival:
        external_id, _answers, parent_id = name.partition("<")
        given = {"status": Status.APPROVED, "created_at": THEN, "author_name": "Olga", **facts}
        return Arrival(
            external_id=external_id,
            parent_id=parent_id,
            thread=thread,
            position=1,
            body="Words",
            markup=Markup.MARKDOWN,
            **given,
        )

    def admit(self, *arrivals: Arrival) -> None:
        intake = Intake(self.run, self.report)
        intake.admit(arrivals)
        intake.finish()

    def close(self) -> None:
        self.run.report = self.report.as_json()
        self.run.save()
