"""The newest posts for feed readers, whole: Atom and RSS through the one current() queryset.

A feed is read elsewhere, so every address in it is in full; and XML carries no control characters,
so none gets that far, whatever a title holds. Of a post with a password it tells the title.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape, format_html
from django.utils.xmlutils import SimplerXMLGenerator

from blog.caching import key_of, reader_page
from blog.markup import absolute
from blog.markup_pictures import as_html, caption_of, image_of, shown, sources_of
from blog.models import Post
from comments.markup import strip_controls

NEWEST = 20
KEEP_SECONDS = 60 * 60 * 24
# On each element, as Django has it on that of the first author.
DUBLIN_CORE = {"xmlns:dc": "http://purl.org/dc/elements/1.1/"}


class WholeAtom(Atom1Feed):
    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["coauthors"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            handler.endElement("author")
        handler.addQuickElement("content", item["whole"], {"type": "html"})


class WholeRss(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        content = "http://purl.org/rss/1.0/modules/content/"
        return {**super().rss_attributes(), "xmlns:content": content}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["coauthors"]:
            handler.addQuickElement("dc:creator", name, DUBLIN_CORE)
        handler.addQuickElement("content:encoded", item["whole"])


@dataclass(frozen=True)
class Item:
    """A post, and the scheme and host asked for: one Feed serves all requests, so it keeps none."""

    post: Post
    scheme: str
    host: str


class PostFeed(Feed):
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return reader_page(super().__call__)(request, *args, **kwargs)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpRequest:
        """Hand the request on to items()."""
        return request

    def title(self) -> str:
        return strip_controls(settings.SITE_NAME)

    def description(self) -> str:
        return strip_controls(settings.SITE_TAGLINE)

    def link(self) -> str:
        return reverse("blog:home")

    def feed_guid(self, request: HttpRequest) -> str:
        """Return what feed readers know the feed by."""
        return f"{_origin(request.scheme or 'http', request.get_host())}{self.link()}"

    def items(self, request: HttpRequest) -> Iterator[Item]:
        posts = Post.objects.current().with_coauthors().with_cover_copies()
        posts = posts.select_related("author", "cover").defer("body")
        for post in posts.prefetch_related("tags", "categories")[:NEWEST]:
            yield Item(post, request.scheme or "http", request.get_host())

    def item_link(self, item: Item) -> str:
        return f"{item.scheme}://{item.host}{item.post.get_absolute_url()}"

    def item_guid(self, item: Item) -> str:
        """Return what feed readers know a post by: the same for life, whatever it is called."""
        known_by = strip_controls(item.post.feed_id) or item.post.get_absolute_url()
        is_ours = known_by.startswith("/")
        return f"{_origin(item.scheme, item.host)}{known_by}" if is_ours else known_by

    def item_guid_is_permalink(self, item: Item) -> bool:
        return self.item_guid(item) == self.item_link(item)

    def item_title(self, item: Item) -> str:
        return strip_controls(item.post.title)

    def item_description(self, item: Item) -> str:
        return "" if item.post.password else escape(strip_controls(item.post.excerpt))

    def item_author_name(self, item: Item) -> str:
        return strip_controls(item.post.author.get_short_name())

    def item_pubdate(self, item: Item) -> datetime | None:
        return item.post.published_at

    def item_updateddate(self, item: Item) -> datetime:
        return item.post.updated_at

    def item_categories(self, item: Item) -> list[str]:
        shelves = [category.name for category in item.post.categories.all()]
        names = [*shelves, *(tag.name for tag in item.post.tags.all())]
        return list(dict.fromkeys(map(strip_controls, names)))

    def item_extra_kwargs(self, item: Item) -> dict[str, Any]:
        others = [strip_controls(person.get_short_name()) for person in item.post.byline()[1:]]
        return {"whole": whole(item), "coauthors": others}


class AtomFeed(PostFeed):
    feed_type = WholeAtom

    def subtitle(self) -> str:
        return self.description()


class RssFeed(PostFeed):
    feed_type = WholeRss


def _origin(scheme: str, host: str) -> str:
    """Return where feed readers first met the site, which may have moved since."""
    return settings.FEED_ORIGIN.rstrip("/") or f"{scheme}://{host}"


def whole(item: Item) -> str:
    """Return all of a post that is to be read, with every address in full.

    Kept under a host that nobody has: whoever asks under many names makes it once all the same.
    """
    if item.post.password:
        return ""
    path = item.post.get_absolute_url()
    key = key_of(item.post.pk, item.post.version, path, item.scheme)
    nowhere = f"{item.scheme}://{key}.invalid"
    html = cache.get(f"whole:{key}")
    if html is None:
        html = absolute(_texts(item.post), nowhere + path)
        cache.set(f"whole:{key}", html, KEEP_SECONDS)
    return html.replace(nowhere, f"{item.scheme}://{item.host}")


def _texts(post: Post) -> str:
    """Return the post's own HTML, one part after the other; it goes through bleach once more."""
    cover = ""
    if post.cover:
        seen = shown(post.cover, post.cover_copies)  # type: ignore[attr-defined]
        picture = as_html(sources_of(seen), image_of(seen.address, seen.alt, seen))
        beneath = caption_of(post.cover.caption, post.cover.credit)
        cover = format_html("<figure>{}{}</figure>", picture, beneath)
    source = f"<p>{post.source_line_html}</p>" if post.source_line_html else ""
    return strip_controls(f"{cover}\n{post.body_html}\n{post.author_note_html}\n{source}".strip())
