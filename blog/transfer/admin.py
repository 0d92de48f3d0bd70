"""Imports in the admin: what came in, what was left out, and the way to take one back.

Nothing is added or changed here: commands import, reverting.py reverts. Whoever may see an import
sees the titles of what it brought, private ones too.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import OperationalError
from django.db.models import Count, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from blog.models import Attachment, Post
from blog.transfer.revert_plan import Plan, plan_for, posts_of
from blog.transfer.reverting import CannotRevert, revert
from comments.desk.notices import comment_address
from comments.models import Comment
from comments.status import Status
from comments.transfer.records import ImportRun, RunStatus
from comments.transfer.report import CREATED, UNCHANGED, UPDATED

MAY_SEE = "comments.view_importrun"
MAY_REVERT = "comments.delete_importrun"
POSTS_A_PAGE = 50
NOTES_AT_ONCE = 20

# The kinds of a report, in the order of its tables.
KINDS = {
    "posts": (gettext_lazy("posts"), ngettext_lazy("%d post", "%d posts")),
    "pages": (gettext_lazy("pages"), ngettext_lazy("%d page", "%d pages")),
    "comments": (gettext_lazy("comments"), ngettext_lazy("%d comment", "%d comments")),
    "redirects": (
        gettext_lazy("old addresses"),
        ngettext_lazy("%d old address", "%d old addresses"),
    ),
    "attachments": (
        gettext_lazy("attachments"),
        ngettext_lazy("%d attachment", "%d attachments"),
    ),
    "files": (gettext_lazy("files"), ngettext_lazy("%d file", "%d files")),
    "pictures": (gettext_lazy("pictures"), ngettext_lazy("%d picture", "%d pictures")),
    "categories": (gettext_lazy("categories"), ngettext_lazy("%d category", "%d categories")),
    "tags": (gettext_lazy("tags"), ngettext_lazy("%d tag", "%d tags")),
    "series": (gettext_lazy("series"), ngettext_lazy("%d series", "%d series")),
    "users": (gettext_lazy("accounts"), ngettext_lazy("%d account", "%d accounts")),
    "threads": (gettext_lazy("discussions"), ngettext_lazy("%d discussion", "%d discussions")),
}
# The map of imports calls them by one of them.
KIND_OF_ROW = {"category": "categories", "series": "series"}
IN_SHORT = ("posts", "pages", "comments")


def in_words(counts: dict[str, int]) -> list[str]:
    """Return "12 posts" and so on, in the order of KINDS; what has no name here by its own."""
    named = [str(KINDS[kind][1] % counts[kind]) for kind in KINDS if counts.get(kind)]
    return named + [f"{n:,} {kind}" for kind, n in counts.items() if kind not in KINDS and n]


# --- the report, for the page ---------------------------------------------------------------


def came_in(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each kind: how many were made, brought up to date, or here already."""
    changes = report.get("changes", {})
    kinds = [*(kind for kind in KINDS if kind in changes), *sorted(changes.keys() - KINDS.keys())]
    return [
        {
            "label": capfirst(str(KINDS[kind][0])) if kind in KINDS else kind,
            "counts": [changes[kind].get(each, 0) for each in (CREATED, UPDATED, UNCHANGED)],
            "sum": sum(changes[kind].values()),
        }
        for kind in kinds
    ]


def by_status(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return (status, label, count) for the comments."""
    counts = report.get("comments", {})
    return [(status, str(status.label), counts[status]) for status in Status if status in counts]


def counted(report: dict[str, Any]) -> dict[str, int]:
    """Return how many of each kind a report says are here."""
    return {kind: sum(changes.values()) for kind, changes in report.get("changes", {}).items()}


def made_so_far(run: ImportRun) -> dict[str, int]:
    """Return how many of each kind a run made, by what it remembers. Pages count as posts."""
    rows = run.rows.filter(is_made=True).order_by("kind").values_list("kind")
    counts = rows.annotate(Count("pk"))
    return {KIND_OF_ROW.get(kind, f"{kind}s"): count for kind, count in counts}


def standing_of(run: ImportRun) -> str:
    """Return a run's status in words."""
    return _("cut off") if run.is_cut_off else run.get_status_display()


def reverted_at(run: ImportRun) -> datetime | None:
    return parse_datetime(run.report.get("reverted", {}).get("at", ""))


# --- pages ----------------------------------------------------------------------------------


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one import: its report, what it made, and the way to take it back."""
    run = get_object_or_404(ImportRun.objects.select_related("reverted_by"), pk=run_id)
    report, notes = run.report, run.report.get("notes", [])
    posts = posts_of(run).order_by("kind", "-published_at", "-pk").defer("body", "body_html")
    context = {
        "came_in": came_in(report),
        "by_status": by_status(report),
        "skipped": sorted(report.get("skipped", {}).items(), key=lambda row: (-row[1], row[0])),
        "notes": notes[:NOTES_AT_ONCE],
        "more_notes": notes[NOTES_AT_ONCE:],
        "notes_left_out": report.get("notes_left_out", 0),
        "made": in_words(made_so_far(run)) if not report else [],
        "posts": Paginator(posts, POSTS_A_PAGE).get_page(request.GET.get("posts")),
        "went": in_words(report.get("reverted", {}).get("went", {})),
        "may_revert": request.user.has_perm(MAY_REVERT),
        "is_reverted": run.status == RunStatus.REVERTED,
    }
    return page(request, run, "page", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_REVERT, raise_exception=True)
def revert_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Say what taking an import back means, or do it."""
    run = get_object_or_404(ImportRun.objects.select_related("reverted_by"), pk=run_id)
    if request.method != "POST":
        return show_plan(request, plan_for(run))
    try:
        plan = revert(run.pk, actor=request.user)
    except CannotRevert as refused:
        problem = _("Nothing was removed.")
        return show_plan(request, refused.plan, problem, status=HTTPStatus.CONFLICT)
    except OperationalError:
        problem = _("Nothing was removed: others are writing just now. Try again in a minute.")
        return show_plan(request, plan_for(run), problem, status=HTTPStatus.SERVICE_UNAVAILABLE)
    went = get_text_list(in_words(plan.counts()), _("and")) or _("nothing was there")
    messages.success(
        request,
        _("The import of %(file)s was reverted: %(went)s.") % {"file": run, "went": went},
    )
    return redirect(address_of(run))


def show_plan(
    request: HttpRequest, plan: Plan, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "plan": plan,
        "problem": problem,
        "going": in_words(plan.counts()),
        "obstacles": [(each, [named(row) for row in each.first]) for each in plan.obstacles],
        "staying": [named(row) for row in plan.staying[:POSTS_A_PAGE]],
        "staying_more": max(0, len(plan.staying) - POSTS_A_PAGE),
    }
    return page(request, plan.run, "revert", context, status=status)


def page(
    request: HttpRequest, run: ImportRun, name: str, context: dict[str, Any], **how: Any
) -> HttpResponse:
    shared = {
        **admin.site.each_context(request),
        "title": run.file_name,
        "run": run,
        "standing": standing_of(run),
        "reverted_at": reverted_at(run),
        "list_address": reverse("admin:comments_importrun_changelist"),
        "run_address": address_of(run),
    }
    template = f"admin/comments/importrun/{name}.html"
    return render(request, template, shared | context, **how)


def address_of(run: ImportRun) -> str:
    return reverse("admin:comments_importrun_change", args=[run.pk])


def named(row: Model) -> tuple[str, str]:
    """Return what a row is called, and where to look at it."""
    if isinstance(row, Comment):
        return str(row), comment_address(row)
    if isinstance(row, Post):
        return row.title, reverse("blog:edit", args=[row.pk])
    if isinstance(row, Attachment):
        return str(row), reverse("blog:edit", args=[row.post_id]) if row.post_id else ""
    label = f"{capfirst(row._meta.verbose_name)}: {row}"
    known = row.__class__ in admin.site._registry
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return label, reverse(name, args=[row.pk]) if known else ""


# --- the list -------------------------------------------------------------------------------


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin):
    """The imports, newest first."""

    actions = None
    list_display = ["file", "standing", "counts", "format", "source", "started", "finished"]
    ordering = ["-pk"]
    search_fields = ["file_name", "source"]
    show_facets = admin.ShowFacets.NEVER

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MAY_SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """Only what there is to do; Django's own pages for adding and deleting are left out."""
        within = self.admin_site.admin_view
        return [
            path("", within(self.changelist_view), name="comments_importrun_changelist"),
            path("<int:run_id>/change/", within(run_page), name="comments_importrun_change"),
            path("<int:run_id>/revert/", within(revert_page), name="comments_importrun_revert"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Imports"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("file"), ordering="file_name")
    def file(self, run: ImportRun) -> SafeString:
        return format_html("<bdi>{}</bdi>", run.file_name)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def standing(self, run: ImportRun) -> SafeString:
        return format_html('<span class="status status-{}">{}</span>', run.status, standing_of(run))

    @admin.display(description=gettext_lazy("what it brought"))
    def counts(self, run: ImportRun) -> str:
        """The posts, pages and comments; of the rest, that there is more."""
        came = counted(run.report)
        short = in_words({kind: came[kind] for kind in IN_SHORT if kind in came})
        return ", ".join(short or in_words(came))

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, run: ImportRun) -> str:
        return _written_out(run.started_at)

    @admin.display(description=gettext_lazy("finished"), ordering="finished_at")
    def finished(self, run: ImportRun) -> str:
        return _written_out(run.finished_at) if run.finished_at else ""


def _written_out(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")
