"""A new link to a draft, as it is asked for: for whom, how long, with notes or without."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line
from comments.forms import StrictForm

LONGEST = timedelta(days=366)
OWN = "own"
LASTS = [("1", _("one day")), ("7", _("a week")), ("30", _("30 days")), (OWN, _("until"))]


class ShareForm(StrictForm):
    label = forms.CharField(
        label=_("For whom"), max_length=80, required=False, validators=[validate_single_line],
        help_text=_("Only you and those who write with you see this."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )  # fmt: skip
    lasts = forms.ChoiceField(
        label=_("It opens the draft for"), choices=LASTS, initial="7", widget=forms.RadioSelect
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Please give a day and an hour, such as 2030-01-31 09:00.")},
    )  # fmt: skip
    takes_notes = forms.BooleanField(label=_("They may leave notes"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        data, now = super().clean(), timezone.now()
        if data.get("lasts") == OWN and "until" not in self.errors:
            until = data.get("until")
            if until is None or until <= now:
                self.add_error("until", _("Choose a moment that is still to come."))
            elif until > now + LONGEST:
                self.add_error("until", _("Choose a moment within a year."))
        return data

    def expires_at(self) -> datetime:
        lasts: str = self.cleaned_data["lasts"]
        if lasts == OWN:
            until: datetime = self.cleaned_data["until"]
            return until
        return timezone.now() + timedelta(days=int(lasts))
