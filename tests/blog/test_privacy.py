"""The privacy page says what is so, and leads to the page on comments (test_disclosure.py)."""

import pytest

pytestmark = pytest.mark.django_db


def test_it_leads_to_the_page_on_comments(client):
    text = client.get("/privacy/").text
    assert '<a href="/comments/data/">how your comment data is processed</a>' in text


def test_it_names_the_cookies_of_signing_in_and_of_locked_posts(client, settings):
    text = client.get("/privacy/").text
    for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "parley_unlocked"):
        assert f"<code>{cookie}</code>" in text
