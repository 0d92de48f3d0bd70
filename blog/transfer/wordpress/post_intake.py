"""Posts and pages of a WordPress export, stored: create, update or leave, item by item.

posts.py says what an item means, publishing.receive() is the door it goes through.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from blog import publishing
from blog.models import Category, Claim, Picture, Post, Tag
from blog.old_paths import normalised
from blog.states import READABLE
from blog.transfer.text.conversion import Converted, post_html
from blog.transfer.text.reusable import Texts, none_kept
from blog.transfer.wordpress.attachments import Attachments
from blog.transfer.wordpress.memory import Memory, digest_of
from blog.transfer.wordpress.old_addresses import Addresses, Claims, claims_of
from blog.transfer.wordpress.people import People
from blog.transfer.wordpress.places import NOWHERE, Places
from blog.transfer.wordpress.posts import Written, feed_id_of, identity_of, remarks, written
from blog.transfer.wordpress.shelves import Shelves
from blog.transfer.wxr.reading import Item
from blog.transfer.wxr.texts import within_block
from comments.models import Thread
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, UPDATED, Report

KIND = "post"
POST_TYPES = frozenset({"post", "page"})
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

    `fallback` is the date of what has none: when the file was made.
    """

    memory: Memory
    report: Report
    people: People
    shelves: Shelves
    attachments: Attachments
    fallback: datetime
    types: frozenset[str] = frozenset()
    is_from_parley: bool = False
    reusable: Texts = none_kept
    seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.places = Places(self.memory)
        self.addresses = Addresses(self.memory, self.report)

    def take(self, item: Item) -> Post | None:
        """Return the post that an item is here, or None for one that is left out."""
        if item.type == "attachment":
            # What Parley exports has no page of its own.
            if not self.is_from_parley:
                self.addresses.take_file(item)
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
        tags, shelves = self.shelves.labelled(item.terms)
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
        """Do what takes all posts of all files: who stands below whom, whose address is whose."""
        self.places.place()
        self.addresses.settle()

    # --- one item -------------------------------------------------------------------------------

    def _post_of(self, item: Item, tags: list[Tag], shelves: list[Category]) -> Post:
        said = self._written(item)
        cover = self.attachments.picture(dict(item.meta).get("_thumbnail_id", ""))
        is_public = said.status in READABLE
        claims = claims_of(item, is_public=is_public, is_ours=self.is_from_parley)
        told = (said, item.terms, item.creator, item.parent, list(claims), cover and cover.pk)
        digest = digest_of(*told, of=identity_of(item))
        known = self.memory.recall(KIND, item.post_id)
        post = self._held(known)
        change = self._change(item, known, post, digest)
        if post is None or change != UNCHANGED:
            claims |= _left_behind(post, said)
            post = self._described(post or Post(), item, said, cover)
            publishing.receive(post, tags=tags, categories=shelves)
            self.memory.keep(KIND, item.post_id, post, digest=digest, version=post.version)
            self.places.want(item.post_id, post, item.parent)
        self.report.took(f"{post.kind}s", change)
        self.attachments.adopt(item.post_id, post)
        is_news = change == CREATED or known is None or known.digest != digest
        self.addresses.take(item, post, claims, is_news=is_news)
        return post

    def known(self, number: str) -> Post | None:
        """Return the post that has this number there, if it has come."""
        known = self.memory.recall(KIND, number)
        if known is None:
            return None
        return Post.objects.select_related("thread").filter(pk=known.object_id).first()

    def _held(self, known: ImportMap | None) -> Post | None:
        """Return a known post, held: what somebody here is just saving is theirs as well."""
        if known is None:
            return None
        return Post.objects.select_for_update().filter(pk=known.object_id).first()

    def _change(self, item: Item, known: ImportMap | None, post: Post | None, digest: str) -> str:
        """Decide: create, update or leave. What somebody changed here is theirs."""
        if known is None or post is None:
            return CREATED
        is_untouched = known.left_at_version == post.version
        has_moved = self.people.has_moved(item.creator, post.author_id)
        if known.digest == digest and not (is_untouched and has_moved):
            return UNCHANGED
        if not is_untouched:
            self.report.note(f"{post.title}: changed here since, so left as it is", line=item.line)
            return UNCHANGED
        return UPDATED

    def _written(self, item: Item) -> Written:
        """Return what an item says, with pictures shown from here where they are here."""
        converted = self._converted(item)
        for note in converted.notes:
            self.report.note(f"{item.title}: {note}", line=item.line)
        uploader = self.people.named(item.creator)
        html = self.attachments.own_addresses(converted.html, uploader, item.line)
        said = written(item, html, exported_at=self.fallback)
        for remark in remarks(item, said):
            self.report.note(f"{item.title}: {remark}", line=item.line)
        return said

    def _converted(self, item: Item) -> Converted:
        """Return an item's text as plain HTML, which what Parley wrote is already."""
        html = within_block(item.content) if self.is_from_parley else None
        if html is not None:
            return Converted(html, ())
        return post_html(
            item.content,
            image=self.attachments.image,
            attached=self.attachments.attached(item.post_id),
            footnotes=dict(item.meta).get("footnotes", ""),
            reusable=self.reusable,
        )

    def _described(self, post: Post, item: Item, said: Written, cover: Picture | None) -> Post:
        said.put_into(post, fallback=self.fallback)
        if said.published_at is not None:
            # What feed readers there knew it by, they know it by here.
            post.feed_id = post.feed_id or feed_id_of(item)
        post.author = self.people.named(item.creator)
        post.cover = cover
        if item.parent in NOWHERE:
            post.parent = None
        if not hasattr(post, "thread"):
            post.thread = Thread()
        post.thread.is_open = said.is_open
        return post


def _left_behind(post: Post | None, said: Written) -> Claims:
    """Return the address that a post of ours has no longer, now that it is a page, or was one."""
    if post is None or post.kind == said.kind:
        return {}
    return {normalised(post.get_absolute_url()): Claim.FORMER}
