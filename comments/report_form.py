"""What a reader says is wrong with a comment: one of the reasons, and a note if they like."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from comments.forms import StrictForm
from comments.models import Comment, Report, ReportReason

MOST_IN_NOTE = Report._meta.get_field("note").max_length or 0


class NoteField(forms.CharField):
    """A few lines, counted as the person who typed them sees them.

    The browser does not cut what is too long: it would throw words away.
    """

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 3, "dir": "auto", "data-limit": MOST_IN_NOTE}
        super().__init__(
            required=False, validators=[MaxLengthValidator(MOST_IN_NOTE)],
            widget=forms.Textarea(attrs=attrs), **kwargs,
        )  # fmt: skip

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class ReportForm(StrictForm):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=ReportReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what is wrong with it.")},
    )
    note = NoteField(
        label=_("What the editors should know (optional)"),
        help_text=_("Only the editors of this site read it."),
    )
    subject = forms.CharField(
        label=_("Leave this empty"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, comment: Comment, user: Any) -> None:
        # Several may be open on one page.
        super().__init__(data, auto_id=f"id_report_{comment.number}_%s")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = not user.is_authenticated
        trap = Div("subject", css_class="nobody", aria_hidden="true")
        self.helper.layout = Layout("reason", "note", trap)

    def clean_subject(self) -> str:
        """Refuse what people do not fill in, and empty it: their browser may have done it."""
        if self.cleaned_data["subject"]:
            self.data = {**self.data.dict(), "subject": ""}  # type: ignore[attr-defined]
            raise ValidationError(_("Please leave this empty, and send again."))
        return ""

    def asked(self) -> dict[str, str]:
        """Return what was typed as arguments of the act."""
        return {name: self.cleaned_data[name] for name in ("reason", "note")}
