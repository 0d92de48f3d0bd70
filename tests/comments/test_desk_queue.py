"""The desk's queue page: who sees it, what a card holds, and that it always costs the same."""

import pytest
from django.test import Client

from comments.status import Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

DESK = "/admin/desk/"


@pytest.fixture
def editor(mona):
    client = Client()
    client.force_login(mona)
    return client


@pytest.fixture
def thread():
    return make_thread(title="A radio in the outhouse")


def test_a_card_shows_the_text(editor, thread):
    make_comment(thread, body="Quite a thought.", status=Status.PENDING)
    page = editor.get(DESK)
    assert page.status_code == 200
    assert "Quite a thought." in page.text
