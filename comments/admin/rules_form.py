"""What editors type into the page of rules, and what is wrong with it, in words.

The form carries the rules that it was shown with. Where they are others by now, it says which,
takes over those that were not touched, and keeps what was typed.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.models import HeldPeople, LearnerMode
from comments.ruling import Values, differing, label_of, said, values_of
from comments.spam.rules import MANY_LINKS

# Where the page says nothing, the server's settings do.
SERVER = {
    "max_links": "COMMENTS_MAX_LINKS",
    "min_seconds": "COMMENTS_MIN_SECONDS",
    "flood_limit": "COMMENTS_FLOOD_LIMIT",
    "flood_window_seconds": "COMMENTS_FLOOD_WINDOW_SECONDS",
}
HELP = {
    "held_people": gettext_lazy(
        "Their comments wait whatever the checks say. Editors never wait, nor does the author of a "
        "page under it. A guest's address is proved on the device that they wrote from, once the "
        "link was opened that was mailed to it."
    ),
    "max_links": gettext_lazy(
        "Comments with more links wait. With three times as many, and more than %(many)s, they are "
        "spam. 0: any link waits."
    ),
    "min_seconds": gettext_lazy("What a guest wrote faster waits."),
    "flood_limit": gettext_lazy("Further ones of one account or network address wait."),
    "flood_window_seconds": gettext_lazy(
        "From %(refused)s within this time on, further ones are refused; the words are kept for "
        "their author."
    ),
    "nudges": gettext_lazy(
        "Whoever sends what looks like a slip is asked once whether to post it anyway: capital "
        "letters throughout, many links, their own words again, next to no words, a quotation or "
        "code that swallows the rest, an e-mail address or a telephone number. Nothing is exempt "
        "from the checks by it."
    ),
    "ham_cutoff": gettext_lazy("From 0 to 1. Empty: chosen from what editors decided."),
    "spam_cutoff": gettext_lazy("From 0 to 1. Set both, or none."),
}
RULES = "comments.spam.rules."
# The check without which a rule does nothing, and what the rule says when it asks for nothing.
NEEDS: dict[str, tuple[str, Any]] = {
    "held_people": (f"{RULES}first_time_commenter", HeldPeople.NOBODY),
    "hold_after_days": (f"{RULES}old_page", 0),
    "max_links": (f"{RULES}too_many_links", None),
    "min_seconds": (f"{RULES}too_fast", None),
    "flood_limit": (f"{RULES}flood", None),
    "flood_window_seconds": (f"{RULES}flood", None),
    "learner_mode": ("comments.spam.learner.check.learnt", LearnerMode.OFF),
}


class RulesForm(forms.ModelForm):
    shown = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = values_of(self.instance)
        self.initial["shown"] = self.now
        self.is_late = False
        for name in HELP.keys() & self.fields.keys():
            self.fields[name].help_text = _explained(name)
        for name in SERVER.keys() & self.fields.keys():
            self.fields[name].widget.attrs["placeholder"] = _of_server(name)

    def clean(self) -> Values:
        data = super().clean() or {}
        self._look_for_others(data)
        self._compare_edit_windows(data)
        self._compare_flood(data)
        self._compare_cutoffs(data)
        for name, problem in lacking(data):
            if name in self.changed_data and name not in self.errors:
                self.add_error(name, problem)
        return data

    @property
    def changed_rules(self) -> list[str]:
        return [name for name in self.changed_data if name in self.now]

    @property
    def changes(self) -> dict[str, list[Any]]:
        """What saving changes. Shape: as RulesChange.changes."""
        typed = values_of(self.instance)
        return {name: [self.now[name], typed[name]] for name in differing(typed, self.now)}

    # --- two editors at once ---

    def _look_for_others(self, data: Values) -> None:
        shown = data.get("shown")
        if not isinstance(shown, dict) or not all(map(_is_plain, shown.values())):
            self._show_anew({}, data)
            raise ValidationError(_("This form was not whole. Look again, then save."))
        meanwhile = differing(shown, self.now)
        if not meanwhile:
            return
        self.is_late = True
        self._show_anew({name: shown[name] for name in meanwhile}, data)
        told = [_("The rules changed while you were here. Look at them again, then save:")]
        for name in meanwhile:
            before, after = said(name, shown[name]), said(name, self.now[name])
            told.append(f"{label_of(name)}: {before} → {after}")
        self.add_error(None, [ValidationError(line) for line in told])

    def _show_anew(self, shown: Mapping[str, Any], data: Values) -> None:
        """Bind the form to the rules of now; what somebody typed into stays as they typed it."""
        typed = {**self.data.dict(), "shown": json.dumps(self.now)}  # type: ignore[attr-defined]
        for name, value in shown.items():
            if name in self.fields and data.get(name) == value:
                typed[name] = self.now[name]
        self.data = typed

    # --- rules that belong together ---

    def _compare_edit_windows(self, data: Values) -> None:
        least, most = data.get("edit_minutes"), data.get("proved_edit_minutes")
        if least is not None and most is not None and most < least:
            problem = _("With a proved address one would have less time than without.")
            self.add_error("proved_edit_minutes", problem)

    def _compare_flood(self, data: Values) -> None:
        limit, most = data.get("flood_limit"), settings.COMMENTS_REFUSE_LIMIT
        if limit is not None and limit >= most and "flood_limit" in self.changed_data:
            problem = _("From %(most)s on they are refused (COMMENTS_REFUSE_LIMIT), so none waits.")
            self.add_error("flood_limit", ValidationError(problem, params={"most": most}))

    def _compare_cutoffs(self, data: Values) -> None:
        if {"ham_cutoff", "spam_cutoff"} & self.errors.keys():
            return
        ham, spam = data.get("ham_cutoff"), data.get("spam_cutoff")
        for name in ("ham_cutoff", "spam_cutoff"):
            if data.get(name) is not None and not 0 <= data[name] <= 1:
                self.add_error(name, _("Give a number from 0 to 1."))
        if (ham is None) != (spam is None):
            empty = "ham_cutoff" if ham is None else "spam_cutoff"
            self.add_error(empty, _("Set both, or none."))
        elif ham is not None and spam is not None and ham >= spam:
            self.add_error("ham_cutoff", _("It has to be below the other."))


def _explained(name: str) -> str:
    told = str(HELP[name]) % {"many": MANY_LINKS, "refused": settings.COMMENTS_REFUSE_LIMIT}
    if name not in SERVER:
        return told
    default = _("Empty: %(default)s, as the server is set.")
    return f"{told} {default % {'default': _of_server(name)}}"


def _of_server(name: str) -> str:
    return said(name, getattr(settings, SERVER[name]))


def lacking(rules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (rule, what to say) of those that do nothing, for want of a check in the settings."""
    for name, (check, nothing) in NEEDS.items():
        if rules.get(name) not in (nothing, None) and check not in settings.COMMENTS_CHECKS:
            problem = _("This site's list of checks lacks %(check)s, so this does nothing.")
            yield name, problem % {"check": check}


def _is_plain(value: Any) -> bool:
    """Tell whether it may be the value of a rule, be it what anybody sent."""
    return value is None or isinstance(value, str | int | float)
