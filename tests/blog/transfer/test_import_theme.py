"""WordPress's own theme test data, imported once: every number is counted from the file itself.

The tests here share one import and only read.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from blog.models import Attachment, Category, Post, PostKind, PostStatus, Tag
from comments.models import Comment, Thread
from comments.status import Status
from comments.transfer.records import ImportMap, ImportRun
from tests.blog.transfer.pages import harm_in
from tests.blog.transfer.standing import exact

STATUSES = {"1": Status.APPROVED, "0": Status.PENDING, "spam": Status.SPAM}
POST_STATUSES = {
    "publish": PostStatus.PUBLISHED,
    "future": PostStatus.PUBLISHED,
    "draft": PostStatus.DRAFT,
    "pending": PostStatus.REVIEW,
    "private": PostStatus.PRIVATE,
}


@dataclass
class Imported:
    """The file, read by another parser, and what the import said of it."""

    path: Path
    channel: Element
    report: dict[str, Any]

    def all(self, *types: str) -> list[Element]:
        return [item for item in self.channel.findall("item") if text(item, "post_type") in types]

    @property
    def comments(self) -> list[Element]:
        return [each for item in self.all("post", "page") for each in parts(item, "comment")]


def parts(element: Element, name: str) -> list[Element]:
    return [each for each in element if each.tag.rpartition("}")[2] == name]


def text(element: Element, name: str) -> str:
    found = [each.text or "" for each in parts(element, name)]
    return found[0] if found else ""


def labels(items: list[Element], domain: str) -> set[str]:
    found = {each for item in items for each in parts(item, "category")}
    return {(each.text or "").casefold() for each in found if each.get("domain") == domain}


def post_of(item: Element) -> Post:
    row = ImportMap.objects.get(kind="post", external_id=text(item, "post_id"))
    return Post.objects.get(pk=row.object_id)


@pytest.fixture(scope="module")
def theme(
    django_db_setup: None, django_db_blocker: Any, shared_data: Path, tmp_path_factory: Any
) -> Iterator[Imported]:
    """Import the file in a transaction that is rolled back after the last test here."""
    path = shared_data / "imports" / "theme-unit-test-2021.xml"
    with django_db_blocker.unblock(), transaction.atomic():
        before = {model: model.objects.count() for model in (Post, Comment, Thread, Attachment)}
        assert not any(before.values())
        report = call(path)
        yield Imported(path, parse(path).getroot().find("channel"), report)
        transaction.set_rollback(True)


def call(path: Path) -> dict[str, Any]:
    call_command("import_wxr", path, verbosity=0)
    return ImportRun.objects.order_by("pk").last().report


pytestmark = pytest.mark.django_db


def test_every_post_page_and_attachment_came_in(theme: Imported) -> None:
    counted = [len(theme.all(name)) for name in ("post", "page", "attachment")]
    assert counted == [51, 21, 38]
    assert [theme.report[name] for name in ("posts", "pages", "attachments")] == counted
    assert Post.objects.filter(kind=PostKind.POST).count() == counted[0]
    assert Post.objects.filter(kind=PostKind.PAGE).count() == counted[1]
    assert Attachment.objects.count() == counted[2]


def test_each_post_has_the_status_the_date_and_the_marks_of_its_item(theme: Imported) -> None:
    for item in theme.all("post", "page"):
        post, title = post_of(item), text(item, "title")
        assert post.status == POST_STATUSES[text(item, "status")], title
        assert bool(post.password) == bool(text(item, "post_password")), title
        assert post.is_sticky == (text(item, "is_sticky") == "1"), title
        assert post.position == int(text(item, "menu_order")), title
        assert post.thread.is_open == (text(item, "comment_status") == "open"), title
        if post.status == PostStatus.PUBLISHED:
            date = text(item, "post_date_gmt")
            assert f"{post.published_at:%Y-%m-%d %H:%M:%S}" == date, title


def test_titles_are_those_of_the_file_and_none_is_empty(theme: Imported) -> None:
    for item in theme.all("post", "page"):
        title = " ".join(text(item, "title").split())
        if title and not any(char in title for char in "<>&[]"):
            assert post_of(item).title == title
    assert not Post.objects.filter(title="").exists()


def test_pages_stand_below_the_pages_they_stood_below(theme: Imported) -> None:
    parents = {text(item, "post_id"): text(item, "post_parent") for item in theme.all("page")}
    below = {item: parent for item, parent in parents.items() if parent in parents}
    assert below
    of_id = {text(item, "post_id"): post_of(item) for item in theme.all("page")}
    for number, page in of_id.items():
        assert page.parent == (of_id[below[number]] if number in below else None)


def test_categories_and_tags_are_those_of_the_file(theme: Imported) -> None:
    named = {(text(each, "cat_name")).casefold() for each in parts(theme.channel, "category")}
    named |= labels(theme.all("post", "page"), "category")
    assert {each.name.casefold() for each in Category.objects.all()} == named
    tags = {(text(each, "tag_name")).casefold() for each in parts(theme.channel, "tag")}
    tags |= labels(theme.all("post", "page"), "post_tag")
    assert {each.name.casefold() for each in Tag.objects.all()} == tags
    for each in parts(theme.channel, "category"):
        if parent := text(each, "category_parent"):
            child = Category.objects.get(slug=text(each, "category_nicename"))
            assert child.parent
            assert child.parent.slug == parent
    for item in theme.all("post"):
        post = post_of(item)
        assert {tag.name.casefold() for tag in post.tags.all()} == labels([item], "post_tag")
        shelves = {shelf.name.casefold() for shelf in post.categories.all()}
        assert shelves == labels([item], "category")


def test_comments_are_those_of_the_file_by_number_status_and_kind(theme: Imported) -> None:
    assert len(theme.comments) == 32
    expected = Counter(
        (
            int(text(each, "comment_id")),
            STATUSES[text(each, "comment_approved")],
            text(each, "comment_type") or "comment",
        )
        for each in theme.comments
    )
    assert Counter(Comment.objects.values_list("number", "status", "kind")) == expected
    assert theme.report["comments"] == Counter(str(status) for _id, status, _kind in expected)


def test_comments_answer_what_they_answered_down_to_the_ninth_level(theme: Imported) -> None:
    answered = {text(each, "comment_id"): text(each, "comment_parent") for each in theme.comments}

    def depth(number: str) -> int:
        return 0 if answered[number] == "0" else 1 + depth(answered[number])

    # The file's nine levels; ours begin at 0.
    assert max(map(depth, answered)) + 1 == 9 or max(map(depth, answered)) == 9
    for comment in Comment.objects.select_related("parent"):
        number = str(comment.number)
        assert comment.depth == depth(number)
        assert str(comment.parent.number if comment.parent else 0) == answered[number]


def test_counters_agree_with_the_comments(theme: Imported) -> None:
    for thread in Thread.objects.all():
        approved = Comment.objects.filter(thread=thread, status=Status.APPROVED)
        assert thread.approved_count == approved.count()
    for comment in Comment.objects.all():
        below = Comment.objects.filter(
            thread=comment.thread, path__startswith=comment.path, status=Status.APPROVED
        ).exclude(pk=comment.pk)
        assert comment.living_replies == below.count()


def test_every_public_address_leads_to_its_post_and_no_other_does(theme: Imported) -> None:
    client = Client()
    led = 0
    for item in theme.all("post", "page"):
        post = post_of(item)
        link, number = urlsplit(text(item, "link")), text(item, "post_id")
        query = f"/?{'page_id' if post.kind == PostKind.PAGE else 'p'}={number}"
        # One has a second slash, which the test client would take for a host.
        path = re.sub("/+", "/", link.path)
        for old in {query, f"{path}?{link.query}" if link.query else path} - {"/"}:
            answer = client.get(old)
            if post.is_published():
                assert (answer.status_code, answer["Location"]) == (301, post.get_absolute_url())
                led += 1
            else:
                assert answer.status_code == 404, old
    assert led > 100


def test_drafts_and_what_is_to_come_are_nowhere(theme: Imported) -> None:
    hidden = [item for item in theme.all("post", "page") if text(item, "status") != "publish"]
    assert {text(item, "status") for item in hidden} >= {"draft", "future"}
    home = Client().get("/").content.decode() + Client().get("/feed/atom/").content.decode()
    for item in hidden:
        post = post_of(item)
        assert Client().get(post.get_absolute_url()).status_code == 404
        assert post.get_absolute_url() not in home
        assert not post.thread.is_public


def test_the_password_post_opens_with_its_password_only(theme: Imported) -> None:
    [item] = [item for item in theme.all("post", "page") if text(item, "post_password")]
    assert text(item, "post_password") == "enter"
    post, client = post_of(item), Client()
    secret = "This content, comments, pingbacks, and trackbacks should not be visible"
    assert secret in text(item, "encoded")
    assert secret not in client.get(post.get_absolute_url()).content.decode()
    for password, opens in (("Enter", False), ("enter", True)):
        client.post(f"{post.get_absolute_url()}unlock/", {"password": password})
        assert (secret in client.get(post.get_absolute_url()).content.decode()) == opens


def test_every_public_page_is_shown_and_holds_nothing_that_must_not_be(theme: Imported) -> None:
    client = Client()
    for post in Post.objects.published():
        response = client.get(post.get_absolute_url())
        assert response.status_code == 200
        assert harm_in(response.content.decode()) == [], post.title


def test_a_second_run_touches_nothing(theme: Imported) -> None:
    before = exact()
    again = call(theme.path)
    assert exact() == before
    assert {change for each in again["changes"].values() for change in each} == {"unchanged"}
    assert mail.outbox == []
