"""Send the letters that are due: what the running site does by itself, as a command."""

from typing import Any

from django.core.management.base import BaseCommand

from comments.outgoing import send_due_letters


class Command(BaseCommand):
    help = "Send the letters that editors' acts have caused and that are due by now."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while sent := send_due_letters():
            total += sent
        self.stdout.write(f"{total} letters sent.")
