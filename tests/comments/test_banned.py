"""What a banned person is shown: their own words back, until when and why, and nothing private."""

import re
from datetime import timedelta

import httpx
import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from comments import sanctions
from comments.forms import make_token
from comments.held import forget
from comments.models import Comment, Reason, Report, Sanction, SanctionKind, SanctionTarget
from comments.moderation import Seen
from comments.status import Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import HTMX, WORDS, address_of, post, textarea
from tests.faults.visitor import make_people, make_posts

PRIVATE = "Known under ten names."


@pytest.fixture
def thread(db):
    return make_thread(title="On bread", url="/")


@pytest.fixture
def banned(client, mona, eve):
    """Eve, signed in and banned."""
    client.force_login(eve)
    sanctions.impose(
        SanctionKind.BAN,
        SanctionTarget.ACCOUNT,
        eve.pk,
        actor=mona,
        reason="abuse",
        note=PRIVATE,
        message="Between us.",
    )
    return client


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_the_words_come_back_with_the_reason_and_nothing_private(banned, thread, headers):
    response = post(banned, thread, headers=headers)
    assert response.status_code == 403
    assert textarea(response).strip() == WORDS
    assert "do not take words from your account" in response.text
    assert Reason.objects.get(code="abuse").label in response.text
    assert PRIVATE not in response.text
    assert "Between us" not in response.text
    assert not Comment.objects.exists()


def test_a_suspended_person_is_told_until_when(client, thread, mona):
    ends_at = timezone.now() + timedelta(days=7)
    sanctions.impose(
        SanctionKind.SUSPEND, SanctionTarget.NETWORK, "127.0.0.1", actor=mona, ends_at=ends_at
    )
    response = post(client, thread)
    assert response.status_code == 403
    assert date_format(timezone.localtime(ends_at), "j F Y, H:i") in response.text
    Sanction.objects.update(ends_at=timezone.now())
    forget()
    assert post(client, thread).status_code == 303


def test_a_preview_stores_nothing_and_is_given_to_anybody(banned, thread):
    assert post(banned, thread, action="preview").status_code == 200


def test_new_words_for_an_old_comment_come_back_too(banned, thread, eve):
    comment = make_comment(thread, author=None)
    Comment.objects.filter(pk=comment.pk).update(author=eve, created_at=timezone.now())
    address = address_of("edit", thread)
    sent = {"body": WORDS, "seen": str(Seen.of(comment))}
    response = banned.post(address, sent)
    assert response.status_code == 403
    assert textarea(response).strip() == WORDS
    assert "do not take words" in response.text
    assert Comment.objects.get().body == "A thought."


def test_ones_own_comment_can_still_be_deleted(banned, thread, eve):
    comment = make_comment(thread, author=None)
    Comment.objects.filter(pk=comment.pk).update(author=eve, created_at=timezone.now())
    assert banned.post(address_of("delete", thread)).status_code == 200
    assert Comment.objects.get().status == Status.DELETED


def test_a_second_click_on_what_was_posted_before_the_ban_leads_to_the_comment(
    client, thread, mona, eve
):
    client.force_login(eve)
    from_form = {"token": make_token(thread)}
    first = post(client, thread, **from_form)
    sanctions.impose(SanctionKind.BAN, SanctionTarget.ACCOUNT, eve.pk, actor=mona)
    assert first.status_code == post(client, thread, **from_form).status_code == 303
    assert Comment.objects.count() == 1


# --- in another process -------------------------------------------------------------------------

BAN_US = """
from comments import sanctions
mona = User.objects.get(email="mona@example.org")
sanctions.impose("ban", "network", "127.0.0.0/24", actor=mona, reason="spam")
"""
LIFT = """
from comments import sanctions
sanctions.lift(Sanction.objects.get(), actor=User.objects.get(email="mona@example.org"))
"""


def test_a_ban_made_in_one_process_counts_at_once_in_all_others(site):
    make_people(site)
    ((thread, address),) = make_posts(site, "On bread")
    with httpx.Client(base_url=site.url) as guest:

        def answer() -> tuple[int, str]:
            guest.cookies.clear()
            page = guest.get(address).text
            token = re.search(r'name="token"\s+value="([^"]+)"', page)
            assert token is not None
            data = {"name": "Gus", "email": "gus@example.org", "body": f"A thought. {len(said)}"}
            sent = guest.post(f"/comments/{thread}/", data={**data, "token": token[1]})
            said.append(sent.text)
            return sent.status_code, sent.text

        said: list[str] = []
        assert [answer()[0] for _worker in range(3)] == [303, 303, 303]
        site.shell(BAN_US)
        for _worker in range(3):
            status, page = answer()
            assert (status, "from the network that you use" in page) == (403, True)
            assert "A thought." in page
        site.shell(LIFT)
        assert answer()[0] == 303


def test_a_banned_person_reports_nothing_and_keeps_their_words(client, bob, mona, thread):
    comment = make_comment(thread)
    sanctions.impose("ban", "account", str(bob.pk), actor=mona)
    client.force_login(bob)
    answer = client.post(
        reverse("comments:report", args=[comment.thread_id, comment.number]),
        {"reason": "abuse", "note": "What I typed."},
    )
    assert answer.status_code == 403
    assert "What I typed." in answer.text
    assert not Report.objects.exists()
