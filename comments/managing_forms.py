"""What an editor or the page's author asks of a discussion: to close, to slow down, to hold more.

A form says what was typed in the words of openness.py; who may ask and what comes of it is
managing.py's.
"""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.forms import StrictForm, validate_name
from comments.models import ClosesFrom, DiscussionRules, HeldPeople, Thread
from comments.models.threads import interval_in_words
from comments.rulebook import compose

AS_THE_SITE, NEVER = "site", "never"
MOST_DAYS = 3650
PAUSES = (60, 600, 3_600, 86_400)
PREMODERATION = "comments.spam.rules.premoderated_thread"
HOLDING = "comments.spam.rules.first_time_commenter"
COUNTING_LINKS = "comments.spam.rules.too_many_links"
MOST_LINKS = 1000


class NoteField(forms.CharField):
    """One line that readers are shown, or none."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Why (readers see this)"), required=False, max_length=200,
            validators=[validate_name], widget=forms.TextInput(attrs={"dir": "auto"}),
        )  # fmt: skip


class ManagingForm(StrictForm):
    """A form about one thread, dressed; the page gives it the <form> and its button."""

    def __init__(
        self, data: Any = None, *, thread: Thread, user: Any = None, **kwargs: Any
    ) -> None:
        self.thread, self.user = thread, user
        super().__init__(data, auto_id=f"id_{type(self).__name__}_%s", **kwargs)

    @property
    def helper(self) -> FormHelper:
        # Made when the form is shown, which is after it was checked.
        if wrong := next((name for name in self.fields if name in self.errors), None):
            self.fields[wrong].widget.attrs["autofocus"] = True
        helper = FormHelper()
        helper.form_tag = False
        return helper

    def asked(self) -> dict[str, Any]:
        """Return what was typed as arguments of the act."""
        return self.cleaned_data


class CloseForm(ManagingForm):
    note = NoteField()

    def __init__(self, data: Any = None, *, thread: Thread, **kwargs: Any) -> None:
        initial = {"note": thread.closing_note}
        super().__init__(data, thread=thread, initial=initial, **kwargs)


class ReopenForm(ManagingForm):
    pass


class ClosingForm(ManagingForm):
    """When the discussion closes with nobody there to do it."""

    rule = forms.ChoiceField(label=gettext_lazy("It closes"))
    days = forms.IntegerField(
        label=gettext_lazy("Days"), required=False, min_value=1, max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, thread: Thread, **kwargs: Any) -> None:
        initial = {"rule": _rule_of(thread), "days": thread.close_after_days or None}
        super().__init__(data, thread=thread, initial=initial, **kwargs)
        self.fields["rule"].choices = [  # type: ignore[attr-defined]
            (AS_THE_SITE, _("as this site's rules say: %(rule)s") % {"rule": _site_rule()}),
            (ClosesFrom.PUBLICATION, _("some days after the publication of the page")),
            (ClosesFrom.COMMENT, _("some days after the last comment")),
            (NEVER, _("never by itself")),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        counts = data.get("rule") in ClosesFrom.values
        if counts and data.get("days") is None and "days" not in self.errors:
            self.add_error("days", _("Say after how many days."))
        return data

    def asked(self) -> dict[str, Any]:
        match self.cleaned_data["rule"]:
            case "site":
                return {"days": None}
            case "never":
                return {"days": 0}
            case counts_from:
                return {"days": self.cleaned_data["days"], "counts_from": counts_from}


def _rule_of(thread: Thread) -> str:
    if thread.close_after_days is None:
        return AS_THE_SITE
    if thread.close_after_days == 0:
        return NEVER
    return thread.close_counts_from or ClosesFrom.PUBLICATION


def _site_rule() -> str:
    rules = DiscussionRules.in_force()
    if not rules.close_after_days:
        return _("never by itself")
    return ngettext(
        "%(days)s day after %(event)s", "%(days)s days after %(event)s", rules.close_after_days
    ) % {"days": rules.close_after_days, "event": rules.get_close_counts_from_display()}


class CoolingForm(ManagingForm):
    """What calms a discussion down without closing it."""

    is_premoderated = forms.BooleanField(
        label=gettext_lazy("Every comment waits for an editor"), required=False
    )
    slow_seconds = forms.TypedChoiceField(label=gettext_lazy("Slow mode"), coerce=int)
    note = NoteField()

    def __init__(self, data: Any = None, *, thread: Thread, **kwargs: Any) -> None:
        initial = {name: getattr(thread, name) for name in ("is_premoderated", "slow_seconds")}
        initial["note"] = thread.cooling_note
        super().__init__(data, thread=thread, initial=initial, **kwargs)
        pauses = sorted({*PAUSES, thread.slow_seconds} - {0})
        self.fields["slow_seconds"].choices = [  # type: ignore[attr-defined]
            (0, capfirst(_("off"))),
            *((pause, _one_each(pause)) for pause in pauses),
        ]

    def clean_is_premoderated(self) -> bool:
        wanted = self.cleaned_data["is_premoderated"]
        if wanted:
            require_check(PREMODERATION)
        return wanted

    def clean(self) -> dict[str, Any]:
        """Refuse a note on nothing; with the last measure its note goes, too."""
        data = super().clean()
        does = data.get("is_premoderated") or data.get("slow_seconds") or self.errors
        if data.get("note") and not does and not self.thread.is_cooled:
            self.add_error("note", _("Choose what this is the reason for."))
        return data


class HoldingForm(ManagingForm):
    """Whose comments wait here, and how many links they may have. The author of a page may ask for
    more than the site does, editors for less as well; what stands already, everybody may let stand.
    """

    held_people = forms.ChoiceField(label=gettext_lazy("Wait for an editor"), required=False)
    max_links = forms.IntegerField(
        label=gettext_lazy("Links"), required=False, min_value=0, max_value=MOST_LINKS,
        help_text=gettext_lazy("Comments with more wait. 0: any link waits."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, thread: Thread, user: Any, **kwargs: Any) -> None:
        initial = {"held_people": thread.held_people, "max_links": thread.max_links}
        super().__init__(data, thread=thread, user=user, initial=initial, **kwargs)
        self.site = compose(DiscussionRules.in_force(), Thread())
        self.may_loosen = user.has_perm("comments.moderate_comment")
        self.fields["held_people"].choices = [  # type: ignore[attr-defined]
            ("", capfirst(_("as the site's rules say"))),
            *((each.value, capfirst(each.label)) for each in HeldPeople if self._may_hold(each)),
        ]
        said = {"rule": self.site.held_people.label}
        self.fields["held_people"].help_text = _("The site's rules say: %(rule)s.") % said
        self.fields["max_links"].widget.attrs["placeholder"] = self.site.max_links

    def _may_hold(self, people: HeldPeople) -> bool:
        # They go from the least to the most. What the site does is offered as what the site does.
        order = list(HeldPeople)
        is_stricter = order.index(people) > order.index(self.site.held_people)
        return self.may_loosen or is_stricter or people == self.thread.held_people

    def clean_held_people(self) -> str:
        people = self.cleaned_data["held_people"]
        if people not in ("", HeldPeople.NOBODY):
            require_check(HOLDING)
        return people

    def clean_max_links(self) -> int | None:
        links = self.cleaned_data["max_links"]
        if links is None:
            return None
        require_check(COUNTING_LINKS)
        if not (self.may_loosen or links < self.site.max_links or links == self.thread.max_links):
            raise ValidationError(
                _("Leave it empty, or give fewer than the %(most)s that the site allows."),
                params={"most": self.site.max_links},
            )
        return links


def require_check(path: str) -> None:
    """Refuse a rule that nobody would follow. Raises: ValidationError."""
    if path not in settings.COMMENTS_CHECKS:
        raise ValidationError(
            _("This site's list of checks lacks %(check)s, so nothing would wait."),
            params={"check": path},
        )


def _one_each(seconds: int) -> str:
    return _("one comment every %(interval)s") % {"interval": interval_in_words(seconds)}
