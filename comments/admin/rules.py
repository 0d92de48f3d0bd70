"""The one page of the rules for all discussions. Who changed them, rules_changes.py lists.

What is typed is judged by rules_form.py, and saved by ruling.py.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.admin.rules_form import RulesForm, lacking
from comments.admin.shared import never
from comments.models import DiscussionRules, Thread
from comments.models.rules import ONLY
from comments.rehearsal import change_of_rules, rehearse
from comments.rehearsed import TRY, Told, kept_in_words, kept_of, sealed, told, warning
from comments.ruling import (
    WITH_OWN_RULES,
    ChangedMeanwhile,
    in_words,
    latest_changes,
    save_rules,
)

CONFLICT = 409
# So many comments, and for so long, are tried where a change is saved that nobody tried.
AT_A_GLANCE: dict[str, Any] = {"most": 500, "seconds": 1.0}
SITE_ONLY = "of=site"


@admin.register(DiscussionRules)
class DiscussionRulesAdmin(admin.ModelAdmin):
    """The one row, on one page: shown, tried, saved."""

    has_add_permission = has_delete_permission = never

    actions = None
    form = RulesForm
    fieldsets: ClassVar[Any] = [
        (
            _("Who waits for an editor"),
            {"fields": ["held_people", "newcomer_approvals", "hold_after_days"]},
        ),
        (
            _("Limits"),
            {"fields": ["max_links", "min_seconds", "flood_limit", "flood_window_seconds"]},
        ),
        (_("Before a comment is sent"), {"fields": ["nudges"]}),
        (_("Correcting one's own comment"), {"fields": ["edit_minutes", "proved_edit_minutes"]}),
        (_("Closing by itself"), {"fields": ["close_after_days", "close_counts_from"]}),
        (_("Moderation by authors"), {"fields": ["authors_moderate"]}),
        (_("The learner"), {"fields": ["learner_mode", "ham_cutoff", "spam_cutoff"]}),
        (_("What is kept"), {"fields": ["keep_facts_days"]}),
    ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead straight to the one row."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect("admin:comments_discussionrules_change", ONLY)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return redirect(f"{reverse('admin:comments_ruleschange_changelist')}?{SITE_ONLY}")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the rules, try out what was typed, or save it."""
        is_sent = request.method == "POST"
        may = self.has_change_permission if is_sent else self.has_view_or_change_permission
        if object_id is None or not may(request):
            raise PermissionDenied
        if object_id != str(ONLY):
            return redirect("admin:index")
        form = self._form(request)
        if not is_sent:
            return self._page(request, form)
        if not form.is_valid():
            return self._page(request, form, status=CONFLICT if form.is_late else 200)
        if TRY in request.POST:
            return self._page(request, form, rehearsal=self._rehearsed(request, form))
        return self._save(request, form)

    def _form(self, request: HttpRequest) -> RulesForm:
        rules = DiscussionRules.in_force()
        dressed: Any = self.get_form(request, rules, change=True)
        return dressed(request.POST if request.method == "POST" else None, instance=rules)

    def _rehearsed(self, request: HttpRequest, form: RulesForm) -> Told:
        """Return what the typed rules would have done."""
        rehearsal = rehearse(change_of_rules(form.instance))
        return told(rehearsal, request.user, sealed(rehearsal, form.changes))

    def _save(self, request: HttpRequest, form: RulesForm) -> HttpResponse:
        tried = kept_of(request.POST.get("rehearsed", ""), form.changes)
        remark = "" if tried else warning(rehearse(change_of_rules(form.instance), **AT_A_GLANCE))
        try:
            change = save_rules(
                form.instance, form.changed_rules, request.user, tried, shown=form.now
            )
        except ChangedMeanwhile:
            # Somebody was quicker by a moment: looked at again, the form says what they changed.
            form = self._form(request)
            form.is_valid()
            return self._page(request, form, status=CONFLICT)
        if change is None:
            messages.info(request, gettext("Nothing was changed."))
            return redirect(request.path)
        self.log_change(request, form.instance, [{"changed": {"fields": list(change.changes)}}])
        said = gettext("Saved. It counts from the next comment on.")
        messages.success(request, f"{said} {remark}".strip())
        return redirect(request.path)

    def _page(
        self,
        request: HttpRequest,
        form: RulesForm,
        *,
        status: int = 200,
        rehearsal: Told | None = None,
    ) -> HttpResponse:
        may_change = self.has_change_permission(request)
        fixed = [] if may_change else flatten_fieldsets(self.fieldsets)
        rules = DiscussionRules.in_force()
        context = {
            **self.admin_site.each_context(request),
            "title": str(rules),
            "adminform": AdminForm(form, self.fieldsets, {}, fixed, model_admin=self),
            "original": rules,
            "object_id": str(ONLY),
            "media": self.media + form.media,
            "inline_admin_formsets": [],
            "errors": AdminErrorList(form, []),
            "without_check": dict(lacking(form.now)).values(),
            "own_rules": Thread.objects.filter(WITH_OWN_RULES).count(),
            "told": rehearsal,
            "latest": [
                (change, list(in_words(change)), kept_in_words(change.rehearsal))
                for change in latest_changes()
            ],
            "all_changes": f"{reverse('admin:comments_ruleschange_changelist')}?{SITE_ONLY}",
        }
        response = self.render_change_form(request, context, change=True, obj=rules)
        response.status_code = status
        return response
