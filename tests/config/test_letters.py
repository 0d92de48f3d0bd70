"""The running site sends letters that are due, by itself."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.servers import Site

REJECT = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from comments.models import Comment, Thread
from comments.moderation import Seen, moderate, submit
from comments.status import Action
from comments.submission import Submission
bob = get_user_model().objects.create_user("bob@example.org", display_name="Bob")
thread = Thread.objects.create(title="A radio", url="/", public_at=timezone.now())
comment = submit(Submission(
    thread=thread, parent=None, author=bob, author_name="Bob", author_email=bob.email,
    author_website="", body="Words.", submitted_at=timezone.now(), submission_key="one",
))
moderate(comment, Action.REJECT, actor=bob, seen=Seen.of(comment), message="Please be kind.")
"""
# The thread looks every 15 seconds.
PATIENCE_SECONDS = 60


def test_a_letter_that_is_due_is_sent_by_the_running_site(new_site: Callable[..., Site]) -> None:
    site = new_site(env={"COMMENTS_LETTER_DELAY_SECONDS": "0"})
    site.shell(REJECT)
    folder = Path(site.var_dir) / "mail"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (letters := list(folder.glob("*"))) and time.monotonic() < deadline:
        time.sleep(0.5)
    (letter,) = letters
    text = letter.read_text()
    assert "To: bob@example.org" in text
    assert "Please be kind." in text
