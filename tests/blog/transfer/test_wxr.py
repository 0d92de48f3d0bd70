"""The reader of WordPress exports: what it yields, what it refuses, and that it streams."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse

from blog.transfer.wxr import decoding as wxr_decoding
from blog.transfer.wxr import elements as wxr_elements
from blog.transfer.wxr import reading as wxr
from blog.transfer.wxr.reading import (
    Author,
    Comment,
    CommentBatch,
    Header,
    Item,
    NotReadable,
    Summary,
    Term,
    instant,
)

TOP = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>A blog</title>
<wp:wxr_version>1.2</wp:wxr_version>
"""  # nine lines: what follows begins on the tenth
END = "</channel>\n</rss>\n"
POST = """<item>
<title>Hello</title>
<content:encoded><![CDATA[<p>Hello &amp; welcome</p>]]></content:encoded>
<wp:post_type>post</wp:post_type>
<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>
</item>
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def written(file: Path, text: str | bytes) -> Path:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def events(file: Path, text: str | bytes) -> list[wxr.Event]:
    return list(wxr.read(written(file, text)))


def the_item(file: Path, inside: str) -> Item:
    """Return the item read from an export whose one item holds `inside`."""
    [item] = [
        event
        for event in events(file, f"{TOP}<item>{inside}</item>{END}")
        if isinstance(event, Item)
    ]
    return item


def refusal(file: Path, text: str | bytes) -> NotReadable:
    """Return why both ways of reading refuse the file."""
    path = written(file, text)
    with pytest.raises(NotReadable) as checked:
        wxr.check(path)
    with pytest.raises(NotReadable) as read:
        list(wxr.read(path))
    assert str(read.value) == str(checked.value)
    return checked.value


# ---- What comes out -----------------------------------------------------------------------------


def test_an_export_becomes_its_header_authors_terms_items_and_comments(file: Path) -> None:
    assert events(
        file,
        TOP
        + """<wp:base_blog_url>https://a.example/blog</wp:base_blog_url>
<wp:author><wp:author_id>3</wp:author_id><wp:author_login>ann</wp:author_login>
 <wp:author_email>ann@a.example</wp:author_email>
 <wp:author_display_name><![CDATA[Ann <3]]></wp:author_display_name></wp:author>
<wp:category><wp:term_id>4</wp:term_id><wp:category_nicename>cats</wp:category_nicename>
 <wp:category_parent>pets</wp:category_parent><wp:cat_name>Cats</wp:cat_name>
 <wp:category_description>Small</wp:category_description></wp:category>
<wp:tag><wp:term_id>5</wp:term_id><wp:tag_slug>fur</wp:tag_slug><wp:tag_name>Fur</wp:tag_name>
 <wp:tag_description>Soft</wp:tag_description></wp:tag>
<item><title>Hello</title><wp:comment><wp:comment_id>1</wp:comment_id></wp:comment></item>
"""
        + END,
    ) == [
        Header(version="1.2", title="A blog", base_blog_url="https://a.example/blog"),
        Author(11, "3", "ann", "ann@a.example", "Ann <3"),
        Term(14, "category", "4", "cats", "Cats", "pets", "Small"),
        Term(17, "tag", "5", "fur", "Fur", "", "Soft"),
        Item(19, "Hello"),
        CommentBatch(Item(19, "Hello"), [Comment(19, "1")]),
    ]


def test_every_field_of_an_item_finds_its_place(file: Path) -> None:
    names = {
        "title": "title",
        "link": "link",
        "guid": "guid",
        "dc:creator": "creator",
        "content:encoded": "content",
        "excerpt:encoded": "excerpt",
        "wp:post_id": "post_id",
        "wp:post_date": "date",
        "wp:post_date_gmt": "date_gmt",
        "wp:post_modified": "modified",
        "wp:post_modified_gmt": "modified_gmt",
        "pubDate": "pub_date",
        "wp:comment_status": "comment_status",
        "wp:post_name": "name",
        "wp:status": "status",
        "wp:post_parent": "parent",
        "wp:post_type": "type",
        "wp:menu_order": "menu_order",
        "wp:post_password": "password",
        "wp:attachment_url": "attachment_url",
    }
    item = the_item(file, "".join(f"<{name}>the {name}</{name}>" for name in names))
    assert {name: getattr(item, field) for name, field in names.items()} == {
        name: f"the {name}" for name in names
    }


def test_every_field_of_a_comment_finds_its_place(file: Path) -> None:
    names = {
        "wp:comment_id": "id",
        "wp:comment_author": "author",
        "wp:comment_author_email": "email",
        "wp:comment_author_url": "url",
        "wp:comment_author_IP": "ip",
        "wp:comment_date": "date",
        "wp:comment_date_gmt": "date_gmt",
        "wp:comment_content": "content",
        "wp:comment_approved": "approved",
        "wp:comment_type": "type",
        "wp:comment_parent": "parent",
        "wp:comment_user_id": "user_id",
    }
    inside = "".join(f"<{name}>the {name}</{name}>" for name in names)
    *_, batch = events(file, f"{TOP}<item><wp:comment>{inside}</wp:comment></item>{END}")
    assert isinstance(batch, CommentBatch)
    [comment] = batch.comments
    assert {name: getattr(comment, field) for name, field in names.items()} == {
        name: f"the {name}" for name in names
    }


def test_meta_and_terms_keep_their_order_and_their_doubles(file: Path) -> None:
    item = the_item(
        file,
        "<wp:postmeta><wp:meta_key>b</wp:meta_key><wp:meta_value>1</wp:meta_value></wp:postmeta>"
        "<wp:postmeta><wp:meta_key>a</wp:meta_key><wp:meta_value/></wp:postmeta>"
        "<wp:postmeta><wp:meta_key>b</wp:meta_key><wp:meta_value>2</wp:meta_value></wp:postmeta>"
        "<category domain='post_tag' nicename='fur'>Fur</category>"
        "<category nicename='cats'><![CDATA[Cats]]></category>",
    )
    assert item.meta == [("b", "1"), ("a", ""), ("b", "2")]
    assert item.terms == [("post_tag", "fur", "Fur"), ("category", "cats", "Cats")]


def test_a_term_that_wxr_1_0_writes_twice_is_yielded_once(file: Path) -> None:
    item = the_item(
        file,
        "<category>Cats</category><category domain='category' nicename='cats'>Cats</category>"
        "<category domain='tag'>Fur</category>",
    )
    assert item.terms == [("category", "cats", "Cats"), ("tag", "", "Fur")]


@pytest.mark.parametrize(("text", "is_sticky"), [("1", True), (" 1\n", True), ("0", False)])
def test_a_sticky_post_is_one_that_says_1(file: Path, text: str, is_sticky: bool) -> None:
    assert the_item(file, f"<wp:is_sticky>{text}</wp:is_sticky>").is_sticky is is_sticky


def test_a_text_keeps_its_spaces_entities_and_escaped_cdata(file: Path) -> None:
    item = the_item(
        file,
        "<title> a &lt;b&gt; &#233;\n</title>"
        "<content:encoded><![CDATA[ x ]]]]><![CDATA[> &amp;\n]]></content:encoded>",
    )
    assert (item.title, item.content) == (" a <b> é\n", " x ]]> &amp;\n")


def test_what_stands_in_elements_we_do_not_know_is_passed_over(file: Path) -> None:
    text = TOP + "<image><title>No</title></image><wp:other><wp:term_id>1</wp:term_id></wp:other>"
    text += "<item><title>Yes</title><x:y xmlns:x='urn:x'><title>No</title></x:y></item>" + END
    assert events(file, text) == [Header("1.2", "A blog"), Item(11 - 1, "Yes")]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_the_namespaces_count_not_the_prefixes(file: Path, scheme: str, version: str) -> None:
    [header, item] = events(
        file,
        f"""<rss xmlns:w="{scheme}://wordpress.org/export/{version}/" xmlns:d="http://purl.org/dc/elements/1.1/"
 xmlns:e="{scheme}://wordpress.org/export/{version}/excerpt/"><channel>
<w:wxr_version>{version}</w:wxr_version>
<item><d:creator>ann</d:creator><encoded xmlns="http://purl.org/rss/1.0/modules/content/">text</encoded>
<e:encoded>short</e:encoded><w:status>draft</w:status></item></channel></rss>""",
    )
    assert header == Header(version=version)
    assert item == Item(4, creator="ann", content="text", excerpt="short", status="draft")


def test_the_same_name_in_another_namespace_is_another_element(file: Path) -> None:
    inside = "<title>Yes</title><m:title xmlns:m='http://search.yahoo.com/mrss/'>No</m:title>"
    assert the_item(file, inside).title == "Yes"


def test_spaces_around_short_values_are_the_work_of_a_tool_that_indents(file: Path) -> None:
    item = the_item(
        file,
        """<wp:status>
            <![CDATA[publish]]>
        </wp:status><wp:post_type>
            page </wp:post_type><wp:post_password>
        </wp:post_password><wp:post_id> 7 </wp:post_id>
        <category domain="category" nicename="cats"> Cats
        </category><wp:postmeta><wp:meta_key> _thumbnail_id </wp:meta_key><wp:meta_value>
            <![CDATA[5]]>
        </wp:meta_value></wp:postmeta>""",
    )
    assert (item.status, item.type, item.password, item.post_id) == ("publish", "page", "", "7")
    assert item.terms == [("category", "cats", "Cats")]
    assert item.meta == [("_thumbnail_id", "5")]


def test_the_words_of_a_post_written_here_keep_their_outer_spaces(file: Path) -> None:
    meta = "<wp:meta_key>_parley_markdown</wp:meta_key><wp:meta_value>    code\n</wp:meta_value>"
    item = the_item(file, f"<wp:postmeta>{meta}</wp:postmeta>")
    assert item.meta == [("_parley_markdown", "    code\n")]


@pytest.mark.parametrize(
    ("inside", "type_", "id_"),
    [
        ("<wp:post_id>7</wp:post_id><guid>g</guid>", "post", "7"),
        ("<wp:post_id>0</wp:post_id><guid> g </guid><link>l</link>", "post", "g"),
        ("<link>l</link>", "post", "l"),
        ("<wp:post_type/><wp:attachment_url>a</wp:attachment_url>", "attachment", ""),
        ("<wp:post_type>page</wp:post_type>", "page", ""),
    ],
)
def test_an_item_of_a_converter_is_known_by_its_guid_or_its_link(
    file: Path, inside: str, type_: str, id_: str
) -> None:
    item = the_item(file, inside)
    assert (item.type, item.post_id) == (type_, id_)


def test_an_id_that_is_longer_than_any_column_still_tells_items_apart(file: Path) -> None:
    ids = {the_item(file, f"<guid>{'g' * 300}{end}</guid>").post_id for end in "ab"}
    assert [len(id_) for id_ in ids] == [64, 64]


def test_terms_of_any_taxonomy_are_yielded(file: Path) -> None:
    term = (
        "<wp:term><wp:term_taxonomy>%s</wp:term_taxonomy><wp:term_slug>s</wp:term_slug></wp:term>"
    )
    text = TOP + term % "post_tag" + term % "series" + term % "category" + END
    assert [event.kind for event in events(file, text) if isinstance(event, Term)] == [
        "post_tag", "series", "category",
    ]  # fmt: skip


def test_serialised_meta_stays_a_string(shared_data: Path) -> None:
    path = shared_data / "imports" / "test-serialized-comment-meta.xml"
    *_, batch = wxr.read(path)
    assert isinstance(batch, CommentBatch)
    assert batch.comments[0].meta == [
        ("string", r"¯\_(ツ)_/¯"),
        ("array", r'a:1:{s:3:"key";s:13:"¯\_(ツ)_/¯";}'),
    ]


# ---- Streaming ----------------------------------------------------------------------------------


def with_comments(number: int, *, after: str = "") -> str:
    comments = "".join(
        f"<wp:comment><wp:comment_id>{id_}</wp:comment_id></wp:comment>" for id_ in range(number)
    )
    return f"{TOP}<item>{comments}{after}</item>{END}"


def shape(events: list[wxr.Event]) -> list[int | str]:
    return [
        len(event.comments) if isinstance(event, CommentBatch) else type(event).__name__
        for event in events
    ]


@pytest.mark.parametrize(
    ("number", "batches"),
    [(0, []), (1, [1]), (500, [500]), (501, [500, 1]), (1000, [500, 500]), (1201, [500, 500, 201])],
)
def test_the_item_comes_first_and_then_batches_of_500(
    file: Path, number: int, batches: list[int]
) -> None:
    found = events(file, with_comments(number))
    assert shape(found) == ["Header", "Item", *batches]
    comments = [c for batch in found if isinstance(batch, CommentBatch) for c in batch.comments]
    assert [comment.id for comment in comments] == [str(id_) for id_ in range(number)]


def test_a_field_after_the_comments_counts(file: Path) -> None:
    _, item, batch = events(file, with_comments(500, after="<title>Late</title>"))
    assert isinstance(item, Item)
    assert item.title == "Late"
    assert isinstance(batch, CommentBatch)
    assert batch.item is item


def test_long_comments_are_yielded_before_there_are_500(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr_elements, "MAX_BATCH_TEXT", 1000)
    text = with_comments(9).replace("</wp:comment>", "<wp:comment_content>%s</wp:comment_content>")
    found = events(file, (text % ((400 * "a",) * 9)).replace("content><", "content></wp:comment><"))
    assert shape(found) == ["Header", "Item", 3, 3, 3]


def test_the_beginning_is_yielded_before_the_end_is_read(file: Path) -> None:
    written(file, TOP + POST * 4_000)  # cut off
    read = wxr.read(file)
    assert [type(next(read)) for _ in range(4)] == [Header, Item, CommentBatch, Item]
    with pytest.raises(NotReadable):
        list(read)


@pytest.mark.parametrize("size", [1, 2, 3, 17, 100])
def test_the_chunks_make_no_difference(
    file: Path, size: int, monkeypatch: pytest.MonkeyPatch, shared_data: Path
) -> None:
    broken = (shared_data / "imports" / "crazy-cdata.xml").read_bytes()
    whole = events(file, broken)
    monkeypatch.setattr(wxr_decoding, "HEAD", 100)
    monkeypatch.setattr(wxr, "CHUNK", size)
    assert events(file, broken) == whole


def test_the_bytes_read_are_told_as_it_goes(file: Path) -> None:
    written(file, TOP + POST * 4_000 + END)
    told: list[int] = []
    summary = wxr.check(file, told.append)
    assert sum(told) == summary.size == file.stat().st_size
    assert len(told) > 3


def test_a_gzip_file_reads_like_the_file_in_it(file: Path) -> None:
    plain = events(file, TOP + POST * 100 + END)
    assert events(file, gzip.compress((TOP + POST * 100 + END).encode())) == plain


# ---- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("", None, "empty", id="an empty file"),
        pytest.param(" \n\n\t", None, "empty", id="only spaces"),
        pytest.param('{"posts": []}', 1, "not XML", id="JSON"),
        pytest.param(b"\x89PNG\r\n", 1, "not XML", id="a picture"),
        pytest.param(b"PK\x03\x04", None, "Unpack", id="a zip archive"),
        pytest.param("<html><head></head></html>", 1, "a web page", id="HTML"),
        pytest.param("\n<disqus xmlns='urn:d'/>", 2, "<disqus>", id="another root"),
        pytest.param("<rss><item/></rss>", 1, "<channel>", id="no channel"),
        pytest.param("<rss></rss>", 1, "no wp:wxr_version", id="nothing in it"),
        pytest.param("<rss><channel>\n<item/></channel></rss>", 2, "RSS feed", id="an RSS feed"),
        pytest.param("<rss><channel></channel></rss>", 1, "no wp:wxr_version", id="no version"),
        pytest.param(TOP.replace(">1.2<", ">abc<") + END, 9, "'abc'", id="no number"),
        pytest.param(TOP.replace(">1.2<", "><") + END, 9, "no number", id="an empty version"),
        pytest.param(TOP.replace(">1.2<", ">1.3<") + END, 9, "known are 1.0 to 1.2", id="1.3"),
        pytest.param(TOP.replace(">1.2<", ">2.0<") + END, 9, "known are 1.0 to 1.2", id="2.0"),
        pytest.param(TOP.replace(">1.2<", ">1.10<") + END, 9, "known are 1.0 to 1.2", id="1.10"),
        pytest.param(TOP.replace(">1.2<", ">0.9<") + END, 9, "known are 1.0 to 1.2", id="0.9"),
        pytest.param(TOP + POST, 16, "time limit", id="cut off"),
        pytest.param(TOP + "<item><title>a</item>" + END, 10, "not closed", id="mismatched tags"),
        pytest.param(TOP + "<item>\n<x:y/></item>" + END, 11, "prefix", id="undeclared prefix"),
        pytest.param(TOP + "<item><title>a & b</title>", 10, "&amp;", id="a bare ampersand"),
        pytest.param(TOP + "<item><title>&nbsp;</title>", 10, "&nbsp;", id="an HTML entity"),
        pytest.param(TOP + END + TOP + END, 12, "a file of its own", id="two in one"),
        pytest.param(TOP.encode() + b"\n\xe9t\xe9", 11, "not UTF-8", id="Latin-1 bytes"),
        pytest.param(TOP.encode() + b"\xed\xa0\x80", 10, "not UTF-8", id="half a surrogate pair"),
        pytest.param((TOP + END).encode("utf-16"), None, "not in UTF-8", id="UTF-16"),
        pytest.param((TOP + END).encode("utf-16-be"), None, "not in UTF-8", id="UTF-16, no BOM"),
        pytest.param((TOP + END).encode("utf-32"), None, "not in UTF-8", id="UTF-32"),
        pytest.param(TOP.replace("UTF-8", "GB2312") + END, 1, "in gb2312", id="says GB2312"),
        pytest.param(TOP.replace("UTF-8", "no such") + END, 1, "in no such", id="says nonsense"),
        pytest.param(TOP.replace("UTF-8", "UTF-16") + END, 1, "in utf-16", id="says UTF-16"),
        pytest.param(b"\x1f\x8b\x08garbage", None, "gzip", id="a damaged gzip file"),
        pytest.param(gzip.compress(TOP.encode())[:-30], None, "gzip", id="half a gzip file"),
    ],
)
def test_what_is_no_whole_export_is_refused_with_its_line(
    file: Path, text: str | bytes, line: int | None, words: str
) -> None:
    refused = refusal(file, text)
    assert words in refused.reason
    assert refused.line == line
    place = f"{file}, line {line}: " if line else f"{file}: "
    assert str(refused) == place + refused.reason


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 9))


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss>",
        f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}]>",
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE rss [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/x'> %x;]>",
        "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'>",
    ],
)
def test_a_document_type_is_refused_whatever_it_says(file: Path, doctype: str) -> None:
    refused = refusal(file, TOP.replace("<rss", doctype + "\n<rss") + END)
    assert "can be used to attack" in refused.reason
    assert refused.line == 2


def test_every_place_to_cut_an_export_off_is_refused(file: Path) -> None:
    whole = (TOP + POST.replace("Hello", "é \U0001f680") + END).encode().rstrip()
    wxr.check(written(file, whole))
    for length in range(len(whole)):
        with pytest.raises(NotReadable):
            wxr.check(written(file, whole[:length]))


def test_a_text_longer_than_memory_should_hold_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr_elements, "MAX_TEXT", 300_000)
    text = TOP + "<item><title>" + "a" * 900_000 + "</title></item>" + END
    assert "longer than 300,000 characters" in refusal(file, text).reason


def test_a_long_text_that_nobody_asked_for_is_passed_over(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr_elements, "MAX_TEXT", 300_000)
    text = TOP + "<item><other>" + "a" * 900_000 + "</other></item>" + END
    assert shape(events(file, text)) == ["Header", "Item"]


def test_more_meta_than_memory_should_hold_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr_elements, "MAX_LISTED_TEXT", 100_000)
    meta = "<wp:postmeta><wp:meta_key>a</wp:meta_key></wp:postmeta>" * 1000
    assert "of meta" in refusal(file, f"{TOP}<item>{meta}</item>{END}").reason


def test_meta_are_counted_by_item_and_by_comment_not_by_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr_elements, "MAX_LISTED_TEXT", 1000)
    meta = "<wp:postmeta><wp:meta_key>a</wp:meta_key></wp:postmeta>"
    comment = f"<wp:comment>{meta.replace('post', 'comment')}</wp:comment>"
    wxr.check(written(file, TOP + f"<item>{meta}{comment * 20}</item>" * 20 + END))


def test_elements_without_end_are_refused(file: Path) -> None:
    assert "nested" in refusal(file, TOP + "<a>" * 100_000).reason


@pytest.mark.parametrize("start", ["<item x='", "<!-- ", "<?x "])
def test_a_tag_or_comment_without_an_end_is_refused(file: Path, start: str) -> None:
    assert "has no end" in refusal(file, TOP + start + "a" * 1_000_000).reason


def test_a_missing_file_is_for_the_caller_to_report(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wxr.check(tmp_path / "nowhere.xml")


# ---- What is mended -----------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "\n", "\n\n  ", "\ufeff", "\ufeff\r\n"])
@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "utf8", "US-ASCII"])
def test_a_declaration_after_empty_lines_or_with_another_spelling_is_read(
    file: Path, before: str, encoding: str
) -> None:
    text = before + TOP.replace("UTF-8", encoding) + "<item><title>é</title></item>" + END
    assert events(file, text)[1] == Item(10 + before.count("\n"), "é")


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "iso8859-1", "windows-1252", "Latin1"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_export_in_latin_1_or_windows_1252_is_read_with_a_word(
    file: Path, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    text = TOP.replace("UTF-8", encoding) + "<item>\n<title>“é” – €</title></item>" + END
    written(file, pack(text.encode("cp1252")))
    assert list(wxr.read(file))[1:] == [Item(10, "“é” – €")]
    assert oddities(file) == [(1, f"in {encoding.lower()}")]


@pytest.mark.parametrize("title", ["“é” – €", "plain"])
def test_bytes_in_utf_8_are_believed_before_a_declaration_of_latin_1(
    file: Path, title: str
) -> None:
    text = TOP.replace("UTF-8", "ISO-8859-1") + "<!--" + "x" * wxr.CHUNK + "-->"
    assert events(file, f"{text}<item><title>{title}</title></item>{END}")[1:] == [Item(10, title)]
    assert oddities(file) == []


def test_every_byte_of_windows_1252_means_something(file: Path) -> None:
    text = TOP.replace("UTF-8", "cp1252").encode() + b"<item><title>"
    [_, item] = events(file, text + bytes(range(0x80, 0x100)) + b"</title></item>" + END.encode())
    assert isinstance(item, Item)
    assert len(item.title) == 128


@pytest.mark.parametrize(
    "before",
    ["\ufeff\ufeff", "\n\ufeff", "\ufeff\n\n", "\x00\ufeff \ufeff"],
)
def test_marks_and_blanks_before_an_export_are_nothing(file: Path, before: str) -> None:
    assert events(file, before + TOP + POST + END)[1] == the_post(before)
    assert oddities(file) == []


@pytest.mark.parametrize(
    "before",
    [
        "<br />\n<b>Warning</b>:  Cannot modify header in <b>x.php</b> on line <b>3</b><br />\n",
        "\nDeprecated: foo in x on line 3\n",
        "\ufeff<!-- cached -->\n",
    ],
)
@pytest.mark.parametrize("top", [TOP, TOP.replace('<?xml version="1.0" encoding="UTF-8" ?>', "")])
def test_what_php_printed_before_an_export_is_passed_over(
    file: Path, before: str, top: str
) -> None:
    assert events(file, before + top + POST + END)[1] == the_post(before)
    assert oddities(file) == [(1 + before.startswith("\n"), "something stands before")]


def the_post(before: str) -> Item:
    item = Item(10 + before.count("\n"), "Hello", content="<p>Hello &amp; welcome</p>")
    return replace(item, post_id="")


@pytest.mark.parametrize(
    "after",
    ["<br />\n<b>Notice</b>: x", "Fatal error", "<br", "<!-- never", "\n\xe9 & <", "]]>"],
)
def test_what_php_printed_behind_an_export_is_passed_over(file: Path, after: str) -> None:
    whole = TOP + POST + END
    plain = events(file, whole)
    assert events(file, whole.encode() + after.encode("latin-1")) == plain
    assert oddities(file) == [(18 + after.startswith("\n"), "what follows </rss>")]


@pytest.mark.parametrize("after", ["\n\n", "<!-- cached -->\n", "\x00\x00"])
def test_a_comment_behind_an_export_is_nothing(file: Path, after: str) -> None:
    assert events(file, TOP + POST + END + after) == events(file, TOP + POST + END)
    assert oddities(file) == []


def oddities(file: Path) -> list[tuple[int, str]]:
    """Return what is told of the file, the beginning of each."""
    told = [(each.line, each.what) for each in wxr.check(file).oddities]
    starts = ("something stands before", "what follows </rss>", "the file is ")
    return [
        (line, next(what.removeprefix(s).split(",")[0] if s == starts[2] else s
                    for s in starts if what.startswith(s)))
        for line, what in told
    ]  # fmt: skip


def test_the_lines_stay_true_behind_what_was_mended(file: Path) -> None:
    text = TOP + "<item><title>a\x00\nb&#8;</title><content:encoded><![CDATA[a]]>\nb\x01]]>"
    text += "</content:encoded></item>\n<item><title>c</title></item>" + END
    assert events(file, text)[1:] == [Item(10, "a\nb", content="a]]>\nb"), Item(13, "c")]
    repairs = wxr.check(file).repairs
    assert (repairs.control_characters, repairs.first_line) == (3, 10)
    assert (repairs.cdata, repairs.cdata_line) == (1, 11)


def test_broken_cdata_comes_out_as_it_was_meant(shared_data: Path) -> None:
    _, item = wxr.read(shared_data / "imports" / "crazy-cdata.xml")
    assert isinstance(item, Item)
    assert item.content == "Content with nested <![CDATA[ tags ]]> :)"
    assert [value for _, value in item.meta] == [
        "Foo",
        "]]>",
        "This has <![CDATA[ opening and ]]> closing <![CDATA[ tags like this: ]]>",
    ]


# ---- Real files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("small-export", ("1.1", {"post": 6, "page": 5}, 1, 3, 33)),
        ("valid-wxr-1.0", ("1.0", {"post": 3, "page": 3}, 1, 0, 9)),
        ("valid-wxr-1.1", ("1.1", {"post": 1, "page": 1}, 1, 1, 3)),
        ("wxr-utf-8-challenges", ("1.2", {"post": 1}, 0, 1, 0)),
        ("crazy-cdata", ("1.1", {"post": 1}, 0, 0, 0)),
        ("test-serialized-comment-meta", ("1.0", {"post": 1}, 1, 0, 0)),
    ],
)
def test_a_real_export_is_read_to_its_end(
    shared_data: Path, name: str, summary: tuple[str, dict[str, int], int, int, int]
) -> None:
    found = wxr.check(shared_data / "imports" / f"{name}.xml")
    assert (
        found.header.version,
        dict(found.counts),
        found.comments,
        found.authors,
        found.terms,
    ) == summary


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("malformed.xml", 27, "<channel>"),
        ("malformed-simple.xml", 14, "cut off"),
        ("missing-version-tag.xml", 35, "no wp:wxr_version"),
        ("disqus.xml", 7, "<disqus>"),
        ("isso-generic.json", 1, "not XML"),
    ],
)
def test_a_file_that_is_no_export_is_refused(
    shared_data: Path, name: str, line: int, words: str
) -> None:
    with pytest.raises(NotReadable) as refused:
        wxr.check(shared_data / "imports" / name)
    assert refused.value.line == line
    assert words in refused.value.reason


WP = "{https://wordpress.org/export/1.2/}"


@pytest.fixture(scope="module")
def theme_data(shared_data: Path) -> Path:
    return shared_data / "imports" / "theme-unit-test-2021.xml"


@pytest.fixture(scope="module")
def theme_tree(theme_data: Path) -> Element:
    """Return the same file, read by another parser in the plainest way."""
    channel = parse(theme_data).getroot().find("channel")
    assert channel is not None
    return channel


def test_the_theme_data_has_what_another_parser_counts_in_it(
    theme_data: Path, theme_tree: Element
) -> None:
    types = Counter(item.findtext(WP + "post_type") for item in theme_tree.iter("item"))
    summary = wxr.check(theme_data)
    assert summary == Summary(
        header=Header(
            version="1.2",
            title=theme_tree.findtext("title") or "",
            link=theme_tree.findtext("link") or "",
            base_site_url=theme_tree.findtext(WP + "base_site_url") or "",
            base_blog_url=theme_tree.findtext(WP + "base_blog_url") or "",
            published=theme_tree.findtext("pubDate") or "",
        ),
        counts=types,
        comments=len(list(theme_tree.iter(WP + "comment"))),
        authors=len(theme_tree.findall(WP + "author")),
        terms=sum(len(theme_tree.findall(WP + name)) for name in ("category", "tag", "term")),
        repairs=wxr.Repairs(),
        size=theme_data.stat().st_size,
        logins={
            (each.text or "").strip()
            for name in (WP + "author_login", "{http://purl.org/dc/elements/1.1/}creator")
            for each in theme_tree.iter(name)
        },
    )
    assert (types["post"], summary.comments) == (51, 32)


def depth(parents: dict[str, str], id_: str) -> int:
    """Return how many comments stand above this one."""
    return 1 + depth(parents, parents[id_]) if parents[id_] != "0" else 0


def test_the_theme_data_nests_as_deep_as_another_parser_finds(
    theme_data: Path, theme_tree: Element
) -> None:
    expected = {
        comment.findtext(WP + "comment_id") or "": comment.findtext(WP + "comment_parent") or ""
        for comment in theme_tree.iter(WP + "comment")
    }
    parents = {
        comment.id: comment.parent
        for event in wxr.read(theme_data)
        if isinstance(event, CommentBatch)
        for comment in event.comments
    }
    assert parents == expected
    assert max(depth(parents, id_) for id_ in parents) == 9


def test_every_text_of_the_theme_data_is_what_another_parser_reads(
    theme_data: Path, theme_tree: Element
) -> None:
    content, excerpt = (
        "{http://purl.org/rss/1.0/modules/content/}encoded",
        "{https://wordpress.org/export/1.2/excerpt/}encoded",
    )
    expected = [
        (
            item.findtext("title"),
            item.findtext(content),
            item.findtext(excerpt),
            item.findtext(WP + "post_password"),
            [
                (meta.findtext(WP + "meta_key"), (meta.findtext(WP + "meta_value") or "").strip())
                for meta in item.findall(WP + "postmeta")
            ],
            [
                (term.get("domain"), term.get("nicename"), term.text)
                for term in item.findall("category")
            ],
        )
        for item in theme_tree.iter("item")
    ]
    found = [
        (item.title, item.content, item.excerpt, item.password, item.meta, item.terms)
        for item in items(wxr.read(theme_data))
    ]
    assert found == expected


def items(read: Iterator[wxr.Event]) -> Iterator[Item]:
    return (event for event in read if isinstance(event, Item))


# ---- Dates --------------------------------------------------------------------------------------

NOON = datetime(2024, 6, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("2024-06-05 12:00:00", "2024-06-05 14:00:00"), NOON),
        ((" 2024-06-05 12:00:00\n",), NOON),
        (("2024-06-05 12:00",), NOON),
        (("0000-00-00 00:00:00", "2024-06-05 12:00:00"), NOON),
        (("", "0000-00-00 00:00:00", "Wed, 05 Jun 2024 14:00:00 +0200"), NOON),
        (("nonsense", "2024-02-30 00:00:00", "Wed, 05 Jun 2024 12:00:00"), NOON),
        (("-0001-11-30 00:00:00", "", "Mon, 30 Nov -0001 00:00:00 +0000"), None),
        (("2024-06-05T12:00:00Z",), NOON),
        (("2024-06-05T14:00:00+02:00",), NOON),
        (("2024-06-05 10:30:00 -0130",), NOON),
        (("2024-06-05 12:00:00.000",), NOON),
        (("2024-6-5 9:05:00",), NOON.replace(hour=9, minute=5)),
        (("2024-06-05",), NOON.replace(hour=0)),
        (("20240605", "yesterday", "tomorrow"), None),
        (("2024-06-05 12:00:00+99:00", "2024-06-05 25:00:00"), None),
        (("0001-01-01 00:00:00", "9999-12-31 23:59:59"), None),
        (("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"), None),
        (("1969-12-31 23:59:59", "2201-01-01 00:00:00"), None),
        (("1969-12-31 23:59:59", "1970-01-01 00:00:00"), datetime(1970, 1, 1, tzinfo=UTC)),
        (("", "", "Thu, 01 Jan 1850 00:00:00 +0000"), None),
        (("", "", "Mon, 32 Jan 2024 00:00:00 +0000"), None),
        (("", "", "Mon, 01 Jan 0001 00:00:00 +1200"), None),
        (("٢٠٢٤-٠٦-٠٥ ١٢:٠٠:٠٠",), None),
        (("",), None),
    ],
)
def test_the_first_real_date_is_the_instant(
    texts: tuple[str, ...], expected: datetime | None
) -> None:
    found = instant(*texts)
    assert found == expected
    assert found is None or found.utcoffset() == timezone(timedelta(0)).utcoffset(None)
