"""What an editor narrows the log to, in their own words. What it means is meant.py's."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from comments.desk.forms import show_as_typed
from comments.desk.meant import account_meant, comment_meant, is_key, name_of
from comments.editors import editors
from comments.models import ModerationLogEntry, Sanction, SanctionTarget

MOST_OFFERED = 100
# Of days beyond, no clock here knows the beginning or the end.
DAYS = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9998, 12, 31))]


class LogForm(forms.Form):
    """What cannot be read is told beside its field, and then nothing is listed."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2_000,
        help_text=_("Its number, or a link to it."),
    )
    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=254,
        help_text=_("Name, e-mail address or account number."),
    )
    editor = forms.CharField(label=_("Editor"), required=False, max_length=254, widget=forms.Select)
    day = forms.DateField(
        label=_("Day"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked for when the menu is drawn: a file needs none.
        self.fields["editor"].widget.choices = lambda: self.menu

    def clean_comment(self) -> int | None:
        typed = self.cleaned_data["comment"]
        return comment_meant(typed) if typed else None

    def clean_person(self) -> str:
        """Return an e-mail address as it is, an account as its number."""
        typed = self.cleaned_data["person"]
        if not typed or "@" in typed or _is_measured(typed):
            return typed
        return str(account_meant(typed).pk)

    def clean_editor(self) -> int | None:
        typed = self.cleaned_data["editor"]
        if not typed:
            return None
        return int(typed) if _has_acted(typed) else account_meant(typed).pk

    def clean(self) -> dict[str, Any]:
        show_as_typed(self)
        return super().clean() or {}

    def as_query(self) -> str:
        """Return what was typed, as an address has it."""
        typed = ((name, self.data.get(name, "").strip()) for name in self.fields)
        return urlencode([(name, value) for name, value in typed if value])

    @cached_property
    def menu(self) -> list[tuple[str, str]]:
        """The editors by name, and whoever else is asked for. Queries: 1, or 2."""
        offered = {str(one.pk): str(one) for one in editors().order_by("pk")[:MOST_OFFERED]}
        ordered = sorted(offered.items(), key=lambda option: option[1].casefold())
        asked = self.data.get("editor", "").strip()
        if asked and asked not in offered:
            ordered.append((asked, name_of(int(asked)) if is_key(asked) else asked))
        return [("", "—"), *ordered]


def _has_acted(typed: str) -> bool:
    """Tell whether this is the number of an account with acts in the log, which outlives it."""
    return is_key(typed) and ModerationLogEntry.objects.filter(actor=int(typed)).exists()


def _is_measured(typed: str) -> bool:
    """Tell whether this is the number of an account with measures, which outlive it."""
    of_account = Sanction.objects.filter(target=SanctionTarget.ACCOUNT, value=typed)
    return is_key(typed) and of_account.exists()
