"""What an editor says of a measure: against whom, what, until when, why, and whether all goes."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments import reasons
from comments.desk.reach import key_of
from comments.models import SanctionKind
from comments.sanctions import MESSAGE, NOTE, Target

MEASURES = [
    (SanctionKind.WARN, gettext_lazy("Warn: recorded, and they are told")),
    (SanctionKind.PREMODERATE, gettext_lazy("Premoderate: every comment of theirs waits")),
    (SanctionKind.SUSPEND, gettext_lazy("Suspend: no comments, edits or reports until then")),
    (SanctionKind.BAN, gettext_lazy("Ban: no comments, edits or reports")),
]
DAYS = {"day": 1, "week": 7, "month": 30}
UNTIL = [
    ("day", gettext_lazy("1 day")),
    ("week", gettext_lazy("1 week")),
    ("month", gettext_lazy("1 month")),
    ("for_good", gettext_lazy("for good")),
    ("date", gettext_lazy("until the end of this day:")),
]


class MeasureForm(forms.Form):
    """A measure against one or more of those whom a comment names as its author."""

    targets = forms.MultipleChoiceField(
        label=gettext_lazy("Against"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose whom the measure is against.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Measure"),
        choices=MEASURES,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a measure.")},
    )
    until = forms.ChoiceField(
        label=gettext_lazy("Until"), choices=UNTIL, widget=forms.RadioSelect, initial="month"
    )
    date = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note for editors"),
        required=False,
        max_length=NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    message = forms.CharField(
        label=gettext_lazy("Text for the person"),
        required=False,
        max_length=MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    reject_all = forms.BooleanField(
        label=gettext_lazy("Reject all their comments that are public or wait"), required=False
    )
    as_of = forms.IntegerField(
        min_value=0, max_value=2**63 - 1, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, offered: Sequence[Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {key_of(target): target for target in offered}
        targets = cast(forms.ChoiceField, self.fields["targets"])
        targets.choices = [(key, target.label) for key, target in self.offered.items()]
        cast(forms.ChoiceField, self.fields["reason"]).choices = reasons.choices()

    @property
    def chosen(self) -> list[Target]:
        """The targets, the narrowest first. Of a valid form."""
        return [self.offered[key] for key in self.offered if key in self.cleaned_data["targets"]]

    @property
    def ends_at(self) -> datetime | None:
        """When it ends; a warning has no end. Of a valid form."""
        until = self.cleaned_data["until"]
        if until == "for_good" or self.cleaned_data["kind"] == SanctionKind.WARN:
            return None
        if until == "date":
            return _end_of(self.cleaned_data["date"])
        return timezone.now() + timedelta(days=DAYS[until])

    def clean(self) -> dict[str, Any]:
        """Raises: ValidationError."""
        cleaned = super().clean() or {}
        is_warning = cleaned.get("kind") == SanctionKind.WARN
        if cleaned.get("until") == "date" and not is_warning and "date" not in self.errors:
            if (day := cleaned.get("date")) is None:
                self.add_error("date", _("Say until which day."))
            elif not timezone.localdate() <= day <= timezone.localdate() + timedelta(days=3650):
                self.add_error("date", _("The day must lie ahead, and within ten years."))
        if cleaned.get("reject_all") and cleaned.get("as_of") is None:
            raise ValidationError(
                _("The page does not say what you saw of their comments. Please send it again.")
            )
        return cleaned


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
