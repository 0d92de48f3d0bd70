"""Posts as Markdown files: out and in again with every word, and nothing taken on a file's word."""

import json
import time
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from blog import publishing
from blog.models import Category, Picture, Post, PostStatus, RevisionKind, Series, Tag
from blog.post_files.front_matter import opened
from blog.post_files.opening import MAX_BYTES, text_of
from blog.post_files.writing import file_of
from blog.transfer.site.front_matter import compose
from blog.words import latest_words, words_of
from comments.models import Markup
from tests.blog.received import receive_post

NEW = "/write/import/"


def head_of(text):
    return opened(text).head


def yaml(*lines):
    return head_of("\n".join(["---", *lines, "---", "", "Body.", ""]))


def refusal_of(text):
    with pytest.raises(ValidationError) as refused:
        opened(text)
    return refused.value.messages[0]


# --- heads, pure ----------------------------------------------------------------------------------

few = settings(max_examples=200, deadline=None)
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30)
names = st.from_regex("[a-z_]{1,12}", fullmatch=True)
strings = st.dictionaries(names, lines | st.lists(lines, max_size=3), max_size=5)


@few
@given(strings, lines)
def test_whatever_is_written_is_read_back(fields, body):
    found = opened(compose({"title": "T", **fields}, body))
    assert (found.head, found.body) == ({"title": "T", **fields}, body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("title: Plain words", {"title": "Plain words"}, id="plain"),
        pytest.param("title: 'It''s'", {"title": "It's"}, id="single"),
        pytest.param('title: "A \\"b\\" \\u00e9" # c', {"title": 'A "b" é'}, id="double"),
        pytest.param("title: C # a comment", {"title": "C"}, id="comment"),
        pytest.param("title: 2024", {"title": "2024"}, id="digits"),
        pytest.param("date: 2026-01-02T10:00:00Z", {"date": "2026-01-02T10:00:00Z"}, id="date"),
        pytest.param("title:", {"title": None}, id="nothing"),
        pytest.param("tags: [a, 'b, c', \"d\"]", {"tags": ["a", "b, c", "d"]}, id="brackets"),
        pytest.param("tags: [\n  a,\n  b\n]", {"tags": ["a", "b"]}, id="brackets-over-lines"),
        pytest.param("tags:\n- a\n- 'b'\n", {"tags": ["a", "b"]}, id="list"),
        pytest.param("tags:\n  - a\n\n  # x\n  - b", {"tags": ["a", "b"]}, id="list-moved-in"),
        pytest.param("a: >\n  one\n  two\n\n  three\nb: 1", {"a": "one two\nthree\n", "b": "1"},
                     id="folded"),
        pytest.param("a: |-\n  one\n    two\nb: x", {"a": "one\n  two", "b": "x"}, id="kept"),
        pytest.param("a: one\n  two\nb: x", {"a": "one two", "b": "x"}, id="goes-on"),
        pytest.param("params:\n  a: x\n  b:\n    c: y", {"params": {"a": "x", "b": {"c": "y"}}},
                     id="within"),
        pytest.param('"quoted key": x', {"quoted key": "x"}, id="quoted-key"),
    ],
)  # fmt: skip
def test_yaml_as_people_write_it_is_read(text, expected):
    assert yaml(*text.split("\n")) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: &x [1]\nb: *x", "anchors", id="anchor"),
        pytest.param("a: *x", "references", id="reference"),
        pytest.param("a: !!python/object/apply:os.system ['id']", "types", id="type"),
        pytest.param("!!map\na: b", "types", id="type-of-all"),
        pytest.param("<<: x", "merging", id="merge"),
        pytest.param("? a\n: b", "keys with ?", id="complex-key"),
        pytest.param("%YAML 1.2\na: b", "directives", id="directive"),
        pytest.param("a: b\na: c", "twice", id="twice"),
        pytest.param("a:\n- b: c", "list of names", id="list-of-maps"),
        pytest.param("a: b: c", "needs quotes", id="colon"),
        pytest.param("\ta: b", "tabs", id="tab"),
        pytest.param('a: "b', "quotation mark", id="open-quote"),
        pytest.param("a: [b", "bracket", id="open-bracket"),
        pytest.param("a: {b: c}", "JSON", id="braces"),
        pytest.param("just words", "key: value", id="no-key"),
        pytest.param("a:\n  b:\n    c:\n      d:\n        e:\n          f: g", "deep", id="deep"),
        pytest.param("a: b\n  c: d", "colon", id="map-below-a-value"),
        pytest.param("a:\n    b: c\n  d: e", "belongs to no key", id="moved-in-oddly"),
    ],
)
def test_what_makes_yaml_dangerous_is_refused_in_words(text, said):
    assert said in refusal_of(f"---\n{text}\n---\nBody.\n")


def test_the_refusal_names_the_line_of_the_file():
    assert "line 4" in refusal_of("---\ntitle: x\nslug: y\nbad: *z\n---\n")


def test_a_billion_laughs_are_not_laughed():
    bomb = "a: &a [lol,lol]\n" + "".join(
        f"{chr(98 + at)}: &{chr(98 + at)} [*{chr(97 + at)},*{chr(97 + at)}]\n" for at in range(20)
    )
    assert "line 2" in refusal_of(f"---\n{bomb}---\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("---\na: " + "[" * 50_000 + "\n---\n", id="yaml-brackets"),
        pytest.param("---\na: " + "{" * 50_000 + "\n---\n", id="yaml-braces"),
        pytest.param("---\n" + "".join(f"{' ' * n}a:\n" for n in range(300)) + "---\n", id="keys"),
        pytest.param("---\na: '" + "''" * 30_000 + "\n---\n", id="quotes"),
        pytest.param('---\na: "' + "\\" * 60_001 + "\n---\n", id="backslashes"),
        pytest.param("---\n" + "a" * 70_000 + ": b\n---\n", id="long-key"),
        pytest.param("+++\na = " + "[" * 50_000 + "\n+++\n", id="toml-brackets"),
        pytest.param("+++\na = " + "9" * 60_000 + "\n+++\n", id="toml-digits"),
        pytest.param("+++\n" + "[a." * 20_000 + "\n+++\n", id="toml-tables"),
        pytest.param("+++\na" + ".a" * 9_000 + " = 1\n+++\n", id="toml-keys"),
        pytest.param("+++\na = 0x" + "f" * 60_000 + "\n+++\n", id="toml-hex"),
        pytest.param("+++\na = [0x" + "f" * 60_000 + "]\n+++\n", id="toml-hex-in-a-list"),
        pytest.param('{"a": ' + "[" * 400 + "]" * 400 + "}\n", id="json-brackets"),
        pytest.param("---\n" + "a: b\n" * 400_000, id="never-closed"),
        pytest.param("---\n" + "x\n" * 100_000 + "---\n", id="long-head"),
    ],
)
def test_hostile_heads_are_refused_in_a_moment(text):
    started = time.process_time()
    assert "cannot be read" in refusal_of(text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# On bread", "On bread"), ("#\tOn bread ##  ", "On bread"), ("# On C#", "On C#"),
        ("# ", None), ("##", None), ("# #", None), ("#Bread", None),
        ("# On" + " " * 200_000 + "bread", "On" + " " * 200_000 + "bread"),
    ],
    ids=["plain", "closed", "sharp", "bare", "marks", "closing-alone", "no-space", "spaces"],
)  # fmt: skip
def test_a_text_that_begins_with_a_title_has_it_read_in_a_moment(line, title):
    started = time.process_time()
    assert head_of(f"{line}\n\nBody.").get("title") == title
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    ['{"a": ' + "[" * 100_000, '{"a": ' + "9" * 100_000, "{" * 100_000, '{"a":1' * 50_000],
    ids=["brackets", "digits", "braces", "never-closed"],
)
def test_what_only_looks_like_json_is_text(text):
    started = time.process_time()
    assert opened(text).body == text
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "head", "body"),
    [
        pytest.param('+++\ntitle = "T"\ntags = ["a"]\n+++\n\nB\n', {"title": "T", "tags": ["a"]},
                     "B", id="toml"),
        pytest.param('{\n"title": "T"\n}\n\nB\n', {"title": "T"}, "B", id="json"),
        pytest.param("title: T\nlink: here\ntags: a, b\n___\n\nB: c\n",
                     {"title": "T", "link": "here", "tags": "a, b"}, "B: c", id="bear"),
        pytest.param("# T #\n\nB\n", {"title": "T"}, "B\n", id="heading"),
        pytest.param("B\n# T\n", {}, "B\n# T\n", id="no-head"),
        pytest.param("---\n\nA rule above.\n", {}, "---\n\nA rule above.\n", id="rule"),
        pytest.param("---\n---\nB", {}, "B", id="empty-head"),
        pytest.param("---\ntitle: T\n...\nB", {"title": "T"}, "B", id="dots"),
        pytest.param("---  \na: T\n---\t\nB\n---\nC", {"a": "T"}, "B\n---\nC", id="rule-below"),
    ],
)  # fmt: skip
def test_each_kind_of_head_is_known(text, head, body):
    found = opened(text)
    assert (found.head, found.body) == (head, body)


# --- bytes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("é".encode("utf-16"), "UTF-16", id="utf-16"),
        pytest.param("x\n\xe9".encode("latin-1"), "line 2", id="latin-1"),
        pytest.param(b"a\x00b", "no text file", id="nul"),
        pytest.param(b"%PDF-1.7", "no text file", id="pdf"),
        pytest.param(b" \n\t\n", "empty", id="empty"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"a" * (MAX_BYTES + 1), "larger than", id="large"),
    ],
)
def test_what_is_no_text_is_told_apart(content, said):
    with pytest.raises(ValidationError, match=said):
        text_of(BytesIO(content))


def test_marks_and_line_ends_of_other_systems_are_read():
    assert text_of(BytesIO(b"\xef\xbb\xbf---\r\na: b\r\n---\rB\r")) == "---\na: b\n---\nB\n"


# --- out and in -----------------------------------------------------------------------------------


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def sent(writer, content, url=NEW, name="post.md", **data):
    content = content.encode() if isinstance(content, str) else content
    return writer.post(url, {"file": SimpleUploadedFile(name, content), **data}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def into(post):
    return reverse("blog:import_into", args=[post.pk])


@pytest.fixture
def full(alice, make_post):
    """A post with all that a file can say."""
    shelf = Category.objects.create(name="Ovens", slug="ovens")
    series = Series.objects.create(title="Baking: a week", slug="baking-week")
    cover = Picture.objects.create(
        file="pictures/2026/01/loaf.png", width=4, height=3, alt="A loaf", uploader=alice
    )
    return make_post(
        published=False, title='On "bread": #1 & <co>', slug="on-bread", excerpt="A  standfirst.",
        body="\n---\n\ntitle: x\n\nFlour & *water*.\n---\n", tags=["Slow food", "no", "1"],
        author_note="Written\n\n- hungry", source_line="First in *The Review*.",
        categories=[shelf], series=series, series_position=3, cover=cover,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_file_holds_the_latest_words(writer, full, alice):
    publishing.keep(
        full, {"body": "Newer."}, actor=alice, seen_version=full.text_version
    )  # fmt: skip
    response = writer.get(reverse("blog:post_file", args=[full.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="on-bread.md"'
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert response.text.endswith("\n---\n\nNewer.\n")
    assert 'authors: ["Alice"]' in response.text


@pytest.mark.django_db
def test_a_post_comes_back_with_every_word(writer, full):
    before = words_of(full)
    file = file_of(full)
    publishing.save(full, {"slug": "moved"}, actor=full.author, seen_version=full.text_version)
    sent(writer, file)
    made = Post.objects.exclude(pk=full.pk).get()
    assert words_of(made) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    ["", "\n", "---\n", "+++", "# H", "{}", "a\n\n\n", " x", "\u2028", "___\n", "title: x\n___\n"],
)
def test_a_body_comes_back_to_the_letter(writer, make_post, body):
    post = make_post(published=False, body=body)
    sent(writer, file_of(post))
    assert Post.objects.exclude(pk=post.pk).get().body == body


@pytest.mark.django_db
def test_html_comes_back_as_html(writer, alice):
    post = receive_post(alice, body="<p>A</p>", status=PostStatus.DRAFT)
    sent(writer, file_of(post))
    made = Post.objects.exclude(pk=post.pk).get()
    assert (made.markup, made.body) == (Markup.HTML, "<p>A</p>")


@pytest.mark.django_db
def test_a_file_says_also_what_a_post_has_not(writer, full, make_post):
    bare = make_post(published=False, title="Bare", slug="bare", body="B")
    file = file_of(bare)
    bare.delete()
    sent(writer, file, into(full), version=full.text_version)
    full.refresh_from_db()
    words = words_of(full)
    assert (words["tags"], words["categories"], words["cover"], words["series"]) == (
        [], [], None, None,
    )  # fmt: skip
    assert (full.excerpt, full.author_note, full.title) == ("", "", "Bare")


# --- in: a new draft ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_becomes_a_draft_of_whoever_sends_it(writer, alice, mona):
    response = sent(
        writer,
        "---\ntitle: Mine\nauthor: Mona\nauthors: [mona]\nstatus: published\ndraft: false\n"
        "published: true\ndate: 2020-01-01\nid: 1\npassword: x\nlayout: wide\n---\nBody.\n",
    )
    post = Post.objects.get()
    assert (post.author, post.status, post.published_at) == (alice, PostStatus.DRAFT, None)
    assert (post.title, post.body, post.password) == ("Mine", "Body.", "")
    assert list(post.coauthors.all()) == []
    assert response.redirect_chain[-1][0] == reverse("blog:edit", args=[post.pk])
    (words,) = said(response)
    assert (
        "Decided here and not by a file: author, authors, date, draft, id, password, published, "
        "status." in words
    )
    assert "no such thing: layout." in words


@pytest.mark.django_db
@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: T\ndescription: E\ntags: [a, b]\n---\n",
        "---\ntitle: T\nexcerpt: E\ntags: a, b\n---\n",
        '+++\ntitle = "T"\nsummary = "E"\n[taxonomies]\ntags = ["a", "b"]\n+++\n',
        '{"title": "T", "custom_excerpt": "E", "tags": ["a", "b"]}\n',
        "title: T\nmeta_description: E\ntags: a, b\n___\n",
    ],
    ids=["hugo", "jekyll", "zola", "ghost", "bear"],
)
def test_the_same_is_taken_however_it_is_called(writer, head):
    sent(writer, f"{head}\nB\n")
    words = words_of(Post.objects.get())
    assert (words["title"], words["excerpt"], words["tags"]) == ("T", "E", ["a", "b"])


@pytest.mark.django_db
def test_what_is_not_there_is_told_and_not_made(writer, mona):
    Picture.objects.create(file="pictures/theirs.png", width=1, height=1, uploader=mona)
    response = sent(
        writer,
        "---\ntitle: T\ncategories: [Nowhere]\nseries: None such\n"
        "cover: /media/pictures/theirs.png\nslug: Über uns\n---\nB\n",
    )
    (words,) = said(response)
    assert "no such category here: Nowhere." in words
    assert "no such series here: None such." in words
    assert "no picture of yours here: pictures/theirs.png" in words
    assert "none that a post here can have" in words
    assert (Category.objects.count(), Series.objects.count()) == (0, 0)
    post = Post.objects.get()
    assert (post.cover, post.slug) == (None, "uber-uns")


@pytest.mark.django_db
def test_a_line_of_spaces_is_read_in_a_moment(writer):
    started = time.process_time()
    sent(writer, f'---\nexcerpt: "a{" " * 60_000}b"\n---\n')
    assert time.process_time() - started < 2
    sent(writer, '{"title": "On\\n \\n\\tbread"\n}\n')
    assert Post.objects.get().title == "On bread"


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["taken", "TAKEN"])
def test_an_address_that_is_taken_follows_the_title(writer, make_post, slug):
    make_post(slug=slug)
    response = sent(writer, f"---\ntitle: Mine\nslug: {slug}\n---\nB\n")
    assert Post.objects.get(title="Mine").slug == "mine"
    assert "is not free" in said(response)[0]


@pytest.mark.django_db
def test_half_characters_reach_no_database(writer):
    head = json.dumps({"title": "\ud800", "tags": ["\udfff", "ok"], "\ud801": 1, "slug": "a\x00"})
    sent(writer, f"{head}\nB\n")
    post = Post.objects.get()
    assert (post.title, [tag.name for tag in post.tags.all()]) == ("", ["ok"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said_so"),
    [
        pytest.param("---\na: *b\n---\n", "references", id="yaml"),
        pytest.param(b"\xff\xfea\x00", "UTF-16", id="utf-16"),
        pytest.param("---\ntitle: " + "x" * 300 + "\n---\n", "Title: ", id="long-title"),
        pytest.param("---\ntags: " + json.dumps([str(n) for n in range(20)]) + "\n---\n", "tags",
                     id="many-tags"),
        pytest.param("x" * 200_001, "Text: ", id="long-body"),
        pytest.param("[^1]" * 600, "footnotes", id="notes"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_and_nothing_stored(writer, content, said_so):
    response = sent(writer, content)
    assert response.status_code == 422
    assert said_so in response.text
    assert "Nothing was stored." in response.text
    assert (Post.objects.count(), Tag.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["post.html", "post.exe", "md", "post.md.zip"])
def test_only_files_by_these_names_are_taken(writer, name):
    assert sent(writer, "B", name=name).status_code == 422
    assert Post.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["../../etc/x.md", "<b>.md", "a\u202e.markdown", "X.TXT"])
def test_the_name_of_a_file_decides_nothing(writer, name):
    assert sent(writer, "B", name=name).status_code == 200
    assert Post.objects.get().body == "B"


@pytest.mark.django_db
def test_no_file_is_asked_for_in_words(writer):
    response = writer.post(NEW)
    assert (response.status_code, "Choose a file first." in response.text) == (422, True)


@pytest.mark.django_db
def test_forged_fields_beside_the_file_are_refused(writer, mona):
    response = sent(writer, "B", author=mona.pk, status="published")
    assert "no fields called author, status" in response.text
    assert Post.objects.count() == 0


class Untouched:
    def read(self, *_sizes):
        raise AssertionError("The body was read.")

    readline = read


@pytest.mark.django_db
def test_fifty_megabytes_are_refused_before_anything_is_read(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.generic(
        "POST", NEW, content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(50_000_000), **{"wsgi.input": Untouched()},
    )  # fmt: skip
    assert response.status_code == 413
    assert "larger than 2 MB" in response.text


@pytest.mark.django_db
def test_a_file_needs_a_form_of_ours(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert sent(client, "B").status_code == 403
    assert Post.objects.count() == 0


@pytest.mark.django_db
def test_two_clicks_make_one_draft(writer):
    token = writer.get(NEW).context["form"].initial["token"]
    sent(writer, "B", token=token)
    sent(writer, "B", token=token)
    assert Post.objects.count() == 1


# --- in: a post that is there ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_becomes_the_newest_text_of_a_draft(writer, full, alice):
    sent(writer, "---\ntitle: New\n---\nB\n", into(full), version=full.text_version)
    full.refresh_from_db()
    newest = full.revisions.first()
    assert (full.title, full.body, full.excerpt) == ("New", "B", "A  standfirst.")
    assert (newest.kind, newest.actor) == (RevisionKind.RECEIVE, alice)
    assert newest.reason == "From the file post.md."
    assert full.revisions.last().words["title"] == 'On "bread": #1 & <co>'


@pytest.mark.django_db
def test_readers_see_nothing_of_a_file_until_it_is_published(writer, make_post):
    post = make_post(title="Out", slug="out", body="Old")
    response = sent(
        writer, "---\ntitle: New\nslug: new\n---\nB\n", into(post), version=post.text_version
    )
    post.refresh_from_db()
    assert (post.title, post.body, post.slug) == ("Out", "Old", "out")
    words = latest_words(post)
    assert (words["title"], words["body"], words["slug"]) == ("New", "B", "out")
    assert "The address stays" in said(response)[0]


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["", "1", "x"])
def test_a_file_is_not_written_over_what_somebody_wrote_meanwhile(writer, full, version):
    full = publishing.save(
        full, {"body": "Theirs."}, actor=full.author, seen_version=full.text_version
    )
    response = sent(writer, "B", into(full), version=version)
    assert response.status_code in {409, 422}
    full.refresh_from_db()
    assert full.body == "Theirs."
    if response.status_code == 409:
        assert f'name="version" value="{full.text_version}"' in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["post_file", "import_into"])
def test_nobody_learns_anything_of_the_post_of_another(writer, mona, make_post, name):
    post = make_post(author=mona, published=False)
    url = reverse(f"blog:{name}", args=[post.pk])
    assert writer.get(url).status_code == 404
    assert sent(writer, "B", url).status_code in {404, 405}
    post.refresh_from_db()
    assert post.body == "A paragraph."
