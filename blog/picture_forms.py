"""What somebody says about a picture: when it is sent by itself, and later in the library."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from blog.forms import (
    ALT_HELP,
    CREDIT_HELP,
    DECORATIVE_HELP,
    DecorativeField,
    LineField,
    PictureField,
    require_alt,
)
from blog.models import Picture


class UploadForm(forms.Form):
    """A picture with its words; with `alt_later` those who cannot see it wait for theirs."""

    picture = PictureField(label=_("Picture"))
    alt = LineField(label=_("Text for those who cannot see it"), help_text=ALT_HELP)
    is_decorative = DecorativeField()
    caption = LineField(label=_("Caption"))
    credit = LineField(label=_("Credit"), help_text=CREDIT_HELP, max_length=200)
    alt_later = forms.BooleanField(required=False, widget=forms.HiddenInput)

    WORDS: ClassVar = ("alt", "is_decorative", "caption", "credit")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.files.get("picture"):
            self.add_error("picture", _("Choose a picture first."))
        if not data.get("alt_later"):
            require_alt(self, "alt", "is_decorative")
        return data

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.WORDS}


class DescribeForm(forms.ModelForm):
    """All that is said about a picture, and what of it stays in sight when it is cut."""

    class Meta:
        model = Picture
        fields = ("alt", "is_decorative", "caption", "credit", "focal_x", "focal_y")
        labels: ClassVar = {"focal_x": _("From the left"), "focal_y": _("From the top")}
        help_texts: ClassVar = {
            "alt": ALT_HELP,
            "is_decorative": DECORATIVE_HELP,
            "credit": CREDIT_HELP,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        require_alt(self, "alt", "is_decorative")
        return data
