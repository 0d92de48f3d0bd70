"""Why editors decide as they do: the reasons they keep, offered in forms and named in logs.

The log holds a reason's code, so a reason may be renamed or put aside and old rows still say it.
"""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from comments.models import ModerationLogEntry, Reason

NONE = ("", "—")


def offered() -> list[Reason]:
    """Return the reasons that editors choose from, in their order. Queries: 1."""
    return list(Reason.objects.filter(is_active=True))


def choices() -> list[tuple[str, str]]:
    """Return them for a form's field, with none first. Queries: 1."""
    return [NONE, *((reason.code, reason.label) for reason in offered())]


def is_kept(code: str) -> bool:
    """Tell whether there is such a reason, offered or put aside. Queries: 1."""
    return Reason.objects.filter(code=code).exists()


def labels() -> dict[str, str]:
    """Return the words for every reason by its code, those that are put aside too. Queries: 1."""
    return dict(Reason.objects.order_by().values_list("code", "label"))


def label_for(code: str) -> str:
    """Return the words for a code, or nothing where nobody keeps it. Queries: 1, none for none."""
    found = Reason.objects.filter(code=code).values_list("label", flat=True) if code else []
    return next(iter(found), "")


def with_labels(entries: QuerySet[ModerationLogEntry]) -> QuerySet[Any]:
    """Read rows of the log with the words for their reasons. Queries: none of its own."""
    reason = Reason.objects.filter(code=OuterRef("reason")).values("label")[:1]
    return entries.annotate(reason_label=Subquery(reason))


def label_of(entry: Any) -> str:
    """Return the words for a row's reason; one that nobody keeps any more stands for itself."""
    return getattr(entry, "reason_label", None) or entry.reason
