"""Make anew what is stored of comments beside their words, where another release has made it: the
line above each, what the queues filter by, the index for searching.

Pages and searches do that for themselves, each time or bit by bit; this does it once and for all.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from comments.meta import meta_html, meta_stamp
from comments.models import Comment, ModerationLogEntry, Thread
from comments.searching import catch_up, index_again, put_in_order
from comments.sifting import sift
from comments.turns import turn

AT_ONCE = 500


class Command(BaseCommand):
    help = (
        "Renews what is stored beside comments where it is from another release or language: the "
        "line above each, what the queues are filtered by, the index for searching."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stale = Comment.objects.exclude(meta_stamp=meta_stamp())
        texts = ("body", "body_html", "standing_html", "user_agent", "referrer")
        lines = _renew(stale.defer(*texts), _line_above, ["meta_html", "meta_stamp"])
        unsifted = Comment.objects.filter(facets="").defer("body_html", "user_agent", "referrer")
        sifted = _renew(unsifted, _sift, ["risk", "facets"])
        catch_up(None)
        put_in_order()
        if options["verbosity"]:
            self._tell(lines, sifted)

    def _tell(self, lines: int, sifted: int) -> None:
        if lines:
            self.stdout.write(f"The lines above {lines:,} comments were made anew.")
        if sifted:
            self.stdout.write(f"{sifted:,} comments can be found by what they link to and more.")


def _renew(
    rows: QuerySet[Comment], renew: Callable[[list[Comment]], None], fields: list[str]
) -> int:
    renewed = 0
    for keys in _in_parts(rows):
        with turn():
            # Locked as for every act, and read under the lock: somebody may have edited meanwhile.
            locked = Thread.objects.select_for_update().filter(comments__in=keys).order_by("pk")
            list(locked.values_list("pk"))
            comments = list(rows.filter(pk__in=keys).order_by("pk"))
            renew(comments)
            Comment.objects.bulk_update(comments, fields)
            if "facets" in fields:
                # What was indexed already was so without them; the log says nothing of this.
                index_again({comment.pk for comment in comments})
        renewed += len(comments)
    return renewed


def _in_parts(rows: QuerySet[Comment]) -> Iterator[list[int]]:
    last = 0
    keys = rows.order_by("pk").values_list("pk", flat=True)
    while part := list(keys.filter(pk__gt=last)[:AT_ONCE]):
        yield part
        last = part[-1]


def _line_above(comments: list[Comment]) -> None:
    for comment in comments:
        comment.meta_html, comment.meta_stamp = meta_html(comment), meta_stamp()


def _sift(comments: list[Comment]) -> None:
    """Queries: 1, for what the checks said."""
    judged = ModerationLogEntry.objects.judging().filter(comment__in=comments)
    findings = dict(judged.order_by("pk").values_list("comment", "findings"))
    for comment in comments:
        sift(comment, findings.get(comment.pk, []))
