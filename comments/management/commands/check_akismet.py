"""Ask Akismet whether it knows the key and serves this site."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comments.spam.akismet.fields import home
from comments.spam.akismet.verifying import verify


class Command(BaseCommand):
    help = "Ask Akismet whether it knows the key and serves this site. No comment is sent."

    def handle(self, *args: Any, **options: Any) -> None:
        if wrong := verify():
            raise CommandError(wrong)
        self.stdout.write(f"Akismet knows the key, and serves {home()}.")
