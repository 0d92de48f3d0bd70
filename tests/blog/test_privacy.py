"""The privacy page says what is so: held against the model, the settings and the checks."""

import pytest
from django.conf import settings as site

from blog import privacy
from comments.models import Comment

pytestmark = pytest.mark.django_db

# Columns that hold nothing of a person: the comment's place, its state, and what is derived.
NOT_OF_A_PERSON = {
    "id", "thread", "parent", "number", "path", "depth", "status", "revision", "living_replies",
    "kind", "author_mark", "markup",
    "body_html", "markup_version", "body_digest", "submission_key", "edited_at",
    "approved_revision", "standing_html", "shown_version", "meta_html", "meta_stamp",
    "helpful_count", "markers_before", "score",
}  # fmt: skip


def test_every_column_that_holds_something_of_a_person_is_named():
    columns = {field.name for field in Comment._meta.fields}
    assert set(privacy.STORED) == columns - NOT_OF_A_PERSON


def test_every_check_that_is_built_in_is_explained():
    assert set(site.COMMENTS_CHECKS) == set(privacy.CHECKS)


def test_a_check_that_is_off_is_not_claimed(client, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.flood"]
    text = client.get("/privacy/").text
    assert str(privacy.CHECKS["comments.spam.rules.flood"]) in text
    assert str(privacy.CHECKS["comments.spam.rules.honeypot"]) not in text


def test_a_check_that_was_added_is_owned_up_to(client, settings):
    before = client.get("/privacy/").text
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, "elsewhere.akismet_like"]
    after = client.get("/privacy/").text
    assert "akismet_like" in after
    assert "akismet_like" not in before
    assert "not part of Parley" in after
