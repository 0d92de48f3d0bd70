"""Posts in the admin: an editor finds them, and is led to the writing room to change them."""

import pytest
from django.urls import reverse

from blog.models import Post, Tag

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
