"""The morning page: what waits, since when, how long decisions take, what the checks got wrong.

Shows what figures.py counted; a button has it counted again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comments.desk import charts
from comments.desk.answers import admin_frame
from comments.desk.figures import DAYS, MOST_ROWS, Figures, Hit, Waiting, figures, forget
from comments.desk.filters import knows_check
from comments.desk.month import CheckFigures, Decided, Took
from comments.models import ListKind
from comments.spam.names import name_of
from comments.status import Action, Status

MAY_MODERATE = "comments.moderate_comment"
MOST_EDITORS = 20


@dataclass(frozen=True)
class Row:
    """A line of a table. Shape: `address` leads to what it counts, or is empty."""

    name: str
    of: Any
    address: str = ""
    bar: list[charts.Piece] | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def morning(request: HttpRequest) -> HttpResponse:
    """Show the figures, or have them counted again. Queries: those of figures()."""
    if request.method == "POST":
        forget()
        return redirect("admin:desk_morning")
    known = figures()
    context = {
        **admin_frame(request),
        **_told(known),
        "title": _("This morning"),
        "is_nav_sidebar_enabled": False,
        "next": queue_address("pending"),
    }
    return render(request, "admin/comments/desk/morning.html", context)


def _told(known: Figures) -> dict[str, Any]:
    """Return the figures as the page shows them."""
    month = known.month
    most = max((check.total for check in month.checks), default=0)
    return {
        "figures": known,
        "month": month,
        "days": len(month.days),
        "most_days": DAYS,
        "most_rows": f"{MOST_ROWS:,}",
        "minutes_ago": (timezone.now() - known.counted_at) // timedelta(minutes=1),
        "waiting": [
            _waiting(_("for a decision"), known.pending, "pending"),
            _waiting(_("reported by readers"), known.reported, "reported"),
        ],
        "came": [(status, _came_label(status), month.came[status]) for status in charts.STACK],
        "came_chart": charts.stacked(month.days),
        "times": _said(month.took),
        "times_chart": charts.times(month.days),
        "day_rows": [(day, _said(day.took)) for day in reversed(month.days)],
        "acts": [Row(str(Action(act.name).label), act) for act in month.acts],
        "editors": [_editor(one) for one in month.editors[:MOST_EDITORS]],
        "more_editors": max(0, len(month.editors) - MOST_EDITORS),
        "checks": [_check(check, most) for check in month.checks],
        "missed": [
            Row(one.name, one, reverse("admin:comments_comment_change", args=[one.pk]))
            for one in known.missed
        ],
        "more_missed": len(month.missed) - len(known.missed),
        "hits": [_hit(hit) for hit in known.hits],
    }


def queue_address(queue: str, **query: str) -> str:
    """Return the address of a queue, or nothing where the desk has no queues."""
    try:
        address = reverse("admin:desk_queue", args=[queue])
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address


def _waiting(name: str, waiting: Waiting, queue: str) -> Row:
    return Row(name, waiting, queue_address(queue))


def _came_label(status: Status) -> str:
    return {
        Status.APPROVED: _("public at once"),
        Status.PENDING: _("held for an editor"),
        Status.SPAM: _("taken for spam"),
    }[status]


def _said(took: Took) -> tuple[str, str] | None:
    """Return the median and the 90th percentile in words."""
    if took.median is None or took.ninetieth is None:
        return None
    return charts.duration(took.median), charts.duration(took.ninetieth)


def _editor(one: Decided) -> Row:
    return Row(one.name or _("without a name"), one)


def _check(check: CheckFigures, most: int) -> Row:
    name = name_of(check.name) if check.name else _("without a name")
    address = queue_address("all", check=check.name) if knows_check(check.name) else ""
    return Row(name, check, address, charts.check_bar(check, most))


def _hit(hit: Hit) -> Row:
    return Row(str(ListKind(hit.kind).label), hit)


urlpatterns = [path("morning/", morning, name="desk_morning")]
