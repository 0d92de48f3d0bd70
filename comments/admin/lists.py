"""The words, domains, networks and expressions that editors watch for, and how often they hit."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.models import ListEntry, ListKind
from comments.networks import network_of
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
