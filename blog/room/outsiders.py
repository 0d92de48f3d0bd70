"""What somebody without an account sees of a draft by a link, and the notes they leave there.

Nothing here is anybody else's to keep, to find or to learn of: no cache, no search engine, no
Referer. A link that opens nothing says the same whatever is wrong with it.
"""

from collections.abc import Callable
from functools import partial, wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import letters, notes, sharing
from blog.models import ShareLink
from blog.notes import Place
from blog.room.answers import REFUSED
from blog.room.drafts import draft_of, parts_of, place_asked_for
from blog.room.note_form import OutsidersNoteForm
from blog.room.words_back import words_back
from blog.tries import is_one_too_many
from comments.origin import same_origin_post

MOST_TRIES = 20
TRIES_SECONDS = 60 * 5

View = Callable[..., HttpResponse]


def for_nobody_else(view: View) -> View:
    """Keep what a view answers from caches, search engines and other sites."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return guarded


@for_nobody_else
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a draft to whoever has a link to it, or take a note."""
    link = sharing.opened_by(token)
    if request.method == "POST":
        return _closed(request) if link is None else _take_note(request, token, link)
    if link is None:
        return render(request, "blog/room/link_closed.html", status=404)
    if request.method == "GET":
        sharing.count_opening(link)
    return _page(request, token, link)


def _closed(request: HttpRequest) -> HttpResponse:
    return words_back(request, _("This link does not open anything any more."), status=404)


def _take_note(request: HttpRequest, token: str, link: ShareLink) -> HttpResponse:
    post = link.post
    form = _form(link, Place(post.text_version), request.POST)
    refuse = partial(_page, request, token, link, form=form)
    if not link.takes_notes:
        return words_back(request, _("This link takes no notes any more."), status=403)
    if request.csrf_failed:  # type: ignore[attr-defined]
        form.add_error(None, _("Your sign-in changed since this was opened. Please send again."))
        return refuse(status=403)
    if is_one_too_many(request, f"note:{link.pk}", most=MOST_TRIES, seconds=TRIES_SECONDS):
        form.add_error(None, _("That was very much at once. Please wait a few minutes."))
        return refuse(status=429)
    if not form.is_valid():
        return refuse(status=REFUSED)
    if notes.is_full(post, link):
        form.add_error(None, _("There are as many notes as anybody can read."))
        return refuse(status=REFUSED)
    return _taken(request, token, link, form)


def _taken(
    request: HttpRequest, token: str, link: ShareLink, form: OutsidersNoteForm
) -> HttpResponse:
    data = form.cleaned_data
    note, is_new = notes.leave(
        link.post, data["place"], data["body"], name=data["name"], link=link, key=form.key()
    )
    if is_new:
        page = request.build_absolute_uri(reverse("blog:review", args=[link.post_id]))
        letters.tell_of_note(note, page=page)
    address = reverse("blog:shared", args=[token])
    return HttpResponseRedirect(f"{address}?thanks=1#note-{note.pk}", status=303)


def _page(
    request: HttpRequest,
    token: str,
    link: ShareLink,
    *,
    form: OutsidersNoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the draft, and of the notes with those that came by this very link."""
    draft = draft_of(link.post)
    place = None
    if form is not None:
        place = notes.place_of(str(form["place"].value()), link.post)
        place = place or Place(link.post.text_version)
    elif link.takes_notes and (place := place_asked_for(request, draft)) is not None:
        form = _form(link, place)
    own = notes.notes_on(link.post).filter(share_link=link)
    parts, besides, is_on_the_whole = parts_of(draft, own, place)
    context = {
        "link": link,
        "draft": draft.post,
        "tags": draft.tags,
        "address": reverse("blog:shared", args=[token]),
        "parts": parts,
        "besides": besides,
        "note_form": form,
        "is_on_the_whole": is_on_the_whole,
        "thanks": "thanks" in request.GET,
    }
    response = render(request, "blog/room/shared.html", context, status=status)
    if form is not None:
        # Without it the browser does not say where the form comes from, and it would be refused.
        response["Referrer-Policy"] = "same-origin"
    return response


def _form(link: ShareLink, place: Place, data: object = None) -> OutsidersNoteForm:
    return OutsidersNoteForm(data, post=link.post, at=place, who=link)
