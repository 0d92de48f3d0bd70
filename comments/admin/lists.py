"""The words, domains, networks and expressions that editors watch for, and how often they hit."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.models import ListEntry, ListKind
from comments.networks import network_of
from comments.rehearsal import change_of_lists, rehearse
from comments.rehearsed import TRY, Told, told
from comments.spam.expressions import try_out
from comments.spam.lists import LONGEST_PHRASE_WORDS, fold, fold_domain, forget_lists


class ListEntryForm(ModelForm):
    """Whatever could never be found, or not in time, is refused when it is written."""

    class Meta:
        help_texts = {
            "pattern": gettext_lazy(
                "A word or phrase, found as whole words whatever their case; a domain such as "
                "example.com, its subdomains too; a network such as 192.0.2.0/24; or a regular "
                "expression, which tells no case of letters apart."
            )
        }

    def clean(self) -> dict[str, Any]:
        """Write the pattern as it is compared. Raises: ValidationError."""
        cleaned = super().clean() or {}
        kind, pattern = cleaned.get("kind"), cleaned.get("pattern")
        if kind and pattern:
            try:
                cleaned["pattern"] = KEPT_AS[ListKind(kind)](pattern)
            except ValueError as error:
                self.add_error("pattern", ValidationError(str(error)))
        return cleaned


def _phrase(pattern: str) -> str:
    if len(fold(pattern).split()) > LONGEST_PHRASE_WORDS:
        raise ValueError(_("A phrase has at most %(most)s words.") % {"most": LONGEST_PHRASE_WORDS})
    return pattern


def _domain(pattern: str) -> str:
    """Return a domain, be it written as an address. Raises: ValueError."""
    host = pattern.strip().partition("://")[2] or pattern.strip()
    domain = fold_domain(host.partition("/")[0].rpartition("@")[2].partition(":")[0])
    labels = domain.split(".")
    if len(labels) < 2 or not all(_is_label(label) for label in labels):
        raise ValueError(_("Write a domain such as example.com."))
    return domain


def _is_label(label: str) -> bool:
    return 0 < len(label) < 64 and label.isascii() and label.replace("-", "").isalnum()


def _network(pattern: str) -> str:
    return str(network_of(pattern))


def _expression(pattern: str) -> str:
    try_out(pattern)
    return pattern


KEPT_AS = {
    ListKind.WORD: _phrase,
    ListKind.DOMAIN: _domain,
    ListKind.NETWORK: _network,
    ListKind.REGEX: _expression,
}


@admin.register(ListEntry)
class ListEntryAdmin(admin.ModelAdmin):
    """What editors watch for; a change counts from the next comment on, in every process."""

    form = ListEntryForm
    list_display = ["pattern", "kind", "effect", "hits", "last_hit_at", "note", "created_at"]
    list_filter = ["kind", "effect"]
    ordering = ["pattern"]
    search_fields = ["pattern", "note"]
    show_facets = admin.ShowFacets.NEVER

    def get_readonly_fields(self, request: HttpRequest, obj: ListEntry | None = None) -> list[str]:
        return ["hits", "last_hit_at", "created_at"] if obj else []

    def get_fields(self, request: HttpRequest, obj: ListEntry | None = None) -> Any:
        return ["kind", "pattern", "effect", "note", *self.get_readonly_fields(request, obj)]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an entry, tell what it would have done, or save it."""
        if request.method == "POST" and TRY in request.POST:
            entry = self.get_object(request, object_id) if object_id else None
            if self._may_try(request, entry) and (entry or not object_id):
                return self._tried(request, entry)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _may_try(self, request: HttpRequest, entry: ListEntry | None) -> bool:
        if entry is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, entry)

    def _tried(self, request: HttpRequest, entry: ListEntry | None) -> HttpResponse:
        """Show the form with all that was typed, and above it what would have come of that."""
        is_change = entry is not None
        form = self.get_form(request, entry, change=is_change)(request.POST, instance=entry)
        fieldsets: Any = self.get_fieldsets(request, entry)
        title = _("Change %s") if is_change else _("Add %s")
        context = {
            **self.admin_site.each_context(request),
            "title": title % self.opts.verbose_name,
            "adminform": AdminForm(
                form,
                fieldsets,
                {},
                self.get_readonly_fields(request, entry),
                model_admin=self,
            ),
            "original": entry,
            "object_id": entry and str(entry.pk),
            "media": self.media + form.media,
            "inline_admin_formsets": [],
            "told": self._told(request, form.instance) if form.is_valid() else None,
            "errors": AdminErrorList(form, []),
        }
        return self.render_change_form(
            request, context, add=not is_change, change=is_change, obj=entry
        )

    def _told(self, request: HttpRequest, entry: ListEntry) -> Told:
        """Return what an entry would have done as it is typed."""
        row = (entry.pk or 0, entry.kind, entry.pattern, entry.effect)
        return told(rehearse(change_of_lists(entry.pk, row)), request.user)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask before an entry goes; tell what would have come of that, where it is asked for."""
        if TRY in request.GET and self.has_delete_permission(request) and object_id.isdecimal():
            gone = told(rehearse(change_of_lists(int(object_id))), request.user)
            extra_context = {**(extra_context or {}), "told": gone}
        return super().delete_view(request, object_id, extra_context)

    def save_model(
        self, request: HttpRequest, obj: ListEntry, form: ModelForm, change: bool
    ) -> None:
        # A comment may have hit it since the page was made.
        kept = form.changed_data if change else None
        with transaction.atomic():
            obj.save(update_fields=kept)
            forget_lists()

    def delete_model(self, request: HttpRequest, obj: ListEntry) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)
            forget_lists()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            forget_lists()
