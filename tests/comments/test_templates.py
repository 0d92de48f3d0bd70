"""What the templates make of a thread: nesting, marks, words, and colours one can read."""

import random
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.utils import translation

from comments.drawing import heading_of
from comments.meta import HUES, hue, initials
from comments.models import PATH_LEVELS, Comment
from comments.moderation import Seen, delete, moderate
from comments.pages import INDENT_LEVELS
from comments.paging import Place
from comments.readers import ANYONE, Viewer
from comments.status import Action, Status
from tests.comments.factories import fragment_of, make_comment, make_thread

CSS = Path(settings.BASE_DIR) / "static/css/parley.css"
TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


@pytest.fixture
def thread(db):
    return make_thread()


def parsed(thread, viewer=None):
    """Return the thread's fragment as a browser parses it."""
    return BeautifulSoup(fragment_of(thread, viewer or ANYONE), "html5lib")


def parents_of(soup):
    """Return {number: number of the comment whose list it stands in}, read from the elements."""
    above = {}
    for item in soup.select("li.comment"):
        outer = item.find_parent("li")
        above[number_of(item)] = number_of(outer) if outer else None
        assert item.parent.name == "ol"
    return above


def number_of(item):
    return int(item["id"].removeprefix("comment-"))


# --- the thread -----------------------------------------------------------------------------


def test_the_nested_lists_of_the_page_are_the_tree_of_the_thread(thread):
    rng = random.Random(11)
    comments = [make_comment(thread)]
    for _number in range(80):
        comments.append(make_comment(thread, parent=rng.choice([None, *comments, comments[-1]])))
    wanted = {c.number: c.parent.number if c.parent else None for c in comments}
    soup = parsed(thread)
    assert parents_of(soup) == wanted
    assert len(soup.select("ol.thread")) == 1


def test_below_the_last_level_a_list_is_flat_and_each_comment_names_whom_it_answers(thread):
    comment = None
    for number in range(INDENT_LEVELS + 3):
        comment = make_comment(thread, parent=comment, author_name=f"Nr {number + 1}")
    soup = parsed(thread)
    indented = [ol for ol in soup.select("ol.replies") if "is-flat" not in ol["class"]]
    assert len(indented) == INDENT_LEVELS - 1
    named = {number_of(a.find_parent("li")): a["href"] for a in soup.select("a.answers")}
    assert named == {7: "#comment-6", 8: "#comment-7", 9: "#comment-8"}


def test_beyond_the_last_level_of_a_path_each_comment_of_a_page_names_whom_it_answers(thread):
    comment = None
    for number in range(PATH_LEVELS + 4):
        comment = make_comment(thread, parent=comment, author_name=f"Nr {number + 1}")
    place = Place(branch=1, cursor="after", number=PATH_LEVELS)
    soup = BeautifulSoup(fragment_of(thread, ANYONE, place), "html5lib")
    named = [a.find("bdi").text for a in soup.select("li.comment > article a.answers")]
    assert named == [f"Nr {PATH_LEVELS + number}" for number in range(4)]


def test_numbers_are_grouped_as_they_are_written_in_the_readers_language(thread):
    thread.approved_count = 1234
    assert heading_of(thread).startswith("1,234 thoughts on")
    with translation.override("de"):
        assert heading_of(thread).startswith("1.234")


def test_a_tombstone_says_who_removed_it_and_can_be_neither_read_nor_answered(thread):
    root = make_comment(thread, body="Secret.", author_name="Otto")
    make_comment(thread, parent=root)
    delete(root, actor=None, actor_name="Otto", seen=Seen.of(root))
    item = parsed(thread).select_one("#comment-1")
    assert item.select_one(".tombstone").text == "This comment was deleted by its author."
    assert item.find("article", recursive=False) is None
    assert len(item.select("a.reply")) == 1, "only the living reply is answered"
    assert "Otto" not in item.text


@pytest.mark.parametrize("action", [Action.HOLD, Action.MARK_SPAM, Action.REJECT])
def test_what_was_taken_off_the_page_after_it_was_answered_is_its_authors_to_see(
    thread, bob, action
):
    root = make_comment(thread, body="Never again.", author=bob, author_name="Bob")
    make_comment(thread, parent=root)
    root.refresh_from_db()
    moderate(root, action, actor=None, seen=Seen.of(root))
    item = parsed(thread).select_one("#comment-1")
    assert item.select_one(".tombstone").text == "This comment was removed."
    assert "Never again." not in item.text
    assert "Bob" not in item.text
    own = parsed(thread, Viewer(bob)).select_one("#comment-1")
    assert ("Never again." in own.text) == (action != Action.REJECT)


def test_ones_own_pending_comment_says_what_happens_next_and_is_edited_not_answered(thread, bob):
    make_comment(thread, status=Status.PENDING, author=bob, author_name="Bob")
    item = parsed(thread, Viewer(bob)).select_one("li.is-waiting")
    assert "An editor will read it" in item.select_one(".waiting").text
    assert [a.text for a in item.select(".actions *")] == ["Edit", "Delete"]
    assert parsed(thread).select("li.comment") == []


def test_a_closed_thread_is_read_without_reply_links(thread):
    make_comment(thread)
    thread.is_open = False
    thread.save()
    assert parsed(thread).select("a.reply") == []


def test_a_name_of_markup_and_turned_letters_stays_a_name(thread):
    name = "<b>Bo\u2067b</b> \"&'"
    make_comment(thread, author_name=name)
    soup = parsed(thread)
    assert soup.select_one(".name bdi").text == name
    assert soup.select(".name b") == []


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Alice Marlow", "AM"),
        ("bob", "B"),
        ("Jan van den Berg", "JB"),
        ("مريم الحسيني", "ما"),
        ("  Zoë   2nd ", "Z2"),
        ("“Quoted” Name", "QN"),
        ("ßeta", "S"),
        ("🙂", "?"),
        ("", "?"),
    ],
)
def test_the_disc_has_the_first_letters_of_the_first_and_last_word(name, letters):
    assert initials(name) == letters


def test_a_name_keeps_its_colour_whatever_its_case_and_every_colour_has_a_rule():
    assert hue("Bob Tran") == hue("bob tran")
    assert {hue(f"Reader {number}") for number in range(400)} == {f"hue-{n}" for n in range(HUES)}
    assert {f"hue-{n}" for n in range(HUES)} <= set(re.findall(r"\.(hue-\d+) ", CSS.read_text()))


# --- the form -------------------------------------------------------------------------------


def test_words_for_a_removed_comment_can_be_posted_as_a_comment_of_their_own(client, thread):
    gone = make_comment(thread, status=Status.REJECTED)
    fields = {"body": "Still true.", "name": "Gus", "email": "gus@example.org"}
    url = f"/comments/{thread.pk}/"
    answer = client.post(url, {**fields, "parent": gone.number})
    soup = BeautifulSoup(answer.content, "html5lib")
    button = soup.select_one("button.primary")
    assert (answer.status_code, button["name"], button["value"]) == (422, "parent", "")
    assert "not any more" in soup.select_one("[role=alert]").text
    # A browser sends the hidden field first, then the button that was pressed.
    answer = client.post(url, {**fields, "parent": [str(gone.number), ""]})
    assert answer.status_code == 303
    assert Comment.objects.get(body="Still true.").parent is None


def test_a_guests_form_carries_no_token_and_a_readers_does(client, thread, bob):
    url = f"/comments/{thread.pk}/reply/"
    answer = client.get(url)
    assert b"csrfmiddlewaretoken" not in answer.content
    assert not answer.cookies
    client.force_login(bob)
    form = BeautifulSoup(client.get(url).content, "html5lib").select_one("form.reply-form")
    assert form.select_one("[name=csrfmiddlewaretoken]")
    assert "You are commenting as Bob" in form.text


def test_a_refused_form_sent_by_htmx_comes_back_alone_with_its_words(client, thread):
    answer = client.post(
        f"/comments/{thread.pk}/", {"body": "Mine."}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert (answer.status_code, "<!doctype" in text) == (422, False)
    soup = BeautifulSoup(text, "html5lib")
    assert soup.select_one("textarea").text.strip() == "Mine."
    assert {field["name"] for field in soup.select("input.is-invalid")} == {"name", "email"}


# --- the look -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(path):
    inline = r"<style\b|\sstyle=|\son[a-z]+=|javascript:|data:[a-z]+/|<script(?![^>]*\bsrc=)"
    assert re.findall(inline, path.read_text(), re.IGNORECASE) == []


def colours(dark):
    """Return the colour tokens of the light or of the dark scheme."""
    light_css, dark_css = CSS.read_text().split("@media (prefers-color-scheme: dark)")[:2]
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", dark_css if dark else light_css)
    return dict(found)


def contrast(one, other):
    """Return the contrast of two colours. Source: WCAG 2.2, "contrast ratio"."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_colour_of_words_can_be_read_on_every_ground(dark):
    tokens = colours(dark)
    for ink in ("ink", "muted", "accent", "danger", "warn", "good"):
        for ground in ("paper", "raised", "sunk"):
            assert contrast(tokens[ink], tokens[ground]) >= 7, (ink, ground)
    assert contrast(tokens["on-accent"], tokens["accent"]) >= 4.5
    for ground in ("paper", "raised"):
        assert contrast(tokens["edge"], tokens[ground]) >= 3, "the edge of a box"
