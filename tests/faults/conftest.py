"""The room in which bad input is tried out."""

import time

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
