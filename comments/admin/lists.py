"""The words and domains that editors watch for."""

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from comments.models import ListEntry
from comments.spam.lists import forget_lists


@admin.register(ListEntry)
class ListEntryAdmin(admin.ModelAdmin):
    """The words and domains that editors watch for; a change counts from the next comment on."""

    list_display = ["pattern", "kind", "effect", "note", "created_at"]
    list_filter = ["kind", "effect"]
    ordering = ["pattern"]
    search_fields = ["pattern", "note"]
    show_facets = admin.ShowFacets.NEVER

    def save_model(
        self, request: HttpRequest, obj: ListEntry, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        forget_lists()

    def delete_model(self, request: HttpRequest, obj: ListEntry) -> None:
        super().delete_model(request, obj)
        forget_lists()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        super().delete_queryset(request, queryset)
        forget_lists()
