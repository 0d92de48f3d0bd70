"""The measures against people, to be looked up; they are taken and lifted at the desk."""

from django.contrib import admin

from comments.admin.shared import never
from comments.models import Sanction


@admin.register(Sanction)
class SanctionAdmin(admin.ModelAdmin):
    """Read only, for superusers too: the rows are their own log."""

    has_add_permission = has_change_permission = has_delete_permission = never

    actions = None
    list_display = [
        "value",
        "target",
        "kind",
        "reason",
        "created_at",
        "ends_at",
        "actor_name",
        "lifted_at",
        "lifted_by_name",
    ]
    list_filter = ["kind", "target"]
    search_fields = ["value", "note", "actor_name"]
    ordering = ["-created_at", "-pk"]
    exclude = ["batch", "actor"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
