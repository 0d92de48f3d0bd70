"""The list of all comments. Each row carries what was seen of it, and a bulk act is bound to that.

The queues with everything that a decision needs are the desk's (desk/); this is the ordinary list.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Prefetch, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from comments.admin.shared import EVERY_STATUS, linked, may_moderate, never
from comments.desk import case
from comments.desk.case import BulkForm, buttons_for, safe_address
from comments.models import Comment, ModerationLogEntry, Thread
from comments.moderation import Seen
from comments.status import Status

EXCERPT_LENGTH = 240


class StatusFilter(admin.SimpleListFilter):
    """One status at a time, as tabs with counts; the pending ones first."""

    title = _("status")
    parameter_name = "status"
    template = "admin/comments/comment/tabs.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [*Status.choices, (EVERY_STATUS, _("all"))]

    def value(self) -> str:
        return chosen_status(super().value())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset if self.value() == EVERY_STATUS else queryset.filter(status=self.value())

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        counts = dict(Comment.objects.order_by().values_list("status").annotate(Count("pk")))
        counts[EVERY_STATUS] = sum(counts.values())
        for status, label in self.lookup_choices:
            yield {
                "selected": self.value() == status,
                "query_string": changelist.get_query_string({"status": status, "o": None}),
                "display": label,
                "count": counts.get(status, 0),
            }


def chosen_status(asked: str | None) -> str:
    """Return the status a list is asked for; pending unless it is a known one."""
    return asked if asked and asked in (*Status, EVERY_STATUS) else Status.PENDING


class ThreadFilter(admin.SimpleListFilter):
    """One thread, chosen by a link; a menu of all of them would be endless."""

    title = _("thread")
    parameter_name = "thread"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        if self.value() is None:
            return []
        thread = Thread.objects.filter(pk=self.number).first()
        return [(self.value(), thread.title if thread else _("no such thread"))]

    @property
    def number(self) -> int:
        text = self.value() or ""
        return int(text) if text.isdecimal() and len(text) < 19 else 0

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset if self.value() is None else queryset.filter(thread_id=self.number)


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    """The list. Each row carries what was seen of it, and a bulk act is bound to that."""

    has_view_permission = may_moderate
    has_add_permission = has_change_permission = has_delete_permission = never

    actions = None
    list_display = ["action_checkbox", "written", "writer", "opening", "thread_title", "held_for"]
    list_display_links = ["opening"]
    list_filter = [StatusFilter, ThreadFilter, "created_at"]
    list_select_related = ["thread"]
    list_per_page = 50
    search_fields = ["body", "author_name", "author_email"]
    search_help_text = _("Searches text, names and e-mail addresses.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list[URLPattern]:
        """Only what a moderator does; Django's own pages for adding and deleting are left out."""
        within = self.admin_site.admin_view
        return [
            path("", within(self.changelist_view), name="comments_comment_changelist"),
            path(
                "<int:comment_id>/change/",
                within(case.comment_page),
                name="comments_comment_change",
            ),
            path("undo/<int:entry_id>/", within(case.undo), name="comments_comment_undo"),
            path("undo/<uuid:batch>/", within(case.undo_batch), name="comments_comment_undo_batch"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            return case.moderate_chosen(request)
        status = chosen_status(request.GET.get("status"))
        context = {
            "title": _("Comments"),
            "form": BulkForm(auto_id="bulk-%s"),
            "buttons": buttons_for(None if status == EVERY_STATUS else status),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Read no more of each comment than its row shows. Queries: 2."""
        judged = ModerationLogEntry.objects.judging().order_by("-pk")
        judged = judged.only("comment_id", "findings")
        return (
            super()
            .get_queryset(request)
            .defer("body", "body_html", "user_agent", "referrer")
            .annotate(beginning=Left("body", EXCERPT_LENGTH))
            .prefetch_related(Prefetch("log", judged, to_attr="judged"))
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Where the rows are of one status, the tab says which."""
        if chosen_status(request.GET.get("status")) == EVERY_STATUS:
            return [*self.list_display, "standing"]
        return [*self.list_display]

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The longest waiting first; of what is decided, the newest."""
        if chosen_status(request.GET.get("status")) == Status.PENDING:
            return ["created_at", "id"]
        return ["-created_at", "-id"]

    def action_checkbox(self, obj: Comment) -> SafeString:
        return format_html(
            '{}<input type="hidden" name="seen-{}" value="{}">',
            super().action_checkbox(obj),
            obj.pk,
            Seen.of(obj),
        )

    @admin.display(description=_("sort by date"), ordering="created_at")
    def written(self, comment: Comment) -> str:
        return date_format(localtime(comment.created_at), "j M Y, H:i")

    @admin.display(description=_("by"))
    def writer(self, comment: Comment) -> SafeString:
        known = _("account") if comment.author_id else _("guest")
        return format_html(
            '<bdi class="name">{}</bdi> <small>{} · <bdi>{}</bdi></small>',
            comment.author_name,
            known,
            comment.author_email,
        )

    @admin.display(description=_("comment"))
    def opening(self, comment: Any) -> SafeString:
        text = Truncator(" ".join(comment.beginning.split())).chars(EXCERPT_LENGTH - 20)
        return format_html('<bdi class="opening">{}</bdi>', text or _("(no text)"))

    @admin.display(description=_("status"))
    def standing(self, comment: Comment) -> SafeString:
        return format_html(
            '<span class="status status-{}">{}</span>',
            comment.status,
            comment.get_status_display(),
        )

    @admin.display(description=_("on"))
    def thread_title(self, comment: Comment) -> SafeString:
        return linked(safe_address(comment.thread.url), comment.thread.title)

    @admin.display(description=_("why"), empty_value="")
    def held_for(self, comment: Any) -> str:
        """The first reason of the latest judgement, and how many more there are."""
        findings = comment.judged[0].findings if comment.judged else []
        if not findings:
            return ""
        first, more = findings[0].get("message", ""), len(findings) - 1
        return format_html("{} <small>+{}</small>", first, more) if more else first
