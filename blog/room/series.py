"""Series in the writing room: made, named, put into order by plain buttons and numbers.

For editors; authors put their own posts into a series in the form. What follows from each act is
publishing/series.py's.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog.label_forms import SeriesForm
from blog.models import Post, Series
from blog.publishing import relabelling
from blog.publishing import series as parts
from blog.room.answers import state_of
from blog.room.labels import REFUSED, for_editors


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def series_list(request: HttpRequest) -> HttpResponse:
    """Show all series, or make one. Queries: 1."""
    form = SeriesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, _("The series is made. Now put posts into it."))
        return redirect("blog:edit_series", made.pk)
    rows = Series.objects.annotate(count=Count("posts")).order_by("title", "pk")
    status = REFUSED if request.method == "POST" else 200
    context = {"rows": rows, "form": form}
    return render(request, "blog/room/series_list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def edit_series(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a series and its parts, or do what the pressed button says."""
    series = get_object_or_404(Series, pk=pk)
    if request.method != "POST":
        return series_page(request, series)
    action, _colon, key = request.POST.get("action", "").partition(":")
    if action == "save":
        return saved(request, series)
    if action == "delete":
        parts.delete_series(series, actor=request.user)
        messages.success(request, _("The series is deleted; its posts stay."))
        return redirect("blog:series_list")
    try:
        BUTTONS.get(action, refuse)(request, series, int(key) if key.isdecimal() else 0)
    except ValidationError as error:
        return series_page(request, series, trouble=" ".join(error.messages), status=REFUSED)
    # The part that was moved has the focus again; a browser sees to it by the address.
    moved = f"#place-{key}" if action in {"up", "down"} else ""
    return redirect(reverse("blog:edit_series", args=[pk]) + moved)


def series_page(
    request: HttpRequest,
    series: Series,
    *,
    form: SeriesForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    posts = parts.parts_of(series).only("title", "slug", "kind", "status", "published_at")
    rows = [(post, state_of(post)) for post in posts]
    context = {
        "series": series,
        "rows": rows,
        "form": form or SeriesForm(instance=series),
        "trouble": trouble,
        "typed": request.POST.get("post", "") if status == REFUSED else "",
        "is_public": any(post.is_findable() for post, _state in rows),
    }
    return render(request, "blog/room/edit_series.html", context, status=status)


def saved(request: HttpRequest, series: Series) -> HttpResponse:
    shown = Series.objects.get(pk=series.pk)
    form = SeriesForm(request.POST, instance=series)
    if form.is_valid():
        try:
            relabelling.rename(form.instance, actor=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Changed. Its posts show it from now on."))
            return redirect("blog:edit_series", series.pk)
    return series_page(request, shown, form=form, status=REFUSED)


# --- buttons of the parts ---------------------------------------------------------------------


def add(request: HttpRequest, series: Series, key: int) -> None:
    parts.add_part(series, post_meant(request.POST.get("post", "")))


def remove(request: HttpRequest, series: Series, key: int) -> None:
    parts.remove_part(series, key)


def put_in_order(request: HttpRequest, series: Series, key: int) -> None:
    """Bring the parts into the order of the numbers; of two that are equal, the one before stays.

    Raises: ValidationError.
    """
    numbered = []
    for pk in parts.parts_of(series).values_list("pk", flat=True):
        typed = request.POST.get(f"place-{pk}", "").strip()
        if typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 7):
            raise ValidationError(_("A place is a number such as 3. Nothing was changed."))
        numbered.append((int(typed) if typed else 10**7, pk))
    parts.arrange(series, [pk for _place, pk in sorted(numbered, key=lambda each: each[0])])


def up(request: HttpRequest, series: Series, key: int) -> None:
    step(series, key, -1)


def down(request: HttpRequest, series: Series, key: int) -> None:
    step(series, key, 1)


def step(series: Series, key: int, by: int) -> None:
    keys = [*parts.parts_of(series).values_list("pk", flat=True)]
    if key in keys:
        at = keys.index(key)
        keys.insert(max(at + by, 0), keys.pop(at))
        parts.arrange(series, keys)


def refuse(request: HttpRequest, series: Series, key: int) -> None:
    raise ValidationError(_("This form has no such button. Nothing was changed."))


BUTTONS: dict[str, Callable[[HttpRequest, Series, int], Any]] = {
    "add": add,
    "remove": remove,
    "order": put_in_order,
    "up": up,
    "down": down,
}


def post_meant(typed: str) -> Post:
    """Return the post that is meant by a title or an address. Raises: ValidationError."""
    typed = typed.replace("\x00", "").strip()[:300]
    slug = urlsplit(typed).path.rstrip("/").rpartition("/")[2] if "[" not in typed else ""
    found = [*Post.objects.filter(slug=slug or "-").only("pk", "kind")]
    found = found or [*Post.objects.filter(title__iexact=typed or "-").only("pk", "kind")[:2]]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(_("Several posts are called so. Paste the address of the one."))
    raise ValidationError(_("There is no such post. Type its whole title, or paste its address."))
