"""Files of attachments: found in a folder and never out of it; kept as ours, or not at all."""

import os
import unicodedata

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from blog import media
from blog.models import Attachment, Picture
from blog.storing import unkept_on_failure
from blog.transfer import files
from blog.transfer.files import Folder, Found, Unavailable, keep
from tests.blog.pictures import picture_bytes
from tests.blog.test_media import SVG, png_of

BASE = "https://blog.example/wp-content/uploads/"


def lay(root, path, content=b"here"):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def reason(call, *args, **options):
    with pytest.raises(Unavailable) as error:
        call(*args, **options)
    return error.value.reason


# --- a folder -------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "uploads", "wp-content/uploads"])
def test_the_folder_is_the_uploads_or_has_them_inside(tmp_path, inside):
    lay(tmp_path / inside, "2008/06/canola2.jpg")
    assert Folder(tmp_path).get(f"{BASE}2008/06/canola2.jpg") == Found(b"here", "canola2.jpg")


@pytest.mark.parametrize(
    ("url", "attached_file"),
    [
        ("https://theme.files.wordpress.com/2008/06/canola2.jpg", ""),
        (f"{BASE}2008/06/canola2.jpg?w=300#x", ""),
        ("https://blog.example/?attachment_id=7", "2008/06/canola2.jpg"),
        ("", "/home/me/public_html/wp-content/uploads/2008/06/canola2.jpg"),
        (f"{BASE}elsewhere.jpg", "2008/06/canola2.jpg"),
        (f"{BASE}2008/06/canola2.jpg", "elsewhere.jpg"),
        ("http://[broken", "2008/06/canola2.jpg"),
    ],
)
def test_a_file_is_found_by_its_address_or_by_what_wordpress_noted(tmp_path, url, attached_file):
    lay(tmp_path, "2008/06/canola2.jpg")
    assert Folder(tmp_path).get(url, attached_file).content == b"here"


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_a_name_is_found_in_either_spelling_of_its_accents(tmp_path, on_disk, asked):
    lay(tmp_path, unicodedata.normalize(on_disk, "2008/Crème Brûlée.JPG"))
    name = unicodedata.normalize(asked, "Crème%20Brûlée.jpg")
    assert Folder(tmp_path).get(f"{BASE}2008/{name}").content == b"here"


def test_the_very_name_goes_before_one_in_another_case(tmp_path):
    for name in ("A.jpg", "a.jpg"):
        lay(tmp_path, name, name.encode())
    folder = Folder(tmp_path)
    assert [folder.get(BASE + name).content for name in ("A.jpg", "a.jpg")] == [b"A.jpg", b"a.jpg"]


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("a-300x200.jpg", "a.jpg"),
        ("a-scaled.jpg", "a.jpg"),
        ("a.jpg", "a-scaled.jpg"),
        ("a-300x200.jpg", "a-scaled.jpg"),
    ],
)
def test_a_missing_copy_is_made_good_by_its_original_and_the_other_way_round(
    tmp_path, asked, there
):
    lay(tmp_path, there)
    assert Folder(tmp_path).get(BASE + asked).content == b"here"


def test_a_copy_that_is_there_is_taken_as_it_is(tmp_path):
    lay(tmp_path, "a.jpg", b"large")
    lay(tmp_path, "a-300x200.jpg", b"small")
    assert Folder(tmp_path).get(f"{BASE}a-300x200.jpg").content == b"small"


def test_what_is_not_there_is_said_so(tmp_path):
    assert reason(Folder(tmp_path).get, f"{BASE}a.jpg") == "its file is not in the media folder"
    assert reason(Folder(tmp_path / "nowhere").get, f"{BASE}a.jpg")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "2008/../../secret.txt",
        "2008/%2e%2e/%2e%2e/secret.txt",
        "/../secret.txt",
        "%2fsecret.txt",
        "..\\secret.txt",
        "a.txt%00",
        "a.txt\0.jpg",
        "",
        ".",
        "2008",
        "a.txt/x",
        "x" * 5000 + "/" * 5000 + ".jpg",
        "\udcff.jpg",
    ],
)
def test_no_path_leads_out_of_the_folder(tmp_path, path):
    lay(tmp_path, "secret.txt")
    lay(tmp_path, "wp-content/uploads/a.txt")
    (tmp_path / "wp-content/uploads/2008").mkdir()
    folder = Folder(tmp_path)
    for url, attached_file in ((BASE + path, ""), ("", path), ("", str(tmp_path / "secret.txt"))):
        assert reason(folder.get, url, attached_file) == "its file is not in the media folder"


def test_no_link_leads_out_of_the_folder(tmp_path):
    secret = lay(tmp_path, "outside/secret.txt")
    root = tmp_path / "uploads"
    root.mkdir()
    (root / "file.txt").symlink_to(secret)
    (root / "dir").symlink_to(secret.parent)
    (root / "round").symlink_to(root / "round")
    for path in ("file.txt", "dir/secret.txt", "round", "round/secret.txt"):
        assert reason(Folder(root).get, BASE + path) == "its file is not in the media folder"


def test_a_link_within_the_folder_is_followed(tmp_path):
    file = lay(tmp_path, "2008/a.jpg")
    (tmp_path / "b.jpg").symlink_to(file)
    assert Folder(tmp_path).get(f"{BASE}b.jpg") == Found(b"here", "b.jpg")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    assert reason(Folder(tmp_path).get, f"{BASE}a.jpg") == "its file is not in the media folder"


def test_a_file_that_is_too_large_is_refused(tmp_path):
    file = lay(tmp_path, "a.pdf")
    os.truncate(file, files.MAX_BYTES + 1)
    assert reason(Folder(tmp_path).get, f"{BASE}a.pdf") == "larger than 20 MB"


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("x" * 400 + ".jpeg", "x" * 145 + ".jpeg"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("C:\\me\\a.pdf", "C:\\me\\a.pdf"),
    ],
)
def test_a_name_is_one_short_line(name, tidy):
    assert files.tidy_name(name) == tidy


# --- kept -----------------------------------------------------------------------------------


def stored():
    root = django_settings.MEDIA_ROOT
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def kept(content, name, *, alt="", caption="", uploader=None):
    attachment = Attachment(source_url=BASE + name)
    words = {"alt": alt, "caption": caption}
    keep(Found(content, name), uploader=uploader, attachment=attachment, **words)
    attachment.save()
    return attachment


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a", "a.php", "a.svg"])
def test_a_picture_is_known_by_its_content_and_made_ours(alice, name):
    picture = kept(picture_bytes(), name, alt="A loaf", uploader=alice).picture
    assert (picture.alt, picture.uploader, picture.width, picture.height) == (
        "A loaf",
        alice,
        64,
        48,
    )
    assert stored() == [picture.file.name]
    assert picture.file.name.startswith("pictures/")
    assert picture.file.name.endswith(".jpg")


@pytest.mark.django_db
def test_another_file_keeps_its_content_and_its_ending_and_loses_its_name():
    file = Attachment.objects.get(pk=kept(b"%PDF-1.4 ...", "My Salary.PDF").pk).file
    assert file.name.startswith("files/")
    assert file.name.endswith(".pdf")
    assert "alary" not in file.name
    assert file.read() == b"%PDF-1.4 ..."
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<script>alert(1)</script>", "a.html"),
        (b"<script>alert(1)</script>", "a.pdf.html"),
        (b"<script>alert(1)</script>", "a.htm"),
        (b"<script>alert(1)</script>", "a.xhtml"),
        (SVG, "a.svg"),
        (SVG, "a.svgz"),
        (b"alert(1)", "a.js"),
        (b"<x/>", "a.xml"),
        (b"<?php", "a.php"),
        (b"<?php", "a.pdf.php"),
        (b"MZ", "a.exe"),
        (b"x", "pdf"),
        (b"x", ""),
        (b"x", ".htaccess"),
    ],
)
def test_nothing_that_is_a_page_or_a_program_is_taken(content, name):
    assert reason(kept, content, name) == "not a kind of file that is taken"
    assert stored() == []


@pytest.mark.parametrize("content", [SVG, b"", b"GIF89a", picture_bytes()[:400]])
def test_what_is_only_called_a_picture_is_refused(content):
    assert reason(kept, content, "a.jpg") == "cannot be read as a picture"


def test_a_decompression_bomb_is_refused_undecoded():
    assert reason(kept, png_of(8000, 5001), "a.png") == "a picture of more than 40 million pixels"


@pytest.mark.django_db
def test_an_original_may_be_larger_than_an_upload():
    content = picture_bytes() + b"\0" * media.MAX_BYTES
    assert kept(content, "a.jpg").picture.width == 64
    assert reason(kept, content + content, "a.jpg") == "larger than 20 MB"


@pytest.mark.django_db
def test_long_words_are_cut_for_the_picture_and_stay_with_the_attachment():
    caption = 'A <a href="https://x.example/">loaf</a> &amp;\n butter \u202e' + "and jam " * 100
    attachment = Attachment(source_url=BASE, caption=caption)
    found = Found(picture_bytes(), "a.jpg")
    keep(found, alt="x" * 400, caption=caption, uploader=None, attachment=attachment)
    attachment.picture.full_clean(exclude=["uploader"])
    assert attachment.picture.caption.startswith("A loaf & butter and jam and")
    assert attachment.picture.caption.endswith(("and…", "jam…"))
    assert attachment.picture.alt == "x" * 299 + "…"
    assert attachment.caption == caption


@pytest.mark.django_db
def test_hostile_words_cost_no_time():
    attachment = kept(picture_bytes(), "a.jpg", alt="<" * 500_000, caption="<a" * 500_000)
    assert len(attachment.picture.caption) == 300


# --- not kept -------------------------------------------------------------------------------


class Stop(Exception):
    pass


def keep_one_of_each():
    kept(picture_bytes(), "a.jpg")
    kept(b"%PDF", "a.pdf")


def fail_after_keeping():
    try:
        with transaction.atomic():
            keep_one_of_each()
            raise Stop
    except Stop:
        pass


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_stays():
    with unkept_on_failure(), transaction.atomic():
        keep_one_of_each()
    assert len(stored()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_leaves_no_file():
    with unkept_on_failure(), transaction.atomic():
        with transaction.atomic():
            keep_one_of_each()
        assert len(stored()) == 2
        transaction.set_rollback(True)
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_leaves_no_file_and_those_before_it_stay():
    with unkept_on_failure():
        with transaction.atomic():
            keep_one_of_each()
        fail_after_keeping()
    assert len(stored()) == Picture.objects.count() + Attachment.objects.exclude(file="").count()
    assert len(stored()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_is_rolled_back_leaves_no_file():
    with unkept_on_failure(), transaction.atomic():
        kept(b"%PDF", "a.pdf")
        fail_after_keeping()
    assert stored() == [Attachment.objects.get().file.name]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_the_database_refuses_leaves_no_file(monkeypatch):
    def refuse(*args, **options):
        raise Stop

    monkeypatch.setattr(Picture, "save", refuse)
    with pytest.raises(Stop), unkept_on_failure(), transaction.atomic():
        kept(picture_bytes(), "a.jpg")
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_run_left_behind_is_written_over_by_the_next():
    fail_after_keeping()
    left = stored()
    assert len(left) == 2
    keep_one_of_each()
    assert stored() == left


@pytest.mark.django_db
def test_a_file_that_is_there_already_is_not_written_over():
    first, second = (kept(b"%PDF", "a.pdf").file for _ in range(2))
    assert first.name != second.name
    assert (first.read(), second.read()) == (b"%PDF", b"%PDF")


@pytest.mark.django_db
def test_nobody_else_can_tell_a_files_name(settings):
    names = set()
    for key in ("one" * 20, "two" * 20):
        settings.SECRET_KEY = key
        attachment = Attachment(source_url=BASE)
        keep(Found(b"%PDF", "a.pdf"), alt="", caption="", uploader=None, attachment=attachment)
        names.add(attachment.file.name)
    assert len(names) == 2
