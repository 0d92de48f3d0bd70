"""The learner's page: what it has seen, whether it acts and why, how well it does, and a button to
make it anew. What is told stands in learning/report.py.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from comments.desk.answers import MAY_MODERATE, admin_frame
from comments.learning.report import Report, read_report
from comments.learning.upkeep import rebuild

MAY_RULE = "comments.change_discussionrules"
# Nobody waits longer for an answer.
REBUILD_SECONDS = 10.0


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def learner(request: HttpRequest) -> HttpResponse:
    """Show what there is to tell of the learner, or make it anew. Queries: as read_report()."""
    if request.method == "POST":
        return _rebuilt(request)
    report = read_report()
    context = {
        **admin_frame(request),
        **_told(report),
        "title": _("Learner"),
        "report": report,
        "may_rule": request.user.has_perm(MAY_RULE),
        "rules_address": reverse("admin:comments_discussionrules_changelist"),
    }
    return render(request, "admin/comments/desk/learner.html", context)


def _rebuilt(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(MAY_RULE):
        raise PermissionDenied
    done = rebuild(seconds=REBUILD_SECONDS)
    if done.is_whole:
        said = ngettext(
            "The learner was made anew from the decisions on %(count)s comment.",
            "The learner was made anew from the decisions on %(count)s comments.",
            done.looked,
        )
        messages.success(request, said % {"count": f"{done.looked:,}"})
    else:
        said = _(
            "That is more than fits into one request: “manage.py learner rebuild” does all of it."
        )
        messages.warning(request, said)
    return redirect("admin:desk_learner")


def _told(report: Report) -> dict[str, Any]:
    """Return the figures in whole numbers. Shape: a share that is not known is None."""
    record = report.record
    return {
        "called_spam": record.caught + record.blamed,
        "all_spam": record.caught + record.missed,
        "precision": _percent(record.precision),
        "recall": _percent(record.recall),
        "left_ham": max(0, report.enough - report.ham),
        "left_spam": max(0, report.enough - report.spam),
        "judged": sum(line.total for line in report.lines),
    }


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.0f}"


urlpatterns = [path("learner/", learner, name="desk_learner")]
