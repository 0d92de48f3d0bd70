"""What the first request of a process would wait for, done before the processes are forked.

Addresses and templates take longer to load than any page to make; loaded once, all processes share
them, and one that is renewed answers at once. Nothing here asks the database: a connection must not
be shared.
"""

from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse


def warm_up() -> None:
    reverse("blog:home")
    folder = Path(settings.BASE_DIR) / "templates"
    for path in sorted(folder.rglob("*.html")):
        get_template(path.relative_to(folder).as_posix())
