"""Posts in the admin: an editor finds them, and is led to the writing room to change them."""

import pytest
from django.urls import reverse

from blog import media
from blog.markup_pictures import picture_markdown
from blog.models import Post, Tag
from tests.blog.pictures import upload

pytestmark = pytest.mark.django_db


def test_an_editor_finds_a_post_and_the_way_to_the_writing_room(client, mona, make_post):
    post = make_post(title="Found", tags=["one"])
    client.force_login(mona)
    assert "Found" in client.get(reverse("admin:blog_post_changelist")).text
    text = client.get(reverse("admin:blog_post_change", args=[post.pk])).text
    assert reverse("blog:edit", args=[post.pk]) in text
    assert 'name="_save"' not in text


def test_a_posts_text_and_status_do_not_change_here(client, mona, make_post):
    post = make_post(title="As it is")
    client.force_login(mona)
    url = reverse("admin:blog_post_change", args=[post.pk])
    assert client.post(url, {"title": "Other", "status": "draft"}).status_code == 403
    assert Post.objects.get().title == "As it is"
    assert client.post(reverse("admin:blog_post_delete", args=[post.pk])).status_code == 403


@pytest.mark.parametrize("person", ["eve", "bob", "alice"])
def test_the_admin_is_closed_to_all_others(client, request, person):
    client.force_login(request.getfixturevalue(person))
    assert client.get(reverse("admin:blog_post_changelist")).status_code in {302, 403}


def test_a_tag_is_renamed_and_its_posts_are_other_pages(client, mona, make_post):
    post = make_post(tags=["Bred"])
    tag = Tag.objects.get()
    client.force_login(mona)
    client.post(reverse("admin:blog_tag_change", args=[tag.pk]), {"name": "Bread", "slug": "bread"})
    assert Tag.objects.get().name == "Bread"
    assert Post.objects.get().version == post.version + 1


@pytest.fixture
def root_client(client, mona):
    mona.is_superuser = True
    mona.save()
    client.force_login(mona)
    return client


def delete(client, row, *, by_action):
    """Delete a row from its own page, or from the list."""
    kind = row._meta.model_name
    if by_action:
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        response = client.post(reverse(f"admin:blog_{kind}_changelist"), data)
    else:
        url = reverse(f"admin:blog_{kind}_delete", args=[row.pk])
        response = client.post(url, {"post": "yes"})
    assert response.status_code == 302
    assert not type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("by_action", [False, True])
def test_a_tag_is_deleted_and_its_posts_are_other_pages(root_client, make_post, by_action):
    post, other = make_post(tags=["one"]), make_post()
    delete(root_client, Tag.objects.get(), by_action=by_action)
    assert Post.objects.get(pk=post.pk).version == post.version + 1
    assert Post.objects.get(pk=other.pk).version == other.version


@pytest.mark.parametrize("by_action", [False, True])
def test_a_picture_is_deleted_with_its_file_and_its_posts_are_other_pages(
    root_client, mona, make_post, django_capture_on_commit_callbacks, by_action
):
    picture = media.keep(media.accept(upload()), uploader=mona, alt="A loaf")
    posts = [make_post(cover=picture), make_post(body=picture_markdown(picture)), make_post()]
    with django_capture_on_commit_callbacks(execute=True):
        delete(root_client, picture, by_action=by_action)
        assert picture.file.storage.exists(picture.file.name)
    assert not picture.file.storage.exists(picture.file.name)
    versions = [Post.objects.get(pk=post.pk).version - post.version for post in posts]
    assert versions == [1, 1, 0]
