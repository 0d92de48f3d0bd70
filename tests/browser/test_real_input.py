"""300 comments that people really wrote, through the public form of the running site.

200 are replies and roots of real threads, 100 come from under videos, spam among them. An editor
lets them in through the admin, round by round, since one can only answer what is on the page. In
the end each is there once, in its place, as it was typed.
"""

import csv
import html
import json
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from xml.etree.ElementTree import Element

import httpx
import pytest

from tests.faults.visitor import (
    Visitor,
    classes_of,
    database_of,
    form_with,
    make_people,
    make_posts,
    parse,
    text_of,
)
from tests.servers import Site

FROM_THREADS, FROM_VIDEOS = 200, 100
# Where in each file to begin: at many links, a very long one, and the same words many times over.
STRETCHES = {
    "Youtube01-Psy.csv": 325,
    "Youtube02-KatyPerry.csv": 20,
    "Youtube03-LMFAO.csv": 91,
    "Youtube04-Eminem.csv": 389,
}
A_STRETCH = FROM_VIDEOS // len(STRETCHES)
ROUNDS = 4
MIN_SECONDS = 1.0
# A site so busy that hundreds write at once, all of them behind one address.
BUSY = {
    "COMMENTS_FLOOD_LIMIT": "150",
    "COMMENTS_REFUSE_LIMIT": "1000",
    "COMMENTS_MIN_SECONDS": str(MIN_SECONDS),
}
AT_ONCE = 4
QUEUE = "/admin/comments/comment/"

# What Markdown, or a link made of a bare address, could change in the look of a text.
ACTIVE = re.compile(
    r"[*_`\[\]<>&\\~]|https?:|mailto:|www\.|^ {0,3}(?:[-+#]|\d+[.)])|^(?: {4}|\t)", re.M
)

# What these words meet of the database, the tests of each app try out on both.
pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "httpx")


@dataclass
class Written:
    """One real comment. Shape: `answers` is the one before it in its thread, when it is a reply."""

    place: int
    name: str
    text: str
    round: int
    answers: "Written | None" = None
    number: int = 0

    @property
    def email(self) -> str:
        return f"reader-{zlib.crc32(self.name.encode())}@example.org"

    @property
    def as_stored(self) -> str:
        """The only change that is allowed: line breaks are the newline character."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n")


# --- what was written -----------------------------------------------------------------------------


def from_threads(folder: Path) -> list[Written]:
    """Return the largest threads, cut at 200; a comment in each fourth place starts anew."""
    lines = (folder / "stackexchange-ham/history-meta-comments-first60.jsonl").read_text("utf-8")
    threads = defaultdict(list)
    for line in lines.splitlines():
        row = json.loads(line)
        threads[row["post"]].append(row)
    largest = sorted(threads.values(), key=len, reverse=True)
    rows = [
        (place, at, row) for place, thread in enumerate(largest) for at, row in enumerate(thread)
    ]
    written: list[Written] = []
    for place, at, row in rows[:FROM_THREADS]:
        name = f"Historian {row['user']}" if row["user"] else "Somebody"
        answered = written[-1] if at % ROUNDS else None
        written.append(Written(place, name, row["text"], at % ROUNDS, answered))
    return written


def from_videos(folder: Path, place: int) -> list[Written]:
    """Return 25 in a row from under each of four videos, in the order of writing, as roots."""
    written = []
    for file, start in STRETCHES.items():
        rows = islice(read_video(folder / "youtube-spam" / file), start, start + A_STRETCH)
        written += [Written(place, name, text, 0) for name, text in rows]
    return written


def read_video(file: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, text) as they came; two of the files have the newest first."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    dates = [row["DATE"] for row in rows if row["DATE"]]
    if dates[0] > dates[-1]:
        rows.reverse()
    for row in rows:
        # One name has marks around it that turn the line; the form asks for them to be removed.
        yield row["AUTHOR"].strip("\u202a\u202b\u202c\u200e"), row["CONTENT"]


# --- how it gets onto the site --------------------------------------------------------------------


@pytest.fixture(scope="module")
def busy_site(new_site) -> Site:
    site = new_site(env=BUSY)
    make_people(site)
    return site


class Crowd:
    """Everybody who comments, each with a browser and its cookies; they share connections."""

    def __init__(self, site: Site, places: list[tuple[int, str]]) -> None:
        self.site = site
        self.places = places
        self._wires = httpx.HTTPTransport(trust_env=False)
        self._browsers: dict[str, Visitor] = {}

    def browser_of(self, name: str) -> Visitor:
        if name not in self._browsers:
            self._browsers[name] = Visitor(self.site, self._wires)
        return self._browsers[name]

    def post(self, written: Iterable[Written]) -> None:
        """Open every form first, so that by the time of sending each is as old as it must be."""
        turns = [(each, self.browser_of(each.name)) for each in written]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            pages = list(pool.map(lambda turn: self._open(*turn), turns))
            opened_at = time.monotonic()
            time.sleep(max(0.0, MIN_SECONDS + 0.1 - (time.monotonic() - opened_at)))
            list(pool.map(lambda turn, page: self._send(*turn, page), turns, pages))

    def _open(self, written: Written, browser: Visitor) -> httpx.Response:
        thread, address = self.places[written.place]
        if written.answers is not None:
            address = f"/comments/{thread}/{written.answers.number}/reply/"
        page = browser.get(address)
        assert page.status_code == 200, f"{address}: {page.status_code}"
        return page

    def _send(self, written: Written, browser: Visitor, page: httpx.Response) -> None:
        form = form_with(page.text, "body")
        who = {"name": written.name, "email": written.email, "body": written.text}
        answer = browser.send(page, form, ("action", "post"), **who)
        assert answer.status_code == 303, f"{written!r}: {said(answer)}"
        landed = re.fullmatch(r"(/posts/[\w-]+/)#comment-(\d+)", answer.headers["Location"])
        assert landed, answer.headers["Location"]
        assert landed[1] == self.places[written.place][1]
        written.number = int(landed[2])


def said(answer: httpx.Response) -> list[str]:
    """Return the complaints on a page."""
    wanted = {"alert", "invalid-feedback"}
    elements = [each for each in parse(answer.text).iter() if wanted & {*classes_of(each)}]
    return [" ".join(text_of(each).split()) for each in elements]


def approve_all(mona: Visitor, status: str) -> int:
    """Approve page after page of the queue as the admin's own form does; return how many."""
    approved = 0
    for _turn in range(30):
        page = mona.get(f"{QUEUE}?status={status}")
        form = form_with(page.text, "_selected_action")
        rows = [pair for pair in form.choices if pair[0] == "_selected_action"]
        assert all(form.has(f"seen-{key}") for _name, key in rows)
        assert ("action", "approve") in form.buttons
        answer = mona.send(page, form, ("action", "approve"), *rows)
        assert answer.status_code == 302, answer.text
        approved += len(rows)
        if "_selected_action" not in mona.get(f"{QUEUE}?status={status}").text:
            return approved
    raise AssertionError(f"{approved} approved, and the queue does not end")


@dataclass(frozen=True)
class Evening:
    """What was written, where it went, and what the site had to say of it when it came in."""

    site: Site
    places: list[tuple[int, str]]
    written: list[Written]
    approved: int
    held_as_spam: int
    seconds: float


@pytest.fixture(scope="module")
def evening(busy_site: Site, shared_data: Path) -> Evening:
    written = from_threads(shared_data)
    titles = [f"Real thread {each}" for each in range(max(one.place for one in written) + 2)]
    places = make_posts(busy_site, *titles)
    written += from_videos(shared_data, place=len(places) - 1)
    crowd, mona = Crowd(busy_site, places), Visitor(busy_site).sign_in("Mona")
    started, approved, spam = time.monotonic(), 0, 0
    for turn in range(ROUNDS):
        crowd.post(each for each in written if each.round == turn)
        approved += approve_all(mona, "pending")
        if "_selected_action" in mona.get(f"{QUEUE}?status=spam").text:
            spam += approve_all(mona, "spam")
    return Evening(busy_site, places, written, approved, spam, time.monotonic() - started)


# --- what is to be found then ---------------------------------------------------------------------


def test_all_300_came_in_once_and_an_editor_let_them_in(evening: Evening) -> None:
    print(
        f"{len(evening.written)} comments in {len(evening.places)} threads, {evening.approved} "
        f"approved from the queue and {evening.held_as_spam} from spam: {evening.seconds:.0f} s"
    )
    assert len(evening.written) == FROM_THREADS + FROM_VIDEOS
    assert evening.approved + evening.held_as_spam == FROM_THREADS + FROM_VIDEOS
    assert evening.held_as_spam > 10
    assert stored(evening, "SELECT COUNT(*) FROM comments_comment WHERE status = 'approved'") == [
        (FROM_THREADS + FROM_VIDEOS,)
    ]
    # The texts are of real people: some are long, some are not English, many answer somebody.
    assert sum(1 for each in evening.written if each.answers) > FROM_THREADS // 2
    assert sum(1 for each in evening.written if not each.text.isascii()) > 10


def stored(evening: Evening, sql: str) -> list[tuple]:
    with database_of(evening.site) as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_each_is_stored_once_with_its_words_as_typed(evening: Evening) -> None:
    rows = stored(evening, "SELECT thread_id, number, author_name, body FROM comments_comment")
    typed = [
        (evening.places[each.place][0], each.number, each.name, each.as_stored)
        for each in evening.written
    ]
    assert Counter(rows) == Counter(typed)
    assert len(set(typed)) == len(typed)


def test_each_stands_in_its_place(evening: Evening) -> None:
    rows = stored(
        evening,
        "SELECT child.thread_id, child.number, parent.thread_id, parent.number, child.depth "
        "FROM comments_comment child "
        "LEFT JOIN comments_comment parent ON parent.id = child.parent_id",
    )
    expected = set()
    for each in evening.written:
        thread = evening.places[each.place][0]
        above = (thread, each.answers.number) if each.answers else (None, None)
        expected.add((thread, each.number, *above, each.round))
    assert set(rows) == expected


def test_the_log_of_every_held_comment_says_why(evening: Evening) -> None:
    rows = stored(
        evening,
        "SELECT comment_id, action, new_status, findings, actor_name "
        "FROM comments_moderationlogentry ORDER BY id",
    )
    histories = defaultdict(list)
    for comment, *entry in rows:
        histories[comment].append(entry)
    assert len(histories) == FROM_THREADS + FROM_VIDEOS
    reasons: Counter[str] = Counter()
    for history in histories.values():
        (admission, decision) = history
        assert admission[0] == "submit"
        assert admission[1] in {"pending", "spam"}
        findings = admission[2] if isinstance(admission[2], list) else json.loads(admission[2])
        assert findings
        assert all(finding["message"] and finding["verdict"] for finding in findings)
        reasons.update(finding["check"] for finding in findings)
        assert decision == ["approve", "approved", decision[2], "Mona"]
    print(f"Why they were held: {dict(reasons)}")
    assert reasons["first_time_commenter"] == FROM_THREADS + FROM_VIDEOS
    assert reasons["too_many_links"]
    assert reasons["repeated_text"]
    assert reasons["flood"]
    assert not reasons["too_fast"], "no form was sent before its time"


def test_every_page_shows_its_comments_nested_and_with_their_words(evening: Evening) -> None:
    reader = Visitor(evening.site)
    compared = 0
    for place, (_thread, address) in enumerate(evening.places):
        here = [each for each in evening.written if each.place == place]
        items = items_of(parse(reader.get(address).text))
        assert set(items) == {each.number for each in here}
        for each in here:
            above, item = items[each.number]
            assert above == (each.answers.number if each.answers else 0)
            words = text_of(next(box for box in item.iter("div") if "words" in classes_of(box)))
            name = next(item.iter("bdi"))
            assert text_of(name) == each.name
            if ACTIVE.search(each.as_stored):
                shown = html.unescape(words)
                assert letters(shown) == letters(without_markdown(each.as_stored)), each.text
            else:
                assert words.split() == each.as_stored.split()
                compared += 1
    print(f"{compared} of {len(evening.written)} compared word for word")
    assert compared > len(evening.written) // 2


def items_of(document: Element) -> dict[int, tuple[int, Element]]:
    """Return of each comment on the page the number of the one it is nested in, and its item."""
    found: dict[int, tuple[int, Element]] = {}

    def walk(element: Element, above: int) -> None:
        number = re.fullmatch(r"comment-(\d+)", element.get("id", ""))
        if element.tag == "li" and number:
            assert int(number[1]) not in found, "the same comment twice on one page"
            article = next(child for child in element if child.tag == "article")
            found[int(number[1])] = (above, article)
            above = int(number[1])
        for child in element:
            walk(child, above)

    walk(document, 0)
    return found


def without_markdown(text: str) -> str:
    """Leave out what is not shown as typed: addresses behind links, the numbers of a list."""
    text = re.sub(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)", "]", text)
    text = re.sub(r"^ {0,3}\d+[.)]\s", "", text, flags=re.MULTILINE)
    return html.unescape(text)


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]", text))
