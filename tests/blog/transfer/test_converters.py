"""Exports that no WordPress wrote, or that somebody's editor had in between: read as they mean."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from blog.models import OldAddress, Post, PostStatus
from tests.blog.transfer.imports import bring, notes_of
from tests.blog.transfer.standing import counts, exact
from tests.blog.transfer.wordpress_files import comment_xml, document, post

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime(2010, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    return partial(bring, tmp_path)


@pytest.mark.parametrize(
    "at", ["2010-01-01T12:00:00Z", "2010-1-1 12:00", "2010-01-01 13:00 +01:00"]
)
def test_a_published_post_with_a_date_in_other_spelling_is_published(
    imported: Any, at: str
) -> None:
    imported(post(1, at=at))
    assert Post.objects.values_list("status", "published_at").get() == (
        PostStatus.PUBLISHED, NEW_YEAR,
    )  # fmt: skip


@pytest.mark.parametrize("at", ["", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "last spring"])
def test_a_published_post_without_a_possible_date_becomes_a_draft_with_a_word(
    imported: Any, at: str, settings: Any
) -> None:
    settings.TIME_ZONE = "America/New_York"
    report = imported(post(1, at=at, title="Undated"))
    assert Post.objects.get().status == PostStatus.DRAFT
    assert "14: Undated: published there, has no date, came as a draft" in notes_of(report)
    assert Client().get("/").status_code == 200


def test_what_a_tool_has_indented_is_read_as_it_was(imported: Any) -> None:
    text = document(post(7, comment_xml(id=1, approved=" 1 "), slug="pretty"))
    for name, value in (("status", "publish"), ("post_type", "post"), ("post_id", "7")):
        tag = f"wp:{name}"
        indented = f"<{tag}>\n   <![CDATA[{value}]]>\n  </{tag}>"
        text = text.replace(f"<{tag}>{value}</{tag}>", indented)
    report = imported(export=text)
    assert report["comments"] == {"approved": 1}
    assert (Post.objects.get().status, Post.objects.get().slug) == (PostStatus.PUBLISHED, "pretty")


def test_items_without_numbers_and_types_come_in_once(imported: Any) -> None:
    first, second = (
        post("", link=f"https://old.example/{name}/", slug=name).replace(
            "<wp:post_type>post</wp:post_type>", ""
        )
        for name in ("one", "two")
    )
    second = second.replace("<link>", "<guid>tag:old.example,2010:2</guid><link>")
    imported(first, second)
    before = exact()
    report = imported(first, second)
    assert exact() == before
    assert (report["posts"], report["skipped"]) == (2, {})
    assert set(OldAddress.objects.values_list("path", flat=True)) == {"/one", "/two"}


def test_what_is_strange_about_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = document(post(1, title="Café")).replace("UTF-8", "ISO-8859-1")
    path = tmp_path / "old.xml"
    path.write_bytes(b"<b>Warning</b>: x\n" + text.encode("latin-1") + b"\n<b>Notice</b>")
    report = bring_file(path)
    assert Post.objects.get().title == "Café"
    first, second, third = notes_of(report).splitlines()
    assert first == "1: something stands before the export, and was passed over"
    assert second == "1: the file is in iso-8859-1, and was read as Windows-1252"
    assert third.endswith("what follows </rss> here was passed over")


@pytest.mark.parametrize("encoding", ["GB2312", "Shift_JIS", "x-mac-roman", "é"])
def test_any_other_encoding_is_refused_in_words(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "old.xml"
    path.write_text(document(post(1)).replace("UTF-8", encoding))
    before = counts()
    with pytest.raises(CommandError, match="Save it as UTF-8"):
        call_command("import_wxr", path, verbosity=0)
    assert counts() == before


def bring_file(path: Path) -> dict[str, Any]:
    """Import a file of any bytes; return the report."""
    report = path.with_suffix(".json")
    call_command("import_wxr", path, report=report, verbosity=0)
    return json.loads(report.read_text())  # type: ignore[no-any-return]
