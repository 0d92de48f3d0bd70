"""What editors type about tags, categories and series, in the writing room and in the admin."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blog import trees
from blog.forms import SLUG_ERRORS
from blog.models import Category, Series, SlugKind, Tag, folded_name
from blog.publishing.addresses import refuse_slug
from blog.publishing.labels import free_slug


class LabelForm(forms.ModelForm):
    """Words and an address. One left empty follows the name; one of another's is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].error_messages |= SLUG_ERRORS
        self.fields["slug"].label = _("Address")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("slug") and "slug" not in self.errors:
            data["slug"] = self.instance.slug or self._slug_of(data)
        if data.get("slug") not in {None, self.instance.slug}:
            refuse_slug(self.instance, data["slug"])
        return data

    def _slug_of(self, data: dict[str, Any]) -> str:
        words = str(data.get("name") or data.get("title") or "")
        model = self._meta.model
        return free_slug(model, words, fallback=str(model._meta.model_name))


class TagForm(LabelForm):
    class Meta:
        model = Tag
        fields = ("name", "slug")
        widgets = {"name": forms.TextInput(attrs={"dir": "auto"})}

    def clean_name(self) -> str:
        """Refuse a name that differs from another's in case alone; a merge makes them one."""
        name = self.cleaned_data["name"]
        others = Tag.objects.exclude(pk=self.instance.pk).filter(key=folded_name(name))
        if twin := others.first():
            message = _("There is a tag “%(name)s” already. To make the two one, merge them.")
            raise ValidationError(message % {"name": twin})
        return name


class CategoryForm(LabelForm):
    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "description")
        widgets = {
            "name": forms.TextInput(attrs={"dir": "auto"}),
            "description": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }

    def clean_parent(self) -> Category | None:
        parent = self.cleaned_data["parent"]
        if parent and self.instance.pk:
            below = trees.all_below(self.instance, trees.all_categories())
            if any(parent.pk == each.pk for each in below):
                raise ValidationError(_("A category cannot stand within itself."))
        return parent


class SeriesForm(LabelForm):
    class Meta:
        model = Series
        fields = ("title", "slug", "description")
        widgets = {
            "title": forms.TextInput(attrs={"dir": "auto"}),
            "description": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }


FORMS: dict[str, type[LabelForm]] = {SlugKind.TAG: TagForm, SlugKind.CATEGORY: CategoryForm}
