"""Who has a post open to write in it: one row a person and post, never in the log, gone by itself.

Told on opening, with every save of what is typed, and now and then while the page is looked at.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from blog.models import EditorPresence, Post, WorkingCopy
from blog.words import working_copy_of
from comments.turns import turn

LASTS = timedelta(seconds=60)
# Whom nobody asks about any more.
FORGOTTEN_AFTER = timedelta(hours=1)
JUST_NOW = timedelta(minutes=1)


def be_here(person: Any, post: Post) -> None:
    """Queries: 1."""
    row = EditorPresence(post=post, person=person, seen_at=timezone.now())
    with turn():
        EditorPresence.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["post", "person"],
            update_fields=["seen_at"],
        )


def others_here(person: Any, post: Post) -> list[str]:
    """Return a sentence for each of the others who have this post open now. Queries: 1 or 2."""
    live = EditorPresence.objects.filter(post=post, seen_at__gt=timezone.now() - LASTS)
    rows = live.exclude(person=person).select_related("person").order_by("pk")
    others = [row.person for row in rows]
    copy = working_copy_of(post) if others else None
    return [_told(each, copy) for each in others]


def _told(person: Any, copy: WorkingCopy | None) -> str:
    name = person.get_short_name()
    if copy is None or copy.editor_id != person.pk:
        return _("%(name)s has this open too.") % {"name": name}
    if timezone.now() - copy.saved_at < JUST_NOW:
        return _("%(name)s has this open too, and wrote just now.") % {"name": name}
    told = {"name": name, "ago": timesince(copy.saved_at, depth=1)}
    return _("%(name)s has this open too, and wrote %(ago)s ago.") % told


def forget_those_gone() -> int:
    """Remove the rows of those who left long ago. Queries: 1 where there are none."""
    gone = EditorPresence.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER)
    return gone.delete()[0] if gone.exists() else 0
