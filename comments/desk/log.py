"""The log over HTTP: of a comment, a person, an editor, a day, or of all; as a page and as a file.

Newest first, a page at a time by key. log_form.py reads what is asked for, which is asked here of
an index of its own; exporting.py writes the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comments.barring import domains_of
from comments.desk.answers import MAY_MODERATE, admin_frame, tidy_address
from comments.desk.exporting import as_csv, newest
from comments.desk.log_form import LogForm
from comments.desk.meant import is_key, name_of
from comments.letters import mailbox
from comments.models import Comment, ModerationLogEntry, Sanction, SanctionTarget

PAGE_SIZE = 50
MOST_MEASURES = 50


@dataclass(frozen=True)
class Asked:
    """What of the log is asked for. All that is given must hold."""

    comment: int | None = None
    person: str = ""
    editor: int | None = None
    day: date | None = None

    @classmethod
    def parse(cls, query: QueryDict) -> tuple["Asked", LogForm]:
        """Read an address. Queries: up to 3 for a comment, 3 for a person, 3 for an editor."""
        form = LogForm(query)
        form.is_valid()
        return cls(**{name: value for name, value in form.cleaned_data.items() if value}), form

    def entries(self) -> QuerySet[Any]:
        """Return the rows asked for, newest first, each by an index: the comment's, log_by_actor,
        the one on created_at. Queries: none.
        """
        entries = ModerationLogEntry.objects.all()
        if self.comment:
            entries = entries.filter(comment=self.comment)
        if self.person:
            entries = entries.filter(comment__in=_comments_of(self.person))
        if self.editor:
            entries = entries.filter(actor=self.editor)
        if self.day:
            entries = entries.filter(created_at__range=_whole(self.day))
        return entries.order_by("-pk")

    def measures(self) -> list[Sanction]:
        """Return what was done about the person who is asked for, the newest first."""
        if not self.person:
            return []
        return list(Sanction.objects.filter(_against(self.person))[:MOST_MEASURES])


def _comments_of(person: str) -> QuerySet[Any, Any]:
    """Return all comments of an account or of an address, as a subquery by their indexes.

    An address is kept as it was typed, and its index knows no other case: it is looked for as it
    is asked for, and in small letters.
    """
    spelled = {person, person.lower()}
    whose = Q(author_email__in=spelled) if "@" in person else Q(author=int(person))
    return Comment.objects.filter(whose).order_by().values("pk")


def _against(person: str) -> Q:
    if "@" not in person:
        return Q(target=SanctionTarget.ACCOUNT, value=person)
    by_address = Q(target=SanctionTarget.EMAIL, value=mailbox(person))
    return by_address | Q(target=SanctionTarget.DOMAIN, value__in=domains_of(person))


def _whole(day: date) -> tuple[datetime, datetime]:
    """Return the first and the last instant of a day here."""
    zone = get_current_timezone()
    begins = make_aware(datetime.combine(day, time.min), zone)
    ends = make_aware(datetime.combine(day + timedelta(days=1), time.min), zone)
    return begins, ends - timedelta(microseconds=1)


# --- the page -----------------------------------------------------------------------------------


@require_safe
@permission_required(MAY_MODERATE, raise_exception=True)
def log(request: HttpRequest) -> HttpResponseBase:
    """Show what was done, or give it as a file. Queries: the same however long the log is."""
    if (address := tidy_address(request)) is not None:
        return redirect(address)
    asked, form = Asked.parse(request.GET)
    is_file = request.GET.get("format") == "csv"
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_file else HTTPStatus.OK
        return show(request, form, status=status)
    if is_file:
        return as_csv(asked.entries(), _name_of(asked))
    rows, older = _page(asked.entries(), request.GET.get("before", ""))
    here = reverse("admin:desk_log")
    return show(
        request,
        form,
        rows=rows,
        measures=asked.measures(),
        about=list(_said(asked)),
        older=f"{here}?{_joined(form, before=older)}" if older else "",
        csv=f"{here}?{_joined(form, format='csv')}",
    )


def show(
    request: HttpRequest, form: LogForm, *, status: int = HTTPStatus.OK, **found: Any
) -> HttpResponse:
    """Answer with what was found, or with the form alone where it cannot be read."""
    context = {
        **admin_frame(request),
        "title": _("Log"),
        "form": form,
        "is_narrowed": bool(form.as_query()),
        **found,
    }
    return render(request, "admin/comments/desk/log.html", context, status=status)


def _page(entries: QuerySet[Any], before: str) -> tuple[list[Any], str]:
    """Return a page of rows and the key of the one after it. Raises: BadRequest."""
    if before and not is_key(before):
        raise BadRequest(_("The address names no place in the log."))
    key = int(before) if before else None
    found = newest(entries, PAGE_SIZE + 1, before=key)
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    return found, str(found[-1].pk) if more else ""


def _joined(form: LogForm, **others: str) -> str:
    return "&".join(part for part in (form.as_query(), urlencode(others)) if part)


def _said(asked: Asked) -> Iterator[str]:
    """Yield in words what is asked for."""
    if asked.comment:
        yield _("comment %(number)s") % {"number": asked.comment}
    if asked.person:
        yield _("comments by %(name)s") % {"name": _named(asked.person)}
    if asked.editor:
        yield _("acts of %(name)s") % {"name": name_of(asked.editor)}
    if asked.day:
        yield asked.day.isoformat()


def _named(person: str) -> str:
    return person if "@" in person else name_of(int(person))


def _name_of(asked: Asked) -> str:
    parts: Iterable[Any] = (asked.comment, asked.person, asked.editor, asked.day)
    return "-".join(["log", *(str(part) for part in parts if part)])


urlpatterns = [path("log/", log, name="desk_log")]
