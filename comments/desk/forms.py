"""What editors type at the desk: a decision with its reason and words, new words, a reply.

A form refuses what it does not know and keeps every word for the next try.
"""

import hashlib
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comments import reasons
from comments.desk.acts import BUTTONS, DECISIONS
from comments.forms import BodyField
from comments.models import Comment, ModerationLogEntry, Reason
from comments.moderation import Seen
from comments.status import Action

NOTE_LENGTH = ModerationLogEntry._meta.get_field("note").max_length
MESSAGE_LENGTH = ModerationLogEntry._meta.get_field("message").max_length


def show_as_typed(form: forms.Form) -> None:
    """Let what is wrong be seen and mended: a browser shows nothing in a field for a number or a
    day when it is none.
    """
    for name in form.errors:
        widget = form.fields[name].widget if name in form.fields else None
        if isinstance(widget, forms.widgets.Input):
            widget.input_type = "text"


def parse_seen(text: str | None) -> Seen | None:
    """Return what a form says was seen, or None when it does not say."""
    try:
        return Seen.parse(text or "")
    except ValueError:
        return None


class WordsForm(forms.Form):
    """Why, in three ways: a reason of the list, a note for editors, a text for the author."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=40)
    note = forms.CharField(label=_("Note for editors"), required=False, max_length=NOTE_LENGTH)
    message = forms.CharField(
        label=_("Text for the author"), required=False, max_length=MESSAGE_LENGTH
    )

    def __init__(self, *args: Any, offered: list[Reason] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = reasons.offered() if offered is None else offered

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if reason and reason not in {each.code for each in self.reasons}:
            raise forms.ValidationError(_("This reason is not known here. Please choose another."))
        return reason

    def in_words(self) -> str:
        """Return everything that is wrong with it in a line."""
        return " ".join(str(words) for rows in self.errors.values() for words in rows)

    def typed(self) -> dict[str, str]:
        """Return what was sent, to be shown again whatever became of it."""
        return {name: self.data.get(name, "") for name in ("reason", "note", "message")}


class DecisionForm(WordsForm):
    """One act on one comment."""

    action = forms.TypedChoiceField(
        choices=[(action, action) for action in DECISIONS],
        coerce=Action,
        error_messages={
            "required": _("Please press one of the buttons."),
            "invalid_choice": _("The desk has no such button."),
        },
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_empty = "note" not in self.errors and not data.get("note", "").strip()
        if data.get("action") == Action.NOTE and is_empty:
            self.add_error("note", _("Please write the note first."))
        if data.get("action") == Action.NOTE and data.get("message", "").strip():
            words = _("A letter is sent with a decision, not with a note alone.")
            self.add_error("message", words)
        return data


class BulkForm(WordsForm):
    """One act on many."""

    action = forms.TypedChoiceField(
        choices=[(action, action) for action in BUTTONS],
        coerce=Action,
        error_messages={
            "required": _("Please press one of the buttons."),
            "invalid_choice": _("The desk has no such button."),
        },
    )


class ReviseForm(WordsForm):
    """An editor's words in place of somebody's."""

    body = BodyField(label=_("Text"))


class ReplyForm(forms.Form):
    """A reply as the blog, or as oneself. The hidden key makes a double press one reply."""

    SITE, SELF = "site", "self"

    body = BodyField(label=_("Your reply"))
    speaker = forms.ChoiceField(label=_("Reply as"), widget=forms.RadioSelect)
    token = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        names = [(self.SITE, settings.SITE_NAME), (self.SELF, user.get_short_name())]
        self.fields["speaker"].choices = names  # type: ignore[attr-defined]
        self.fields["speaker"].initial = self.SITE

    @property
    def name(self) -> str:
        """Return the name that readers will see."""
        is_site = self.cleaned_data["speaker"] == self.SITE
        return (settings.SITE_NAME if is_site else self.user.get_short_name())[:80]

    def submission_key(self, comment: Comment, nonce: str) -> str:
        """Return the key under which this form, with these words, is admitted once."""
        who = f"desk {self.user.pk} {self.cleaned_data['speaker']}"
        whole = "\0".join([str(comment.pk), nonce, who, self.cleaned_data["body"]])
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
