"""Measures against people, over HTTP: taken from a comment, listed, lifted.

sanctions.py takes and lifts them, moderation/ rejects what goes with them; reach.py counts both
before, people_list.py reads the pages of the list.
"""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comments import sanctions
from comments.barring import MAY_MODERATE
from comments.desk.answers import admin_frame, see_other, tidy_address, way_back
from comments.desk.notices import comment_address, report, with_undo
from comments.desk.people_forms import MeasureForm
from comments.desk.people_list import BadKey, read_people
from comments.desk.reach import key_of, reach_of, standing_of
from comments.models import Comment, Sanction, SanctionTarget
from comments.moderation import MOST_AT_ONCE, BulkResult, TooMany, moderate_all, newest_entry
from comments.outgoing import address_of
from comments.sanctions import CannotSanction, Target
from comments.status import Action
from comments.turns import turn

MOST_SEARCHED = 200


# --- taking -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def ban(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Ask for a measure against whoever wrote a comment, or take it."""
    comments = Comment.objects.select_related("thread", "author")
    comment = get_object_or_404(comments, pk=comment_id)
    offered = sanctions.targets_of(comment)
    if request.method != "POST":
        first = [key_of(target) for target in offered[:1]]
        initial = {"as_of": newest_entry(), "targets": first}
        return show(request, comment, MeasureForm(offered=offered, initial=initial))
    form = MeasureForm(request.POST, offered=offered)
    if not form.is_valid():
        return show(request, comment, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        measures, result = take(request, comment, form)
    except (CannotSanction, TooMany) as refused:
        return show(request, comment, form, str(refused), HTTPStatus.CONFLICT)
    say_taken(request, measures, result)
    return see_other(way_back(request, comment_address(comment)))


def take(
    request: HttpRequest, comment: Comment, form: MeasureForm
) -> tuple[list[Sanction], BulkResult | None]:
    """Take a measure against each that was chosen, or none, then reject what is to be rejected.

    Raises: CannotSanction and TooMany, before anything is done.
    """
    chosen, batch = form.chosen, uuid4()
    whose = standing_of(chosen, comment)
    if form.cleaned_data["reject_all"]:
        refuse_too_many(whose[: MOST_AT_ONCE + 1].count())
    with turn():
        measures = [
            impose(request, comment, form, target, batch, is_first=at == 0)
            for at, target in enumerate(chosen)
        ]
    if not form.cleaned_data["reject_all"]:
        return measures, None
    said = {name: form.cleaned_data[name] for name in ("reason", "note", "as_of")}
    return measures, moderate_all(whose, Action.REJECT, actor=request.user, batch=batch, **said)


def refuse_too_many(count: int) -> None:
    if count > MOST_AT_ONCE:
        raise TooMany(
            _(
                "Nothing was done: these are more than %(most)s comments, too many for one act. "
                "Choose something narrower, or reject them from the queue first."
            )
            % {"most": f"{MOST_AT_ONCE:,}"}
        )


def impose(
    request: HttpRequest,
    comment: Comment,
    form: MeasureForm,
    target: Target,
    batch: UUID,
    *,
    is_first: bool,
) -> Sanction:
    """Take one measure; of several against one person only the first is told by a letter."""
    data = form.cleaned_data
    try:
        return sanctions.impose(
            data["kind"],
            target.kind,
            target.value,
            actor=request.user,
            reason=data["reason"],
            note=data["note"],
            message=data["message"],
            ends_at=form.ends_at,
            batch=batch,
            user=comment.author if target.kind == SanctionTarget.EMAIL else None,
            to=address_of(comment) if is_first else "",
        )
    except CannotSanction as refused:
        raise CannotSanction(
            _("Nothing was done. %(whom)s: %(why)s") % {"whom": target.label, "why": refused}
        ) from refused


def say_taken(
    request: HttpRequest, measures: Sequence[Sanction], result: BulkResult | None
) -> None:
    """Say what is in force now and what was rejected; one button takes all of it back."""
    said = "; ".join(sanctions.in_words(measure) for measure in measures)
    text = _("In force now: %(measures)s.") % {"measures": said}
    if result is None or not result.done:
        address = reverse("admin:desk_lift_batch", args=[measures[0].batch])
        messages.success(request, with_undo(text, address))
    else:
        messages.success(request, text)
    if result is not None:
        report(request, result, _("rejected"))
        if not (result.done or result.stale or result.illegal):
            messages.info(request, _("None of their comments was public or waiting."))


def show(
    request: HttpRequest,
    comment: Comment,
    form: MeasureForm,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Answer with the form and how far each measure would reach; what was typed is kept."""
    if form.is_bound and ("as_of" in form.errors or not form["as_of"].value()):
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["as_of"] = str(newest_entry())  # type: ignore[index]
    context = {
        **admin_frame(request),
        "title": _("Measures against %(name)s") % {"name": comment.author_name},
        "comment": comment,
        "form": form,
        "problem": problem,
        "reach": reach_of(form.offered.values(), comment),
        "chosen": set(form["targets"].value() or ()),
        "in_force": sanctions.on([comment]).get(comment.pk, []),
        "letter_to": address_of(comment),
        "next": way_back(request, comment_address(comment)),
        "desk": way_back(request),
        "most": f"{MOST_AT_ONCE:,}",
    }
    return render(request, "admin/comments/desk/people_ban.html", context, status=status)


# --- the list -----------------------------------------------------------------------------------


@require_safe
@permission_required(MAY_MODERATE, raise_exception=True)
def people(request: HttpRequest) -> HttpResponse:
    """Show the measures, those in force first, a page at a time."""
    if (address := tidy_address(request)) is not None:
        return redirect(address)
    search = request.GET.get("q", "").replace("\x00", "").strip()[:MOST_SEARCHED]
    try:
        page = read_people(search, request.GET.get("after", ""))
    except BadKey as bad:
        raise Http404(str(bad)) from bad
    context = {
        **admin_frame(request),
        "title": _("Measures against people"),
        "page": page,
        "search": search,
        "is_first": not request.GET.get("after"),
        "here": request.get_full_path(),
    }
    return render(request, "admin/comments/desk/people.html", context)


# --- lifting ------------------------------------------------------------------------------------


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def lift(request: HttpRequest, sanction_id: int) -> HttpResponse:
    """End a measure before its time."""
    measure = get_object_or_404(Sanction.objects.select_related("user"), pk=sanction_id)
    try:
        sanctions.lift(measure, actor=request.user)
    except CannotSanction as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("Lifted. %(measure)s.") % {"measure": sanctions.in_words(measure)}
        )
    return see_other(way_back(request, reverse("admin:desk_people")))


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def lift_batch(request: HttpRequest, batch: UUID) -> HttpResponse:
    """End all that was taken in one act, where it is in force."""
    if not Sanction.objects.filter(batch=batch).exists():
        raise Http404
    count = len(sanctions.lift_batch(batch, actor=request.user))
    said = ngettext("%(count)s measure lifted.", "%(count)s measures lifted.", count)
    if count:
        messages.success(request, said % {"count": count})
    else:
        messages.warning(request, _("Nothing was changed: none of these is in force any more."))
    return see_other(way_back(request, reverse("admin:desk_people")))


urlpatterns = [
    path("<int:comment_id>/people/", ban, name="desk_ban"),
    path("people/", people, name="desk_people"),
    path("people/<int:sanction_id>/lift/", lift, name="desk_lift"),
    path("people/<uuid:batch>/lift/", lift_batch, name="desk_lift_batch"),
]
