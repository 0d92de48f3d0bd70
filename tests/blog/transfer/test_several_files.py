"""Several exports of one blog, named together or one after the other: one blog, one report."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from blog.models import Attachment, Category, Picture, Post, Tag
from comments.transfer.records import ImportRun, RunStatus
from tests.blog.transfer.old_blog import OldBlog, attachment, image, widths_in
from tests.blog.transfer.standing import counts, exact, standing
from tests.blog.transfer.wordpress_files import author, category, comment_xml, document, post

pytestmark = pytest.mark.django_db

LABELS = [("category", "bread", "Bread"), ("post_tag", "rye", "Rye")]
POSTS = (
    author("ann"),
    post(1, comment_xml(id=7), title="Body", content=image("cat-300x200.png"), labels=LABELS),
    post(2, title="Gallery", content="Words.\n\n[gallery]", labels=LABELS),
    post(3, title="Named", content='[gallery ids="21"]', meta=[("_thumbnail_id", "22")]),
    post(5, title="Child", type="page", parent=6),
)
FILES = (
    author("ann"),
    category("bread", "Bread"),
    attachment(20, "cat.png", parent=1, alt="A cat"),
    attachment(21, "dog.png", parent=2),
    attachment(22, "cover.png", parent=3),
)
PARENTS = (author("bert", id=2), post(6, title="Parent", type="page", creator="bert"))


@pytest.fixture
def old(tmp_path: Path) -> OldBlog:
    blog = OldBlog(tmp_path)
    blog.pictures(cat=60, dog=61, cover=62)
    return blog


@pytest.fixture
def parts(old: OldBlog) -> list[Path]:
    named = {"posts.xml": POSTS, "files.xml": FILES, "parents.xml": PARENTS}
    return [old.export(name, *each) for name, each in named.items()]


def is_whole() -> bool:
    body, gallery, named = (Post.objects.get(title=name) for name in ("Body", "Gallery", "Named"))
    return (
        [widths_in(each) for each in (body, gallery, named)] == [[60], [61], [61]]
        and named.cover is not None
        and named.cover.width == 62
        and Post.objects.get(title="Child").parent == Post.objects.get(title="Parent")
        and Attachment.objects.count() == Picture.objects.count() == 3
        and not Attachment.objects.filter(post=None).exists()
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_in_any_order_they_make_the_blog_that_one_file_makes(
    old: OldBlog, parts: list[Path], order: tuple[int, ...]
) -> None:
    paths = [parts[at] for at in order]
    report = old.bring_files(*paths, media=old.uploads)
    assert is_whole()
    assert (report["posts"], report["pages"], report["attachments"]) == (3, 2, 3)
    assert (Tag.objects.count(), Category.objects.count()) == (1, 1)
    assert (report["users"], report["tags"], report["categories"]) == (2, 1, 1)
    before = exact()
    old.bring_files(*paths, media=old.uploads)
    assert exact() == before


def test_one_after_the_other_and_again_they_are_whole_too(old: OldBlog, parts: list[Path]) -> None:
    for path in (*parts, *parts):
        old.bring_files(path, media=old.uploads)
    assert is_whole()


def test_a_page_whose_parent_comes_with_a_later_file_moves_below_it(
    old: OldBlog, parts: list[Path]
) -> None:
    posts, _files, parents = parts
    old.bring_files(posts)
    assert Post.objects.get(title="Child").parent is None
    old.bring_files(parents)
    assert Post.objects.get(title="Child").parent == Post.objects.get(title="Parent")
    before = exact()
    old.bring_files(parents)
    assert exact() == before


def test_two_blogs_named_together_share_tags_and_nothing_else(old: OldBlog) -> None:
    paths = []
    for name in ("one", "two"):
        path = old.folder / f"{name}.xml"
        host = f"https://{name}.example"
        path.write_text(document(post(1, title=name, labels=LABELS, host=host), host=host))
        paths.append(path)
    old.bring_files(*paths)
    assert sorted(Post.objects.values_list("title", flat=True)) == ["one", "two"]
    assert Tag.objects.count() == 1


def test_a_file_named_twice_is_one_file(old: OldBlog, parts: list[Path]) -> None:
    report = old.bring_files(parts[0], parts[0])
    assert ImportRun.objects.count() == 1
    assert "files" not in report


# ---- The report ---------------------------------------------------------------------------------


def test_the_report_of_several_is_their_sum_and_each_by_itself(
    old: OldBlog, parts: list[Path]
) -> None:
    report = old.bring_files(*parts, media=old.uploads)
    each = report["files"]
    assert [one["file"] for one in each] == ["posts.xml", "files.xml", "parents.xml"]
    for name in ("posts", "pages", "attachments", "redirects", "users"):
        assert report[name] == sum(one.get(name, 0) for one in each) > 0
    assert report["comments"] == each[0]["comments"] == {"approved": 1}
    runs = ImportRun.objects.order_by("pk")
    assert [run.report["attachments"] for run in runs] == [0, 3, 0]
    assert {run.status for run in runs} == {RunStatus.FINISHED}


def test_a_note_says_of_which_file_it_is(old: OldBlog) -> None:
    first = old.export("first.xml", post(1), post(1))
    report = old.bring_files(first, old.export("second.xml", post(2)))
    assert [note["file"] for note in report["notes"]] == ["first.xml"]


def test_a_dry_run_over_several_tells_what_the_real_one_does_and_writes_nothing(
    old: OldBlog, parts: list[Path]
) -> None:
    before = counts()
    dry = old.bring_files(*parts, media=old.uploads, dry_run=True)
    assert counts() == before
    assert dry == old.bring_files(*parts, media=old.uploads)


def test_a_report_that_cannot_be_written_is_told_of_before_anything(
    old: OldBlog, parts: list[Path]
) -> None:
    before = counts()
    old.report = old.folder / "nowhere" / "report.json"
    with pytest.raises(CommandError, match=r"nowhere.*report\.json"):
        old.bring_files(*parts)
    assert counts() == before


def test_a_run_that_stops_leaves_no_empty_report(old: OldBlog, monkeypatch: Any) -> None:
    path = old.export("one.xml", post(1))
    monkeypatch.setattr("blog.transfer.wordpress.importing.read", _stops)
    with pytest.raises(RuntimeError):
        old.bring_files(path)
    assert not old.report.exists()
    assert ImportRun.objects.get().status == RunStatus.FAILED


def test_several_files_that_stopped_go_on_as_themselves(
    old: OldBlog, parts: list[Path], monkeypatch: Any
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("blog.transfer.wordpress.importing.read", _stops)
        with pytest.raises(RuntimeError):
            old.bring_files(*parts)
    old.bring_files(*parts, media=old.uploads)
    assert is_whole()
    assert ImportRun.objects.filter(status=RunStatus.FINISHED).count() == 3
    assert ImportRun.objects.count() == len(standing()["importrun"]) == 3


def _stops(*_args: object, **_options: object) -> Any:
    raise RuntimeError("the disk is full")
