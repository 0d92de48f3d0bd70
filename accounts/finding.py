"""Which accounts a name means. Named in settings.COMMENTS_NAME_FINDER."""

from django.db.models import Q

from accounts.models import User

MOST_FOUND = 10


def people_called(name: str) -> list[User]:
    """Return the accounts with this display name or short name, a few at most. Queries: 1."""
    # SQLite knows no case of letters beyond ASCII, so the name is looked for as it is typed, too.
    named = Q(display_name=name) | Q(display_name__iexact=name) | Q(slug=name.lower())
    return list(User.objects.filter(named).order_by("pk")[:MOST_FOUND])
