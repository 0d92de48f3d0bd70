"""What the privacy page says of what is no comment; of comments the page that it leads to does
(comments/disclosure.py).
"""

from datetime import timedelta
from typing import Any

from django.conf import settings

from blog import unlocking


def in_force() -> dict[str, Any]:
    """Return the context of the page."""
    return {
        "unlocked_cookie": unlocking.COOKIE,
        "unlocked_cookie_days": unlocking.KEEP // timedelta(days=1),
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
    }
