"""The running site and Akismet: from a guest's form to the report of an editor's decision."""

import time

from tests.comments import akismet_server as stand_in
from tests.comments.akismet_server import KEY
from tests.faults.judging import WHO
from tests.faults.visitor import Visitor, database_of, make_people, make_posts

MARK_AS_SPAM = """
from comments.moderation import Seen, moderate
from comments.status import Action
mona = User.objects.get(email="mona@example.org")
comment = Comment.objects.get(body="Buy!")
moderate(comment, Action.MARK_SPAM, actor=mona, seen=Seen.of(comment))
"""
KEPT = """
SELECT e.answer, e.outcome, e.fields, f.verdict, f.fields, h.alert, h.last_error, l.findings
FROM comments_comment c
JOIN comments_egressentry e ON e.comment_id = c.id
LEFT JOIN comments_sentfields f ON f.comment_id = c.id
LEFT JOIN comments_checkhealth h ON true
JOIN comments_moderationlogentry l ON l.comment_id = c.id
"""
# The thread beside the requests looks every 15 seconds.
PATIENCE_SECONDS = 60


ASK_NOW = """
from django.utils import timezone
from comments.models import UncheckedComment
UncheckedComment.objects.update(due_at=timezone.now())
"""
OWED = "SELECT count(*) FROM comments_uncheckedcomment"
HEALTH = "SELECT calls, failures FROM comments_checkhealth WHERE check_path LIKE '%akismet'"


def only_row(site, query):
    with database_of(site) as cursor:
        cursor.execute(query)
        return tuple(cursor.fetchone())


def test_from_a_guests_form_to_an_editors_report(akismet_server, certificates, new_site):
    site = new_site(
        env={
            "COMMENTS_AKISMET_KEY": KEY,
            "COMMENTS_AKISMET_HOST": akismet_server.host,
            "COMMENTS_AKISMET_CA_FILE": str(certificates.authority),
            "COMMENTS_LETTER_DELAY_SECONDS": "0",
        }
    )
    make_people(site)
    ((thread, address),) = make_posts(site, "On bread")
    guest = Visitor(site)
    door = f"/comments/{thread}/"

    assert guest.http.post(door, data={**WHO, "body": "Buy!"}).status_code == 303
    (asked,) = akismet_server.asked
    assert (asked.path, asked["comment_content"]) == ("/1.1/comment-check", "Buy!")
    assert (asked["user_ip"], asked["comment_author"]) == ("127.0.0.1", WHO["name"])
    assert asked["permalink"].endswith(address)

    akismet_server.behave(stand_in.slow)
    began = time.monotonic()
    assert guest.http.post(door, data={**WHO, "body": "Slow."}).status_code == 303
    assert 3 <= time.monotonic() - began < 6

    akismet_server.behave(stand_in.answer_by_the_protocol)
    site.shell(MARK_AS_SPAM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "/1.1/submit-spam" not in akismet_server.paths() and time.monotonic() < deadline:
        time.sleep(0.2)
    report = akismet_server.asked[-1]
    assert (report.path, report["comment_content"]) == ("/1.1/submit-spam", "Buy!")

    with database_of(site) as cursor:
        cursor.execute(KEPT)
        kept = str(cursor.fetchall())
    assert "took too long" in kept
    assert "comment_content" in kept
    assert KEY not in kept + site.log()

    # What was too slow is asked about again by the site itself.
    assert only_row(site, OWED) == (1,)
    site.shell(ASK_NOW)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while only_row(site, OWED) != (0,) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert (akismet_server.asked[-1]["recheck_reason"], only_row(site, OWED)) == ("recheck", (0,))
    while only_row(site, HEALTH) != (3, 1) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert only_row(site, HEALTH) == (3, 1)
