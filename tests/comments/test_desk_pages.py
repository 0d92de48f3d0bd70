"""What every page of the desk shares: one heading, the parts of the desk, and the way back."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from comments.models import Sanction
from comments.moderation import Seen, moderate_many
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

QUEUE = "/admin/desk/pending/?order=riskiest"
PARTS = [
    "/admin/desk/",
    "/admin/desk/people/",
    "/admin/desk/log/",
    "/admin/desk/morning/",
    "/admin/desk/checks/",
    "/admin/desk/learner/",
]


@pytest.fixture
def editor(mona):
    client = Client()
    client.force_login(mona)
    return client


@pytest.fixture
def comment(mona):
    Sanction.objects.create(kind="ban", target="email", value="x@example.org", actor=mona)
    return make_comment(make_thread(title="Radios"), author_name="Eve", status=Status.PENDING)


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def addresses(comment, mona):
    """Return each page of the desk, with the part it belongs to and its last crumbs."""
    held = make_comment(make_thread(), status=Status.PENDING)
    bulk = moderate_many([(held, Seen.of(held))], Action.APPROVE, actor=mona)
    one = [comment.pk]
    return {
        "queue": (reverse("admin:desk"), 0, "Home › Desk"),
        "another queue": (reverse("admin:desk_queue", args=["spam"]), 0, "Home › Desk"),
        "people": (reverse("admin:desk_people"), 1, "Home › Desk › People"),
        "a measure": (reverse("admin:desk_ban", args=one), 1, "Home › Desk › People › Eve"),
        "log": (reverse("admin:desk_log"), 2, "Home › Desk › Log"),
        "morning": (reverse("admin:desk_morning"), 3, "Home › Desk › Morning"),
        "checks": (reverse("admin:desk_checks"), 4, "Home › Desk › Checks"),
        "learner": (reverse("admin:desk_learner"), 5, "Home › Desk › Learner"),
        "move": (reverse("admin:desk_move", args=one), 0, "Home › Desk › Move"),
        "edit": (reverse("admin:desk_edit", args=one), 0, "Home › Desk › Edit the text"),
        "reply": (reverse("admin:desk_reply", args=one), 0, "Home › Desk › Reply"),
        "undo": (reverse("admin:desk_undo_batch", args=[bulk.batch]), 0, "Home › Desk › Undo"),
        "comment": (
            reverse("admin:comments_comment_change", args=one),
            0,
            "Home › Desk › Comments › Eve",
        ),
    }


PAGES = [
    "queue", "another queue", "people", "a measure", "log", "morning", "move", "edit", "reply",
    "undo", "comment", "checks", "learner",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_desk_has_one_heading_and_leads_to_its_parts(editor, mona, comment, name):
    address, part, crumbs = addresses(comment, mona)[name]
    page = soup(editor.get(address))
    (heading,) = page.select("h1:not(#site-name)")
    assert heading.find_parent(class_="desk-head")
    (parts,) = page.select("nav.desk-parts")
    links = parts.select("a")
    assert [link["href"] for link in links] == PARTS
    current = [link["href"] for link in links if link.get("aria-current")]
    assert current == [PARTS[part]]
    assert " ".join(page.select_one(".breadcrumbs").text.split()) == crumbs


def test_a_part_is_marked_as_the_page_only_where_it_is_the_page(editor, comment):
    def current(address):
        return soup(editor.get(address)).select_one(".desk-parts [aria-current]")["aria-current"]

    assert current("/admin/desk/people/") == "page"
    assert current(f"/admin/desk/{comment.pk}/people/") == "true"


def test_the_admin_s_front_page_leads_to_the_parts_and_is_none_of_them(editor):
    for address in ("/admin/", "/admin/comments/"):
        (parts,) = soup(editor.get(address)).select("nav.desk-parts")
        assert [link["href"] for link in parts.select("a")] == PARTS
        assert not parts.select("[aria-current]")


def test_the_name_of_a_stranger_is_text_in_every_head(editor, mona, comment):
    bad = "<b id=bad>Eve</b>"
    type(comment).objects.filter(pk=comment.pk).update(author_name=bad)
    for address, _part, _crumbs in addresses(comment, mona).values():
        assert not soup(editor.get(address)).select("#bad")


# --- moving: there and back -----------------------------------------------------------------------


@pytest.fixture
def branch():
    thread = make_thread(title="Radios")
    root = make_comment(thread, body="Root.")
    return make_comment(thread, parent=root, body="And the antenna?", author_name="Eve")


def asked_from(editor, comment):
    """Open the queue, follow the card's link, and return the form as it is sent."""
    queue = f"/admin/desk/all/?thread={comment.thread_id}&order=oldest"
    card = soup(editor.get(queue)).select_one(f"#card-{comment.pk}")
    (link,) = [link["href"] for link in card.select("a") if link.text == "Move it"]
    page = soup(editor.get(link))
    form = page.select_one("form.case-decision")
    sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    leave = form.find("a", string="Leave it where it is")["href"]
    return queue, link, sent, leave


@pytest.mark.parametrize("where", ["thread", "itself"])
def test_after_a_move_the_editor_is_back_at_the_card_in_the_queue(editor, branch, where):
    other = make_thread(title="Antennas")
    queue, link, sent, leave = asked_from(editor, branch)
    assert leave == f"{queue}#card-{branch.pk}"
    answer = editor.post(link, {**sent, "where": where, "page": other.url})
    assert (answer.status_code, answer.url) == (303, f"{queue}#card-{branch.pk}")
    branch.refresh_from_db()
    assert branch.parent_id is None
    assert branch.thread_id == (other.pk if where == "thread" else branch.thread_id)
    assert "Moved: <bdi>Eve</bdi>." in editor.get(answer.url).text


def test_a_move_can_be_undone_from_the_queue_one_is_back_in(editor, branch):
    queue, link, sent, _leave = asked_from(editor, branch)
    answer = editor.post(link, {**sent, "where": "itself"})
    undo = soup(editor.get(answer.url)).select_one(".messagelist button.undo")["formaction"]
    answer = editor.post(undo)
    assert answer.url == f"{queue}#card-{branch.pk}"
    branch.refresh_from_db()
    assert branch.parent_id is not None


def test_a_move_that_is_refused_keeps_the_way_back(editor, branch):
    queue, link, sent, leave = asked_from(editor, branch)
    path = link.partition("?")[0]
    page = soup(editor.post(path, {**sent, "where": "thread", "page": "Nowhere"}))
    assert page.select_one("[name=next]")["value"] == queue
    assert page.find("a", string="Leave it where it is")["href"] == leave
    assert page.select_one("[name=page]")["value"] == "Nowhere"


@pytest.mark.parametrize("wanted", ["https://example.org/", "//example.org", "/admin/", "/"])
def test_a_move_never_leads_out_of_the_desk(editor, branch, wanted):
    _queue, link, sent, _leave = asked_from(editor, branch)
    answer = editor.post(link.partition("?")[0], {**sent, "where": "itself", "next": wanted})
    assert answer.url == f"/admin/desk/#card-{branch.pk}"
