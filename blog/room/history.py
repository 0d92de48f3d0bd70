"""A post's history: each text that was meant to stay, what differs, and the way back.

Nothing here is ever taken away: what is restored becomes the newest revision. Every page asks
again whether this person may write in the post.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from blog import policy, publishing
from blog.comparing import EMPTY, compared, label_of, named, rows_of
from blog.models import Post, PostStatus, Revision, Tag
from blog.publishing import StalePost
from blog.room.answers import REFUSED
from blog.room.guards import for_authors, post_to_write
from blog.states import OUT
from blog.words import FIELDS, Words, differing, laid_over, latest_words, words_of, working_copy_of

PAGE = 30
# What a text is written in comes and goes with the text.
RESTORABLE = tuple(name for name in FIELDS if name != "markup")
READERS, COPY = "readers", "copy"
GONE = {
    "cover": gettext_lazy("The cover picture of then is gone; the cover stays as it is."),
    "series": gettext_lazy("The series of then is gone; the post stays where it is."),
    "categories": gettext_lazy("Not all categories of then are still there."),
    "coauthors": gettext_lazy("Not all co-authors of then can still write here."),
}


@dataclass(frozen=True)
class Side:
    """One of two texts that are compared, by the word that an address has for it."""

    key: str
    label: str
    words: Words


# --- pages --------------------------------------------------------------------------------------


@require_safe
@for_authors
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """List a post's revisions, newest first. Queries: 2, beside the guards'."""
    post = post_to_write(request.user, pk)
    before = request.GET.get("before", "")
    revisions = post.revisions.order_by("-number").defer("words")
    if before.isdecimal() and len(before) < 10:
        revisions = revisions.filter(number__lt=int(before))
    found = list(revisions[: PAGE + 1])
    context = {
        "post": post,
        "rows": [(revision, _changed_in(revision)) for revision in found[:PAGE]],
        "copy": None if before else working_copy_of(post),
        "post_label": label_of_post(post),
        "is_out": post.status in OUT,
        "is_read": is_read(post),
        "is_first": not before,
        "next": found[PAGE - 1].number if len(found) > PAGE else None,
    }
    return render(request, "blog/room/history.html", context)


def _changed_in(revision: Revision) -> list[str]:
    """Return the names of what was changed; a first revision changed everything, and says so."""
    if revision.number == 1:
        return []
    return [label_of(name) for name in revision.changed if name in FIELDS]


@require_safe
@for_authors
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what differs between two texts of a post."""
    post = post_to_write(request.user, pk)
    to = side_of(post, request.GET.get("to") or _newest(post))
    old = side_of(post, request.GET.get("from") or _before(to.key))
    context = {"post": post, "old": old, "to": to, "changes": compared(old.words, to.words)}
    return render(request, "blog/room/compare.html", context)


@require_safe
@for_authors
def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    post = post_to_write(request.user, pk)
    found = get_object_or_404(post.revisions, number=number)
    return revision_page(request, post, found)


@require_safe
@for_authors
def revision_preview(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show a post as readers would see it if this revision were published."""
    post = post_to_write(request.user, pk)
    found = get_object_or_404(post.revisions, number=number)
    shown = laid_over(post, found.words)
    context = {"post": shown, "revision": found, "trouble": "", **labels_in(found.words)}
    try:
        publishing.typeset_unjudged(shown)
    except ValidationError as error:
        shown.body_html = ""
        context["trouble"] = " ".join(error.messages)
    return render(request, "blog/room/revision_preview.html", context)


def labels_in(words: Words) -> dict[str, list[Any]]:
    """Return the tags and categories that a text names. Queries: 1."""
    categories = rows_of({"coauthors": [], "cover": None, "series": None, "categories": []} | words)
    return {
        "tags": [Tag(name=name) for name in words.get("tags", [])],
        "categories": list(categories["categories"].values()),
    }


# --- the way back -------------------------------------------------------------------------------


@require_POST
@for_authors
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Write chosen fields of a revision anew."""
    post = post_to_write(request.user, pk)
    found = get_object_or_404(post.revisions, number=number)
    allowed = restorable_by(request.user, post)
    chosen = [name for name in allowed if name in request.POST.getlist("fields")]
    if not chosen:
        trouble = _("Choose at least one thing to restore.")
        return revision_page(request, post, found, trouble=trouble, status=REFUSED)
    seen = request.POST.get("version", "")
    try:
        restored = publishing.restore(
            post,
            found,
            chosen,
            actor=request.user,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            reason=request.POST.get("reason", "").replace("\x00", "").strip()[:300],
        )
    except StalePost as stale:
        trouble = _(
            "This post was changed since you opened this page, so nothing was restored. What "
            "differs from the text that stands now is shown below."
        )
        return revision_page(request, stale.post, found, trouble=trouble, status=409)
    except ValidationError as error:
        trouble = " ".join([_("Nothing was restored."), *error.messages])
        return revision_page(request, post, found, trouble=trouble, status=REFUSED)
    _say(request, restored, number)
    return redirect("blog:history", pk)


def _say(request: HttpRequest, restored: publishing.Restored, number: int) -> None:
    said = [_("Restored from revision %(number)s.") % {"number": number}]
    if restored.post.status in OUT:
        said.append(_("Readers see nothing of it until you publish the changes."))
    said += [str(GONE[name]) for name in restored.gone]
    messages.success(request, " ".join(said))


def revision_page(
    request: HttpRequest, post: Post, found: Revision, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    """Answer with one revision: what it changed, what it says, and the form that restores it."""
    old = side_of(post, request.GET.get("from") or _before(str(found.number)))
    differs = differing(EMPTY | latest_words(post), EMPTY | found.words)
    restorable = [name for name in restorable_by(request.user, post) if name in differs]
    context = {
        "post": post,
        "revision": found,
        "old": old,
        "changes": compared(old.words, found.words),
        "fields": named(found.words),
        "restorable": [(name, label_of(name)) for name in restorable],
        "is_out": post.status in OUT,
        "post_label": label_of_post(post),
        "has_next": _newest(post) != str(found.number),
        "trouble": trouble,
    }
    return render(request, "blog/room/revision.html", context, status=status)


def restorable_by(user: Any, post: Post) -> list[str]:
    """Return the fields that this person may restore, in their order."""
    open_to = policy.fields_open_to(user, post)
    return [name for name in RESTORABLE if name in open_to]


# --- which two ----------------------------------------------------------------------------------


def side_of(post: Post, key: str) -> Side:
    """Return the text that an address names: a number, or one of two words. Raises: Http404."""
    match key:
        case "0":
            return Side(key, _("nothing"), {})
        case "readers":
            return Side(key, label_of_post(post), words_of(post))
        case "copy":
            return Side(key, _("what is written now"), latest_words(post))
    if not (key.isdecimal() and len(key) < 10):
        raise Http404
    found = get_object_or_404(post.revisions, number=int(key))
    return Side(key, _("revision %(number)s") % {"number": found.number}, found.words)


def label_of_post(post: Post) -> str:
    if is_read(post):
        return _("what readers see now")
    return _("the post itself") if post.status in OUT else _("the saved draft")


def is_read(post: Post) -> bool:
    """Tell whether readers see a post by now, in lists or by its address."""
    return post.is_published() or post.status in {PostStatus.UNLISTED, PostStatus.ARCHIVED}


def _newest(post: Post) -> str:
    number = post.revisions.order_by("-number").values_list("number", flat=True).first()
    return str(number) if number else COPY


def _before(key: str) -> str:
    """Return what a text is compared with where nobody says: the one before it."""
    return str(int(key) - 1) if key.isdecimal() else READERS
