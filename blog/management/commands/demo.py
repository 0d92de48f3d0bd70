"""`manage.py demo`: a blog with an evening's worth of people, posts and talk in it."""

import logging
from typing import Any

from django.core.management.base import BaseCommand

from blog.demo.builder import PASSWORD, build, is_there


class Command(BaseCommand):
    help = "Fill an empty site with demo posts, comments and people. A second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if is_there():
            self.stdout.write("The demo content is here already; nothing was changed.")
        else:
            self.stdout.write("Drawing pictures, publishing posts, letting people talk ...")
            logging.getLogger("parley").setLevel(logging.WARNING)
            counts = build(tell=self.stdout.write)
            self.stdout.write(f"Made {counts.posts} posts and {counts.comments} comments.")
        self.stdout.write(
            "Sign in as alice@example.org (author), carl@example.org (contributor), "
            "bob@example.org (reader) or mona@example.org (editor); "
            f"the password is {PASSWORD}."
        )
