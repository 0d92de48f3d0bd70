"""The admin of the discussion: lists for editors, who are let in by one permission.

Nothing here changes a comment: desk.py takes the decisions and moderation/ carries them out. The
log is read-only for everybody; only the word and domain lists are edited in Django's usual way.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Max, Model, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments import desk
from comments.desk import MAY_MODERATE, BulkForm, buttons_for, safe_address
from comments.dossier import JUDGED, UNDOABLE, reason_label
from comments.models import Comment, DiscussionRules, ListEntry, ModerationLogEntry, Thread
from comments.models.rules import ONLY
from comments.moderation import Seen
from comments.notices import comment_address
from comments.openness import follow_site_rules
from comments.spam.lists import forget_lists
from comments.status import Status

EXCERPT_LENGTH = 240
EVERY_STATUS = "all"
MOST_ACTORS = 50


def may_moderate(self: admin.ModelAdmin, request: HttpRequest, obj: Model | None = None) -> bool:
    return request.user.has_perm(MAY_MODERATE)


def never(self: admin.ModelAdmin, request: HttpRequest, obj: Model | None = None) -> bool:
    return False


# --- comments -------------------------------------------------------------------------------


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
                within(desk.comment_page),
                name="comments_comment_change",
            ),
            path("undo/<int:entry_id>/", within(desk.undo), name="comments_comment_undo"),
            path("undo/<uuid:batch>/", within(desk.undo_batch), name="comments_comment_undo_batch"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            return desk.moderate_chosen(request)
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
        judged = ModerationLogEntry.objects.filter(action__in=JUDGED).order_by("-pk")
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


def linked(address: str, text: str) -> SafeString:
    """Return `text` as a link, or alone when there is no address that may be one."""
    if not address:
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<a href="{}"><bdi>{}</bdi></a>', address, text)


# --- the log --------------------------------------------------------------------------------


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
        return reason_label(entry.reason)

    @admin.display(description=_("findings"))
    def saw(self, entry: ModerationLogEntry) -> SafeString:
        rows = format_html_join(
            "",
            "<li><strong>{}</strong> <code>{}</code> {}</li>",
            ((row.get("verdict"), row.get("check"), row.get("message")) for row in entry.findings),
        )
        return format_html('<ul class="findings">{}</ul>', rows)


# --- threads and lists ----------------------------------------------------------------------


@admin.register(Thread)
class ThreadAdmin(admin.ModelAdmin):
    """The threads, to be read: the page that owns a thread keeps it true."""

    has_view_permission = may_moderate
    has_add_permission = has_change_permission = has_delete_permission = never

    actions = None
    list_display = ["title", "owner", "public", "is_open", "approved", "waiting", "comments"]
    list_filter = [("public_at", admin.EmptyFieldListFilter), "is_open", "is_premoderated"]
    list_select_related = ["owner"]
    ordering = ["-pk"]
    search_fields = ["title"]
    show_facets = admin.ShowFacets.NEVER
    fields = [
        "title", "url", "owner", "public", "approved", "waiting", "comments", "manage", "is_open",
        "closed_at", "closing_note", "close_after_days", "close_counts_from", "closes_at",
        "is_premoderated", "slow_mode", "cooled_at", "cooling_note", "pinned_number",
    ]  # fmt: skip
    readonly_fields = [
        "public", "approved", "waiting", "comments", "manage", "slow_mode",
        "closed_at", "closes_at", "cooled_at",
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


@admin.register(DiscussionRules)
class DiscussionRulesAdmin(admin.ModelAdmin):
    """The one row of the rules for all discussions. Django's own log says who changed what."""

    has_add_permission = has_delete_permission = never

    actions = None
    fieldsets = [
        (_("Correcting one's own comment"), {"fields": ["edit_minutes", "proved_edit_minutes"]}),
        (_("Closing by itself"), {"fields": ["close_after_days", "close_counts_from"]}),
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
