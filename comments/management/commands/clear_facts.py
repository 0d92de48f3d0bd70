"""Clear what comments came with once its time is over: what the running site does by itself."""

from typing import Any

from django.core.management.base import BaseCommand

from comments.retention import clear_due_facts


class Command(BaseCommand):
    help = "Shorten the network addresses of old comments, and clear what else was sent along."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while passed := clear_due_facts():
            total += passed
        self.stdout.write(f"{total} comments gone through.")
