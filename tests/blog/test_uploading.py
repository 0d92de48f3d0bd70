"""Pictures sent by a page's script: what comes in, who may, and what is left of a failure."""

import json
import resource

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from blog import media
from blog.models import Picture
from tests.blog.pictures import files_stored, noise_bytes, upload
from tests.cast import make_person

pytestmark = pytest.mark.django_db

UPLOAD = reverse("blog:upload_picture")


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def send(client, content=None, **data):
    return client.post(UPLOAD, {"picture": upload(content), **data})


def describe(client, picture, **data):
    url = reverse("blog:describe_picture", args=[picture.pk])
    return client.post(url, json.dumps(data), content_type="application/json")


def test_a_picture_comes_back_as_the_line_that_shows_it(writer, alice):
    response = send(writer, alt="A *house*", caption="Ours", credit="Zoe")
    picture = Picture.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": picture.pk,
        "markdown": rf'![A \*house\*]({picture.file.url} "Ours")',
        "html": f'<figure><img src="{picture.file.url}" alt="A *house*">'
        '<figcaption>Ours <span class="credit">Zoe</span></figcaption></figure>',
        "url": picture.file.url,
        "alt": "A *house*",
        "is_decorative": False,
        "caption": "Ours",
        "credit": "Zoe",
        "width": 64,
        "height": 48,
    }
    assert "no-store" in response["Cache-Control"]
    assert picture.uploader == alice


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"alt": "  "}, 422),
        ({"alt": "A house", "is_decorative": "1"}, 422),
        ({"alt": "A house"}, 201),
        ({"is_decorative": "1"}, 201),
        ({"alt_later": "1"}, 201),
    ],
    ids=["nothing", "blank", "both", "words", "decorative", "later"],
)
def test_words_or_a_tick_or_a_promise(writer, data, status):
    response = send(writer, **data)
    assert response.status_code == status
    assert Picture.objects.count() == len(files_stored()) == (status == 201)
    if status == 422:
        assert set(response.json()["errors"]) <= {"alt", "is_decorative"}


def test_what_is_amiss_is_told_by_field(writer):
    response = send(writer, b"<svg xmlns='http://www.w3.org/2000/svg'/>", alt="A house")
    assert response.status_code == 422
    assert "may hold scripts" in response.json()["errors"]["picture"][0]
    assert writer.post(UPLOAD, {"alt": "A"}).json()["errors"] == {
        "picture": ["Choose a picture first."]
    }


@pytest.mark.parametrize("role", [None, "Reader", "Contributor"])
def test_who_may_not_upload_is_told_so_and_stores_nothing(client, role):
    client.force_login(make_person("Carl", role))
    response = send(client, alt="A house")
    assert (response.status_code, "errors" in response.json()) == (403, True)
    assert not Picture.objects.exists()


def test_who_is_signed_out_is_told_so_as_data(client):
    response = send(client, alt="A house")
    assert (response.status_code, "errors" in response.json()) == (401, True)


def test_a_page_elsewhere_cannot_upload(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert send(client, alt="A house").status_code == 403
    assert not Picture.objects.exists()


# --- twice is once --------------------------------------------------------------------------


def test_the_same_picture_twice_is_one(writer):
    first = send(writer, alt="A house").json()
    assert send(writer, alt="A house").json() == first
    assert send(writer, alt_later="1").json() == first
    assert Picture.objects.count() == len(files_stored()) == 1


def test_with_other_words_it_is_another(writer):
    """Other posts show the first one with the words that it has."""
    send(writer, alt="A house")
    send(writer, alt="Our house")
    assert Picture.objects.count() == len(files_stored()) == 2


def test_the_same_picture_of_somebody_else_is_another(writer, client, mona):
    send(writer, alt="A house")
    client.force_login(mona)
    send(client, alt="A house")
    assert Picture.objects.count() == 2


def test_a_picture_whose_file_is_lost_is_stored_again(writer):
    send(writer, alt="A house")
    default_storage.delete(Picture.objects.get().file.name)
    send(writer, alt="A house")
    assert Picture.objects.count() == 2
    assert len(files_stored()) == 1


# --- nothing is left ------------------------------------------------------------------------


@pytest.fixture
def full_disk():
    """No file may become larger than this: writing one goes wrong in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_leaves_no_row_and_no_file(writer, full_disk):
    response = send(writer, noise_bytes(), alt="A house")
    assert response.status_code == 503
    assert "could not be stored" in str(response.json()["errors"])
    assert (Picture.objects.count(), files_stored()) == (0, [])


def test_a_disk_that_is_full_costs_no_word(writer, full_disk):
    data = {"title": "T", "body": "Words.", "picture_alt": "A house", "action": "add_picture"}
    response = writer.post(reverse("blog:write"), data | {"picture": upload(noise_bytes())})
    assert response.status_code == 422
    assert "could not be stored" in response.text
    assert "Words." in response.text
    assert files_stored() == []


def test_a_row_that_cannot_be_written_leaves_no_file(alice, monkeypatch):
    accepted = media.accept(upload())

    def refuse(self, **kwargs):
        assert files_stored()
        raise DatabaseError("down")

    monkeypatch.setattr(Picture, "save_base", refuse)
    with pytest.raises(DatabaseError):
        media.keep(accepted, uploader=alice, alt="A house")
    assert files_stored() == []


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_rolled_back_leaves_no_file(writer, make_post):
    """The form that it came with is refused after it was stored."""
    post = make_post(published=False)
    data = {"title": "T", "body": "Words.", "version": post.text_version + 7, "action": "save"}
    data |= {"picture": upload(), "picture_alt": "A house"}
    response = writer.post(reverse("blog:edit", args=[post.pk]), data)
    assert response.status_code == 409
    assert (Picture.objects.count(), files_stored()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_removed_picture_takes_its_file_along_once_that_is_sure(alice):
    picture = media.keep(media.accept(upload()), uploader=alice, alt="A house")
    with transaction.atomic():
        media.delete(Picture.objects.get())
        transaction.set_rollback(True)
    assert len(files_stored()) == Picture.objects.count() == 1
    media.delete(picture)
    assert (Picture.objects.count(), files_stored()) == (0, [])


# --- described ------------------------------------------------------------------------------


@pytest.fixture
def picture(alice):
    return media.keep(media.accept(upload()), uploader=alice, caption="Ours")


def test_words_that_come_later_are_kept_and_nothing_else_changes(writer, picture):
    response = describe(writer, picture, alt="A house")
    assert (response.status_code, response.json()["alt"]) == (200, "A house")
    picture.refresh_from_db()
    assert (picture.alt, picture.caption, picture.focal_x) == ("A house", "Ours", 50)


def test_a_form_does_as_well(writer, picture):
    url = reverse("blog:describe_picture", args=[picture.pk])
    assert writer.post(url, {"is_decorative": "on"}).json()["is_decorative"] is True
    assert writer.post(url, {"alt": "A house"}).json()["is_decorative"] is False


@pytest.mark.parametrize(
    "data",
    [
        {"alt": ""},
        {"alt": "x" * 301},
        {"alt": "A\nB"},
        {"alt": "A", "focal_x": 101},
        {"alt": "A\0"},
    ],
    ids=["no words", "too many", "two lines", "beside the picture", "nul"],
)
def test_words_that_are_none_are_refused(writer, picture, data):
    response = describe(writer, picture, **data)
    assert (response.status_code, list(response.json())) == (422, ["errors"])
    assert Picture.objects.get().alt == ""


@pytest.mark.parametrize("body", [b"[]", b"{", b'"alt"', b"\xff"])
def test_what_is_no_object_is_refused(writer, picture, body):
    url = reverse("blog:describe_picture", args=[picture.pk])
    assert writer.post(url, body, content_type="application/json").status_code == 422
    deep = writer.post(url, "[" * 100_000, content_type="application/json")
    large = writer.post(url, f'"{"a" * 3_000_000}"', content_type="application/json")
    assert (deep.status_code, large.status_code, list(large.json())) == (422, 413, ["errors"])


@pytest.mark.parametrize(("person", "status"), [("Author", 404), ("Editor", 200)])
def test_pictures_of_others_are_for_editors(client, picture, person, status):
    client.force_login(make_person("Zoe", person))
    assert describe(client, picture, alt="A house").status_code == status
    assert Picture.objects.get().alt == ("A house" if status == 200 else "")


def test_posts_that_show_it_are_other_pages_then(writer, picture, make_post):
    post = make_post(body=f"![]({picture.file.url})")
    describe(writer, picture, alt="A house")
    before, post.version = post.version, type(post).objects.get().version
    assert post.version > before
