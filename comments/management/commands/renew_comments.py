"""Make anew what another release, language or time zone has rendered above comments.

Pages do that for themselves, each time they are made; this does it once and for all.
"""

from typing import Any

from django.core.management.base import BaseCommand

from comments.meta import meta_html, meta_stamp
from comments.models import Comment

AT_ONCE = 500


class Command(BaseCommand):
    help = "Renews the stored line above each comment where it is from another release or language."

    def handle(self, *args: Any, **options: Any) -> None:
        renewed, last = 0, 0
        while comments := list(_stale_after(last)):
            for comment in comments:
                comment.meta_html, comment.meta_stamp = meta_html(comment), meta_stamp()
            Comment.objects.bulk_update(comments, ["meta_html", "meta_stamp"])
            renewed, last = renewed + len(comments), comments[-1].pk
        if renewed and options["verbosity"]:
            self.stdout.write(f"The lines above {renewed:,} comments were made anew.")


def _stale_after(pk: int) -> Any:
    texts = ("body", "body_html", "standing_html", "user_agent", "referrer")
    stale = Comment.objects.exclude(meta_stamp=meta_stamp()).filter(pk__gt=pk)
    return stale.defer(*texts).order_by("pk")[:AT_ONCE]
