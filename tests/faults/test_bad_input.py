"""What no reader's browser sends: a clear 4xx, quickly, nothing stored, and the site goes on.

Spoken to the served site, since half of what is sent here is stopped before any view.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.faults.judging import WHO, Room, broken_in, judge, says_something
from tests.faults.visitor import parse, rows_in, text_of

URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=B"}
WORDS = "My first paragraph should read “hedge”, not “hedgehog”.\nSorry – 😀"
HUGE_NUMBER = "9" * 40
BIDI = ["\u202d", "\u202e"]
ISOLATES = ["\u202a", "\u202b", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069"]


def box_of(html: str) -> str:
    """Return what stands in the comment box of a page."""
    boxes = [box for box in parse(html).iter("textarea") if box.get("name") == "body"]
    assert len(boxes) == 1, html[:2000]
    return text_of(boxes[0])


# --- a comment that is none -----------------------------------------------------------------------


@dataclass(frozen=True)
class Bad:
    """A way to post a comment that must be refused.

    Shape: `fields` over a good comment's; or a whole `content` with its headers.
    """

    what: str
    statuses: set[int]
    fields: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    keeps_words: bool = False

    def ask(self, room: Room) -> Callable[[], httpx.Response]:
        content = self.content
        if content is None:
            fields = {**WHO, "body": WORDS, **self.fields}
            content = urlencode(fields, doseq=True, errors="surrogatepass").encode("ascii")
        headers = {**URLENCODED, **self.headers}
        return lambda: room.guest.http.request(
            self.method, room.door, content=content, headers=headers
        )


def multipart(**fields: bytes) -> bytes:
    parts = [
        b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    ]
    return b"".join(parts) + b"--B--\r\n"


def with_charset(name: str, body: bytes = b"plain words") -> Bad:
    headers = {"Content-Type": f"multipart/form-data; boundary=B; charset={name}"}
    content = multipart(name=b"Gus", email=b"gus@example.org", body=body)
    return Bad(f"multipart that claims the charset {name}", {400, 415}, {}, content, headers)


MANY_PARTS = multipart(**{f"f{number}": b"" for number in range(3_000)})
LONG_LINE = b"name=Gus&email=gus%40example.org&body="

BAD_COMMENTS = [
    # too much
    Bad("a comment of 10 MB", {413}, {"body": "x" * 10_000_000}),
    Bad("10 MB of multipart", {413}, {}, multipart(body=b"x" * 10_000_000), BOUNDARY),
    Bad("a comment just below the most that is read", {422}, {"body": "x" * 390_000}),
    Bad("a comment of one character too many", {422}, {"body": "x" * 20_001}, keeps_words=True),
    Bad("a name of 300 kB", {422}, {"name": "n" * 300_000}),
    Bad("an e-mail address of 300 kB", {422}, {"email": "n" * 300_000 + "@example.org"}),
    Bad("an address of many dots", {422}, {"email": "a@" + "a." * 100_000}),
    Bad("a website of 300 kB", {422}, {"website": "https://example.org/" + "w" * 300_000}),
    Bad("a website of many labels", {422}, {"website": "https://" + "a." * 30_000}),
    Bad("a key of 300 kB", {422}, {"token": "t" * 300_000}),
    Bad("3,000 fields", {400}, {f"field{n}": "1" for n in range(3_000)}),
    Bad("500 fields", {422}, {f"field{n}": "1" for n in range(500)}, keeps_words=True),
    Bad("50,000 empty fields", {400}, {}, b"&" * 50_000 + b"a=" * 50_000),
    Bad("60,000 fields of one name", {400}, {}, b"body=x&" * 50_000),
    Bad("3,000 parts of multipart", {400}, {}, MANY_PARTS, BOUNDARY),
    # what makes a parser slow
    Bad("10,000 nested tags", {422}, {"body": "<b>" * 6_000}, keeps_words=True),
    Bad("10,000 nested tags, closed", {422}, {"body": "<i>" * 10_000 + "</i>" * 10_000}),
    Bad("16,000 parentheses", {422}, {"body": "(" * 16_000}, keeps_words=True),
    Bad("16,000 square brackets", {422}, {"body": "[" * 16_000}, keeps_words=True),
    Bad("16,000 asterisks", {422}, {"body": "*" * 16_000}, keeps_words=True),
    Bad("16,000 backticks", {422}, {"body": "`" * 16_000}, keeps_words=True),
    Bad("quotes 5,000 deep", {422}, {"body": "> " * 5_000 + "deep"}, keeps_words=True),
    # characters that are none
    Bad("a NUL in the text", {422}, {"body": "a\0b"}),
    Bad("a NUL in the name", {422}, {"name": "Gus\0"}, keeps_words=True),
    Bad("a NUL in the e-mail address", {422}, {"email": "gus\0@example.org"}, keeps_words=True),
    Bad("a NUL in the website", {422}, {"website": "https://example.org/\0"}, keeps_words=True),
    Bad("a NUL in the number of the parent", {422}, {"parent": "1\0"}, keeps_words=True),
    Bad("a NUL in the hidden key", {422}, {"token": "a\0b"}, keeps_words=True),
    Bad("a NUL in the hidden field", {422}, {"subject": "a\0b"}, keeps_words=True),
    Bad("a NUL in the name of a field", {422}, {"bo\0dy": "x"}, keeps_words=True),
    Bad("a lone surrogate in the text", {400, 422}, {"body": "a\ud800b"}),
    Bad("a lone surrogate in the name", {400, 422}, {"name": "Gus\udfff"}),
    Bad("a lone surrogate in multipart", {400, 422}, {}, multipart(
        name=b"Gus", email=b"gus@example.org", body=b"a\xed\xa0\x80b"), BOUNDARY),
    Bad("text in another encoding", {400, 422}, {}, LONG_LINE + b"caf%E9"),
    Bad("text that is not encoded at all", {400, 422}, {}, LONG_LINE + b"caf\xe9"),
    Bad("the name of a field in another encoding", {400, 422}, {}, LONG_LINE + b"x&caf%E9=1"),
    *[
        Bad(f"a U+{ord(c):04X} in the text", {422}, {"body": f"a{c}b"}, keeps_words=True)
        for c in BIDI
    ],
    *[
        Bad(f"a U+{ord(c):04X} in the name", {422}, {"name": f"Gus{c}"}, keeps_words=True)
        for c in [*BIDI, *ISOLATES]
    ],
    # encodings that no form has
    *map(with_charset, ["hex", "idna", "undefined", "no-such-charset", "utf-16", "x" * 2000]),
    with_charset("utf-7", b"a +2AA- b"),
    with_charset("unicode_escape", b"a \\ud800 b"),
    Bad("a form that claims another charset", {400, 415}, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=hex"}),
    # fields that do not fit
    Bad("a field that is not known", {422}, {"is_approved": "1"}, keeps_words=True),
    Bad("an empty comment", {422}, {"body": " \r\n\t "}),
    Bad("no field at all", {422}, content=b""),
    Bad("a parent from another thread", {422}, {"parent": "3"}, keeps_words=True),
    Bad("a parent that is no number", {422}, {"parent": "one"}, keeps_words=True),
    Bad("a parent below all numbers", {422}, {"parent": "-1"}, keeps_words=True),
    Bad("a parent above all numbers", {422}, {"parent": HUGE_NUMBER}, keeps_words=True),
    Bad("a parent of 5,000 digits", {422}, {"parent": "9" * 5_000}, keeps_words=True),
    Bad("a parent beyond 32 bits", {422}, {"parent": str(2**31)}, keeps_words=True),
    Bad("a parent beyond 64 bits", {422}, {"parent": str(2**63)}, keeps_words=True),
    Bad("a website that is a script", {422}, {"website": "javascript:alert(1)"}, keeps_words=True),
    Bad("half an address as a website", {422}, {"website": "https://[::1"}, keeps_words=True),
    # requests that do not fit
    Bad("a GET where a POST belongs", {405}, method="GET", content=b""),
    Bad("a PUT where a POST belongs", {405}, method="PUT"),
    Bad("a DELETE where a POST belongs", {405}, method="DELETE"),
    Bad("a method that nobody knows", {405}, method="BREW"),
    Bad("an Origin of another site", {403}, headers={"Origin": "https://evil.example"}),
    Bad("an Origin of no site", {403}, headers={"Origin": "null"}),
    Bad("an Origin that is none", {403}, headers={"Origin": "http://[::"}),
    Bad("an Origin of another port", {403}, headers={"Origin": "http://localhost:1"}),
    Bad("a Referer of another site", {403}, headers={"Referer": "https://evil.example/x"}),
    Bad("a form from another site", {403}, headers={"Sec-Fetch-Site": "cross-site"}),
    Bad("a form from a neighbour site", {403}, headers={"Sec-Fetch-Site": "same-site"}),
    Bad("multipart that cannot be read", {400, 422}, {}, b"garbage", BOUNDARY),
    Bad("multipart that breaks off", {400, 422}, {}, multipart(body=b"x")[:-12], BOUNDARY),
    Bad("multipart without a boundary", {400}, {}, b"x", {"Content-Type": "multipart/form-data"}),
    Bad("multipart in base64 that is none", {400, 422}, {}, multipart(body=b"x").replace(
        b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"), BOUNDARY),
    Bad("a picture where words belong", {400, 422}, {}, multipart(body=b"x").replace(
        b'name="body"', b'name="body"; filename="a.png"'), BOUNDARY),
    Bad("JSON", {415, 422}, {}, json.dumps(WHO).encode(), {"Content-Type": "application/json"}),
    Bad("XML", {415, 422}, content=b"<body/>", headers={"Content-Type": "text/xml"}),
    Bad("no content type", {415, 422}, headers={"Content-Type": ""}),
    Bad("a Host that is not ours", {400}, headers={"Host": "evil.example"}),
    Bad("a Host that is none", {400}, headers={"Host": "a b"}),
    Bad("a header of 100 kB", {400, 431}, headers={"X-Long": "x" * 100_000}),
    Bad("500 headers", {400, 431}, headers={f"X-{n}": "x" for n in range(500)}),
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_COMMENTS, ids=lambda bad: bad.what)
def test_a_bad_comment_is_refused_clearly_and_quickly_and_nothing_is_stored(
    room: Room, bad: Bad
) -> None:
    page = judge(room, bad.ask(room), bad.statuses, bad.what)
    if bad.statuses & {413, 422}:
        assert says_something(page), page[:2000]
    if bad.keeps_words:
        typed = bad.fields.get("body", WORDS)
        assert box_of(page) == typed


def test_a_body_of_no_declared_length_is_refused(room: Room) -> None:
    def ask() -> httpx.Response:
        parts = (b"body=" + b"x" * 100_000 for _part in range(100))
        return room.guest.http.post(room.door, content=parts, headers=URLENCODED)

    judge(room, ask, {400, 411, 413, 422}, "10 MB in chunks")


def test_a_refusal_does_not_cut_off_who_is_still_sending(room: Room) -> None:
    # A connection that is reset loses the answer: the person would see no word of why.
    answers = [Bad("10 MB", {413}, {"body": "x" * 10_000_000}).ask(room)() for _turn in range(5)]
    assert {answer.status_code for answer in answers} == {413}
    assert all(says_something(answer.text) for answer in answers)


# --- and then -------------------------------------------------------------------------------------


def test_after_all_this_the_site_still_answers_and_nothing_broke_in_it(room: Room) -> None:
    assert room.guest.get("/").status_code == 200
    assert room.guest.get(room.post).status_code == 200
    before = rows_in(room.site)
    answer = room.guest.http.post(room.door, data={**WHO, "body": f"Good words {os.getpid()}"})
    assert answer.status_code == 303
    assert rows_in(room.site) == {
        **before,
        "comments_comment": before["comments_comment"] + 1,
        "comments_moderationlogentry": before["comments_moderationlogentry"] + 1,
    }
    assert not broken_in(room.site)
