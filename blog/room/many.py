"""Many posts at once: what was ticked, or all that match; each is done by itself, and told of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import policy
from blog.models import Post
from blog.room.answers import REFUSED
from blog.room.deeds import (
    MOST_AT_ONCE,
    MOVES_HERE,
    Deed,
    Meant,
    Refused,
    is_open_to,
    meant,
    move_back,
)
from blog.room.filters import ListForm
from blog.room.finding import find_all
from blog.room.guards import for_authors

UNDO_SALT = "blog.undo-many"
UNDO_SECONDS = 60 * 60 * 24
LARGEST_KEY = 2**63 - 1


class ManyForm(forms.Form):
    """What is to be done, and with which posts."""

    deed = forms.ChoiceField(choices=Deed.choices)
    value = forms.CharField(required=False, max_length=254)
    everything = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=2_000)


@dataclass
class Outcome:
    """What became of each post."""

    done: list[Post] = field(default_factory=list)
    refused: list[tuple[Post, str]] = field(default_factory=list)
    not_yours: int = 0
    is_cut: bool = False
    # [key, state before, date before, state after], for taking it back
    moved: list[list[Any]] = field(default_factory=list)


@require_POST
@for_authors
def act_on_many(request: HttpRequest) -> HttpResponse:
    form = ManyForm(request.POST)
    if not form.is_valid():
        return _refuse(request, _("That could not be read, so nothing was done. Go back and try."))
    deed = Deed(form.cleaned_data["deed"])
    if not is_open_to(request.user, deed):
        raise PermissionDenied
    try:
        wanted = meant(deed, form.cleaned_data["value"])
    except ValidationError as error:
        return _refuse(request, " ".join(error.messages))
    keys = _chosen(request, form)
    if not keys:
        return _refuse(request, _("No post was ticked, so nothing was done."))
    outcome = done_to(keys, request.user, wanted)
    return _told(request, outcome, deed=deed, undo=_undo_token(request.user, outcome, deed))


@require_POST
@for_authors
def undo(request: HttpRequest) -> HttpResponse:
    """Bring back where they were those that are still where they were put."""
    moved = _undo_read(request.POST.get("moved", ""), request.user)
    if moved is None:
        return _refuse(request, _("This can no longer be taken back from here."))
    before = {row[0]: row for row in moved}

    def back(post: Post) -> None:
        _key, old, at, new = before[post.pk]
        if post.status != new:
            raise Refused(_("It was moved again since."))
        move_back(post, old, at and datetime.fromisoformat(at), actor=request.user)

    return _told(request, each_of(list(before), request.user, back), is_undone=True)


def done_to(keys: list[int], person: Any, wanted: Meant) -> Outcome:
    moved: list[list[Any]] = []

    def do(post: Post) -> None:
        at = post.published_at
        row = [post.pk, post.status, at and at.isoformat()]
        after = wanted.do(post, actor=person)
        moved.append([*row, after.status])

    outcome = each_of(keys, person, do)
    outcome.moved = moved
    return outcome


def each_of(keys: list[int], person: Any, do: Callable[[Post], None]) -> Outcome:
    """Do something with each post by itself, in the order given. Others' posts are left alone."""
    outcome = Outcome(is_cut=len(keys) > MOST_AT_ONCE)
    keys = keys[:MOST_AT_ONCE]
    posts = (
        policy.editable_by(person)
        .defer("body", "body_html")
        .prefetch_related("coauthors")
        .in_bulk(keys)
    )
    outcome.not_yours = len(keys) - len(posts)
    for key in keys:
        if (post := posts.get(key)) is None:
            continue
        try:
            do(post)
        except Refused as refusal:
            outcome.refused.append((post, str(refusal)))
        else:
            outcome.done.append(post)
    return outcome


def _chosen(request: HttpRequest, form: ManyForm) -> list[int]:
    """Return the keys that are meant, each once; one more than are done at once, at most."""
    if form.cleaned_data["everything"]:
        query = QueryDict(form.cleaned_data["query"])
        narrowed = ListForm(query, sees_all=policy.sees_all(request.user))
        wanted = narrowed.wanted(request.user)
        return find_all(wanted, MOST_AT_ONCE + 1) if wanted else []
    sent = request.POST.getlist("chosen")[: MOST_AT_ONCE + 1]
    keys = (int(key) for key in sent if key.isascii() and key.isdecimal() and len(key) < 19)
    return list(dict.fromkeys(key for key in keys if key <= LARGEST_KEY))


# --- answers ------------------------------------------------------------------------------------


def _told(request: HttpRequest, outcome: Outcome, **more: Any) -> HttpResponse:
    context = {"outcome": outcome, "most": MOST_AT_ONCE, **more}
    return render(request, "blog/room/many.html", context)


def _refuse(request: HttpRequest, trouble: str) -> HttpResponse:
    return render(request, "blog/room/many.html", {"trouble": trouble}, status=REFUSED)


def _undo_token(person: Any, outcome: Outcome, deed: Deed) -> str:
    if deed not in MOVES_HERE or not outcome.moved:
        return ""
    told = {"who": person.pk, "moved": outcome.moved}
    return signing.dumps(told, salt=UNDO_SALT, compress=True)


def _undo_read(token: str, person: Any) -> list[list[Any]] | None:
    try:
        told = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return None
    return told["moved"] if told["who"] == person.pk else None
