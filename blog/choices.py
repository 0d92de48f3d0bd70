"""What an author chooses for a post besides its words: shelves, series, co-authors, the moment.

Part of the post's form (forms.py). Who can be a co-author is said in policy.py.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line
from blog import policy, trees
from blog.models import Category, Series
from blog.moments import MomentField
from blog.publishing.moving import GRACE, has_passed

# Buttons that need a moment to come.
SCHEDULING = frozenset({"schedule", "schedule_changes"})


class Outline(forms.models.ModelChoiceIterator):
    """Shelves in the order of their tree, each with what it stands within."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        rows = trees.all_categories()
        chains = [[*trees.chain_above(row, rows), row] for row in rows]
        for chain in sorted(chains, key=lambda chain: [each.name.casefold() for each in chain]):
            value = forms.models.ModelChoiceIteratorValue(chain[-1].pk, chain[-1])
            yield value, " › ".join(each.name for each in chain)


class ShelvesField(forms.ModelMultipleChoiceField):
    iterator = Outline


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, person: Any) -> str:
        return person.get_short_name()


class ChoicesForm(forms.Form):
    """Choices of a post; all of them may be left alone."""

    CHOSEN = ("categories", "series", "series_position", "coauthors")
    PLACE = ("series", "series_position")

    categories = ShelvesField(
        label=_("Categories"),
        queryset=Category.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    series = forms.ModelChoiceField(
        label=_("Series"), queryset=Series.objects.all(), required=False, empty_label=_("None")
    )
    series_position = forms.IntegerField(
        label=_("Part"),
        required=False,
        min_value=0,
        max_value=9999,
        help_text=_("Its place in the series, from 1."),
    )
    coauthors = PeopleField(
        label=_("Co-authors"),
        queryset=get_user_model().objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("What changed"),
        required=False,
        max_length=300,
        validators=[validate_single_line],
        help_text=_("Kept in the history; readers do not see it."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    publish_at = MomentField(label=_("Date and time"), required=False)

    def offer_people(self, author: int | None, chosen: Iterable[int]) -> None:
        """Offer who may write besides the author, and who was chosen while they might."""
        offered = Q(pk__in=policy.people_who_write().values("pk")) | Q(pk__in=list(chosen))
        people = get_user_model().objects.filter(offered).exclude(pk=author or 0)
        self.fields["coauthors"].queryset = people.order_by("display_name", "pk")  # type: ignore[attr-defined]

    def clean_series_position(self) -> int:
        return self.cleaned_data["series_position"] or 0

    def clean_publish_at(self) -> Any:
        at = self.cleaned_data["publish_at"]
        if self.data.get("action") not in SCHEDULING:
            return at
        if at is None:
            raise ValidationError(_("Choose the date and the time first."))
        if at < timezone.now() - GRACE:
            raise ValidationError(has_passed())
        return at

    def chosen(self) -> dict[str, Any]:
        """Return a valid form's choices as publishing/ takes them; a page has fewer."""
        return {name: self.cleaned_data[name] for name in self.CHOSEN if name in self.fields}

    # --- the place in a series: others change it while the text stays at its version --------------

    def remember_the_place(self) -> None:
        """Let it come along as it was. A form that was sent without is judged by what it says."""
        for name in self.PLACE:
            is_sent = not self.is_bound or self.add_initial_prefix(name) in self.data
            self.fields[name].show_hidden_initial = is_sent

    def opened_with(self) -> list[tuple[str, str]]:
        """Return what came along of it, for a page that shows no boxes for it."""
        names = [self.add_initial_prefix(name) for name in self.PLACE]
        return [(name, self.data[name]) for name in names if name in self.data]

    def is_as_opened(self, name: str) -> bool:
        """Tell whether this is the place, and was left alone: whoever changed it meanwhile counts.

        The series and the place in it go together.
        """
        fields = [self.fields[each] for each in self.PLACE if each in self.fields]
        is_known = all(field.show_hidden_initial for field in fields)
        return name in self.PLACE and is_known and not {*self.PLACE} & {*self.changed_data}
