"""Quick edit: a post's line in the list, changed without opening its text."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from blog import publishing
from blog.models import Category, Post, PostStatus, Revision, WorkingCopy
from blog.words import latest_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def address(post):
    return reverse("blog:quick", args=[post.pk])


def shown(response):
    form = BeautifulSoup(response.text, "html5lib").select_one("form.quick")
    boxes = {box["name"]: box.get("value", "") for box in form.select("input[name]")}
    chosen = {
        box["name"]: [one["value"] for one in box.select("option[selected]")]
        for box in form.select("select")
    }
    return boxes | chosen


def send(client, post, **changed):
    """Send the form as it was shown, with some boxes changed."""
    data = shown(client.get(address(post)))
    del data["csrfmiddlewaretoken"]
    return client.post(address(post), data | changed)


def test_the_line_of_a_draft_is_saved_into_it(writer, make_post):
    bread = Category.objects.create(name="Bread", slug="bread")
    post = make_post(title="Old", published=False, tags=["one"])
    response = send(writer, post, title="New", tags="one, two", categories=[bread.pk])
    assert response.status_code == 302
    post = Post.objects.get()
    assert (post.title, post.slug, post.status) == ("New", "new", PostStatus.DRAFT)
    assert [tag.name for tag in post.tags.all()] == ["one", "two"]
    assert list(post.categories.all()) == [bread]
    assert post.body == "A paragraph."


def test_what_is_being_written_beside_a_draft_is_not_lost(writer, alice, make_post):
    post = make_post(title="Old", published=False)
    publishing.keep(post, {"body": "Long work"}, actor=alice, seen_version=post.text_version)
    post.refresh_from_db()
    send(writer, post, title="New")
    words = latest_words(Post.objects.get())
    assert (words["title"], words["body"]) == ("New", "Long work")


def test_the_line_of_a_post_that_is_out_is_for_its_next_version(writer, make_post):
    post = make_post(title="Old")
    response = send(writer, post, title="New")
    assert response.status_code == 302
    assert Post.objects.get().title == "Old"
    assert WorkingCopy.objects.get().title == "New"


def test_it_is_published_at_once_by_a_button_that_says_so(writer, make_post):
    post = make_post(title="Old")
    send(writer, post, title="New", publish="1")
    assert Post.objects.get().title == "New"
    assert not WorkingCopy.objects.exists()


def test_other_changes_are_never_published_along_with_it(writer, alice, make_post):
    post = make_post(title="Old")
    publishing.keep(post, {"body": "Half done"}, actor=alice, seen_version=post.text_version)
    page = writer.get(address(post)).text
    assert "Publish the change" not in page
    send(writer, Post.objects.get(), title="New", publish="1")
    post = Post.objects.get()
    assert (post.title, post.body) == ("Old", "A paragraph.")
    assert latest_words(post)["title"] == "New"


def test_a_conflict_is_told_in_the_row_and_saved_knowingly(writer, alice, mona, make_post):
    post = make_post(title="Old", published=False)
    before = shown(writer.get(address(post)))
    publishing.save(post, {"title": "Mona's"}, actor=mona, seen_version=post.text_version)
    response = writer.post(
        address(post), before | {"title": "Mine"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 409
    page = BeautifulSoup(response.text, "html5lib")
    assert "Mona's" in page.select_one("[role=alert]").text
    assert shown(response)["title"] == "Mine"
    assert Post.objects.get().title == "Mona's"
    again = shown(response)
    assert writer.post(address(post), again).status_code == 302
    assert Post.objects.get().title == "Mine"
    assert Revision.objects.filter(words__title="Mona's").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"slug": "taken"}, "This address is taken"),
        ({"slug": "no slug"}, "letters from a to z"),
        ({"title": "x" * 201}, "at most 200"),
        ({"tags": ",".join(f"t{n}" for n in range(13))}, "more than 12 tags"),
        ({"at": "never"}, "valid date"),
        ({"move": "explode"}, "valid choice"),
        ({"categories": ["999"]}, "valid choice"),
        ({"version": ""}, "required"),
    ],
)
def test_what_cannot_be_is_refused_with_the_words_in_their_boxes(writer, make_post, typed, said):
    make_post(title="Taken", slug="taken")
    Category.objects.create(name="Bread", slug="bread")
    post = make_post(title="Old", published=False)
    response = send(writer, post, **{"title": "New", **typed})
    assert response.status_code == 422
    assert said in response.text or "version" in typed
    assert Post.objects.get(pk=post.pk).title == "Old"


def test_a_post_moves_from_its_line(writer, make_post):
    post = make_post(published=False)
    send(writer, post, move="publish", title="Out")
    post = Post.objects.get()
    assert (post.title, post.is_published()) == ("Out", True)
    send(writer, post, move="unpublish")
    assert Post.objects.get().status == PostStatus.DRAFT


def test_a_date_to_come_schedules_it_and_another_moves_it(writer, make_post):
    post = make_post(published=False)
    tomorrow = timezone.localtime() + timedelta(days=1)
    send(writer, post, at=f"{tomorrow:%Y-%m-%dT%H:%M}")
    post = Post.objects.get()
    assert post.is_scheduled()
    assert shown(writer.get(address(post)))["at"] == f"{tomorrow:%Y-%m-%dT%H:%M}"
    later = tomorrow + timedelta(days=1)
    send(writer, post, at=f"{later:%Y-%m-%dT%H:%M}")
    assert f"{timezone.localtime(Post.objects.get().published_at):%d}" == f"{later:%d}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2020-01-31T09:00", "That moment has passed."),
        ("2026-10-25T02:30", "02:30 comes twice on 25 October 2026"),
        ("9999-12-31T23:59", "This moment is too far away."),
    ],
)
def test_nobody_dates_a_post_back_nor_to_no_moment(writer, make_post, typed, said):
    post = make_post(published=False)
    with timezone.override("Europe/Vienna" if "2026" in typed else "America/New_York"):
        response = send(writer, post, at=typed)
    assert (response.status_code, said in response.text) == (422, True)
    assert Post.objects.get().status == PostStatus.DRAFT


def test_what_is_scheduled_is_thrown_away_with_its_date_left_in_the_box(writer, make_post):
    post = make_post(published=False)
    at = timezone.now() + timedelta(days=1)
    publishing.schedule(post, actor=post.author, at=at)
    assert send(writer, post, move="trash").status_code == 302
    assert Post.objects.get().status == PostStatus.TRASH


def test_nothing_is_kept_of_an_act_that_is_refused_in_the_end(writer, make_post):
    post = make_post(title="Old", published=False, body="")
    response = send(writer, post, title="New", move="publish")
    assert response.status_code == 422
    assert "Write something before you publish." in response.text
    assert Post.objects.get().title == "Old"


def test_a_scripts_answer_is_the_row_alone(writer, make_post):
    post = make_post(title="Old", published=False)
    header = {"HX-Request": "true"}
    opened = writer.get(address(post), headers=header)
    assert "<html" not in opened.text
    data = shown(opened) | {"title": "New"}
    row = BeautifulSoup(writer.post(address(post), data, headers=header).text, "html5lib")
    assert row.select_one(".teaser-title").text == "New"
    assert row.select_one("[role=status]").text == "Saved."
    assert "New" in writer.get(f"{address(post)}?row", headers=header).text


def test_others_posts_are_nobodys_business(client, bob, eve, alice, mona, make_post):
    theirs = make_post(author=mona, title="Hers")
    for person, expected in ((eve, 403), (bob, 403), (alice, 404), (mona, 200)):
        client.force_login(person)
        assert client.get(address(theirs)).status_code == expected
        assert client.get(f"{address(theirs)}?row", headers={"HX-Request": "true"}).status_code == (
            expected
        )
    client.force_login(alice)
    assert client.post(address(theirs), {"title": "Mine", "version": "1"}).status_code == 404
    assert Post.objects.get().title == "Hers"


def test_who_may_not_publish_does_not_publish_here(client, alice, make_post):
    post = make_post(published=False)
    alice.groups.clear()
    alice.user_permissions.set(permissions("add_post", "change_post"))
    client.force_login(alice)
    page = client.get(address(post))
    chosen = BeautifulSoup(page.text, "html5lib").select("option")
    assert [each["value"] for each in chosen] == ["", "trash"]
    boxes = {name: value for name, value in shown(page).items() if name != "move"}
    forged = boxes | {"at": "2020-01-01T00:00", "title": "New"}
    assert client.post(address(post), forged | {"move": "publish"}).status_code == 422
    client.post(address(post), forged)
    post = Post.objects.get()
    assert (post.status, post.title) == (PostStatus.DRAFT, "New")


def permissions(*codenames):
    return Permission.objects.filter(codename__in=codenames, content_type__app_label="blog")
