"""Which of our files an old blog's texts show: the right one, in whatever run it came."""

from pathlib import Path
from typing import Any

import pytest

from blog.models import Attachment, Picture, Post
from blog.transfer.wordpress.known_files import FilesByAddress
from comments.transfer.records import ImportMap
from tests.blog.transfer.old_blog import UPLOADS, OldBlog, attachment, image, widths_in
from tests.blog.transfer.standing import exact
from tests.blog.transfer.wordpress_files import post


@pytest.fixture
def old(tmp_path: Path) -> OldBlog:
    return OldBlog(tmp_path)


def found(*listed: str, asked: str) -> str | None:
    files = FilesByAddress()
    for row, name in enumerate(listed, start=1):
        files.add(f"https://www.old.example/{name}", row)
    row = files.find(asked if "//" in asked else f"http://old.example/{asked}")
    return listed[row - 1] if row else None


# ---- Addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "asked", "expected"),
    [
        (["a.jpg"], "a.jpg?w=300#top", "a.jpg"),
        (["a.jpg"], "a-300x200.jpg", "a.jpg"),
        (["a-scaled.jpg"], "a-300x200.jpg", "a-scaled.jpg"),
        (["a-scaled.jpg"], "a.jpg", "a-scaled.jpg"),
        (["a-scaled.jpg", "a.jpg"], "a-300x200.jpg", "a.jpg"),
        (["a-300x250.jpg", "a-728x90.jpg"], "a-300x250.jpg", "a-300x250.jpg"),
        (["a-300x250.jpg", "a-728x90.jpg"], "a-728x90.jpg", "a-728x90.jpg"),
        (["a-300x250.jpg"], "a-300x250-150x150.jpg", "a-300x250.jpg"),
        (["a-300x250.jpg"], "a-150x150.jpg", None),
        (["a.jpg", "a-300x100.jpg"], "a-150x150.jpg", "a.jpg"),
        (["a-300x100.jpg", "a.jpg"], "a-300x100.jpg", "a-300x100.jpg"),
        (["show.php?id=1", "show.php?id=2"], "show.php?id=1", "show.php?id=1"),
        (["caf%C3%A9.jpg"], "café.jpg", "caf%C3%A9.jpg"),
        (["a.jpg"], "https://elsewhere.example/a.jpg", None),
        (["a.jpg"], "http://[", None),
    ],
)
def test_an_address_stands_for_its_own_file_before_any_that_it_may_be_a_copy_of(
    listed: list[str], asked: str, expected: str | None
) -> None:
    assert found(*listed, asked=asked) == expected


# ---- The right picture --------------------------------------------------------------------------


@pytest.mark.django_db
def test_originals_whose_names_end_in_a_size_are_not_taken_for_one_another(old: OldBlog) -> None:
    old.pictures(logo=40, logo_300x100=30, logo_88x31=8, banner_300x250=31, banner_728x90=72)
    shown = ("logo.png", "logo-300x100.png", "logo-88x31.png", "banner-300x250.png")
    old.bring(
        *(attachment(10 + at, name) for at, name in enumerate((*shown, "banner-728x90.png"))),
        post(1, content="".join(map(image, shown))),
        media=old.uploads,
    )
    assert widths_in(Post.objects.get()) == [40, 30, 8, 31]


@pytest.mark.django_db
def test_a_picture_of_one_size_that_links_to_another_original_does_not_lead_to_itself(
    old: OldBlog,
) -> None:
    old.pictures(banner_300x250=31, banner_728x90=72)
    names = ("banner-300x250.png", "banner-728x90.png")
    old.bring(
        *(attachment(10 + at, name) for at, name in enumerate(names)),
        post(1, content=f'<a href="{UPLOADS}/{names[1]}">{image(names[0])}</a>'),
        media=old.uploads,
    )
    wide = Picture.objects.get(width=72)
    assert f'href="{wide.file.url}"' in Post.objects.get().body
    assert widths_in(Post.objects.get()) == [31]


# ---- Later runs ---------------------------------------------------------------------------------

SHOWING = (
    post(1, content=f"{image('cat-300x200.png')}\n\n{image('unlisted.png')}"),
    post(2, content="Words.\n\n[gallery]"),
)
LISTED = (attachment(21, "dog.png", parent=2), attachment(20, "cat.png", parent=1))


@pytest.fixture
def with_pictures(old: OldBlog) -> OldBlog:
    old.pictures(cat=60, dog=61, unlisted=62)
    return old


@pytest.mark.django_db
def test_an_export_without_attachments_takes_no_picture_out_of_earlier_posts(
    with_pictures: OldBlog,
) -> None:
    with_pictures.bring(*SHOWING, *LISTED, media=with_pictures.uploads)
    before = exact()
    with_pictures.bring(*SHOWING)
    assert exact() == before
    with_pictures.bring(*SHOWING, media=with_pictures.uploads)
    assert exact() == before
    assert [widths_in(each) for each in Post.objects.order_by("pk")] == [[60, 62], [61]]


@pytest.mark.django_db
def test_attachments_that_come_after_their_posts_belong_to_them_at_once(
    with_pictures: OldBlog,
) -> None:
    with_pictures.bring(*SHOWING)
    with_pictures.bring(*LISTED)
    assert Attachment.objects.count() == 2
    assert not Attachment.objects.filter(post=None).exists()
    assert not ImportMap.objects.filter(kind="attachment-of").exists()


@pytest.mark.django_db
def test_attachments_that_come_before_their_posts_wait_for_them(with_pictures: OldBlog) -> None:
    with_pictures.bring(*LISTED, media=with_pictures.uploads)
    assert ImportMap.objects.filter(kind="attachment-of").count() == 2
    with_pictures.bring(*SHOWING, media=with_pictures.uploads)
    assert not Attachment.objects.filter(post=None).exclude(title="").exists()
    assert not ImportMap.objects.filter(kind="attachment-of").exists()
    assert widths_in(Post.objects.get(body__contains="Words")) == [61]


@pytest.mark.django_db
def test_an_attachment_item_takes_over_the_file_that_a_text_had_shown_before(
    old: OldBlog,
) -> None:
    old.pictures(cat=60)
    old.bring(post(1, content=image("cat-300x200.png")), media=old.uploads)
    shown = Attachment.objects.get()
    old.bring(attachment(20, "cat.png", parent=1, alt="A cat"), media=old.uploads)
    listed = Attachment.objects.get()
    assert (listed.pk, listed.picture_id, listed.alt) == (shown.pk, shown.picture_id, "A cat")
    assert Picture.objects.get().alt == "A cat"
    assert listed.post == Post.objects.get()
    before = exact()
    old.bring(
        attachment(20, "cat.png", parent=1, alt="A cat"),
        post(1, content=image("cat-300x200.png")),
        media=old.uploads,
    )
    assert exact() == before


# ---- Other files --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_links_to_files_that_came_along_lead_to_them_here(old: OldBlog) -> None:
    old.upload("doc.pdf", b"%PDF-1.4")
    old.upload("talk.mp3", b"ID3")
    player = f'[audio mp3="{UPLOADS}/talk.mp3"]'
    old.bring(
        attachment(20, "doc.pdf", parent=1),
        attachment(21, "talk.mp3", parent=1),
        post(
            1,
            content=f'See <a href="{UPLOADS}/doc.pdf">the paper</a>. {player}'
            f' <a href="{UPLOADS}/other.pdf">not here</a>',
        ),
        media=old.uploads,
    )
    paper, talk = (Attachment.objects.get(title=name).file for name in ("doc.pdf", "talk.mp3"))
    body = Post.objects.get().body
    assert f'<a href="{paper.url}">the paper</a>' in body
    assert f'<a href="{talk.url}">talk.mp3</a>' in body
    assert f'<a href="{UPLOADS}/other.pdf">not here</a>' in body


@pytest.mark.django_db
def test_files_that_did_not_come_along_keep_their_links(old: OldBlog) -> None:
    content = f'<a href="{UPLOADS}/doc.pdf">the paper</a>'
    old.bring(attachment(20, "doc.pdf", parent=1), post(1, content=content))
    assert content in Post.objects.get().body


def test_gallery_order_is_that_of_the_numbers(old: OldBlog, db: Any) -> None:
    old.pictures(nine=9, ten=10)
    old.bring(
        attachment(10, "ten.png", parent=1),
        attachment(9, "nine.png", parent=1),
        post(1, content="[gallery]"),
        media=old.uploads,
    )
    assert widths_in(Post.objects.get()) == [9, 10]
