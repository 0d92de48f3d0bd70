"""Reads a site's zip to its end before a row is written: every line, every file, every reference.

What it returns is small: names, and which post stands in which entry. moving_in.py writes.
"""

import json
from ipaddress import ip_network
from typing import Any

from django.contrib.auth import get_user_model

from accounts.text import email_key
from blog.models import Category, Post, Series, SlugKind, Tag
from blog.old_paths import normalised
from blog.transfer.site import converters, layout, shapes
from blog.transfer.site.checking_comments import Discussions
from blog.transfer.site.contents import Contents, add, require, told
from blog.transfer.site.files import check_file, check_picture
from blog.transfer.site.front_matter import parse
from blog.transfer.site.hugo_shortcodes import restored
from blog.transfer.site.opened import NotASite, SiteFile
from comments.models import ListKind, SanctionTarget

Row = dict[str, Any]


def check(site: SiteFile) -> Contents:
    """Read everything once and say what is there. Raises: NotASite, at the first fault."""
    _check_format(site)
    contents = Contents()
    for entry, check_row in _CHECKS.items():
        for number, row in site.rows(entry):
            with told(entry, number):
                check_row(contents, row)
    _check_categories(site, contents)
    _check_posts(site, contents)
    _check_threads(site, contents)
    _check_attachments(site, contents)
    _check_media(site, contents)
    Discussions(contents).check(site)
    return contents


def _check_format(site: SiteFile) -> None:
    try:
        facts = json.loads(site.text(layout.SITE))
    except (ValueError, RecursionError) as error:
        raise NotASite(f"not JSON ({error})", layout.SITE) from error
    if not isinstance(facts, dict) or facts.get("format") != layout.FORMAT:
        raise NotASite(f'does not say "format": "{layout.FORMAT}"', layout.SITE)
    if facts.get("version") != layout.VERSION:
        raise NotASite(
            f"version {str(facts.get('version'))[:20]} of the format; this Parley reads version "
            f"{layout.VERSION}. A newer one may read it",
            layout.SITE,
        )


# --- one line each ----------------------------------------------------------------------------


def _check_group(contents: Contents, row: Row) -> None:
    add(contents.groups, converters.converted(row, shapes.GROUP)["name"])


def _check_user(contents: Contents, row: Row) -> None:
    user = converters.converted(row, shapes.USER)
    names = ("email", "display_name", "slug", "bio", "website")
    get_user_model()(**{name: user[name] for name in names}).clean_fields(exclude=["password"])
    add(contents.people, user["slug"])
    key = email_key(user["email"])
    if key in contents.emails:
        raise ValueError(f"the address of {contents.emails[key]!r} for the second time")
    contents.emails[key] = user["slug"]
    for name in user["groups"]:
        require(contents.groups, name, "group")
    _check_former(contents, SlugKind.AUTHOR, user["former_slugs"])


def _check_former(contents: Contents, kind: SlugKind, slugs: Row) -> None:
    for slug in slugs:
        if (kind, slug) in contents.former_slugs:
            raise ValueError(f"the former slug {slug} for the second time")
        contents.former_slugs.add((kind, slug))


def _check_mute(contents: Contents, row: Row) -> None:
    mute = converters.converted(row, shapes.MUTE)
    pair = mute["user"], mute["muted"]
    for slug in pair:
        require(contents.people, slug, "person")
    if pair[0] == pair[1]:
        raise ValueError("nobody mutes themselves")
    add(contents.mutes, pair)


def _check_category(contents: Contents, row: Row) -> None:
    category = converters.converted(row, shapes.CATEGORY)
    Category(name=category["name"], slug=category["slug"]).clean_fields()
    add(contents.categories, category["slug"])
    _check_former(contents, SlugKind.CATEGORY, category["former_slugs"])


def _check_tag(contents: Contents, row: Row) -> None:
    tag = converters.converted(row, shapes.TAG)
    Tag(name=tag["name"], slug=tag["slug"]).clean_fields()
    add(contents.tags, tag["slug"])
    add(contents.tag_names, tag["name"], "the name ")
    _check_former(contents, SlugKind.TAG, tag["former_slugs"])


def _check_series(contents: Contents, row: Row) -> None:
    series = converters.converted(row, shapes.SERIES)
    Series(title=series["title"], slug=series["slug"]).clean_fields()
    add(contents.series, series["slug"])
    _check_former(contents, SlugKind.SERIES, series["former_slugs"])


def _check_picture(contents: Contents, row: Row) -> None:
    picture = converters.converted(row, shapes.PICTURE)
    add(contents.pictures, picture["file"])
    require(contents.people, picture["uploader"], "person")


def _check_list(contents: Contents, row: Row) -> None:
    entry = converters.converted(row, shapes.LIST)
    if entry["kind"] == ListKind.NETWORK:
        ip_network(entry["pattern"], strict=False)


def _check_rules(contents: Contents, row: Row) -> None:
    converters.converted(row, shapes.RULES)


def _check_reason(contents: Contents, row: Row) -> None:
    reason = converters.converted(row, shapes.REASON)
    add(contents.reasons, reason["code"], "the code ")
    if reason["key"]:
        add(contents.reason_keys, reason["key"], "the key ")


def _check_measure(contents: Contents, row: Row) -> None:
    measure = converters.converted(row, shapes.MEASURE)
    require(contents.people, measure["user"], "person")
    require(contents.people, measure["actor"], "person")
    if measure["target"] == SanctionTarget.ACCOUNT:
        require(contents.people, measure["value"], "person")
    elif measure["value"] is None:
        raise ValueError("value: against nobody")
    elif measure["target"] == SanctionTarget.NETWORK:
        ip_network(measure["value"])


_CHECKS = {
    layout.GROUPS: _check_group,
    layout.USERS: _check_user,
    layout.MUTES: _check_mute,
    layout.CATEGORIES: _check_category,
    layout.TAGS: _check_tag,
    layout.SERIES: _check_series,
    layout.PICTURES: _check_picture,
    layout.LISTS: _check_list,
    layout.RULES: _check_rules,
    layout.REASONS: _check_reason,
    layout.MEASURES: _check_measure,
}


def _check_categories(site: SiteFile, contents: Contents) -> None:
    for number, row in site.rows(layout.CATEGORIES):
        with told(layout.CATEGORIES, number):
            require(contents.categories, row["parent"], "category")


# --- posts ------------------------------------------------------------------------------------


def read_post(site: SiteFile, entry: str) -> tuple[Row, Row, str]:
    """Return a post's head, its params and its text. Raises: NotASite."""
    with told(entry):
        fields, body = parse(site.text(entry))
        head = converters.converted(fields, shapes.HEAD)
        if "params" not in fields:
            raise ValueError("params is missing")
        weight = converters.whole(-(2**31))(fields.get("weight", 0))
        aliases = converters.several(converters.text(500, least=1))(fields.get("aliases", []))
        # A hand that writes one for Hugo ends it with a slash.
        aliases = sorted({*map(normalised, aliases)} - {""})
        params = converters.converted(fields["params"], shapes.PARAMS)
        mark = shapes.shortcodes(fields["params"].get("shortcodes", ""))
        return {**head, "position": weight, "aliases": aliases}, params, restored(body, mark)


def as_post(head: Row, params: Row, body: str) -> Post:
    """Return the post, unsaved and related to nothing."""
    names = (
        "kind", "status", "markup", "password", "is_sticky", "author_note", "source_line",
        "published_at", "first_public_at", "feed_id", "trashed_at", "created_at", "updated_at",
        "creation_key", "series_position",
    )  # fmt: skip
    return Post(
        title=head["title"],
        slug=head["slug"],
        excerpt=head["description"],
        position=head["position"],
        body=body,
        **{name: params[name] for name in names},
    )


def _check_posts(site: SiteFile, contents: Contents) -> None:
    order: list[tuple[int, str, str]] = []
    parents: list[tuple[str, str]] = []
    paths: set[str] = set()
    for entry in site.content():
        head, params, body = read_post(site, entry)
        with told(entry):
            _check_post(contents, entry, head, params, body)
            for path in {*head["aliases"], *params["old_addresses"]}:
                add(paths, path)
        key = layout.key_of(params["kind"], head["slug"])
        order.append((params["sequence"], entry, key))
        if params["parent"]:
            parents.append((entry, params["parent"]))
    contents.posts = {entry: key for _sequence, entry, key in sorted(order)}
    contents.threads = set(contents.posts.values())
    for entry, parent in parents:
        with told(entry):
            require(contents.threads, parent, "post")


def _check_post(contents: Contents, entry: str, head: Row, params: Row, body: str) -> None:
    expected = layout.content_entry(params["kind"], head["slug"], params["markup"])
    if entry != expected:
        raise ValueError(f"by what it says this is {expected}")
    add(contents.slugs, head["slug"], "the slug ")
    if params["creation_key"] is not None:
        add(contents.creation_keys, params["creation_key"], "creation_key ")
    add(contents.thread_numbers, params["thread"]["number"], "thread ")
    post = as_post(head, params, body)
    post.full_clean(
        exclude=["author", "thread", "cover", "parent"],
        validate_unique=False,
        validate_constraints=False,
    )
    if post.status == "published" and post.published_at is None:
        raise ValueError("published, and no date when")
    for slug in (params["author"], *params["coauthors"]):
        require(contents.people, slug, "person")
    require(contents.series, params["series"], "series")
    _check_former(contents, SlugKind.POST, params["former_slugs"])
    require(contents.pictures, params["cover"], "picture")
    for slug in params["tag_slugs"]:
        require(contents.tags, slug, "tag")
    for slug in params["category_slugs"]:
        require(contents.categories, slug, "category")


def _check_threads(site: SiteFile, contents: Contents) -> None:
    count = 0
    for count, (number, row) in enumerate(site.rows(layout.THREADS), start=1):
        with told(layout.THREADS, number):
            thread = converters.converted(row, shapes.THREAD)
            require(contents.people, thread["owner"], "person")
            add(contents.thread_numbers, thread["number"], "thread ")
        contents.threads.add(f"threads/{count}")


# --- files ------------------------------------------------------------------------------------


def _check_attachments(site: SiteFile, contents: Contents) -> None:
    posts = set(contents.posts.values())
    for number, row in site.rows(layout.ATTACHMENTS):
        with told(layout.ATTACHMENTS, number):
            attachment = converters.converted(row, shapes.ATTACHMENT)
            require(posts, attachment["post"], "post")
            require(contents.pictures, attachment["picture"], "picture")


def _check_media(site: SiteFile, contents: Contents) -> None:
    here = set(site.media())
    for _number, row in site.rows(layout.PICTURES):
        name = row["file"]
        if name not in here:
            contents.missing.append(name)
            continue
        with site.open(f"{layout.MEDIA}{name}") as file:
            try:
                check_picture(file, name, (row["width"], row["height"]))
            except ValueError as error:
                contents.damaged[name] = str(error)
    for name in sorted(here - contents.pictures):
        with told(f"{layout.MEDIA}{name}"), site.open(f"{layout.MEDIA}{name}") as file:
            check_file(file, name)
    _note_missing_files(site, contents, here)


def _note_missing_files(site: SiteFile, contents: Contents, here: set[str]) -> None:
    for _number, row in site.rows(layout.ATTACHMENTS):
        if row["file"] and row["file"] not in here:
            contents.missing.append(row["file"])
