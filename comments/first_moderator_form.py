"""What a page's author decides about a comment, and why; bound to what the page showed of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comments import reasons
from comments.first_moderators import ACTS
from comments.forms import StrictForm
from comments.moderation import Seen
from comments.report_form import NoteField
from comments.status import Action


class ModeratingForm(StrictForm):
    """The page shows its fields one by one, and a button for each act."""

    action = forms.TypedChoiceField(
        choices=[(each.value, each.label) for each in (*ACTS, Action.UNDO)], coerce=Action
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    note = NoteField(
        label=_("Note (optional)"),
        help_text=_("For the log; only the editors read it."),
    )
    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["reason"].choices = reasons.choices()  # type: ignore[attr-defined]

    def clean_seen(self) -> Seen | None:
        """Return what the page showed, or None when that is not told."""
        try:
            return Seen.parse(self.cleaned_data["seen"])
        except ValueError:
            return None
