"""Posts and pages of a WordPress export, stored: create, update or leave, item by item.

posts.py says what an item means, publishing.receive() is the door it goes through.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from blog import publishing
from blog.models import Category, OldAddress, Picture, Post, Tag
from blog.redirects import normalised
from blog.transfer.text.conversion import image_urls, post_html, replace_image_urls
from blog.transfer.wordpress.attachments import Attachments
from blog.transfer.wordpress.memory import Memory, digest_of
from blog.transfer.wordpress.people import People
from blog.transfer.wordpress.posts import Written, kind_of, old_paths, written
from blog.transfer.wordpress.shelves import Shelves
from blog.transfer.wxr.reading import Item
from comments.models import Thread
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, UPDATED, Report

KIND = "post"
POST_TYPES = frozenset({"post", "page"})
TAGS = frozenset({"post_tag", "tag"})
# Nothing of these was ever for a reader.
WORDPRESS_OWN = {
    "nav_menu_item": "menu items",
    "wp_navigation": "menu items",
    "revision": "earlier versions of posts",
    "customize_changeset": "settings of a theme",
    "custom_css": "settings of a theme",
    "wp_global_styles": "settings of a theme",
    "wp_template": "settings of a theme",
    "wp_template_part": "settings of a theme",
    "wp_font_family": "settings of a theme",
    "wp_font_face": "settings of a theme",
    "oembed_cache": "copies of other sites",
    "user_request": "requests about personal data",
    "wp_block": "reusable blocks",
}


@dataclass
class PostIntake:
    """The posts of one source. `types`: kinds of items that are taken as posts besides posts.

    `fallback` is the date of what has none.
    """

    memory: Memory
    report: Report
    people: People
    shelves: Shelves
    attachments: Attachments
    fallback: datetime
    types: frozenset[str] = frozenset()
    is_from_parley: bool = False
    seen: set[tuple[str, str]] = field(default_factory=set)
    # Of pages: whose place below another is given once all are here.
    parents: dict[str, str] = field(default_factory=dict)

    def take(self, item: Item) -> Post | None:
        """Return the post that an item is here, or None for one that is left out."""
        if item.type == "attachment":
            return None
        if item.type not in POST_TYPES | self.types:
            self.report.skip(WORDPRESS_OWN.get(item.type, f'items of the type "{item.type}"'))
            return None
        if item.status == "auto-draft":
            self.report.skip("drafts that nobody saved")
            return None
        if not self.is_new(KIND, item):
            return None
        return self._taken(item)

    @transaction.atomic
    def _taken(self, item: Item) -> Post | None:
        # Not undone with a post that is refused: people and shelves remember whom they have made.
        self.people.named(item.creator)
        tags, shelves = self._tags(item), self._categories(item)
        try:
            with transaction.atomic():
                return self._post_of(item, tags, shelves)
        except ValidationError as error:
            what = f"{item.title}: {' '.join(error.messages)}"
            self.report.skip("posts that cannot be kept", line=item.line, what=what)
            return None

    def is_new(self, kind: str, item: Item) -> bool:
        """Tell whether an id is met for the first time; a file that has it twice is told of."""
        if not item.post_id:
            self.report.skip("items without an id", line=item.line, what=item.title)
            return False
        if (kind, item.post_id) in self.seen:
            self.report.skip("the same id twice", line=item.line, what=f"{kind} {item.post_id}")
            return False
        self.seen.add((kind, item.post_id))
        return True

    def place_pages(self) -> None:
        """Put each page below its parent, once all are here. A circle stays open."""
        for number, parent_number in self.parents.items():
            child, parent = self._known_post(number), self._known_post(parent_number)
            if child and parent and child.parent_id != parent.pk and child not in _line_of(parent):
                Post.objects.filter(pk=child.pk).update(parent=parent)

    def _known_post(self, number: str) -> Post | None:
        known = self.memory.recall(KIND, number)
        return Post.objects.filter(pk=known.object_id).first() if known else None

    # --- one item -------------------------------------------------------------------------------

    def _post_of(self, item: Item, tags: list[Tag], shelves: list[Category]) -> Post:
        said = self._written(item)
        cover = self.attachments.picture(dict(item.meta).get("_thumbnail_id", ""))
        digest = digest_of(said, item.terms, item.creator, item.link, cover and cover.pk)
        known = self.memory.recall(KIND, item.post_id)
        post = self._of(known)
        change = self._change(item, known, post, digest)
        if post is None or change != UNCHANGED:
            post = self._described(post or Post(kind=kind_of(item)), item, said, cover)
            publishing.receive(post, tags=tags, categories=shelves)
            self.memory.keep(KIND, item.post_id, post, digest=digest, version=post.version)
        self.report.took(f"{kind_of(item)}s", change)
        self.attachments.adopt(item.post_id, post)
        self._lead_on(item, post)
        if item.parent not in {"", "0"}:
            self.parents[item.post_id] = item.parent
        return post

    def _of(self, known: ImportMap | None) -> Post | None:
        if known is None:
            return None
        return Post.objects.select_related("thread").filter(pk=known.object_id).first()

    def _change(self, item: Item, known: ImportMap | None, post: Post | None, digest: str) -> str:
        """Decide: create, update or leave. What somebody changed here is theirs."""
        if known is None or post is None:
            return CREATED
        if known.digest == digest:
            return UNCHANGED
        if known.left_at_version != post.version:
            self.report.note(f"{post.title}: changed here since, so left as it is", line=item.line)
            return UNCHANGED
        return UPDATED

    def _written(self, item: Item) -> Written:
        """Return what an item says, with pictures shown from here where they are here."""
        converted = post_html(
            item.content,
            image=self.attachments.image,
            attached=self.attachments.attached(item.post_id),
        )
        for note in converted.notes:
            self.report.note(f"{item.title}: {note}", line=item.line)
        html = converted.html
        uploader = self.people.named(item.creator)
        own = self.attachments.own_addresses(image_urls(html), uploader, item.line)
        return written(item, replace_image_urls(html, own) if own else html)

    def _tags(self, item: Item) -> list[Tag]:
        tags = [self.shelves.tag(name) for domain, _slug, name in item.terms if domain in TAGS]
        return [tag for tag in tags if tag is not None]

    def _categories(self, item: Item) -> list[Category]:
        return [
            self.shelves.category(slug, name)
            for domain, slug, name in item.terms
            if domain == "category" and slug
        ]

    def _described(self, post: Post, item: Item, said: Written, cover: Picture | None) -> Post:
        said.put_into(post, fallback=self.fallback)
        post.author = self.people.named(item.creator)
        post.cover = cover
        if not hasattr(post, "thread"):
            post.thread = Thread()
        post.thread.is_open = said.is_open
        return post

    def _lead_on(self, item: Item, post: Post) -> None:
        """Keep the addresses that the post had there, unless another post has them."""
        own = normalised(post.get_absolute_url())
        paths = [path for path in old_paths(item, is_ours=self.is_from_parley) if path != own]
        known = dict(OldAddress.objects.filter(path__in=paths).values_list("path", "post_id"))
        for path in paths:
            if path not in known:
                OldAddress.objects.create(path=path, post=post)
            elif known[path] != post.pk:
                self.report.skip("addresses that two posts had", line=item.line, what=path)
                continue
            self.report.took("redirects", UNCHANGED if path in known else CREATED)


def _line_of(post: Post) -> Iterator[Post]:
    """Yield a page and those above it."""
    seen: set[int] = set()
    at: Post | None = post
    while at is not None and at.pk not in seen:
        seen.add(at.pk)
        yield at
        at = at.parent
