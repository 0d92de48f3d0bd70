"""Links to a draft for outsiders: what they open, for how long, what may be said there, to whom."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from blog import notes, publishing, sharing
from blog.models import Picture, Post, PostStatus, ReviewNote, ShareLink
from blog.notes import Place
from blog.room import outsiders
from comments.models import OutgoingLetter
from tests.blog.in_state import STATES, put

pytestmark = pytest.mark.django_db

SECRET = "Zephyrine"


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


@pytest.fixture
def post(make_post):
    return make_post(published=False, title=f"On {SECRET}", body="First one.\n\nSecond one.")


@pytest.fixture
def link(post, alice):
    return make(post, alice)


def make(post, maker, *, days=7, takes_notes=True, label="Tom"):
    expires_at = timezone.now() + timedelta(days=days)
    return sharing.make_link(
        post, maker=maker, expires_at=expires_at, label=label, takes_notes=takes_notes
    )


def read(client, link, query=""):
    response = client.get(sharing.address_of(link) + query)
    return response, BeautifulSoup(response.content, "html5lib")


def form_of(client, link, query="?note=whole", **typed):
    _response, page = read(client, link, query)
    fields = {tag["name"]: tag.get("value", "") for tag in page.select("#note-form input")}
    return {**fields, "body": "Well said.", "name": "Tom", "action": "note", **typed}


def send(client, link, data, **headers):
    response = client.post(sharing.address_of(link), data, headers=headers)
    return response, BeautifulSoup(response.content, "html5lib")


# --- what it opens ------------------------------------------------------------------------------


def test_an_outsider_reads_what_was_written_last(client, alice, post, link):
    publishing.keep(post, {"body": "A newer *text*."}, actor=alice, seen_version=post.text_version)
    response, page = read(client, link)
    assert response.status_code == 200
    assert page.select_one(".reviewed .passage em").text == "text"
    assert "First one." not in response.text


def test_the_cover_names_who_made_it_there_as_well(client, alice, post, link):
    cover = Picture.objects.create(
        file="pictures/x.jpg", width=9, height=9, uploader=alice, caption="A loaf", credit="Zoe"
    )
    publishing.keep(post, {"cover": cover}, actor=alice, seen_version=post.text_version)
    _response, page = read(client, link)
    assert page.select_one(".cover figcaption").text == "A loaf Zoe"


def test_nobody_else_keeps_it_finds_it_or_learns_of_it(client, link):
    response, page = read(client, link)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "noindex" in page.select_one("meta[name=robots]")["content"]
    assert not response.cookies
    assert link.key not in str(page.select_one(".site-header"))


@pytest.mark.parametrize("query", ["", "?paragraph=1", "?note=whole", "?paragraph=99"])
def test_every_view_of_it_is_as_private(client, link, query):
    response, _page = read(client, link, query)
    assert response.status_code == 200
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    assert response["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert "ETag" not in response


def test_openings_are_counted(client, link):
    assert read(client, link)[0].status_code == 200
    client.head(sharing.address_of(link))
    read(client, link)
    link.refresh_from_db()
    assert link.opened_count == 2
    assert link.opened_at is not None


@pytest.mark.parametrize("state", STATES)
def test_it_opens_a_post_in_every_state_but_the_trash(client, post, link, state):
    put(post, state)
    response, _page = read(client, link)
    assert response.status_code == (404 if state == "trash" else 200)


def test_comments_are_not_shown(client, make_post, alice):
    link = make(make_post(), alice)
    assert not read(client, link)[1].select("#discussion")


def test_a_text_that_cannot_be_typeset_is_shown_as_typed(client, alice, post, link):
    body = "[^1] " * 600
    publishing.keep(post, {"body": body}, actor=alice, seen_version=post.text_version)
    response, page = read(client, link)
    assert response.status_code == 200
    assert page.select_one(".reviewed pre").text.startswith("[^1] [^1]")


def test_what_is_hostile_in_a_draft_is_harmless(client, alice, post, link):
    body = "<script>alert(1)</script> [x](javascript:alert(1))"
    fields = {"title": "<b>T</b>", "body": body}
    publishing.keep(post, fields, actor=alice, seen_version=post.text_version)
    _response, page = read(client, link)
    assert not page.select(".reviewed script, .reviewed b, .reviewed a[href^=javascript]")


# --- what it does not ---------------------------------------------------------------------------


def broken(link, post, how):
    address = sharing.address_of(link)
    match how:
        case "expired":
            ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "revoked":
            sharing.revoke(link)
        case "trashed":
            put(post, "trash")
        case "removed":
            ShareLink.objects.all().delete()
        case "forged":
            address = address[:-3] + ("aa/" if address[-3:-1] != "aa" else "bb/")
        case "unsigned":
            address = f"/drafts/{post.pk}.{link.key}/"
        case "another post's":
            other = ShareLink(post_id=post.pk + 1, key=link.key)
            address = sharing.address_of(other)
        case "nonsense":
            address = "/drafts/%00%F0%9F%8D%9E:x/"
    return address


HOW = (
    "expired", "revoked", "trashed", "removed", "forged", "unsigned", "another post's", "nonsense",
)  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(client, post, link, how):
    nothing = client.get("/drafts/x/")
    response = client.get(broken(link, post, how))
    assert response.status_code == 404
    assert response.content == nothing.content
    assert SECRET not in response.text
    assert {**response.headers} == {**nothing.headers}
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("how", HOW)
def test_a_note_by_a_dead_link_is_refused_and_its_words_come_back(client, post, link, how):
    data = form_of(client, link, body="Precious words.")
    response = client.post(broken(link, post, how), data)
    assert response.status_code == 404
    assert "Precious words." in response.text
    assert SECRET not in response.text
    assert not ReviewNote.objects.exists()


def test_a_forged_link_asks_the_database_nothing(client, link, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert sharing.opened_by(f"{link.post_id}.{link.key}:forged") is None


def test_it_opens_until_its_moment_and_not_after(client, post, alice):
    link = make(post, alice, days=1)
    with time_machine.travel(link.expires_at - timedelta(seconds=1)):
        assert read(client, link)[0].status_code == 200
    with time_machine.travel(link.expires_at):
        assert read(client, link)[0].status_code == 404


def test_nobody_goes_on_showing_what_they_may_not_write_in_any_more(client, alice, carl, make_post):
    post = make_post(published=False, coauthors=[carl])
    link = make(post, carl)
    assert read(client, link)[0].status_code == 200
    put(post, "published")
    assert read(client, link)[0].status_code == 404
    put(post, "draft")
    assert read(client, link)[0].status_code == 200
    post.coauthors.clear()
    assert read(client, link)[0].status_code == 404
    client.force_login(alice)
    _response, page = page_of(client, post)
    assert "may not show" in page.select_one(f"#link-{link.pk}").text
    assert page.select(f"#link-{link.pk} button[value=revoke]")


def test_who_left_shows_nothing_any_more(client, alice, link):
    alice.is_active = False
    alice.save()
    assert read(client, link)[0].status_code == 404


# --- notes ----------------------------------------------------------------------------------------


def test_an_outsider_leaves_a_note_on_a_paragraph(client, link):
    data = form_of(client, link, "?paragraph=1")
    response, _page = send(client, link, data)
    note = ReviewNote.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"{sharing.address_of(link)}?thanks=1#note-{note.pk}"
    assert (note.quote, note.paragraph, note.body) == ("Second one.", 1, "Well said.")
    assert (note.author, note.author_name, note.share_link) == (None, "Tom", link)
    page = BeautifulSoup(client.get(response["Location"]).content, "html5lib")
    assert "Thank you" in page.select_one("[role=status]").text
    assert page.select_one("#paragraph-1 .note-body").text == "Well said."
    assert not response.cookies


def test_an_outsider_sees_the_notes_of_the_same_link_alone(client, alice, post, link):
    other = make(post, alice, label="Ann")
    send(client, other, form_of(client, other, body="From Ann."))
    send(client, link, form_of(client, link, body="From Tom."))
    text = read(client, link)[0].text
    assert "From Tom." in text
    assert "From Ann." not in text
    assert "for “" not in text


def test_the_same_form_makes_one_note(client, link):
    data = form_of(client, link)
    first, _page = send(client, link, data)
    second, _page = send(client, link, data)
    assert first["Location"] == second["Location"]
    assert ReviewNote.objects.count() == 1


REFUSED = {
    "nothing": ({"body": " \n "}, "Please write something"),
    "too much": ({"body": "x" * 2001}, "1 character too long"),
    "no name": ({"name": ""}, "Please give a name"),
    "a name of two lines": ({"name": "Tom\u2028Ann"}, ""),
    "an unseen name": ({"name": "\u200b"}, ""),
    "a robot": ({"subject": "cheap"}, "to stay empty"),
    "a forged place": ({"place": "made up"}, "which paragraph"),
    "a field too many": ({"author": "1"}, "no field called author"),
    "a status": ({"resolved_at": "2020-01-01"}, "no field called resolved_at"),
    "an unseen body": ({"body": "x\u202ey"}, ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_comes_back_in_its_box(client, link, what):
    changed, words = REFUSED[what]
    data = form_of(client, link, "?paragraph=0") | changed
    response, page = send(client, link, data)
    assert response.status_code == 422
    assert words in response.text
    assert page.select_one("#note-form textarea").text.strip("\n") == data["body"].strip("\n")
    assert page.select_one("#note-form [name=subject]").get("value", "") == ""
    assert not ReviewNote.objects.exists()


def test_exactly_the_most_is_taken_however_lines_end(client, link):
    body = ("x" * 999 + "\r\n") * 2
    response, _page = send(client, link, form_of(client, link, body=body))
    assert response.status_code == 303
    assert ReviewNote.objects.get().body == ("x" * 999 + "\n") * 2


def test_another_sites_page_leaves_no_note(link):
    client = Client(enforce_csrf_checks=True)
    data = form_of(client, link)
    response, _page = send(client, link, data, origin="https://elsewhere.example")
    assert response.status_code == 403
    response, _page = send(client, link, data, sec_fetch_site="cross-site")
    assert response.status_code == 403
    assert send(client, link, data)[0].status_code == 303


def test_the_page_with_the_form_lets_the_browser_say_where_it_comes_from(client, link):
    response, _page = read(client, link, "?note=whole")
    # Under no-referrer a browser sends "Origin: null", which is nobody's.
    assert response["Referrer-Policy"] == "same-origin"
    data = form_of(client, link)
    assert send(client, link, data, origin="null")[0].status_code == 403


def test_too_many_at_once_are_refused_and_the_words_kept(client, link, monkeypatch):
    monkeypatch.setattr(outsiders, "MOST_TRIES", 2)
    for number in range(2):
        send(client, link, form_of(client, link, body=f"Note {number}"))
    response, page = send(client, link, form_of(client, link, body="Note 3"))
    assert response.status_code == 429
    assert page.select_one("#note-form textarea").text.strip() == "Note 3"
    assert ReviewNote.objects.count() == 2


def test_a_link_takes_so_many_notes_and_no_more(client, link, monkeypatch):
    monkeypatch.setattr("blog.notes.MOST_OF_A_LINK", 1)
    send(client, link, form_of(client, link, body="One"))
    response, page = send(client, link, form_of(client, link, body="Two"))
    assert response.status_code == 422
    assert page.select_one("#note-form textarea").text.strip() == "Two"


def test_a_link_without_notes_takes_none(client, alice, post, link):
    mute = make(post, alice, takes_notes=False)
    response, page = read(client, mute, "?note=whole")
    assert not page.select("form.note-form, a.note-link")
    response, _page = send(client, mute, form_of(client, link, body="Precious."))
    assert response.status_code == 403
    assert "Precious." in response.text
    assert not ReviewNote.objects.exists()


def test_a_place_of_another_post_is_no_place_here(client, make_post, alice, link):
    other = make(make_post(published=False, body="Other words."), alice)
    place = form_of(client, other, "?paragraph=0")["place"]
    response, _page = send(client, link, form_of(client, link, place=place))
    assert response.status_code == 422


def test_a_note_stays_with_its_paragraph_though_the_author_went_on(client, alice, post, link):
    data = form_of(client, link, "?paragraph=1")
    body = "New.\n\nFirst one.\n\nSecond one, mended."
    publishing.save(post, {"body": body}, actor=alice, seen_version=post.text_version)
    send(client, link, data)
    _response, page = read(client, link)
    assert page.select_one("#paragraph-2 .note-body").text == "Well said."


def test_the_authors_are_told_once_for_several_notes(client, alice, carl, post, link):
    publishing.save(post, {"coauthors": [carl]}, actor=alice, seen_version=post.text_version)
    for number in range(3):
        send(client, link, form_of(client, link, body=f"Note {number}", name="http://evil.example"))
    letters = OutgoingLetter.objects.order_by("to")
    assert [letter.to for letter in letters] == ["alice@example.org", "carl@example.org"]
    assert f"/write/{post.pk}/review/" in letters[0].body
    assert "evil" not in letters[0].body
    assert "who has a link to" in letters[0].body


@pytest.mark.parametrize("where", ["", "review/"])
def test_an_outsider_by_the_name_of_an_editor_is_told_from_the_editor(
    client, alice, mona, post, link, where
):
    send(client, link, form_of(client, link, body="Of hers, allegedly.", name="Mona"))
    notes.leave(post, Place(post.text_version), "Of hers.", author=mona, key="x")
    client.force_login(alice)
    page = BeautifulSoup(client.get(f"/write/{post.pk}/{where}").content, "html5lib")
    said = {"Of hers, allegedly.": True, "Of hers.": False}
    shown = page.select(".open-notes li" if not where else "article.note")
    assert {body: "by the link for “Tom”" in note.text for note in shown for body in said
            if body in note.text} == said  # fmt: skip


def test_a_note_of_somebody_whose_account_is_gone_is_no_outsiders(client, alice, mona, post):
    notes.leave(post, Place(post.text_version), "Of hers.", author=mona, key="x")
    mona.delete()
    client.force_login(alice)
    page = BeautifulSoup(client.get(f"/write/{post.pk}/review/").content, "html5lib")
    assert "Mona" in page.select_one("article.note").text
    assert "by a link" not in page.select_one("article.note").text


# --- who makes and revokes them -------------------------------------------------------------------


def page_of(client, post):
    response = client.get(f"/write/{post.pk}/share/")
    return response, BeautifulSoup(response.content, "html5lib")


def test_an_author_makes_a_link_and_copies_it(client, alice, post):
    client.force_login(alice)
    data = {"label": "Tom", "lasts": "1", "takes_notes": "on", "action": "make"}
    response = client.post(f"/write/{post.pk}/share/", data)
    link = ShareLink.objects.get()
    assert response["Location"].endswith(f"#link-{link.pk}")
    assert (link.label, link.takes_notes, link.maker) == ("Tom", True, alice)
    assert timedelta(hours=23) < link.expires_at - timezone.now() < timedelta(days=1)
    _response, page = page_of(client, post)
    address = page.select_one(f"#address-{link.pk}")["value"]
    assert Client().get(address).status_code == 200


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"lasts": "own"}, "still to come"),
        ({"lasts": "own", "until": "2001-01-01T09:00"}, "still to come"),
        ({"lasts": "own", "until": "2999-01-01T09:00"}, "within a year"),
        ({"lasts": "own", "until": "soon"}, "day and an hour"),
        ({"lasts": "9999"}, "not one of the available"),
        ({"lasts": "7", "label": "a\u2028b"}, ""),
        ({"lasts": "7", "key": "mine", "maker": "1"}, "no fields called key, maker"),
    ],
    ids=["no moment", "past", "far", "words", "days", "label", "forged"],
)
def test_a_link_that_cannot_be_is_refused_in_words(client, alice, post, typed, named):
    client.force_login(alice)
    response = client.post(f"/write/{post.pk}/share/", {"label": "Tom", "action": "make"} | typed)
    assert response.status_code == 422
    assert named in response.text
    assert not ShareLink.objects.exists()


def test_who_is_taken_off_a_post_keeps_no_link_of_others(client, alice, carl, post, link):
    post.coauthors.add(carl)
    own = make(post, carl)
    client.force_login(carl)
    response, page = page_of(client, post)
    assert [each["value"] for each in page.select("input[readonly]")] == [
        f"http://testserver{sharing.address_of(own)}"
    ]
    assert sharing.address_of(link) not in response.text
    assert "Who made it has its address." in page.select_one(f"#link-{link.pk}").text
    assert page.select_one(f"#link-{link.pk} button[value=revoke]")


def test_a_link_until_a_day_of_ones_own(client, alice, post):
    client.force_login(alice)
    until = (timezone.localtime() + timedelta(days=3)).replace(second=0, microsecond=0)
    data = {"lasts": "own", "until": until.strftime("%Y-%m-%dT%H:%M")}
    client.post(f"/write/{post.pk}/share/", data)
    link = ShareLink.objects.get()
    assert (link.expires_at, link.takes_notes) == (until, False)


def test_a_revoked_link_is_dead_at_once(client, alice, post, link):
    client.force_login(alice)
    client.post(f"/write/{post.pk}/share/", {"action": "revoke", "link": link.pk})
    assert Client().get(sharing.address_of(link)).status_code == 404
    _response, page = page_of(client, post)
    assert "revoked" in page.select_one(f"#link-{link.pk}").text
    assert not page.select(f"#address-{link.pk}")


def test_nobody_revokes_a_link_of_another_post(client, alice, carl, make_post, link):
    own = make_post(published=False, author=carl)
    client.force_login(carl)
    for number in (link.pk, "x", "9" * 30, ""):
        response = client.post(f"/write/{own.pk}/share/", {"action": "revoke", "link": number})
        assert response.status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None


def test_what_is_in_the_trash_is_shared_with_nobody(client, alice, post):
    put(post, "trash")
    client.force_login(alice)
    response = client.post(f"/write/{post.pk}/share/", {"lasts": "7"})
    assert response.status_code == 403
    assert not ShareLink.objects.exists()


def test_a_link_says_when_it_was_opened_last(client, alice, post, link):
    client.force_login(alice)
    assert "Never opened." in page_of(client, post)[0].text
    read(Client(), link)
    assert "Opened once" in page_of(client, post)[0].text


def test_the_status_of_a_post_never_changes_by_its_links(client, post, link):
    read(client, link)
    send(client, link, form_of(client, link))
    after = Post.objects.get()
    assert (after.status, after.text_version, after.version) == (
        PostStatus.DRAFT, post.text_version, post.version,
    )  # fmt: skip
