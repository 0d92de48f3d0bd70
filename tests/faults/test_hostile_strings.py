"""1,800 strings made to break pages, as comments: on the post's page and on the editors' desk.

Each page is read again as a browser would read it. Nothing stands on it that does not stand on the
same page with harmless words, and every name is there as text, exactly as typed.
"""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from blog.markup import render_body, render_line, render_note
from blog.models import Post
from comments.forms import CommentForm
from comments.markup import check_caps, render_comment
from comments.models import Comment, ListEffect, ListEntry, ListKind
from comments.moderation import Seen, moderate, submit, undo
from comments.spam.lists import forget_lists
from comments.status import Action
from tests.comments.factories import make_submission
from tests.faults.anatomy import evened, misdeeds, packed, read, texts
from tests.faults.hostile import (
    EMAIL,
    HARMLESS,
    HTMX,
    LOG,
    QUEUE,
    WEBSITE,
    Eye,
    House,
    accepted,
    column_of,
    field_of,
    html_of,
    sample,
    typed_into,
)
from tests.faults.visitor import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wide_open")]


@pytest.fixture
def house(alice: User, mona: User, make_post: Callable[..., Post]) -> House:
    return House.of(alice, mona, make_post(title="On bread"))


# --- the Markdown, each string by itself ----------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("render", "post"),
    [(render_comment, False), (render_body, True), (render_note, True), (render_line, True)],
    ids=["a comment", "a post", "an author's note", "a source line"],
)
def test_no_string_as_markdown_makes_more_than_the_list_allows(
    strings: list[str], render: Callable[[str], str], post: bool
) -> None:
    taken = accepted(lambda string: check_caps(string, max_length=20_000) or string, strings)
    assert len(taken) > 1_700
    pieces = [f'<div class="words" id="piece-{n}">{render(s)}</div>' for n, s in enumerate(taken)]
    document = read(f"<main>{''.join(pieces)}</main>")
    assert not misdeeds(document, post=post)
    main = next(document.iter("main"))
    assert [piece.get("id") for piece in main] == [f"piece-{n}" for n in range(len(taken))]


DISGUISES = [
    "&#x202E;", "&#8238;", "&#x0202d;", "<https://a.example/%E2%80%AEexe.cod>",
    "https://a.example/%E2%80%AEexe.cod", "[words](https://a.example/ '&#x202e;')",
    "[%E2%80%AE](https://a.example/)", "`%E2%80%AE`", "https://a.example/%00%0A%7F%EF%BF%BE",
]  # fmt: skip


GATES = {
    "a comment": (field_of(CommentForm, "body"), render_comment),
    "a post": (column_of(Post, "body"), render_body),
    "an author's note": (column_of(Post, "author_note"), render_note),
    "a source line": (column_of(Post, "source_line"), render_line),
}


@pytest.mark.once
@pytest.mark.parametrize("text", DISGUISES)
@pytest.mark.parametrize("gate", GATES)
def test_no_character_that_is_refused_comes_in_disguise(text: str, gate: str) -> None:
    take, render = GATES[gate]
    for taken in accepted(take, [text]):
        shown = text_of(read(render(taken)))
        assert not set("\x00\x7f\u202d\u202e\ufffe\uffff") & set(shown)


@pytest.mark.parametrize("render", [render_comment, render_body])
def test_a_bare_address_is_shown_as_it_is_and_not_as_it_would_like_to_look(
    render: Callable[[str], str],
) -> None:
    assert "https://xn--80ak6aa92e.com/" in text_of(read(render("<https://xn--80ak6aa92e.com/>")))


# --- comments -------------------------------------------------------------------------------------


def pages_of_comments(house: House) -> dict[str, str]:
    """Return the pages that list many comments."""
    return {
        "post": html_of(Client().get(house.post.get_absolute_url())),
        "queue": html_of(house.mona.get(f"{QUEUE}?status=approved")),
        "log": html_of(house.mona.get(LOG)),
    }


def pages_of_comment(house: House, client: Client, comment: Comment) -> dict[str, str]:
    """Return the pages that show one comment: its author's, a reader's and an editor's."""
    where = [house.thread.pk, comment.number]
    data = {"body": comment.body, "action": "preview", "name": "Gus", "email": EMAIL}
    return {
        "edit": html_of(client.get(reverse("comments:edit", args=where))),
        "delete": html_of(client.get(reverse("comments:delete", args=where))),
        "reply": html_of(Client().get(reverse("comments:reply_to", args=where))),
        "preview": html_of(Client().post(reverse("comments:post", args=where[:1]), data)),
        "case": html_of(house.mona.get(f"{QUEUE}{comment.pk}/change/")),
    }


def own_page(house: House, settings: Any, *, size: int, place: str) -> str:
    """Return one of many pages of the discussion, to the guest who wrote in it."""
    whole, settings.COMMENTS_PAGE_SIZE = settings.COMMENTS_PAGE_SIZE, size
    html = html_of(house.guest.get(f"{house.post.get_absolute_url()}?{place}"))
    settings.COMMENTS_PAGE_SIZE = whole
    return html


def test_no_comment_gets_out_of_its_place(house: House, shard: list[str], settings: Any) -> None:
    for number, words in enumerate(HARMLESS):
        website = {"website": WEBSITE} if number % 2 else {}
        house.comment(house.guest, body=f"{words}, https://example.org/", name=words, **website)
    first, second = Comment.objects.order_by("pk")[:2]
    eye = Eye.that_knows(
        pages_of_comments(house),
        pages_of_comment(house, house.guest, first),
        pages_of_comment(house, house.guest, second),
        {"posted": html_of(house.comment(house.guest, HTMX, body="a", website=WEBSITE))},
        {"posted": html_of(house.comment(house.guest, HTMX, body="b"))},
        {"own": own_page(house, settings, size=3, place="after=1")},
    )
    before = Comment.objects.count()
    authors = write_comments(house, eye, shard)

    written = list(Comment.objects.order_by("number")[before:])
    pages = pages_of_comments(house)
    page = eye.judge("post", pages["post"])
    names = [evened(each.author_name) for each in written]
    assert texts(page, "b", "name")[before:] == names
    assert texts(page, "span", "mark") == []
    queue = eye.judge("queue", pages["queue"])
    assert sorted(texts(queue, "bdi", "name")[: len(names)]) == sorted(names)
    eye.judge("log", pages["log"])
    own = eye.judge("own", own_page(house, settings, size=40, place="before=99999"))
    assert "Edit" in texts(own, "a")
    assert len(authors) > 5
    for number, browser in authors.items():
        comment = Comment.objects.get(number=number)
        shown = eye.judge_all(pages_of_comment(house, browser, comment))
        assert texts(shown["reply"], "title") == [
            evened(f"Reply to {comment.author_name} · Parley")
        ]
        assert typed_into(shown["edit"], "body") == comment.body


def write_comments(house: House, eye: Eye, strings: list[str]) -> dict[int, Client]:
    """Post every string in every field of a comment that takes it, several together where they fit.

    Return the numbers of some, each with the browser of the guest who wrote it.
    """
    bodies = packed(accepted(field_of(CommentForm, "body"), strings), 600, "\n\n")
    names = packed(accepted(field_of(CommentForm, "name"), strings), 80)
    websites = accepted(field_of(CommentForm, "website"), strings)
    emails = accepted(field_of(CommentForm, "email"), strings)
    assert len(names) > 250 > len(bodies) > 50
    # There are more names than anything else: later comments have less in them.
    rows = zip_longest(names, bodies, websites, emails, fillvalue="")
    authors = {}
    for turn, (name, body, website, email) in enumerate(rows):
        typed = {"name": name, "body": body or f"Words {turn}.", "website": website}
        typed["email"] = email or EMAIL
        if turn % 12 == 0:
            page = eye.judge("posted", html_of(house.comment(house.guest, HTMX, **typed)))
            assert texts(page, "b", "name") == [evened(name)]
            continue
        browser = Client() if turn % 40 == 1 else house.guest
        answer = house.comment(browser, **typed)
        assert answer.status_code == 303
        if browser is not house.guest:
            authors[int(answer["Location"].rpartition("-")[2])] = browser
    return authors


# --- the editor's desk ----------------------------------------------------------------------------


def case_of(house: House, string: str) -> Comment:
    """Bring in a comment that has the string in all that an editor is shown, and act on it."""
    submission = make_submission(
        house.thread,
        f"{string}\n\n> {string}\n\nhttps://example.org/?{quote(string)}",
        author_name=string[:80],
        author_website=f"https://example.org/?q={quote(string)}"[:200],
        honeypot=string[:200],
        user_agent=string[:400],
        referrer=string[:500],
        seconds_taken=0.1,
    )
    comment = submit(submission)
    mona = User.objects.get(email="mona@example.org")
    for action in (Action.APPROVE, Action.HOLD):
        comment.refresh_from_db()
        note = string[:1000]
        entry = moderate(comment, action, actor=mona, seen=Seen.of(comment), note=note)
    undo(entry, actor=mona)
    comment.refresh_from_db()
    return comment


def pages_of_case(house: House, comment: Comment) -> dict[str, str]:
    """Return what an editor sees who looks, is too late, and then decides."""
    address = f"{QUEUE}{comment.pk}/change/"
    stale = {"action": "reject", "seen": f"pending:{comment.revision}", "note": comment.body}
    decided = {"action": "hold", "seen": str(Seen.of(comment)), "note": comment.body[:900]}
    return {
        "case": html_of(house.mona.get(address)),
        "stale case": html_of(house.mona.post(address, stale), 409),
        "decided": html_of(house.mona.post(address, decided, follow=True)),
        "queue": html_of(house.mona.get(QUEUE)),
    }


def test_no_string_breaks_the_editors_desk(house: House, strings: list[str], settings: Any) -> None:
    settings.COMMENTS_CHECKS = [
        "comments.spam.rules.honeypot",
        "comments.spam.rules.too_fast",
        "comments.spam.rules.repeated_text",
        "comments.spam.lists.listed_words",
    ]
    can_be_named = set(accepted(field_of(CommentForm, "name"), strings))
    can_be_said = accepted(field_of(CommentForm, "body"), strings)
    chosen = sample([each for each in can_be_said if each in can_be_named and "<" in each], 14)
    assert len(chosen) == 14
    for string in [HARMLESS[1], *chosen]:
        entry = ListEntry(kind=ListKind.WORD, pattern=string[:200], effect=ListEffect.HOLD)
        entry.note = string[:200]
        entry.save()
    forget_lists()

    harmless = [case_of(house, words) for words in HARMLESS[:3]]
    eye = Eye.that_knows(
        *(pages_of_case(house, comment) for comment in harmless), whole_desk(house)
    )
    for string in chosen:
        comment = case_of(house, string)
        pages = eye.judge_all(pages_of_case(house, comment))
        assert texts(pages["case"], "h1") == [evened(string[:80])]
        assert evened(string[:400]) in texts(pages["case"], "bdi")
        said = texts(pages["decided"], "ul", "messagelist")
        assert said
        # The admin begins what it says with a capital letter.
        assert f"{evened(string[:80])[1:]} on “On bread”" in said[0]
    eye.judge_all(whole_desk(house))


def whole_desk(house: House) -> dict[str, str]:
    entries = house.mona.get(LOG).context["cl"].result_list
    return {
        "index": html_of(house.mona.get("/admin/")),
        "spam": html_of(house.mona.get(f"{QUEUE}?status=spam")),
        "log": html_of(house.mona.get(LOG)),
        "entry": html_of(
            house.mona.get(f"/admin/comments/moderationlogentry/{entries[0].pk}/change/")
        ),
        "lists": html_of(house.mona.get("/admin/comments/listentry/")),
        "threads": html_of(house.mona.get("/admin/comments/thread/")),
        "thread": html_of(house.mona.get(f"/admin/comments/thread/{house.thread.pk}/change/")),
    }
