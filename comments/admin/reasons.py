"""The reasons that editors choose from. One is renamed or put aside, never deleted: the log names
it by its code.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from comments.admin.shared import never
from comments.models import Reason


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    has_delete_permission = never

    list_display = ["label", "key", "position", "is_active", "code"]
    list_editable = ["key", "position", "is_active"]
    ordering = ["position", "label"]
    show_facets = admin.ShowFacets.NEVER

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> list[str]:
        return ["code"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Reason | None = None) -> Any:
        return {} if obj else {"code": ["label"]}
