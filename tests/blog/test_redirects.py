"""Old addresses: how they are written, and where they lead."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from blog import media, publishing
from blog.models import Act, Attachment, Category, Claim, OldAddress, PostKind, Tag
from blog.old_paths import candidates, file_path, normalised
from blog.publishing import relabelling
from blog.redirects import answers_always
from comments.transfer.records import ImportMap, ImportRun
from tests.blog.pictures import upload
from tests.blog.received import HIDDEN, put_into, receive_post


@pytest.mark.parametrize(
    ("path", "query", "kept"),
    [
        ("/2009/05/hello/", "", "/2009/05/hello"),
        ("/2009/05/Hello", "", "/2009/05/hello"),
        ("//2009///05/hello//", "", "/2009/05/hello"),
        ("2009/hello.html", "", "/2009/hello.html"),
        ("/caf%C3%A9/", "", "/café"),
        ("/cafe%CC%81/", "", "/café"),
        ("/%e6%97%a5%e6%9c%ac/", "", "/日本"),
        ("/100%25-sure/", "", "/100%-sure"),
        ("/%2541/", "", "/%41"),
        ("/hello/comment-page-2/", "", "/hello"),
        ("/hello/comment-page-2/feed/", "", "/hello"),
        ("/hello/feed/", "", "/hello"),
        ("/hello/feed/atom/", "", "/hello"),
        ("/hello/amp/", "", "/hello"),
        ("/hello/trackback/", "", "/hello"),
        ("/hello/amplifier/", "", "/hello/amplifier"),
        ("/hello/", "utm_source=x&p=3", "/hello"),
        ("/", "p=123", "/?p=123"),
        ("", "p=0123&preview=true", "/?p=123"),
        ("/index.php", "page_id=7", "/?page_id=7"),
        ("/", "attachment_id=9", "/?attachment_id=9"),
        ("/", "p=x", ""),
        ("/", "p=-1", ""),
        ("/", "p=٣", ""),
        ("/", "", ""),
        ("/feed/", "", ""),
        ("/a%00b", "", ""),
        ("/a%0Ab", "", ""),
        ("/\ud800", "", ""),
        ("/" + "a" * 499, "", "/" + "a" * 499),
        ("/" + "a" * 500, "", ""),
    ],
)
def test_an_old_address_is_written_one_way(path, query, kept):
    assert normalised(path, query) == kept


@given(st.text(), st.text())
def test_whatever_is_asked_for_is_written_within_bounds(path, query):
    written = normalised(path, query)
    assert len(written) <= 500
    assert written == "" or written.startswith("/")
    assert "%" in written or "?" in written or normalised(written) == written


@pytest.mark.parametrize(
    ("path", "query", "wanted"),
    [
        ("/hello/", "", ["/hello"]),
        ("/hello/2/", "", ["/hello/2", "/hello"]),
        ("/hello/page/2/", "", ["/hello/page/2", "/hello"]),
        ("/hello/embed/", "", ["/hello/embed", "/hello"]),
        ("/2012/05/", "", ["/2012/05", "/2012"]),
        ("/blog/", "p=3", ["/?p=3", "/blog"]),
        ("/2012/hello/", "p=3", ["/2012/hello"]),
        ("/", "p=3", ["/?p=3"]),
        ("/3/", "", ["/3"]),
        ("/", "", []),
    ],
)
def test_what_an_address_may_mean_is_tried_the_likeliest_first(path, query, wanted):
    assert candidates(path, query) == wanted


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (
            "https://old.example/wp-content/uploads/2012/05/A%20b.JPG",
            "/wp-content/uploads/2012/05/a b.jpg",
        ),
        ("http://old.example/uploads/a-300x200.png?x=1", "/uploads/a.png"),
        ("/uploads/a-scaled.jpeg", "/uploads/a.jpeg"),
        ("/uploads/a-3x.png", "/uploads/a-3x.png"),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_each_size_of_a_file_has_the_same_path(url, path):
    assert file_path(url) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/privacy", True),
        ("/write", True),
        ("/pages", True),
        ("/sitemap.xml", True),
        ("/accounts/login", True),
        ("/admin/anything/below", True),
        ("/posts/hello", False),
        ("/tags/red", False),
        ("/media/hello", False),
        ("/hello", False),
    ],
)
def test_some_addresses_are_ours_whatever_the_site_holds(path, expected):
    assert answers_always(path) == expected


# --- asked for ------------------------------------------------------------------------------


@pytest.fixture
def post(alice):
    post = receive_post(alice, title="Moved")
    for path in (
        "/2009/05/hello",
        "/?p=123",
        "/?page_id=7",
        "/café",
        "/100%-sure",
        "/%41",
        "/privacy",
        "/posts/once-here",
        "/tags/once-here",
    ):
        OldAddress.objects.create(path=path, post=post)
    return post


OLD = [
    "/2009/05/hello/",
    "/2009/05/hello",
    "/2009/05/Hello/",
    "/2009//05/hello/",
    "/2009/05/hello/comment-page-3/",
    "/2009/05/hello/?utm_source=letter&utm_medium=mail",
    "/?p=123",
    "/?p=123&preview=true",
    "/?page_id=7",
    "/index.php?p=123",
    "/blog/?p=123",
    "/caf%C3%A9/",
    "/CAF%C3%89/",
    "/cafe%CC%81/",
    "/100%25-sure/",
    "/%2541/",
    "/2009/05/hello/2/",
    "/2009/05/hello/embed/",
    "/posts/once-here/",
    "/tags/once-here/",
    "/posts/moved/feed/",
    "/posts/moved/comment-page-2/",
    "/posts/Moved/",
]


@pytest.mark.parametrize("address", OLD)
def test_an_old_address_leads_to_its_post_for_good(client, post, address):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, "/posts/moved/")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert not response.cookies


def test_an_old_address_leads_to_a_page_too(client, alice):
    page = receive_post(alice, kind=PostKind.PAGE, title="About")
    OldAddress.objects.create(path="/about-us", post=page)
    assert client.get("/about-us/")["Location"] == "/pages/about/"


def test_a_head_request_is_led_on_too(client, post):
    assert client.head("/2009/05/hello/")["Location"] == "/posts/moved/"


def test_a_post_to_an_old_address_leads_nowhere(client, post):
    assert client.post("/2009/05/hello/", {"comment": "spam"}).status_code == 404


@pytest.mark.parametrize("address", ["/?p=124", "/?page_id=8", "/no/such/", "/no/such", "/a%00b/"])
def test_what_was_never_here_is_the_ordinary_404(client, post, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.text


@pytest.mark.parametrize("address", ["/?p=x", "/?q=123", "/?page=1"])
def test_a_question_that_names_no_post_shows_the_home_page(client, post, address):
    response = client.get(address)
    assert response.status_code == 200
    assert "Moved" in response.text


def test_our_own_pages_come_first(client, post):
    assert client.get("/privacy/").status_code == 200


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/privacy", "/privacy/"),
        ("/posts/moved", "/posts/moved/"),
        ("/tags/one?page=2", "/tags/one/?page=2"),
        ("/admin", "/admin/"),
        ("/accounts/login", "/accounts/login/"),
    ],
)
def test_a_forgotten_slash_is_put_back(client, post, address, target):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, target)


def test_nothing_at_all_costs_one_query_at_most(client, post, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/no/such/")
    with django_assert_num_queries(1):
        client.get("/2009/05/hello/")
    with django_assert_num_queries(0):
        client.get("/privacy")


def test_an_exact_address_comes_before_a_part_of_another(client, alice, post):
    other = receive_post(alice, title="Second")
    OldAddress.objects.create(path="/2009/05/hello/2", post=other)
    assert client.get("/2009/05/hello/2/")["Location"] == other.get_absolute_url()
    assert client.get("/2009/05/hello/3/")["Location"] == post.get_absolute_url()


@pytest.mark.parametrize("state", HIDDEN)
def test_of_what_is_not_public_nobody_hears(client, post, state):
    put_into(post, state)
    never = client.get("/posts/never-was/")
    for address in [*OLD, "/posts/moved/"]:
        response = client.get(address)
        assert (response.status_code, response.text) == (404, never.text)


# --- files ----------------------------------------------------------------------------------

FILE = "/wp-content/uploads/2012/05/loaf.png"


def attached(post, url=f"https://old.example{FILE}", **fields):
    picture = media.keep(media.accept(upload()), uploader=post.author, alt="A loaf")
    return Attachment.objects.create(post=post, source_url=url, picture=picture, **fields)


@pytest.mark.parametrize("address", [FILE, FILE.replace(".png", "-300x200.png"), FILE.upper()])
def test_a_file_is_found_where_it_was_in_whatever_size(client, post, address):
    picture = attached(post).picture
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, picture.file.url)
    assert response["Cache-Control"] == "public, max-age=86400"


def test_of_two_files_that_differ_by_a_size_each_is_found(client, post):
    small = attached(post, f"https://old.example{FILE.replace('.png', '-10x10.png')}").picture
    large = attached(post).picture
    assert client.get(FILE)["Location"] == large.file.url
    assert client.get(FILE.replace(".png", "-10x10.png"))["Location"] == small.file.url


def test_a_file_that_is_no_picture_is_found_too(client, post):
    attachment = Attachment(post=post, source_url="https://old.example/uploads/list.pdf")
    attachment.file.save("list.pdf", ContentFile(b"%PDF"), save=False)
    attachment.save()
    assert client.get("/uploads/list.pdf")["Location"] == attachment.file.url


@pytest.mark.parametrize("state", HIDDEN)
def test_a_file_of_what_is_not_public_is_not_there(client, post, state):
    attached(put_into(post, state))
    assert client.get(FILE).status_code == 404


def test_a_file_behind_a_password_or_of_no_post_is_not_there(client, alice, post):
    attached(receive_post(alice, password="enter"))
    Attachment.objects.filter(pk=attached(post).pk).update(post=None)
    Attachment.objects.create(post=post, source_url=f"https://old.example{FILE}")
    assert client.get(FILE).status_code == 404


def test_a_file_that_is_lost_leads_in_no_circle(client, post):
    picture = attached(post).picture
    Attachment.objects.update(source_path=picture.file.url.lower())
    picture.file.storage.delete(picture.file.name)
    assert client.get(picture.file.url).status_code == 404


# --- lists and feeds ------------------------------------------------------------------------


@pytest.fixture
def shelves(alice):
    bread = Category.objects.create(name="Bread", slug="bread")
    post = receive_post(alice, categories=[bread], tags=["rye"])
    run = ImportRun.objects.create(format="wxr", source="x", file_name="x", file_size=1)
    for kind, name, row in [
        ("user", "allie", alice),
        ("category", "%d1%85%d0%bb%d0%b5%d0%b1", bread),
        ("tag", "sour", Tag.objects.get()),
    ]:
        ImportMap.objects.create(source="x", kind=kind, external_id=name, object_id=row.pk, run=run)
    return post


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/feed/", "/feed/rss/"),
        ("/feed", "/feed/rss/"),
        ("/feed/rss2/", "/feed/rss/"),
        ("/rss", "/feed/rss/"),
        ("/page/2/", "/?page=2"),
        ("/category/bread/", "/categories/bread/"),
        ("/category/food/bread/", "/categories/bread/"),
        ("/category/food/bread/feed/", "/categories/bread/"),
        ("/category/bread/page/3/", "/categories/bread/?page=3"),
        ("/category/%D1%85%D0%BB%D0%B5%D0%B1/", "/categories/bread/"),
        ("/tag/rye/", "/tags/rye/"),
        ("/tag/sour", "/tags/rye/"),
        ("/author/alice/", "/authors/alice/"),
        ("/author/allie/feed/", "/authors/alice/"),
    ],
)
def test_a_list_there_leads_to_ours(client, shelves, address, target):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, target)


def test_a_list_there_leads_to_what_ours_became(client, alice, shelves):
    receive_post(alice, tags=["corn"])
    rye, corn = Tag.objects.order_by("-slug")
    rye.slug = "grain"
    relabelling.rename(rye, actor=None)
    for address in ("/tag/rye/", "/tag/sour/"):
        assert client.get(address)["Location"] == "/tags/grain/"
    relabelling.merge([rye], corn, actor=None)
    for address in ("/tag/rye/", "/tag/sour/"):
        assert client.get(address)["Location"] == "/tags/corn/"
    assert not ImportMap.objects.get(kind="tag").is_made


@pytest.mark.parametrize(
    "address",
    ["/category/none/", "/tag/none/", "/category/", "/tag/", "/author/bob/", "/page/0/", "/page/x/",
     "/comments/feed/", "/category/%00/"],
)  # fmt: skip
def test_a_list_that_we_do_not_have_is_nowhere(client, shelves, bob, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/category/bread/", "/tag/rye/", "/author/alice/"])
def test_a_list_of_nothing_but_hidden_posts_is_nowhere(client, alice, shelves, address):
    publishing.move(shelves, Act.MAKE_PRIVATE, actor=alice)
    assert client.get(address).status_code == 404


def test_who_wrote_along_has_a_list_there_too(client, bob, shelves):
    shelves.coauthors.add(bob)
    assert client.get("/author/bob/")["Location"] == "/authors/bob/"


def test_a_post_comes_before_a_list(client, post):
    OldAddress.objects.create(path="/category/bread", post=post)
    Category.objects.create(name="Bread", slug="bread")
    assert client.get("/category/bread/")["Location"] == "/posts/moved/"


@pytest.mark.parametrize("address", ["/?cat=1", "/?m=201201", "/?s=hello", "/?feed=rss2"])
def test_other_questions_show_the_home_page(client, post, address):
    assert client.get(address).status_code == 200


# --- the admin ------------------------------------------------------------------------------


def test_an_editor_adds_an_old_address_as_a_browser_shows_it(client, mona, post):
    client.force_login(mona)
    data = {"path": "https://old.example/2010/Bread/?utm_source=x", "post": post.pk}
    assert client.post(reverse("admin:blog_oldaddress_add"), data).status_code == 302
    assert client.get("/2010/bread/")["Location"] == "/posts/moved/"
    refused = client.post(reverse("admin:blog_oldaddress_add"), {"path": "/", "post": post.pk})
    assert "This is the address of no post" in refused.text


def test_what_an_editor_saves_is_given_for_good(client, mona, post):
    client.force_login(mona)
    OldAddress.objects.update(claim=Claim.FORMER)
    row = OldAddress.objects.get(path="/2009/05/hello")
    change = reverse("admin:blog_oldaddress_change", args=[row.pk])
    assert client.post(change, {"path": row.path, "post": post.pk}).status_code == 302
    row.refresh_from_db()
    assert row.claim == Claim.GIVEN
