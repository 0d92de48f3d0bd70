"""Addresses that lead nowhere, odd headers, and bad input behind the sign-in: never a 500."""

import zlib
from typing import Any

import httpx
import pytest

from tests.faults.judging import Room, broken_in, judge, says_something
from tests.faults.visitor import Visitor, form_with, parse, rows_in

HUGE_NUMBER = "9" * 40

# --- addresses that lead nowhere ------------------------------------------------------------------

ABSURD_ADDRESSES = [
    f"/?page={HUGE_NUMBER}", "/?page=0", "/?page=-1", "/?page=%00", "/?page=1e9", "/?page=٣",
    "/?page=" + "9" * 3_500,
    f"/comments/{HUGE_NUMBER}/reply/", f"/comments/1/{HUGE_NUMBER}/",
    f"/comments/1/{HUGE_NUMBER}/reply/", f"/comments/1/{HUGE_NUMBER}/edit/",
    f"/comments/1/{HUGE_NUMBER}/delete/", f"/comments/1/{2**31}/", f"/comments/{2**63}/reply/",
    f"/comments/1/{HUGE_NUMBER}/report/", f"/comments/{2**63}/1/report/thanks/",
    "/comments/1/99/", "/comments/1/0/", "/posts/no-such-post/", "/posts/%00/",
    "/posts/" + "a" * 3_500 + "/", "/tags/%ff/", "/authors/no-such-author/", "/%ff%fe/", "/%00",
    "/media/%00", "/media/../secret_key", "/media/..%2f..%2fsecret_key", "/media/" + "a" * 3_000,
    "/static/%00", "/static/..%2f..%2fmanage.py", "/sitemap.xml?p=9999999", "/sitemap.xml?p=x",
    "/sitemap-no.xml", "/accounts/confirm-email/%00/", "/accounts/password/reset/key/%00-%00/",
    "/posts/" + "a" * 9_000,
]  # fmt: skip


@pytest.mark.parametrize("address", ABSURD_ADDRESSES, ids=lambda address: address[:50])
def test_an_address_that_leads_nowhere_says_so(room: Room, address: str) -> None:
    judge(room, lambda: room.guest.get(address), {400, 403, 404, 405, 414}, address[:60])


HARMLESS_ADDRESSES = [
    "{post}?page=" + HUGE_NUMBER, "{post}?page=-1", "{post}?page=%00", "{post}?page=", "{post}?%ff",
    "/?" + "a=1&" * 900, "/accounts/login/?next=javascript:alert(1)", "/accounts/login/?next=%00",
    "/accounts/login/?next=//evil.example", "/accounts/password/reset/key/zzzzzz-set-password/",
]  # fmt: skip


@pytest.mark.parametrize("address", HARMLESS_ADDRESSES, ids=lambda address: address[:50])
def test_a_question_that_means_nothing_is_passed_over(room: Room, address: str) -> None:
    address = address.replace("{post}", room.post)
    judge(room, lambda: room.guest.get(address), {200, 400, 404}, address[:60])


ODD_HEADERS = [
    {"Cookie": "parley_guest=" + "b" * 7_000}, {"Cookie": "parley_guest=[1]:x:y"},
    {"Cookie": "sessionid=%00"}, {"Cookie": "sessionid=" + "s" * 7_000}, {"Cookie": ";;=;,"},
    {"Cookie": "csrftoken=" + "é"}, {"If-None-Match": '"' * 5_000},
    {"If-Modified-Since": "Fri, 99 Feb 99999999999 99:99:99 GMT"}, {"Range": "bytes=9-1"},
    {"Accept-Language": "a," * 2_000}, {"Accept-Encoding": "gzip;q=x," * 500},
    {"User-Agent": "\xff" * 4_000}, {"Referer": "http://[::"}, {"X-Forwarded-For": "x," * 1_000},
    {"X-Forwarded-Proto": "https"}, {"X-HTTP-Method-Override": "DELETE"}, {"HX-Request": "true"},
    {"Accept": ";" * 5_000}, {"HX-Current-URL": "%ff%00"}, {"HX-Target": "\xff"},
]  # fmt: skip


@pytest.mark.parametrize("headers", ODD_HEADERS, ids=lambda headers: "".join(headers.values())[:40])
def test_an_odd_header_changes_nothing(room: Room, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    ask = lambda: httpx.get(room.site.url + room.post, headers=sent, trust_env=False)  # noqa: E731
    judge(room, ask, {200, 400}, next(iter(headers)))


@pytest.mark.parametrize("charset", ["hex", "undefined", "idna", "utf-7", "utf-16", "no-such"])
def test_the_charset_of_a_question_has_no_say(room: Room, charset: str) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    ask = lambda: room.guest.http.get("/?page=1", headers=headers)  # noqa: E731
    judge(room, ask, {200, 400, 415}, f"GET, charset {charset}")


# --- behind the sign-in ---------------------------------------------------------------------------


def token_of(visitor: Visitor, address: str) -> str:
    pairs = form_with(visitor.get(address).text, "title").fields
    return dict(pairs)["csrfmiddlewaretoken"]


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it is so large, and has nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return len(data).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    header = chunk(b"IHDR", size + b"\x08\x02\x00\x00\x00")
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def as_cover(content: bytes) -> dict[str, Any]:
    return {"cover_file": ("cover.png", content, "image/png")}


BAD_POSTS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("a title of 300 kB", {"title": "t" * 300_000}, {}),
    ("a title with a NUL", {"title": "a\0b"}, {}),
    ("a text with a NUL", {"body": "a\0b"}, {}),
    ("a text of 300 kB", {"body": "x" * 300_000}, {}),
    ("10,000 nested tags", {"body": "<b>" * 10_000}, {}),
    ("16,000 parentheses", {"body": "(" * 16_000}, {}),
    ("2,000 tags", {"tags": ",".join(f"tag{n}" for n in range(2_000))}, {}),
    ("a tag of 700 letters", {"tags": "t" * 700}, {}),
    ("a bidi override in the title", {"title": "a\u202eb"}, {}),
    ("an address that is none", {"slug": "../../etc/passwd"}, {}),
    ("a field that is not known", {"status": "published"}, {}),
    ("a version above all numbers", {"version": HUGE_NUMBER, "slug": "no slug"}, {}),
    ("a picture that is none", {}, as_cover(b"MZ not a picture")),
    ("a picture of 3,600 million pixels", {}, as_cover(png_of(60_000, 60_000))),
    ("a picture that breaks off", {}, as_cover(png_of(100, 100)[:60])),
    ("a page that says it is a picture", {}, as_cover(b"<svg onload='alert(1)'/>")),
    ("a picture that nobody asked for", {}, {"other": ("a.png", png_of(1, 1), "image/png")}),
    ("a button that is not there", {"action": "erase"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "fields", "files"), BAD_POSTS, ids=lambda part: str(part)[:40])
def test_a_bad_post_is_refused_and_nothing_is_stored(
    room: Room, what: str, fields: dict[str, str], files: dict[str, Any]
) -> None:
    token = token_of(room.alice, "/write/new/")
    data = {"title": "A title", "body": "Some words.", "action": "save", "cover_alt": "A loaf"}
    data |= {"csrfmiddlewaretoken": token, **fields}
    headers = {"Origin": room.site.url}
    ask = lambda: room.alice.http.post(  # noqa: E731
        "/write/new/", data=data, files=files or None, headers=headers
    )
    page = judge(room, ask, {400, 413, 422}, what)
    assert says_something(page)


def test_a_post_from_another_site_or_without_the_token_is_refused(room: Room) -> None:
    token = token_of(room.alice, "/write/new/")
    data = {"title": "A title", "body": "Some words.", "action": "publish"}
    for sent, headers in [
        (data, {}),
        ({**data, "csrfmiddlewaretoken": "x" * 64}, {}),
        ({**data, "csrfmiddlewaretoken": token}, {"Origin": "https://evil.example"}),
    ]:
        ask = lambda: room.alice.http.post("/write/new/", data=sent, headers=headers)  # noqa: B023, E731
        judge(room, ask, {403}, "a forged post")


ADMIN_ADDRESSES = [
    f"?p={HUGE_NUMBER}", "?p=-1", "?p=x", "?o=99", "?o=x.-y", "?q=%00", "?q=" + "x%20" * 800,
    "?status=%00", "?status=no", "?thread=%00", f"?thread={HUGE_NUMBER}", "?thread=-1",
    "?created_at__gte=%00", "?created_at__gte=no", "?created_at__year=99999999", "?id__exact=%00",
    "?author__password__startswith=p", "?_changelist_filters=%00", "?all=", "?e=1",
    f"{HUGE_NUMBER}/change/", "0/change/", "-1/change/", "x/change/",
    "../moderationlogentry/?q=%00", "../moderationlogentry/?editor=%00",
    f"../moderationlogentry/?editor={HUGE_NUMBER}",
    "../moderationlogentry/?action=no", f"../moderationlogentry/{HUGE_NUMBER}/change/",
    "../moderationlogentry/%00/change/", "../thread/?q=%00", f"../thread/{HUGE_NUMBER}/change/",
    "../listentry/?q=%00", "../listentry/add/?pattern=%00", "../../no-such-app/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADMIN_ADDRESSES, ids=lambda address: address[:50])
def test_an_absurd_question_to_the_admin_never_breaks_it(room: Room, address: str) -> None:
    ask = lambda: room.mona.get(f"/admin/comments/comment/{address}")  # noqa: E731
    before = rows_in(room.site)
    answer = ask()
    assert answer.status_code in {200, 302, 301, 400, 403, 404}, answer.text[-3000:]
    assert rows_in(room.site) == before


def bulk(room: Room, *pairs: tuple[str, str]) -> httpx.Response:
    address = "/admin/comments/comment/?status=all"
    page = room.mona.get(address)
    token = dict(form_with(page.text, "reason").fields)["csrfmiddlewaretoken"]
    return room.mona.post(address, [("csrfmiddlewaretoken", token), *pairs])


def row(number: str, seen: str | None = None) -> list[tuple[str, str]]:
    """Return what a chosen row sends: its number, and what was seen of it."""
    chosen = [("_selected_action", number)]
    return chosen if seen is None else [*chosen, (f"seen-{number}", seen)]


BULK_ACTS = {
    "a row above all numbers": [("action", "approve"), *row(HUGE_NUMBER, "pending:1")],
    "a revision above all numbers": [("action", "approve"), *row("1", f"pending:{HUGE_NUMBER}")],
    "a revision of 5,000 digits": [("action", "approve"), *row("1", "pending:" + "9" * 5_000)],
    "a status that is none": [("action", "approve"), *row("1", "no:such")],
    "a row that was not seen": [("action", "approve"), *row("1")],
    "a row that is a NUL": [("action", "approve"), *row("\0", "\0")],
    "an act that is not ours": [("action", "delete_selected"), *row("1", "approved:1")],
    "a reason that is none": [("action", "reject"), ("reason", "x"), *row("1", "approved:1")],
    "an act that is a NUL": [("action", "\0")],
    "no row": [("action", "approve")],
    "2,000 rows": [("action", "approve"), *(pair for n in range(2_000) for pair in row(str(n)))],
}


@pytest.mark.parametrize("pairs", BULK_ACTS.values(), ids=BULK_ACTS.keys())
def test_a_bulk_act_that_makes_no_sense_does_nothing_and_says_so(
    room: Room, pairs: list[tuple[str, str]]
) -> None:
    before = rows_in(room.site)
    answer = bulk(room, *pairs)
    assert answer.status_code in {302, 400, 409, 422}, answer.text[-3000:]
    assert rows_in(room.site) == before
    if answer.status_code == 302:
        page = room.mona.get(answer.headers["Location"])
        lists = [each.get("class") for each in parse(page.text).iter("ul")]
        assert "messagelist" in lists, page.text[:2000]


@pytest.mark.parametrize("address", ["publish/", "unpublish/"])
def test_a_get_does_not_publish(room: Room, address: str) -> None:
    judge(room, lambda: room.alice.get(f"/write/1/{address}"), {405}, f"GET {address}")


def test_a_get_undoes_nothing_in_the_admin(room: Room) -> None:
    judge(room, lambda: room.mona.get("/admin/comments/comment/undo/1/"), {405}, "GET undo")


BAD_SIGN_INS = [
    {"login": "a\0@example.org", "password": "x"},
    {"login": "alice@example.org", "password": "x\0"},
    {"login": "x" * 300_000, "password": "x"},
    {"login": "a@" + "a." * 100_000, "password": "x"},
    {"login": "alice@example.org", "password": "", "next": "\0"},
    {"login": "\u202e@example.org"},
]


@pytest.mark.parametrize("fields", BAD_SIGN_INS, ids=lambda fields: fields["login"][:30])
def test_a_bad_sign_in_is_refused(room: Room, fields: dict[str, str]) -> None:
    stranger = Visitor(room.site)
    page = stranger.get("/accounts/login/")
    token = dict(form_with(page.text, "password").fields)["csrfmiddlewaretoken"]
    before = rows_in(room.site)
    pairs = [("csrfmiddlewaretoken", token), *fields.items()]
    answer = stranger.post("/accounts/login/", pairs)
    assert answer.status_code in {200, 400, 413, 422, 429}, answer.text[-3000:]
    assert "_auth_user" not in answer.text
    assert stranger.get("/write/").status_code == 302
    assert rows_in(room.site) == before


# --- and then -------------------------------------------------------------------------------------


def test_after_all_this_nothing_broke_in_the_site(room: Room) -> None:
    assert room.guest.get("/").status_code == 200
    assert not broken_in(room.site)
