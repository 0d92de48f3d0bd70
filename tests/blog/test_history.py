"""A post's history: what was written, what differs, and the way back, for those who may write."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from blog import publishing
from blog.models import Category, Picture, PostStatus, Revision, RevisionKind, Series
from blog.publishing import StalePost, texts
from blog.words import TEXTS, latest_words, words_of, working_copy_of
from comments.models import Markup
from tests.blog.received import receive_post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

PAGES = ("history", "compare", "revision", "revision_preview", "restore")


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def draft(alice, make_post):
    """A draft with three revisions: "First.", "Second." and "Third."."""
    post = make_post(published=False, title="Bread", body="First.", tags=["one", "two"])
    post = saved(post, body="Second.", tags=["two", "three"], reason="Clearer.")
    return saved(post, body="Third.", title="Good bread")


@pytest.fixture
def public(alice, make_post):
    """A public post of two revisions whose next version is being written."""
    post = make_post(title="Salt", body="First.")
    post = saved(post, body="Second.")
    return publishing.keep(
        post, {"body": "Third."}, actor=alice, seen_version=post.text_version, is_saved=True
    )


def saved(post, reason="", **fields):
    seen = post.text_version
    return publishing.save(post, fields, actor=post.author, seen_version=seen, reason=reason)


def address(name, post, number=1):
    numbered = {"revision", "revision_preview", "restore"}
    return reverse(f"blog:{name}", args=[post.pk, number] if name in numbered else [post.pk])


def page_of(response):
    return BeautifulSoup(response.text, "html5lib")


def restored(writer, post, number, *fields, **data):
    version = data.pop("version", post.text_version)
    data = {"fields": fields, "version": version, **data}
    return writer.post(address("restore", post, number), data)


def numbers(post):
    return sorted(post.revisions.values_list("number", flat=True))


# --- who gets in --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_nobody_learns_anything_of_the_post_of_another(writer, mona, make_post, name):
    post = saved(make_post(author=mona, published=False), body="Changed.")
    send = writer.post if name == "restore" else writer.get
    assert send(address(name, post), {"fields": "body"}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_who_may_not_write_any_more_is_asked_again(client, alice, draft, name):
    client.force_login(alice)
    alice.groups.clear()
    send = client.post if name == "restore" else client.get
    assert send(address(name, draft), {"fields": "body"}).status_code == 403
    assert numbers(draft) == [1, 2, 3]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_kept_by_anybody_else(writer, draft, name):
    send = writer.post if name == "restore" else writer.get
    assert "no-store" in send(address(name, draft), {"fields": "body"})["Cache-Control"]


def test_a_revision_of_another_post_is_not_found_through_ones_own(writer, mona, make_post, draft):
    theirs = make_post(author=mona, published=False, body="A secret.")
    for number in range(6):
        theirs = saved(theirs, body=f"A secret, {number}.")
    for url in (
        address("revision", draft, 6),
        address("revision_preview", draft, 6),
        f"{address('compare', draft)}?from=1&to=6",
    ):
        assert writer.get(url).status_code == 404
    assert restored(writer, draft, 6, "body").status_code == 404


def test_restoring_needs_a_form_of_ours(alice, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert restored(client, draft, 1, "body").status_code == 403


def test_restoring_is_not_done_by_a_link(writer, draft):
    assert writer.get(address("restore", draft)).status_code == 405


# --- the list -----------------------------------------------------------------------------------


def test_the_list_tells_of_each_revision_newest_first(writer, draft):
    page = page_of(writer.get(address("history", draft)))
    rows = [row.get_text(" ", strip=True) for row in page.select(".revisions > li")][1:]
    assert all(f"Revision {number}" in row for number, row in zip((3, 2, 1), rows, strict=True))
    assert "Alice" in rows[0]
    assert "Changed: title, address, text" in rows[0]
    assert "Clearer." in rows[1]
    assert "Changed: text, tags" in rows[1]


def test_the_list_shows_what_is_written_and_not_before_readers(writer, public):
    page = page_of(writer.get(address("history", public)))
    first = page.select_one(".revisions > li").get_text(" ", strip=True)
    assert "What is written now" in first
    assert "not before readers yet" in first


def test_a_post_without_a_history_says_so(writer, make_post):
    page = writer.get(address("history", make_post(published=False)))
    assert "There is nothing here yet." in page.text


def test_names_and_reasons_of_others_stay_text(writer, alice, draft):
    alice.display_name = "<b>Al</b>"
    alice.save()
    draft = saved(draft, body="Fourth.", reason="<script>alert(1)</script>")
    page = page_of(writer.get(address("history", draft)))
    assert page.select(".revisions b, .revisions script") == []
    assert "<script>alert(1)</script>" in page.text


def test_the_list_goes_on_from_the_last_number_shown(writer, draft):
    rows_added(draft, 70)
    seen, url = [], address("history", draft)
    while url:
        page = page_of(writer.get(url))
        seen += [
            int(link.text.split()[1]) for link in page.select(".revisions h2 a[href*=history]")
        ]
        url = (page.select_one("a[rel=next]") or {}).get("href")
    assert seen == list(range(73, 0, -1))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1", "\u0663", ""])
def test_the_list_begins_anywhere(writer, draft, before):
    response = writer.get(address("history", draft), {"before": before})
    assert response.status_code == 200


def rows_added(post, count):
    first = post.revisions.order_by("-number").first()
    Revision.objects.bulk_create(
        Revision(
            post=post, number=first.number + number, kind=RevisionKind.SAVE, words=first.words,
            changed=["body"], text_version=1, actor=post.author, actor_name="Alice",
        )
        for number in range(1, count + 1)
    )  # fmt: skip


def test_the_list_asks_as_much_of_thousands_as_of_three(
    writer, draft, django_assert_max_num_queries, django_assert_num_queries
):
    with django_assert_max_num_queries(8) as few:
        writer.get(address("history", draft))
    rows_added(draft, 3000)
    with django_assert_num_queries(len(few)) as many:
        writer.get(address("history", draft))
    assert not any('"words"' in query["sql"] and "revision" in query["sql"] for query in many)


# --- what differs -------------------------------------------------------------------------------


def changes_on(page):
    return {
        section["aria-labelledby"].removeprefix("change-"): section.get_text(" ", strip=True)
        for section in page.select("section.change")
    }


def test_a_revision_shows_what_it_changed(writer, draft):
    changes = changes_on(page_of(writer.get(address("revision", draft, 2))))
    assert changes.keys() == {"body", "tags"}
    assert "[removed: First. ] [added: Second. ]" in changes["body"]
    assert "[removed: one ] [added: three ] two" in changes["tags"]


def test_any_two_are_compared(writer, draft):
    page = page_of(writer.get(f"{address('compare', draft)}?from=3&to=1"))
    changes = changes_on(page)
    assert "From revision 3 to revision 1" in page.text
    assert changes.keys() == {"title", "slug", "body", "tags"}
    assert "[removed: Third. ] [added: First. ]" in changes["body"]


def test_what_readers_see_is_compared_with_what_is_written(writer, public):
    page = page_of(writer.get(f"{address('compare', public)}?from=readers&to=copy"))
    assert "From what readers see now to what is written now" in page.text
    assert "[removed: Second. ] [added: Third. ]" in changes_on(page)["body"]


def test_the_newest_is_compared_with_the_one_before_unless_said_otherwise(writer, draft):
    page = page_of(writer.get(address("compare", draft)))
    assert "From revision 2 to revision 3" in page.text


def test_two_that_are_the_same_say_so(writer, draft):
    page = page_of(writer.get(f"{address('compare', draft)}?from=1&to=1"))
    assert "The two are the same." in page.text


@pytest.mark.parametrize("key", ["99", "-1", "x", "9" * 40, "1.5", "\x00", "readers'"])
def test_what_names_no_text_is_not_found(writer, draft, key):
    for names in ({"from": key}, {"to": key}):
        assert writer.get(address("compare", draft), names).status_code == 404
    assert writer.get(address("revision", draft), {"from": key}).status_code == 404


def test_covers_are_shown_side_by_side_and_rows_by_their_names(writer, draft, mona):
    one, other = (make_picture(alt) for alt in ("A loaf", "A mill"))
    shelf, series = Category.objects.create(name="Ovens", slug="ovens"), a_series()
    draft = saved(draft, cover=one)
    draft = saved(draft, cover=other, categories=[shelf], coauthors=[mona], series=series)
    page = page_of(writer.get(address("revision", draft, 5)))
    alts = [img["alt"] for img in page.select("section.change img")]
    assert alts == ["A loaf", "A mill"]
    changes = changes_on(page)
    assert ("Ovens" in changes["categories"], "Mona" in changes["coauthors"]) == (True, True)
    assert "Baking week" in changes["series"]


def make_picture(alt):
    return Picture.objects.create(file=f"pictures/{alt[2:]}.png", width=4, height=3, alt=alt)


def a_series():
    return Series.objects.create(title="Baking week", slug="baking-week")


def test_a_revision_is_seen_as_readers_would_see_it(writer, draft):
    draft = saved(draft, body="*Fourth* <script>alert(1)</script>")
    response = writer.get(address("revision_preview", draft, 4))
    body = page_of(response).select_one(".post-body")
    assert body.em.text == "Fourth"
    assert body.select("script") == []
    assert "First." in writer.get(address("revision_preview", draft, 1)).text


def test_the_preview_of_a_revision_stores_nothing(writer, draft):
    before = type(draft).objects.values().get(pk=draft.pk)
    writer.get(address("revision_preview", draft, 1))
    assert type(draft).objects.values().get(pk=draft.pk) == before


# --- restoring ----------------------------------------------------------------------------------


def test_restoring_a_draft_makes_a_revision_and_takes_none_away(writer, draft, alice):
    response = restored(writer, draft, 1, "body", "tags", reason="It was better.")
    assert (response.status_code, response["Location"]) == (302, address("history", draft))
    draft.refresh_from_db()
    newest = draft.revisions.first()
    assert (draft.body, draft.body_html, draft.title) == ("First.", "<p>First.</p>\n", "Good bread")
    assert words_of(draft)["tags"] == ["one", "two"]
    assert (newest.number, newest.kind, newest.restored_from) == (4, RevisionKind.RESTORE, 1)
    assert (newest.reason, newest.actor, newest.words) == (
        "It was better.", alice, words_of(draft),
    )  # fmt: skip
    assert numbers(draft) == [1, 2, 3, 4]


def test_a_restore_is_undone_by_restoring_the_one_before(writer, draft):
    before = words_of(draft)
    restored(writer, draft, 1, *TEXTS, "tags")
    draft.refresh_from_db()
    restored(writer, draft, 3, *TEXTS, "tags")
    draft.refresh_from_db()
    assert words_of(draft) == before


def test_what_readers_see_is_untouched_by_a_restore(writer, public):
    response = restored(writer, public, 1, "body")
    assert response.status_code == 302
    public.refresh_from_db()
    assert (public.body, public.status) == ("Second.", PostStatus.PUBLISHED)
    assert latest_words(public)["body"] == "First."
    assert working_copy_of(public).is_saved
    publishing.publish_changes(public, actor=public.author)
    public.refresh_from_db()
    assert public.body == "First."


@pytest.mark.parametrize("whose", ["draft", "public"])
def test_words_that_were_only_kept_are_in_the_history_before_a_restore(
    writer, alice, request, whose
):
    post = request.getfixturevalue(whose)
    post = publishing.keep(
        post, {"body": "Typed a second ago.", "title": "Typed"}, actor=alice,
        seen_version=post.text_version,
    )  # fmt: skip
    restored(writer, post, 1, "body")
    bodies = [revision.words["body"] for revision in post.revisions.all()]
    assert "Typed a second ago." in bodies
    assert latest_words(type(post).objects.get(pk=post.pk))["title"] == "Typed"
    assert latest_words(type(post).objects.get(pk=post.pk))["body"] == "First."


def test_a_post_that_was_changed_meanwhile_is_not_restored(writer, draft):
    version = draft.text_version
    draft = saved(draft, body="Somebody else's.")
    response = restored(writer, draft, 1, "body", version=version)
    assert response.status_code == 409
    assert "nothing was restored" in response.text
    version = page_of(response).select_one(".restore-form [name=version]")["value"]
    assert int(version) == draft.text_version
    draft.refresh_from_db()
    assert draft.body == "Somebody else's."
    assert numbers(draft) == [1, 2, 3, 4]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_restores_nothing(writer, draft, version):
    assert restored(writer, draft, 1, "body", version=version).status_code == 409


@pytest.mark.parametrize("fields", [(), ("status",), ("markup",), ("author", "password")])
def test_only_what_an_author_writes_is_restored(writer, draft, fields):
    response = restored(writer, draft, 1, *fields)
    assert response.status_code == 422
    assert numbers(draft) == [1, 2, 3]


def test_what_is_gone_meanwhile_is_told_and_the_rest_restored(writer, draft, mona, bob):
    cover, shelf, series = make_picture("A loaf"), a_shelf(), a_series()
    draft = saved(draft, cover=cover, categories=[shelf], coauthors=[mona, bob], series=series)
    other = make_picture("A mill")
    draft = saved(draft, cover=other, categories=[], coauthors=[], series=None, body="New.")
    for row in (cover, shelf, series):
        row.delete()
    response = restored(
        writer, draft, 4, "cover", "categories", "coauthors", "series", "body",
    )  # fmt: skip
    said = writer.get(response["Location"]).text
    assert "The cover picture of then is gone" in said
    assert "Not all categories of then are still there." in said
    assert "The series of then is gone" in said
    assert "Not all co-authors of then can still write here." in said
    draft.refresh_from_db()
    assert (draft.cover, list(draft.categories.all())) == (other, [])
    assert list(draft.coauthors.all()) == [mona]
    assert draft.body == "Third."


def test_who_writes_along_restores_no_co_authors(client, mona, alice, make_post):
    zoe = make_person("Zoe", "Author")
    post = saved(make_post(author=zoe, published=False), coauthors=[alice, mona])
    post = saved(post, coauthors=[alice], body="New.")
    client.force_login(alice)
    page = page_of(client.get(address("revision", post, 2)))
    assert [box["value"] for box in page.select(".restore-form [name=fields]")] == ["body"]
    assert restored(client, post, 2, "coauthors").status_code == 422
    assert restored(client, post, 2, "body", "coauthors").status_code == 302
    post.refresh_from_db()
    assert (list(post.coauthors.all()), post.body) == ([alice], "A paragraph.")


def a_shelf():
    return Category.objects.create(name="Ovens", slug="ovens")


def test_a_revision_with_rows_that_are_gone_is_still_shown(writer, draft):
    cover, shelf = make_picture("A loaf"), a_shelf()
    draft = saved(draft, cover=cover, categories=[shelf])
    cover.delete()
    shelf.delete()
    page = writer.get(address("revision", draft, 4))
    assert page.status_code == 200
    assert "(no longer there)" in page.text


def test_an_address_that_is_taken_meanwhile_is_refused_in_words(writer, draft, make_post):
    slug = draft.slug
    draft = saved(draft, slug="another")
    make_post(slug=slug, title="Taken", published=False)
    response = restored(writer, draft, 3, "slug")
    assert response.status_code == 422
    assert "Nothing was restored." in response.text
    draft.refresh_from_db()
    assert draft.slug == "another"


def test_what_a_text_is_written_in_is_restored_with_it(writer, alice):
    post = receive_post(alice, body="<p>As HTML.</p>", status=PostStatus.DRAFT)
    post = saved(post, body="As *Markdown*.", markup=Markup.MARKDOWN)
    restored(writer, post, 1, "body")
    post.refresh_from_db()
    assert (post.markup, post.body) == (Markup.HTML, "<p>As HTML.</p>")
    assert "<p>As HTML.</p>" in post.body_html


def test_a_long_html_text_is_restored_beside_a_post_that_is_markdown_by_now(writer, alice):
    post = receive_post(alice, body="<p>Long.</p>" * 20_000)
    post = saved(post, body="Short.", markup=Markup.MARKDOWN)
    assert restored(writer, post, 1, "body").status_code == 302
    assert latest_words(post)["markup"] == Markup.HTML


def test_the_form_offers_what_differs_and_no_more(writer, draft):
    page = page_of(writer.get(address("revision", draft, 2)))
    offered = [box["value"] for box in page.select(".restore-form [name=fields]")]
    assert offered == ["title", "slug", "body"]
    page = page_of(writer.get(address("revision", draft, 3)))
    assert page.select(".restore-form") == []


def test_a_restore_that_comes_late_is_stale_by_the_one_door_too(draft, alice):
    revision = draft.revisions.get(number=1)
    with pytest.raises(StalePost):
        publishing.restore(draft, revision, ["body"], actor=alice, seen_version=1)


def test_the_editor_leads_to_the_history(writer, draft):
    page = page_of(writer.get(reverse("blog:edit", args=[draft.pk])))
    assert page.select_one(f"a[href='{address('history', draft)}']")


@pytest.mark.parametrize("route", ["preview", "revision"])
def test_a_text_over_the_caps_is_kept_but_reaches_no_parser(
    writer, draft, alice, monkeypatch, route
):
    """What is kept while somebody types is judged by its size alone."""
    monkeypatch.setattr(texts.markup, "render_body", lambda _text: pytest.fail("It was parsed."))
    notes = "x[^1] " * 2_000
    publishing.keep(
        draft, {"body": notes}, actor=alice, seen_version=draft.text_version, is_saved=True
    )
    newest = draft.revisions.first().number
    address = {
        "preview": reverse("blog:preview", args=[draft.pk]),
        "revision": reverse("blog:revision_preview", args=[draft.pk, newest]),
    }[route]
    assert "more than 500 footnotes" in writer.get(address, follow=True).text
