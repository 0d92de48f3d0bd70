"""What a person typed: the reply form and its hidden key.

A form knows its thread and who is writing; it refuses what it does not know, and it keeps every
word for the next try.
"""

import hashlib
import time
import unicodedata
from functools import cached_property
from secrets import token_urlsafe
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.guests import read_guest
from comments.markup import check_caps, is_safe_url
from comments.models import Comment, Thread

FORM_SALT = "comments.form"
# Sent along by the page itself; everything else that is not a field is refused.
KNOWN_EXTRAS = frozenset({"csrfmiddlewaretoken", "action"})
# What a name may not hold. Accounts ask the same of theirs; neither app knows the other.
NOT_OF_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INK = frozenset("LNPS")


def make_token(thread: Thread) -> str:
    """Return the hidden key of one form: says when it was made, and makes a double click one."""
    return token_for(thread.pk)


def token_for(thread_id: int) -> str:
    content = {"thread": thread_id, "nonce": token_urlsafe(12), "at": time.time()}
    return signing.dumps(content, salt=FORM_SALT)


def read_token(token: str, thread: Thread) -> tuple[str, float | None]:
    """Return (key, age in seconds); none expires.

    A forged or foreign token has a key that nobody shares and an age that is not known.
    """
    try:
        content = signing.loads(token, salt=FORM_SALT)
        if content["thread"] == thread.pk:
            return content["nonce"], max(time.time() - content["at"], 0.0)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        pass
    return get_random_string(16), None


def validate_name(value: str) -> None:
    """Refuse a name that could not stand on one line beside others, or that nobody could see."""
    for char in value:
        if unicodedata.category(char) in NOT_OF_A_LINE or char in TURNS_DIRECTION:
            raise ValidationError(
                _("Please remove the invisible character U+%(code)s."),
                params={"code": f"{ord(char):04X}"},
            )
    if not any(unicodedata.category(char)[0] in INK for char in value):
        raise ValidationError(_("Please use at least one character that can be seen."))


def validate_website(value: str) -> None:
    if not is_safe_url(value) or value.startswith("mailto:"):
        raise ValidationError(_("Please give an address that starts with https:// or http://."))


class BodyField(forms.CharField):
    """A comment's Markdown, exactly as typed: not stripped, capped before anything parses it."""

    def __init__(self, **kwargs: Any) -> None:
        most = settings.COMMENTS_MAX_LENGTH
        widget = forms.Textarea(attrs={"rows": 6, "dir": "auto", "data-limit": most})
        super().__init__(**{"strip": False, "widget": widget, "label": _("Comment"), **kwargs})

    def run_validators(self, value: str) -> None:
        """Only our own caps: Django's NUL validator would say the same less clearly."""
        check_caps(value, max_length=settings.COMMENTS_MAX_LENGTH)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        if not value.strip():
            raise ValidationError(_("Please write something first."), code="required")


class StrictForm(forms.Form):
    """A form that refuses fields it does not know, so that a typing mistake is never silent."""

    known_extras = KNOWN_EXTRAS

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        unknown = sorted(set(self.data) - set(self.fields) - self.known_extras)
        if unknown:
            raise ValidationError(
                ngettext(
                    "This form has no field called %(names)s.",
                    "This form has no fields called %(names)s.",
                    len(unknown),
                ),
                code="unknown_field",
                params={"names": ", ".join(name[:40] for name in unknown[:5])},
            )
        return data


class CommentForm(StrictForm):
    """A comment or a reply. Guests are asked who they are; readers with an account are known."""

    body = BodyField()
    name = forms.CharField(
        label=_("Name"), max_length=80, validators=[validate_name],
        error_messages={"required": _("Please give a name to appear under; any will do.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), max_length=254,
        help_text=_("Never shown. One letter goes to it, about this comment."),
        error_messages={
            "required": _("Please give an e-mail address; it is not shown."),
            "invalid": _("Please give a valid e-mail address, such as name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    website = forms.URLField(
        label=_("Website (optional)"), required=False,
        assume_scheme="https", max_length=200, validators=[validate_website],
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )  # fmt: skip
    remember = forms.BooleanField(
        label=_("Remember my name on this device"), required=False,
        help_text=_("Keeps these three lines in a cookie of this site."),
    )  # fmt: skip
    parent = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    token = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)
    subject = forms.CharField(
        label=_("Leave this empty"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip

    # The mark of a form that came back from a question (nudges.py).
    known_extras = KNOWN_EXTRAS | {"asked"}
    GUEST_FIELDS = ("name", "email", "website", "remember")

    def __init__(
        self, *args: Any, thread: Thread, user: Any, parent: Comment | None = None, **kwargs: Any
    ) -> None:
        """`parent`: what is answered, where the caller has read it already."""
        self.thread, self.found = thread, parent
        self.user = user if user.is_authenticated else None
        initial = {"token": lambda: make_token(thread), **(kwargs.get("initial") or {})}
        answered = initial.get("parent")
        kwargs.setdefault("auto_id", f"id_{answered}_%s" if answered else "id_%s")
        super().__init__(*args, **{**kwargs, "initial": initial})
        if self.user is not None:
            for name in self.GUEST_FIELDS:
                del self.fields[name]
            # The page may have been opened before they signed in.
            self.known_extras = self.known_extras.union(self.GUEST_FIELDS)

    @cached_property
    def helper(self) -> FormHelper:
        """How crispy lays the form out; most forms are read and never shown again."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = self.user is None
        guest = []
        if self.user is None:
            guest = [
                Div("name", "email", "website", css_class="guest-fields"),
                Field("remember"),
            ]
        trap = Div("subject", css_class="nobody", aria_hidden="true")
        helper.layout = Layout("body", *guest, trap, "parent", "token")
        return helper

    def clean_parent(self) -> Comment | None:
        number = self.cleaned_data["parent"]
        if number is None:
            return None
        # Told by number within the thread, so another thread's comment cannot be named at all.
        parent = self.found
        if parent is None or parent.number != number:
            parent = self.thread.comments.filter(number=number).first()
        # One answer for removed, held and never there: what is held is nobody else's to know.
        if parent is None or not parent.is_public():
            raise ValidationError(
                _(
                    "The comment you answer is not part of this discussion, or not any more. Your "
                    "words are kept: you may post them as a comment of their own."
                )
            )
        return parent

    @property
    def draft_key(self) -> str:
        """Name the place that the words are meant for: a browser keeps a draft under it."""
        parent = str(self["parent"].value() or "")
        number = parent if parent.isascii() and parent.isdigit() else "0"
        return f"{self.thread.pk}:{number}"

    def submission_key(self, nonce: str) -> str:
        """Return the key under which this form, with these words, is admitted once."""
        data = self.cleaned_data
        who = f"user {self.user.pk}" if self.user else f"{data['name']}\0{data['email']}"
        parent = data["parent"].number if data["parent"] else 0
        whole = "\0".join([str(self.thread.pk), nonce, str(parent), who, data["body"]])
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def comment_form(
    request: HttpRequest, thread: Thread, parent: Comment | None = None, body: str = ""
) -> CommentForm:
    """Return a form for this reader, filled with what their browser remembers of them.

    `body`: what their words start from.
    """
    guest = read_guest(request)
    initial: dict[str, Any] = {
        "name": guest.name,
        "email": guest.email,
        "website": guest.website,
        "remember": bool(guest.name),
        "body": body,
    }
    if parent is not None:
        initial["parent"] = parent.number
    return CommentForm(thread=thread, user=request.user, initial=initial)


class PreviewForm(forms.Form):
    """Words to be shown as they would look; what else is sent along is not looked at."""

    body = BodyField()


class EditForm(StrictForm):
    """New words for a comment, bound to the revision they were written against."""

    body = BodyField()
    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = not user.is_authenticated
