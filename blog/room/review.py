"""A draft under review: the text with the notes on it, and what is decided about it.

One page, and a button for each thing that may be done there. Whatever is refused, the words that
were typed come back in their boxes.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import letters, notes, policy, publishing
from blog.differences import difference, folded
from blog.models import Post, PostStatus, ReviewNote
from blog.notes import Place
from blog.publishing import StalePost
from blog.room.answers import REFUSED, last_wish, state_of, what_happened
from blog.room.drafts import Draft, answering, draft_of, parts_of, place_asked_for
from blog.room.guards import for_authors, post_to_write
from blog.room.note_form import DecisionForm, NoteForm
from blog.room.words_back import words_back
from blog.states import Act
from comments.origin import same_origin_post

KEEP_SEEN = 60 * 60 * 24 * 7
# What is compared where a text is not the one that was read.
COMPARED = ("title", "excerpt", "body")


@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft with its notes, or do what the pressed button says."""
    if request.method == "POST" and not request.user.is_authenticated:
        return words_back(request, _("You are not signed in any more."), status=403)
    return _review(request, pk)


@for_authors
def _review(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        post = post_to_write(request.user, pk)
    except Http404:
        if request.method != "POST":
            raise
        return words_back(request, _("The post is gone, or no more yours to write in."), status=404)
    if request.method != "POST":
        return _page(request, post)
    if request.csrf_failed:  # type: ignore[attr-defined]
        trouble = _("Your sign-in changed since this page was opened. Please send again.")
        return _refused(request, post, trouble, status=403)
    do = BUTTONS.get(request.POST.get("action", ""))
    if do is None:
        return _refused(request, post, _("This page has no such button."), status=REFUSED)
    try:
        return do(request, post)
    except StalePost as stale:
        return _stale(request, stale)
    except publishing.IllegalMove as moved:
        return _refused(request, post_to_write(request.user, pk), moved.messages[0], status=409)
    except ValidationError as error:
        return _refused(request, post, " ".join(error.messages), status=REFUSED)


# --- what the buttons do ----------------------------------------------------------------------


def leave_note(request: HttpRequest, post: Post) -> HttpResponse:
    form = _note_form(request, post)
    if not form.is_valid():
        return _page(request, post, note_form=form, status=REFUSED)
    if notes.is_full(post):
        return _refused(request, post, _("There are as many notes as anybody can read."))
    note, _made = notes.leave(
        post, form.cleaned_data["place"], form.cleaned_data["body"],
        author=request.user, key=form.key(),
    )  # fmt: skip
    return _on(post, f"#note-{note.pk}")


def put_aside(request: HttpRequest, post: Post) -> HttpResponse:
    note = _note_of(request, post)
    notes.put_aside(note, request.user)
    return _on(post, f"#note-{note.pk}")


def take_up_again(request: HttpRequest, post: Post) -> HttpResponse:
    note = _note_of(request, post)
    notes.take_up_again(note)
    return _on(post, f"#note-{note.pk}")


def submit(request: HttpRequest, post: Post) -> HttpResponse:
    if not policy.may_submit(request.user, post):
        return _not_open(request, post)
    tell = partial(letters.tell_of_submission, actor=request.user, page=_address(request, post))
    post = publishing.submit(post, actor=request.user, tell=tell)
    messages.success(request, _("Submitted. The editors are told; you can go on writing."))
    return _on(post)


def withdraw(request: HttpRequest, post: Post) -> HttpResponse:
    if not policy.may_move(request.user, post, Act.WITHDRAW):
        return _not_open(request, post)
    post = publishing.withdraw(post, actor=request.user)
    messages.success(request, _("Taken back: it is a draft again."))
    return _on(post)


def approve(request: HttpRequest, post: Post) -> HttpResponse:
    """Publish the text that was read, now or at a moment to come."""
    form = DecisionForm(request.POST)
    if not policy.may_review(request.user):
        return _not_open(request, post)
    if not form.is_valid():
        return _page(request, post, decision=form, status=REFUSED)
    seen, data = form.cleaned_data["seen"], form.cleaned_data
    at = data["at"] if request.POST["action"] == "schedule" else None
    with transaction.atomic():
        post = publishing.approve(post, actor=request.user, seen_version=seen, at=at)
        letters.tell_of_approval(post, actor=request.user, page=_where_it_is(request, post))
    messages.success(request, what_happened(post))
    return HttpResponseRedirect(reverse("blog:edit", args=[post.pk]), status=303)


def ask_for_changes(request: HttpRequest, post: Post) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not policy.may_move(request.user, post, Act.RETURN):
        return _not_open(request, post)
    if not form.is_valid():
        return _page(request, post, decision=form, status=REFUSED)
    facts = {"actor": request.user, "reason": form.cleaned_data["reason"]}
    with transaction.atomic():
        post = publishing.request_changes(post, **facts)
        letters.tell_of_return(post, page=_address(request, post), **facts)
    messages.success(request, _("Given back, with your wish for changes."))
    return _on(post)


BUTTONS: dict[str, Callable[[HttpRequest, Post], HttpResponse]] = {
    "note": leave_note,
    "aside": put_aside,
    "again": take_up_again,
    "submit": submit,
    "withdraw": withdraw,
    "approve": approve,
    "schedule": approve,
    "return": ask_for_changes,
}


# --- the page ---------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    post: Post,
    *,
    note_form: NoteForm | None = None,
    decision: DecisionForm | None = None,
    status: int = 200,
    **said: Any,
) -> HttpResponse:
    """Answer with the draft. `said`: trouble, or changes since a text was read."""
    draft = draft_of(post)
    place = _place_of(request, post, draft, note_form)
    if note_form is None and place is not None:
        note_form = NoteForm(post=post, at=place, who=request.user)
    parts, besides, is_on_the_whole = parts_of(draft, notes.notes_on(post), place)
    decides = post.status == PostStatus.REVIEW and policy.may_review(request.user)
    if decides:
        _remember_seen(draft)
    context = {
        "post": post,
        "draft": draft.post,
        "state": state_of(post),
        "is_theirs": policy.is_of(request.user, post),
        "acts": {str(act) for act in policy.acts_open_to(request.user, post)},
        "parts": parts,
        "besides": besides,
        "note_form": note_form,
        "is_on_the_whole": is_on_the_whole,
        "decision": (decision or DecisionForm(initial={"seen": post.text_version}))
        if decides
        else None,
        "last_wish": last_wish(post),
        **said,
    }
    return render(request, "blog/room/review.html", context, status=status)


def _place_of(
    request: HttpRequest, post: Post, draft: Draft, form: NoteForm | None
) -> Place | None:
    """Return where the form stands: where it was sent for, or where a new one is asked for."""
    if form is not None:
        return notes.place_of(str(form["place"].value()), post) or Place(post.text_version)
    if (number := request.GET.get("answer", "")).isdecimal() and len(number) < 19:
        answered = notes.notes_on(post).filter(pk=number).first()
        return answering(answered) if answered else None
    return place_asked_for(request, draft)


def _refused(
    request: HttpRequest, post: Post, trouble: str, *, status: int = REFUSED, **said: Any
) -> HttpResponse:
    """Show the page again with all that was typed, unjudged."""
    form = decision = None
    if request.POST.get("body"):
        form = _unjudged(_note_form(request, post))
    if request.POST.get("reason") or request.POST.get("at"):
        data = request.POST.copy()
        data["seen"] = str(post.text_version)
        decision = _unjudged(DecisionForm(data))
    return _page(
        request, post, note_form=form, decision=decision, trouble=trouble, status=status, **said
    )


def _unjudged(form: Any) -> Any:
    form.cleaned_data, form._errors = {}, {}
    return form


def _not_open(request: HttpRequest, post: Post) -> HttpResponse:
    trouble = _("This is not open to your account, so nothing was changed.")
    return _refused(request, post, trouble, status=403)


def _stale(request: HttpRequest, stale: StalePost) -> HttpResponse:
    """Show what was written since the text was read; the button now is about the new text."""
    trouble = _(
        "Somebody wrote in it since you opened it, so nothing was published. Look at what changed, "
        "then decide about the text as it is now."
    )
    post = post_to_write(request.user, stale.post.pk)
    changes = _changes_since(stale.seen_version, post)
    return _refused(request, post, trouble, status=409, changes=changes)


def _note_form(request: HttpRequest, post: Post) -> NoteForm:
    return NoteForm(request.POST, post=post, at=Place(post.text_version), who=request.user)


def _note_of(request: HttpRequest, post: Post) -> ReviewNote:
    number = request.POST.get("note", "")
    found = notes.notes_on(post).filter(pk=number).first() if number.isdecimal() else None
    if found is None:
        raise ValidationError(_("There is no such note on this post any more."))
    return found


def _on(post: Post, anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("blog:review", args=[post.pk]) + anchor, status=303)


def _address(request: HttpRequest, post: Post) -> str:
    return request.build_absolute_uri(reverse("blog:review", args=[post.pk]))


def _where_it_is(request: HttpRequest, post: Post) -> str:
    """Return where who wrote it sees what was approved: they may write in it no more."""
    path = post.get_absolute_url() if post.is_readable() else reverse("blog:my_posts")
    return request.build_absolute_uri(path)


# --- what an editor has read ------------------------------------------------------------------


def _seen_key(pk: int, text_version: int) -> str:
    return f"review:{pk}:{text_version}"


def _remember_seen(draft: Draft) -> None:
    """Keep the text that somebody may approve, to show what changed if it is another by then."""
    words = {name: draft.words[name] for name in COMPARED}
    cache.set(_seen_key(draft.post.pk, draft.post.text_version), words, KEEP_SEEN)


def _changes_since(seen_version: int, post: Post) -> list[dict[str, Any]]:
    """Return how each text differs from what was read, as far as that is still known."""
    seen = cache.get(_seen_key(post.pk, seen_version))
    if seen is None:
        older = post.revisions.filter(text_version__lte=seen_version).order_by("-number").first()
        seen = older.words if older is not None else None
    if seen is None:
        return []
    now = draft_of(post).words
    pairs = [(seen.get(name, ""), now[name]) for name in COMPARED]
    return [{"stretches": folded(difference(*pair))} for pair in pairs if pair[0] != pair[1]]
