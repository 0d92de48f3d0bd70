"""What the desk says after an act: done, with a button that undoes it, or left alone, and why.

Only words and addresses: the views act and decide what is said.
"""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.desk.dossier import describe
from comments.models import Comment, ModerationLogEntry
from comments.moderation import BulkResult, StaleComment, reply_left, reply_taken

MOST_STALE_NAMED = 10


def comment_address(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])


def say_done(request: HttpRequest, entry: ModerationLogEntry) -> None:
    """Say what one act did."""
    done = entry.get_action_display()
    said = _("%(comment)s: %(done)s.") % {"comment": entry.comment, "done": done}
    address = reverse("admin:comments_comment_undo", args=[entry.pk])
    messages.success(request, with_undo(said, address))


def say_of_reply(request: HttpRequest, inverse: ModerationLogEntry) -> None:
    said, address = said_of_reply(inverse)
    if said:
        messages.info(request, with_link(said, address))


def with_link(text: str, address: str) -> SafeString:
    return format_html('{} <a href="{}">{}</a>', text, address, _("Look at it"))


def with_undo(text: str, address: str) -> SafeString:
    """Return a message with a button. `undo-form` stands on every page of the admin that has
    messages (templates/admin/base_site.html), so that no message carries a token."""
    return format_html(
        '{} <button type="submit" class="undo" form="undo-form" formaction="{}">{}</button>',
        text,
        address,
        _("Undo"),
    )


def said_of_reply(inverse: ModerationLogEntry) -> tuple[str, str]:
    """Return what became of the reply that was part of an undone act, and its page at the desk;
    nothing where there was none. Queries: 1 to 3, or none.
    """
    if left := reply_left(inverse):
        said = _("The reply by %(name)s stays as it is: somebody answered it or acted on it since.")
        return said % {"name": left.author_name}, comment_address(left)
    if (taken := reply_taken(inverse)) is None:
        return "", ""
    if taken.is_public():
        said = _("The reply by %(name)s is shown again, too.")
    else:
        said = _("The reply by %(name)s is taken back, too; its words are kept.")
    return said % {"name": taken.author_name}, comment_address(taken)


def report(request: HttpRequest, result: BulkResult, done: str, unseen: int = 0) -> None:
    """Say what was done and what was left alone, and by whom it had been changed."""
    if result.done:
        messages.success(request, said_of_done(result.done, done))
    for stale in result.stale[:MOST_STALE_NAMED]:
        messages.warning(request, said_of_stale(stale))
    for text in said_of_rest(len(result.stale), len(result.illegal), unseen):
        messages.warning(request, text)


def said_of_done(entries: list[ModerationLogEntry], done: str) -> str:
    """Say how many; a bulk act can be undone as one, and so can its undoing."""
    text = ngettext("%(count)s comment %(done)s.", "%(count)s comments %(done)s.", len(entries))
    text %= {"count": len(entries), "done": done}
    if (batch := entries[0].batch) is None:
        return text
    return with_undo(text, reverse("admin:comments_comment_undo_batch", args=[batch]))


def said_of_stale(stale: StaleComment) -> SafeString:
    acts = ", ".join(describe(entry) for entry in reversed(stale.since)) or _("it was changed")
    return format_html(
        '{} – {}. <a href="{}">{}</a>',
        _("1 changed meanwhile and was left alone: %(comment)s") % {"comment": stale.comment},
        acts,
        comment_address(stale.comment),
        _("Look again"),
    )


def said_of_rest(stale: int, illegal: int, unseen: int) -> Iterator[str]:
    if (more := stale - MOST_STALE_NAMED) > 0:
        yield _("%(count)s more changed meanwhile and were left alone.") % {"count": more}
    if illegal:
        yield _("%(count)s left alone: they are so already, or deleted.") % {"count": illegal}
    if unseen:
        yield _("%(count)s left alone: the page did not say what you saw.") % {"count": unseen}
