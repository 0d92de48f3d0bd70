"""Ask for the verdicts that checks owe: what the running site does by itself, as a command."""

from typing import Any

from django.core.management.base import BaseCommand

from comments.rechecking import recheck_due
from comments.spam.health import flush


class Command(BaseCommand):
    help = "Ask the checks that failed again, about the comments that are due by now."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while asked := recheck_due():
            total += asked
        flush()
        self.stdout.write(f"{total} verdicts asked for.")
