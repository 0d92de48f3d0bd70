"""What bad input is tried out in, and on, and with."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.judging import WHO, Room
from tests.faults.visitor import Visitor, make_people, make_posts
from tests.servers import Site

APPROVE_ALL = """
from comments.moderation import Seen, moderate
from comments.status import Action
mona = User.objects.get(email="mona@example.org")
for comment in Comment.objects.all():
    moderate(comment, Action.APPROVE, actor=mona, seen=Seen.of(comment))
"""


@pytest.fixture(scope="module")
def room(site: Site) -> Room:
    """Return the room, warm: every worker has loaded and compiled what it needs."""
    make_people(site)
    (thread, post), (other, _address) = make_posts(site, "On bread", "On birds")
    guest = Visitor(site)
    # Three in the other thread: number 3 is a comment there and nowhere else.
    for where in (thread, other, other, other):
        data = {**WHO, "body": f"Comment in {where}, {time.monotonic_ns()}"}
        assert guest.http.post(f"/comments/{where}/", data=data).status_code == 303
    guest.http.cookies.clear()
    site.shell(APPROVE_ALL)
    alice, mona = Visitor(site).sign_in("Alice"), Visitor(site).sign_in("Mona")
    for _turn in range(12):
        guest.get(post)
        guest.http.post(f"/comments/{thread}/", data={})
    return Room(site, thread, post, other, guest, alice, mona)


# --- hostile strings ------------------------------------------------------------------------------

# Every list is shown whole, on one page.
WHOLE = 5_000
LISTS = [
    *(f"comments.admin.{name}" for name in ("CommentAdmin", "ModerationLogAdmin", "ThreadAdmin")),
    *(f"blog.admin.{name}" for name in ("PostAdmin", "TagAdmin")),
]
SHARDS = 2


@pytest.fixture(scope="session")
def strings(shared_data: Path) -> list[str]:
    lines = [
        line
        for file in sorted((shared_data / "xss-payloads").glob("*.txt"))
        for line in file.read_text("utf-8", "replace").splitlines()
    ]
    naughty = json.loads((shared_data / "naughty-strings" / "blns.json").read_text("utf-8"))
    whole = [string for string in dict.fromkeys([*lines, *naughty]) if string.strip()]
    assert len(whole) > 1_700
    return whole


@pytest.fixture(params=range(SHARDS), ids=lambda shard: f"part {shard + 1} of {SHARDS}")
def shard(strings: list[str], request: pytest.FixtureRequest) -> list[str]:
    """Return a part of the strings, so that the parts can be tried side by side."""
    return strings[request.param :: SHARDS]


@pytest.fixture
def wide_open(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody in at once, and show whole lists."""
    settings.COMMENTS_CHECKS = []
    settings.COMMENTS_REFUSE_LIMIT = 10**6
    settings.COMMENTS_PAGE_SIZE = WHOLE
    for admin in LISTS:
        monkeypatch.setattr(f"{admin}.list_per_page", WHOLE)
    monkeypatch.setattr("blog.views.POSTS_A_PAGE", WHOLE)
    monkeypatch.setattr("blog.feeds.NEWEST", WHOLE)
