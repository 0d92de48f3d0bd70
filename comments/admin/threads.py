"""The threads, to be read: the page that owns a thread keeps it true."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.admin.shared import EVERY_STATUS, linked, may_moderate, never
from comments.models import Comment, Thread
from comments.ruling import WITH_OWN_RULES, said
from comments.status import Status


class OwnRules(admin.SimpleListFilter):
    """Those whose comments wait by other rules than the site's."""

    title = _("rules of its own")
    parameter_name = "own_rules"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [("yes", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(WITH_OWN_RULES) if self.value() == "yes" else queryset


@admin.register(Thread)
class ThreadAdmin(admin.ModelAdmin):
    """The threads, to be read: the page that owns a thread keeps it true."""

    has_view_permission = may_moderate
    has_add_permission = has_change_permission = has_delete_permission = never

    actions = None
    list_display = ["title", "owner", "public", "is_open", "approved", "waiting", "comments"]
    list_filter = [
        ("public_at", admin.EmptyFieldListFilter),
        "is_open",
        "is_premoderated",
        OwnRules,
    ]
    list_select_related = ["owner"]
    ordering = ["-pk"]
    search_fields = ["title"]
    show_facets = admin.ShowFacets.NEVER
    fields = [
        "title", "url", "owner", "public", "approved", "waiting", "comments", "manage", "is_open",
        "closed_at", "closing_note", "close_after_days", "close_counts_from", "closes_at",
        "is_premoderated", "slow_mode", "cooled_at", "cooling_note", "who_waits", "links",
        "pinned_number",
    ]  # fmt: skip
    readonly_fields = [
        "public", "approved", "waiting", "comments", "manage", "slow_mode",
        "closed_at", "closes_at", "cooled_at", "who_waits", "links",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        pending = Comment.objects.filter(thread=OuterRef("pk"), status=Status.PENDING)
        count = pending.order_by().values("thread").annotate(count=Count("pk")).values("count")
        return super().get_queryset(request).annotate(waiting=Coalesce(Subquery(count), 0))

    @admin.display(description=_("public"), boolean=True, ordering="public_at")
    def public(self, thread: Thread) -> bool:
        return thread.is_public

    @admin.display(description=_("approved"), ordering="approved_count")
    def approved(self, thread: Thread) -> int:
        return thread.approved_count

    @admin.display(description=_("pending"), ordering=F("waiting"))
    def waiting(self, thread: Any) -> int:
        return thread.waiting

    @admin.display(description=_("comments"))
    def comments(self, thread: Thread) -> SafeString:
        address = reverse("admin:comments_comment_changelist")
        return linked(
            f"{address}?thread={thread.pk}&status={EVERY_STATUS}", gettext("All its comments")
        )

    @admin.display(description=_("how it runs"))
    def manage(self, thread: Thread) -> SafeString:
        address = reverse("comments:manage", args=[thread.pk])
        return linked(address, gettext("Close, cool or reopen it"))

    @admin.display(description=_("slow mode"))
    def slow_mode(self, thread: Thread) -> str:
        if not thread.slow_seconds:
            return gettext("off")
        return gettext("one comment every %(interval)s") % {"interval": thread.slow_interval}

    @admin.display(description=_("wait for an editor"))
    def who_waits(self, thread: Thread) -> str:
        return said("held_people", thread.held_people, is_thread=True)

    @admin.display(description=_("links"))
    def links(self, thread: Thread) -> str:
        return said("max_links", thread.max_links, is_thread=True)
