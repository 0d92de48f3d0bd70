"""Comments for the browser tests of the desk, made and looked at through a running site."""

import json
from dataclasses import dataclass

from tests.browser.talk import start_talk
from tests.faults.visitor import PASSWORD, make_people
from tests.servers import Site

ADD = """
import json, uuid
from django.utils import timezone
from tests.comments.factories import make_comment
from comments.status import Status
from comments.models import Report
thread = Thread.objects.get(pk={thread})
made = []
for number in range({count}):
    thread.refresh_from_db()
    status = {statuses}[number % {every}]
    words = f"Thought {{number + 1}}, see https://example.com/{{number}}."
    comment = make_comment(thread, None, words, Status(status),
        author_name=f"Guest {{number + 1}}", author_email=f"guest{{number + 1}}@example.org",
        submission_key=uuid.uuid4().hex)
    made.append(comment.pk)
print("MADE" + json.dumps(made))
"""
LOOK = """
import json
rows = Comment.objects.filter(pk__in={pks})
print("MADE" + json.dumps(dict(rows.values_list("pk", "status"))))
"""
READ = """
import json
print("MADE" + json.dumps([Comment.objects.get(pk={pk}).body]))
"""
LOG = """
import json
from comments.models import ModerationLogEntry
rows = ModerationLogEntry.objects.filter(comment={pk}).order_by("pk")
print("MADE" + json.dumps(list(rows.values_list("action", "reason", "note", "actor_name"))))
"""
ACT = """
from comments.moderation import Seen, moderate, edit
from comments.status import Action
comment = Comment.objects.get(pk={pk})
max_ = User.objects.get(email="max@example.org")
{act}
"""
MAX = """
person = User.objects.create_user("max@example.org", {password!r}, display_name="Max")
person.groups.set([Group.objects.get(name="Editor")])
person.confirm_address()
"""


@dataclass(frozen=True)
class Desk:
    """The desk of a running site, with one thread."""

    site: Site
    thread: int

    def add(self, count: int, *statuses: str) -> list[int]:
        """Let comments in with these statuses in turn; return their ids, the oldest first."""
        statuses = statuses or ("pending",)
        code = ADD.format(
            thread=self.thread, count=count, statuses=list(statuses), every=len(statuses)
        )
        return self._told(code)

    def statuses(self, pks: list[int]) -> list[str]:
        found = self._told(LOOK.format(pks=pks))
        return [found[str(pk)] for pk in pks]

    def body(self, pk: int) -> str:
        return self._told(READ.format(pk=pk))[0]

    def log(self, pk: int) -> list[list[str]]:
        return self._told(LOG.format(pk=pk))

    def edit(self, pk: int, body: str) -> None:
        """Let the author of a comment change it."""
        act = f"edit(comment, {body!r}, actor=None, actor_name='A guest', seen=Seen.of(comment))"
        self.site.shell(ACT.format(pk=pk, act=act))

    def decide(self, pk: int, action: str) -> None:
        """Let Max do something to a comment."""
        act = f"moderate(comment, Action({action!r}), actor=max_, seen=Seen.of(comment))"
        self.site.shell(ACT.format(pk=pk, act=act))

    def prove_address(self, pk: int) -> None:
        """Let the author of a comment have an address that letters go to."""
        act = "comment.email_proved_at = comment.created_at; comment.save()"
        self.site.shell(ACT.format(pk=pk, act=act))

    def lift(self, pk: int) -> None:
        """Let the discussion of a comment run as any other again."""
        act = "from comments import openness; openness.lift(comment.thread, actor=max_)"
        self.site.shell(ACT.format(pk=pk, act=act))

    def empty(self) -> None:
        """Put aside what waits, so that a test has the queue for itself."""
        self.site.shell(
            "Comment.objects.filter(status='pending').update(status='rejected')\n"
            "Comment.objects.filter(status='spam').update(status='rejected')"
        )

    def _told(self, code: str) -> list:
        return json.loads(self.site.shell(code).rpartition("MADE")[2])


def open_desk(site: Site) -> Desk:
    make_people(site)
    site.shell(MAX.format(password=PASSWORD))
    return Desk(site, start_talk(site, "A radio in the outhouse").thread)
