"""Trying first, on the pages of lists and rules: nothing typed is lost, and nothing saved."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from comments.models import DiscussionRules, ListEntry, ListKind, RulesChange, Thread
from comments.moderation import submit
from comments.spam.lists import forget_lists
from tests.comments.factories import make_comment, make_submission, make_thread
from tests.comments.test_rules_page import PAGE, filled, save, seen

pytestmark = pytest.mark.django_db

LISTED = "/admin/comments/listentry/"


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


@pytest.fixture
def comment(bob):
    thread = make_thread(title="On <b>bread</b>")
    make_comment(thread, author=bob)
    return submit(make_submission(thread, "Butter, <i>please</i>.", author=bob))


# --- lists ----------------------------------------------------------------------------------------


def typed(pattern="butter", **fields):
    return {"kind": "word", "pattern": pattern, "effect": "hold", "note": "A note.", **fields}


def listed(pattern="butter"):
    entry = ListEntry.objects.create(kind=ListKind.WORD, pattern=pattern)
    forget_lists()
    return entry


def page_of(response):
    return response.content.decode()


def test_a_new_entry_is_tried_and_not_saved(editor, comment):
    response = editor.post(f"{LISTED}add/", typed(_rehearse=1))
    page = page_of(response)
    assert response.status_code == 200
    assert "1 more held" in page
    assert f'href="/admin/comments/comment/{comment.pk}/change/"' in page
    assert not ListEntry.objects.exists()


def test_what_is_no_key_of_an_entry_is_not_tried(editor):
    assert editor.get(f"{LISTED}\u00b2/delete/?_rehearse=1").status_code == 302


def test_what_was_typed_is_kept(editor, comment):
    form = editor.post(f"{LISTED}add/", typed(_rehearse=1)).context["adminform"].form
    assert [form[name].value() for name in ("kind", "pattern", "note")] == [
        "word",
        "butter",
        "A note.",
    ]


def test_words_of_strangers_stay_words(editor, comment):
    page = page_of(editor.post(f"{LISTED}add/", typed(_rehearse=1)))
    assert '<bdi class="rehearsal-words">Butter, &lt;i&gt;please&lt;/i&gt;.</bdi>' in page
    assert "<bdi>On &lt;b&gt;bread&lt;/b&gt;</bdi>" in page


def test_what_cannot_be_saved_is_not_tried(editor, comment):
    response = editor.post(f"{LISTED}add/", typed("?!", _rehearse=1))
    assert "at least one letter" in page_of(response)
    assert response.context["told"] is None


def test_another_pattern_is_tried_and_not_saved(editor, comment):
    entry = listed("crumbs")
    response = editor.post(f"{LISTED}{entry.pk}/change/", typed(_rehearse=1))
    assert "1 more held" in page_of(response)
    entry.refresh_from_db()
    assert entry.pattern == "crumbs"


def test_a_note_alone_decides_nothing(editor, comment):
    entry = listed()
    response = editor.post(f"{LISTED}{entry.pk}/change/", typed(_rehearse=1))
    assert "decides about comments" in page_of(response)


def test_doing_without_an_entry_is_tried_before_it_is_deleted(editor, bob, comment):
    entry = listed()
    submit(make_submission(comment.thread, "More butter.", author=bob))
    first = page_of(editor.get(f"{LISTED}{entry.pk}/delete/"))
    assert 'href="?_rehearse=1"' in first
    assert "fewer held" not in first
    assert "2 fewer held" in page_of(editor.get(f"{LISTED}{entry.pk}/delete/?_rehearse=1"))
    assert ListEntry.objects.filter(pk=entry.pk).exists()


def test_every_form_of_an_entry_offers_it(editor, comment):
    entry = listed()
    for address in ("add/", f"{entry.pk}/change/"):
        assert 'name="_rehearse"' in page_of(editor.get(LISTED + address))


@pytest.mark.parametrize("address", ["add/", "{pk}/change/", "{pk}/delete/?_rehearse=1"])
def test_only_editors_may_try(client, eve, comment, address):
    entry = listed()
    client.force_login(eve)
    response = client.post(LISTED + address.format(pk=entry.pk), typed(_rehearse=1))
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


def test_an_entry_that_is_gone_is_said_to_be(editor):
    response = editor.post(f"{LISTED}12345/change/", typed(_rehearse=1), follow=True)
    assert "doesn’t exist" in page_of(response)


def test_whoever_may_not_read_what_waits_is_told_figures_alone(client, sam, comment):
    client.force_login(sam)
    response = client.post(f"{LISTED}add/", typed(_rehearse=1))
    assert "1 more held" in page_of(response)
    assert "please" not in page_of(response)


@pytest.fixture
def sam(eve):
    """Return somebody who may add to the lists, and no more."""
    eve.is_staff = True
    eve.save()
    eve.user_permissions.set(Permission.objects.filter(codename="add_listentry"))
    return eve


# --- rules ----------------------------------------------------------------------------------------


def told_in(response):
    return " ".join(seen(response).select_one(".rehearsal").text.split())


def tried(client, **rules):
    return save(client, button="_rehearse", **rules)


def test_other_rules_are_tried_and_what_they_would_have_done_is_told(editor, comment):
    page = tried(editor, held_people="everyone")
    assert "1 more held" in told_in(page)
    assert "Butter, <i>please</i>." in told_in(page)
    assert not DiscussionRules.objects.exists()


def test_what_was_told_is_kept_with_the_change_that_is_saved_then(editor, comment):
    page = tried(editor, held_people="everyone")
    assert save(editor, before=filled(page)).status_code == 302
    kept = RulesChange.objects.get().rehearsal
    assert kept["moves"] == {"approved-pending": {"left": 1}}
    latest = seen(editor.get(PAGE)).select_one(".rules-changes").text
    assert "Tried first: 1 more held." in latest


def test_what_was_told_of_another_change_is_not(editor, comment):
    page = tried(editor, held_people="everyone")
    save(editor, before=filled(page), max_links="2")
    assert RulesChange.objects.get().rehearsal is None
    assert "Tried first" not in editor.get(PAGE).text


@pytest.mark.parametrize("seal", ["", "forged", "a:b:c"])
def test_nor_what_nobody_told(editor, comment, seal):
    save(editor, held_people="everyone", rehearsed=seal)
    assert RulesChange.objects.get().rehearsal is None
    assert "Tried first" not in editor.get(PAGE).text


def test_rules_that_decide_nothing_say_so(editor, comment):
    assert "decides about comments" in told_in(tried(editor, edit_minutes="30"))


def test_a_change_that_nobody_tried_says_so_where_it_moves_many(editor, bob, comment):
    for days in range(4):
        at = timezone.now() - timedelta(days=days)
        submit(make_submission(make_thread(), author=bob, submitted_at=at))
    saved = save(editor, held_people="everyone")
    said = seen(editor.get(saved["Location"])).select_one(".messagelist").text
    assert "It would have treated 5 of the last 6 comments otherwise." in said


def test_a_change_that_moves_few_says_no_more_than_that_it_is_saved(editor, comment):
    saved = save(editor, held_people="everyone")
    said = seen(editor.get(saved["Location"])).select_one(".messagelist").text
    assert said.strip() == "Saved. It counts from the next comment on."


def test_the_next_comment_is_treated_as_was_told(editor, bob, comment):
    page = tried(editor, held_people="everyone")
    save(editor, before=filled(page))
    later = submit(make_submission(comment.thread, "More butter.", author=bob))
    assert (comment.status, later.status) == ("approved", "pending")


# --- one discussion -------------------------------------------------------------------------------


def held_in(client, comment, button, **typed):
    address = f"/comments/{comment.thread_id}/manage/"
    typed = {"held_people": "", "max_links": "", **typed}
    return client.post(address, {"action": button, **typed})


def test_other_rules_of_a_discussion_are_tried_there_alone(editor, bob, comment):
    submit(make_submission(make_thread(), "Elsewhere.", author=bob))
    page = held_in(editor, comment, "try-holding", held_people="everyone")
    assert page.status_code == 200
    assert "Tried on 2 comments" in told_in(page)
    assert "1 more held" in told_in(page)
    assert "Butter, <i>please</i>." in told_in(page)
    assert page.context["forms"]["holding"]["held_people"].value() == "everyone"
    comment.thread.refresh_from_db()
    assert comment.thread.held_people == ""


def test_the_author_of_a_page_is_told_the_figures_alone(client, alice, bob, comment):
    Thread.objects.update(owner=alice)
    client.force_login(alice)
    page = held_in(client, comment, "try-holding", max_links="0")
    assert "treated just the same" in told_in(page)
    page = held_in(client, comment, "try-holding", held_people="everyone")
    assert "1 more held" in told_in(page)
    assert "please" not in told_in(page)


def test_what_cannot_be_saved_of_a_discussion_is_not_tried(editor, comment):
    page = held_in(editor, comment, "try-holding", max_links="-1")
    assert (page.status_code, page.context["told"]) == (422, None)


def test_the_sites_rules_tried_leave_a_discussion_with_its_own_alone(editor, comment):
    held_in(editor, comment, "holding", held_people="unproved")
    assert "treated just the same" in told_in(tried(editor, held_people="everyone"))
