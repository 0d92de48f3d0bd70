"""Films and sounds from elsewhere: cards that load nothing, made of addresses that were judged."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from blog.markup import absolute, render_body, render_note
from blog.markup_embeds import CARD, PROVIDERS, card_of
from blog.markup_html import render_html
from tests.blog.received import receive_post

ID = "dQw4w9WgXcQ"
YOUTUBE = f"https://www.youtube.com/watch?v={ID}"
SPOTIFY = "track/4uLU6hMCjMI75M1A2tKUQC"
ROOT = Path(__file__).resolve().parents[2]


def card(html):
    return BeautifulSoup(html, "html5lib").select_one("figure.embed")


@pytest.mark.parametrize(
    ("address", "named", "page"),
    [
        (YOUTUBE, f"youtube:{ID}", YOUTUBE),
        (f"http://m.youtube.com/watch?list=x&v={ID}&t=3", f"youtube:{ID}", YOUTUBE),
        (f"https://youtu.be/{ID}?si=tracker", f"youtube:{ID}", YOUTUBE),
        (f"https://www.youtube.com/shorts/{ID}", f"youtube:{ID}", YOUTUBE),
        (f"https://www.youtube-nocookie.com/embed/{ID}", f"youtube:{ID}", YOUTUBE),
        (f"HTTPS://WWW.YouTube.COM/live/{ID}", f"youtube:{ID}", YOUTUBE),
        ("https://vimeo.com/76979871", "vimeo:76979871", "https://vimeo.com/76979871"),
        ("https://vimeo.com/76979871/0a1b2c3d4e", "vimeo:76979871/0a1b2c3d4e", None),
        ("https://player.vimeo.com/video/76979871#t=9", "vimeo:76979871", None),
        (f"https://open.spotify.com/intl-de/{SPOTIFY}?si=x", f"spotify:{SPOTIFY}", None),
        ("https://soundcloud.com/forss/flickermood", "soundcloud:forss/flickermood", None),
        ("https://soundcloud.com/forss/sets/soulhack", "soundcloud:forss/sets/soulhack", None),
        ("https://codepen.io/anna/pen/abcXYZ", "codepen:anna/pen/abcXYZ", None),
        ("https://archive.org/details/night_1968", "archive:night_1968", None),
    ],
)
@pytest.mark.parametrize("text", ["[A *title*]({})", "<{}>", "{}"], ids=["link", "auto", "bare"])
def test_a_known_link_alone_in_its_paragraph_is_a_card(address, named, page, text):
    found = card(render_body(f"Before.\n\n{text.format(address)}\n\nAfter."))
    assert found["data-embed"] == named
    assert found.a["href"] == (page or found.a["href"])
    assert found.figcaption.text == PROVIDERS[named.split(":")[0]].name
    if text.startswith("["):
        assert found.a.decode_contents() == "A <em>title</em>"


@pytest.mark.parametrize(
    "text",
    [
        f"See [this]({YOUTUBE})",
        f"[this]({YOUTUBE}) and [that]({YOUTUBE})",
        f"- {YOUTUBE}",
        f"> {YOUTUBE}",
        f"`{YOUTUBE}`",
        f"    {YOUTUBE}",
        f"## [this]({YOUTUBE})",
        f"[this][^1]({YOUTUBE})\n\n[^1]: {YOUTUBE}",
    ],
)
def test_a_link_among_other_words_stays_a_link(text):
    assert card(render_body(text)) is None


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.youtube.com.evil.example/watch?v={ID}",
        f"https://evil.example/https://www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com@evil.example/watch?v={ID}",
        f"https://user:pass@www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com:8443/watch?v={ID}",
        f"https://www.youtube.com\\@evil.example/watch?v={ID}",
        f"//www.youtube.com/watch?v={ID}",
        f"javascript://www.youtube.com/watch?v={ID}",
        f"ftp://www.youtube.com/watch?v={ID}",
        "https://www.youtube.com/watch?v=short",
        'https://www.youtube.com/watch?v=dQw4w9WgXc"',
        f"https://www.youtube.com/watch?v={ID}%22onload=x",
        f"https://www.youtube.com/embed/../../{ID}",
        "https://www.youtube.com/embed/videoseries?list=x",
        "https://www.youtube.com/playlist1234",
        "https://www.youtube.com/watch?v=dQw4w9WgXcＱ",
        f"https://ｗｗｗ.youtube.com/watch?v={ID}",
        "https://vimeo.com/76979871/../1",
        "https://vimeo.com/٧٦٩٧٩٨٧١",
        "https://open.spotify.com/track/../../x",
        "https://soundcloud.com/forss",
        "https://soundcloud.com/../flickermood",
        "https://codepen.io/anna/pen/../../x",
        "https://archive.org/details/..",
        "https://archive.org/details/a/b",
        "https://[::1]/watch?v=" + ID,
        "https://[/watch?v=" + ID,
        "https://example.org/film",
        "",
    ],
)
def test_an_address_that_is_not_a_providers_is_no_card(address):
    assert card_of(address) is None
    for text in (f"[x](<{address}>)", f"<{address}>", address):
        assert card(render_body(text)) is None


def test_no_frame_stands_in_what_is_stored():
    html = render_body(f"[A]({YOUTUBE})")
    assert "<iframe" not in html
    assert not re.search(r"\b(src|srcset|style)=", html)


def test_a_card_in_html_from_elsewhere_is_none():
    made = render_html(
        f'<figure class="embed" data-embed="youtube:{ID}"><a href="{YOUTUBE}">x</a></figure>'
    )
    assert "data-embed" not in made
    assert YOUTUBE in made


@pytest.mark.parametrize("text", [YOUTUBE, f"[A]({YOUTUBE})"])
def test_an_authors_note_has_no_cards(text):
    assert card(render_note(text)) is None


def test_feeds_show_the_link():
    shown = absolute(render_body(f"[A film]({YOUTUBE})"), "https://blog.example/posts/x/")
    link = BeautifulSoup(shown, "html5lib").a
    assert (link["href"], link.text) == (YOUTUBE, "A film")


@pytest.mark.parametrize("key", PROVIDERS)
def test_the_script_knows_each_provider_and_asks_the_host_that_the_policy_allows(key):
    script = (ROOT / "static/js/embeds.js").read_text()
    (line,) = re.findall(rf"^    {key}: .*", script, re.MULTILINE)
    assert f"`{PROVIDERS[key].frame}/" in line


@pytest.mark.parametrize("value", ["youtube:../x", "evil:abc", "youtube:", "youtube:a b", "x"])
def test_what_names_no_card_does_not_pass_the_cleaner(value):
    assert CARD.fullmatch(value) is None


# --- what a page may frame ------------------------------------------------------------------------


def frames_in(response):
    policy = response["Content-Security-Policy"]
    return [part for part in policy.split("; ") if part.startswith("frame-src")]


@pytest.mark.django_db
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_page_may_frame_whom_its_cards_name_and_nobody_else(client, alice, make_post, signed_in):
    with_card = make_post(body=f"One.\n\n{YOUTUBE}\n\n[A](https://vimeo.com/76979871)")
    without = make_post(body="Only words.")
    if signed_in:
        client.force_login(alice)
    for _again in range(2):
        response = client.get(with_card.get_absolute_url())
        assert frames_in(response) == [
            "frame-src https://player.vimeo.com https://www.youtube-nocookie.com"
        ]
        assert "js/embeds" in response.text
        response = client.get(without.get_absolute_url())
        assert frames_in(response) == []
        assert "js/embeds" not in response.text
    assert frames_in(client.get("/")) == []


@pytest.mark.django_db
def test_words_that_look_like_a_card_open_no_policy(client, alice, make_post):
    said = f'A <figure class="embed" data-embed="youtube:{ID}"> in words.'
    for post in (make_post(body=said), receive_post(alice, body=f"<p>{said}</p>")):
        assert frames_in(client.get(post.get_absolute_url())) == []


@pytest.mark.django_db
def test_an_unchanged_page_keeps_the_policy_that_it_came_with(make_post):
    post = make_post(body=YOUTUBE)
    browser = Client()
    first = browser.get(post.get_absolute_url())
    again = browser.get(post.get_absolute_url(), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    policy = again.get("Content-Security-Policy")
    assert policy in (None, first["Content-Security-Policy"])
