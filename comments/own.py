"""What people do to a comment of their own, over HTTP: edit, delete, take the deletion back, and
make it theirs on another device.

Whose a comment is, an account or the guest's cookie says (guests.py); how long it may be changed,
the editors' rules. Whatever goes wrong, the words come back with the reason above them.
"""

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comments import letters, taking_back
from comments.forms import EditForm
from comments.guests import is_proved_here, read_guest, remember_guest, viewer_of
from comments.keeping import keep_words, keep_words_up_to, words_back
from comments.models import Comment, DiscussionRules, ModerationLogEntry
from comments.moderation import Banned, Seen, StaleComment, delete, edit, prove_address, undelete
from comments.network import client_ip
from comments.origin import same_origin_post
from comments.quoting import source_of
from comments.status import IllegalTransition, Status
from comments.taking_back import Keepsake, Taken
from comments.views import REFUSED, SIGN_IN_CHANGED, page_address, public_thread, visible_comment

MOST_REVISIONS = 20
# The words of MOST_REVISIONS texts, packed: what one deletion may take.
MAX_KEEPSAKE_BYTES = 2_400_000


# --- editing --------------------------------------------------------------------------------


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def edit_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Let authors correct their own words within the edit window."""
    try:
        comment = own_comment(request, thread_id, number)
    except (Http404, PermissionDenied) as refused:
        if request.method != "POST":
            raise
        return words_back(request, why_not(refused), status=403)
    form = EditForm(
        request.POST or None,
        user=request.user,
        initial={"body": source_of(comment), "seen": Seen.of(comment)},
    )
    if request.method != "POST":
        return own_page(request, "comments/edit.html", comment, form)
    if request.csrf_failed:  # type: ignore[attr-defined]
        form.add_error(None, SIGN_IN_CHANGED)
        return own_page(request, "comments/edit.html", comment, form, status=403)
    if not form.is_valid():
        return own_page(request, "comments/edit.html", comment, form, status=REFUSED)
    return save_edit(request, comment, form)


def save_edit(request: HttpRequest, comment: Comment, form: EditForm) -> HttpResponse:
    words = form.cleaned_data["body"]
    if words == source_of(comment):
        return redirect(page_address(comment))
    if comment.revision >= MOST_REVISIONS:
        form.add_error(None, _("This comment was changed very often; it stays as it is now."))
        return own_page(request, "comments/edit.html", comment, form, status=429)
    try:
        seen = Seen.parse(form.cleaned_data["seen"])
        name = comment.author_name
        author, ip = comment.author, client_ip(request)
        is_proved = author is None and is_proved_here(request, comment.author_email)
        edited = edit(
            comment,
            words,
            actor=author,
            actor_name=name,
            seen=seen,
            ip=ip,
            is_address_proved=is_proved,
        )
    except Banned as banned:
        return words_back(request, banned.in_words, status=403)
    except (StaleComment, ValueError):
        form.add_error(None, _("The comment changed meanwhile. Please look, then save again."))
        comment.refresh_from_db()
        form.data = {**form.data.dict(), "seen": str(Seen.of(comment))}  # type: ignore[attr-defined]
        return own_page(request, "comments/edit.html", comment, form, status=409)
    return redirect(page_address(edited))


def why_not(refused: Exception) -> str:
    """Return the reason for readers; a comment that is not there and one held are told alike."""
    if isinstance(refused, PermissionDenied) and refused.args:
        return str(refused.args[0])
    return _("This comment can no longer be changed here, or your sign-in has ended.")


# --- deleting, and taking it back -----------------------------------------------------------


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def delete_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Ask, then remove one's own comment, and hand its words over for a minute."""
    comment = own_comment(request, thread_id, number)
    if request.method != "POST":
        return own_page(request, "comments/delete.html", comment, None)
    if request.csrf_failed:  # type: ignore[attr-defined]
        return own_page(request, "comments/delete.html", comment, None, status=403)
    taken = Taken.of(comment)
    try:
        entry = delete(
            comment,
            actor=comment.author,
            actor_name=comment.author_name,
            seen=Seen.of(comment),
        )
    except StaleComment:
        comment.refresh_from_db()
        return own_page(request, "comments/delete.html", comment, None, status=409)
    return deleted_page(request, comment, taking_back.sign(entry, comment.author_id, taken))


def deleted_page(
    request: HttpRequest, comment: Comment, keepsake: str, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    """Say that it is gone, with the form that brings it back.

    No other copy of the words is left, so the answer is a page and not the way to one.
    """
    context = {
        "comment": comment,
        "thread": comment.thread,
        "keepsake": keepsake,
        "seconds": int(taking_back.TIME.total_seconds()),
        "trouble": trouble,
    }
    template = "comments/_deleted.html" if request.htmx else "comments/deleted.html"  # type: ignore[attr-defined]
    return private(render(request, template, context, status=status))


@keep_words_up_to(MAX_KEEPSAKE_BYTES)
@same_origin_post
@require_POST
def undelete_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Bring back what its author deleted a moment ago."""
    try:
        kept = taking_back.read(request.POST.get("keepsake", ""))
    except signing.BadSignature:
        reason = _("What was sent is not what the page gave out, so nothing was brought back.")
        return words_back(request, reason, status=403)
    try:
        comment = deleted_comment(request, thread_id, number, kept)
        if request.csrf_failed:  # type: ignore[attr-defined]
            again, trouble = request.POST["keepsake"], str(SIGN_IN_CHANGED)
            return deleted_page(request, comment, again, trouble=trouble, status=403)
        return bring_back(request, comment, kept)
    except Http404:
        reason, status = _("This discussion is not public, or not any more."), 404
    except PermissionDenied as refused:
        reason, status = str(refused), 403
    except (StaleComment, IllegalTransition):
        reason, status = _("The comment changed meanwhile, so it was left as it is."), 409
    return words_back(request, reason, status=status, body=kept.taken.body)


def deleted_comment(request: HttpRequest, thread_id: int, number: int, kept: Keepsake) -> Comment:
    """Return the reader's own comment that `kept` is of. Raises: Http404, PermissionDenied."""
    comments = public_thread(thread_id).comments.select_related("thread", "author")
    comment = get_object_or_404(comments, number=number, pk=kept.comment_id)
    if not viewer_of(request).wrote(comment) or comment.author_id != kept.author_id:
        raise PermissionDenied(
            _("Your sign-in changed since the comment was deleted, so it was not brought back.")
        )
    return comment


def bring_back(request: HttpRequest, comment: Comment, kept: Keepsake) -> HttpResponse:
    entry = ModerationLogEntry.objects.get(pk=kept.entry_id)
    if is_back(comment, entry):
        # The second of two clicks.
        return see_other(page_address(comment))
    if kept.is_late:
        raise PermissionDenied(
            _("The minute for taking it back is over; the comment stays deleted.")
        )
    undelete(entry, kept.taken, actor=comment.author, actor_name=comment.author_name)
    return see_other(page_address(comment))


def is_back(comment: Comment, entry: ModerationLogEntry) -> bool:
    undone = ModerationLogEntry.objects.filter(undoes=entry).exists()
    return undone and comment.status != Status.DELETED


# --- the mailed link ------------------------------------------------------------------------


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whoever opened the mailed link whether the comment is theirs, and make it so.

    Programs that look through mail open every link, so opening it changes nothing.
    """
    try:
        comment = mailed_comment(token)
    except signing.SignatureExpired:
        reason = _("This link is older than %(days)s days.") % {"days": letters.LINK_DAYS}
        return words_back(request, reason, status=410)
    except signing.BadSignature:
        return words_back(request, _("This link is not whole."), status=404)
    except Http404:
        reason = _("The comment that this link is about is not on the site any more.")
        return words_back(request, reason, status=404)
    if request.method != "POST":
        return claim_page(request, comment)
    if request.csrf_failed:  # type: ignore[attr-defined]
        return claim_page(request, comment, trouble=str(SIGN_IN_CHANGED), status=403)
    prove_address(comment)
    response = see_other(page_address(comment))
    remember_guest(response, read_guest(request).with_comment(comment))
    return response


def mailed_comment(token: str) -> Comment:
    """Return the comment of a mailed link. Raises: signing.BadSignature, Http404."""
    comments = Comment.objects.filter(author=None).exclude(
        status__in=(Status.DELETED, Status.REJECTED)
    )
    comment = get_object_or_404(
        comments.select_related("thread"), submission_key=letters.read_token(token)
    )
    if not comment.thread.is_public:
        raise Http404
    return comment


def claim_page(
    request: HttpRequest, comment: Comment, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    rules = DiscussionRules.in_force()
    context = {
        "comment": comment,
        "thread": comment.thread,
        "excerpt": letters.excerpt_of(comment),
        "is_changeable": rules.lets_change(comment.status, comment.created_at, is_proved=True),
        "trouble": trouble,
    }
    return private(render(request, "comments/claim.html", context, status=status))


# --- whose it is ----------------------------------------------------------------------------


def own_comment(request: HttpRequest, thread_id: int, number: int) -> Comment:
    """Return the reader's own, still changeable comment. Raises: Http404, PermissionDenied."""
    comment = visible_comment(request, thread_id, number)
    if not viewer_of(request).wrote(comment):
        raise PermissionDenied
    if comment.status == Status.DELETED:
        raise PermissionDenied(_("This comment is deleted."))
    if not comment.is_changeable(DiscussionRules.in_force()):
        raise PermissionDenied(_("The time for changing this comment is over."))
    return comment


def own_page(
    request: HttpRequest, template: str, comment: Comment, form: EditForm | None, status: int = 200
) -> HttpResponse:
    context = {"comment": comment, "thread": comment.thread, "form": form}
    return private(render(request, template, context, status=status))


def private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


def see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
