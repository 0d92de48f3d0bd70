"""Reporting a comment to the editors, over HTTP: ask why, take the report, say thank you.

Guests and accounts may. No cookie is set for it, and nothing that was typed is lost on a refusal.
What a report changes is reports.py's.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from comments import reports
from comments.barring import Banned, refuse_banned
from comments.finding import public_thread
from comments.guests import read_guest, viewer_of
from comments.keeping import keep_words, words_back
from comments.letters import counted, network_of
from comments.models import Comment
from comments.network import client_ip
from comments.origin import same_origin_post
from comments.own import private
from comments.report_form import ReportForm
from comments.views import REFUSED, SIGN_IN_CHANGED

# Reports within this time, of one network that guests come from and of one account.
LIMIT_SECONDS = 60 * 60
MOST_FROM_NETWORK, MOST_OF_ACCOUNT = 10, 20

TOO_MANY = gettext_lazy(
    "That were many reports within an hour. Please wait a while, then send this one again."
)
ALREADY = gettext_lazy(
    "This comment is reported already, from you or from where you are, and an editor will look at "
    "it. That report stands; what you wrote now was not added to it."
)


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Ask what is wrong with a comment, or take the answer."""
    try:
        comment = reportable(request, thread_id, number)
    except (Http404, PermissionDenied) as refused:
        if request.method != "POST":
            raise
        return note_back(request, refused)
    if request.method != "POST":
        return report_page(request, comment, ReportForm(comment=comment, user=request.user))
    form = ReportForm(request.POST, comment=comment, user=request.user)
    if request.csrf_failed:  # type: ignore[attr-defined]
        form.add_error(None, SIGN_IN_CHANGED)
        return report_page(request, comment, form, status=403)
    if not form.is_valid():
        return report_page(request, comment, form, status=REFUSED)
    return take(request, comment, form)


def reportable(request: HttpRequest, thread_id: int, number: int) -> Comment:
    """Return a comment that this reader may report. Raises: Http404, PermissionDenied."""
    comments = public_thread(thread_id).comments.public().select_related("thread")
    comment = get_object_or_404(comments, number=number)
    refuse_who_may_not(request, comment)
    return comment


def refuse_who_may_not(request: HttpRequest, comment: Comment) -> None:
    """Refuse some readers, with the reason in words. Whoever else may not report is refused here.

    Raises: PermissionDenied.
    """
    if viewer_of(request).wrote(comment):
        raise PermissionDenied(_("This is your own comment. Nobody reports their own."))
    user = request.user if request.user.is_authenticated else None
    email = getattr(user, user.get_email_field_name()) if user else ""
    try:
        refuse_banned(author=user, email=email, ip=client_ip(request))
    except Banned as banned:
        raise PermissionDenied(banned.in_words) from banned


def take(request: HttpRequest, comment: Comment, form: ReportForm) -> HttpResponse:
    """Take a report that can be read: once for a reader, and not too many of one."""
    key, asked = key_of(request), form.asked()
    report = reports.open_report(comment, key)
    if report is None and is_over_the_limit(request):
        form.add_error(None, TOO_MANY)
        response = report_page(request, comment, form, status=429)
        response["Retry-After"] = str(LIMIT_SECONDS)
        return response
    if report is None:
        reporter = request.user if request.user.is_authenticated else None
        try:
            report = reports.report(comment, reporter=reporter, key=key, **asked)
        except reports.NotReportable:
            return note_back(request, Http404())
    if asked != {"reason": report.reason, "note": report.note}:
        form.add_error(None, ALREADY)
        return report_page(request, comment, form, status=409)
    return taken(request, comment)


def key_of(request: HttpRequest) -> str:
    """Return who reports, as a digest that nobody reads anything from.

    A guest whom nothing is known of is told apart by their network and what their browser says.
    """
    if request.user.is_authenticated:
        return reports.key_of_account(request.user.pk)
    if own := read_guest(request).own:
        who = f"guest {own[0]}"
    else:
        browser = request.headers.get("User-Agent", "")
        who = f"network {network_of(client_ip(request))} {browser}"
    return reports.digest_of(who)


def is_over_the_limit(request: HttpRequest) -> bool:
    """Count a report that is about to be taken, and tell whether it may not be."""
    if request.user.is_authenticated:
        return counted(f"reports of {request.user.pk}", LIMIT_SECONDS) > MOST_OF_ACCOUNT
    network = network_of(client_ip(request))
    return counted(f"reports from {network}", LIMIT_SECONDS) > MOST_FROM_NETWORK


# --- answers --------------------------------------------------------------------------------


def report_page(
    request: HttpRequest, comment: Comment, form: ReportForm, status: int = 200
) -> HttpResponse:
    """Show the form on a page of its own, or, asked by htmx, just the form for its place."""
    context = {"comment": comment, "thread": comment.thread, "form": form}
    template = "comments/_report.html" if request.htmx else "comments/report.html"  # type: ignore[attr-defined]
    return private(render(request, template, context, status=status))


def note_back(request: HttpRequest, refused: Exception) -> HttpResponse:
    """Give the note back where there is nothing to report, or not by this reader."""
    note = request.POST.get("note", "")
    if isinstance(refused, PermissionDenied):
        return words_back(request, str(refused), status=403, body=note)
    reason = _("This comment is not public, or not any more, so there is nothing to report.")
    return words_back(request, reason, status=404, body=note)


def taken(request: HttpRequest, comment: Comment) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return private(render(request, "comments/_reported.html"))
    response = redirect("comments:reported", comment.thread.handle, comment.number)
    response.status_code = 303
    return response


@require_safe
def reported(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Thank a reader, whatever has become of the comment meanwhile."""
    thread = public_thread(thread_id)
    comment = thread.comments.public().filter(number=number).first()
    back = comment.get_absolute_url() if comment else thread.url
    return private(render(request, "comments/reported.html", {"thread": thread, "back": back}))
