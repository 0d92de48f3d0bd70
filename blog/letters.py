"""Letters about a draft: to the editors when one waits, to its people when something is said of it.

They go out by the comments' own outbox, a little later and again where a mail server is down; no
act on a post ever waits for one or fails with it. Of notes there is one letter for several.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import policy
from blog.models import Post, ReviewNote
from comments.letters import TITLE, one_line, without_addresses
from comments.models import OutgoingLetter
from comments.outgoing import delay

MOST_READERS = 50
REASON = 2000


def tell_of_submission(post: Post, *, actor: Any, page: str) -> None:
    """Tell the editors that a draft waits for them. `page`: the address in full."""
    subject = _("“%(title)s” waits for review") % _title(post)
    said = _("%(name)s asks for a look at “%(title)s” before it is published.")
    _write(_but(actor, policy.people_who_review()), subject, [said % _facts(post, actor), page])


def tell_of_approval(post: Post, *, actor: Any, page: str) -> None:
    if post.is_scheduled():
        subject = _("“%(title)s” was approved and scheduled") % _title(post)
        said = _("%(name)s has read “%(title)s” and scheduled it.")
    else:
        subject = _("“%(title)s” was approved and published") % _title(post)
        said = _("%(name)s has read “%(title)s” and published it.")
    _write(_but(actor, post.byline()), subject, [said % _facts(post, actor), page])


def tell_of_return(post: Post, *, actor: Any, reason: str, page: str) -> None:
    subject = _("“%(title)s”: please change something") % _title(post)
    said = _("%(name)s has read “%(title)s” and asks for changes:")
    lines = [said % _facts(post, actor), reason[:REASON], _("Any notes stand beside the text:")]
    _write(_but(actor, post.byline()), subject, [*lines, page])


def tell_of_note(note: ReviewNote, *, page: str) -> None:
    """Tell a draft's people of what an outsider says, once for all that is said in a few minutes.

    The name was typed by a stranger, so it is shown without anything that leads elsewhere.
    """
    subject = _("Notes on “%(title)s”") % _title(note.post)
    said = _("%(name)s, who has a link to “%(title)s”, has left a note. It stands beside the text:")
    facts = _title(note.post) | {"name": without_addresses(note.author_name)}
    _write(note.post.byline(), subject, [said % facts, page], is_once=True)


def _write(to: Iterable[Any], subject: str, lines: list[str], *, is_once: bool = False) -> None:
    """Put a letter to each into the outbox; `is_once`: none where one like it waits there."""
    body = "\n\n".join([*lines, settings.SITE_NAME])
    for address in _addresses(to):
        waiting = OutgoingLetter.objects.filter(to=address, subject=subject, sent_at=None)
        if is_once and waiting.filter(withdrawn_at=None).exists():
            continue
        due_at = timezone.now() + (delay() if is_once else timedelta())
        OutgoingLetter.objects.create(to=address, subject=subject, body=body, due_at=due_at)


def _addresses(people: Iterable[Any]) -> list[str]:
    """Return where people who may still sign in are written to. Queries: 1."""
    keys = [person.pk for person in people]
    found = get_user_model().objects.filter(pk__in=keys[:MOST_READERS], is_active=True)
    return [person.email for person in found.order_by("pk") if person.email]


def _but(actor: Any, people: Iterable[Any]) -> list[Any]:
    return [person for person in people if person.pk != actor.pk]


def _title(post: Post) -> dict[str, str]:
    return {"title": one_line(str(post), TITLE)}


def _facts(post: Post, actor: Any) -> dict[str, str]:
    return _title(post) | {"name": one_line(actor.get_short_name(), TITLE)}
