"""Two people wrote from the same text: what each is shown, and the ways on. Works without a script.

Before anything is asked, what both wrote is in the post's history. A merge is kept beside the post,
whatever its state, to be saved or published from the form like everything else.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import publishing
from blog.differences import difference, folded
from blog.forms import PostForm
from blog.merging import Labels, Merge, merge, merge_choices, merge_value
from blog.models import Post, Revision, RevisionKind
from blog.publishing import StalePost
from blog.room.answers import gone_page, is_anothers, signed_in_anew, turned_away
from blog.room.cover_words import describe_again
from blog.room.fields import beside, carried, fields_of
from blog.room.guards import for_authors, keep_words, post_to_write
from blog.room.typed import typed_fields, version_in
from blog.words import Words, laid_over, latest_words, packed, unpacked, working_copy_of
from comments.origin import same_origin_post


class Writing(NamedTuple):
    person: int | None
    name: str
    at: datetime


@keep_words
@same_origin_post
@require_POST
def merge_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show yours and theirs, or do what the pressed button says."""
    return turned_away(request) or merging_room(request, pk)


@for_authors
def merging_room(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        post = post_to_write(request.user, pk)
    except Http404:
        return gone_page(request)
    do = BUTTONS.get(request.POST.get("action", ""), stale_page)
    if request.csrf_failed:  # type: ignore[attr-defined]
        if is_anothers(request):
            return signed_in_anew(request, post)
        do = stale_page
    try:
        return _answer(do, request, post)
    except Post.DoesNotExist:
        return gone_page(request)


def _answer(do: Callable[..., HttpResponse], request: HttpRequest, post: Post) -> HttpResponse:
    try:
        return do(request, post)
    except StalePost as stale:
        return stale_page(request, stale.post)


def save_merge(request: HttpRequest, post: Post) -> HttpResponse:
    try:
        stored_as_merge(request, post, typed_fields(request, post))
    except ValidationError as error:
        return stale_page(request, post, trouble=" ".join(error.messages))
    messages.success(
        request, _("The merged text is saved. What each of you wrote is in its history.")
    )
    return redirect("blog:edit", post.pk)


def take_mine(request: HttpRequest, post: Post) -> HttpResponse:
    own = post.revisions.filter(actor=request.user.pk)
    number = request.POST.get("kept", "")
    kept = own.filter(number=number if number.isdigit() and len(number) < 9 else 0).first()
    if kept is None:
        return stale_page(request, post)
    stored_as_merge(request, post, unpacked(kept.words))
    messages.success(request, _("Your text stands here now. The other one is in the history."))
    return redirect("blog:edit", post.pk)


def take_theirs(request: HttpRequest, post: Post) -> HttpResponse:
    messages.success(request, _("The other text stays. Yours is in the history."))
    return redirect("blog:edit", post.pk)


def stored_as_merge(request: HttpRequest, post: Post, fields: dict[str, Any]) -> Post:
    seen, kind = version_in(request), RevisionKind.MERGE
    reason = " ".join(request.POST.get("reason", "").replace("\x00", " ").split())[:300]
    post = publishing.keep(
        post, fields, actor=request.user, seen_version=seen, is_saved=True, kind=kind, reason=reason
    )
    if why := describe_again(request, post):
        messages.warning(request, why)
    return post


BUTTONS = {"merge": save_merge, "mine": take_mine, "theirs": take_theirs}


# --- the page ---------------------------------------------------------------------------------


def stale_page(request: HttpRequest, current: Post, *, trouble: str = "") -> HttpResponse:
    """Answer 409: what both wrote, how it differs, and the two made one, to be saved knowingly."""
    typed, seen = typed_fields(request, current), version_in(request)
    kept: Revision | None = None
    try:
        kept = publishing.set_aside(current, typed, actor=request.user, seen_version=seen)
    except ValidationError as error:
        trouble = trouble or " ".join(error.messages)
    theirs = latest_words(current)
    yours = kept.words if kept else theirs | packed(typed)
    last = last_written(current)
    is_own = last.person == request.user.pk
    form = PostForm(request.POST, instance=laid_over(current, theirs), words=theirs)
    context = {
        "post": current,
        "kept": kept,
        "last": last,
        "is_own": is_own,
        "trouble": trouble,
        "files_dropped": bool(request.FILES),
        "stretches": folded(difference(theirs["body"], yours["body"])),
        "yours": yours,
        "theirs": theirs,
        "is_compared": seen == current.text_version,
        "beside": beside(form),
        "carried": carried(form),
        "is_converted": yours["markup"] != theirs["markup"],
        **merged(ancestor(current, seen, theirs), yours, theirs, labels(last.name, is_own=is_own)),
    }
    return render(request, "blog/room/conflict.html", context, status=409)


class Ancestor(NamedTuple):
    """The newest text known to have been before both. `is_last`: it is what the sender saw."""

    words: Words | None
    is_last: bool


def ancestor(post: Post, seen_version: int, latest: Words) -> Ancestor:
    if seen_version == post.text_version:
        return Ancestor(latest, is_last=True)
    revision = publishing.as_of(post, seen_version)
    if revision is None:
        return Ancestor(None, is_last=False)
    return Ancestor(revision.words, is_last=revision.text_version == seen_version)


def merged(base: Ancestor, yours: Words, theirs: Words, lines: Labels) -> dict[str, Any]:
    """Return the two as one: the body, and the other fields, each with its choice."""
    words = {name: _one_of(name, base.words, yours, theirs) for name in theirs}
    body = _one_body(base, yours["body"], theirs["body"], lines)
    return {"body": body, "fields": fields_of(words, yours, theirs)}


def _one_body(base: Ancestor, yours: str, theirs: str, lines: Labels) -> Merge:
    """Return the shorter of two merges, where what both began with is not quite known.

    What one person typed on two devices since it was last in the history is in both. By the older
    text both have added it, each in words of their own; by what they share it stands there once.
    """
    one = merge(base.words["body"] if base.words else None, yours, theirs, lines)
    if base.is_last or not base.words:
        return one
    return min(one, merge(None, yours, theirs, lines), key=lambda each: len(each.text))


def _one_of(name: str, base: Words | None, yours: Words, theirs: Words) -> Any:
    before = base.get(name) if base else None
    if isinstance(theirs[name], list):
        return merge_choices(before, yours[name], theirs[name])
    return merge_value(before, yours[name], theirs[name])[0]


def labels(who: str, *, is_own: bool) -> Labels:
    theirs = _("═══ Written in the other window ═══") if is_own else f"═══ {who} ═══"
    return Labels(_("═══ Yours ═══"), theirs, _("═══ Until here ═══"))


def last_written(post: Post) -> Writing:
    """Return who wrote last in a post, and when. Queries: 1 or 2."""
    if copy := working_copy_of(post):
        name = copy.editor.get_short_name() if copy.editor else _("Somebody")
        return Writing(copy.editor_id, name, copy.saved_at)
    newest = publishing.as_of(post, post.text_version)
    if newest is not None:
        return Writing(newest.actor_id, newest.actor_name or _("Somebody"), newest.created_at)
    return Writing(post.author_id, post.author.get_short_name(), post.updated_at)
