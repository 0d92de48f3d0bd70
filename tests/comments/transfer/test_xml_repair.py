"""The byte filter in front of the parser: what it mends, and that it touches nothing else."""

from xml.etree.ElementTree import ParseError

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.transfer.formats import xml_repair as repair
from comments.transfer.formats.xml_repair import MarkupTooLong, Repair, Repairs

QUICK = settings(deadline=None, max_examples=80)
SIZES = st.integers(1, 50)
# What a text is made of that could be taken for markup, in pieces that are likely to meet.
MARKS = ["]", "]]", "]]>", ">", "<", "</", "<x>", "</x>", "<![CDATA[", "<!--", "-->", "<?", "?>"]
OTHERS = ["&", "&#8;", "&amp;", "a", " ", "\n", "é", "\U0001f680", "/>", "</script>"]
PIECES = st.sampled_from([*MARKS, *OTHERS])
TEXTS = st.lists(PIECES, max_size=20).map("".join)


def repaired(data: bytes, size: int = 50) -> tuple[bytes, Repairs]:
    """Return `data` after it passed the filter in chunks of `size`, and what was mended."""
    filter_ = Repair()
    out = [filter_.feed(data[start : start + size]) for start in range(0, len(data), size)]
    return b"".join([*out, filter_.close()]), filter_.repairs


def as_wordpress_writes(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


# ---- What is well-formed ------------------------------------------------------------------------

PLAIN = st.lists(st.sampled_from(["a", "]", ">", "/>", "\n", "é", "&amp;", "&#9;", "&#x1F680;"]))
PLAIN_TEXT = PLAIN.map("".join).filter(lambda text: "]]>" not in text)
CDATA = TEXTS.map(as_wordpress_writes)
MIXED = st.lists(
    st.one_of(
        PLAIN_TEXT.map(lambda text: f"<b at='{text}>'>{text}</b>"),
        CDATA.map(lambda text: f"<wp:c xmlns:wp='w'>{text}</wp:c>"),
        CDATA.map(lambda text: f"<c>{text}<!-- ]]> --> </c\n>"),
        CDATA.map(lambda text: f"<c><!-- <![CDATA[ --><?p <![CDATA[ ?>{text} and more</c>"),
        CDATA.map(lambda text: f"<c><d/>{text}</c>"),
        CDATA.map(lambda text: f"<c>\n{text}<d/>\n</c>"),
        st.just("<!-- a ]]> & <b> &#8; -->"),
        st.just("<?php &#8; <![CDATA[ ?>"),
    ),
    max_size=8,
).map(lambda parts: f"<r>{''.join(parts)}</r>")


@QUICK
@given(MIXED, SIZES)
def test_a_well_formed_file_passes_byte_for_byte(document: str, size: int) -> None:
    fromstring(document)
    assert repaired(document.encode(), size) == (document.encode(), Repairs())


@QUICK
@given(TEXTS, SIZES)
def test_a_text_as_wordpress_escapes_it_comes_out_the_same(text: str, size: int) -> None:
    document = f"<r><x>{as_wordpress_writes(text)}</x></r>"
    result, repairs = repaired(document.encode(), size)
    assert fromstring(result).findtext("x") == text
    assert repairs == Repairs()


# ---- Broken CDATA -------------------------------------------------------------------------------

WITHOUT_AN_END = TEXTS.filter(lambda text: "]]>" not in text and "</x" not in text)
# What may follow an unescaped `]]>` so that it still is plainly a text.
TELLING = st.sampled_from(["a", " :)", "]]>x", "</script>", "\n</p>", " < 3", "<3", " <![CDATA[ b"])


@QUICK
@given(st.lists(st.tuples(WITHOUT_AN_END, TELLING), max_size=6), SIZES)
def test_a_closing_mark_that_is_not_followed_by_the_elements_end_is_text(
    parts: list[tuple[str, str]], size: int
) -> None:
    text = "".join(f"{before}]]>x{after}" for before, after in parts)
    document = f"<r><x at='1'><![CDATA[{text}]]>\n</x></r>"
    result, repairs = repaired(document.encode(), size)
    assert (fromstring(result).findtext("x") or "").removesuffix("\n") == text
    assert repairs.cdata == text.count("]]>")


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "Content with nested <![CDATA[ tags ]]> :)",
        "]]>",
        "This has <![CDATA[ opening and ]]> closing <![CDATA[ tags like this: ]]>",
        "<script>//<![CDATA[\nif (a[b[0]]>1) {}\n//]]>\n</script>",
        "<script>/* <![CDATA[ */ x /* ]]> */</script>",
        "a[b[0]]>1",
        "]]></xy>",
        "]]></",
    ],
)
def test_what_people_write_about_cdata_is_kept(text: str, size: int) -> None:
    document = f"<r><y/>\n<x><![CDATA[{text}]]></x><z><![CDATA[next]]></z></r>"
    result, repairs = repaired(document.encode(), size)
    assert [element.text for element in fromstring(result)] == [None, text, "next"]
    assert repairs.cdata_line == 2 + text.split("]]>")[0].count("\n")


def test_without_a_certain_element_any_end_tag_ends_a_section() -> None:
    document = b"<r><x><y/><![CDATA[a ]]> b]]></x></r>"
    assert repaired(document)[0] == b"<r><x><y/><![CDATA[a ]]]]><![CDATA[> b]]></x></r>"


def test_a_text_without_an_end_is_not_held_in_memory() -> None:
    filter_ = Repair()
    passed = filter_.feed(b"<x><![CDATA[a]]>" + b" " * 3 * repair.MAX_LOOKAHEAD)
    assert len(passed) > 2 * repair.MAX_LOOKAHEAD


# ---- Characters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (b"a\x00b\x08c\x0bd\x0ce\x0ef\x1fg", b"abcdefg"),
        (b"a\xef\xbf\xbeb\xef\xbf\xbfc\xef\xbf\xbdd", b"abc\xef\xbf\xbdd"),
        (b"a&#8;b&#x0;c&#x1F;d&#xFFFF;e&#xd800;f&#x110000;g&#0000000008;", b"abcdefg"),
        (b"<![CDATA[a\x01b&#8;]]\x02>", b"<![CDATA[ab&#8;]]>"),
        (b"<y at='&#11;a\x0b'/>", b"<y at='a'/>"),
        (b"\t\r\n &#9;&#10;&#13;&#32;&#x20;&nbsp", b"\t\r\n &#9;&#10;&#13;&#32;&#x20;&nbsp"),
        ("\x85\u200b\ufeff\U0010fffe".encode(), "\x85\u200b\ufeff\U0010fffe".encode()),
    ],
)
def test_a_character_that_xml_forbids_is_left_out(text: bytes, kept: bytes, size: int) -> None:
    assert repaired(b"<x>" + text + b"</x>", size)[0] == b"<x>" + kept + b"</x>"


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_the_characters_left_out_are_counted_with_the_first_line(size: int) -> None:
    _, repairs = repaired(b"<x>\n\n<y>&#8;\n\x00\x00</y>\x01</x>", size)
    assert (repairs.control_characters, repairs.first_line) == (4, 3)


@QUICK
@given(st.binary(max_size=200), SIZES)
def test_no_line_is_added_or_lost(data: bytes, size: int) -> None:
    document = b"<r><x><![CDATA[" + data
    assert repaired(document, size)[0].count(b"\n") == document.count(b"\n")


@QUICK
@given(TEXTS, SIZES)
def test_the_chunks_make_no_difference(text: str, size: int) -> None:
    document = f"<r><x><![CDATA[{text}</x>{text}]]></x>{text}</r>".encode()
    assert repaired(document, size) == repaired(document, 10_000)


@QUICK
@given(TEXTS, SIZES)
def test_what_has_been_mended_needs_no_mending(text: str, size: int) -> None:
    result, _ = repaired(f"<r><x><![CDATA[{text}]]></x></r>".encode(), size)
    try:
        fromstring(result)
    except ParseError:
        return
    assert repaired(result, size) == (result, Repairs())


@pytest.mark.parametrize("start", [b"<x ", b"<!-- ", b"<?x "])
def test_a_tag_or_comment_without_an_end_is_refused_before_it_fills_memory(start: bytes) -> None:
    filter_ = Repair()
    filter_.feed(start)

    def feed_on() -> None:
        for _ in range(12):
            filter_.feed(b"a" * 32 * 1024)

    with pytest.raises(MarkupTooLong):
        feed_on()
