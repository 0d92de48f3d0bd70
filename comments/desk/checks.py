"""The page of the checks: how each runs, which comments it owes a verdict, and buttons that have it
asked again now, or its service whether it would serve this site.

Shows what spam/health.py counted; rechecking.py asks.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from comments.desk.answers import MAY_MODERATE, admin_frame
from comments.desk.owing import when
from comments.models import CheckHealth
from comments.spam import Remote, breaker, load_checks
from comments.spam.names import name_of
from comments.spam.threads import AllStuck, Overdue, call_within
from comments.unchecked import make_due, owing

# An editor waits no longer for what a service says of itself.
VERIFY_SECONDS = 10.0

logger = logging.getLogger("parley.spam")


@dataclass(frozen=True)
class Debt:
    """How many comments a check owes a verdict, and when it is asked next."""

    waiting: int = 0
    given_up: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True)
class CheckRow:
    """Shape: `remote` is None for a local check and for one that is not in use any more."""

    path: str
    remote: Remote | None
    health: CheckHealth
    debt: Debt
    is_used: bool = True

    @property
    def name(self) -> str:
        return name_of(self.path.rpartition(".")[2])

    @property
    def is_off(self) -> bool:
        return self.remote is not None and not self.remote.is_in_force

    @property
    def is_paused(self) -> bool:
        until = self.health.open_until
        return until is not None and until > timezone.now()

    @property
    def has_failed_last(self) -> bool:
        failed, answered = self.health.last_failed_at, self.health.last_ok_at
        return failed is not None and (answered is None or answered < failed)

    @property
    def state(self) -> str:
        """Say in a few words how it is."""
        if not self.is_used:
            return _("not in use any more")
        if self.is_off:
            return _("off")
        if self.is_paused:
            return _("left alone until %(time)s") % {"time": when(_instant(self.health.open_until))}
        if self.has_failed_last:
            return _("failed last")
        return _("works") if self.health.calls else _("not asked yet")

    @property
    def is_troubled(self) -> bool:
        return self.is_used and not self.is_off and (self.is_paused or self.has_failed_last)

    @property
    def mean(self) -> str:
        calls = self.health.calls
        return duration(self.health.seconds / calls) if calls else "–"

    @property
    def slowest(self) -> str:
        return duration(self.health.slowest) if self.health.calls else "–"

    @property
    def last_error(self) -> str:
        """Say when it failed last, and why."""
        if self.health.last_failed_at is None:
            return ""
        said = {"time": when(self.health.last_failed_at), "why": self.health.last_error}
        return _("Failed last %(time)s: %(why)s") % said

    @property
    def owes(self) -> str:
        """Say what it owes."""
        debt, said = self.debt, []
        if debt.waiting:
            waiting = ngettext(
                "%(count)s comment waits to be checked by it",
                "%(count)s comments wait to be checked by it",
                debt.waiting,
            ) % {"count": debt.waiting}
            next_at = when(_instant(debt.next_at))
            said.append(
                _("%(waiting)s, next try %(time)s.") % {"waiting": waiting, "time": next_at}
            )
        if debt.given_up:
            said.append(
                ngettext(
                    "%(count)s comment was given up, and is an editor’s to judge.",
                    "%(count)s comments were given up, and are an editor’s to judge.",
                    debt.given_up,
                )
                % {"count": debt.given_up}
            )
        return " ".join(said)

    @property
    def can_be_asked(self) -> bool:
        return self.is_used and not self.is_off and (self.is_paused or bool(self.owes))

    @property
    def can_be_verified(self) -> bool:
        return self.remote is not None and self.remote.verify is not None and not self.is_off


def _instant(at: datetime | None) -> datetime:
    return at or timezone.now()


def duration(seconds: float) -> str:
    """Return how long a call took: "0.02 ms", "120 ms", "1.4 s"."""
    if seconds >= 1:
        return _("%(number).1f s") % {"number": seconds}
    thousandths = seconds * 1_000
    places = 0 if thousandths >= 10 else 1 if thousandths >= 1 else 2
    return _("%(number)s ms") % {"number": f"{thousandths:.{places}f}"}


# --- reading ------------------------------------------------------------------------------------


def read_checks() -> list[CheckRow]:
    """Return every check of the setting in order, then others that owe something. Queries: 2."""
    health = {row.check_path: row for row in CheckHealth.objects.all()}
    debts = dict(_debts())
    used = load_checks(tuple(settings.COMMENTS_CHECKS))
    rows = [
        CheckRow(
            each.path,
            each.remote,
            health.get(each.path) or CheckHealth(check_path=each.path),
            debts.pop(each.path, Debt()),
        )
        for each in used
    ]
    gone = (
        CheckRow(path, None, health.get(path) or CheckHealth(check_path=path), debt, is_used=False)
        for path, debt in sorted(debts.items())
    )
    return [*rows, *gone]


def _debts() -> Iterator[tuple[str, Debt]]:
    rows = owing().order_by().values_list("check_path")
    for path_, owed, waiting, next_at in rows.annotate(
        owed=Count("pk"), waiting=Count("due_at"), next_at=Min("due_at")
    ):
        yield path_, Debt(waiting, owed - waiting, next_at)


# --- the views ----------------------------------------------------------------------------------


@require_safe
@permission_required(MAY_MODERATE, raise_exception=True)
def checks_page(request: HttpRequest) -> HttpResponse:
    """Show the checks and how they run. Queries: those of read_checks() and of the frame."""
    context = {**admin_frame(request), "title": _("Checks"), "rows": read_checks()}
    return render(request, "admin/comments/desk/checks.html", context)


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def ask_again(request: HttpRequest) -> HttpResponse:
    """Let a check be asked at once for all that it owes, whatever it failed before. Queries: 2."""
    path_ = request.POST.get("check", "")
    if path_ not in settings.COMMENTS_CHECKS:
        raise Http404
    breaker.close(path_)
    count = make_due(path_)
    name = name_of(path_.rpartition(".")[2])
    message = ngettext(
        "“%(check)s” is asked again in a few seconds, about %(count)s comment.",
        "“%(check)s” is asked again in a few seconds, about %(count)s comments.",
        count,
    )
    messages.success(request, message % {"check": name, "count": count})
    return redirect("admin:desk_checks")


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def verify_service(request: HttpRequest) -> HttpResponse:
    """Ask the service of a remote check whether it would serve this site. Waits for its answer."""
    row = next((row for row in read_checks() if row.path == request.POST.get("check")), None)
    if row is None or row.remote is None or row.remote.verify is None:
        raise Http404
    if wrong := _verified(row.remote):
        messages.error(request, f"{row.name}: {wrong}")
    else:
        message = _("“%(check)s” is set up right: its service answers, and serves this site.")
        messages.success(request, message % {"check": row.name})
    return redirect("admin:desk_checks")


def _verified(remote: Remote) -> str:
    """Return in words what is wrong. Who asks for the service may be anybody's code."""
    try:
        return call_within(VERIFY_SECONDS, remote.path, remote.verify or str)
    except (Overdue, AllStuck):
        return _("It did not answer in time.")
    except Exception as error:
        logger.exception("The service of %s could not be asked whether all is well.", remote.path)
        return _("The check could not be made (%(error)s).") % {"error": type(error).__name__}


urlpatterns = [
    path("checks/", checks_page, name="desk_checks"),
    path("checks/again/", ask_again, name="desk_checks_again"),
    path("checks/verify/", verify_service, name="desk_checks_verify"),
]
