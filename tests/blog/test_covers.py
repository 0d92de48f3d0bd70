"""A picture of the library becomes a post's cover: by plain forms, with all that is known of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog import media, publishing
from blog.models import Picture, Post
from blog.words import latest_words
from tests.blog.pictures import picture_bytes, upload
from tests.cast import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def house(alice):
    accepted = media.accept(upload(picture_bytes()))
    picture = media.keep(accepted, uploader=alice, alt="A house", caption="C", credit="Zoe")
    Picture.objects.update(focal_x=20, focal_y=80)
    return picture


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def covers(post):
    return reverse("blog:choose_cover", args=[post.pk])


def choose(client, post, house, **more):
    sent = {"picture": house.pk, "version": post.text_version} | more
    return client.post(covers(post), sent)


def test_the_way_to_the_pictures_keeps_what_was_typed(writer, house):
    typed = {"action": "choose_cover", "title": "T", "body": "Typed.", "version": "0"}
    response = writer.post(reverse("blog:write"), typed)
    post = Post.objects.get()
    assert (post.body, response["Location"]) == ("Typed.", covers(post))
    page = writer.get(covers(post)).text
    assert f'name="picture" value="{house.pk}"' in page


def test_a_chosen_cover_brings_its_words_and_what_stays_in_sight(writer, house, make_post):
    post = make_post(published=False)
    response = choose(writer, post, house)
    assert response["Location"] == reverse("blog:edit", args=[post.pk])
    post.refresh_from_db()
    assert post.cover == house
    assert set(post.pictures.all()) == {house}
    form = writer.get(response["Location"]).context["form"]
    assert [form.initial[f"cover_{name}"] for name in ("alt", "caption", "credit")] == [
        "A house", "C", "Zoe",
    ]  # fmt: skip
    assert "focal-x-20 focal-y-80" in writer.get(reverse("blog:preview", args=[post.pk])).text
    assert Picture.objects.count() == 1


def test_of_a_post_that_is_out_it_is_the_next_versions(writer, house, make_post):
    post = make_post()
    assert choose(writer, post, house).status_code == 302
    post.refresh_from_db()
    assert (post.cover, latest_words(post)["cover"]) == (None, house.pk)


def test_what_was_only_kept_goes_with_it(writer, alice, house, make_post):
    post = make_post(published=False, body="First.")
    kept = publishing.keep(post, {"body": "Typed on."}, actor=alice, seen_version=post.text_version)
    assert choose(writer, kept, house).status_code == 302
    post.refresh_from_db()
    assert (post.body, post.cover) == ("Typed on.", house)


def test_a_text_that_changed_meanwhile_is_asked_about_again(writer, house, make_post):
    post = make_post(published=False)
    response = choose(writer, post, house, version=0)
    assert (response.status_code, Post.objects.get().cover) == (409, None)
    assert f'name="version" value="{post.text_version}"' in response.text


def test_kept_words_that_are_not_fit_are_told(writer, alice, house, make_post):
    post = make_post(published=False)
    kept = publishing.keep(post, {"slug": "a b"}, actor=alice, seen_version=post.text_version)
    response = choose(writer, kept, house)
    assert (response.status_code, Post.objects.get().cover) == (422, None)
    assert 'role="alert"' in response.text


def test_a_picture_without_words_is_described_first(writer, house, make_post):
    Picture.objects.update(alt="")
    post = make_post(published=False)
    assert "Describe it first" in writer.get(covers(post)).text
    assert (choose(writer, post, house).status_code, Post.objects.get().cover) == (422, None)


def test_pictures_of_others_and_none_are_no_cover(writer, house, make_post):
    post = make_post(published=False)
    Picture.objects.update(uploader=make_person("Zoe", "Author"))
    for sent in (house.pk, "9" * 18, "9" * 40, "-1", "x", ""):
        assert choose(writer, post, house, picture=sent).status_code == 404
    assert "A house" not in writer.get(covers(post)).text
    assert Post.objects.get().cover is None


def test_it_is_found_by_its_words_among_thousands(alice, writer, house, make_post):
    many = [
        Picture(uploader=alice, alt=f"{n}", file=f"pictures/{n}.jpg", width=9, height=9)
        for n in range(10_000)
    ]
    Picture.objects.bulk_create(many)
    post = make_post(published=False)
    with CaptureQueriesContext(connection) as queries:
        page = writer.get(covers(post), {"q": "house"}).text
    assert len(queries) <= 10
    assert f'value="{house.pk}"' in page
    older = writer.get(covers(post)).context["page"].next_after
    assert writer.get(covers(post), {"after": older}).context["page"].next_after < older
