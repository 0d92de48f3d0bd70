"""`manage.py export`: the file as such: whole or not there, private, readable, few queries."""

import gc
import json
import stat
import zipfile

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Picture
from blog.transfer.site.archive import new_archive, one_snapshot, whole_file
from comments.models import Comment
from tests.blog.transfer.moves import build_hard_site, entries, export
from tests.comments.factories import make_comment, make_thread


def head_of(entries, name):
    """Return what a post's file says, read as a person would: line by line."""
    _fence, head, _body = entries[name].decode().split("---\n", 2)
    return dict(line.split(": ", 1) for line in head.splitlines())


@pytest.mark.django_db
def test_the_file_is_private_and_the_command_says_what_is_in_it(tmp_path, make_post):
    make_post()
    out = export(tmp_path / "site.zip")
    assert stat.S_IMODE((tmp_path / "site.zip").stat().st_mode) == 0o600
    assert "e-mail and network addresses" in out
    assert "posts: 1" in out
    # Only where a text is in HTML has Hugo to be told to take it.
    assert not any(name.startswith("config/") for name in entries(tmp_path / "site.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["site.zip"]


@pytest.mark.django_db
def test_a_file_that_exists_is_replaced_only_by_force(tmp_path):
    (tmp_path / "site.zip").write_text("precious")
    with pytest.raises(CommandError, match="exists"):
        export(tmp_path / "site.zip")
    assert (tmp_path / "site.zip").read_text() == "precious"
    export(tmp_path / "site.zip", force=True)
    assert zipfile.is_zipfile(tmp_path / "site.zip")


def test_what_breaks_half_way_leaves_no_file(tmp_path):
    def write():
        with whole_file(tmp_path / "site.zip", force=False) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(CommandError, match="No space left"):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_is_told_once_and_leaves_no_file(tmp_path, monkeypatch):
    def write():
        with new_archive(tmp_path / "site.zip", force=False) as archive:
            archive.text("a.txt", "a")
            monkeypatch.setattr(archive.zip.fp, "write", full_disk, raising=False)
            archive.text("b.txt", "b")

    def full_disk(content):
        raise OSError(28, "No space left on device")

    with pytest.raises(CommandError, match="No space left"):
        write()
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="Nothing can be written beside"):
        export(tmp_path / "no" / "site.zip")


@pytest.mark.django_db
def test_hugo_is_told_to_hold_back_what_not_everybody_may_read(tmp_path):
    build_hard_site()
    export(tmp_path / "site.zip")
    files = entries(tmp_path / "site.zip")
    drafts = {
        name.split("/")[-1]: head_of(files, name)["draft"]
        for name in files
        if name.startswith("content/")
    }
    hidden = {
        "draft.md",
        "review.md",
        "private.md",
        "trash.md",
        "secret.md",
        "unlisted.md",
    }
    assert {name for name, draft in drafts.items() if draft == "true"} == {
        *hidden, "A_Spelling-Of-Its-Own_.md",
    }  # fmt: skip
    assert {"public.md", "later.md", "old.html", "about.md", "index+.md"} <= drafts.keys()
    public = head_of(files, "content/posts/public.md")
    assert json.loads(public["aliases"]) == ["/2009/03/public", "/posts/Former_post/"]
    assert json.loads(public["tags"]) == ["Sea", "Éire"]
    assert "config/_default/security.toml" in files
    assert public["url"] == '"/posts/public/"'


@pytest.mark.django_db
def test_no_secret_of_anybody_is_in_it(tmp_path, alice):
    export(tmp_path / "site.zip")
    users = entries(tmp_path / "site.zip")["data/users.jsonl"].decode()
    assert alice.password.startswith("md5$")
    assert "password" not in users
    assert alice.password not in users


@pytest.mark.django_db
def test_a_file_that_is_missing_is_told_and_the_rest_goes_on(tmp_path):
    build_hard_site()
    picture = Picture.objects.get()
    picture.file.storage.delete(picture.file.name)
    assert f"missing on the disk: {picture.file.name}" in export(tmp_path / "site.zip")
    assert picture.file.name in entries(tmp_path / "site.zip")["data/pictures.jsonl"].decode()


@pytest.mark.django_db
def test_a_picture_that_is_damaged_is_told_and_kept_as_it_is(tmp_path):
    build_hard_site()
    picture = Picture.objects.get()
    content = picture.file.read()[:60]
    with open(picture.file.path, "wb") as file:
        file.write(content)
    out = export(tmp_path / "site.zip")
    assert f"damaged on the disk: {picture.file.name} cannot be read as a picture" in out
    assert entries(tmp_path / "site.zip")[f"static/media/{picture.file.name}"] == content


@pytest.mark.django_db
def test_more_comments_and_threads_take_no_more_queries(tmp_path, monkeypatch):
    def queries(name):
        with CaptureQueriesContext(connection) as captured:
            export(tmp_path / name)
        return len(captured)

    threads = [make_thread() for _ in range(3)]
    make_comment(threads[0])
    queries("first.zip")  # what the first of a process looks up once
    few = queries("few.zip")
    for thread in threads:
        first = make_comment(thread)
        for _ in range(5):
            make_comment(thread, first)
    assert queries("many.zip") == few
    monkeypatch.setattr("blog.transfer.site.comment_rows.BATCH", 4)
    export(tmp_path / "small.zip")
    many, small = entries(tmp_path / "many.zip"), entries(tmp_path / "small.zip")
    assert many["data/comments.jsonl"] == small["data/comments.jsonl"]
    assert len(many["data/comments.jsonl"].splitlines()) == Comment.objects.count() == 19


@pytest.mark.django_db(transaction=True)
def test_an_export_sees_one_moment_and_keeps_no_writer_waiting():
    thread = make_thread()
    make_comment(thread)
    other = connection.copy()
    try:
        with one_snapshot():
            assert Comment.objects.count() == 1
            with other.cursor() as cursor:
                cursor.execute(
                    "UPDATE comments_comment SET status = 'spam', approved_revision = NULL"
                )
            assert Comment.objects.get().status == "approved"
        assert Comment.objects.get().status == "spam"
    finally:
        other.close()
