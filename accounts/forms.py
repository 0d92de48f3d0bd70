"""What people type about themselves: allauth's forms in our words, and the profile.

Whichever form an address is typed into, AddressField turns it into the spelling its owner signed
up with; from there on allauth's exact comparisons hold for every spelling.
"""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.fields import EmailField
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.text import (
    ADDRESS_MAX_LENGTH,
    tidy_address,
    validate_address,
    validate_single_line,
    validate_visible,
)


class AddressField(EmailField):
    """An e-mail address in the spelling under which it is known here, else as typed, tidied."""

    default_validators = [*EmailField.default_validators, validate_address]

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "email"})
        defaults = {"label": _("E-mail"), "max_length": ADDRESS_MAX_LENGTH, "widget": widget}
        super().__init__(**{**defaults, **kwargs})

    def clean(self, value: str | None) -> str:
        address = super().clean(tidy_address(value or ""))
        known = User.objects.with_address(address).values_list("email", flat=True)
        return known.first() or address


class Crispy(forms.BaseForm):
    """The dress of every form here; a template gives it the <form>, the token and the button."""

    @cached_property
    def helper(self) -> FormHelper:
        # Made when the form is shown, which is after it was checked.
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if wrong := next((name for name in self.fields if name in self.errors), None):
            self.fields[wrong].widget.attrs["autofocus"] = True
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper


class LoginForm(Crispy, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField(
            widget=forms.EmailInput(attrs={"autocomplete": "username"})
        )


class SignupForm(Crispy, allauth_forms.SignupForm):
    display_name = forms.CharField(
        label=_("Display name"),
        max_length=80,
        validators=[validate_single_line, validate_visible],
        help_text=_("Shown beside everything you write here."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )
    email = AddressField(help_text=_("Never shown. We send a link to it, to see that it is yours."))
    field_order = ["display_name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")

    def validate_unique_email(self, value: str) -> str:
        """Note whether somebody has this address; the page must not tell.

        An address that another account merely asked to change to is still free.
        """
        self.account_already_exists = User.objects.with_address(value).exists()
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        try:
            return self._try_save(request)
        except IntegrityError:
            # Somebody took the address, or the short name, since this form was checked.
            self.validate_unique_email(self.cleaned_data["email"])
            return self._try_save(request)

    def _try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # As slow as making an account: the time taken must not tell either.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        with transaction.atomic():
            return super().save(request)


class ResetPasswordForm(Crispy, allauth_forms.ResetPasswordForm):
    email = AddressField()
    users: list[User]

    def clean_email(self) -> str:
        """Find the account whose address this is, not one that only asked to change to it."""
        email = super().clean_email()
        self.users = [user for user in self.users if user.email == email]
        return email


class ResetPasswordKeyForm(Crispy, allauth_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(Crispy, allauth_forms.ChangePasswordForm):
    pass


class SetPasswordForm(Crispy, allauth_forms.SetPasswordForm):
    pass


class AddEmailForm(Crispy, allauth_forms.AddEmailForm):
    email = AddressField(label=_("New e-mail"))


class ReauthenticateForm(Crispy, allauth_forms.ReauthenticateForm):
    pass


class ProfileForm(Crispy, forms.ModelForm):
    website = forms.URLField(
        label=_("Website"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )

    class Meta:
        model = User
        fields = ["display_name", "bio", "website"]
        widgets = {
            "display_name": forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
            "bio": forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        }
        help_texts = {"bio": _("A few sentences, shown on your page.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["display_name"].required = True
