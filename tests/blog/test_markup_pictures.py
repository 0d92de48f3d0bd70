"""<picture> in posts: all that a browser may choose from, and never an address of others."""

import pytest
from django.db import connection
from django.urls import reverse

from blog import media, publishing
from blog.markup import absolute, html_attribute, render_body
from blog.markup_html import render_html
from blog.markup_pictures import focal_class, is_choice, picture_html, picture_markdown
from blog.models import Picture, Rendition
from blog.publishing import again
from blog.templatetags.pictures import cover
from tests.blog.pictures import picture_bytes, upload

STEM = "/media/pictures/2026/01/a"


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def make_picture(alice):
    """Return a function that makes a picture with copies, noted and never written."""

    def make(form="JPEG", size=(1000, 500), widths=(480, 1000), **words):
        accepted = media.accept(upload(picture_bytes(form, size=size)))
        picture = media.keep(accepted, uploader=alice, **words)
        for kind in ("avif", "webp", "jpg"):
            for width in widths:
                if kind != accepted.ending or width != size[0]:
                    name = media.copy_name(picture, kind, width)
                    Rendition.objects.create(
                        picture=picture, format=kind, width=width, height=9, file=name
                    )
        return picture

    return make


def expected(picture, alt="A house"):
    stem, sizes = f"/media/{picture.file.name[:-4]}", "(min-width: 42rem) 39rem, 94vw"
    return (
        f'<picture><source type="image/avif" srcset="{stem}-480.avif 480w, {stem}-1000.avif 1000w" '
        f'sizes="{sizes}"><source type="image/webp" srcset="{stem}-480.webp 480w, '
        f'{stem}-1000.webp 1000w" sizes="{sizes}"><img src="{stem}.jpg" alt="{alt}" '
        f'srcset="{stem}-480.jpg 480w, {stem}.jpg 1000w" sizes="{sizes}" '
        'width="1000" height="500" loading="lazy" decoding="async"></picture>'
    )


@pytest.mark.django_db
def test_a_picture_is_offered_in_all_its_copies(make_picture):
    picture = make_picture(alt="A house", caption="Ours", credit="Zoe & Co")
    assert render_body(picture_markdown(picture)) == (
        f"<figure>{expected(picture)}<figcaption>Ours "
        '<span class="credit">Zoe &amp; Co</span></figcaption></figure>\n'
    )


@pytest.mark.django_db
def test_a_post_that_came_as_html_offers_the_same(make_picture):
    picture = make_picture(alt="A house", caption="Ours", credit="Zoe")
    html = render_html(picture_html(picture))
    for part in ("<picture><source ", "-480.avif 480w", 'loading="lazy"', 'class="credit"'):
        assert part in html
    assert html.count("<source") == 2
    assert render_html(expected(picture)).count("<picture") == 1


@pytest.mark.django_db
def test_many_pictures_with_copies_take_one_query(make_picture, django_assert_num_queries):
    pictures = [make_picture(alt=f"A house {n}") for n in range(5)]
    text = "\n\n".join(map(picture_markdown, pictures))
    render_body(text)
    with django_assert_num_queries(1):
        assert render_body(text).count("<picture") == 5


@pytest.mark.django_db
@pytest.mark.parametrize("render", [render_body, render_html])
def test_words_that_came_later_are_said_where_the_text_has_none(make_picture, render):
    picture = make_picture(alt="A house")
    line = (
        f"![]({picture.file.url})" if render is render_body else f'<img src="{picture.file.url}">'
    )
    assert 'alt="A house"' in render(line)
    Picture.objects.update(alt="", is_decorative=True)
    assert 'alt=""' in render(line)


@pytest.mark.django_db
def test_what_must_stay_in_sight_is_said_by_classes_that_the_stylesheet_has(make_picture):
    picture = make_picture(alt="A house")
    Picture.objects.update(focal_x=33, focal_y=100)
    assert 'class="focal-x-30 focal-y-100"' in render_body(picture_markdown(picture))
    assert 'class="focal-x-30 focal-y-100"' in render_html(picture_html(picture))


def test_each_step_has_its_rule(settings):
    css = (settings.BASE_DIR / "static/css/parley.css").read_text()
    for n in range(101):
        for name in focal_class(n, n).split():
            assert f".{name} {{ --focal" in css


def test_feeds_have_every_address_in_full():
    html = (
        f'<picture><source type="image/avif" srcset="{STEM}.avif 9w, {STEM}-9.avif 10w"></picture>'
    )
    there = "https://blog.example"
    assert absolute(html, f"{there}/posts/x/") == (
        f'<picture><source type="image/avif" srcset="{there}{STEM}.avif 9w, '
        f'{there}{STEM}-9.avif 10w"></picture>'
    )


# --- hostile --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("srcset", "is_ours"),
    [
        (f"{STEM}.avif 480w", True),
        (f"{STEM}.avif 480w, {STEM}-2.avif 800w", True),
        ("https://evil.example/a.avif 480w", False),
        ("//evil.example/a.avif 480w", False),
        (f"{STEM}.avif 480w, https://evil.example/a.avif 800w", False),
        (f"{STEM}.avif 480w,https://evil.example/a.avif 800w", False),
        (f"{STEM}.avif", False),
        (f"{STEM}.avif 2x", False),
        (f"{STEM}.avif 123456w", False),
        (f"{STEM}.avif 480w, ", False),
        ("/media/../admin/ 480w", False),
        ("/media/%2e%2e/admin/ 480w", False),
        ("/posts/x/ 480w", False),
        ("javascript:alert(1) 480w", False),
        ("/media\\@evil.example/a 480w", False),
        (f"{STEM}.avif\t480w", False),
        ("", False),
    ],
)
def test_each_choice_must_be_ours(srcset, is_ours):
    assert is_choice("source", "srcset", srcset) is is_ours
    assert html_attribute("source", "srcset", srcset) is is_ours


@pytest.mark.parametrize(
    ("tag", "name", "value"),
    [
        ("source", "src", f"{STEM}.mp4"),
        ("source", "media", "all"),
        ("source", "onerror", "alert(1)"),
        ("source", "type", "image/svg+xml"),
        ("source", "sizes", "expression(alert(1))<"),
        ("img", "class", "focal-x-30 focal-y-30 desk"),
        ("img", "class", "focal-x-31 focal-y-30"),
        ("img", "style", "x"),
        ("picture", "class", "cover"),
        ("a", "srcset", f"{STEM}.avif 480w"),
    ],
)
def test_nothing_else_may_be_said(tag, name, value):
    assert not html_attribute(tag, name, value)


@pytest.mark.django_db
def test_a_choice_of_others_never_comes_through():
    evil = (
        '<picture><source srcset="https://evil.example/a.avif 1w" onerror="alert(1)">'
        f'<img src="{STEM}.jpg" srcset="https://evil.example/b.jpg 1w" sizes="1px" '
        'class="focal-x-0 focal-y-0" alt="x"></picture>'
    )
    html = render_html(evil)
    assert html == f'<img src="{STEM}.jpg" alt="x" loading="lazy" decoding="async">'
    assert "<picture" not in render_body(evil)


# --- covers ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_cover_comes_first_and_in_all_its_copies(client, make_picture, make_post):
    make_post(cover=make_picture(alt="A house", caption="Ours", credit="Zoe"), slug="x")
    page = client.get("/posts/x/").text
    assert page.count("-480.avif 480w") == 1
    figure = page.partition('<figure class="cover">')[2].partition("</figure>")[0]
    assert 'fetchpriority="high"' in figure
    assert 'loading="lazy"' not in figure
    assert 'Ours <span class="credit">Zoe</span>' in figure


@pytest.mark.django_db
def test_lists_and_feeds_offer_the_copies_of_a_cover(client, make_picture, make_post):
    picture = make_picture(alt="A house")
    make_post(cover=picture)
    assert "-480.avif 480w" in client.get("/").text
    feed = client.get(reverse("blog:atom")).text
    assert f'srcset="http://testserver/media/{picture.file.name[:-4]}-480.avif 480w' in (
        feed.replace("&quot;", '"')
    )


@pytest.mark.django_db
def test_copies_of_covers_cost_no_query_of_their_own(
    make_picture, make_post, django_assert_num_queries
):
    post = make_post(cover=make_picture(alt="A house"))
    assert connection.features.supports_json_field  # asked of the database once
    with django_assert_num_queries(1):
        shown = type(post).objects.listed().for_reading().get(slug=post.slug)
        assert "-480.avif 480w" in cover(shown)


@pytest.mark.django_db
def test_a_decorative_cover_has_no_words(client, make_picture, make_post):
    picture = make_picture(is_decorative=True)
    make_post(cover=picture, slug="x")
    assert 'alt=""' in client.get("/posts/x/").text.partition('class="cover"')[2][:900]


# --- what was typeset before ----------------------------------------------------------------


@pytest.fixture
def _not_all_new(monkeypatch):
    monkeypatch.setattr(again, "_is_all_new", False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_not_all_new")
def test_posts_of_an_older_site_are_typeset_again_and_only_then_are_other_pages(
    make_picture, make_post
):
    picture = make_picture(alt="A house")
    old, same = make_post(body=picture_markdown(picture)), make_post()
    type(old).objects.filter(pk=old.pk).update(markup_version=1, body_html="<p>old</p>")
    type(old).objects.filter(pk=same.pk).update(markup_version=1)
    old.pictures.clear()
    assert [again.renew_outdated(), again.renew_outdated(), again.renew_outdated()] == [2, 0, 0]
    versions = (old.version, same.version)
    old.refresh_from_db()
    same.refresh_from_db()
    assert "<picture>" in old.body_html
    assert (old.version, same.version) == (versions[0] + 1, versions[1])
    assert list(old.pictures.all()) == [picture]


@pytest.mark.django_db
def test_a_post_that_cannot_be_typeset_any_more_keeps_what_readers_have(make_post):
    post = make_post()
    type(post).objects.update(markup_version=1, body="a|b\n-|-\n" + "x|y\n" * 9000)
    publishing.typeset_again([post.pk], always=False)
    before = post.body_html
    post.refresh_from_db()
    assert (post.body_html, post.markup_version > 1) == (before, True)
