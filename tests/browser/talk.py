"""A post with a thread for the browser tests, which can grow while pages are open.

Whoever reads it here is a stranger, or Bob, who has an account.
"""

import json
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.faults.visitor import PASSWORD
from tests.servers import Site

# A branch of eight levels below the first, and two more beside it.
DEEP = [0, 1, 2, 3, 4, 5, 6, 7, 0, 9, 9, 0]
NAMES = ["Ann", "Ben", "Cyd", "Ännchen Ωmega", "Eli"]

ADD = """
import json, uuid
from tests.comments.factories import make_comment
thread = Thread.objects.get(pk={thread})
made = []
for parent, words in {wanted}:
    above = thread.comments.filter(number=parent).first()
    name = {names}[thread.last_number % {count}]
    comment = make_comment(
        thread, above, words or f"Thought {{thread.last_number + 1}}, *quite* so.",
        author_name=name, author_email="", submission_key=uuid.uuid4().hex)
    thread.refresh_from_db()
    made.append(comment.number)
print("MADE" + json.dumps(made))
"""
POST = """
from blog import publishing
alice = User.objects.get(email="alice@example.org")
post = publishing.create_draft(alice, title={title!r}, body={body!r})
post = publishing.publish(post, actor=alice)
print("MADE" + json.dumps([post.thread_id, post.get_absolute_url()]))
"""
BODY = "A first paragraph to talk about.\n\nA *second* one, with `code`.\n\nAnd a third."


@dataclass(frozen=True)
class Talk:
    """One post's thread on a running site. Comments are known by their numbers, from 1."""

    site: Site
    thread: int
    path: str

    def add(self, *parents: int, words: str = "") -> list[int]:
        """Let a comment in below each of these (0: at the top); return the new numbers."""
        wanted = [(parent, words) for parent in parents]
        code = ADD.format(thread=self.thread, wanted=wanted, names=NAMES, count=len(NAMES))
        return list(_made(self.site, code))


def start_talk(site: Site, title: str, parents: list[int] | None = None) -> Talk:
    thread, path = _made(site, "import json\n" + POST.format(title=title, body=BODY))
    talk = Talk(site, thread, path)
    if parents:
        talk.add(*parents)
    return talk


def _made(site: Site, code: str) -> list:
    return json.loads(site.shell(code).rpartition("MADE")[2])


def sign_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
