"""The log of every act, to be read. Nobody adds to it or takes from it by hand."""

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from comments.admin.shared import linked, never
from comments.desk.dossier import UNDOABLE
from comments.desk.notices import comment_address
from comments.models import ModerationLogEntry
from comments.reasons import label_of, with_labels
from comments.spam.names import name_of

MOST_ACTORS = 50


class ActorFilter(admin.SimpleListFilter):
    """The editors who acted; commenters, whom the log names too, are found by search."""

    title = _("editor")
    parameter_name = "editor"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        acts = ModerationLogEntry.objects.filter(action__in=UNDOABLE, actor_id__isnull=False)
        named = acts.order_by().values_list("actor_id").annotate(name=Max("actor_name"))
        return list(named.order_by("name")[:MOST_ACTORS])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        text = self.value()
        if text is None:
            return queryset
        return queryset.filter(actor_id=text) if text.isdecimal() else queryset.none()


@admin.register(ModerationLogEntry)
class ModerationLogAdmin(admin.ModelAdmin):
    """The log, to be read. Nobody adds to it or takes from it by hand, superusers neither."""

    has_add_permission = has_change_permission = has_delete_permission = never

    actions = None
    list_display = ["created_at", "who", "action", "about", "change", "why"]
    list_filter = ["action", "created_at", ActorFilter]
    list_select_related = ["comment__thread"]
    # What came with an import was done long before it was written down here.
    ordering = ["-created_at", "-pk"]
    search_fields = ["actor_name", "note", "comment__author_name"]
    search_help_text = _("Searches who acted, notes, and the names of commenters.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = ["created_at", "who", "action", "about", "change", "revision", "why", "note", "saw"]
    readonly_fields = ["who", "about", "change", "why", "saw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_labels(super().get_queryset(request))

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, entry: ModerationLogEntry) -> str:
        return entry.actor_name or str(_("the site"))

    @admin.display(description=_("comment"))
    def about(self, entry: ModerationLogEntry) -> SafeString:
        return linked(comment_address(entry.comment), str(entry.comment))

    @admin.display(description=_("status"))
    def change(self, entry: ModerationLogEntry) -> str:
        if entry.old_status in ("", entry.new_status):
            return entry.get_new_status_display()
        return f"{entry.get_old_status_display()} → {entry.get_new_status_display()}"

    @admin.display(description=_("reason"))
    def why(self, entry: ModerationLogEntry) -> str:
        return label_of(entry)

    @admin.display(description=_("findings"))
    def saw(self, entry: ModerationLogEntry) -> SafeString:
        rows = format_html_join(
            "",
            "<li><strong>{}</strong> <bdi>{}</bdi>: {}</li>",
            (
                (row.get("verdict"), name_of(row.get("check")), row.get("message"))
                for row in entry.findings
            ),
        )
        return format_html('<ul class="findings">{}</ul>', rows)
