"""The library of pictures: who finds which, what is known of their use, and what may go."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog import library, media, publishing
from blog.markup_pictures import picture_html, picture_markdown
from blog.models import Attachment, Picture, Post, Rendition
from tests.blog.pictures import files_stored, picture_bytes, upload
from tests.blog.received import receive_post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

LIBRARY = reverse("blog:library")


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def make_picture(alice):
    def make(alt="A house", uploader=None, **words):
        accepted = media.accept(upload(picture_bytes(colour=len(alt) * 17)))
        return media.keep(accepted, uploader=uploader or alice, alt=alt, **words)

    return make


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def page(picture, route="picture"):
    return reverse(f"blog:{route}", args=[picture.pk])


def uses(picture):
    return sorted(picture.posts.values_list("title", flat=True))


# --- who ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [None, "Reader", "Contributor"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", ["library", "pick_picture", "picture", "remove_picture"])
def test_who_may_not_upload_has_no_library(client, make_picture, role, method, route):
    picture = make_picture()
    client.force_login(make_person("Carla", role))
    url = page(picture, route) if "library" not in route and "pick" not in route else None
    response = getattr(client, method)(url or reverse(f"blog:{route}"))
    assert response.status_code == (405 if (route, method) == ("pick_picture", "post") else 403)
    assert Picture.objects.filter(alt="A house").exists()


def test_strangers_are_asked_to_sign_in(client, make_picture):
    for url in (LIBRARY, page(make_picture()), reverse("blog:pick_picture")):
        assert client.get(url)["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("route", ["picture", "remove_picture"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_pictures_of_others_are_not_there(client, make_picture, route, method):
    picture = make_picture()
    client.force_login(make_person("Zoe", "Author"))
    assert getattr(client, method)(page(picture, route), {"alt": "Mine"}).status_code == 404
    assert Picture.objects.get().alt == "A house"


def test_authors_find_their_own_and_editors_all(client, alice, mona, make_picture):
    make_picture("A house")
    make_picture("A brook", uploader=mona)
    client.force_login(alice)
    assert ("A house" in client.get(LIBRARY).text, "A brook" in client.get(LIBRARY).text) == (
        True,
        False,
    )
    client.force_login(mona)
    assert "A house" in client.get(LIBRARY).text
    assert client.get(page(Picture.objects.get(alt="A house"))).status_code == 200


def test_its_pages_are_nobody_elses_to_keep(writer, make_picture):
    for url in (LIBRARY, page(make_picture())):
        assert "no-store" in writer.get(url)["Cache-Control"]


# --- found ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", 2), ("brook", 1), ("BROOK zoe", 1), ("ours", 1), ("zoe house", 0), (".jpg", 2),
        ("%", 0), ("_", 0), ("\0", 2), ("x" * 300, 0),
    ],
    ids=["all", "alt", "credit", "caption", "each word", "file", "percent", "line", "nul", "long"],
)  # fmt: skip
def test_pictures_are_found_by_what_is_said_of_them(writer, make_picture, words, found):
    make_picture("A house", caption="Ours")
    make_picture("The brook", credit="Zoe")
    text = writer.get(LIBRARY, {"q": words}).text
    assert text.count('class="picture-tile"') == found


def test_filters_show_what_no_post_shows_and_what_needs_words(writer, make_picture, make_post):
    used, unused, silent = make_picture("Used"), make_picture("Unused"), make_picture("")
    make_picture("Imported").attachments.create(source_url="https://old.example/a.jpg")
    make_post(cover=used)
    found = library.page_of(used.uploader, only="unused").pictures
    assert found == [silent, unused]
    assert library.page_of(used.uploader, only="silent").pictures == [silent]
    assert writer.get(LIBRARY, {"only": "nonsense"}).text.count("picture-tile") == 4


def test_pages_go_on_where_the_last_one_ended(alice, writer, monkeypatch, make_picture):
    at = timezone.now()
    pictures = [make_picture(f"No. {n}" + "x" * n) for n in range(7)]
    Picture.objects.update(created_at=at)  # of one import
    monkeypatch.setattr(library, "A_PAGE", 3)
    seen, after = [], None
    while True:
        found = library.page_of(alice, after=after)
        seen += found.pictures
        after = found.next_after
        if after is None:
            break
    assert seen == pictures[::-1]
    assert writer.get(LIBRARY, {"after": "9" * 30}).status_code == 200
    assert writer.get(LIBRARY, {"after": "-1"}).status_code == 200


def test_thousands_of_pictures_cost_no_more_queries(alice, writer, make_post, make_picture):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            writer.get(LIBRARY)
        return len(queries)

    make_post(cover=make_picture())
    cost()
    few = cost()
    made = [
        Picture(uploader=alice, alt=f"{n}", file=f"pictures/{n}.jpg", width=9, height=9)
        for n in range(3000)
    ]
    Picture.objects.bulk_create(made)
    Rendition.objects.bulk_create(
        Rendition(picture=each, format="avif", width=9, height=9, file=f"pictures/{each.pk}.avif")
        for each in made[-30:]
    )
    post = make_post()
    post.pictures.set(made[-20:])
    assert (cost(), few <= 8) == (few, True)


# --- used -----------------------------------------------------------------------------------


def test_posts_know_their_pictures_whatever_shows_them(make_picture, make_post):
    first, second, third = make_picture("1"), make_picture("22"), make_picture("333")
    post = make_post(
        title="T", cover=first, body=f"{picture_markdown(second)} and `{third.file.url}`."
    )
    assert set(post.pictures.all()) == {first, second, third}
    publishing.save(
        post, {"body": "None.", "cover": None}, actor=post.author, seen_version=post.text_version
    )
    assert not post.pictures.exists()


def test_posts_from_elsewhere_know_theirs(alice, make_picture):
    picture = make_picture()
    post = Post(author=alice, title="T", body=picture_html(picture), markup="html")
    publishing.receive(post, tags=[])
    assert uses(picture) == ["T"]


def test_what_is_written_beside_a_post_counts_until_it_is_given_up(make_picture, make_post):
    picture = make_picture()
    post = make_post(title="T")
    body = picture_markdown(picture)
    kept = publishing.keep(post, {"body": body}, actor=post.author, seen_version=post.text_version)
    assert uses(picture) == ["T"]
    publishing.discard_changes(post, actor=post.author, seen_version=kept.text_version)
    assert uses(picture) == []


def test_what_is_scheduled_counts_though_it_is_written_over_meanwhile(make_picture, make_post):
    picture = make_picture()
    post = make_post(title="T")
    body = picture_markdown(picture)
    kept = publishing.keep(post, {"body": body}, actor=post.author, seen_version=post.text_version)
    later = timezone.now() + timezone.timedelta(days=1)
    publishing.schedule_changes(kept, actor=post.author, at=later)
    publishing.keep(kept, {"body": "Other."}, actor=post.author, seen_version=kept.text_version)
    assert uses(picture) == ["T"]
    publishing.unschedule_changes(kept, actor=post.author)
    assert uses(picture) == []


def test_typing_without_pictures_asks_nothing_about_them(make_post):
    post = make_post()
    version = post.text_version
    kept = publishing.keep(post, {"body": "a"}, actor=post.author, seen_version=version)
    with CaptureQueriesContext(connection) as queries:
        publishing.keep(kept, {"body": "ab"}, actor=post.author, seen_version=kept.text_version)
    assert not any("blog_post_pictures" in query["sql"] for query in queries)


def test_a_picture_tells_where_it_is_shown_and_hides_what_is_others(
    client, alice, make_picture, make_post
):
    picture = make_picture()
    make_post(title="Shown", body=picture_markdown(picture))
    beside = make_post(title="Beside")
    fields = {"body": picture_markdown(picture)}
    publishing.keep(beside, fields, actor=alice, seen_version=beside.text_version)
    zoe = make_person("Zoe", "Author")
    make_post(title="Zoe's secret", author=zoe, published=False, cover=picture)
    client.force_login(alice)
    text = client.get(page(picture)).text
    assert text.index("Beside") < text.index("not out yet")
    assert "Shown" in text
    assert "secret" not in text
    assert "In 1 post that is not listed here." in text


# --- described ------------------------------------------------------------------------------


def test_words_and_focal_point_are_saved_and_posts_say_them(writer, make_picture, make_post):
    picture = make_picture()
    post = make_post(body=f"![]({picture.file.url})")
    words = {"alt": "Our house", "caption": "C", "credit": "Zoe", "focal_x": 20, "focal_y": 81}
    assert writer.post(page(picture), words).status_code == 302
    picture.refresh_from_db()
    assert [getattr(picture, name) for name in words] == list(words.values())
    before, text_version = post.version, post.text_version
    post.refresh_from_db()
    assert 'alt="Our house"' in post.body_html
    assert (post.version > before, post.text_version) == (True, text_version)


def test_a_cover_of_many_posts_is_described_as_fast_as_one_of_few(writer, make_picture, make_post):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            words = {"alt": f"Cover of {Post.objects.count()}", "focal_x": 50, "focal_y": 50}
            assert writer.post(page(picture), words).status_code == 302
        return len(queries)

    picture = make_picture()
    post = make_post(cover=picture)
    few = cost()
    for number in range(5):
        make_post(title=f"Part {number}", cover=picture)
    before = Post.objects.get(pk=post.pk).version
    assert cost() == few
    assert Post.objects.get(pk=post.pk).version > before


def test_what_is_refused_comes_back_with_the_words(writer, make_picture):
    picture = make_picture()
    response = writer.post(
        page(picture), {"alt": "", "caption": "Kept", "focal_x": 5, "focal_y": 5}
    )
    assert (response.status_code, "Kept" in response.text) == (422, True)
    assert "Say in a few words" in response.text


def test_a_picture_is_added_without_a_script(writer):
    response = writer.post(LIBRARY, {"picture": upload(), "alt": "A house"})
    assert response["Location"] == page(Picture.objects.get())
    response = writer.post(LIBRARY, {"picture": upload(b"%PDF"), "alt": "Kept words"})
    assert (response.status_code, "Kept words" in response.text) == (422, True)


def test_what_is_said_of_a_picture_stays_text(writer, make_picture):
    picture = make_picture('"><script>alert(1)</script>')
    for url in (
        LIBRARY,
        page(picture),
        reverse("blog:pick_picture"),
        page(picture, "remove_picture"),
    ):
        assert "<script>alert" not in writer.get(url).text


@pytest.mark.parametrize(("who", "is_theirs"), [("carl", False), ("mona", True)])
def test_a_cover_is_described_by_whose_picture_it_is(
    client, request, make_picture, make_post, who, is_theirs
):
    person = request.getfixturevalue(who)
    post = make_post(author=person, published=False, cover=make_picture())
    client.force_login(person)
    data = {"title": "Kept", "body": "B", "action": "save", "version": post.text_version}
    response = client.post(
        reverse("blog:edit", args=[post.pk]), data | {"cover_alt": "Not a house at all"}
    )
    assert response.status_code == (302 if is_theirs else 422)
    assert Picture.objects.get().alt == ("Not a house at all" if is_theirs else "A house")
    unchanged = client.post(
        reverse("blog:edit", args=[post.pk]),
        data | {"cover_alt": Picture.objects.get().alt, "version": Post.objects.get().text_version},
    )
    assert unchanged.status_code == 302


def seen_in(client, post):
    """Return what the form of a post sends back when nobody touches it."""
    form = client.get(reverse("blog:edit", args=[post.pk])).context["form"]
    sent = {name: form.initial.get(name) for name in form.initial if name.startswith("cover_")}
    sent |= {"title": "Kept", "body": "B", "action": "save", "version": post.text_version}
    return {name: value for name, value in sent.items() if value not in (None, False)}


@pytest.mark.parametrize("action", ["save", "publish"])
def test_a_cover_of_somebody_else_without_words_keeps_no_text_from_being_saved(
    writer, mona, make_picture, make_post, action
):
    post = make_post(published=False, cover=make_picture("", uploader=mona))
    response = writer.post(
        reverse("blog:edit", args=[post.pk]), seen_in(writer, post) | {"action": action}
    )
    assert (response.status_code, Post.objects.get().title) == (302, "Kept")
    emptied = make_post(published=False, cover=make_picture("A house"))
    sent = seen_in(writer, emptied) | {"cover_alt": ""}
    assert writer.post(reverse("blog:edit", args=[emptied.pk]), sent).status_code == 422


@pytest.mark.parametrize("whose", ["alice", "mona"])
def test_an_open_form_does_not_take_back_what_was_said_of_its_cover_meanwhile(
    request, writer, make_picture, make_post, whose
):
    picture = make_picture(uploader=request.getfixturevalue(whose), caption="C")
    post = make_post(published=False, cover=picture)
    sent = seen_in(writer, post)
    Picture.objects.update(alt="Our house, newly painted")
    response = writer.post(reverse("blog:edit", args=[post.pk]), sent)
    assert (response.status_code, Post.objects.get().title) == (302, "Kept")
    assert Picture.objects.get().alt == "Our house, newly painted"


# --- picked ---------------------------------------------------------------------------------


def test_a_list_to_choose_from_has_the_line_of_each(writer, make_picture):
    picture = make_picture(caption="Ours")
    whole, part = (
        writer.get(reverse("blog:pick_picture")),
        writer.get(reverse("blog:pick_picture"), {"part": "1"}),
    )
    line = f"![A house]({picture.file.url} &quot;Ours&quot;)"
    assert f'data-line="{line}"' in part.text
    assert ("data-choose" in whole.text, "data-choose" in part.text) == (False, True)
    assert ("<html" in whole.text, "<html" in part.text) == (True, False)
    assert line in whole.text


def test_a_text_that_is_html_is_given_lines_of_html(writer, alice, monkeypatch, make_picture):
    post = receive_post(alice, body="<p>A</p>", markup="html")
    where = f"{reverse('blog:pick_picture')}?as=html"
    assert f'href="{where}"' in writer.get(reverse("blog:edit", args=[post.pk])).text
    make_picture("A house"), make_picture("The brook")
    monkeypatch.setattr(library, "A_PAGE", 1)
    text = writer.get(where).text
    assert "&lt;figure&gt;&lt;img src=&quot;/media/pictures/" in text
    assert '<input type="hidden" name="as" value="html">' in text
    assert "&amp;as=html&amp;after=" in text


# --- removed --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_no_post_shows_is_removed_with_its_files_after_asking(writer, make_picture):
    picture = make_picture()
    assert "Remove this picture?" in writer.get(page(picture, "remove_picture")).text
    assert Picture.objects.exists()
    assert writer.post(page(picture, "remove_picture"))["Location"] == LIBRARY
    assert (Picture.objects.exists(), files_stored()) == (False, [])


@pytest.mark.parametrize("how", ["cover", "text", "beside", "unnoted", "import"])
def test_what_is_in_use_stays(writer, alice, make_picture, make_post, how):
    picture = make_picture()
    if how == "import":
        Attachment.objects.create(picture=picture, source_url="https://old.example/a.jpg")
    elif how == "beside":
        post = make_post()
        fields = {"body": picture_markdown(picture)}
        publishing.keep(post, fields, actor=alice, seen_version=post.text_version)
    else:
        post = make_post(**{"cover": picture} if how == "cover" else {"body": picture.file.url})
        if how == "unnoted":
            post.pictures.clear()
    response = writer.post(page(picture, "remove_picture"), follow=True)
    assert "so it stays" in response.text
    assert Picture.objects.exists()
    assert len(files_stored()) == 1


def test_posts_whose_picture_an_administrator_removes_are_other_pages(make_picture, make_post):
    picture = make_picture()
    post = make_post(body=picture_markdown(picture))
    library.remove(picture)
    before = post.version
    post.refresh_from_db()
    assert (post.version > before, 'width="64"' in post.body_html) == (True, False)
