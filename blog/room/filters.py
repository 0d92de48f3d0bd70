"""What the list of posts is narrowed to: read from an address, so that each view is a bookmark.

Shape: a Wanted, all of whose conditions must hold. finding.py looks for what fulfils them.
"""

from dataclasses import dataclass, fields
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, TextChoices
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Category, PostKind, Series, Tag
from comments.desk.meant import account_meant

MOST_WORDS = 6


class Tab(TextChoices):
    """Where a post stands, as people see it: scheduled is a place of its own."""

    ALL = "", gettext_lazy("All")
    DRAFT = "draft", gettext_lazy("Drafts")
    REVIEW = "review", gettext_lazy("In review")
    SCHEDULED = "scheduled", gettext_lazy("Scheduled")
    PUBLISHED = "published", gettext_lazy("Published")
    UNLISTED = "unlisted", gettext_lazy("Unlisted")
    PRIVATE = "private", gettext_lazy("Private")
    ARCHIVED = "archived", gettext_lazy("Archived")
    TRASH = "trash", gettext_lazy("Trash")


class Changes(TextChoices):
    """What is written beside posts that are out."""

    ANY = "", "—"
    WAITING = "waiting", gettext_lazy("changes not yet public")
    PLANNED = "planned", gettext_lazy("scheduled changes")


class Sort(TextChoices):
    CHANGED = "", gettext_lazy("changed last")
    PUBLISHED = "published", gettext_lazy("published last")
    TITLE = "title", gettext_lazy("title")


@dataclass(frozen=True)
class Wanted:
    """Which posts, of whom, in which order. `person` None is everybody."""

    person: int | None = None
    state: str = Tab.ALL
    words: str = ""
    changes: str = Changes.ANY
    kind: str = ""
    tag: int | None = None
    category: int | None = None
    series: int | None = None
    sort: str = Sort.CHANGED

    @property
    def is_narrowed(self) -> bool:
        """Tell whether more is asked for than whose posts, in which state and order."""
        plain = {"person", "state", "sort"}
        return any(getattr(self, each.name) for each in fields(self) if each.name not in plain)


class ListForm(forms.Form):
    """The panel of filters. What cannot be read is told beside its field, and nothing is listed."""

    words = forms.CharField(
        label=gettext_lazy("Words in the title or address"), required=False, max_length=100
    )
    state = forms.ChoiceField(
        choices=Tab.choices, required=False, widget=forms.HiddenInput, initial=Tab.ALL
    )
    whose = forms.ChoiceField(
        choices=[("", "mine"), ("all", "all")], required=False, widget=forms.HiddenInput
    )
    changes = forms.ChoiceField(
        label=gettext_lazy("Changes"), choices=Changes.choices, required=False
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("", "—"), *PostKind.choices], required=False
    )
    author = forms.CharField(
        label=gettext_lazy("Author"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Name, e-mail address or account number."),
    )
    tag = forms.CharField(label=gettext_lazy("Tag"), required=False, max_length=80)
    category = forms.CharField(label=gettext_lazy("Category"), required=False, max_length=120)
    series = forms.CharField(label=gettext_lazy("Series"), required=False, max_length=120)
    sort = forms.ChoiceField(label=gettext_lazy("Order"), choices=Sort.choices, required=False)

    def __init__(self, data: QueryDict, *, sees_all: bool) -> None:
        super().__init__(data)
        if not sees_all:
            del self.fields["author"], self.fields["whose"]

        for name, field in self.fields.items():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
            if name in {"tag", "category", "series"}:
                field.widget.attrs |= {"list": f"offered-{name}", "dir": "auto"}

    def narrowing(self) -> list[Any]:
        """Return the fields of the panel."""
        return [each for each in self.visible_fields() if each.name != "words"]

    def clean_words(self) -> str:
        words = self.cleaned_data["words"].split()
        if len(words) > MOST_WORDS:
            message = _("Please look for %(most)s words at most.") % {"most": MOST_WORDS}
            raise ValidationError(message)
        return " ".join(words)

    def clean_author(self) -> int | None:
        typed = self.cleaned_data["author"].strip()
        return int(account_meant(typed).pk) if typed else None

    def clean_tag(self) -> int | None:
        return key_meant(Tag, "name", self.cleaned_data["tag"], _("There is no such tag."))

    def clean_category(self) -> int | None:
        typed = self.cleaned_data["category"]
        return key_meant(Category, "name", typed, _("There is no such category."))

    def clean_series(self) -> int | None:
        return key_meant(
            Series, "title", self.cleaned_data["series"], _("There is no such series.")
        )

    def wanted(self, person: Any) -> Wanted | None:
        """Return what is asked for; None where it cannot be read. Queries: 1 a label or author."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        whose = data.get("author") or (None if data.get("whose") == "all" else person.pk)
        own = {each.name for each in fields(Wanted)} - {"person"}
        return Wanted(person=whose, **{name: data[name] for name in own})

    def as_query(self, **changed: str) -> str:
        """Return the address's query with some fields changed; an empty one is left out."""
        typed = {name: self.data.get(name, "") for name in self.fields} | changed
        return urlencode({name: value for name, value in typed.items() if value})


def key_meant(model: type[Model], name: str, typed: str, unknown: str) -> int | None:
    """Return the key of the row that is called so, or has this slug. Raises: ValidationError."""
    typed = typed.strip()
    if not typed:
        return None
    called = Q(**{name: typed}) | Q(slug=typed) | Q(slug=slugify(typed) or typed)
    found = model._default_manager.filter(called).order_by("pk").values_list("pk", flat=True)
    if (key := found.first()) is None:
        raise ValidationError(unknown)
    return int(key)
