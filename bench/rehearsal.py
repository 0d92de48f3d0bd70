"""Trying other rules and entries of the lists on 2,000 comments, among a thousand listed words.

Told in seconds of processor time, which a busy machine does not lengthen.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from bench import Figure
from comments.models import DiscussionRules, ListEffect, ListKind, Thread
from comments.moderation import submit
from comments.rehearsal import Change, Terms, rehearse
from comments.submission import Submission

COMMENTS, LISTED, WORDS = 2_000, 1_000, 80
POOL = [f"{first}{last}" for first in ("bread", "rye", "oven", "salt") for last in "abcdefghijkl"]
MOST_SECONDS = 2
RULES: dict[str, Any] = {"held_people": "nobody", "max_links": 0, "flood_window_seconds": 3_000}


def measure() -> Iterator[Figure]:
    call_command("migrate", verbosity=0)
    write_comments()
    words = ((pk, ListKind.WORD, f"listed{pk}", ListEffect.HOLD) for pk in range(1, LISTED))
    terms = Terms(DiscussionRules(), tuple(words))
    for name, value in RULES.items():
        yield timed(
            f"{name}: {value}", terms, replace(terms, rules=DiscussionRules(**{name: value}))
        )
    for kind, pattern in (
        (ListKind.WORD, "found in none"),
        (ListKind.WORD, POOL[0]),
        (ListKind.REGEX, "br.ad"),
        (ListKind.NETWORK, "198.18.3.0/24"),
    ):
        entries = (*terms.entries, (0, kind, pattern, ListEffect.SPAM))
        yield timed(f"{kind.label} “{pattern}”", terms, replace(terms, entries=entries))


def timed(what: str, old: Terms, new: Terms) -> Figure:
    started = time.process_time()
    told = rehearse(Change(old, new))
    took = time.process_time() - started
    assert told.judged == COMMENTS
    return Figure(f"{what}, of {COMMENTS:,}; moved {len(told.moves):,}", took, "s", MOST_SECONDS)


def write_comments() -> None:
    some, now = Random(5), timezone.now()
    thread = Thread.objects.create(title="On bread", url="/on-bread/", public_at=now)
    bob = get_user_model().objects.create_user("bob@example.org", display_name="Bob")
    for number in range(COMMENTS):
        thread.refresh_from_db()
        submit(
            Submission(
                thread=thread,
                parent=None,
                author=bob if number % 3 else None,
                author_name="Bob",
                author_email="bob@example.org",
                author_website="",
                body=" ".join(some.choices(POOL, k=WORDS)) + " https://example.com/" * (number % 2),
                submitted_at=now - timedelta(minutes=number),
                submission_key=uuid4().hex,
                ip_address=f"198.18.{number % 250}.{1 + number // 250}",
                seconds_taken=60.0,
            )
        )
