"""Tags and categories in the writing room: found, renamed, made one, deleted once no post has them.

For editors. What follows from each act for posts and addresses is publishing/relabelling.py's.
"""

from collections.abc import Callable
from functools import wraps
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from blog import policy
from blog.label_forms import FORMS
from blog.models import Category, Post, Tag, folded_name
from blog.publishing import relabelling
from blog.room.guards import for_authors

LABELS_A_PAGE = 100
MOST_AT_ONCE = 200
REFUSED = 422
MODELS: dict[str, type[Tag] | type[Category]] = {"tag": Tag, "category": Category}


def for_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @for_authors
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may_edit_labels(request.user):
            raise PermissionDenied(_("Tags, categories and series are the editors' to change."))
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_editors
def labels(request: HttpRequest) -> HttpResponse:
    """Show all tags, or categories, with how many posts have each. Queries: 3, and 1 for twins."""
    kind = kind_asked_for(request.GET.get("kind", "tag"))
    rows = counted(kind)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    if words:
        rows = rows.filter(name__icontains=words)
    if request.GET.get("unused"):
        rows = rows.exclude(Exists(shown(kind)))
    page = Paginator(rows.order_by("name", "pk"), LABELS_A_PAGE).get_page(request.GET.get("page"))
    twins = twins_of(request) if kind == "tag" else []
    context = {
        "kind": kind,
        "page": page,
        "words": words,
        "is_unused": bool(request.GET.get("unused")),
        "twins": twins,
        "query": query_of(request),
    }
    return render(request, "blog/room/labels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def edit_label(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Rename a label, or delete it once no post has it."""
    row = get_object_or_404(counted(kind_asked_for(kind)), pk=pk)
    if request.method == "POST" and request.POST.get("action") == "delete":
        return deleted(request, kind, [row])
    form = FORMS[kind](request.POST if request.method == "POST" else None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            relabelling.rename(form.instance, actor=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Changed. Its posts show it from now on."))
            return redirect(list_of(kind))
    saved = MODELS[kind]._default_manager.get(pk=pk)
    context = {"kind": kind, "row": saved, "count": row.count, "form": form}
    status = REFUSED if request.method == "POST" else 200
    return render(request, "blog/room/edit_label.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def merge_labels(request: HttpRequest) -> HttpResponse:
    """Show what a merge of the chosen ones would touch; do it, or delete those without posts."""
    data = request.POST if request.method == "POST" else request.GET
    kind = kind_asked_for(data.get("kind", "tag"))
    rows = chosen(kind, data.getlist("pk"))
    if request.method != "POST":
        return merge_page(request, kind, rows)
    if data.get("action") == "delete":
        return deleted(request, kind, rows)
    try:
        target = target_of(kind, rows, data.get("into", ""), data.get("name", ""))
        count = relabelling.merge(rows, target, actor=request.user)
    except ValidationError as error:
        return merge_page(request, kind, rows, trouble=" ".join(error.messages), status=REFUSED)
    said = ngettext(
        "“%(name)s” is one now; %(count)d post was changed.",
        "“%(name)s” is one now; %(count)d posts were changed.",
        count,
    )
    messages.success(request, said % {"name": target.name, "count": count})
    return redirect(list_of(kind))


def merge_page(
    request: HttpRequest, kind: str, rows: list[Any], *, trouble: str = "", status: int = 200
) -> HttpResponse:
    through = MODELS[kind].posts.through._default_manager
    under = through.filter(**{f"{kind}__in": [row.pk for row in rows]})
    context = {
        "kind": kind,
        "rows": rows,
        "touched": under.aggregate(posts=Count("post", distinct=True))["posts"],
        "unused": [row for row in rows if not row.count],
        "fullest": max(rows, key=lambda row: row.count, default=None),
        "trouble": trouble,
        "back": list_of(kind),
        "typed": request.POST.get("name", ""),
    }
    return render(request, "blog/room/merge_labels.html", context, status=status)


def deleted(request: HttpRequest, kind: str, rows: list[Any]) -> HttpResponse:
    count = relabelling.delete_unused(rows, actor=request.user)
    said = ngettext("%(count)d was deleted.", "%(count)d were deleted.", count)
    if left := len(rows) - count:
        kept = ngettext("%(count)d is in use and stays.", "%(count)d are in use and stay.", left)
        said = f"{said} {kept % {'count': left}}"
    messages.success(request, said % {"count": count})
    return redirect(list_of(kind))


# --- which ones -------------------------------------------------------------------------------


def kind_asked_for(kind: str) -> str:
    if kind not in MODELS:
        raise Http404
    return kind


def list_of(kind: str) -> str:
    return f"{reverse('blog:labels')}?kind={kind}" if kind != "tag" else reverse("blog:labels")


def shown(kind: str) -> QuerySet[Any]:
    """Return which posts have the label that is asked about."""
    through = (Post.tags if kind == "tag" else Post.categories).through
    return through._default_manager.filter(**{kind: OuterRef("pk")}).order_by()


def counted(kind: str) -> QuerySet[Any]:
    """Return all of a kind with how many posts have each, of whatever state (`count`)."""
    number = shown(kind).values(kind).annotate(number=Count("pk")).values("number")
    count = Coalesce(Subquery(number, output_field=IntegerField()), 0)
    return MODELS[kind]._default_manager.annotate(count=count)


def chosen(kind: str, keys: list[str]) -> list[Any]:
    numbers = {int(key) for key in keys[:MOST_AT_ONCE] if key.isascii() and key.isdecimal()}
    numbers = {number for number in numbers if number < 2**63}
    return [*counted(kind).filter(pk__in=numbers).order_by("name", "pk")]


def target_of(kind: str, rows: list[Any], key: str, name: str) -> Any:
    """Return which one the chosen are to become: one of them, or another by its name.

    Raises: ValidationError.
    """
    if name := name.strip():
        named = Q(key=folded_name(name)) if kind == "tag" else Q(name__iexact=name)
        if found := MODELS[kind]._default_manager.filter(named).order_by("pk").first():
            return found
        raise ValidationError(_("There is none of this name. Look at the list for its spelling."))
    target = next((row for row in rows if str(row.pk) == key), None)
    if target is None:
        raise ValidationError(_("Choose which one is to stay."))
    return target


def twins_of(request: HttpRequest) -> list[list[Any]]:
    """Return tags whose names differ in case alone. Queries: 1."""
    several = Tag.objects.values("key").annotate(number=Count("pk")).filter(number__gt=1)
    rows = Tag.objects.filter(key__in=several.order_by().values("key")).order_by("key", "pk")
    return [[*tags] for _key, tags in groupby(rows, key=attrgetter("key"))]


def query_of(request: HttpRequest) -> str:
    """Return what was asked for but the page, to be asked for on another page."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()
