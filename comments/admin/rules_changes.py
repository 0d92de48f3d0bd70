"""The list of who changed which rule, of the site or of a discussion, to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.admin.shared import linked, never
from comments.models import RulesChange
from comments.ruling import in_words


class OfWhom(admin.SimpleListFilter):
    title = _("rules of")
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [("site", _("the site")), ("threads", _("single discussions"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("site", "threads"):
            return queryset
        return queryset.filter(thread__isnull=self.value() == "site")


@admin.register(RulesChange)
class RulesChangeAdmin(admin.ModelAdmin):
    """Who changed which rule, of the site or of a discussion, to be read."""

    has_add_permission = has_change_permission = has_delete_permission = never

    actions = None
    list_display = ["created_at", "who", "about", "what"]
    list_display_links = None
    list_filter = [OfWhom]
    list_select_related = ["thread"]
    search_fields = ["actor_name", "thread__title"]
    show_facets = admin.ShowFacets.NEVER

    def has_view_permission(self, request: HttpRequest, obj: RulesChange | None = None) -> bool:
        return request.user.has_perm("comments.view_discussionrules") or request.user.has_perm(
            "comments.change_discussionrules"
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {**(extra_context or {}), "title": title})

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, change: RulesChange) -> SafeString:
        return format_html("<bdi>{}</bdi>", change.actor_name or gettext("the site"))

    @admin.display(description=_("rules of"))
    def about(self, change: RulesChange) -> SafeString | str:
        if change.thread is None:
            return gettext("the site")
        return linked(reverse("comments:manage", args=[change.thread.pk]), change.thread.title)

    @admin.display(description=_("changes"))
    def what(self, change: RulesChange) -> SafeString:
        line = "{}: <bdi>{}</bdi> → <bdi>{}</bdi><br>"
        return format_html_join("", line, in_words(change))
