"""A note as it is typed, by somebody of the room or by an outsider; and what an editor decides."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line, validate_visible
from blog.forms import creation_key, make_token
from blog.models import NOTE_MAX_LENGTH, Post
from blog.moments import MomentField
from blog.notes import Place, place_of, signed
from comments.forms import StrictForm
from comments.markup import check_caps

REASON_MOST = 1000


class WordsField(forms.CharField):
    """Several lines, exactly as typed."""

    def __init__(self, *, most: int, rows: int, **kwargs: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(strip=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def run_validators(self, value: str) -> None:
        check_caps(value, max_length=self.most)

    def validate(self, value: str) -> None:
        if self.required and not value.strip():
            raise ValidationError(_("Please write something first."), code="required")


class NoteForm(StrictForm):
    body = WordsField(label=_("Note"), most=NOTE_MAX_LENGTH, rows=4)
    place = forms.CharField(max_length=8000, widget=forms.HiddenInput, required=False)
    token = forms.CharField(max_length=400, widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, post: Post, at: Place, who: Any) -> None:
        """`at`: what a new note would be on. `who`: whose form it is, to know it again."""
        self.post, self.who = post, who
        initial = {"place": signed(at, post), "token": make_token()}
        super().__init__(data, initial=initial)

    def clean_place(self) -> Place:
        place = place_of(self.cleaned_data["place"], self.post)
        if place is None:
            raise ValidationError(_("Say once more which paragraph it is about."))
        return place

    def key(self) -> str:
        """Return what one sending of this form has in common with its repetition."""
        made = creation_key(self.cleaned_data["token"], self.who)
        return made or creation_key(make_token(), self.who) or ""


class OutsidersNoteForm(NoteForm):
    name = forms.CharField(
        label=_("Your name"), max_length=80, validators=[validate_single_line, validate_visible],
        error_messages={"required": _("Please give a name, so that it is known who says it.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )  # fmt: skip
    subject = forms.CharField(
        label=_("Leave this empty"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip

    field_order = ("body", "name", "subject")

    def clean_subject(self) -> str:
        """Refuse who fills in what no person sees; a person whose browser did so sends again."""
        if self.cleaned_data["subject"]:
            raise ValidationError(_("A line that was to stay empty was filled in."))
        return ""


class DecisionForm(StrictForm):
    """What an editor does with what waits, bound to the text that they have before them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = WordsField(label=_("What is to be changed"), most=REASON_MOST, rows=4, required=False)
    at = MomentField(
        label=_("Publish at"), required=False,
        error_messages={"invalid": _("Please give a day and an hour, such as 2030-01-31 09:00.")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data, pressed = super().clean(), self.data.get("action")
        if (
            pressed == "return"
            and not data.get("reason", "").strip()
            and "reason" not in self.errors
        ):
            self.add_error("reason", _("Say what is to be changed."))
        if pressed == "schedule" and "at" not in self.errors:
            at = data.get("at")
            if at is None or at <= timezone.now():
                self.add_error("at", _("Choose a moment that is still to come."))
        return data
