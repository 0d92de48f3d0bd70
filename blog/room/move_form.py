"""What is sent to move a post: which act, and what it takes besides."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from blog.moments import MomentField
from blog.states import MOVES, Act

# The review has a page of its own, which tells those whom it concerns.
OF_THE_REVIEW = frozenset([Act.SUBMIT, Act.WITHDRAW, Act.RETURN])
OF_THE_PASSWORD = (Act.LOCK, Act.UNLOCK)
ACTS = [*(act for act in MOVES if act not in OF_THE_REVIEW), *OF_THE_PASSWORD]


class MoveForm(forms.Form):
    act = forms.ChoiceField(
        choices=[(act.value, act.label) for act in ACTS],
        error_messages={"invalid_choice": _("This page has no such button.")},
    )
    at = MomentField(label=_("Date and time"), required=False)
    password = forms.CharField(label=_("Password"), strip=False, required=False, max_length=1000)
    reason = forms.CharField(label=_("Why"), required=False, max_length=1000)
    undo = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("act") == Act.SCHEDULE and not data.get("at") and "at" not in self.errors:
            raise ValidationError(_("Choose the date and the time first."))
        return data

    def in_words(self) -> str:
        """Return all that is wrong with what was sent."""
        return " ".join(str(message) for messages in self.errors.values() for message in messages)
