"""A moment as a person types it: in the site's time zone, whose clocks may be changed twice a year.

A time that a night leaves out, or has twice, is refused with the reason and with what to type.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# What a datetime-local input speaks.
MOMENT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    def __init__(self, **facts: Any) -> None:
        facts.setdefault(
            "widget", forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"})
        )
        zone = format_lazy(_("By the clocks of this site: {zone}."), zone=settings.TIME_ZONE)
        facts.setdefault("help_text", zone)
        super().__init__(**facts)

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            naive = error.params["datetime"]  # type: ignore[index]
            raise ValidationError(_trouble_with(naive), "changed_clocks") from error
        if moment is not None:
            _refuse_unstorable(moment)
        return moment


def _refuse_unstorable(moment: datetime) -> None:
    """Refuse the last hours of all that there are, which elsewhere are after the last."""
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValidationError(gettext("This moment is too far away."), "too_far") from error


def _trouble_with(naive: datetime) -> str:
    try:
        before, after = (
            naive.replace(tzinfo=timezone.get_current_timezone(), fold=fold).utcoffset()
            for fold in (0, 1)
        )
        step = (after or timedelta()) - (before or timedelta())
        facts = {
            "time": time_format(naive, "H:i"),
            "date": date_format(naive, "j F Y"),
            "earlier": time_format(naive - abs(step), "H:i"),
            "later": time_format(naive + abs(step), "H:i"),
        }
    except OverflowError:
        return gettext("This moment is too far away.")
    if step > timedelta():
        return gettext("There is no %(time)s on %(date)s: clocks are put forward then. "
                       "Choose %(earlier)s or %(later)s.") % facts  # fmt: skip
    return gettext("%(time)s comes twice on %(date)s: clocks are put back then. "
                   "Choose %(earlier)s or %(later)s.") % facts  # fmt: skip
