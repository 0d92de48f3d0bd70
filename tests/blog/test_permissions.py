"""Who gets in where: one table of routes by roles, and whose post it is."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from blog.models import Post, PostStatus

pytestmark = pytest.mark.django_db

TO_SIGN_IN = "sign in"
PEOPLE = ("nobody", "eve", "bob", "alice", "mona")
OPEN = dict.fromkeys(PEOPLE, 200)
AUTHORS = {"nobody": TO_SIGN_IN, "eve": 403, "bob": 403, "alice": 200, "mona": 200}
AUTHORS_AND_ON = AUTHORS | {"alice": 302, "mona": 302}
POSTS_ONLY = dict.fromkeys(PEOPLE, 405)
NOT_FOUND = dict.fromkeys(PEOPLE, 404)

# (method, route, whose post) -> what each of them gets
TABLE = {
    ("get", "home", None): OPEN,
    ("get", "post", "public"): OPEN,
    ("get", "post", "draft"): NOT_FOUND,
    ("post", "post", "public"): POSTS_ONLY,
    ("post", "home", None): POSTS_ONLY,
    ("get", "privacy", None): OPEN,
    ("get", "atom", None): OPEN,
    ("get", "rss", None): OPEN,
    ("get", "my_posts", None): AUTHORS,
    ("get", "write", None): AUTHORS,
    ("get", "edit", "draft"): AUTHORS,
    ("get", "edit", "public"): AUTHORS,
    ("get", "preview", "draft"): AUTHORS,
    ("post", "publish", "draft"): AUTHORS_AND_ON,
    ("post", "unpublish", "public"): AUTHORS_AND_ON,
    ("get", "publish", "draft"): POSTS_ONLY,
    ("get", "unpublish", "public"): POSTS_ONLY,
    # Of somebody else's post an author learns nothing, not even that it is there.
    ("get", "edit", "foreign draft"): AUTHORS | {"alice": 404},
    ("get", "edit", "foreign public"): AUTHORS | {"alice": 404},
    ("get", "preview", "foreign draft"): AUTHORS | {"alice": 404},
    ("post", "edit", "foreign draft"): {
        "nobody": 403, "eve": 403, "bob": 403, "alice": 404, "mona": 409,
    },
    ("post", "publish", "foreign draft"): AUTHORS_AND_ON | {"alice": 404},
    ("post", "unpublish", "foreign public"): AUTHORS_AND_ON | {"alice": 404},
}  # fmt: skip


@pytest.fixture
def posts(alice, make_post, django_user_model):
    zoe = django_user_model.objects.create_user("zoe@example.org", display_name="Zoe")
    return {
        "draft": make_post(title="Draft", published=False),
        "public": make_post(title="Public"),
        "foreign draft": make_post(title="Zoe drafts", author=zoe, published=False),
        "foreign public": make_post(title="Zoe publishes", author=zoe),
    }


def address(route, post):
    if post is None:
        return reverse(f"blog:{route}")
    return reverse(f"blog:{route}", args=[post.slug if route == "post" else post.pk])


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("row", "expected"), TABLE.items(), ids=lambda row: str(row)[:60])
def test_who_gets_in_where(client, request, posts, row, expected, person):
    method, route, whose = row
    if person != "nobody":
        client.force_login(request.getfixturevalue(person))
    url = address(route, posts.get(whose))
    response = getattr(client, method)(url)
    if expected[person] == TO_SIGN_IN:
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=")
    else:
        assert response.status_code == expected[person]


@pytest.mark.parametrize("person", ["nobody", "eve", "bob", "alice"])
def test_a_refusal_changes_nothing(client, request, posts, person):
    if person != "nobody":
        client.force_login(request.getfixturevalue(person))
    client.post(address("publish", posts["foreign draft"]))
    client.post(address("unpublish", posts["foreign public"]))
    client.post(address("edit", posts["foreign draft"]), {"title": "Mine now", "version": "1"})
    statuses = dict(Post.objects.filter(title__startswith="Zoe").values_list("title", "status"))
    assert statuses == {"Zoe drafts": PostStatus.DRAFT, "Zoe publishes": PostStatus.PUBLISHED}


def test_an_author_who_may_not_publish_keeps_writing(client, alice, make_post):
    post = make_post(published=False)
    alice.groups.clear()
    alice.user_permissions.set(permissions("add_post", "change_post"))
    client.force_login(alice)
    data = {"title": "T", "body": "Kept words.", "version": post.text_version}
    response = client.post(address("edit", post), data | {"action": "publish"})
    assert (response.status_code, "Kept words." in response.text) == (403, True)
    assert client.post(address("publish", post)).status_code == 403
    assert client.post(address("edit", post), data | {"action": "save"}).status_code == 302
    assert Post.objects.get().status == PostStatus.DRAFT


def permissions(*codenames):
    return Permission.objects.filter(codename__in=codenames, content_type__app_label="blog")
