"""Two people wrote from the same text: both are shown both, and the history has both."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from blog import media, publishing
from blog.models import Category, Post, PostStatus, Revision, RevisionKind
from blog.room import conflict
from blog.words import latest_words, working_copy_of
from tests.blog.pictures import picture_bytes, upload
from tests.blog.received import receive_post

pytestmark = pytest.mark.django_db

BODY = "Flour and water.\n\nSalt.\n\nBake it hot.\n"
BOXES = ("title", "slug", "excerpt", "author_note", "source_line", "tags")


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def post(make_post):
    return make_post(published=False, title="Bread", body=BODY)


def merge_url(post):
    return reverse("blog:merge", args=[post.pk])


def write_as(person, post, **fields):
    """Let somebody else type, from the text that stands there now."""
    current = Post.objects.get(pk=post.pk)
    publishing.keep(current, fields, actor=person, seen_version=current.text_version)


def typed(post, **words):
    empty = dict.fromkeys(BOXES, "")
    stored = {"title": post.title, "body": post.body, "version": post.text_version}
    return empty | stored | words


def clash(writer, post, mona, *, yours, theirs):
    """Let Alice send a form that Mona was faster than; return the page and its form."""
    seen = typed(post, **yours)
    write_as(mona, post, **theirs)
    response = writer.post(reverse("blog:edit", args=[post.pk]), seen | {"action": "save"})
    assert response.status_code == 409
    return response, boxes_of(response)


def boxes_of(response):
    form = BeautifulSoup(response.text, "html5lib").select_one("form.post-form")
    inputs = form.select("input[name]:not([type=radio]), input[type=radio][checked]")
    boxes = {box["name"]: box.get("value", "") for box in inputs}
    return boxes | {box["name"]: box.text.removeprefix("\n") for box in form.select("textarea")}


def bodies(post):
    return [each.words["body"] for each in post.revisions.order_by("number")]


YOURS = BODY.replace("Salt", "A pinch of salt")
THEIRS = BODY.replace("hot", "very hot")
BOTH = THEIRS.replace("Salt", "A pinch of salt")


def test_what_two_wrote_in_two_places_is_one_text(writer, post, mona):
    response, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    assert "Mona wrote in it" in response.text
    assert boxes["body"] == BOTH
    assert latest_words(post)["body"] == THEIRS
    saved = writer.post(merge_url(post), boxes | {"action": "merge"})
    assert saved["Location"] == reverse("blog:edit", args=[post.pk])
    assert latest_words(post)["body"] == BOTH
    newest = post.revisions.order_by("-number").first()
    assert (newest.kind, newest.actor_name, newest.words["body"]) == ("merge", "Alice", BOTH)


def test_the_same_words_changed_by_both_stand_one_after_the_other(writer, post, mona):
    yours, theirs = BODY.replace("hot", "at 250°"), BODY.replace("hot", "very hot")
    response, boxes = clash(writer, post, mona, yours={"body": yours}, theirs={"body": theirs})
    body = boxes["body"]
    places = [
        body.index(each) for each in ("═══ Yours", "at 250°", "═══ Mona", "very hot", "═══ U")
    ]
    assert places == sorted(places)
    assert "In 1 place both of you" in response.text


def test_both_texts_are_in_the_history_before_anything_is_chosen(writer, post, mona):
    clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    assert bodies(post) == [BODY, THEIRS, YOURS]
    assert [each.actor_name for each in post.revisions.order_by("number")[1:]] == ["Mona", "Alice"]


def test_the_same_conflict_shown_twice_is_kept_once(writer, post, mona):
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    for _ in range(2):
        data = typed(post, body=YOURS, version=1)
        assert writer.post(merge_url(post), data).status_code == 409
    assert bodies(post) == [BODY, THEIRS, YOURS]
    assert Post.objects.get().text_version == int(boxes["version"])


def test_mine_may_replace_theirs_and_theirs_is_in_the_history(writer, post, mona):
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    assert writer.post(merge_url(post), boxes | {"action": "mine"}).status_code == 302
    assert latest_words(post)["body"] == YOURS
    assert THEIRS in bodies(post)
    assert post.revisions.order_by("-number").first().kind == RevisionKind.MERGE


def test_theirs_may_stay_and_mine_is_in_the_history(writer, post, mona):
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    assert writer.post(merge_url(post), boxes | {"action": "theirs"}).status_code == 302
    assert latest_words(post)["body"] == THEIRS
    assert YOURS in bodies(post)


def test_who_was_faster_again_is_shown_again(writer, post, mona):
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    write_as(mona, post, body=THEIRS + "\nEat.\n")
    again = writer.post(merge_url(post), boxes | {"action": "merge"})
    assert again.status_code == 409
    assert boxes_of(again)["body"] == BOTH + "\nEat.\n"
    assert BOTH in bodies(post)
    assert writer.post(merge_url(post), boxes_of(again) | {"action": "merge"}).status_code == 302
    assert latest_words(post)["body"] == BOTH + "\nEat.\n"


def test_mine_does_not_replace_what_was_not_shown(writer, post, mona):
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    write_as(mona, post, body="Unseen.")
    assert writer.post(merge_url(post), boxes | {"action": "mine"}).status_code == 409
    assert latest_words(post)["body"] == "Unseen."


def test_other_fields_are_merged_or_chosen(writer, post, mona):
    yours = {"title": "My bread", "tags": "one, two", "excerpt": "Mine."}
    theirs = {"title": "Our bread", "tags": ["two", "three"], "author_note": "Hers."}
    response, boxes = clash(writer, post, mona, yours=yours, theirs=theirs)
    page = BeautifulSoup(response.text, "html5lib")
    titles = [each["value"] for each in page.select("input[type=radio][name=title]")]
    assert titles == ["My bread", "Our bread"]
    assert (boxes["title"], boxes["excerpt"], boxes["author_note"]) == (
        "My bread",
        "Mine.",
        "Hers.",
    )
    assert boxes["tags"] == "two, three, one"
    writer.post(merge_url(post), boxes | {"title": "Our bread", "action": "merge"})
    words = latest_words(post)
    assert (words["title"], words["tags"]) == ("Our bread", ["two", "three", "one"])
    assert (words["excerpt"], words["author_note"]) == ("Mine.", "Hers.")


def test_shelves_that_another_chose_stay(writer, post, mona):
    shelf = Category.objects.create(name="Kitchen", slug="kitchen")
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"categories": [shelf]})
    writer.post(merge_url(post), boxes | {"action": "merge"})
    words = latest_words(post)
    assert (words["body"], words["categories"]) == (YOURS, [shelf.pk])


def test_a_published_post_is_merged_beside_what_readers_see(writer, make_post, mona):
    post = make_post(title="Bread", body=BODY)
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    writer.post(merge_url(post), boxes | {"action": "merge"})
    stored = Post.objects.get()
    assert (stored.status, stored.body) == (PostStatus.PUBLISHED, BODY)
    assert working_copy_of(stored).words["body"] == BOTH


def test_ones_own_other_window_is_named_as_such(writer, post, alice):
    response, boxes = clash(writer, post, alice, yours={"body": YOURS}, theirs={"body": THEIRS})
    assert "another window" in response.text
    assert boxes["body"] == BOTH


def test_the_ancestor_is_what_both_had_seen(writer, post, mona, alice):
    """What stood there when both began is in the history as soon as another writes over it."""
    write_as(alice, post, body=BODY + "\nBegun.\n")
    post.refresh_from_db()
    yours = (BODY + "\nBegun.\n").replace("Salt", "A pinch of salt")
    _, boxes = clash(
        writer, post, mona, yours={"body": yours}, theirs={"body": BODY + "\nBegun, and ended.\n"}
    )
    expected = BODY.replace("Salt", "A pinch of salt") + "\nBegun, and ended.\n"
    assert boxes["body"] == expected


@pytest.mark.parametrize(
    "wrong", [{"body": "x" * 200_001}, {"excerpt": "x" * 4001}, {"tags": "x" * 4001}]
)
def test_words_too_many_to_be_kept_come_back_all_the_same(writer, post, mona, wrong):
    write_as(mona, post, body=THEIRS)
    words = {"title": "Mine", "excerpt": "My standfirst.", "tags": "my tag", "author_note": "Me."}
    answer = writer.post(merge_url(post), typed(post, **words | wrong))
    assert answer.status_code == 409
    for text in (words | wrong).values():
        assert text in answer.text
    assert bodies(post) == []


def test_what_was_saved_before_may_replace_theirs(writer, post, mona, alice):
    """The page's text is that of a revision already, which no conflict has made."""
    publishing.save(post, {"body": YOURS}, actor=alice, seen_version=post.text_version)
    post.refresh_from_db()
    publishing.save(post, {"body": THEIRS}, actor=mona, seen_version=post.text_version)
    told = writer.post(reverse("blog:edit", args=[post.pk]), typed(post, body=YOURS))
    assert writer.post(merge_url(post), boxes_of(told) | {"action": "mine"}).status_code == 302
    assert latest_words(post)["body"] == YOURS


def test_what_was_typed_as_html_stays_html_though_the_post_was_converted(writer, alice, mona):
    post = receive_post(alice)
    yours = typed(post, body="<p>Mine, in <b>HTML</b>.</p>")
    fields = {"body": "In **Markdown**.", "markup": "markdown"}
    publishing.write_anew(post, fields, actor=mona, seen_version=post.text_version)
    told = writer.post(reverse("blog:edit", args=[post.pk]), yours)
    assert "one of the two is HTML" in told.text
    assert writer.post(merge_url(post), boxes_of(told) | {"action": "mine"}).status_code == 302
    words = latest_words(post)
    assert (words["markup"], words["body"]) == ("html", yours["body"])


def test_what_one_person_typed_on_both_devices_stands_there_once(writer, post, alice):
    """Of what was only kept while typing the history has nothing: the ancestor is older."""
    draft = "".join(f"Paragraph {number}.\n\n" for number in range(9))
    write_as(alice, post, body=draft)
    post.refresh_from_db()
    write_as(alice, post, body=f"{draft}From the phone.\n")
    told = writer.post(merge_url(post), typed(post, body=f"From the laptop.\n\n{draft}"))
    assert boxes_of(told)["body"] == f"From the laptop.\n\n{draft}From the phone.\n"


def test_a_post_that_goes_while_two_texts_are_compared_gives_the_words_back(
    writer, post, mona, monkeypatch
):
    write_as(mona, post, body=THEIRS)
    found = conflict.post_to_write

    def found_and_gone(*args):
        here = found(*args)
        Post.objects.filter(pk=here.pk).delete()
        return here

    monkeypatch.setattr(conflict, "post_to_write", found_and_gone)
    answer = writer.post(merge_url(post), typed(post, body=YOURS) | {"action": "merge"})
    assert (answer.status_code, boxes_of(answer)["body"]) == (404, YOURS)


def test_what_belongs_to_no_text_is_shown_and_goes_along(writer, post, mona, alice):
    accepted = media.accept(upload(picture_bytes("PNG")))
    cover = media.keep(accepted, uploader=alice, alt="A loaf", caption="", credit="")
    publishing.save(post, {"cover": cover}, actor=alice, seen_version=post.text_version)
    post.refresh_from_db()
    seen = boxes_of(writer.get(reverse("blog:edit", args=[post.pk])))["cover_seen"]
    yours = {
        "body": YOURS, "reason": "More salt.", "publish_at": "2031-05-01T10:00",
        "cover_alt": "A loaf on a board", "cover_seen": seen, "picture_alt": "A jar of it",
    }  # fmt: skip
    told, boxes = clash(writer, post, mona, yours=yours, theirs={"body": THEIRS})
    page = BeautifulSoup(told.text, "html5lib")
    shown = " ".join(each.text for each in page.select(".told"))
    for words in ("More salt.", "2031-05-01T10:00", "A loaf on a board", "A jar of it"):
        assert words in shown
    assert writer.post(merge_url(post), boxes | {"action": "merge"}).status_code == 302
    assert post.revisions.order_by("-number").first().reason == "More salt."
    cover.refresh_from_db()
    assert cover.alt == "A loaf on a board"


def test_words_about_a_cover_that_is_gone_are_told_of(writer, post, mona):
    yours = {"body": YOURS, "cover_alt": "A loaf on a board"}
    _, boxes = clash(writer, post, mona, yours=yours, theirs={"body": THEIRS})
    saved = writer.post(merge_url(post), boxes | {"action": "merge"}, follow=True)
    assert "were not stored: A loaf on a board" in saved.text
    assert latest_words(post)["body"] == BOTH


def test_text_of_strangers_is_text(writer, post, mona):
    theirs = BODY + "\n<script>alert(1)</script>\n"
    response, boxes = clash(writer, post, mona, yours={"title": "<b>"}, theirs={"body": theirs})
    assert "<script>alert" not in response.text
    assert boxes["title"] == "<b>"


# --- who may ---------------------------------------------------------------------------------


def test_another_authors_conflict_is_not_there(client, make_post, mona, alice):
    post = make_post(published=False, author=mona, title="Secret", body="Secret words.")
    client.force_login(alice)
    for action in ("", "merge", "mine", "theirs"):
        answer = client.post(merge_url(post), {"body": "x", "version": "1", "action": action})
        assert answer.status_code == 404
        assert "Secret" not in answer.text
    assert not Revision.objects.exists()


def test_nobody_elses_revision_is_mine(writer, post, mona):
    _, boxes = clash(writer, post, mona, yours={"body": YOURS}, theirs={"body": THEIRS})
    hers = post.revisions.get(actor=mona).number
    answer = writer.post(merge_url(post), boxes | {"kept": hers, "action": "mine"})
    assert (answer.status_code, latest_words(post)["body"]) == (409, THEIRS)


def test_who_was_signed_out_keeps_the_merge(client, post):
    answer = client.post(merge_url(post), {"body": "Merged.", "version": "1", "action": "merge"})
    assert (answer.status_code, boxes_of(answer)["body"]) == (403, "Merged.")


def test_what_somebody_else_merged_is_not_in_the_history_under_ones_own_name(alice, mona, post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    merge = typed(post, body="Merged.", person=alice.pk) | {"action": "merge"}
    answer = client.post(merge_url(post), merge)
    assert (answer.status_code, boxes_of(answer)["body"]) == (403, "Merged.")
    assert "under the name Mona" in answer.text
    assert not post.revisions.exists()
    address = reverse("blog:edit", args=[post.pk])
    assert f'action="{address}"' in answer.text
    assert client.post(address, boxes_of(answer)).status_code == 302
    assert post.revisions.order_by("-number").first().actor == mona


def test_a_token_of_an_earlier_sign_in_shows_the_page_again(alice, post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(merge_url(post), typed(post, body="Merged.") | {"action": "merge"})
    assert answer.status_code == 409
    again = client.post(merge_url(post), boxes_of(answer) | {"action": "merge"})
    assert again.status_code == 302
    assert latest_words(post)["body"] == "Merged."
