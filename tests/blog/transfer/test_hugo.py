"""What Hugo makes of a site's zip: it shows the texts as they are, and overwrites no page.

The last tests ask Hugo itself.
"""

import html
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from time import process_time

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.models import OldAddress, Post
from blog.transfer.site.hugo_aliases import aliases_for_hugo
from blog.transfer.site.hugo_shortcodes import CLOSED, ESCAPED, escaped, restored
from tests.blog.transfer.moves import (
    LONG_AGO,
    empty_the_site,
    entries,
    export,
    import_site,
    received,
)
from tests.cast import make_person

SHOWN = [
    "a {{< x >}} b", "`{{% x %}}`", "```\n{{< x >}}\n```", "{{</* x */>}}", "{{%/* x */%}}",
    "{{{< x >}}}", "{{<>}}", "{{</>}}", "{{</*/>}}", "{{< a %}} b {{% c >}} d %}} e", "{{< a",
    "x {{%}} y", "{{< a {{< b >}} c {{% d", "{{</* a", "{{< a */>}}", "<!-- {{< x >}} -->",
    "{{<x.inline>}}{{ .Site }}{{</x.inline>}}", "{{< a\n```\ncode {{< b\n```\nend",
]  # fmt: skip


# ---- Shortcodes ---------------------------------------------------------------------------------


def test_a_text_without_shortcodes_stays_as_it_is():
    assert escaped("{{ x }} >}} %}}") == ("{{ x }} >}} %}}", "")


def test_a_shortcode_is_written_as_hugo_says():
    assert escaped("{{< x >}} {{% y %}}") == ("{{</* x */>}} {{%/* y */%}}", ESCAPED)
    assert escaped("{{</* x */>}}") == ("{{</*/* x */*/>}}", ESCAPED)


def test_an_opener_without_an_end_is_closed_where_nobody_sees_it():
    assert escaped("a {{% b") == ("a {{%/* b\n\n<!-- */%}} -->", CLOSED)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["{", "{{<", "{{%", "/*", "*/", ">}}", "%}}", "a\n"])).map("".join))
def test_whatever_was_done_to_a_text_is_undone_to_the_letter(text):
    assert restored(*escaped(text)) == text


def test_a_text_of_nothing_but_openers_takes_no_longer_than_others():
    before = process_time()
    for text in ("{{<" * 300_000, "{{</*" * 200_000, "{{< >}}" * 100_000):
        assert restored(*escaped(text)) == text
        restored(text, ESCAPED)
    assert process_time() - before < 5


@pytest.mark.django_db
def test_texts_that_show_shortcodes_come_back_to_the_letter(tmp_path):
    alice = make_person("Alice", "Author")
    for text in SHOWN:
        received(alice, "Shown", body=text, status="draft")
    before = list(Post.objects.order_by("slug").values_list("slug", "body"))
    export(tmp_path / "site.zip")
    empty_the_site()
    import_site(tmp_path / "site.zip")
    assert list(Post.objects.order_by("slug").values_list("slug", "body")) == before


# ---- Old addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "kept"),
    [
        (["/2011/a", "/2011/b.html", "/é"], {"/2011/a", "/2011/b.html", "/é"}),
        (["/?p=7", "no-slash"], set()),
        (["/posts/own", "/pages/own/index.html", "/x/../posts/own"], set()),
        (["/", "/posts", "/pages", "/tags", "/categories", "/index.html"], set()),
        (["/sitemap.xml", "/index.xml", "/tags/x", "/media/pictures/a.png"], set()),
        (["/a.html/img", "/a.html", "/a.htm/img"], {"/a.html", "/a.htm/img"}),
        (["/a", "/a/index.html", "/a/b"], {"/a", "/a/b"}),
        (["/" + "é" * 128, "/" + "é" * 127], {"/" + "é" * 127}),
    ],
)  # fmt: skip
def test_hugo_leads_on_only_from_where_nothing_else_stands(paths, kept):
    own = ["posts/own", "pages/own"]
    assert aliases_for_hugo(paths, own) == aliases_for_hugo(reversed(paths), own) == kept


@pytest.mark.django_db
def test_no_old_address_is_lost_on_the_way(tmp_path):
    post = received(make_person("Alice", "Author"), "Moved", status="draft")
    paths = {"/posts/moved", "/a.html", "/a.html/img", "/?p=7", "/sitemap.xml"}
    for path in paths:
        OldAddress.objects.create(path=path, post=post, created_at=LONG_AGO)
    export(tmp_path / "site.zip")
    assert b'aliases: ["/a.html"]' in entries(tmp_path / "site.zip")["content/posts/moved.md"]
    empty_the_site()
    import_site(tmp_path / "site.zip")
    assert set(OldAddress.objects.values_list("path", flat=True)) == paths


# ---- Hugo itself --------------------------------------------------------------------------------


@pytest.fixture
def build(tmp_path):
    """Return a function that exports the site, builds it with Hugo, and returns its folder."""
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("no hugo here")

    def export_and_build():
        export(tmp_path / "site.zip")
        with zipfile.ZipFile(tmp_path / "site.zip") as archive:
            rooms = ("content/", "static/", "config/")
            names = [name for name in archive.namelist() if name.startswith(rooms)]
            archive.extractall(tmp_path / "hugo", names)
        layouts = tmp_path / "hugo/layouts/_default"
        layouts.mkdir(parents=True)
        (tmp_path / "hugo/hugo.toml").write_text('baseURL = "https://example.org/"\n')
        (layouts / "single.html").write_text("<main>{{ .Content }}</main>")
        (layouts / "list.html").write_text("{{ range .Pages }}{{ .Title }}{{ end }}")
        done = subprocess.run([hugo], cwd=tmp_path / "hugo", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return tmp_path / "hugo/public"

    return export_and_build


@pytest.mark.once
@pytest.mark.django_db
def test_hugo_shows_the_words_of_a_text_that_shows_shortcodes(build):
    alice = make_person("Alice", "Author")
    public = {"status": "published", "published_at": LONG_AGO}
    written = {}
    for markup in ("markdown", "html"):
        for text in SHOWN:
            post = received(alice, "Shown", body=text, markup=markup, **public)
            written[post.slug] = text
    received(alice, "A draft", body="{{< unknown >}}", status="draft")
    folder = build()
    for slug, text in written.items():
        page = (folder / f"posts/{slug}/index.html").read_text("utf-8")
        assert words_of(html.unescape(page)) == words_of(text), (slug, text)


def words_of(text):
    """Return a text without comments, paragraphs, code's own marks and spaces."""
    text = re.sub(r"<!--.*?-->|</?(main|p|pre|code)\b[^>]*>", "", text, flags=re.DOTALL)
    return "".join(text.replace("`", "").split())


@pytest.mark.once
@pytest.mark.django_db
def test_hugo_leads_on_from_old_addresses_and_overwrites_no_page(build):
    alice = make_person("Alice", "Author")
    public = {"status": "published", "published_at": LONG_AGO}
    one, two = (received(alice, name, body=f"Words of {name}", **public) for name in ("one", "two"))
    for path in ("/posts/two", "/", "/posts", "/sitemap.xml", "/2011/foo.html", "/tags",
                 "/2011/foo.html/img", "/" + "x" * 300, "/2012/foo", "/index.html"):  # fmt: skip
        OldAddress.objects.create(path=path, post=one)
    folder = build()
    assert "Words of two" in (folder / "posts/two/index.html").read_text()
    for name in ("2011/foo.html", "2012/foo/index.html"):
        assert one.get_absolute_url() in (folder / name).read_text()
    for name in ("index.html", "posts/index.html", "sitemap.xml"):
        assert "refresh" not in (folder / name).read_text()
    assert two.get_absolute_url() in (folder / "sitemap.xml").read_text()


@pytest.mark.once
@pytest.mark.django_db
def test_hugo_publishes_what_everybody_may_read_and_nothing_else(build, shared_data):
    exported = shared_data / "imports/theme-unit-test-2021.xml"
    call_command("import_wxr", exported, verbosity=0)
    public = build()
    readable = Post.objects.published().filter(password="")
    assert 0 < readable.count() < Post.objects.count()
    found = (path for kind in ("posts", "pages") for path in public.glob(f"{kind}/*/index.html"))
    shown = {path.parent.relative_to(public).as_posix() for path in found}
    assert shown == {f"{post.kind}s/{post.slug}" for post in readable}
