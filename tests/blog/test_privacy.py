"""The privacy page says what is so, and leads to the page on comments (test_disclosure.py)."""

import pytest
from django.utils.html import escape

from blog import privacy
from blog.models import ReviewNote

pytestmark = pytest.mark.django_db


def test_it_leads_to_the_page_on_comments(client):
    text = client.get("/privacy/").text
    assert '<a href="/comments/data/">how your comment data is processed</a>' in text


def test_it_names_the_cookies_of_signing_in_and_of_locked_posts(client, settings):
    text = client.get("/privacy/").text
    for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "parley_unlocked"):
        assert f"<code>{cookie}</code>" in text


# Of the post, or of somebody who has an account here.
NOT_OF_AN_OUTSIDER = {
    "id", "post", "paragraph", "text_version", "author", "resolved_at", "resolver",
}  # fmt: skip


def test_it_names_all_that_is_stored_of_who_leaves_a_note_on_a_draft(client):
    columns = {field.name for field in ReviewNote._meta.concrete_fields}
    assert set(privacy.NOTE_STORED) == columns - NOT_OF_AN_OUTSIDER
    text = client.get("/privacy/").text
    for fact in privacy.NOTE_STORED.values():
        assert f"<li>{escape(fact)}</li>" in text
