"""1,800 strings made to break pages, where they are only repeated: profiles, refusals, answers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from blog.models import Post
from tests.faults.anatomy import evened, packed, texts
from tests.faults.hostile import (
    HARMLESS,
    HTMX,
    QUEUE,
    WEBSITE,
    Eye,
    House,
    accepted,
    author_called,
    browser_of,
    column_of,
    html_of,
    sample,
    typed_into,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wide_open")]


@pytest.fixture
def house(alice: User, mona: User, make_post: Callable[..., Post]) -> House:
    return House.of(alice, mona, make_post(title="On bread"))


# --- people ---------------------------------------------------------------------------------------


def test_no_profile_gets_out_of_its_place(
    strings: list[str], make_post: Callable[..., Post]
) -> None:
    known = []
    for number, words in enumerate(HARMLESS[:3]):
        author = author_called(words, number)
        make_post(author=author)
        profile = {"display_name": words, "bio": f"{words}\n\n{words}\n{words}"}
        profile |= {"website": WEBSITE} if number else {"bio": ""}
        known.append(pages_of_person(author, profile))
    eye = Eye.that_knows(*known)

    names = accepted(column_of(User, "display_name"), strings)
    bios = packed(accepted(column_of(User, "bio"), strings), 600, "\n")
    websites = accepted(column_of(User, "website"), strings)
    assert len(names) > 1_200
    assert len(bios) > 150
    for number, bio in enumerate(sample(bios, 40)):
        author = author_called(names[number * 20], 100 + number)
        make_post(author=author)
        name = names[number * 20 + 1]
        profile = {"display_name": name, "bio": bio}
        profile["website"] = websites[number % len(websites)] if websites else ""
        page = eye.judge("author", pages_of_person(author, profile)["author"])
        assert texts(page, "h1") == [evened(name)]
        assert texts(page, "title") == [evened(f"{name} · Parley")]
        assert "".join(bio.split()) == "".join(texts(page, "div", "bio")).replace(" ", "")


def pages_of_person(author: User, profile: dict[str, str]) -> dict[str, str]:
    browser = browser_of(author)
    saved = browser.post("/accounts/profile/", profile, follow=True)
    assert "Your profile is saved." in html_of(saved)
    return {"profile": html_of(saved), "author": html_of(Client().get(author.get_absolute_url()))}


# --- refusals -------------------------------------------------------------------------------------


def refusals(house: House, text: str, *, odd: bool) -> dict[str, str]:
    """Send the text in every field at once, of a kind that is refused; return the pages.

    `odd`: the comment from its place on the page, the post with a button that is not there.
    """
    who = {"name": text, "email": text, "website": text, "subject": text, "parent": text}
    comment = {**who, "body": text, "token": text, text[:200]: text}
    words = dict.fromkeys(("title", "slug", "excerpt", "body", "tags", "source_line"), text)
    post = {**words, "author_note": text, "version": text, "cover_alt": text, text[:200]: text}
    profile = {"display_name": text, "bio": text * 3, "website": text}
    account = {"email": text, "login": text, "password": text, "password1": "x", "next": text}
    door = reverse("comments:post", args=[house.thread.pk])
    kinds = ("comment in place", "odd button") if odd else ("comment", "writing")
    headers, button = (HTMX, text) if odd else ({}, "publish")
    stranger = Client()
    return {
        kinds[0]: html_of(stranger.post(door, comment, headers=headers), 422),
        kinds[1]: html_of(house.alice.post("/write/new/", {**post, "action": button}), 422),
        "signed out": html_of(stranger.post("/write/new/", post), 403),
        "profile": html_of(house.alice.post("/accounts/profile/", profile)),
        "sign-in": html_of(stranger.post("/accounts/login/", account)),
        "sign-up": html_of(stranger.post("/accounts/signup/", {**account, "display_name": text})),
        "password": html_of(stranger.post("/accounts/password/reset/", account)),
    }


@pytest.mark.once
def test_no_refusal_repeats_a_string_as_markup(
    house: House, strings: list[str], settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    # Too long for a name and no address at all, as the packs of strings are.
    long = ["Plain words and not much more. " * 160, "x" * 5_000, "plain\0words " * 100]
    harmless = [*long, "Plain words, and few."]
    eye = Eye.that_knows(*(refusals(house, t, odd=odd) for t in harmless for odd in (False, True)))
    # The two ways to send a comment, and a post, take turns: their pages have the same boxes.
    for turn, text in enumerate(packed(strings, 5_000)):
        pages = eye.judge_all(refusals(house, text, odd=turn % 2 == 1))
        comment, post = list(pages.values())[:2]
        assert typed_into(comment, "body") == as_a_box_keeps(text)
        assert typed_into(comment, "name") == text
        assert typed_into(comment, "website") == text
        assert typed_into(post, "title") == text
        assert typed_into(post, "body") == as_a_box_keeps(text)


def as_a_box_keeps(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- questions ------------------------------------------------------------------------------------


def answers(house: House, text: str) -> dict[str, str]:
    """Put the text into addresses; return the pages that answer."""
    asked = quote(text, safe="")
    stranger = Client()
    queue = f"{QUEUE}?q={asked}&status={asked}&o={asked}"
    return {
        "page": html_of(stranger.get(f"{house.post.get_absolute_url()}?page={asked}&{asked}=1")),
        "home": html_of(stranger.get(f"/?page={asked}"), 200, 404),
        "nowhere": html_of(stranger.get(f"/{asked}/"), 404),
        "no post": html_of(stranger.get(f"/posts/{asked}/"), 404),
        "sign-in": html_of(stranger.get(f"/accounts/login/?next={asked}")),
        "queue": html_of(house.mona.get(queue, follow=True)),
        "log": html_of(
            house.mona.get(f"/admin/comments/moderationlogentry/?q={asked}", follow=True)
        ),
        "thread": html_of(house.mona.get(f"{QUEUE}?thread={asked}&{asked}={asked}", follow=True)),
    }


def test_no_question_is_repeated_as_markup(house: House, strings: list[str]) -> None:
    house.comment(house.guest, body=HARMLESS[0])
    eye = Eye.that_knows(answers(house, "plain"), answers(house, "plain words and more"))
    asked = [s for s in strings if "<" in s or ":" in s or "%" in s]
    for text in sample(packed(asked, 200), 16):
        eye.judge_all(answers(house, text))
