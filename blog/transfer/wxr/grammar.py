"""Which elements a WordPress export has, what each of them holds, and in which namespaces.

What becomes of them is in elements.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAMESPACES = (
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/?"), "wp:"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt:"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content:"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc:"),
)


@dataclass(frozen=True)
class Element:
    """An element that holds others: `fields` are texts, `parts` hold elements themselves."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, "Element"] = field(default_factory=dict)


def _meta() -> Element:
    return Element("meta", {"wp:meta_key": "key", "wp:meta_value": "value"})


_COMMENT = Element(
    "comment",
    {
        "wp:comment_id": "id",
        "wp:comment_author": "author",
        "wp:comment_author_email": "email",
        "wp:comment_author_url": "url",
        "wp:comment_author_IP": "ip",
        "wp:comment_date": "date",
        "wp:comment_date_gmt": "date_gmt",
        "wp:comment_content": "content",
        "wp:comment_approved": "approved",
        "wp:comment_type": "type",
        "wp:comment_parent": "parent",
        "wp:comment_user_id": "user_id",
    },
    {"wp:commentmeta": _meta()},
)
_ITEM = Element(
    "item",
    {
        "title": "title",
        "link": "link",
        "guid": "guid",
        "pubDate": "pub_date",
        "dc:creator": "creator",
        "content:encoded": "content",
        "excerpt:encoded": "excerpt",
        "wp:post_id": "post_id",
        "wp:post_date": "date",
        "wp:post_date_gmt": "date_gmt",
        "wp:post_modified": "modified",
        "wp:post_modified_gmt": "modified_gmt",
        "wp:comment_status": "comment_status",
        "wp:post_name": "name",
        "wp:status": "status",
        "wp:post_parent": "parent",
        "wp:post_type": "type",
        "wp:menu_order": "menu_order",
        "wp:post_password": "password",
        "wp:is_sticky": "is_sticky",
        "wp:attachment_url": "attachment_url",
    },
    {"category": Element("label"), "wp:postmeta": _meta(), "wp:comment": _COMMENT},
)
_AUTHOR = Element(
    "author",
    {
        "wp:author_id": "id",
        "wp:author_login": "login",
        "wp:author_email": "email",
        "wp:author_display_name": "display_name",
    },
)
_CATEGORY = Element(
    "category",
    {
        "wp:term_id": "id",
        "wp:category_nicename": "slug",
        "wp:category_parent": "parent",
        "wp:cat_name": "name",
        "wp:category_description": "description",
    },
)
_TAG = Element(
    "tag",
    {
        "wp:term_id": "id",
        "wp:tag_slug": "slug",
        "wp:tag_name": "name",
        "wp:tag_description": "description",
    },
)
# Menus, and the terms of any taxonomy besides categories and tags.
_TERM = Element(
    "term",
    {
        "wp:term_id": "id",
        "wp:term_taxonomy": "kind",
        "wp:term_slug": "slug",
        "wp:term_parent": "parent",
        "wp:term_name": "name",
        "wp:term_description": "description",
    },
)
CHANNEL = Element(
    "channel",
    {
        "title": "title",
        "link": "link",
        "pubDate": "published",
        "wp:wxr_version": "version",
        "wp:base_site_url": "base_site_url",
        "wp:base_blog_url": "base_blog_url",
        "generator": "generator",
    },
    {
        "wp:author": _AUTHOR,
        "wp:category": _CATEGORY,
        "wp:tag": _TAG,
        "wp:term": _TERM,
        "item": _ITEM,
    },
)
DOCUMENT = Element("document", {}, {"rss": Element("rss", {}, {"channel": CHANNEL})})


class Names(dict[str, str]):
    """The parser's "namespace local prefix" -> "wp:local" and the like; "" for what is unknown."""

    def __missing__(self, name: str) -> str:
        found = _known_name(name)
        if len(self) < 1000:  # a hostile file can have any number of names
            self[name] = found
        return found


def _known_name(name: str) -> str:
    namespace, _, rest = name.rpartition(" ") if name.count(" ") == 1 else name.partition(" ")
    if not namespace or not rest:
        return name
    local = rest.split(" ")[0]
    return next((prefix + local for known, prefix in _NAMESPACES if known.fullmatch(namespace)), "")
