"""The one row of the rules for all discussions."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from comments.admin.shared import never
from comments.models import DiscussionRules
from comments.models.rules import ONLY
from comments.openness import follow_site_rules


@admin.register(DiscussionRules)
class DiscussionRulesAdmin(admin.ModelAdmin):
    """The one row of the rules for all discussions. Django's own log says who changed what."""

    has_add_permission = has_delete_permission = never

    actions = None
    fieldsets = [
        (_("Correcting one's own comment"), {"fields": ["edit_minutes", "proved_edit_minutes"]}),
        (_("Closing by itself"), {"fields": ["close_after_days", "close_counts_from"]}),
        (_("Moderation by authors"), {"fields": ["authors_moderate"]}),
    ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead straight to the one row."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect("admin:comments_discussionrules_change", ONLY)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> DiscussionRules | None:
        """Return the one row, or what holds while nobody has saved it."""
        return DiscussionRules.in_force() if object_id == str(ONLY) else None

    def save_model(
        self, request: HttpRequest, obj: DiscussionRules, form: ModelForm, change: bool
    ) -> None:
        """Save, and bring what changed to every discussion without a rule of its own."""
        super().save_model(request, obj, form, change)
        if {"close_after_days", "close_counts_from"} & set(form.changed_data):
            follow_site_rules(obj)
