"""What the privacy page says of what is no comment; of comments the page that it leads to does
(comments/disclosure.py).
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from blog import unlocking

# Every column of a note that holds something of an outsider who left it on a draft; a test holds
# the two against each other.
NOTE_STORED = {
    "author_name": _("the name you give"),
    "body": _("your words"),
    "quote": _("the paragraph that they are about, as it was then"),
    "share_link": _("by which link you came"),
    "created_at": _("when you wrote it"),
    "creation_key": _("a digest of the form, so that sending it twice makes one note"),
}


def in_force() -> dict[str, Any]:
    """Return the context of the page."""
    return {
        "note_facts": list(NOTE_STORED.values()),
        "unlocked_cookie": unlocking.COOKIE,
        "unlocked_cookie_days": unlocking.KEEP // timedelta(days=1),
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
    }
