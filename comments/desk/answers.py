"""How the desk answers an act: with a whole page, or with the one card for a page that asked so.

A request with the header HX-Request gets fragments: each is an element with `data-card`, put in
the place of the card of that number. All others get a page or a redirect.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from comments.desk.acts import DONE
from comments.desk.cards import Card, read_cards
from comments.desk.dossier import describe, text_of
from comments.desk.moved import Moved, as_json, moved
from comments.desk.offered import Offered
from comments.marking import Change, difference
from comments.models import Comment, ModerationLogEntry
from comments.moderation import Seen, StaleComment
from comments.status import Action

MAY_MODERATE = "comments.moderate_comment"
MOST_NEXT = 2_000
TYPED_NOTHING = {"reason": "", "note": "", "message": ""}


def admin_frame(request: HttpRequest) -> dict[str, Any]:
    """Return what the admin's own frame needs around a page of the desk: all but the list of its
    apps, which no page here shows.
    """
    site = admin.site
    return {
        "site_title": site.site_title,
        "site_header": site.site_header,
        "site_url": site.site_url,
        "has_permission": site.has_permission(request),
        "is_popup": False,
        "is_nav_sidebar_enabled": False,
    }


def wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def way_back(request: HttpRequest, otherwise: str = "") -> str:
    """Return the address within the desk to go on at: what is asked for, or else, or its first."""
    wanted = (request.POST.get("next") or request.GET.get("next") or "")[:MOST_NEXT]
    desk = reverse("admin:desk")
    is_ours = wanted.startswith(desk) and url_has_allowed_host_and_scheme(wanted, None)
    return wanted if is_ours else otherwise or desk


def tidy_address(request: HttpRequest) -> str | None:
    """Return this address without the empty parts in it, or None where it has none.

    A form without a script sends all of its fields, and a filter is an address to keep.
    """
    kept = request.GET.copy()
    for name, values in request.GET.lists():
        kept.setlist(name, [value for value in values if value.strip()])
    if all(len(kept.getlist(name)) == len(values) for name, values in request.GET.lists()):
        return None
    query = kept.urlencode()
    return f"{request.path}?{query}" if query else request.path


def at_card(way: str, comment_id: int) -> str:
    """Return an address of the desk at the place of one card."""
    return way if "#" in way else f"{way}#card-{comment_id}"


def quoted(address: str) -> SafeString:
    """Return an address as a value within another one."""
    return mark_safe(quote(address, safe=""))  # nothing is left that HTML knows


def see_other(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)


def reread(comment_ids: Sequence[int]) -> list[Comment]:
    """Return the comments as they are now, in the order given. Queries: 1."""
    found = Comment.objects.select_related("thread", "author", "parent").in_bulk(comment_ids)
    return [found[pk] for pk in comment_ids if pk in found]


# --- cards --------------------------------------------------------------------------------------


def card_answer(
    request: HttpRequest,
    comment_id: int,
    *,
    status: int = HTTPStatus.OK,
    typed: dict[str, str] | None = None,
    act: ModerationLogEntry | None = None,
    others: Moved | None = None,
    **said: Any,
) -> HttpResponse:
    """Answer with one comment as it is now: its card, or a page with it.

    `typed`: what was sent, so that it is not lost. `act`: what was done, if it may have changed the
    queues, and `others`: what else changed them. `said`: what was done, in a sentence; or problem,
    since, changes, errors.
    """
    (card,) = read_cards(reread([comment_id]))
    context = {**card_context(request, card, typed=typed), **said}
    is_reported = card.comment.reported_at is not None
    own = moved(act, is_reported=is_reported) if act else Moved()
    context["moved"] = as_json(own, others or Moved())
    if wants_fragment(request):
        return render(request, "admin/comments/desk/_card.html", context, status=status)
    context |= {**admin_frame(request), "title": _("Look again")}
    return render(request, "admin/comments/desk/one.html", context, status=status)


def card_context(
    request: HttpRequest, card: Card, *, typed: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "card": card,
        "typed": typed or TYPED_NOTHING,
        "reasons": Offered(),
        "next": way_back(request),
        "next_quoted": quoted(way_back(request)),
    }


def stale_facts(stale: StaleComment) -> dict[str, Any]:
    """Return what happened since an editor looked, for a conflict's card. Queries: 2."""
    comment = stale.comment
    return {
        "problem": _("Nothing was done: the comment is no longer what you saw."),
        "since": [describe(entry) for entry in reversed(stale.since)],
        "changes": changes_since(comment, stale.seen),
        "parent_changed": stale.parent_changed,
    }


def changes_since(comment: Comment, seen: Seen) -> list[Change]:
    """Return how the text differs from what was seen; nothing when it is the same or gone."""
    if comment.revision == seen.revision:
        return []
    now = Comment.objects.values_list("body", flat=True).get(pk=comment.pk)
    old = text_of(comment, seen.revision)
    return [] if old in (None, now) else list(difference(old or "", now))


# --- what was done ------------------------------------------------------------------------------


class Act(Protocol):
    """An act of the log, or what is known of one."""

    @property
    def pk(self) -> int: ...

    @property
    def batch(self) -> UUID | None: ...


def undo_address(entry: Act) -> str:
    if entry.batch is not None:
        return reverse("admin:desk_undo_batch", args=[entry.batch])
    return reverse("admin:desk_undo", args=[entry.pk])


def done_answer(request: HttpRequest, entry: ModerationLogEntry, *, stays: bool) -> HttpResponse:
    """Answer that an act was done: the line that stands where the card was, or the way on.

    `stays`: the card stays, for the comment is where it was.
    """
    done = str(DONE[Action(entry.action)])
    if not wants_fragment(request):
        say_done(request, done, entry)
        way = way_back(request)
        return see_other(at_card(way, entry.comment_id) if stays else way)
    if stays:
        undo = "" if entry.action == Action.NOTE else undo_address(entry)
        said = done_to(done, entry.comment)
        return card_answer(request, entry.comment_id, said=said, undo_address=undo)
    return HttpResponse(done_line(request, entry.comment, done, entry))


def done_to(done: str, comment: Comment) -> str:
    """Return what is read out once a thing is done: a word, and whose comment it was done to."""
    return _("%(done)s: %(name)s.") % {"done": done, "name": comment.author_name}


def done_line(
    request: HttpRequest, comment: Comment, done: str, entry: ModerationLogEntry
) -> SafeString:
    context = {
        "comment": comment,
        "done": done,
        "said": done_to(done, comment),
        # Of a bulk act, this one alone; the message undoes the whole.
        "undo_address": reverse("admin:desk_undo", args=[entry.pk]),
        "moved": as_json(moved(entry)),
        "next": way_back(request),
    }
    return render_to_string("admin/comments/desk/_done.html", context, request)


def say_done(request: HttpRequest, done: str, entry: ModerationLogEntry) -> None:
    said = format_html("{}: <bdi>{}</bdi>.", done, entry.comment.author_name)
    if entry.action == Action.NOTE:
        messages.success(request, said)
        return
    messages.success(request, with_undo(request, said, undo_address(entry)))


def with_undo(request: HttpRequest, text: str, address: str) -> SafeString:
    """Return a message with a button that undoes at once (the form is in base_site.html)."""
    return format_html(
        '{} <button type="submit" class="undo" form="undo-form" formaction="{}?{}">{}</button>',
        text,
        address,
        next_query(request),
        _("Undo"),
    )


def next_query(request: HttpRequest) -> str:
    return urlencode({"next": way_back(request)})
