"""The privacy page says what is so: held against the model, the settings and the checks."""

import pytest
from django.conf import settings as site

from blog import privacy
from comments import letters
from comments.models import Comment, DiscussionRules

pytestmark = pytest.mark.django_db

# Columns that hold nothing of a person: the comment's place, its state, and what is derived.
NOT_OF_A_PERSON = {
    "id", "thread", "parent", "number", "path", "depth", "status", "revision", "living_replies",
    "kind", "author_mark", "markup",
    "body_html", "markup_version", "body_digest", "submission_key", "edited_at",
    "approved_revision", "standing_html", "shown_version", "meta_html", "meta_stamp",
    "helpful_count", "markers_before", "score",
    "open_reports", "reported_at", "risk", "is_edited_by_editor",
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


@pytest.mark.parametrize(
    ("minutes", "proved", "says"),
    [
        (15, 1440, "For 15 minutes you may change your comment or delete it; for 1 day if"),
        (60, 60, "For 1 hour you may change your comment or delete it."),
        (0, 2880, "you may change your comment or delete it for 2 days; otherwise it stays"),
        (1, 0, "For 1 minute you may change your comment or delete it; if you wrote it with"),
        (0, 0, "cannot be changed or deleted by yourself"),
    ],
)
def test_how_long_one_may_change_ones_own_is_what_the_editors_set(client, minutes, proved, says):
    DiscussionRules(pk=1, edit_minutes=minutes, proved_edit_minutes=proved).save()
    text = client.get("/privacy/").text
    assert says in text
    assert ("stays public in its history" in text) == bool(minutes or proved)


def test_the_letter_and_the_minute_are_told_as_they_are(client):
    text = " ".join(client.get("/privacy/").text.split())
    assert f"The link works for {letters.LINK_DAYS} days" in text
    assert f"No more than {letters.MOST_TO_ADDRESS} such letters" in text
    assert "For 1 minute the page that says so can bring them back" in text
    assert letters.ADDRESS_SECONDS == 60 * 60 * 24, "“in a day” is what the page says"
    assert letters.NETWORK_SECONDS <= letters.ADDRESS_SECONDS, "“for that day at most”"
