"""Smaller copies of pictures: made once, beside the requests, whatever dies in between."""

import logging
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from blog import media, renditions
from blog.markup_pictures import picture_markdown
from blog.models import Picture, Rendition
from config.background import JOBS
from tests.blog.pictures import files_stored, picture_bytes, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def make_picture(alice):
    def make(form="JPEG", size=(1000, 500), **options):
        accepted = media.accept(upload(picture_bytes(form, size=size, **options)))
        return media.keep(accepted, uploader=alice, alt="A house", caption="Ours")

    return make


def copies(picture):
    return sorted(picture.renditions.values_list("format", "width", "height"))


def opened(rendition):
    with default_storage.open(rendition.file.name) as file:
        return Image.open(BytesIO(file.read())).copy()


def test_it_is_one_of_the_jobs():
    assert "blog.renditions.render_due" in JOBS


def test_copies_are_never_larger_than_the_picture(make_picture):
    picture = make_picture()
    assert renditions.render_due() == 1
    assert copies(picture) == [
        ("avif", 480, 240), ("avif", 800, 400), ("avif", 1000, 500),
        ("jpg", 480, 240), ("jpg", 800, 400),
        ("webp", 480, 240), ("webp", 800, 400), ("webp", 1000, 500),
    ]  # fmt: skip
    for each in picture.renditions.all():
        assert opened(each).size == (each.width, each.height)
    assert len(files_stored()) == 9
    picture.refresh_from_db()
    assert (picture.rendered_at is not None, picture.render_tries) == (True, 0)


def test_a_small_picture_has_its_own_size_alone(make_picture):
    picture = make_picture(size=(64, 48))
    renditions.render_due()
    assert copies(picture) == [("avif", 64, 48), ("webp", 64, 48)]


@pytest.mark.parametrize(
    ("form", "options", "plain"),
    [
        ("PNG", {"mode": "RGBA"}, {("png", 480)}),
        ("PNG", {}, {("png", 480)}),
        ("WEBP", {}, {("jpg", 480), ("jpg", 600)}),
        ("WEBP", {"mode": "RGBA", "colour": (9, 9, 9, 9)}, {("png", 480), ("png", 600)}),
        ("AVIF", {}, {("jpg", 480)}),
        ("GIF", {"mode": "P"}, {("png", 480)}),
    ],
    ids=["see-through png", "png", "webp", "see-through webp", "avif", "gif"],
)
def test_every_browser_has_something_it_can_show(make_picture, form, options, plain):
    picture = make_picture(form, size=(600, 300), **options)
    renditions.render_due()
    others = picture.renditions.exclude(format__in=["avif", "webp"])
    assert set(others.values_list("format", "width")) == plain


def test_what_is_done_is_not_done_again(make_picture):
    make_picture(size=(64, 48))
    assert [renditions.render_due(), renditions.render_due()] == [1, 0]


def test_posts_that_show_it_offer_the_copies_and_no_author_finds_a_conflict(
    make_picture, make_post
):
    picture = make_picture()
    post = make_post(body=picture_markdown(picture))
    other = make_post()
    cover = make_post(cover=picture)
    assert "<source" not in post.body_html
    renditions.render_due()
    versions = [post.version, cover.version, other.version]
    texts = (post.text_version, post.updated_at)
    for each in (post, cover, other):
        each.refresh_from_db()
    stem = media.copy_name(picture, "avif", 480)
    assert f'<source type="image/avif" srcset="/media/{stem} 480w, ' in post.body_html
    assert [post.version, cover.version, other.version] == [
        versions[0] + 1,
        versions[1] + 1,
        versions[2],
    ]
    assert (post.text_version, post.updated_at) == texts


# --- what goes wrong ------------------------------------------------------------------------


def test_one_that_fails_keeps_no_other_from_being_made(make_picture, caplog):
    broken, fine = make_picture(), make_picture(colour=9)
    default_storage.delete(broken.file.name)
    with caplog.at_level(logging.ERROR, logger="parley.media"):
        assert renditions.render_due() == 2
    assert (copies(broken), bool(copies(fine))) == ([], True)
    assert "could not be made" in caplog.text


@pytest.mark.filterwarnings("ignore")
def test_after_some_failures_nobody_tries_any_more(make_picture, caplog):
    default_storage.delete(make_picture().file.name)
    assert [renditions.render_due() for _look in range(5)] == [1, 1, 1, 0, 0]


def test_a_copy_that_cannot_be_made_leaves_none_of_the_others(make_picture, monkeypatch):
    picture = make_picture()
    monkeypatch.setitem(renditions.SAVED_AS, "jpg", ("NO SUCH FORMAT", {}))
    renditions.render_due()
    assert (copies(picture), files_stored()) == ([], [picture.file.name])


def test_a_picture_that_was_taken_is_nobody_elses(make_picture):
    picture = make_picture()
    assert renditions._take(picture)
    assert renditions._take(Picture.objects.get()) is None
    assert renditions.render_due() == 0


def test_two_that_saw_the_same_do_it_once(make_picture):
    picture = make_picture()
    seen_by_both = [Picture.objects.get(), Picture.objects.get()]
    assert [bool(renditions._take(each)) for each in seen_by_both] == [True, False]
    assert picture.renditions.count() == 0


def test_what_a_process_did_not_live_to_finish_is_done_again(make_picture):
    picture = make_picture(size=(64, 48))
    taken = renditions._take(picture)
    renditions._write_all(taken)  # and then it dies
    Picture.objects.update(rendered_at=timezone.now() - renditions.LEASE - timedelta(seconds=1))
    assert renditions.render_due() == 1
    noted = [each.file.name for each in picture.renditions.all()]
    assert files_stored() == sorted([picture.file.name, *noted])


def test_a_picture_that_is_removed_meanwhile_takes_its_copies_along(make_picture):
    picture = make_picture(size=(64, 48))
    made = renditions._write_all(renditions._take(picture))
    Picture.objects.all().delete()
    renditions._finish(picture, made)
    assert not Rendition.objects.exists()
    assert files_stored() == [picture.file.name]  # which media.delete() takes


@pytest.mark.django_db(transaction=True)
def test_a_removed_picture_takes_all_its_files_along(make_picture):
    picture = make_picture()
    renditions.render_due()
    assert len(files_stored()) == 9
    media.delete(picture)
    assert files_stored() == []


def test_a_look_begins_nothing_once_its_time_is_over(make_picture, monkeypatch):
    make_picture(size=(64, 48))
    monkeypatch.setattr(renditions, "SECONDS_A_LOOK", -1.0)
    assert renditions.render_due() == 0


def test_the_command_makes_all_that_are_due(make_picture):
    pictures = [make_picture(size=(64, 48), colour=99 * n) for n in range(3)]
    default_storage.delete(pictures[0].file.name)
    said = StringIO()
    call_command("render_pictures", stdout=said)
    assert said.getvalue() == "2 pictures made ready, 1 failed.\n"
    assert len(pictures) == 3
