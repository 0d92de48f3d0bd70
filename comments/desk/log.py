"""The log over HTTP: of a comment, a person, an editor, a day, or of all; as a page and as a file.

Newest first, a page at a time by key. What is asked for is read here from the address and asked of
an index of its own; exporting.py writes the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from comments.barring import domains_of
from comments.desk.answers import MAY_MODERATE, admin_frame
from comments.desk.exporting import as_csv, newest
from comments.letters import mailbox
from comments.models import Comment, ModerationLogEntry, Sanction, SanctionTarget

PAGE_SIZE = 50
LARGEST = 2**63 - 1
MOST_MEASURES = 50


class LogForm(forms.Form):
    """What the log is narrowed to. What cannot be read is told and narrows nothing."""

    comment = forms.IntegerField(
        label=gettext_lazy("Comment"), required=False, min_value=1, max_value=LARGEST
    )
    person = forms.CharField(
        label=gettext_lazy("Person"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("The number of an account, or an e-mail address."),
    )
    editor = forms.IntegerField(
        label=gettext_lazy("Editor"),
        required=False,
        min_value=1,
        max_value=LARGEST,
        help_text=gettext_lazy("The number of an account."),
    )
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_person(self) -> str:
        person = self.cleaned_data["person"].strip()
        if person and "@" not in person and not _is_key(person):
            raise forms.ValidationError(_("Give the number of an account, or an e-mail address."))
        return person


@dataclass(frozen=True)
class Asked:
    """What of the log is asked for. All that is given must hold."""

    comment: int | None = None
    person: str = ""
    editor: int | None = None
    day: date | None = None

    @classmethod
    def parse(cls, query: QueryDict) -> tuple["Asked", LogForm]:
        form = LogForm(query)
        form.is_valid()
        return cls(**{name: value for name, value in form.cleaned_data.items() if value}), form

    def as_query(self) -> str:
        return urlencode({name: value for name, value in vars(self).items() if value})

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
    """Return the first and the last instant of a day here. Raises: OverflowError in year 9999."""
    zone = get_current_timezone()
    begins = make_aware(datetime.combine(day, time.min), zone)
    ends = make_aware(datetime.combine(day + timedelta(days=1), time.min), zone)
    return begins, ends - timedelta(microseconds=1)


# --- the page -----------------------------------------------------------------------------------


@require_safe
@permission_required(MAY_MODERATE, raise_exception=True)
def log(request: HttpRequest) -> HttpResponseBase:
    """Show what was done, or give it as a file. Queries: the same however long the log is."""
    asked, form = Asked.parse(request.GET)
    if request.GET.get("format") == "csv" and form.is_valid():
        return as_csv(asked.entries(), _name_of(asked))
    rows, older = _page(asked.entries(), request.GET.get("before", ""))
    here = reverse("admin:desk_log")
    context = {
        **admin_frame(request),
        "title": _("Log"),
        "form": form,
        "rows": rows,
        "measures": asked.measures(),
        "about": _about(asked),
        "older": f"{here}?{_joined(asked, before=older)}" if older else "",
        "csv": f"{here}?{_joined(asked, format='csv')}",
        "is_narrowed": bool(asked.as_query()),
    }
    return render(request, "admin/comments/desk/log.html", context)


def _page(entries: QuerySet[Any], before: str) -> tuple[list[Any], str]:
    """Return a page of rows and the key of the one after it."""
    key = int(before) if _is_key(before) else None
    found = newest(entries, PAGE_SIZE + 1, before=key)
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    return found, str(found[-1].pk) if more else ""


def _joined(asked: Asked, **others: str) -> str:
    return "&".join(part for part in (asked.as_query(), urlencode(others)) if part)


def _about(asked: Asked) -> list[str]:
    """Return in words what is asked for."""
    return list(_said(asked))


def _said(asked: Asked) -> Iterator[str]:
    if asked.comment:
        yield _("comment %(number)s") % {"number": asked.comment}
    if asked.person:
        yield _("comments by %(name)s") % {"name": _named(asked.person)}
    if asked.editor:
        yield _("acts of %(name)s") % {"name": _named(str(asked.editor))}
    if asked.day:
        yield asked.day.isoformat()


def _named(person: str) -> str:
    if "@" in person:
        return person
    user = get_user_model().objects.filter(pk=int(person)).first()
    return str(user) if user else _("account %(number)s") % {"number": person}


def _name_of(asked: Asked) -> str:
    parts: Iterable[Any] = (asked.comment, asked.person, asked.editor, asked.day)
    return "-".join(["log", *(str(part) for part in parts if part)])


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


urlpatterns = [path("log/", log, name="desk_log")]
