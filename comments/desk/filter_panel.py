"""The panel of filters as a page shows it. Most pages have no filter, and the same empty panel."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from comments.desk.filters import FilterForm


def filter_panel(typed: QueryDict | None) -> dict[str, Any]:
    """Return the form and its fields as they are drawn. `typed`: nothing where no filter is."""
    form = FilterForm(typed)
    if typed is not None:
        # What was typed wrong is shown as it was typed: reading it says so to the fields.
        form.full_clean()
        return {"filter_form": form, "filter_fields": _drawn(form)}
    offered = tuple(settings.COMMENTS_CHECKS)
    return {"filter_form": form, "filter_fields": _empty(get_language(), offered)}


@lru_cache(maxsize=16)
def _empty(_language: str | None, _checks: tuple[str, ...]) -> SafeString:
    """Return the empty fields. They differ by language, and by the checks that can be chosen."""
    return _drawn(FilterForm())


def _drawn(form: FilterForm) -> SafeString:
    return render_to_string("admin/comments/desk/_filter_fields.html", {"filter_form": form})
