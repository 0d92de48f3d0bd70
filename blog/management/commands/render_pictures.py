"""Make all smaller copies of pictures that are due now: after an import, or on an older site.

What the site does by itself beside its requests, a few at a time; both may run at once.
"""

from typing import Any

from django.core.management.base import BaseCommand
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from blog import renditions
from blog.publishing.again import renew_outdated

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())


class Command(BaseCommand):
    help = "Make the smaller copies of pictures that pages offer, all that are due."

    def handle(self, **options: Any) -> None:
        while renew_outdated():
            pass
        made = failed = 0
        with Progress(*COLUMNS, TimeRemainingColumn(), transient=True) as progress:
            task = progress.add_task("Pictures", total=renditions.due().count())
            for picture in renditions.due_until():
                is_done = picture.renditions.exists()
                made, failed = made + is_done, failed + (not is_done)
                progress.advance(task)
        self.stdout.write(f"{made} pictures made ready, {failed} failed.")
